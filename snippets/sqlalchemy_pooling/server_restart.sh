#!/usr/bin/env bash
# Stop, start and freeze the server under a pool.

# effect: changes
# user: root
# --8<-- [start:stop]
service mariadb stop
# --8<-- [end:stop]

# effect: changes
# user: root
# --8<-- [start:start]
service mariadb start
# --8<-- [end:start]

# effect: changes
# user: root
# --8<-- [start:freeze]
pkill -STOP mariadbd
# --8<-- [end:freeze]

# effect: changes
# user: root
# --8<-- [start:thaw]
pkill -CONT mariadbd
# --8<-- [end:thaw]

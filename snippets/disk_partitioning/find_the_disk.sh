#!/usr/bin/env bash
# Find the right disk before you touch one.

# effect: reads
# --8<-- [start:list]
lsblk -o NAME,SIZE,VENDOR,MODEL,SERIAL,FSTYPE,MOUNTPOINTS
# --8<-- [end:list]

#!/usr/bin/env bash
# A file that nobody closed, and the warning that tells where.

# effect: reads
# --8<-- [start:unclosed-red]
python3 -X dev count.py
# --8<-- [end:unclosed-red]

# effect: reads
# --8<-- [start:unclosed-green]
python3 -W error -X dev count.py
# --8<-- [end:unclosed-green]

#!/usr/bin/env bash
# What is left of a parent's connection when its child has ended.

# effect: reads
# --8<-- [start:matrix-run]
python3 after_fork.py
# --8<-- [end:matrix-run]

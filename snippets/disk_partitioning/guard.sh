#!/usr/bin/env bash
# A safety catch for whoever is about to partition or format: only_if_empty DEVICE && COMMAND

# effect: reads
# user: root
# --8<-- [start:only-if-empty]
only_if_empty() {
    local found
    if ! [ -b "$1" ]; then
        echo "refused: ${1:-nothing} is no disk or partition; see  lsblk" >&2
    elif found=$(lsblk -nro MOUNTPOINTS "$1" | grep .); then
        echo "refused: $1 is in use at ${found//$'\n'/ }; is it the right one?" >&2
    elif found=$(wipefs --noheadings --output TYPE "$1") && [ "$found" ]; then
        echo "refused: $1 holds ${found//$'\n'/ }; if nobody needs that:  wipefs -a $1" >&2
    else
        [ -z "$(lsblk -nro NAME "$1" | tail -n +2)" ] && return
        echo "refused: $1 is part of something; see  lsblk $1" >&2
    fi
    return 1
}
# --8<-- [end:only-if-empty]

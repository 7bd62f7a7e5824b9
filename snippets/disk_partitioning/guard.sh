#!/usr/bin/env bash
# A safety catch for whoever is about to partition or format: only_if_empty DEVICE && COMMAND

# effect: reads
# user: root
# --8<-- [start:only-if-empty]
only_if_empty() {
    local why mounts types
    # Its node is away for a moment while the kernel reads the table anew.
    [ -b "$1" ] || udevadm settle
    if ! [ -b "$1" ]; then
        why="is no disk or partition; see  lsblk"
    elif mounts=$(lsblk -nro MOUNTPOINTS "$1" | xargs) && [ "$mounts" ]; then
        why="is in use at $mounts; if it is the right one, umount it"
    elif ! types=$(set -o pipefail && wipefs -i --output TYPE "$1" | sort -u); then
        why="cannot be read"
    elif [ "$types" ]; then
        why="holds ${types//$'\n'/ }; if nobody needs that:  wipefs -a $1"
    elif [ "$(lsblk -nro NAME "$1" | wc -l)" != 1 ]; then
        why="has something built on it; see  lsblk $1"
    else
        return 0
    fi
    echo "refused: ${1:-nothing} $why" >&2
    return 1
}
# --8<-- [end:only-if-empty]

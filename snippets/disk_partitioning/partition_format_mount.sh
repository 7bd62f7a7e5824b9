#!/usr/bin/env bash
# Partition, format and mount a new disk, and get back what a wrong line took away.

# effect: destroys
# user: root
# --8<-- [start:partition]
only_if_empty /dev/sdb &&
    parted --script /dev/sdb mklabel gpt mkpart data ext4 1MiB 100%
# --8<-- [end:partition]

# effect: destroys
# user: root
# --8<-- [start:format]
only_if_empty /dev/sdb1 && mkfs.ext4 -q -L data /dev/sdb1
# --8<-- [end:format]

# effect: changes
# user: root
# --8<-- [start:mount]
mkdir -p /data && mount /dev/sdb1 /data
# --8<-- [end:mount]

# effect: reads
# user: root
# --8<-- [start:check-mount]
findmnt /data
df -h /data
# --8<-- [end:check-mount]

# effect: reads
# user: root
# --8<-- [start:check-table]
parted --script /dev/sdb print
# --8<-- [end:check-table]

# effect: reads
# user: root
# --8<-- [start:aligned]
parted /dev/sdb align-check optimal 1
# --8<-- [end:aligned]

# --- XFS

# effect: destroys
# user: root
# --8<-- [start:unformat]
umount /data && wipefs -a /dev/sdb1
# --8<-- [end:unformat]

# effect: destroys
# user: root
# --8<-- [start:xfs]
only_if_empty /dev/sdb1 && mkfs.xfs -q -L data /dev/sdb1
mount /dev/sdb1 /data
# --8<-- [end:xfs]

# effect: reads
# user: root
# --8<-- [start:check-xfs]
findmnt /data
# --8<-- [end:check-xfs]

# effect: destroys
# user: root
# --8<-- [start:undo]
umount /data && wipefs -a /dev/sdb1 /dev/sdb && rmdir /data
# --8<-- [end:undo]

# --- invalid option

# effect: reads
# user: root
# exit: 1
# --8<-- [start:dash-red]
only_if_empty /dev/sdb &&
    parted --script /dev/sdb mklabel gpt — mkpart data ext4 1MiB -1s
# --8<-- [end:dash-red]

# --- The closest location

# effect: destroys
# user: root
# exit: 1
# --8<-- [start:closest-red]
only_if_empty /dev/sdb &&
    parted --script /dev/sdb mklabel gpt -- mkpart data ext4 1MiB -1s
# --8<-- [end:closest-red]

# effect: reads
# user: root
# --8<-- [start:closest-look]
lsblk -o NAME,SIZE,PTTYPE /dev/sdb
# --8<-- [end:closest-look]

# effect: changes
# user: root
# --8<-- [start:closest-cure]
parted --script /dev/sdb mkpart data ext4 1MiB 100%
# --8<-- [end:closest-cure]

# effect: reads
# user: root
# --8<-- [start:closest-green]
lsblk -o NAME,SIZE,PTTYPE /dev/sdb
# --8<-- [end:closest-green]

# --- special device does not exist

# effect: destroys
# user: root
# --8<-- [start:lost-make]
only_if_empty /dev/sdb1 && mkfs.ext4 -q -L data /dev/sdb1
mkdir -p /data && mount /dev/sdb1 /data && echo treasure >/data/file
umount /data
# --8<-- [end:lost-make]

# effect: changes
# user: root
# --8<-- [start:dump]
sfdisk --dump /dev/sdb >~/sdb.table
# --8<-- [end:dump]

# effect: destroys
# user: root
# exit: 1
# --8<-- [start:lost-by]
parted --script /dev/sdb mklabel gpt -- mkpart data ext4 1MiB -1s
# --8<-- [end:lost-by]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:lost-red]
mount /dev/sdb1 /data
# --8<-- [end:lost-red]

# effect: changes
# user: root
# --8<-- [start:restore]
sfdisk --quiet --wipe-partitions never /dev/sdb <~/sdb.table &&
    udevadm settle
# --8<-- [end:restore]

# effect: changes
# user: root
# --8<-- [start:lost-green]
mount /dev/sdb1 /data && cat /data/file
# --8<-- [end:lost-green]

# effect: destroys
# user: root
# --8<-- [start:lost-again]
umount /data
parted --script /dev/sdb mklabel gpt
# --8<-- [end:lost-again]

# effect: changes
# user: root
# --8<-- [start:same-bounds]
parted --script /dev/sdb mkpart data ext4 1MiB 100% &&
    udevadm settle
# --8<-- [end:same-bounds]

# effect: reads
# user: root
# --8<-- [start:same-bounds-look]
blkid -p -s TYPE -s LABEL /dev/sdb1
# --8<-- [end:same-bounds-look]

# --- refused

# effect: reads
# user: root
# exit: 1
# --8<-- [start:refused-red]
only_if_empty /dev/sdb1 && mkfs.ext4 -q -L data /dev/sdb1
# --8<-- [end:refused-red]

# effect: destroys
# user: root
# --8<-- [start:refused-cure]
wipefs -a /dev/sdb1
# --8<-- [end:refused-cure]

# --- not properly aligned

# effect: destroys
# user: root
# --8<-- [start:align-empty]
only_if_empty /dev/sdb1 && wipefs -a -q /dev/sdb
# --8<-- [end:align-empty]

# effect: destroys
# user: root
# --8<-- [start:align-red]
only_if_empty /dev/sdb &&
    parted --script -a optimal /dev/sdb mklabel gpt -- mkpart data ext4 1 -34s
# --8<-- [end:align-red]

# effect: reads
# user: root
# --8<-- [start:align-look]
parted /dev/sdb align-check optimal 1
# --8<-- [end:align-look]

# effect: destroys
# user: root
# --8<-- [start:align-cure]
only_if_empty /dev/sdb1 &&
    parted --script /dev/sdb rm 1 mkpart data ext4 1MiB 100%
# --8<-- [end:align-cure]

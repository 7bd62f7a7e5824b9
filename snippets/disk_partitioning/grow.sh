#!/usr/bin/env bash
# Grow a partition and the file system in it, once the disk has become bigger.

# effect: reads
# user: root
# --8<-- [start:look]
lsblk -o NAME,SIZE,FSTYPE,FSSIZE,MOUNTPOINTS /dev/sdd
df -h /srv
# --8<-- [end:look]

# effect: changes
# user: root
# --8<-- [start:keep]
sfdisk --dump /dev/sdd >/root/sdd.table
# --8<-- [end:keep]

# effect: changes
# user: root
# --8<-- [start:partition]
growpart /dev/sdd 1
# --8<-- [end:partition]

# effect: changes
# user: root
# --8<-- [start:filesystem]
resize2fs /dev/sdd1
# --8<-- [end:filesystem]

# effect: reads
# user: root
# --8<-- [start:check]
df -h /srv
# --8<-- [end:check]

# effect: changes
# user: root
# --8<-- [start:undo]
umount /srv &&
    e2fsck -f -p /dev/sdd1 &&
    resize2fs /dev/sdd1 900M &&
    udevadm settle &&
    sfdisk --quiet /dev/sdd </root/sdd.table &&
    udevadm settle &&
    resize2fs /dev/sdd1 &&
    mount /srv
# --8<-- [end:undo]

# effect: reads
# user: root
# --8<-- [start:undone]
lsblk -o NAME,SIZE,FSTYPE,FSSIZE,MOUNTPOINTS /dev/sdd
# --8<-- [end:undone]

# --- With parted; /dev/sdb is made to look like a disk of 1 GiB that has grown to 2

# effect: changes
# user: root
# --8<-- [start:grown-disk]
truncate -s 1G /tmp/was.img
parted --script /tmp/was.img mklabel gpt mkpart data 1MiB 100%
only_if_empty /dev/sdb &&
    for mib in 0 1023; do
        dd if=/tmp/was.img of=/dev/sdb bs=1M count=1 skip=$mib seek=$mib status=none
    done &&
    udevadm settle &&
    blockdev --rereadpt /dev/sdb &&
    mkfs.xfs -q /dev/sdb1 &&
    udevadm settle
# --8<-- [end:grown-disk]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:constraints-red]
parted --script /dev/sdb resizepart 1 2G
sfdisk --quiet --list -o Device,Size /dev/sdb
# --8<-- [end:constraints-red]

# effect: changes
# user: root
# --8<-- [start:constraints-cure]
parted --script --fix /dev/sdb resizepart 1 2G &&
    udevadm settle
# --8<-- [end:constraints-cure]

# effect: reads
# user: root
# --8<-- [start:units]
parted --script /dev/sdb unit MiB print free
# --8<-- [end:units]

# effect: changes
# user: root
# --8<-- [start:mount]
mount /dev/sdb1 /mnt
# --8<-- [end:mount]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:in-use-red]
parted --script /dev/sdb resizepart 1 2000MiB
# --8<-- [end:in-use-red]

# effect: changes
# user: root
# --8<-- [start:in-use-cure]
echo Yes | parted ---pretend-input-tty /dev/sdb resizepart 1 2000MiB
# --8<-- [end:in-use-cure]

# effect: reads
# user: root
# --8<-- [start:in-use-check]
lsblk -o NAME,SIZE,FSTYPE,FSSIZE,MOUNTPOINTS /dev/sdb
# --8<-- [end:in-use-check]

# effect: changes
# user: root
# --8<-- [start:xfs]
growpart /dev/sdb 1 && xfs_growfs /mnt
# --8<-- [end:xfs]

# effect: reads
# user: root
# --8<-- [start:xfs-check]
df -h /mnt
# --8<-- [end:xfs-check]

# --- When it fails

# effect: reads
# user: root
# --8<-- [start:nothing-red]
resize2fs /dev/sdd1
# --8<-- [end:nothing-red]

# effect: changes
# user: root
# --8<-- [start:nothing-cure]
growpart /dev/sdd 1 && resize2fs "$(findmnt -no SOURCE /srv)"
# --8<-- [end:nothing-cure]

# effect: changes
# user: root
# --8<-- [start:unchecked-make]
sleep 1
umount /srv && mount /srv && umount /srv && growpart /dev/sdd 1
# --8<-- [end:unchecked-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:unchecked-red]
resize2fs /dev/sdd1
# --8<-- [end:unchecked-red]

# effect: changes
# user: root
# --8<-- [start:unchecked-cure]
e2fsck -f -p /dev/sdd1 && resize2fs /dev/sdd1 && mount /srv
# --8<-- [end:unchecked-cure]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:nochange-red]
growpart /dev/sdd 1
# --8<-- [end:nochange-red]

# effect: reads
# user: root
# --8<-- [start:rescan]
echo 1 >/sys/class/block/sdd/device/rescan
lsblk --nodeps -o NAME,SIZE /dev/sdd
# --8<-- [end:rescan]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:disk-red]
resize2fs /dev/sdd
# --8<-- [end:disk-red]

# effect: reads
# user: root
# --8<-- [start:disk-cure]
findmnt -no SOURCE,FSTYPE /srv
# --8<-- [end:disk-cure]

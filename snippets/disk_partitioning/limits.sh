#!/usr/bin/env bash
# What cannot shrink, what happens to who tries, and where an msdos partition table ends.

# effect: reads
# user: root
# --8<-- [start:look]
lsblk -o NAME,SIZE,PTTYPE,FSTYPE,FSSIZE,MOUNTPOINTS
# --8<-- [end:look]

# --- ext4

# effect: reads
# user: root
# exit: 1
# --8<-- [start:online-red]
resize2fs /dev/sdd1 600M
# --8<-- [end:online-red]

# effect: reads
# user: root
# --8<-- [start:minimum]
resize2fs -P /dev/sdd1
# --8<-- [end:minimum]

# effect: changes
# user: root
# --8<-- [start:shrink]
sfdisk --dump /dev/sdd >/root/sdd.table &&
    umount /srv &&
    e2fsck -f -p /dev/sdd1 &&
    resize2fs /dev/sdd1 600M &&
    udevadm settle &&
    echo ',700M' | sfdisk --quiet -N 1 /dev/sdd &&
    udevadm settle &&
    resize2fs /dev/sdd1 &&
    mount /srv
# --8<-- [end:shrink]

# effect: reads
# user: root
# --8<-- [start:shrink-check]
lsblk -o NAME,SIZE,FSTYPE,FSSIZE,MOUNTPOINTS /dev/sdd
find /srv -type f
# --8<-- [end:shrink-check]

# effect: changes
# user: root
# --8<-- [start:shrink-undo]
umount /srv &&
    sfdisk --quiet /dev/sdd </root/sdd.table &&
    udevadm settle &&
    e2fsck -f -p /dev/sdd1 &&
    resize2fs /dev/sdd1 &&
    mount /srv
# --8<-- [end:shrink-undo]

# effect: reads
# user: root
# --8<-- [start:shrink-undone]
lsblk -o NAME,SIZE,FSTYPE,FSSIZE,MOUNTPOINTS /dev/sdd
# --8<-- [end:shrink-undone]

# --- The partition cut before its file system

# effect: changes
# user: root
# --8<-- [start:data-make]
only_if_empty /dev/sdb &&
    parted --script /dev/sdb mklabel gpt mkpart data 1MiB 201MiB &&
    udevadm settle &&
    mkfs.ext4 -q /dev/sdb1 &&
    mount /dev/sdb1 /mnt &&
    head -c 30M /dev/urandom >/mnt/file &&
    sha256sum /mnt/file >/root/file.sum &&
    umount /mnt
# --8<-- [end:data-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:order-red]
parted --script /dev/sdb resizepart 1 161MiB
sfdisk --quiet --list -o Device,Size /dev/sdb
# --8<-- [end:order-red]

# effect: changes
# user: root
# --8<-- [start:order-cure]
e2fsck -f -p /dev/sdb1 &&
    resize2fs /dev/sdb1 150M &&
    udevadm settle &&
    echo ',160M' | sfdisk --quiet -N 1 /dev/sdb &&
    udevadm settle &&
    resize2fs /dev/sdb1 &&
    mount /dev/sdb1 /mnt
# --8<-- [end:order-cure]

# effect: reads
# user: root
# --8<-- [start:data]
sha256sum --check /root/file.sum
# --8<-- [end:data]

# effect: changes
# user: root
# --8<-- [start:cut-make]
umount /mnt
sfdisk --dump /dev/sdb >/root/sdb.table
echo ',32M' | sfdisk --quiet -N 1 /dev/sdb
udevadm settle
# --8<-- [end:cut-make]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:cut-red]
mount /dev/sdb1 /mnt
# --8<-- [end:cut-red]

# effect: reads
# user: root
# --8<-- [start:cut-why]
journalctl --dmesg --grep 'bad geometry' --output cat | tail -n 1
# --8<-- [end:cut-why]

# effect: changes
# user: root
# --8<-- [start:cut-cure]
sfdisk --quiet /dev/sdb </root/sdb.table &&
    udevadm settle &&
    mount /dev/sdb1 /mnt
# --8<-- [end:cut-cure]

# effect: destroys
# user: root
# --8<-- [start:gap-make]
umount /mnt
echo ',32M' | sfdisk --quiet -N 1 /dev/sdb
udevadm settle
echo ',100M' | sfdisk --quiet --append /dev/sdb
udevadm settle
mkfs.ext4 -q /dev/sdb2
udevadm settle
sfdisk --quiet /dev/sdb </root/sdb.table
udevadm settle
# --8<-- [end:gap-make]

# effect: changes
# user: root
# exit: 1
# --8<-- [start:gap-check]
e2fsck -f -p /dev/sdb1
mount /dev/sdb1 /mnt
# --8<-- [end:gap-check]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:gap]
sha256sum --check /root/file.sum
# --8<-- [end:gap]

# --- XFS

# effect: changes
# user: root
# --8<-- [start:xfs-make]
umount /mnt
only_if_empty /dev/sdc &&
    parted --script /dev/sdc mklabel gpt mkpart data 1MiB 50% &&
    udevadm settle &&
    mkfs.xfs -q /dev/sdc1 &&
    mount /dev/sdc1 /mnt &&
    echo precious >/mnt/file
# --8<-- [end:xfs-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:xfs-red]
xfs_growfs -D 100000 /mnt >/dev/null
# --8<-- [end:xfs-red]

# effect: changes
# user: root
# --8<-- [start:xfs-cure]
parted --script /dev/sdc mkpart small 50% 75% &&
    udevadm settle &&
    only_if_empty /dev/sdc2 &&
    mkfs.xfs -q /dev/sdc2 &&
    mount --mkdir /dev/sdc2 /new &&
    cp -a /mnt/. /new
# --8<-- [end:xfs-cure]

# effect: reads
# user: root
# --8<-- [start:xfs-green]
df -h /mnt /new
diff -r /mnt /new && echo the same
# --8<-- [end:xfs-green]

# --- msdos

# effect: changes
# user: root
# exit: 1
# --8<-- [start:msdos-red]
only_if_empty /dev/sde &&
    parted --script /dev/sde mklabel msdos mkpart primary 1MiB 100%
# --8<-- [end:msdos-red]

# effect: reads
# user: root
# --8<-- [start:label]
lsblk -o NAME,SIZE,PTTYPE /dev/sde
# --8<-- [end:label]

# effect: changes
# user: root
# --8<-- [start:msdos-cure]
sgdisk --mbrtogpt /dev/sde &&
    parted --script /dev/sde mkpart data 1MiB 100%
# --8<-- [end:msdos-cure]

# effect: reads
# user: root
# --8<-- [start:msdos-green]
lsblk -o NAME,SIZE,PTTYPE /dev/sde
# --8<-- [end:msdos-green]

#!/usr/bin/env bash
# Find the right disk before you touch one, and call it by a name that stays.

# effect: reads
# user: root
# --8<-- [start:list]
lsblk -o NAME,SIZE,VENDOR,MODEL,SERIAL,FSTYPE,MOUNTPOINTS
# --8<-- [end:list]

# effect: reads
# user: root
# --8<-- [start:nothing]
wipefs --no-act /dev/sdb /dev/sdd
# --8<-- [end:nothing]

# effect: reads
# user: root
# --8<-- [start:zeros]
cmp --bytes=64M /dev/zero /dev/sdb && echo "only zeros"
# --8<-- [end:zeros]

# effect: reads
# user: root
# --8<-- [start:system]
lsblk -so NAME,SIZE,TYPE,SERIAL "$(findmnt -nvo SOURCE /)"
# --8<-- [end:system]

# effect: reads
# user: root
# --8<-- [start:by-id]
find -L /dev/disk/by-id -samefile /dev/sdb
# --8<-- [end:by-id]

# effect: reads
# user: root
# --8<-- [start:use]
disk=/dev/disk/by-id/scsi-0OPSBOOK_DISK_OPS1EMPTY
lsblk -o NAME,SIZE,SERIAL,FSTYPE,MOUNTPOINTS "$disk"
# --8<-- [end:use]

# --- names move

# effect: changes
# user: root
# --8<-- [start:move]
umount /srv
udevadm settle
echo 1 >/sys/block/sdc/device/delete
echo 1 >/sys/block/sdd/device/delete
udevadm wait --settle --removed /dev/sdc /dev/sdd
echo '0 3 0' >/sys/class/scsi_host/host0/scan
udevadm wait --settle /dev/disk/by-id/scsi-0OPSBOOK_DISK_OPS3SRV
echo '0 2 0' >/sys/class/scsi_host/host0/scan
udevadm wait --settle /dev/disk/by-id/scsi-0OPSBOOK_DISK_OPS2EMPTY
# --8<-- [end:move]

# effect: reads
# user: root
# --8<-- [start:moved]
lsblk -o NAME,SIZE,SERIAL,FSTYPE,MOUNTPOINTS
# --8<-- [end:moved]

# effect: reads
# user: root
# --8<-- [start:stays]
readlink -f /dev/disk/by-id/scsi-0OPSBOOK_DISK_OPS3SRV
findfs UUID=0b5b00c0-0000-4000-8000-000000000002
# --8<-- [end:stays]

# effect: changes
# user: root
# --8<-- [start:mount]
grep /srv /etc/fstab
mount /srv
findmnt /srv
# --8<-- [end:mount]

# effect: changes
# user: root
# --8<-- [start:move-back]
umount /srv
udevadm settle
echo 1 >/sys/block/sdc/device/delete
echo 1 >/sys/block/sdd/device/delete
udevadm wait --settle --removed /dev/sdc /dev/sdd
echo '0 2 0' >/sys/class/scsi_host/host0/scan
udevadm wait --settle /dev/disk/by-id/scsi-0OPSBOOK_DISK_OPS2EMPTY
echo '0 3 0' >/sys/class/scsi_host/host0/scan
udevadm wait --settle /dev/disk/by-id/scsi-0OPSBOOK_DISK_OPS3SRV-part1
mount /srv
# --8<-- [end:move-back]

# --- lsblk: not a block device

# effect: changes
# user: root
# --8<-- [start:gone-make]
echo 1 >/sys/block/sdb/device/delete
udevadm wait --settle --removed /dev/sdb
# --8<-- [end:gone-make]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:gone]
lsblk /dev/sdb
# --8<-- [end:gone]

# effect: changes
# user: root
# --8<-- [start:rescan]
for host in /sys/class/scsi_host/host*; do
    echo '- - -' >"$host/scan"
done
udevadm settle
# --8<-- [end:rescan]

# effect: reads
# user: root
# --8<-- [start:back]
lsblk -o NAME,SIZE,SERIAL /dev/sdb
# --8<-- [end:back]

# --- parted

# effect: reads
# user: root
# --8<-- [start:unlabelled]
parted --script --list 2>&1 | grep -E '^(Error|Disk /)'
# --8<-- [end:unlabelled]

# effect: reads
# user: root
# --8<-- [start:unnamed]
parted <<'END' 2>&1 | grep -E '^(Using|Error|Disk /dev)'
select /dev/sdx
print
END
# --8<-- [end:unnamed]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:no-disk]
parted --script print
# --8<-- [end:no-disk]

# effect: reads
# user: root
# --8<-- [start:named]
parted --script /dev/sdd print 2>/dev/null
# --8<-- [end:named]

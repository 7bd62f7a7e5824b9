#!/usr/bin/env bash
# Mount a disk at boot: the line, its test, and what a wrong line does.

# effect: destroys
# user: root
# --8<-- [start:situation]
only_if_empty /dev/sdb &&
    parted --script /dev/sdb mklabel gpt mkpart data ext4 1MiB 100% &&
    udevadm settle &&
    mkfs.ext4 -q -L data /dev/sdb1 &&
    mkdir -p /data &&
    mount /dev/sdb1 /data
# --8<-- [end:situation]

# effect: changes
# user: root
# --8<-- [start:line]
! findmnt --fstab /data &&
    uuid=$(findmnt -no UUID /data) &&
    echo "UUID=$uuid /data ext4 defaults,nofail 0 2" >>/etc/fstab
# --8<-- [end:line]

# effect: reads
# user: root
# --8<-- [start:fields]
blkid /dev/sdb1
grep ' /data ' /etc/fstab
# --8<-- [end:fields]

# effect: reads
# user: root
# --8<-- [start:check]
systemctl daemon-reload
findmnt --verify && umount /data && mount -a && findmnt /data
# --8<-- [end:check]

# effect: destroys
# user: root
# --8<-- [start:names-make]
only_if_empty /dev/sdc &&
    parted --script /dev/sdc mklabel gpt mkpart other ext4 1MiB 100% &&
    udevadm settle &&
    mkfs.ext4 -q -L other /dev/sdc1 &&
    umount /data &&
    echo 1 >/sys/block/sdb/device/delete &&
    echo 1 >/sys/block/sdc/device/delete &&
    udevadm settle &&
    echo '0 2 0' >/sys/class/scsi_host/host0/scan &&
    udevadm wait --timeout=30 /dev/sdb1 &&
    echo '0 1 0' >/sys/class/scsi_host/host0/scan &&
    udevadm wait --timeout=30 /dev/sdc1
# --8<-- [end:names-make]

# effect: changes
# user: root
# --8<-- [start:names]
lsblk -o NAME,LABEL /dev/sdb /dev/sdc
mount -a && findmnt -o TARGET,SOURCE,LABEL /data
# --8<-- [end:names]

# effect: changes
# user: root
# reboots: yes
# --8<-- [start:reboot]
systemctl reboot
# --8<-- [end:reboot]

# effect: reads
# user: root
# --8<-- [start:after]
systemctl is-system-running --wait
findmnt -o TARGET,LABEL,FSTYPE,OPTIONS /data
# --8<-- [end:after]

# effect: destroys
# user: root
# --8<-- [start:undo]
umount /data
sed -i '\| /data |d' /etc/fstab
systemctl daemon-reload
# --8<-- [end:undo]

# --- curly quotes

# effect: changes
# user: root
# --8<-- [start:quotes-make]
uuid=$(blkid -s UUID -o value -t LABEL=data)
printf 'UUID=“%s” /data ext4 defaults,nofail 0 2\n' "$uuid" >>/etc/fstab
systemctl daemon-reload
# --8<-- [end:quotes-make]

# effect: reads
# user: root
# --8<-- [start:silent]
mount -a && echo "mount -a found nothing wrong"
findmnt /data || echo "nothing is mounted on /data"
# --8<-- [end:silent]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:quotes-red]
findmnt --verify
# --8<-- [end:quotes-red]

# effect: changes
# user: root
# --8<-- [start:quotes-cure]
sed -i 's/“//g; s/”//g' /etc/fstab
# --8<-- [end:quotes-cure]

# effect: changes
# user: root
# --8<-- [start:green]
systemctl daemon-reload
findmnt --verify && mount -a && findmnt -o TARGET,LABEL,FSTYPE,OPTIONS /data
# --8<-- [end:green]

# --- a misspelt type

# effect: changes
# user: root
# --8<-- [start:type-make]
umount /data
sed -i '\| /data |s/ext4/etx4/' /etc/fstab
# --8<-- [end:type-make]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:type-red]
mount -a
# --8<-- [end:type-red]

# effect: changes
# user: root
# --8<-- [start:type-cure]
sed -i '\| /data |s/etx4/ext4/' /etc/fstab
# --8<-- [end:type-cure]

# --- a disk that is not there

# effect: changes
# user: root
# --8<-- [start:missing-make]
echo "UUID=0b5b00c0-dead-4000-8000-000000000000 /backup ext4\
 defaults,x-systemd.device-timeout=20s 0 2" >>/etc/fstab
systemctl daemon-reload
# --8<-- [end:missing-make]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:missing-red]
mount -a
# --8<-- [end:missing-red]

# effect: changes
# user: root
# reboots: yes
# --8<-- [start:missing-reboot]
systemctl reboot
# --8<-- [end:missing-reboot]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:emergency]
systemctl is-system-running --wait
journalctl -b -o cat -g '^Timed out waiting|^Dependency failed for .*(mount|target) '
# --8<-- [end:emergency]

# effect: changes
# user: root
# --8<-- [start:emergency-cure]
mount -o remount,rw /
sed -i '\| /backup |s/defaults/defaults,nofail/' /etc/fstab
systemctl daemon-reload
systemctl default
# --8<-- [end:emergency-cure]

# effect: reads
# user: root
# --8<-- [start:emergency-green]
systemctl is-system-running --wait
systemctl show -p RequiredBy -p WantedBy backup.mount
mount -a && echo "mount -a found nothing wrong"
# --8<-- [end:emergency-green]

#!/usr/bin/env bash
# Disk errors by message: each provoked, then cured.

# effect: reads
# user: root
# --8<-- [start:look]
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS
# --8<-- [end:look]

# effect: destroys
# user: root
# --8<-- [start:fresh]
findmnt /mnt >/dev/null && umount /mnt
parted --script /dev/sdb mklabel gpt mkpart data ext4 1MiB 129MiB
udevadm settle
wipefs --all --quiet /dev/sdb1
mkfs.ext4 -q -L data /dev/sdb1
mount /dev/sdb1 /mnt
# --8<-- [end:fresh]

# --- unrecognised disk label

# effect: reads
# user: root
# exit: 1
# --8<-- [start:label-red]
parted --script /dev/sdb mkpart data ext4 1MiB 129MiB
# --8<-- [end:label-red]

# effect: destroys
# user: root
# --8<-- [start:label-cure]
only_if_empty /dev/sdb &&
    parted --script /dev/sdb mklabel gpt mkpart data ext4 1MiB 129MiB print
# --8<-- [end:label-cure]

# --- The closest location we can manage is

# effect: reads
# user: root
# exit: 1
# --8<-- [start:closest-red]
parted --script /dev/sdb mkpart more ext4 100MiB 200MiB
parted --script /dev/sdb unit MiB print free
# --8<-- [end:closest-red]

# effect: changes
# user: root
# --8<-- [start:closest-cure]
parted --script /dev/sdb mkpart more ext4 129MiB 229MiB unit MiB print
# --8<-- [end:closest-cure]

# --- Unable to satisfy all constraints on the partition.

# effect: changes
# user: root
# --8<-- [start:constraints-make]
parted --script /dev/sdb mkpart bios 34s 2047s set 3 bios_grub on
# --8<-- [end:constraints-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:constraints-red]
parted --script /dev/sdb mkpart rest ext4 0% 100%
parted --script /dev/sdb unit MiB print free
# --8<-- [end:constraints-red]

# effect: changes
# user: root
# --8<-- [start:constraints-cure]
parted --script /dev/sdb mkpart rest ext4 229MiB 100% unit MiB print
# --8<-- [end:constraints-cure]

# --- not properly aligned

# effect: destroys
# user: root
# --8<-- [start:align-make]
only_if_empty /dev/sdc && parted --script /dev/sdc mklabel gpt
# --8<-- [end:align-make]

# effect: changes
# user: root
# --8<-- [start:align-red]
parted --script /dev/sdc mkpart data ext4 0 100MB
udevadm settle
parted --script /dev/sdc unit s print
# --8<-- [end:align-red]

# effect: destroys
# user: root
# --8<-- [start:align-cure]
only_if_empty /dev/sdc1 &&
    parted --script /dev/sdc rm 1 mkpart data ext4 1MiB 100MB unit s print
parted /dev/sdc align-check optimal 1
# --8<-- [end:align-cure]

# --- GPT PMBR size mismatch

# effect: reads
# user: root
# --8<-- [start:gpt-red]
fdisk --list /dev/sdd | grep ^/dev
parted --script /dev/sdd print
# --8<-- [end:gpt-red]

# effect: changes
# user: root
# --8<-- [start:gpt-cure]
parted --script --fix /dev/sdd mkpart more ext4 1023MiB 100%
# --8<-- [end:gpt-cure]

# effect: reads
# user: root
# --8<-- [start:gpt-green]
fdisk --list /dev/sdd | grep ^/dev
parted --script /dev/sdd unit MiB print free
# --8<-- [end:gpt-green]

# --- is mounted; will not make a filesystem here!

# effect: reads
# user: root
# exit: 1
# --8<-- [start:mkfs-red]
mkfs.ext4 -q -L new /dev/sdb1
# --8<-- [end:mkfs-red]

# effect: destroys
# user: root
# --8<-- [start:mkfs-cure]
umount /mnt
wipefs --all /dev/sdb1
only_if_empty /dev/sdb1 && mkfs.ext4 -q -L new /dev/sdb1
udevadm settle
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdb
# --8<-- [end:mkfs-cure]

# --- Partition(s) on /dev/sdb are being used. / Device or resource busy

# effect: reads
# user: root
# exit: 1
# --8<-- [start:used-red]
parted --script /dev/sdb mklabel gpt
# --8<-- [end:used-red]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:busy-red]
wipefs --all /dev/sdb
# --8<-- [end:busy-red]

# effect: destroys
# user: root
# --8<-- [start:busy-cure]
umount /mnt
wipefs --all /dev/sdb1
wipefs --all /dev/sdb
udevadm settle
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdb
# --8<-- [end:busy-cure]

# --- The kernel is still using the old partition table.

# effect: changes
# user: root
# exit: 1
# --8<-- [start:old-red]
sgdisk --new=2:0:+400M /dev/sdb
mkfs.ext4 -q /dev/sdb2
# --8<-- [end:old-red]

# effect: changes
# user: root
# --8<-- [start:old-cure]
partprobe /dev/sdb
udevadm settle
only_if_empty /dev/sdb2 && mkfs.ext4 -q /dev/sdb2
udevadm settle
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdb
# --8<-- [end:old-cure]

# --- unable to inform the kernel of the change

# effect: destroys
# user: root
# --8<-- [start:inform-make]
sgdisk --delete=1 /dev/sdb
# --8<-- [end:inform-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:inform-red]
partprobe /dev/sdb
lsblk -o NAME,START,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdb
# --8<-- [end:inform-red]

# effect: changes
# user: root
# --8<-- [start:inform-cure]
start=$(cat /sys/class/block/sdb1/start) &&
    size=$(cat /sys/class/block/sdb1/size) &&
    sgdisk --new="1:$start:$((start + size - 1))" /dev/sdb
partprobe /dev/sdb
parted --script /dev/sdb unit s print
# --8<-- [end:inform-cure]

# --- appears to contain an existing filesystem

# effect: reads
# user: root
# exit: 1
# --8<-- [start:existing-red]
mkfs.xfs -q /dev/sdb2
# --8<-- [end:existing-red]

# effect: destroys
# user: root
# --8<-- [start:existing-cure]
wipefs --all /dev/sdb2
only_if_empty /dev/sdb2 && mkfs.xfs -q /dev/sdb2
udevadm settle
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdb2
# --8<-- [end:existing-cure]

# --- wrong fs type, bad option, bad superblock

# effect: destroys
# user: root
# --8<-- [start:mount-make]
parted --script /dev/sdc mklabel gpt mkpart data ext4 1MiB 129MiB \
    mkpart swap linux-swap 129MiB 193MiB
udevadm settle
wipefs --all --quiet /dev/sdc1 /dev/sdc2
mkfs.ext4 -q -L data /dev/sdc1
mkswap -q /dev/sdc2
findmnt /mnt >/dev/null && umount /mnt
udevadm settle
# --8<-- [end:mount-make]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:wrong-red]
mount /dev/sdc /mnt
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdc
# --8<-- [end:wrong-red]

# effect: changes
# user: root
# --8<-- [start:wrong-cure]
mount /dev/sdc1 /mnt && findmnt -o TARGET,SOURCE,FSTYPE /mnt
# --8<-- [end:wrong-cure]

# effect: changes
# user: root
# exit: 32
# --8<-- [start:option-red]
umount /mnt
mount -o discrad /dev/sdc1 /mnt
dmesg --notime | tail -n 1
# --8<-- [end:option-red]

# effect: changes
# user: root
# --8<-- [start:option-cure]
mount -o discard /dev/sdc1 /mnt && findmnt -o TARGET,SOURCE,FSTYPE /mnt
# --8<-- [end:option-cure]

# --- unknown filesystem type

# effect: reads
# user: root
# exit: 32
# --8<-- [start:unknown-red]
mount /dev/sdc2 /media
# --8<-- [end:unknown-red]

# effect: changes
# user: root
# --8<-- [start:unknown-cure]
swapon /dev/sdc2 && swapon --show=NAME,TYPE,SIZE
# --8<-- [end:unknown-cure]

# --- special device does not exist

# effect: reads
# user: root
# exit: 32
# --8<-- [start:special-red]
mount /dev/sdc3 /media
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdc
# --8<-- [end:special-red]

# effect: changes
# user: root
# --8<-- [start:special-cure]
mount LABEL=data /media && findmnt -o TARGET,SOURCE,FSTYPE /media
# --8<-- [end:special-cure]

# effect: destroys
# user: root
# --8<-- [start:special-undo]
swapoff /dev/sdc2
umount /mnt /media
# --8<-- [end:special-undo]

# --- can't find in /etc/fstab / mount point does not exist

# effect: reads
# user: root
# exit: 1
# --8<-- [start:fstab-red]
mount /data
# --8<-- [end:fstab-red]

# append: /etc/fstab
# user: root
# --8<-- [start:fstab-line]
LABEL=data /data ext4 defaults,nofail 0 2
# --8<-- [end:fstab-line]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:point-red]
mount /data
# --8<-- [end:point-red]

# effect: changes
# user: root
# --8<-- [start:point-cure]
mkdir /data
mount /data && findmnt -o TARGET,SOURCE,FSTYPE /data
# --8<-- [end:point-cure]

# --- can't find UUID

# effect: destroys
# user: root
# --8<-- [start:uuid-make]
umount /data
old=UUID=0b5b00c0-0000-4000-8000-00000000000f
sed -i "s|^LABEL=data /data |$old /data |" /etc/fstab
# --8<-- [end:uuid-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:uuid-red]
mount /data
echo "exit $?"
mount UUID=0b5b00c0-0000-4000-8000-00000000000f /data
lsblk -o NAME,FSTYPE,LABEL,UUID /dev/sdc1
# --8<-- [end:uuid-red]

# effect: changes
# user: root
# --8<-- [start:uuid-cure]
uuid=$(lsblk --noheadings --output UUID /dev/sdc1)
[ "$uuid" ] && sed -i.old "s|^UUID=[^ ]* /data |UUID=$uuid /data |" /etc/fstab
systemctl daemon-reload
mount /data && findmnt -o TARGET,SOURCE,FSTYPE /data
# --8<-- [end:uuid-cure]

# --- target is busy

# effect: reads
# user: root
# --8<-- [start:target-make]
(cd /data && exec sleep 600) &
until [ "$(readlink "/proc/$!/cwd")" = /data ]; do sleep 0.1; done
# --8<-- [end:target-make]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:target-red]
umount /data
lsof /data | tr -s ' '
# --8<-- [end:target-red]

# effect: changes
# user: root
# --8<-- [start:target-cure]
holder=$(lsof -t /data)
kill "$holder"
tail --pid="$holder" -f /dev/null
umount /data
lsblk -o NAME,SIZE,FSTYPE,LABEL,MOUNTPOINTS /dev/sdc
# --8<-- [end:target-cure]

# --- Bad magic number in super-block

# effect: changes
# user: root
# --8<-- [start:xfs-make]
parted --script /dev/sdb resizepart 2 700MiB
udevadm settle
# --8<-- [end:xfs-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:xfs-red]
resize2fs /dev/sdb2
lsblk -o NAME,SIZE,FSTYPE /dev/sdb2
# --8<-- [end:xfs-red]

# effect: changes
# user: root
# --8<-- [start:xfs-cure]
mount /dev/sdb2 /mnt
xfs_growfs /mnt | tail -n 1
# --8<-- [end:xfs-cure]

# effect: destroys
# user: root
# --8<-- [start:magic-make]
echo precious >/mnt/note
umount /mnt
dd if=/dev/zero of=/dev/sdb1 bs=1024 seek=1 count=1 conv=notrunc status=none
# --8<-- [end:magic-make]

# effect: reads
# user: root
# exit: 19
# --8<-- [start:magic-red]
dumpe2fs -h /dev/sdb1
# --8<-- [end:magic-red]

# effect: reads
# user: root
# --8<-- [start:magic-look]
for at in 8193:1024 16385:2048 32768:4096; do
    backup=(-o "superblock=${at%:*}" -o "blocksize=${at#*:}")
    if found=$(dumpe2fs -h "${backup[@]}" /dev/sdb1 2>/dev/null); then
        echo "-b ${at%:*} -B ${at#*:}"
        grep -E '^(Filesystem volume name|Block count)' <<<"$found"
    fi
done
# --8<-- [end:magic-look]

# effect: changes
# user: root
# exit: 1
# --8<-- [start:magic-cure]
e2fsck -f -y -z /root/sdb1.undo -b 8193 -B 1024 /dev/sdb1
# --8<-- [end:magic-cure]

# effect: changes
# user: root
# --8<-- [start:magic-green]
e2fsck -f -p /dev/sdb1
mount /dev/sdb1 /mnt && cat /mnt/note
# --8<-- [end:magic-green]

# --- Read-only file system

# effect: changes
# user: root
# --8<-- [start:readonly-make]
mount -o remount,errors=remount-ro /mnt
echo kept >/mnt/kept
sync
echo 1 >/sys/fs/ext4/sdb1/trigger_fs_error
# --8<-- [end:readonly-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:readonly-red]
touch /mnt/new
findmnt -o TARGET,SOURCE,OPTIONS /mnt
dmesg --notime | grep 'Remounting filesystem read-only' | tail -n 1
# --8<-- [end:readonly-red]

# effect: changes
# user: root
# --8<-- [start:readonly-cure]
umount /mnt
e2fsck -f -p /dev/sdb1 || [ $? -eq 1 ]
mount /dev/sdb1 /mnt
touch /mnt/new
ls /mnt
# --8<-- [end:readonly-cure]

# --- Structure needs cleaning

# effect: changes
# user: root
# --8<-- [start:clean-make]
umount /mnt
debugfs -w -R 'set_block_group 0 checksum 1' /dev/sdb1
# --8<-- [end:clean-make]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:clean-red]
mount /dev/sdb1 /mnt
dmesg --notime | tail -n 1
# --8<-- [end:clean-red]

# effect: changes
# user: root
# --8<-- [start:clean-cure]
e2fsck -f -p /dev/sdb1 || [ $? -eq 1 ]
mount /dev/sdb1 /mnt && ls /mnt
# --8<-- [end:clean-cure]

# --- No space left on device

# effect: destroys
# user: root
# --8<-- [start:inodes-make]
umount /mnt
wipefs --all --quiet /dev/sdb1
mkfs.ext4 -q -N 256 /dev/sdb1
mount /dev/sdb1 /mnt
mkdir /mnt/sessions
touch /mnt/sessions/{1..300} 2>/tmp/full || true
# --8<-- [end:inodes-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:inodes-red]
touch /mnt/new
df -h /mnt
df -i /mnt
# --8<-- [end:inodes-red]

# effect: reads
# user: root
# --8<-- [start:inodes-look]
du --inodes --one-file-system /mnt | sort -n | tail -n 3
# --8<-- [end:inodes-look]

# effect: destroys
# user: root
# --8<-- [start:inodes-cure]
rm /mnt/sessions/{1..200}
touch /mnt/new
df -i /mnt
# --8<-- [end:inodes-cure]

# --- Please run 'e2fsck -f' first

# effect: changes
# user: root
# --8<-- [start:first-make]
umount /mnt
tune2fs -T 20240101 /dev/sdb1
parted --script /dev/sdb resizepart 1 200MiB
udevadm settle
# --8<-- [end:first-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:first-red]
resize2fs /dev/sdb1
# --8<-- [end:first-red]

# effect: changes
# user: root
# --8<-- [start:first-cure]
e2fsck -f -p /dev/sdb1
resize2fs /dev/sdb1
mount /dev/sdb1 /mnt
# --8<-- [end:first-cure]

# --- Nothing to do!

# effect: reads
# user: root
# --8<-- [start:nothing-red]
resize2fs /dev/sdb1
lsblk -o NAME,SIZE,FSTYPE,MOUNTPOINTS /dev/sdb
# --8<-- [end:nothing-red]

# effect: changes
# user: root
# --8<-- [start:nothing-cure]
growpart /dev/sdb 1
lsblk -o NAME,SIZE,FSTYPE,MOUNTPOINTS /dev/sdb
# --8<-- [end:nothing-cure]

# --- NOCHANGE

# effect: reads
# user: root
# exit: 1
# --8<-- [start:nochange-red]
growpart /dev/sdb 1
lsblk -o NAME,SIZE,FSSIZE,MOUNTPOINTS /dev/sdb
# --8<-- [end:nochange-red]

# effect: changes
# user: root
# --8<-- [start:nochange-cure]
resize2fs /dev/sdb1
lsblk -o NAME,SIZE,FSSIZE,MOUNTPOINTS /dev/sdb
# --8<-- [end:nochange-cure]

#!/usr/bin/env bash
# Move /home to a disk of its own, with everything that belongs to a file.

# effect: reads
# user: root
# --8<-- [start:look]
findmnt -T /home -o TARGET,SOURCE
du -xsh /home
lsblk -o NAME,SIZE,FSTYPE,MOUNTPOINTS /dev/sdb
# --8<-- [end:look]

# effect: changes
# user: root
# --8<-- [start:lab-home]
echo 'quota: 5 GB each' >/home/.notice
(
    cd /home/alice || exit
    echo 'move /home' >plan.txt
    ln plan.txt same-plan.txt
    setfattr -n user.source -v meeting plan.txt
    echo private >letter.txt
    chmod 600 letter.txt
    setfacl -m u:bob:r letter.txt
    truncate -s 20M disk.img
    echo end >>disk.img
    chown -R alice: .
    cd /home/bob || exit
    mkdir team
    chown bob:alice team
    chmod 2770 team
    ln -s ../alice/plan.txt plan
    echo sunset >photo.jpg
    chmod 640 photo.jpg
    chown bob: photo.jpg
    touch -d '2020-02-29 12:00' photo.jpg team ../alice
)
# --8<-- [end:lab-home]

# effect: destroys
# user: root
# --8<-- [start:partition]
only_if_empty /dev/sdb &&
    parted --script /dev/sdb mklabel gpt mkpart home ext4 1MiB 100% &&
    udevadm settle
only_if_empty /dev/sdb1 && mkfs.ext4 -q -L home /dev/sdb1
# --8<-- [end:partition]

# effect: changes
# user: root
# --8<-- [start:mount]
mkdir -p /mnt/home
mount /dev/sdb1 /mnt/home
mountpoint /mnt/home
# --8<-- [end:mount]

# effect: changes
# user: root
# --8<-- [start:copy]
mountpoint /mnt/home &&
    rsync -aHAXS --numeric-ids --exclude=/lost+found /home/ /mnt/home/
# --8<-- [end:copy]

# effect: changes
# user: root
# --8<-- [start:lab-working]
echo 'one more line' >>/home/alice/letter.txt
(cd /home/alice && exec runuser -u alice -- sleep 1000 >/dev/null 2>&1 &)
until pgrep -u alice sleep >/dev/null; do sleep 0.1; done
# --8<-- [end:lab-working]

# effect: reads
# user: root
# --8<-- [start:who]
lsof -t +D /home | xargs -r ps -o user,args
# --8<-- [end:who]

# effect: changes
# user: root
# --8<-- [start:users-out]
echo '/home is being moved, back at 14:00' >/etc/nologin
lsof -t +D /home | xargs -r kill
timeout 60 bash -c 'while lsof -t +D /home | grep -q .; do sleep 1; done' &&
    echo 'nobody has a file of /home open'
# --8<-- [end:users-out]

# effect: changes
# user: root
# --8<-- [start:copy-again]
mountpoint /mnt/home &&
    rsync -aHAXS --numeric-ids --delete --exclude=/lost+found /home/ /mnt/home/
# --8<-- [end:copy-again]

# effect: reads
# user: root
# --8<-- [start:check]
rsync -aHAXnci --delete --exclude=/lost+found /home/ /mnt/home/ &&
    echo 'compared; each line above is a difference'
# --8<-- [end:check]

# effect: changes
# user: root
# --8<-- [start:lab-faults]
(
    cd /mnt/home/alice || exit
    chown bob disk.img
    setfacl -b letter.txt
    cp -a plan.txt copy
    mv copy same-plan.txt
    setfattr -x user.source plan.txt
    chmod 666 ../bob/photo.jpg
)
# --8<-- [end:lab-faults]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:diff]
diff -r /home /mnt/home
# --8<-- [end:diff]

# effect: reads
# user: root
# --8<-- [start:check-faults]
rsync -aHAXnci --delete --exclude=/lost+found /home/ /mnt/home/ &&
    echo 'compared; each line above is a difference'
# --8<-- [end:check-faults]

# effect: changes
# user: root
# --8<-- [start:switch]
umount /mnt/home && mv /home /home.old && mkdir /home
ls -d /home*
# --8<-- [end:switch]

# effect: changes
# user: root
# --8<-- [start:fstab]
uuid=$(blkid -s UUID -o value /dev/sdb1) &&
    echo "UUID=$uuid /home ext4 defaults 0 2" >>/etc/fstab
systemctl daemon-reload
findmnt --verify
# --8<-- [end:fstab]

# effect: changes
# user: root
# --8<-- [start:mount-home]
mount /home
findmnt /home -o TARGET,SOURCE,FSTYPE,LABEL
# --8<-- [end:mount-home]

# effect: changes
# user: root
# --8<-- [start:as-alice]
runuser -l alice -c 'pwd && touch after-the-move.txt && stat -c "%U %a %n" *'
# --8<-- [end:as-alice]

# effect: changes
# user: root
# --8<-- [start:logins]
rm /etc/nologin
# --8<-- [end:logins]

# effect: changes
# user: root
# --8<-- [start:carry-back]
rsync -aHAXSi --numeric-ids --exclude=/lost+found /home/ /home.old/
# --8<-- [end:carry-back]

# effect: changes
# user: root
# --8<-- [start:undo]
umount /home && rmdir /home && mv /home.old /home &&
    sed -i '/[[:space:]]\/home[[:space:]]/d' /etc/fstab &&
    systemctl daemon-reload && rm /etc/nologin
findmnt -T /home -o TARGET,SOURCE
# --8<-- [end:undo]

# effect: changes
# user: root
# --8<-- [start:again]
mv /home /home.old && mkdir /home
echo "UUID=$(blkid -s UUID -o value /dev/sdb1) /home ext4 defaults 0 2" >>/etc/fstab
systemctl daemon-reload
mount /home
# --8<-- [end:again]

# effect: destroys
# user: root
# --8<-- [start:delete]
mountpoint /home && findmnt --fstab -no TARGET,OPTIONS /home &&
    rm -rf --one-file-system /home.old
# --8<-- [end:delete]

# effect: reads
# user: root
# --8<-- [start:order]
systemctl show home.mount -p RequiredBy -p WantedBy
systemctl show local-fs.target -p OnFailure
# --8<-- [end:order]

# effect: reads
# user: root
# --8<-- [start:survives]
facts_of() {
    local files=("$1"/alice "$1"/bob/team "$1"/bob/photo.jpg)
    facts=(
        "$(cat "$1"/.notice 2>/dev/null)"
        "$(stat -c %h "$1"/alice/plan.txt)"
        "$(getfacl -pc "$1"/alice/letter.txt)"
        "$(getfattr --only-values -n user.source "$1"/alice/plan.txt 2>/dev/null)"
        "$(du --threshold=1M "$1"/alice/disk.img)"
        "$(stat -c %U:%G "${files[@]}")"
        "$(stat -c %a "${files[@]}")"
        "$(stat -c %y "${files[@]}")"
    )
}
survives() {
    local number
    rm -rf /tmp/copy && mkdir /tmp/copy
    eval "$1 /tmp/copy/" >/dev/null
    printf '%-22s' "$1"
    facts_of /tmp/copy
    for number in "${!facts[@]}"; do
        if [ "${facts[number]}" = "${original[number]}" ]; then
            printf '%-10s' kept
        else
            printf '%-10s' LOST
        fi
    done
    echo
    rm -rf /tmp/copy
}
facts_of /home
original=("${facts[@]}")
# --8<-- [end:survives]

# effect: reads
# user: root
# --8<-- [start:compare]
printf '%-22s' 'copied with'
printf '%-10s' dotfile hardlink ACL xattr sparse owner mode times
echo
survives 'rsync -av /home/*'
survives 'rsync -a /home/'
survives 'rsync -aHAXS /home/'
survives 'cp -r /home/.'
survives 'cp -aR /home/*'
survives 'cp -a /home/.'
# --8<-- [end:compare]

# effect: reads
# user: root
# exit: 32
# --8<-- [start:busy]
umount /home
# --8<-- [end:busy]

# effect: reads
# user: root
# --8<-- [start:busy-who]
lsof -t /home | xargs -r ps -o user,args
# --8<-- [end:busy-who]

# effect: changes
# user: root
# --8<-- [start:busy-cure]
fuser -k -TERM -mM /home >/dev/null 2>&1
timeout 60 bash -c 'while lsof -t /home | grep -q .; do sleep 1; done'
umount /home && echo unmounted
# --8<-- [end:busy-cure]

# effect: changes
# user: root
# --8<-- [start:busy-back]
mount /home
# --8<-- [end:busy-back]

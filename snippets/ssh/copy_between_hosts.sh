#!/usr/bin/env bash
# Copy a file from web to bastion while sitting at the laptop.

# effect: changes
# --8<-- [start:copy]
scp web:/etc/hosts bastion:hosts-of-web
# --8<-- [end:copy]

# effect: reads
# --8<-- [start:check]
ssh web sha256sum /etc/hosts
ssh bastion sha256sum hosts-of-web
# --8<-- [end:check]

# effect: reads
# on: bastion
# user: root
# --8<-- [start:route]
grep -o 'Accepted publickey for alice from [0-9.]*' /var/log/auth.log | tail -n 1
# --8<-- [end:route]

# effect: changes
# --8<-- [start:jump]
scp web:/etc/hosts db:hosts-of-web
scp db:/etc/hosts web:hosts-of-db
# --8<-- [end:jump]

# effect: reads
# --8<-- [start:check-jump]
ssh db sha256sum hosts-of-web /etc/hosts
ssh web sha256sum /etc/hosts hosts-of-db
# --8<-- [end:check-jump]

# effect: changes
# --8<-- [start:pipe]
ssh web cat /etc/hosts | ssh bastion 'cat > piped'
# --8<-- [end:pipe]

# effect: changes
# --8<-- [start:tar]
ssh web tar -C /usr/share -cz base-files | ssh bastion tar -xz
# --8<-- [end:tar]

# effect: reads
# exit: 1
# --8<-- [start:unknown-host]
scp -R web:/etc/hosts bastion:direct
# --8<-- [end:unknown-host]

# effect: changes
# --8<-- [start:tell-web]
ssh-keygen -F bastion | ssh web 'cat >> .ssh/known_hosts'
# --8<-- [end:tell-web]

# effect: reads
# exit: 1
# --8<-- [start:no-key]
scp -R web:/etc/hosts bastion:direct
# --8<-- [end:no-key]

# effect: changes
# --8<-- [start:direct]
eval "$(ssh-agent)"
ssh-add
scp -A -R web:/etc/hosts bastion:direct
# --8<-- [end:direct]

# effect: reads
# on: bastion
# user: root
# --8<-- [start:route-direct]
grep -o 'Accepted publickey for alice from [0-9.]*' /var/log/auth.log | tail -n 1
# --8<-- [end:route-direct]

# effect: changes
# --8<-- [start:undo]
eval "$(ssh-agent -k)"
ssh web ssh-keygen -R bastion
# --8<-- [end:undo]

# effect: destroys
# --8<-- [start:empties]
ssh web cat missing | ssh bastion 'cat > hosts-of-web'
# --8<-- [end:empties]

# effect: reads
# --8<-- [start:empty]
ssh bastion wc -c hosts-of-web
# --8<-- [end:empty]

# effect: changes
# --8<-- [start:refill]
scp web:/etc/hosts bastion:hosts-of-web
# --8<-- [end:refill]

# effect: reads
# exit: 1
# --8<-- [start:stops]
scp web:missing bastion:hosts-of-web
# --8<-- [end:stops]

# effect: reads
# --8<-- [start:kept]
ssh bastion wc -c hosts-of-web
# --8<-- [end:kept]

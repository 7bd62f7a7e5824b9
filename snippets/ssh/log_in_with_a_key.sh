#!/usr/bin/env bash
# Log in with a key: make one, install it without losing others, and see what sshd insists on.
# shellcheck disable=SC2029  # the key is to be put in on this side

# file: ~/answer
# --8<-- [start:answer]
#!/bin/sh
echo 'no secret: for the lab only'
# --8<-- [end:answer]

# effect: reads
# --8<-- [start:ask]
export SSH_ASKPASS=~/answer SSH_ASKPASS_REQUIRE=force
# --8<-- [end:ask]

# effect: changes
# --8<-- [start:make]
ssh-keygen -t ed25519 -f ~/.ssh/id_web
# --8<-- [end:make]

# effect: changes
# --8<-- [start:install]
ssh-copy-id -i ~/.ssh/id_web.pub web
# --8<-- [end:install]

# effect: reads
# --8<-- [start:check]
ssh -v -i ~/.ssh/id_web -o PreferredAuthentications=publickey web true 2>&1 |
    grep -E 'Server accepts|Authenticated to'
# --8<-- [end:check]

# effect: reads
# exit: 255
# --8<-- [start:protected]
ssh-keygen -y -P '' -f ~/.ssh/id_web
# --8<-- [end:protected]

# effect: changes
# --8<-- [start:agent]
eval "$(ssh-agent)"
ssh-add ~/.ssh/id_web
# --8<-- [end:agent]

# effect: changes
# --8<-- [start:append]
ssh bastion 'umask 077; mkdir -p .ssh; cat >> .ssh/authorized_keys' <~/.ssh/id_web.pub
# --8<-- [end:append]

# effect: destroys
# --8<-- [start:remove]
key=$(cut -d' ' -f2 ~/.ssh/id_web.pub)
ssh web "grep -nF '${key:?}' .ssh/authorized_keys"
ssh web "sed -i '\#${key:?}#d' .ssh/authorized_keys"
# --8<-- [end:remove]

# effect: reads
# exit: 255
# --8<-- [start:removed]
ssh -F none -i ~/.ssh/id_web -o IdentitiesOnly=yes web true
# --8<-- [end:removed]

# effect: reads
# --8<-- [start:skipped]
ssh-copy-id -i ~/.ssh/id_web.pub web
# --8<-- [end:skipped]

# effect: changes
# --8<-- [start:force]
ssh-copy-id -f -i ~/.ssh/id_web.pub web
# --8<-- [end:force]

# effect: reads
# --8<-- [start:installed]
ssh -F none -i ~/.ssh/id_web -o IdentitiesOnly=yes web hostname
# --8<-- [end:installed]

# effect: destroys
# --8<-- [start:overwrite]
scp ~/.ssh/id_web.pub bastion:.ssh/authorized_keys
# --8<-- [end:overwrite]

# effect: reads
# exit: 255
# --8<-- [start:lost]
ssh -i ~/.ssh/id_ed25519 -o IdentitiesOnly=yes bastion true
# --8<-- [end:lost]

# effect: changes
# --8<-- [start:restore]
ssh-copy-id -f -i ~/.ssh/id_ed25519.pub -o IdentityFile=~/.ssh/id_web bastion
# --8<-- [end:restore]

# effect: reads
# --8<-- [start:restored]
ssh -i ~/.ssh/id_ed25519 -o IdentitiesOnly=yes bastion hostname
# --8<-- [end:restored]

# on: web
# effect: changes
# --8<-- [start:open-to-all]
chmod 666 ~/.ssh/authorized_keys
# --8<-- [end:open-to-all]

# effect: reads
# exit: 255
# --8<-- [start:refused]
ssh web true
# --8<-- [end:refused]

# on: web
# user: root
# effect: reads
# --8<-- [start:log]
grep 'bad ownership' /var/log/auth.log | tail -n 1
# --8<-- [end:log]

# on: web
# effect: changes
# --8<-- [start:close]
chmod go-w ~
chmod 700 ~/.ssh
chmod 600 ~/.ssh/authorized_keys
# --8<-- [end:close]

# effect: reads
# --8<-- [start:accepted]
ssh web hostname
# --8<-- [end:accepted]

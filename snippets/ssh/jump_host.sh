#!/usr/bin/env bash
# Reach db, which only the bastion can reach: by -J, by ~/.ssh/config, by ProxyCommand.
# shellcheck disable=SC2016 # what stands in single quotes is for the far shell

# effect: reads
# --8<-- [start:now]
ssh -J bastion db hostname
# --8<-- [end:now]

# effect: reads
# --8<-- [start:check]
ssh db 'hostname; echo "$SSH_CONNECTION"'
# --8<-- [end:check]

# effect: reads
# --8<-- [start:forms]
ssh -J alice@bastion:22 alice@10.0.10.25 hostname
ssh -J web,bastion db hostname
# --8<-- [end:forms]

# effect: reads
# --8<-- [start:exposed]
ssh bastion 'ls .ssh; echo "agent: ${SSH_AUTH_SOCK:-none}"'
# --8<-- [end:exposed]

# effect: reads
# --8<-- [start:stdio]
ssh -o ProxyCommand='ssh -W %h:%p bastion' db hostname
# --8<-- [end:stdio]

# effect: reads
# exit: 255
# --8<-- [start:direct]
ssh -F none 10.0.10.25 hostname
ssh -F none db hostname
# --8<-- [end:direct]

# effect: reads
# --8<-- [start:not-direct]
ssh -F none -J bastion 10.0.10.25 hostname
ssh -F none -J bastion db hostname
# --8<-- [end:not-direct]

# effect: changes
# --8<-- [start:other-name]
mv ~/.ssh/id_ed25519 ~/.ssh/work_key
mv ~/.ssh/id_ed25519.pub ~/.ssh/work_key.pub
# --8<-- [end:other-name]

# effect: reads
# --8<-- [start:first-hop]
ssh -i ~/.ssh/work_key bastion hostname
# --8<-- [end:first-hop]

# effect: reads
# exit: 255
# --8<-- [start:dash-i]
ssh -i ~/.ssh/work_key db hostname
# --8<-- [end:dash-i]

# effect: reads
# exit: 255
# --8<-- [start:dash-o]
ssh -o IdentityFile=~/.ssh/work_key db hostname
# --8<-- [end:dash-o]

# effect: reads
# --8<-- [start:both-hops-work]
ssh db hostname
# --8<-- [end:both-hops-work]

# effect: reads
# --8<-- [start:once]
ssh -F none -i ~/.ssh/work_key \
    -o ProxyCommand='ssh -F none -i ~/.ssh/work_key -W %h:%p bastion' db hostname
# --8<-- [end:once]

# effect: changes
# on: bastion
# user: root
# --8<-- [start:forbid]
echo 'AllowTcpForwarding no' >>/etc/ssh/sshd_config
sshd -t
mv /run/sshd.pid /run/sshd.old
kill -HUP "$(cat /run/sshd.old)"
until [ -s /run/sshd.pid ]; do sleep 0.1; done
# --8<-- [end:forbid]

# effect: reads
# exit: 255
# --8<-- [start:forbidden]
ssh db hostname
# --8<-- [end:forbidden]

# effect: reads
# --8<-- [start:netcat]
ssh -o ProxyCommand='ssh bastion nc %h %p' db hostname
# --8<-- [end:netcat]

# effect: changes
# on: bastion
# user: root
# --8<-- [start:allow]
sed -i 's/^AllowTcpForwarding no$/AllowTcpForwarding local/' /etc/ssh/sshd_config
echo 'PermitOpen 10.0.10.25:22' >>/etc/ssh/sshd_config
sshd -t
mv /run/sshd.pid /run/sshd.old
kill -HUP "$(cat /run/sshd.old)"
until [ -s /run/sshd.pid ]; do sleep 0.1; done
# --8<-- [end:allow]

# effect: reads
# --8<-- [start:allowed]
ssh db hostname
# --8<-- [end:allowed]

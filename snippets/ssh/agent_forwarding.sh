#!/usr/bin/env bash
# Go on from a server without lending it your keys; see what ssh -A lends.
# shellcheck disable=SC2016 # what stands in single quotes is for the far shell
# shellcheck disable=SC2012 # the names of agent sockets hold nothing that ls could spoil

# effect: reads
# --8<-- [start:jump]
ssh -J bastion db hostname
# --8<-- [end:jump]

# effect: changes
# --8<-- [start:agent]
eval "$(ssh-agent)"
ssh-add
# --8<-- [end:agent]

# effect: reads
# --8<-- [start:none]
ssh -J bastion db 'echo "agent on $(hostname): ${SSH_AUTH_SOCK:-none}"'
ssh bastion 'echo "agent on $(hostname): ${SSH_AUTH_SOCK:-none}"'
# --8<-- [end:none]

# effect: changes
# --8<-- [start:use]
ssh -A bastion ssh -o StrictHostKeyChecking=accept-new db hostname
# --8<-- [end:use]

# effect: changes
# --8<-- [start:session]
ssh -f -A -M -S ~/.ssh/session bastion sleep 300
# --8<-- [end:session]

# effect: changes
# on: bastion
# user: root
# --8<-- [start:root]
until SSH_AUTH_SOCK=$(ls /tmp/ssh-*/agent.* 2>/dev/null); do sleep 0.1; done
export SSH_AUTH_SOCK
ssh-add -l
ssh -o StrictHostKeyChecking=accept-new alice@web 'id -un; hostname'
# --8<-- [end:root]

# effect: reads
# on: bastion
# user: mallory
# exit: 2
# --8<-- [start:mallory]
ls /tmp/ssh-*
# --8<-- [end:mallory]

# effect: changes
# --8<-- [start:end-session]
ssh -S ~/.ssh/session -O exit bastion
# --8<-- [end:end-session]

# effect: changes
# --8<-- [start:short-visit]
ssh bastion hostname
# --8<-- [end:short-visit]

# effect: reads
# on: bastion
# user: root
# --8<-- [start:still-there]
SSH_AUTH_SOCK=$(ls -t /tmp/ssh-*/agent.* | head -n 1)
export SSH_AUTH_SOCK
ssh-add -l
# --8<-- [end:still-there]

# effect: changes
# --8<-- [start:exit]
ssh -O exit bastion
sed -i '/ForwardAgent/d' ~/.ssh/config
# --8<-- [end:exit]

# effect: reads
# on: bastion
# user: root
# exit: 2
# --8<-- [start:gone]
while [ -S "$SSH_AUTH_SOCK" ]; do sleep 0.1; done
ssh-add -l
# --8<-- [end:gone]

# effect: reads
# --8<-- [start:check-one-host]
ssh -G bastion | grep forwardagent
ssh -G web | grep forwardagent
# --8<-- [end:check-one-host]

# effect: reads
# --8<-- [start:constrain]
ssh-add -D
ssh-add -h bastion -h 'bastion>alice@db' ~/.ssh/id_ed25519
# --8<-- [end:constrain]

# effect: changes
# on: bastion
# user: root
# exit: 255
# --8<-- [start:root-constrained]
until SSH_AUTH_SOCK=$(ls /tmp/ssh-*/agent.* 2>/dev/null); do sleep 0.1; done
export SSH_AUTH_SOCK
ssh -o StrictHostKeyChecking=accept-new alice@db hostname
ssh alice@web hostname
# --8<-- [end:root-constrained]

# effect: changes
# --8<-- [start:undo]
eval "$(ssh-agent -k)"
sed -i '/ForwardAgent yes/d' ~/.ssh/config
# --8<-- [end:undo]

# effect: reads
# exit: 2
# --8<-- [start:no-agent]
ssh -A bastion ssh-add -l
# --8<-- [end:no-agent]

# effect: changes
# --8<-- [start:with-agent]
eval "$(ssh-agent)"
ssh-add
ssh -A bastion ssh-add -l
# --8<-- [end:with-agent]

# effect: reads
# --8<-- [start:ask-me]
ssh-add -D
ssh-add -c
# --8<-- [end:ask-me]

# effect: reads
# exit: 255
# --8<-- [start:refused]
ssh -A bastion ssh db hostname
# --8<-- [end:refused]

# file: ~/bin/ask
# --8<-- [start:askpass]
#!/bin/sh
# Notes the question and answers yes. Practice only: a real askpass asks you.
echo "$1" >>~/asked
# --8<-- [end:askpass]

# effect: changes
# --8<-- [start:asked]
eval "$(ssh-agent -k)"
eval "$(SSH_ASKPASS=~/bin/ask SSH_ASKPASS_REQUIRE=force ssh-agent)"
ssh-add -c
ssh -A bastion ssh db hostname
cat ~/asked
# --8<-- [end:asked]

# effect: destroys
# --8<-- [start:end]
eval "$(ssh-agent -k)"
rm ~/bin/ask ~/asked
# --8<-- [end:end]

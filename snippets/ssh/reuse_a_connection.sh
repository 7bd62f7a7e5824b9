#!/usr/bin/env bash
# Let all sessions to a host share the first one's connection.

# effect: changes
# --8<-- [start:config]
install -d -m 700 ~/.ssh/cm
cat >>~/.ssh/config <<'END'
Host *
  ControlMaster auto
  ControlPath ~/.ssh/cm/%C
  ControlPersist 10m
END
# --8<-- [end:config]

# effect: changes
# --8<-- [start:check]
ssh web true
ssh -O check web
# --8<-- [end:check]

# effect: reads
# --8<-- [start:gain]
TIMEFORMAT='a connection of its own: %R s'
time ssh -o ControlPath=none web true
TIMEFORMAT='the shared one: %R s'
time ssh web true
# --8<-- [end:gain]

# effect: changes
# --8<-- [start:exit]
ssh -O exit web
# --8<-- [end:exit]

# effect: reads
# exit: 255
# --8<-- [start:gone]
ssh -O check web
# --8<-- [end:gone]

# effect: reads
# exit: 255
# --8<-- [start:long]
name=node-0.database.production.cluster.local.eu-central-1.internal.example.com
ssh -o HostName=web -o ControlPath='~/.ssh/%n-%p-%r' "$name" true
ssh -o HostName=web -o ControlPath='~/.ssh/%n-%p-%r-from-%l-by-%u' "$name" true
# --8<-- [end:long]

# effect: reads
# --8<-- [start:long-cure]
ssh -o HostName=web -o ControlPath='~/.ssh/cm/%C' "$name" hostname
# --8<-- [end:long-cure]

# effect: reads
# --8<-- [start:many]
for _ in {1..12}; do ssh web sleep 2 & done 2>&1 | sort | uniq -c
# --8<-- [end:many]

# effect: changes
# on: web
# user: root
# --8<-- [start:more-sessions]
echo 'MaxSessions 20' >>/etc/ssh/sshd_config
sshd -t && kill -HUP "$(cat /run/sshd.pid)"
# --8<-- [end:more-sessions]

# effect: reads
# --8<-- [start:many-again]
ssh -O exit web
ssh web true
for _ in {1..12}; do ssh web sleep 1 & done 2>&1 | sort | uniq -c
# --8<-- [end:many-again]

# effect: changes
# --8<-- [start:undo]
ssh -O exit web
sed -i '/^ *Control/d' ~/.ssh/config
rmdir ~/.ssh/cm
# --8<-- [end:undo]

# effect: changes
# on: web
# user: root
# --8<-- [start:undo-server]
sed -i '/^MaxSessions/d' /etc/ssh/sshd_config
sshd -t && kill -HUP "$(cat /run/sshd.pid)"
# --8<-- [end:undo-server]

#!/usr/bin/env bash
# Keep an idle SSH session alive, and notice a dead one soon.

# effect: changes
# --8<-- [start:client]
cat >>~/.ssh/config <<'END'
Host *
  ServerAliveInterval 15
  ServerAliveCountMax 3
END
# --8<-- [end:client]

# effect: reads
# --8<-- [start:check]
ssh -G web | grep serveralive
# --8<-- [end:check]

# effect: changes
# on: web
# user: root
# --8<-- [start:server]
cat >>/etc/ssh/sshd_config <<'END'
ClientAliveInterval 15
ClientAliveCountMax 3
END
sshd -t && kill -HUP "$(cat /run/sshd.pid)"
# --8<-- [end:server]

# effect: reads
# on: web
# user: root
# --8<-- [start:server-check]
sshd -T | grep clientalive
# --8<-- [end:server-check]

# effect: reads
# exit: 255
# --8<-- [start:cut]
TIMEFORMAT='gave up after %R s'
time ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=2 root@web '
    ip link set outside down
    sleep 4
    ip link set outside up'
# --8<-- [end:cut]

# effect: reads
# --8<-- [start:patient]
ssh -o ServerAliveInterval=1 -o ServerAliveCountMax=10 root@web '
    ip link set outside down
    sleep 3
    ip link set outside up
    hostname'
# --8<-- [end:patient]

# effect: changes
# on: web
# user: root
# --8<-- [start:small-numbers]
sed -i 's/^\(ClientAlive[A-Za-z]*\) .*/\1 1/' /etc/ssh/sshd_config
sshd -t && kill -HUP "$(cat /run/sshd.pid)"
# --8<-- [end:small-numbers]

# effect: reads
# --8<-- [start:freeze]
ssh -fN web
pkill -STOP -f '^ssh -fN web'
TIMEFORMAT='logged after %R s'
time ssh root@web 'until grep "Timeout, client" /var/log/auth.log; do sleep 0.1; done'
pkill -KILL -f '^ssh -fN web'
# --8<-- [end:freeze]

# effect: changes
# on: web
# user: root
# --8<-- [start:undo-server]
sed -i '/^ClientAlive/d' /etc/ssh/sshd_config
sshd -t && kill -HUP "$(cat /run/sshd.pid)"
# --8<-- [end:undo-server]

# effect: changes
# --8<-- [start:undo-client]
sed -i '/^ *ServerAlive/d' ~/.ssh/config
# --8<-- [end:undo-client]

# effect: reads
# --8<-- [start:defaults]
ssh -F none -G web | grep serveralive
ssh -F none -o BatchMode=yes -G web | grep serveraliveinterval
# --8<-- [end:defaults]

# effect: reads
# --8<-- [start:kernel]
sysctl net.ipv4.tcp_keepalive_time
# --8<-- [end:kernel]

# effect: reads
# exit: 255
# --8<-- [start:idle]
(sleep 3 && echo still here) | ssh -o ProxyCommand='nc -w 2 %h %p' web cat
# --8<-- [end:idle]

# effect: reads
# --8<-- [start:idle-cure]
(sleep 3 && echo still here) |
    ssh -o ServerAliveInterval=1 -o ProxyCommand='nc -w 2 %h %p' web cat
# --8<-- [end:idle-cure]

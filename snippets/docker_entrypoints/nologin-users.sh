#!/usr/bin/env bash
# Ways to run a program as a user whose shell is nologin, and the doors that nologin leaves open.
# shellcheck disable=SC2016  # what stands in single quotes is for a shell in a container

# effect: changes
# --8<-- [start:build]
cd ~/nologin && docker build -q -t try-nologin . >/dev/null
docker create --init --name try-nologin try-nologin sleep infinity >/dev/null
docker start try-nologin >/dev/null
# --8<-- [end:build]

# effect: reads
# --8<-- [start:answer]
docker exec -u app try-nologin bash -c id
docker exec try-nologin su -s /bin/bash app -c id
docker exec try-nologin sudo -u app bash -c id
# --8<-- [end:answer]

# effect: reads
# --8<-- [start:table]
docker exec -i try-nologin bash <<'EOF'
try() {
    said=$("$@" 2>&1 </dev/null) && code=0 || code=$?
    printf '%s  %s: %s\n' "$code" "$*" "$said"
}
try su - app
try su app -c whoami
try su -s /bin/sh app -c whoami
try su -s /bin/sh - app -c whoami
try sudo -u app whoami
try sudo -u app -s whoami
try sudo -u app -i whoami
try runuser -u app whoami
try runuser app -c whoami
try runuser -l app -c whoami
try runuser -s /bin/sh app -c whoami
try setpriv --reuid=app --regid=app --init-groups whoami
try su - mute
try sudo -u mute whoami
EOF
# --8<-- [end:table]

# --- why

# effect: reads
# --8<-- [start:login]
docker exec -u app try-nologin bash -c 'shopt login_shell; grep app: /etc/passwd'
docker exec -u app try-nologin bash -lc 'shopt login_shell'
# --8<-- [end:login]

# effect: reads
# --8<-- [start:parent]
docker exec try-nologin bash -c 'echo "PPID $PPID"
    for ns in ipc mnt net pid user uts; do
        [ "/proc/$$/ns/$ns" -ef "/proc/1/ns/$ns" ] && echo "in its $ns"
    done'
# --8<-- [end:parent]

# --- the message

# effect: reads
# exit: 1
# --8<-- [start:red]
docker exec try-nologin su - app
# --8<-- [end:red]

# effect: reads
# --8<-- [start:green]
docker exec try-nologin su -s /bin/bash - app -c 'id -un; pwd'
# --8<-- [end:green]

# effect: reads
# --8<-- [start:files]
docker run --rm -i try-nologin bash <<'EOF'
echo 'Ask at the desk.' >/etc/nologin.txt
nologin
dpkg -S /usr/sbin/nologin
echo 'Closed until Monday.' >/etc/nologin
su other -c whoami
EOF
# --8<-- [end:files]

# effect: reads
# exit: 1
# --8<-- [start:restricted-red]
docker run --rm -i try-nologin bash 2>&1 <<'EOF'
secret=$(head -c 12 /dev/urandom | base64)
echo "app:$secret" | chpasswd
setpriv --reuid=other --regid=other --init-groups \
    su -s /bin/bash app -c id <<<"$secret"
EOF
# --8<-- [end:restricted-red]

# effect: reads
# --8<-- [start:restricted-green]
docker run --rm -i try-nologin bash <<'EOF'
echo 'other ALL=(app) NOPASSWD: /usr/bin/id' >/etc/sudoers.d/other
setpriv --reuid=other --regid=other --init-groups sudo -u app id
EOF
# --8<-- [end:restricted-green]

# --- ssh

# effect: changes
# --8<-- [start:key]
ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
# --8<-- [end:key]

# effect: changes
# user: root
# --8<-- [start:sshd]
useradd --create-home --shell /usr/sbin/nologin svc
install -d -o svc -m 700 /home/svc/.ssh
install -o svc -m 600 /home/alice/.ssh/id_ed25519.pub /home/svc/.ssh/authorized_keys
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
start() {
    /usr/sbin/sshd "$@"
    timeout 30 sh -c 'until [ -s /run/sshd.pid ]; do sleep 0.1; done'
}
start
# --8<-- [end:sshd]

# effect: changes
# --8<-- [start:service]
ssh-keyscan -t ed25519 localhost 2>/dev/null >~/.ssh/known_hosts
busybox nc -ll -p 5432 -e echo 'rows of a database' </dev/null &
database=$!
timeout 30 sh -c 'until ss -ltn | grep -q :5432; do sleep 0.1; done'
# --8<-- [end:service]

# effect: reads
# exit: 1
# --8<-- [start:ssh-red]
ssh svc@localhost id
# --8<-- [end:ssh-red]

# effect: reads
# --8<-- [start:forward]
ssh -W localhost:5432 svc@localhost </dev/null
# --8<-- [end:forward]

# effect: reads
# exit: 255
# --8<-- [start:sftp-red]
echo pwd | sftp -b - svc@localhost
# --8<-- [end:sftp-red]

# effect: changes
# user: root
# --8<-- [start:sftp-cure]
sed -i 's/^Subsystem .*/Subsystem sftp internal-sftp/' /etc/ssh/sshd_config
restart() {
    kill "$(cat /run/sshd.pid)"
    timeout 30 sh -c 'while [ -e /run/sshd.pid ]; do sleep 0.1; done'
    start "$@"
}
restart
# --8<-- [end:sftp-cure]

# effect: reads
# --8<-- [start:sftp-green]
echo pwd | sftp -b - svc@localhost
# --8<-- [end:sftp-green]

# effect: changes
# user: root
# --8<-- [start:doors]
door() {
    setpriv --reuid=alice --regid=alice --clear-groups env HOME=/home/alice \
        "$@" </dev/null >/dev/null 2>&1 && echo open || echo shut
}
doors() {
    printf '%-24s %-8s %s\n' "$1" "$(door ssh -W localhost:5432 svc@localhost)" \
        "$(door sftp -b /dev/null svc@localhost)"
}
printf '%-24s %-8s %s\n' '' forward sftp
restart -o DisableForwarding=yes
doors 'DisableForwarding yes'
restart
echo 'Closed until Monday.' >/etc/nologin
doors '/etc/nologin'
rm /etc/nologin
usermod --expiredate 1 svc
doors 'usermod --expiredate 1'
usermod --expiredate '' svc
restart -o DenyUsers=svc
doors 'DenyUsers svc'
# --8<-- [end:doors]

# effect: destroys
# user: root
# --8<-- [start:ssh-undo]
kill "$(cat /run/sshd.pid)"
userdel --remove svc 2>/dev/null
# --8<-- [end:ssh-undo]

# effect: changes
# --8<-- [start:service-undo]
kill "$database"
# --8<-- [end:service-undo]

# --- an image without a shell

# effect: changes
# --8<-- [start:bare-build]
cd ~/bare && docker build -q -t try-bare . >/dev/null
docker create --name try-bare try-bare >/dev/null
docker start try-bare >/dev/null
# --8<-- [end:bare-build]

# effect: reads
# exit: 126
# --8<-- [start:bare-red]
docker exec try-bare sh
# --8<-- [end:bare-red]

# effect: reads
# --8<-- [start:bare-green]
docker run --rm --pid=container:try-bare --network=container:try-bare busybox sh -c '
    ps -o pid,args | grep "[h]ttpd"
    netstat -ltn | grep -o ":::8080"
    ls /proc/1/root'
# --8<-- [end:bare-green]

# effect: reads
# user: root
# exit: 127
# --8<-- [start:nsenter-red]
pid=$(docker inspect -f '{{.State.Pid}}' try-bare)
nsenter --target "$pid" --mount --net --pid sh
# --8<-- [end:nsenter-red]

# effect: reads
# user: root
# --8<-- [start:nsenter-green]
nsenter --target "$pid" --net --pid sh -c 'ss -Hltn | grep -o "[*]:8080"'
ls "/proc/$pid/root"
# --8<-- [end:nsenter-green]

# effect: destroys
# --8<-- [start:bare-undo]
docker rm -f try-bare >/dev/null
# --8<-- [end:bare-undo]

# --- a container that only waits

# effect: reads
# --8<-- [start:idle]
idle() {
    docker create --name try-idle --entrypoint /bin/bash "$@" >/dev/null
    docker start try-idle >/dev/null
    until docker exec try-idle grep -E '^(tail|docker-init)$' /proc/1/comm; do
        sleep 0.1
    done
    docker stop -t 2 try-idle >/dev/null
    docker inspect -f 'exit code {{.State.ExitCode}}' try-idle
    docker rm try-idle >/dev/null
}
idle try-nologin -c 'tail -f /dev/null'
idle --init try-nologin -c 'tail -f /dev/null'
# --8<-- [end:idle]

# effect: destroys
# --8<-- [start:undo]
docker rm -f try-nologin >/dev/null
# --8<-- [end:undo]

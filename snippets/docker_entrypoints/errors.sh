#!/usr/bin/env bash
# Docker's errors by message: each is made, seen, cured.
# shellcheck disable=SC2086,SC2164  # an unquoted $PWD is one of the mistakes; a cd that fails is seen at once

# effect: changes
# exit: 1
# --8<-- [start:look-make]
docker create --name web busybox /app/entrypoint.sh >/dev/null
docker start web >/dev/null 2>&1
# --8<-- [end:look-make]

# effect: reads
# --8<-- [start:look]
docker ps -a --filter name=web --format '{{.Names}}: {{.Status}}'
docker inspect -f '{{.State.ExitCode}} {{.State.Error}}' web
docker logs --tail 20 web
# --8<-- [end:look]

# effect: reads
# --8<-- [start:codes]
exit_of() {
    docker run --rm "$@" >/dev/null 2>&1
    printf '%4s  docker run %s\n' "$?" "$*"
}
exit_of busybox true
exit_of busybox false
exit_of --no-such-option busybox true
exit_of busybox /etc
exit_of busybox no-such-program
exit_of --init busybox sh -c 'kill -INT $$'
exit_of --init busybox sh -c 'kill -KILL $$'
exit_of debian:12-slim perl -e 'unpack "p", pack "Q", 8'
exit_of --init busybox sh -c 'kill -TERM $$'
# --8<-- [end:codes]

# --- the program does not start

# effect: changes
# --8<-- [start:start-make]
mkdir -p ~/app
printf 'echo ready\n' >~/app/no-shebang
printf '#!/bin/sh\r\necho ready\r\n' >~/app/crlf
printf '#!/bin/bash\necho ready\n' >~/app/for-bash
cp /usr/bin/echo ~/app/for-debian
mkdir -p ~/app/arm64 && cp /usr/bin/busybox ~/app/arm64
printf '\267' | dd of=~/app/arm64/busybox bs=1 seek=18 conv=notrunc status=none
chmod +x ~/app/*
printf '#!/bin/sh\necho ready\n' >~/app/not-executable
# --8<-- [end:start-make]

# effect: reads
# exit: 1
# --8<-- [start:format-red]
docker run --rm -v ~/app:/app busybox /app/no-shebang
docker run --rm -v ~/app:/app busybox /app/arm64/busybox
# --8<-- [end:format-red]

# effect: reads
# --8<-- [start:format-look]
head -c 20 ~/app/no-shebang | od -c
od -A n -t x1 -j 18 -N 2 ~/app/arm64/busybox
uname -m
# --8<-- [end:format-look]

# effect: changes
# --8<-- [start:format-cure]
sed -i '1i #!/bin/sh' ~/app/no-shebang
docker run --rm -v ~/app:/app busybox /app/no-shebang
mkdir -p ~/app/amd64 && cp /usr/bin/busybox ~/app/amd64
docker run --rm -v ~/app:/app busybox /app/amd64/busybox echo ready
# --8<-- [end:format-cure]

# effect: reads
# exit: 1
# --8<-- [start:file-red]
docker run --rm -v ~/app:/app busybox /app/crlf
docker run --rm -v ~/app:/app busybox /app/for-bash
docker run --rm -v ~/app:/app busybox /app/for-debian
# --8<-- [end:file-red]

# effect: reads
# --8<-- [start:file-look]
head -q -n 1 ~/app/crlf ~/app/for-bash | cat -A
grep -a -o '/lib[0-9]*/ld-[a-z0-9._-]*' ~/app/for-debian
# --8<-- [end:file-look]

# effect: changes
# --8<-- [start:file-cure]
sed -i 's/\r$//' ~/app/crlf
sed -i '1s,.*,#!/bin/sh,' ~/app/for-bash
docker run --rm -v ~/app:/app busybox /app/crlf
docker run --rm -v ~/app:/app busybox /app/for-bash
docker run --rm -v ~/app:/app debian:12-slim /app/for-debian ready
# --8<-- [end:file-cure]

# effect: reads
# --8<-- [start:permission-red]
docker run --rm -v ~/app:/app busybox /app/not-executable 2>&1 | grep ^docker
docker run --rm --tmpfs /tmp busybox sh -c 'cp /bin/echo /tmp; /tmp/echo ready' ||
    echo "exit code $?"
# --8<-- [end:permission-red]

# effect: changes
# --8<-- [start:permission-cure]
chmod +x ~/app/not-executable
docker run --rm -v ~/app:/app busybox /app/not-executable
docker run --rm --tmpfs /tmp:exec busybox sh -c 'cp /bin/echo /tmp; /tmp/echo ready'
# --8<-- [end:permission-cure]

# effect: reads
# --8<-- [start:path-red]
docker run --rm busybox 'echo ready' 2>&1 | grep ^docker
# --8<-- [end:path-red]

# effect: reads
# --8<-- [start:path-cure]
docker run --rm busybox echo ready
# --8<-- [end:path-cure]

# effect: reads
# --8<-- [start:user-red]
docker run --rm --user app debian:12-slim id 2>&1 | grep ^docker
# --8<-- [end:user-red]

# effect: reads
# --8<-- [start:user-cure]
docker run --rm --user 1000:1000 debian:12-slim id
# --8<-- [end:user-cure]

# effect: reads
# exit: 1
# --8<-- [start:readonly-red]
docker run --rm --read-only debian:12-slim touch /run/app.pid
# --8<-- [end:readonly-red]

# effect: reads
# --8<-- [start:readonly-cure]
docker run --rm --read-only --tmpfs /run debian:12-slim \
    sh -c 'touch /run/app.pid && ls /run'
# --8<-- [end:readonly-cure]

# --- the engine does not answer

# effect: reads
# exit: 1
# --8<-- [start:connect-red]
export DOCKER_HOST=tcp://127.0.0.1:2375
docker ps
# --8<-- [end:connect-red]

# effect: reads
# --8<-- [start:connect-cure]
env | grep DOCKER_
unset DOCKER_HOST
docker version -f 'an engine on {{.Server.Os}} answers'
# --8<-- [end:connect-cure]

# effect: changes
# user: root
# --8<-- [start:socket-make]
gpasswd -d alice docker >/dev/null
log_in_as_alice() {
    setpriv --reuid alice --regid alice --init-groups env HOME=/home/alice "$@"
}
# --8<-- [end:socket-make]

# effect: reads
# user: root
# exit: 1
# --8<-- [start:socket-red]
log_in_as_alice docker ps
# --8<-- [end:socket-red]

# effect: changes
# user: root
# --8<-- [start:socket-cure]
usermod -aG docker alice
log_in_as_alice id -nG
log_in_as_alice docker version -f 'an engine on {{.Server.Os}} answers'
# --8<-- [end:socket-cure]

# --- docker run refuses

# effect: changes
# exit: 125
# --8<-- [start:name-red]
docker run --name job busybox echo ready
docker run --name job busybox echo ready
# --8<-- [end:name-red]

# effect: destroys
# --8<-- [start:name-cure]
docker rm job >/dev/null
docker run --rm --name job busybox echo ready
# --8<-- [end:name-cure]

# effect: changes
# --8<-- [start:image-make]
docker tag busybox app:1.0
# --8<-- [end:image-make]

# effect: reads
# --8<-- [start:image-red]
docker run --rm app echo ready 2>&1 | sed -n 1p
# --8<-- [end:image-red]

# effect: reads
# --8<-- [start:image-cure]
docker images --format '{{.Repository}}:{{.Tag}}' app
docker run --rm app:1.0 echo ready
# --8<-- [end:image-cure]

# effect: changes
# exit: 125
# --8<-- [start:reference-red]
docker run --rm MyApp
mkdir -p ~/'my app' && cd ~/'my app' && touch data
docker run --rm -v $PWD:/data busybox ls /data
# --8<-- [end:reference-red]

# effect: reads
# --8<-- [start:reference-cure]
docker run --rm -v "$PWD":/data busybox ls /data
# --8<-- [end:reference-cure]

# effect: changes
# --8<-- [start:port-make]
docker create --name front -p 8080:80 busybox tail -f /dev/null >/dev/null
docker start front >/dev/null
busybox httpd -p 8081
# --8<-- [end:port-make]

# effect: changes
# exit: 1
# --8<-- [start:port-red]
docker create --name back -p 8080:80 busybox tail -f /dev/null >/dev/null
docker start back
docker create --name api -p 8081:80 busybox tail -f /dev/null >/dev/null
docker start api
# --8<-- [end:port-red]

# effect: reads
# --8<-- [start:port-look]
docker ps --filter publish=8080 --format '{{.Names}}: {{.Ports}}'
ss -H -l -t -n -p 'sport = 8081' | grep -o 'users:.*'
# --8<-- [end:port-look]

# effect: destroys
# --8<-- [start:port-cure]
docker rm -f front api >/dev/null
docker start back
docker create --name api -p 8082:80 busybox tail -f /dev/null >/dev/null
docker start api
# --8<-- [end:port-cure]

# --- containers and images

# effect: reads
# exit: 1
# --8<-- [start:container-red]
docker logs backend
docker exec web ls /app
# --8<-- [end:container-red]

# effect: reads
# --8<-- [start:container-cure]
docker ps -a --format '{{.Names}}: {{.Status}}' | cut -d ' ' -f 1,2 | sort
docker run --rm --entrypoint sh busybox -c 'ls /'
docker exec back echo ready
# --8<-- [end:container-cure]

# effect: changes
# exit: 1
# --8<-- [start:remove-red]
printf 'FROM busybox\nENV OLD=yes\n' | docker build -q -t old - >/dev/null
docker create --name keeper old >/dev/null
docker rmi old
docker rm back
# --8<-- [end:remove-red]

# effect: destroys
# --8<-- [start:remove-cure]
docker ps -a --filter ancestor=old --format '{{.Names}}'
docker rm keeper
docker rmi old | grep Untagged
docker stop -t 1 back
docker rm back
# --8<-- [end:remove-cure]

# --- building

# effect: changes
# exit: 1
# --8<-- [start:copy-red]
mkdir -p ~/build && cd ~/build
echo ready >app.conf
echo '*.conf' >.dockerignore
printf 'FROM busybox\nCOPY app.conf /\n' >Dockerfile
docker build -q -t copied .
# --8<-- [end:copy-red]

# effect: changes
# --8<-- [start:copy-cure]
echo '!app.conf' >>~/build/.dockerignore
docker build -q -t copied ~/build >/dev/null
docker run --rm copied cat /app.conf
# --8<-- [end:copy-cure]

# effect: changes
# exit: 1
# --8<-- [start:instruction-red]
mkdir -p ~/build
printf 'FROM busybox\nRUN echo one &&\n    echo two\n' >~/build/Dockerfile
docker build -q -t built ~/build
# --8<-- [end:instruction-red]

# effect: changes
# --8<-- [start:instruction-cure]
sed -i 's/&&$/\&\& \\/' ~/build/Dockerfile
cat ~/build/Dockerfile
docker build -q -t built ~/build >/dev/null && echo built
# --8<-- [end:instruction-cure]

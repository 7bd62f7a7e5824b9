#!/usr/bin/env bash
# An entrypoint that waits for a dependency, with a limit, before it gives way to the program.
# Scripts of containers stand in this file, with a first line of their own; some $ are for other shells.
# shellcheck disable=SC1128,SC2016,SC2093,SC2320

# --- the entrypoint

# effect: changes
# file: ~/wait/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -e
trap 'exit 143' TERM
trap 'exit 130' INT

# In the background, so that a signal is heard meanwhile.
aside() {
    "$@" &
    wait $!
}

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds.
wait_for() {
    limit=$1 what=$2
    shift 2
    echo "entrypoint: waiting for $what, at most $limit s" >&2
    end=$(($(date +%s) + limit))
    until aside timeout 3 "$@" >/dev/null 2>&1; do
        if [ "$(date +%s)" -ge "$end" ]; then
            aside timeout 3 "$@" >&2 && return
            echo "entrypoint: gave up on $what after $limit s, last exit code $?" >&2
            exit 69
        fi
        aside sleep 1
    done
}

url=${API_URL:-http://api:8080/ready}
wait_for "${API_LIMIT:-30}" "$url" wget -q -O /dev/null "$url"
exec "$@"
# --8<-- [end:entrypoint]

# effect: changes
# file: ~/wait/app
# --8<-- [start:app]
#!/bin/sh
trap 'exit 0' TERM
echo "app: runs as PID $$"
sleep 1000 &
wait
# --8<-- [end:app]

# effect: changes
# --8<-- [start:build]
docker build -q -t try-wait ~/wait >/dev/null
docker network create shop >/dev/null
# --8<-- [end:build]

# effect: reads
# --8<-- [start:api]
start_api() {
    docker create --name api --network shop busybox sh -c '
        mkdir /www && echo yes >/www/ready
        nc -ll -p 8081 -e sleep 1000 &
        httpd -p 8080 -h /www && echo "api: up" && exec sleep 1000' >/dev/null
    docker start api >/dev/null && says api up
}
says() {
    timeout 60 sh -c "until docker logs $1 2>&1 | grep -q '$2'; do sleep 0.3; done"
}
# --8<-- [end:api]

# effect: changes
# --8<-- [start:check]
docker create --name app --network shop try-wait >/dev/null
docker start app >/dev/null
says app 'waiting for'
start_api
says app 'app: '
docker logs app
# --8<-- [end:check]

# effect: destroys
# --8<-- [start:undo]
docker rm -f app api nobody >/dev/null
docker network rm shop >/dev/null
# --8<-- [end:undo]

# --- what each image has

# effect: reads
# --8<-- [start:have]
for image in busybox debian:12-slim; do
    docker run --rm $image sh -c '
        for program in wget nc curl bash perl timeout; do
            command -v $program >/dev/null && has="$has $program"
        done
        echo "$0 has$has"' $image
done
# --8<-- [end:have]

# effect: changes
# file: ~/wait/http-ok
# --8<-- [start:http-ok]
#!/bin/bash
# http-ok HOST PORT PATH: does it answer with 200?
exec 3<>"/dev/tcp/$1/$2" || exit
printf 'GET %s HTTP/1.0\r\nHost: %s\r\n\r\n' "$3" "$1" >&3
read -r _ code _ <&3 && [ "$code" = 200 ]
# --8<-- [end:http-ok]

# effect: changes
# --8<-- [start:debian]
cd ~/wait && sed 's|wget .*|/http-ok api 8080 /ready|' entrypoint.sh >with-bash.sh
chmod +x with-bash.sh && tail -n 2 with-bash.sh
docker build -q -t try-wait:debian -f debian.dockerfile . >/dev/null
docker run --rm --network shop try-wait:debian sh -c 'echo app: started >&2'
# --8<-- [end:debian]

# --- an open port is not enough

# effect: reads
# --8<-- [start:open]
docker run --rm --network shop --entrypoint bash try-wait:debian -c '
    for where in "8080 /ready" "8080 /other" "8081 /ready" "8082 /ready"; do
        open=no answers=no
        (: </dev/tcp/api/${where% *}) 2>/dev/null && open=yes
        timeout 3 /http-ok api $where 2>/dev/null && answers=yes
        echo "$where: open $open, ready $answers"
    done'
# --8<-- [end:open]

# effect: changes
# --8<-- [start:published]
docker create --name nobody -p 127.0.0.1:8088:8080 busybox sleep 1000 >/dev/null
docker start nobody >/dev/null
bash -c ': </dev/tcp/127.0.0.1/8088' && echo "port 8088 is open"
timeout 3 ~/wait/http-ok 127.0.0.1 8088 /ready 2>/dev/null || echo "nobody answers"
docker exec nobody netstat -ltn | grep -q LISTEN || echo "nothing listens inside"
# --8<-- [end:published]

# --- docker stop

# effect: reads
# --8<-- [start:measure]
stopped() {
    form=$1 && shift
    docker create --name try-stop "$@" >/dev/null || return
    docker start try-stop >/dev/null
    says try-stop waiting
    before=$(date +%s%3N)
    docker stop -t 3 try-stop >/dev/null
    took=$(($(date +%s%3N) - before))
    gone='at once' && [ "$took" -lt 3000 ] || gone='after 3 s'
    code=$(docker inspect -f '{{.State.ExitCode}}' try-stop)
    docker rm try-stop >/dev/null
    printf '%-28s %-10s %s\n' "$form" "$gone" "$code"
}
# --8<-- [end:measure]

# effect: reads
# --8<-- [start:stop]
front='echo waiting; until false; do sleep 60; done'
aside='echo waiting; until false; do sleep 60 & wait $!; done'
trap='trap "exit 143" TERM'
stopped 'sleep, no trap' busybox sh -c "$front"
stopped 'sleep, trap' busybox sh -c "$trap; $front"
stopped 'sleep & wait $!, no trap' busybox sh -c "$aside"
stopped 'sleep & wait $!, trap' busybox sh -c "$trap; $aside"
stopped 'sleep, no trap, --init' --init busybox sh -c "$front"
stopped 'the entrypoint above' try-wait
# --8<-- [end:stop]

# --- after the start

# effect: reads
# --8<-- [start:later]
docker exec api killall httpd
docker exec app wget -q -O /dev/null http://api:8080/ready || echo "exit code $?"
docker inspect -f 'app is {{.State.Status}}' app
docker exec api httpd -p 8080 -h /www # and the service is back
# --8<-- [end:later]

# --- when it fails

# effect: reads
# --8<-- [start:green]
docker run --rm --network shop try-wait sh -c 'echo app: started >&2'
# --8<-- [end:green]

# effect: reads
# exit: 69
# --8<-- [start:refused-red]
docker run --rm --network shop -e API_LIMIT=1 -e API_URL=http://api:8082/ready try-wait
# --8<-- [end:refused-red]

# effect: reads
# exit: 69
# --8<-- [start:silent-red]
docker run --rm --network shop -e API_LIMIT=1 -e API_URL=http://api:8081/ready try-wait
# --8<-- [end:silent-red]

# effect: reads
# exit: 69
# --8<-- [start:name-red]
docker run --rm --network none -e API_LIMIT=1 try-wait
# --8<-- [end:name-red]

# effect: reads
# --8<-- [start:nc-red]
docker run --rm --network shop busybox nc -z api 8080 2>&1 | sed -n 1p
# --8<-- [end:nc-red]

# effect: reads
# --8<-- [start:nc-green]
docker run --rm --network shop busybox sh -c '
    printf "GET /ready HTTP/1.0\r\n\r\n" | timeout 3 nc api 8080 | head -n 1'
# --8<-- [end:nc-green]

# effect: reads
# exit: 2
# --8<-- [start:tcp-red]
docker run --rm --network shop debian:12-slim sh -c ': </dev/tcp/api/8080'
# --8<-- [end:tcp-red]

# effect: reads
# --8<-- [start:tcp-green]
docker run --rm --network shop debian:12-slim bash -c ': </dev/tcp/api/8080' &&
    echo open
# --8<-- [end:tcp-green]

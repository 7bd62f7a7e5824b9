#!/usr/bin/env bash
# Health checks that say something, and those that do not.

# effect: changes
# --8<-- [start:build]
echo ok >~/web/index.html
docker build -q -t try-web ~/web >/dev/null
# --8<-- [end:build]

# effect: changes
# --8<-- [start:start]
docker create --name try-web --restart always \
    --health-interval 1s --health-retries 2 try-web sh -c '
    until [ -e /ready ]; do sleep 1; done
    exec httpd -f -p 8080 -h /www' >/dev/null
docker start try-web >/dev/null
# --8<-- [end:start]

# effect: reads
# --8<-- [start:functions]
wait_health() { # container state seconds
    limit=$(($(date +%s) + $3))
    state='{{.State.Status}}{{with .State.Health}} {{.Status}}{{end}}'
    while now=$(docker inspect -f "$state" "$1"); do
        case $now in
        "running $2") return 0 ;;
        'running '* | 'restarting '*) [ "$(date +%s)" -lt "$limit" ] || break ;;
        *) break ;;
        esac
        sleep 1
    done
    echo "$1 is ${now:-not there}, not $2" >&2
    return 1
}

checks='{{range .State.Health.Log}}{{.ExitCode}} {{json .Output}}{{println}}{{end}}'
last_check() { docker inspect -f "$checks" "$1" | grep . | tail -n 1; }
# --8<-- [end:functions]

# effect: reads
# --8<-- [start:starting]
timeout 30 sh -c 'until docker inspect -f "{{json .State.Health.Log}}" try-web |
    grep -q refused; do sleep 1; done'
docker inspect -f \
    '{{.State.Health.Status}}, counted {{.State.Health.FailingStreak}}' try-web
last_check try-web
# --8<-- [end:starting]

# effect: reads
# --8<-- [start:healthy]
docker exec try-web touch /ready
wait_health try-web healthy 30 && echo "try-web is healthy"
last_check try-web
# --8<-- [end:healthy]

# effect: reads
# --8<-- [start:cost]
took='{{with index .State.Health.Log 0}}{{(.End.Sub .Start).Seconds}} s{{end}}'
docker inspect -f "$took" try-web
docker events --since 0 --until "$(date +%s)" --filter container=try-web \
    --filter event=exec_create --filter event=exec_start --filter event=exec_die \
    --format '{{.Action}}' | grep -v touch | sort -u
# --8<-- [end:cost]

# --- unhealthy

# effect: reads
# --8<-- [start:unhealthy-red]
docker exec try-web rm /www/index.html
wait_health try-web unhealthy 30
docker inspect -f \
    '{{.State.Health.Status}}, {{.State.Status}}, restarts: {{.RestartCount}}' try-web
last_check try-web
docker ps --filter health=unhealthy --format '{{.Names}}'
# --8<-- [end:unhealthy-red]

# effect: destroys
# --8<-- [start:unhealthy-cure]
docker rm -f try-web >/dev/null
docker create --name try-kill --init --restart always --health-interval 2s \
    --health-cmd 'wget -q -O /dev/null http://127.0.0.1:8080/ || kill 1' \
    try-web sh -c 'echo ok >/www/index.html; exec httpd -f -p 8080 -h /www' >/dev/null
docker start try-kill >/dev/null
# --8<-- [end:unhealthy-cure]

# effect: reads
# --8<-- [start:unhealthy-green]
wait_health try-kill healthy 30
docker exec try-kill rm /www/index.html
timeout 30 sh -c 'until docker inspect -f "restarts: {{.RestartCount}}" try-kill |
    grep -v " 0$"; do sleep 1; done'
wait_health try-kill healthy 30 && last_check try-kill
# --8<-- [end:unhealthy-green]

# effect: destroys
# --8<-- [start:undo]
docker rm -f try-kill >/dev/null
# --8<-- [end:undo]

# --- checks that cannot run

# effect: reads
# --8<-- [start:outcome]
outcome() { # options, image, command
    docker create --name try-check --health-interval 1s --health-retries 1 "$@" \
        >/dev/null && docker start try-check >/dev/null
    timeout 40 sh -c 'while docker inspect -f "{{.State.Health.Status}}" try-check |
        grep -q starting; do sleep 1; done'
    docker inspect -f '{{.State.Health.Status}}' try-check
    last_check try-check
    docker rm -f try-check >/dev/null
}
# --8<-- [end:outcome]

# effect: changes
# --8<-- [start:shell-red]
docker build -q -t try-bare ~/bare >/dev/null
outcome try-bare
# --8<-- [end:shell-red]

# effect: changes
# --8<-- [start:shell-green]
docker build -q -t try-bare ~/bare >/dev/null
outcome try-bare
# --8<-- [end:shell-green]

# effect: reads
# --8<-- [start:curl-red]
outcome --network container:try-kill --health-cmd 'curl -f http://127.0.0.1:8080/' \
    debian:12-slim tail -f /dev/null
# --8<-- [end:curl-red]

# effect: changes
# file: ~/check
# --8<-- [start:curl-cure]
#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/8080 &&
    printf 'GET / HTTP/1.0\r\n\r\n' >&3 &&
    read -r -t 8 version code _ <&3 &&
    echo "$version $code" && [ "$code" = 200 ]
# --8<-- [end:curl-cure]

# effect: reads
# --8<-- [start:curl-green]
outcome --network container:try-kill --health-cmd 'exec bash /check' \
    -v ~/check:/check:ro debian:12-slim tail -f /dev/null
# --8<-- [end:curl-green]

# --- a check that hangs

# effect: reads
# --8<-- [start:hang]
hang() { # Docker's limit, check
    docker create --name try-hang --health-interval 1s --health-timeout "$1" \
        --health-cmd "$2" debian:12-slim tail -f /dev/null >/dev/null
    docker start try-hang >/dev/null
    wait_health try-hang unhealthy 50
    last_check try-hang
    adopted=$(docker exec try-hang sh -c 'cat /proc/[0-9]*/status 2>/dev/null' |
        grep -c '^PPid:.1$')
    docker rm -f try-hang >/dev/null
    [ "$adopted" -lt 3 ] || adopted='3 or more'
    echo "After 3 or more checks PID 1 was left with $adopted processes"
}
# --8<-- [end:hang]

# effect: reads
# --8<-- [start:hang-red]
hang 2s 'sleep 600; exit'
# --8<-- [end:hang-red]

# effect: reads
# --8<-- [start:hang-green]
hang 10s 'exec timeout -k 1 1 sleep 600'
# --8<-- [end:hang-green]

# --- exit codes, user, parent

# effect: reads
# --8<-- [start:codes]
docker create --name try-codes --health-interval 1s --health-retries 1 \
    --health-cmd 'exit "$(cat /dev/shm/code)"' \
    debian:12-slim tail -f /dev/null >/dev/null
docker start try-codes >/dev/null
for code in 0 1 2 0 255; do
    docker exec try-codes sh -c "echo $code >/dev/shm/code"
    timeout 30 sh -c "until docker inspect -f '$checks' try-codes |
        grep . | tail -n 1 | grep -q '^$code '; do sleep 0.5; done"
    echo "$code: $(docker inspect -f '{{.State.Health.Status}}' try-codes)"
done
docker rm -f try-codes >/dev/null
# --8<-- [end:codes]

# effect: reads
# --8<-- [start:user]
outcome --user 65534 --health-cmd 'id -u; grep PPid /proc/$$/status' \
    debian:12-slim tail -f /dev/null
# --8<-- [end:user]

# --- what docker run can do

# effect: reads
# --8<-- [start:flags]
docker run --help | grep -i health
# --8<-- [end:flags]

# effect: reads
# exit: 1
# --8<-- [start:none]
docker create --name try-none --no-healthcheck try-web >/dev/null
docker start try-none >/dev/null
docker inspect -f '{{json .Config.Healthcheck.Test}}' try-none
wait_health try-none healthy 30
docker rm -f try-none >/dev/null
# --8<-- [end:none]

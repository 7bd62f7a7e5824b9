#!/usr/bin/env bash
# An entrypoint that docker stop can stop, and those that it cannot.
# shellcheck disable=SC2016,SC2086,SC2093  # $0 is for sh -c, $pids are words; scripts of their own end with their exec

# effect: changes
# file: ~/app/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -e
echo "entrypoint: PID $$ makes ready" # your own work goes here
exec "$@"
# --8<-- [end:entrypoint]

# effect: changes
# file: ~/app/app
# --8<-- [start:app]
#!/bin/sh
trap 'echo "app: told to stop, closing"; exit 0' TERM
echo "app: runs as PID $$"
while :; do
    sleep 1 &
    wait
done
# --8<-- [end:app]

# effect: changes
# --8<-- [start:build]
cd ~/app && chmod +x entrypoint.sh app && docker build -q -t try-exec . >/dev/null
docker run -d --name try-exec try-exec >/dev/null
# --8<-- [end:build]

# effect: changes
# --8<-- [start:check]
timeout 10 sh -c 'until docker logs try-exec 2>&1 | grep -q app:; do sleep 0.1; done'
docker exec try-exec cat /proc/1/comm
docker stop try-exec >/dev/null
docker logs try-exec
docker inspect -f 'exit code {{.State.ExitCode}}' try-exec
# --8<-- [end:check]

# effect: destroys
# --8<-- [start:undo]
docker rm -f try-exec >/dev/null
# --8<-- [end:undo]

# --- every form, measured

# effect: changes
# --8<-- [start:forms-make]
cd ~/forms && cp ~/app/app ~/app/entrypoint.sh . &&
    sed 's/^exec //' entrypoint.sh >no-exec.sh && chmod +x no-exec.sh
sed -n 's/^FROM .*sh AS //p' Dockerfile | while read -r form; do
    docker build -q --target "$form" -t "try-form:$form" . >/dev/null
done
# --8<-- [end:forms-make]

# effect: reads
# --8<-- [start:measure]
forms=() names=()
form() { # form, options
    forms+=("$*") names+=("form-$1${2:-}")
    docker create --name "form-$1${2:-}" "${@:2}" "try-form:$1" >/dev/null
}
stop_them() { # all at once, for each may take ten seconds
    docker start "${names[@]}" >/dev/null
    for name in "${names[@]}"; do
        timeout 60 sh -c \
            'until docker logs "$0" 2>&1 | grep -q app:; do sleep 0.1; done' "$name"
    done
    pids=$(docker inspect -f '/proc/{{.State.Pid}}/comm' "${names[@]}")
    mapfile -t first < <(cat $pids)
    before=$(date +%s%3N)
    docker stop "${names[@]}" >/dev/null
    ends=$(docker inspect -f '{{.State.ExitCode}} {{.State.FinishedAt}}' "${names[@]}")
    for i in "${!forms[@]}"; do
        read -r code ended
        took=$(($(date -d "$ended" +%s%3N) - before))
        gone='at once' && [ "$took" -lt 10000 ] || gone='after 10 s'
        closed=yes && docker logs "${names[i]}" 2>&1 | grep -q '^app: told' || closed=no
        row "${forms[i]}" "${first[i]}" "$gone" "$code" "$closed"
    done <<<"$ends"
    docker rm "${names[@]}" >/dev/null
}
row() { printf '%-30s %-14s %-10s %4s %s\n' "$@"; }
# --8<-- [end:measure]

# effect: reads
# --8<-- [start:table]
form cmd-exec-form
form cmd-no-handler
form cmd-no-handler --init
form cmd-shell-form-ash
form cmd-shell-form-ash-2
form cmd-shell-form-dash
form cmd-shell-form-exec
form entrypoint-shell-form
form script-exec
form script-exec-shell-form
form script-no-exec
form script-no-exec --init
row Form 'PID 1 is' Gone Exit 'App closed'
stop_them
# --8<-- [end:table]

# --- why

# effect: reads
# --8<-- [start:kernel]
docker run --rm busybox sh -c 'kill -TERM $$; kill -KILL $$; echo "PID $$ lives"'
docker run --rm --init busybox sh -c 'kill -TERM $$; echo "PID $$ lives"' ||
    echo "with --init: exit code $?"
# --8<-- [end:kernel]

# effect: reads
# --8<-- [start:quotes]
docker run --rm busybox sh -c 'exec printf "[%s]" "$@"' sh 'two words' '' && echo
docker run --rm busybox sh -c 'exec printf "[%s]" $@' sh 'two words' '' && echo
# --8<-- [end:quotes]

# effect: reads
# --8<-- [start:redirect]
docker run --rm busybox sh -c 'exec 3>/notes
    exec readlink /proc/self/fd/3'
docker run --rm busybox sh -c 'exec 3>/notes
    exec readlink /proc/self/fd/3 3>&-' || echo "closed with 3>&-"
# --8<-- [end:redirect]

# --- an entrypoint without exec

# effect: changes
# file: ~/slow/entrypoint.sh
# --8<-- [start:slow-entrypoint]
#!/bin/sh
set -e
echo "entrypoint: PID $$ makes ready"
"$@"
# --8<-- [end:slow-entrypoint]

# effect: changes
# --8<-- [start:slow-build]
cd ~/slow && cp ~/app/app . && chmod +x entrypoint.sh
docker build -q -t try-slow . >/dev/null
# --8<-- [end:slow-build]

# effect: reads
# --8<-- [start:how]
how_it_stops() {
    docker create --name try-stop "$@" >/dev/null || return
    docker start try-stop >/dev/null
    timeout 10 sh -c \
        'until docker logs try-stop 2>&1 | grep -q app:; do sleep 0.1; done'
    echo "PID 1 is $(docker exec try-stop cat /proc/1/comm)"
    TIMEFORMAT='docker stop took %R s' && time docker stop -t 3 try-stop >/dev/null
    docker ps -a --filter name=try-stop --format '{{.Status}}' | cut -d' ' -f1-2
    docker logs try-stop
    docker rm try-stop >/dev/null
}
# --8<-- [end:how]

# effect: reads
# --8<-- [start:slow-red]
how_it_stops try-slow
# --8<-- [end:slow-red]

# effect: changes
# --8<-- [start:slow-cure]
cd ~/slow && sed -i 's/^"\$@"/exec "$@"/' entrypoint.sh
docker build -q -t try-slow . >/dev/null
# --8<-- [end:slow-cure]

# effect: reads
# --8<-- [start:slow-green]
how_it_stops try-slow
# --8<-- [end:slow-green]

# --- a right entrypoint, and CMD in shell form

# effect: changes
# --8<-- [start:wrapped-build]
cd ~/wrapped && cp ~/app/app ~/app/entrypoint.sh .
docker build -q -t try-wrapped . >/dev/null
# --8<-- [end:wrapped-build]

# effect: reads
# --8<-- [start:wrapped-look]
docker inspect -f '{{json .Config.Cmd}}' try-wrapped
# --8<-- [end:wrapped-look]

# effect: reads
# --8<-- [start:wrapped-red]
how_it_stops try-wrapped
# --8<-- [end:wrapped-red]

# effect: changes
# --8<-- [start:wrapped-cure]
cd ~/wrapped && sed -i 's|^CMD .*|CMD ["/app"]|' Dockerfile
docker build -q -t try-wrapped . >/dev/null
# --8<-- [end:wrapped-cure]

# effect: reads
# --8<-- [start:wrapped-green]
how_it_stops try-wrapped
# --8<-- [end:wrapped-green]

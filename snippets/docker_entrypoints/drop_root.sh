#!/usr/bin/env bash
# An entrypoint that gives up root, the other ways to do so, and whose the files and the log are then.
# shellcheck disable=SC2016,SC2093  # what stands in single quotes is for a shell in a container

# effect: changes
# file: ~/drop/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
    install -d -o app -g app /run/app # what needs root goes here
    HOME=~app
    set -- setpriv --reuid=app --regid=app --init-groups --no-new-privs "$@"
fi
exec "$@"
# --8<-- [end:entrypoint]

# effect: changes
# file: ~/drop/app
# --8<-- [start:app]
#!/bin/sh
trap 'echo "app: told to stop, closing"; exit 0' TERM
pid=$$
while [ "$pid" -gt 1 ]; do
    pid=$(sed -n 's/^PPid:.//p' "/proc/$pid/status")
    above="$above $(cat "/proc/$pid/comm")"
done
echo "app: user $(id -un), above:${above:- none}, HOME=$HOME, MODE=${MODE:-}, $#: $*"
while :; do
    sleep 1 &
    wait
done
# --8<-- [end:app]

# effect: changes
# --8<-- [start:build]
cd ~/drop && chmod +x entrypoint.sh app && docker build -q -t try-drop . >/dev/null
docker create --name try-drop -e MODE=live try-drop app 'two words' >/dev/null
docker start try-drop >/dev/null
# --8<-- [end:build]

# effect: changes
# --8<-- [start:check]
timeout 30 sh -c 'until docker logs try-drop 2>&1 | grep -q app:; do sleep 0.1; done'
docker exec try-drop grep -E '^(Uid|Groups|CapEff|NoNewPrivs):' /proc/1/status
docker stop try-drop >/dev/null
docker logs try-drop
docker inspect -f 'exit code {{.State.ExitCode}}' try-drop
# --8<-- [end:check]

# effect: destroys
# --8<-- [start:undo]
docker rm try-drop >/dev/null
# --8<-- [end:undo]

# --- every way, measured

# effect: changes
# --8<-- [start:ways-build]
cd ~/ways && docker build -q --target debian -t try-ways . >/dev/null
docker build -q -t try-ways:busybox . >/dev/null
# --8<-- [end:ways-build]

# effect: reads
# --8<-- [start:measure]
way() {
    what=$1 said=$(mktemp) && shift
    name=way-${said##*.}
    docker run --rm --name "$name" -e MODE=live "$@" >"$said" 2>&1 &
    timeout 30 sh -c 'until grep -q app: "$0"; do sleep 0.1; done' "$said"
    docker stop "$name" >/dev/null
    wait $! && code=0 || code=$?
    part() { sed -n "s/^app: .*$1.*/\1/p" "$said"; }
    mode=kept words='whole' told=yes
    grep -q MODE=live "$said" || mode=lost
    grep -q '3: two words  end$' "$said" || words='split'
    grep -q closing "$said" || told=no
    row "$what" "$(part 'above: \([^,]*\)')" "$(part 'HOME=\([^,]*\)')" \
        "$mode" "$words" "$told" "$code"
}
row() { printf '%-26s %-8s %-10s %-5s %-6s %-5s %4s\n' "$@"; }
# --8<-- [end:measure]

# effect: reads
# --8<-- [start:table]
row 'Way' 'Above' 'HOME' '-e' 'Words' 'Told' 'Exit'
{
    app=(app 'two words' '' end) as=(--reuid=app --regid=app --init-groups)
    way 'docker run --user app' --user app try-ways "${app[@]}" &
    way 'setpriv' try-ways setpriv "${as[@]}" --no-new-privs "${app[@]}" &
    way 'gosu app' try-ways gosu app "${app[@]}" &
    way 'chroot --userspec=app /' try-ways chroot --userspec=app / "${app[@]}" &
    way 'su app -c "$*"' try-ways sh -c 'exec su app -c "$*"' sh "${app[@]}" &
    way 'su app -s ... -c exec "$@"' try-ways \
        su app -s /bin/sh -c 'exec "$@"' -- sh "${app[@]}" &
    way 'su app -c ..., busybox' try-ways:busybox su app -c '"$@"' sh "${app[@]}" &
    way 'runuser -u app' try-ways runuser -u app -- "${app[@]}" &
    way 'sudo -u app' try-ways sudo -u app "${app[@]}" &
    wait
} | sort
# --8<-- [end:table]

# effect: reads
# --8<-- [start:terminal]
docker run --rm -t try-ways sh -c '
    echo "setpriv: $(setpriv --reuid=app --regid=app --init-groups sh -c "$0")"
    echo "gosu: $(gosu app sh -c "$0")"
    echo "su -c: $(su app -s /bin/sh -c "$0")"
    echo "su --session-command: $(su app -s /bin/sh --session-command "$0")"
    echo "runuser -u: $(runuser -u app -- sh -c "$0")"
    echo "sudo -u: $(sudo -u app sh -c "$0")"
' '(: </dev/tty) 2>/dev/null && echo has the terminal || echo has none'
# --8<-- [end:terminal]

# --- su as PID 1

# effect: reads
# --8<-- [start:how]
how_it_stops() {
    docker create --name try-stop --entrypoint sh try-drop -c "$1" >/dev/null
    docker start try-stop >/dev/null
    timeout 30 sh -c \
        'until docker logs try-stop 2>&1 | grep -q app:; do sleep 0.1; done'
    docker stop try-stop >/dev/null
    docker logs try-stop 2>&1
    docker inspect -f 'exit code {{.State.ExitCode}}' try-stop
    docker rm try-stop >/dev/null
}
# --8<-- [end:how]

# effect: reads
# --8<-- [start:su-red]
how_it_stops "exec su app -c app"
# --8<-- [end:su-red]

# effect: reads
# --8<-- [start:su-green]
how_it_stops "exec entrypoint.sh app"
# --8<-- [end:su-green]

# --- started as another user

# effect: reads
# exit: 127
# --8<-- [start:other-red]
docker run --rm --user 1000:1000 try-ways \
    setpriv --reuid=app --regid=app --init-groups id
docker run --rm --user 1000:1000 try-ways gosu app id
# --8<-- [end:other-red]

# effect: reads
# --8<-- [start:other-green]
docker run --rm --user 1000:1000 try-drop id
# --8<-- [end:other-green]

# --- files in a bind mount

# effect: changes
# exit: 1
# --8<-- [start:mount-red]
mkdir -p ~/data
docker run --rm -v ~/data:/data try-drop touch /data/note
# --8<-- [end:mount-red]

# effect: changes
# --8<-- [start:mount-green]
docker run --rm --user "$(id -u):$(id -g)" -v ~/data:/data try-drop touch /data/note
stat -c '%n is %U:%G' ~/data/note
# --8<-- [end:mount-green]

# effect: reads
# exit: 1
# --8<-- [start:mount-price]
docker run --rm --user "$(id -u):$(id -g)" try-drop sh -c '
    echo "HOME=$HOME"
    exec 2>&1
    mkdir ~/.cache
    mkdir /run/app
    whoami'
# --8<-- [end:mount-price]

# effect: changes
# file: ~/ids/entrypoint.sh
# --8<-- [start:ids-entrypoint]
#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
    uid=${APP_UID:-$(id -u app)} gid=${APP_GID:-$(id -g app)}
    install -d -o "$uid" -g "$gid" /run/app # what needs root goes here
    HOME=/run/app
    set -- setpriv --reuid="$uid" --regid="$gid" --clear-groups --no-new-privs "$@"
fi
exec "$@"
# --8<-- [end:ids-entrypoint]

# effect: changes
# --8<-- [start:ids-build]
cd ~/ids && chmod +x entrypoint.sh && docker build -q -t try-ids . >/dev/null
# --8<-- [end:ids-build]

# effect: changes
# --8<-- [start:ids-green]
docker run --rm -e APP_UID="$(id -u)" -e APP_GID="$(id -g)" -v ~/data:/data try-ids \
    touch /data/numbers /run/app/cache
stat -c '%n is %U:%G' ~/data/numbers
# --8<-- [end:ids-green]

# --- usermod

# effect: reads
# --8<-- [start:usermod]
docker run --rm --entrypoint sh try-drop -c '
    install -o app -g app /dev/null /home/app/in-home
    install -o app -g app /dev/null /srv/elsewhere
    groupmod -g 1000 app && usermod -u 1000 app
    id app
    stat -c "%n is %u:%g" /home/app/in-home /srv/elsewhere'
# --8<-- [end:usermod]

# effect: reads
# exit: 4
# --8<-- [start:taken-red]
docker run --rm --entrypoint sh try-drop -ec '
    useradd --uid 1000 other
    usermod -u 1000 app
    exec id'
# --8<-- [end:taken-red]

# effect: reads
# exit: 1
# --8<-- [start:read-only-red]
docker run --rm --read-only --entrypoint usermod try-drop -u 1000 app
# --8<-- [end:read-only-red]

# effect: reads
# --8<-- [start:ids-cures]
docker run --rm --read-only --tmpfs /run -e APP_UID=1 -e APP_GID=1 try-ids id
# --8<-- [end:ids-cures]

# --- /dev/stdout

# effect: reads
# exit: 2
# --8<-- [start:stdout-red]
docker run --rm try-drop sh -c 'echo a line >/dev/stdout'
# --8<-- [end:stdout-red]

# effect: reads
# --8<-- [start:stdout-inherited]
docker run --rm try-drop sh -c 'echo a line'
# --8<-- [end:stdout-inherited]

# effect: changes
# --8<-- [start:stdout-cure]
cd ~/drop && sed -i '/install/a\    chown app /dev/stdout /dev/stderr' entrypoint.sh
docker build -q -t try-drop . >/dev/null
# --8<-- [end:stdout-cure]

# effect: reads
# --8<-- [start:stdout-green]
docker run --rm try-drop sh -c 'echo a line >/dev/stdout'
# --8<-- [end:stdout-green]

# effect: reads
# --8<-- [start:chown]
docker run --rm --entrypoint sh try-drop -c '
    chown app /dev/stdout && stat -L -c "%n is a %F of %U" /dev/stdout
    chown app /dev/stdout >/log && stat -L -c "%n is a %F of %U" /log'
# --8<-- [end:chown]

# effect: reads
# exit: 1
# --8<-- [start:chown-red]
docker run --rm --user 1000:1000 --entrypoint sh try-drop -ec '
    chown app /dev/stdout
    exec echo the program starts'
# --8<-- [end:chown-red]

# effect: reads
# --8<-- [start:chown-green]
docker run --rm --user 1000:1000 try-drop sh -c 'echo a line >/dev/stdout'
# --8<-- [end:chown-green]

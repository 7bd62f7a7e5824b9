#!/usr/bin/env bash
# One entrypoint with everything: arguments, secrets, root, hooks, waiting, configuration, exec.
# Scripts of containers stand in the middle of this file, each with a first line of its own:
# shellcheck disable=SC1128,SC2016,SC2093,SC2317

# --- the entrypoint

# effect: changes
# file: ~/app/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
# Prepares the container, then becomes the program. "app" is the program and its user.
set -e

say() { printf 'entrypoint: %s\n' "$*" >&2; }
die() { say "$*" && exit 1; }

# docker stop ends this script too, while it is PID 1.
trap 'exit 143' TERM INT

# Options, or nothing, are for the program. Another command runs as it is.
case ${1:-} in
'' | -*) set -- app "$@" ;;
esac
[ "${1##*/}" = app ] || exec "$@"

# The secret: DB_PASSWORD, or DB_PASSWORD_FILE for a file that holds it.
if [ -n "${DB_PASSWORD_FILE:-}" ]; then
    [ -z "${DB_PASSWORD:-}" ] || die "DB_PASSWORD and DB_PASSWORD_FILE are both set"
    DB_PASSWORD=$(cat "$DB_PASSWORD_FILE")
    export DB_PASSWORD && unset DB_PASSWORD_FILE
fi
[ -n "${DB_PASSWORD:-}" ] || die "DB_PASSWORD is missing; set DB_PASSWORD_FILE"

# As root: what needs root, and this script again as app. Otherwise: nothing.
if [ "$(id -u)" = 0 ]; then
    chown app:app /var/lib/app
    HOME=~app
    # By its path, as BusyBox's shell may take a lesser setpriv of its own.
    exec /usr/bin/setpriv --reuid=app --regid=app --init-groups --no-new-privs "$0" "$@"
fi

# Drop-ins, in the order of their names. One that fails ends the container.
for hook in /docker-entrypoint.d/*; do
    [ -f "$hook" ] || continue
    # shellcheck source=/dev/null
    case $hook in
    *.envsh) . "$hook" ;;
    *.sh) "$hook" ;;
    *) say "ignored: $hook" ;;
    esac
done

# Wait until the command in WAIT_FOR succeeds, for WAIT_LIMIT seconds or so.
if [ -n "${WAIT_FOR:-}" ]; then
    say "waits for: $WAIT_FOR"
    end=$(($(date +%s) + ${WAIT_LIMIT:-30}))
    until timeout 5 sh -c "$WAIT_FOR" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$end" ] || die "gave up after ${WAIT_LIMIT:-30} s"
        sleep 1
    done
fi

# Configuration that only this user can read. The secret leaves the environment.
(umask 077 && cat >/run/app/app.conf) <<EOF
port = ${APP_PORT:-8080}
password = $DB_PASSWORD
EOF
unset DB_PASSWORD

# Our option in front, so that the caller's come last and win.
program=$1 && shift
exec "$program" --config /run/app/app.conf "$@"
# --8<-- [end:entrypoint]

# effect: changes
# file: ~/app/app
# --8<-- [start:app]
#!/bin/sh
# Stands for your program.
exec >&2
echo "app: PID $$, user $(id -u), HOME=$HOME, arguments: $*"
echo "app: GREETING=${GREETING:-}, password in the environment: ${DB_PASSWORD:-none}"
echo "app: /var/lib/app belongs to user $(stat -c %u /var/lib/app)"
sed 's/^/app.conf: /' /run/app/app.conf
# --8<-- [end:app]

# effect: changes
# --8<-- [start:hooks]
mkdir -p ~/app/hooks && cd ~/app/hooks
printf '%s\n' '#!/bin/sh' 'echo "10-check.sh: user $(id -u)" >&2' >10-check.sh
echo 'export GREETING=hello' >20-greeting.envsh
chmod +x 10-check.sh
# --8<-- [end:hooks]

# effect: changes
# --8<-- [start:secret]
(umask 077 && od -An -N4 -tx4 /dev/urandom | sed 's/ */fake-/' >~/db_password)
# --8<-- [end:secret]

# effect: changes
# --8<-- [start:build]
docker build -q -t try-complete ~/app >/dev/null
# --8<-- [end:build]

# effect: reads
# --8<-- [start:check]
try() {
    docker run --rm -v ~/db_password:/run/secrets/db_password:ro \
        -e DB_PASSWORD_FILE=/run/secrets/db_password "$@"
}
try try-complete --verbose
# --8<-- [end:check]

# --- part by part

# effect: reads
# --8<-- [start:arguments]
docker run --rm try-complete id
# --8<-- [end:arguments]

# effect: reads
# --8<-- [start:user]
try --user "$(id -u)" try-complete
# --8<-- [end:user]

# effect: reads
# --8<-- [start:config]
try --read-only --tmpfs /run/app --tmpfs /var/lib/app -e APP_PORT=80 try-complete 2>&1 |
    grep -E 'lib|conf:'
# --8<-- [end:config]

# effect: changes
# --8<-- [start:fails-make]
mkdir -p ~/fails && printf '%s\n' '#!/bin/sh' 'exit 5' >~/fails/10-fails.sh
chmod +x ~/fails/10-fails.sh && echo '# Hooks' >~/fails/01-README
# --8<-- [end:fails-make]

# effect: reads
# --8<-- [start:fails]
try -v ~/fails:/docker-entrypoint.d:ro try-complete || echo "exit code $?"
# --8<-- [end:fails]

# effect: changes
# --8<-- [start:wait]
mkdir -p ~/shared
(sleep 2 && touch ~/shared/ready) &
try -v ~/shared:/shared:ro -e WAIT_FOR='test -e /shared/ready' try-complete 2>&1 |
    grep -E 'waits|PID'
# --8<-- [end:wait]

# effect: reads
# --8<-- [start:stop]
docker create --name try-wait -e DB_PASSWORD=fake -e WAIT_FOR=false \
    try-complete >/dev/null
docker start try-wait >/dev/null
timeout 30 sh -c 'until docker logs try-wait 2>&1 | grep -q waits; do sleep 0.1; done'
docker stop try-wait >/dev/null
docker inspect -f 'exit code {{.State.ExitCode}}' try-wait
docker rm try-wait >/dev/null
# --8<-- [end:stop]

# --- when it fails

# effect: reads
# exit: 1
# --8<-- [start:missing-red]
docker run --rm try-complete
# --8<-- [end:missing-red]

# effect: reads
# exit: 1
# --8<-- [start:both-red]
try -e DB_PASSWORD=fake try-complete
# --8<-- [end:both-red]

# effect: reads
# exit: 1
# --8<-- [start:denied-red]
try --user 1234 try-complete
# --8<-- [end:denied-red]

# effect: reads
# exit: 1
# --8<-- [start:late-red]
try -e WAIT_FOR='test -e /shared/ready' -e WAIT_LIMIT=2 try-complete
# --8<-- [end:late-red]

# effect: reads
# --8<-- [start:late-look]
try try-complete sh -c 'ls /shared/ready' || echo "exit code $?"
# --8<-- [end:late-look]

# effect: reads
# --8<-- [start:late-green]
try -v ~/shared:/shared:ro -e WAIT_FOR='test -e /shared/ready' -e WAIT_LIMIT=2 \
    try-complete 2>&1 | grep -E 'waits|PID'
# --8<-- [end:late-green]

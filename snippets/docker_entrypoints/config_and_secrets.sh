#!/usr/bin/env bash
# Configuration and secrets at the start of a container, and who sees them.
# The entrypoint stands in the middle of this file, with a first line of its own; some $ are for other shells.
# shellcheck disable=SC1128,SC2016,SC2034,SC2086,SC2093,SC2154

# --- the entrypoint

# effect: changes
# file: ~/app/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -eu

die() {
    echo "entrypoint: $*" >&2
    exit 78
}

# file_env NAME [DEFAULT]: sets NAME from $NAME or from the file $NAME_FILE.
file_env() {
    eval "value=\${$1:-} file=\${$1_FILE:-}"
    [ -z "$value" ] || [ -z "$file" ] || die "$1 and $1_FILE are both set; keep one"
    [ -z "$file" ] || value=$(cat "$file") || die "$1_FILE: cannot read $file"
    value=${value:-${2:-}}
    [ -n "$value" ] || die "$1 is missing; set it, or $1_FILE to the path of a file"
    eval "$1=\$value"
    unset "$1_FILE" value file
}

file_env DB_PASSWORD
file_env DB_USER app
: "${DB_HOST:?set it to the name of the database server}"

newline='
'
case $DB_HOST$DB_USER$DB_PASSWORD in
*"$newline"*) die "a line break in DB_HOST, DB_USER or DB_PASSWORD" ;;
esac

(umask 077 && cat >/run/app.conf) <<EOF
host = $DB_HOST
user = $DB_USER
password = $DB_PASSWORD
EOF

unset DB_PASSWORD
exec "$@"
# --8<-- [end:entrypoint]

# effect: changes
# --8<-- [start:build]
docker build -q -t try-config ~/app >/dev/null
# --8<-- [end:build]

# effect: changes
# --8<-- [start:secret]
(umask 077 && od -An -N8 -tx1 /dev/urandom | sed 's/ //g; s/^/fake-/' >~/db_password)
cat >~/app.env <<'EOF'
DB_HOST=db
DB_PASSWORD_FILE=/run/secrets/db_password
EOF
# --8<-- [end:secret]

# effect: reads
# --8<-- [start:check]
mount="type=bind,src=$HOME/db_password,dst=/run/secrets/db_password,ro"
with_secret() {
    docker run --rm --env-file ~/app.env --tmpfs /run --mount "$mount" "$@"
}
with_secret try-config sh -c '
    cat /run/app.conf
    stat -c "%A %U %n" /run/app.conf
    env | grep DB_
    umask'
# --8<-- [end:check]

# effect: destroys
# --8<-- [start:undo]
rm ~/db_password ~/app.env
docker rm -f by-env by-file >/dev/null
# --8<-- [end:undo]

# --- who sees it

# effect: changes
# --8<-- [start:two]
docker create --name by-env -e DB_HOST=db -e DB_PASSWORD="$(cat ~/db_password)" \
    try-config sleep infinity >/dev/null
docker create --name by-file --env-file ~/app.env --tmpfs /run --mount "$mount" \
    try-config sleep infinity >/dev/null
docker start by-env by-file >/dev/null
for name in by-env by-file; do
    timeout 30 sh -c "until docker exec $name grep -q sleep /proc/1/comm; do
        sleep 0.1; done"
done
# --8<-- [end:two]

# effect: reads
# --8<-- [start:sees]
sees() {
    for look in "inspect $1" "exec $1 env" "exec $1 cat /proc/1/environ" \
        "cp $1:/run/app.conf -" "exec $1 cat /run/app.conf" \
        "exec $1 cat /run/secrets/db_password"; do
        found=no
        if docker $look 2>/dev/null | grep -qaFf ~/db_password; then found=yes; fi
        printf '%-3s  docker %s\n' "$found" "$look"
    done
}
sees by-env
sees by-file
# --8<-- [end:sees]

# --- values

# effect: reads
# --8<-- [start:values]
DB_PASSWORD='fake $HOME "quoted" a/b & \1 `date`'
cat <<EOF
password = $DB_PASSWORD
format = \$remote_addr
EOF
# --8<-- [end:values]

# effect: reads
# --8<-- [start:required]
script='set -e; : "${DB_HOST:?set it to the name of the database server}"'
for shell in dash 'busybox sh' bash; do
    $shell -c "$script" || echo "$shell: exit code $?"
done
# --8<-- [end:required]

# --- when it fails

# effect: reads
# exit: 78
# --8<-- [start:missing-red]
docker run --rm -e DB_HOST=db try-config
# --8<-- [end:missing-red]

# effect: reads
# exit: 78
# --8<-- [start:both-red]
with_secret -e DB_PASSWORD=fake-other try-config
# --8<-- [end:both-red]

# effect: reads
# exit: 78
# --8<-- [start:file-red]
docker run --rm --env-file ~/app.env try-config
# --8<-- [end:file-red]

# effect: reads
# --8<-- [start:file-green]
with_secret try-config
# --8<-- [end:file-green]

# effect: reads
# exit: 2
# --8<-- [start:bashism-red]
borrowed='file_env() { value=${!1:-}; }; file_env DB_PASSWORD; echo "reached"'
sh -c "$borrowed"
# --8<-- [end:bashism-red]

# effect: reads
# --8<-- [start:bashism-green]
portable='file_env() { eval "value=\${$1:-}"; }; file_env DB_PASSWORD; echo "reached"'
sh -c "$portable"
bash -c "$borrowed"
# --8<-- [end:bashism-green]

# effect: reads
# exit: 1
# --8<-- [start:read-red]
as_nobody='exec setpriv --reuid=nobody --regid=nogroup --clear-groups cat /run/app.conf'
with_secret try-config sh -c "$as_nobody"
# --8<-- [end:read-red]

# effect: reads
# --8<-- [start:read-green]
with_secret try-config sh -c "chown nobody /run/app.conf; $as_nobody"
# --8<-- [end:read-green]

# effect: reads
# exit: 2
# --8<-- [start:write-red]
docker run --rm --user "$(id -u)" --env-file ~/app.env --mount "$mount" try-config
# --8<-- [end:write-red]

# effect: reads
# --8<-- [start:write-green]
docker run --rm --user "$(id -u)" --env-file ~/app.env --mount "$mount" \
    --tmpfs "/run:uid=$(id -u)" try-config
# --8<-- [end:write-green]

# effect: reads
# exit: 1
# --8<-- [start:sed-red]
fill() { echo 'password = @PASSWORD@' | sed "s/@PASSWORD@/$1/"; }
fill 'fake&1'
fill 'fake/1'
# --8<-- [end:sed-red]

# effect: reads
# --8<-- [start:sed-green]
fill() {
    cat <<EOF
password = $1
EOF
}
fill 'fake&1'
fill 'fake/1'
# --8<-- [end:sed-green]

# effect: reads
# exit: 78
# --8<-- [start:lines]
DB_USER=$(printf 'app\nadmin = yes')
cat <<EOF
user = $DB_USER
EOF
with_secret -e DB_USER="$DB_USER" try-config
# --8<-- [end:lines]

# effect: changes
# file: ~/try.env
# --8<-- [start:env-file]
# a comment
APP_TITLE="two words"
APP_DIR=$HOME/data
APP_PORT=80 # the port
APP_CALLER
# --8<-- [end:env-file]

# effect: reads
# --8<-- [start:env-file-look]
export APP_CALLER=mine
docker run --rm --env-file ~/try.env busybox env | grep APP_
# --8<-- [end:env-file-look]

# effect: changes
# file: ~/export.env
# --8<-- [start:env-export]
export APP_TITLE="two words"
# --8<-- [end:env-export]

# effect: reads
# exit: 125
# --8<-- [start:env-export-red]
docker run --rm --env-file ~/export.env busybox env
# --8<-- [end:env-export-red]

# effect: changes
# --8<-- [start:env-export-green]
echo 'APP_TITLE=two words' >~/export.env
docker run --rm --env-file ~/export.env busybox env | grep APP_
# --8<-- [end:env-export-green]

# effect: changes
# --8<-- [start:history-make]
docker build -q --build-arg TOKEN="$(cat ~/db_password)" -t try-history - \
    >/dev/null <<'EOF'
FROM busybox
ARG TOKEN
ENV API_KEY=fake-key
RUN test -n "$TOKEN" && unset API_KEY
EOF
# --8<-- [end:history-make]

# effect: reads
# --8<-- [start:history]
docker history --no-trunc --format '{{.CreatedBy}}' try-history | grep -m 1 TOKEN
docker run --rm try-history sh -c 'echo "$API_KEY"'
# --8<-- [end:history]

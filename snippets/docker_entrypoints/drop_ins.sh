#!/usr/bin/env bash
# An entrypoint that runs the hooks of a drop-in directory, and the ways in which hooks get lost.
# Scripts of containers stand in the middle of this file, each with a first line of its own:
# shellcheck disable=SC1090,SC1128,SC2093,SC2317

# --- the entrypoint

# effect: changes
# file: ~/app/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -e
say() { echo "entrypoint: $*" >&2; }

# For the program alone: a shell or another command starts without hooks.
if [ "${1##*/}" = app ]; then
    for hook in /docker-entrypoint.d/*; do
        [ -f "$hook" ] || continue # nothing there, or a folder
        case $hook in
        *.envsh)
            say "source $hook"
            . "$hook"
            ;;
        *.sh)
            if [ -x "$hook" ]; then
                say "run $hook"
                "$hook"
            else
                say "ignored, not executable: $hook"
            fi
            ;;
        *) say "ignored: $hook" ;;
        esac
    done
fi

exec "$@"
# --8<-- [end:entrypoint]

# effect: changes
# file: ~/app/app
# --8<-- [start:app]
#!/bin/sh
# Stands for your program.
echo "app, PID $$, GREETING=$GREETING" >&2
# --8<-- [end:app]

# effect: changes
# --8<-- [start:hooks]
mkdir -p ~/app/hooks && cd ~/app/hooks
printf '%s\n' '#!/bin/sh' 'echo "here is 10-check.sh" >&2' >10-check.sh
echo 'export GREETING="set by 20-settings.envsh"' >20-settings.envsh
echo 'How to write hooks' >README
chmod +x 10-check.sh
# --8<-- [end:hooks]

# effect: changes
# --8<-- [start:build]
docker build -q -t try-hooks ~/app >/dev/null
# --8<-- [end:build]

# effect: reads
# --8<-- [start:check]
docker run --rm try-hooks
docker run --rm try-hooks echo "another command, no hooks"
# --8<-- [end:check]

# --- a hook that fails

# effect: changes
# --8<-- [start:fails-make]
mkdir -p ~/fails && cd ~/fails
printf '%s\n' '#!/bin/sh' 'exit 5' >10-fails.sh
printf '%s\n' '#!/bin/sh' 'echo "here is 20-next.sh" >&2' >20-next.sh
chmod +x 10-fails.sh 20-next.sh
# --8<-- [end:fails-make]

# effect: reads
# --8<-- [start:fails]
docker run --rm -v ~/fails:/docker-entrypoint.d:ro try-hooks ||
    echo "the container ended with $?"
# --8<-- [end:fails]

# --- not executable

# effect: changes
# --8<-- [start:mode-make]
mkdir -p ~/mode && cp ~/app/hooks/10-check.sh ~/mode
chmod -x ~/mode/10-check.sh
# --8<-- [end:mode-make]

# effect: reads
# --8<-- [start:mode-red]
docker run --rm -v ~/mode:/docker-entrypoint.d:ro try-hooks
# --8<-- [end:mode-red]

# effect: changes
# file: ~/bare/entrypoint.sh
# --8<-- [start:denied-make]
#!/bin/sh
set -e
for hook in /docker-entrypoint.d/*.sh; do "$hook"; done
exec "$@"
# --8<-- [end:denied-make]

# effect: reads
# exit: 126
# --8<-- [start:denied]
docker run --rm -v ~/mode:/docker-entrypoint.d:ro \
    -v ~/bare/entrypoint.sh:/usr/local/bin/entrypoint.sh:ro try-hooks
# --8<-- [end:denied]

# effect: changes
# --8<-- [start:mode-cure]
chmod +x ~/mode/10-check.sh
# --8<-- [end:mode-cure]

# effect: reads
# --8<-- [start:mode-green]
docker run --rm -v ~/mode:/docker-entrypoint.d:ro try-hooks
# --8<-- [end:mode-green]

# --- order

# effect: changes
# --8<-- [start:order-make]
mkdir -p ~/order && cd ~/order
for name in 9-first.sh 10-second.sh; do
    printf '%s\n' '#!/bin/sh' "echo \"here is $name\" >&2" >"$name"
    chmod +x "$name"
done
# --8<-- [end:order-make]

# effect: reads
# --8<-- [start:order-red]
docker run --rm -v ~/order:/docker-entrypoint.d:ro try-hooks
# --8<-- [end:order-red]

# effect: changes
# file: ~/sorted/entrypoint.sh
# --8<-- [start:sorted]
#!/bin/sh
set -e
if [ "${1##*/}" = app ]; then
    hooks=$(printf '%s\n' /docker-entrypoint.d/* | sort -V)
    while read -r hook <&4; do
        case $hook in
        *.envsh) . "$hook" ;;
        *.sh) [ ! -x "$hook" ] || "$hook" ;;
        esac
    done 4<<EOF
$hooks
EOF
fi
exec "$@"
# --8<-- [end:sorted]

# effect: reads
# --8<-- [start:order-green]
docker run --rm -v ~/order:/docker-entrypoint.d:ro \
    -v ~/sorted/entrypoint.sh:/usr/local/bin/entrypoint.sh:ro try-hooks
# --8<-- [end:order-green]

# --- variables

# effect: changes
# --8<-- [start:export-make]
mkdir -p ~/export && cd ~/export
printf '%s\n' '#!/bin/sh' 'export GREETING=hello' >30-greeting.sh
chmod +x 30-greeting.sh
# --8<-- [end:export-make]

# effect: reads
# --8<-- [start:export-red]
docker run --rm -v ~/export:/docker-entrypoint.d:ro try-hooks
# --8<-- [end:export-red]

# effect: changes
# --8<-- [start:export-cure]
mv ~/export/30-greeting.sh ~/export/30-greeting.envsh
# --8<-- [end:export-cure]

# effect: reads
# --8<-- [start:export-piped]
docker run --rm -v ~/export:/docker-entrypoint.d:ro --entrypoint sh try-hooks -ec '
    find /docker-entrypoint.d -name "*.envsh" | while read -r hook; do
        . "$hook"
        echo "in the loop, GREETING=$GREETING" >&2
    done
    exec app'
# --8<-- [end:export-piped]

# effect: reads
# --8<-- [start:export-green]
docker run --rm -v ~/export:/docker-entrypoint.d:ro try-hooks
# --8<-- [end:export-green]

# --- a failure that is swallowed

# effect: changes
# --8<-- [start:shapes-make]
mkdir -p ~/shapes && cd ~/shapes
cat >for.sh <<'EOF'
set -e
for hook in /hooks/*; do "$hook"; done
echo "app starts"
EOF
cat >pipe.sh <<'EOF'
set -e
find /hooks -name '*.sh' | sort | while read -r hook; do "$hook"; done
echo "app starts"
EOF
cat >pipe-on.sh <<'EOF'
set -e
find /hooks -name '*.sh' | sort | while read -r hook; do "$hook"; done | cat
echo "app starts"
EOF
cat >or.sh <<'EOF'
set -e
run_hooks() { for hook in /hooks/*; do "$hook"; done; }
run_hooks || exit 1
echo "app starts"
EOF
cat >exec.sh <<'EOF'
set -e
find /hooks -name '*.sh' -exec {} \;
echo "app starts"
EOF
# --8<-- [end:shapes-make]

# effect: reads
# --8<-- [start:shapes]
in_shell() {
    docker run --rm -v ~/fails:/hooks:ro -v ~/shapes:/shapes:ro "$1" sh -c '
        for shape in for pipe pipe-on or exec; do
            said=$("$1" "/shapes/$shape.sh" 2>/dev/null) && code=0 || code=$?
            echo "$1 $shape.sh: exit $code, ${said:-app does not start}"
        done' sh "$2"
}
in_shell debian:12-slim dash
in_shell busybox ash
in_shell debian:12-slim bash
# --8<-- [end:shapes]

# --- symlinks

# effect: changes
# --8<-- [start:links-make]
mkdir -p ~/configmap/..2024_05_01 && cd ~/configmap
cp ~/app/hooks/10-check.sh ..2024_05_01
ln -s ..2024_05_01 ..data
ln -s ..data/10-check.sh 10-check.sh
# --8<-- [end:links-make]

# effect: reads
# --8<-- [start:links-red]
docker run --rm -v ~/configmap:/docker-entrypoint.d:ro debian:12-slim sh -c '
    cd /docker-entrypoint.d
    if find . -mindepth 1 -maxdepth 1 -type f -print -quit | read -r first; then
        echo "there are hooks"
    else
        echo "No files found in /docker-entrypoint.d/"
    fi
    echo "With -L:" && find -L . -type f | sort'
# --8<-- [end:links-red]

# effect: reads
# --8<-- [start:links-green]
docker run --rm -v ~/configmap:/docker-entrypoint.d:ro try-hooks
# --8<-- [end:links-green]

# --- descriptor 3

# effect: changes
# file: ~/quiet/entrypoint.sh
# --8<-- [start:quiet]
#!/bin/sh
set -e
exec 3>&1
[ -z "${QUIET:-}" ] || exec 3>/dev/null
echo "entrypoint: makes ready" >&3
echo "a hook's own line"
exec "$@"
# --8<-- [end:quiet]

# effect: reads
# --8<-- [start:quiet-red]
docker run --rm -v ~/quiet/entrypoint.sh:/e.sh:ro busybox /e.sh echo "the program"
docker run --rm -v ~/quiet/entrypoint.sh:/e.sh:ro -e QUIET=1 busybox \
    /e.sh readlink /proc/self/fd/3
# --8<-- [end:quiet-red]

# effect: changes
# --8<-- [start:quiet-cure]
sed -i 's/^exec "\$@"/& 3>\&-/' ~/quiet/entrypoint.sh && tail -n 1 ~/quiet/entrypoint.sh
# --8<-- [end:quiet-cure]

# effect: reads
# --8<-- [start:quiet-green]
docker run --rm -v ~/quiet/entrypoint.sh:/e.sh:ro -e QUIET=1 busybox \
    /e.sh readlink /proc/self/fd/3 || echo "descriptor 3 is closed"
# --8<-- [end:quiet-green]

#!/usr/bin/env bash
# An entrypoint that takes options, defaults from the environment, and other commands.
# Scripts of containers stand in the middle of this file, each with a first line of its own:
# shellcheck disable=SC1128,SC2093,SC2317

# --- the entrypoint

# effect: changes
# file: ~/app/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -e

# Options only: put the program in front of them.
if [ "${1#-}" != "$1" ]; then
    set -- app "$@"
fi

# A default from the environment, for this program alone.
if [ "$1" = app ] && [ -n "${LOGLEVEL:-}" ]; then
    shift
    set -- app --log-level "$LOGLEVEL" "$@"
fi

exec "$@"
# --8<-- [end:entrypoint]

# effect: changes
# file: ~/app/app
# --8<-- [start:app]
#!/bin/sh
# Stands for your program: says what it was given.
printf 'app'
[ $# = 0 ] || printf ' [%s]' "$@"
echo ", PID $$"
# --8<-- [end:app]

# effect: changes
# --8<-- [start:build]
docker build -q -t app ~/app >/dev/null
# --8<-- [end:build]

# effect: reads
# --8<-- [start:check]
docker run --rm app
docker run --rm app --help
docker run --rm app --title "two words"
docker run --rm app bash -c 'echo "bash, PID $$"'
docker run --rm -e LOGLEVEL=info app --port 80
# --8<-- [end:check]

# --- the test for a dash

# effect: reads
# --8<-- [start:dash]
for word in --help -p - app a-b ''; do
    kind='a command'
    [ "${word#-}" = "$word" ] || kind='an option'
    printf '%-8s without its first dash: %-8s %s\n' "'$word'" "'${word#-}'" "$kind"
done
# --8<-- [end:dash]

# --- the table

# effect: changes
# --8<-- [start:words]
docker build -q -t words - >/dev/null <<'EOF'
FROM busybox
RUN printf '%s\n' '#!/bin/sh' 'IFS=,; echo "${0##*/}: $*"' >/bin/ep &&\
    chmod +x /bin/ep && cp /bin/ep /bin/cmd && cp /bin/ep /bin/run
CMD []
EOF
# --8<-- [end:words]

# effect: reads
# --8<-- [start:table]
row() { printf '%-10s %-11s %-5s | %-33s | %s\n' "$@"; }
argv='{{.Path}}{{range .Args}},{{.}}{{end}}'
row ENTRYPOINT CMD run 'Docker starts' 'who runs, with what'
for ep in '' 'ep e' '["ep","e"]'; do
    for cmd in '' 'cmd c' '["cmd","c"]'; do
        printf '%s\n' 'FROM words' "${ep:+ENTRYPOINT $ep}" "${cmd:+CMD $cmd}" |
            docker build -q -t words-case - >/dev/null
        for run in '' 'run r'; do
            # shellcheck disable=SC2086  # two words
            if said=$(docker run --name words-case words-case $run 2>&1); then
                row "${ep:--}" "${cmd:--}" "${run:--}" \
                    "$(docker inspect -f "$argv" words-case)" "$said"
                docker rm words-case >/dev/null
            else
                error=${said#*daemon: } # up to its full stop
                row "${ep:--}" "${cmd:--}" "${run:--}" "${error%%.*}" nobody
            fi
        done
    done
done
docker rmi words-case >/dev/null
# --8<-- [end:table]

# --- the environment

# effect: reads
# --8<-- [start:environment]
export LOGLEVEL=debug
docker run --rm app
docker run --rm -e LOGLEVEL app
docker run --rm -e LOGLEVEL=info app
docker run --rm -e LOGLEVEL= app
docker run --rm -e LOGLEVEL=info app bash -c 'echo "bash, $#, LOGLEVEL=$LOGLEVEL"'
unset LOGLEVEL
# --8<-- [end:environment]

# effect: changes
# file: ~/append/entrypoint.sh
# --8<-- [start:append]
#!/bin/sh
set -e
if [ "${1#-}" != "$1" ]; then
    set -- app "$@"
fi
if [ "$1" = app ] && [ -n "${LOGLEVEL:-}" ]; then
    set -- "$@" --log-level "$LOGLEVEL"
fi
exec "$@"
# --8<-- [end:append]

# effect: reads
# --8<-- [start:append-red]
script=/usr/local/bin/entrypoint.sh
docker run --rm -e LOGLEVEL=info -v ~/append/entrypoint.sh:$script:ro \
    app --log-level debug
# --8<-- [end:append-red]

# effect: reads
# --8<-- [start:append-green]
docker run --rm -e LOGLEVEL=info app --log-level debug
# --8<-- [end:append-green]

# effect: reads
# exit: 2
# --8<-- [start:assigns]
sh -c 'echo "${X:-info}, and X is ${X-unset}"'
sh -c 'echo "${X:=info}, and X is ${X-unset}"'
sh -uc 'echo "[${X:-}] does not stop at set -u"'
sh -uc 'echo "[$X] does"'
# --8<-- [end:assigns]

# --- set

# effect: reads
# exit: 2
# --8<-- [start:set]
sh <<'EOF'
set a b c
echo "$#: $1, $2, $3"
set -- app "$@"
echo "$#: $*"
set -- x
echo "$#: $*"
set --
echo "$#"
set -- -q y
echo "$#: $*"
set -q y
EOF
# --8<-- [end:set]

# effect: reads
# exit: 2
# --8<-- [start:names-red]
sh -c '[ "$1" = app -o "$1" = appctl ]' sh '('
# --8<-- [end:names-red]

# effect: reads
# --8<-- [start:names]
for word in app appctl '(' '!'; do
    case $word in
    app | appctl) echo "$word is ours" ;;
    *) echo "$word is another command" ;;
    esac
done
# --8<-- [end:names]

# --- when it fails

# effect: reads
# --8<-- [start:option-red]
docker run --rm debian:12-slim --help 2>&1 | sed -n 1p
# --8<-- [end:option-red]

# effect: reads
# --8<-- [start:option-green]
docker run --rm app --help
# --8<-- [end:option-green]

# effect: reads
# --8<-- [start:bare-red]
for shell in dash bash; do
    docker run --rm --entrypoint "$shell" app -c 'exec "$@"' entrypoint.sh --help 2>&1 |
        sed -n 1p
done
# --8<-- [end:bare-red]

# effect: reads
# --8<-- [start:round]
docker run --rm --entrypoint app app
docker run --rm --entrypoint bash app -c 'echo "bash, PID $$"'
# --8<-- [end:round]

# effect: changes
# --8<-- [start:quotes-build]
docker build -q -t quotes ~/quotes >/dev/null
# --8<-- [end:quotes-build]

# effect: reads
# exit: 127
# --8<-- [start:quotes-red]
docker image inspect -f '{{json .Config.Cmd}}' quotes
docker run --rm quotes
# --8<-- [end:quotes-red]

# effect: changes
# --8<-- [start:quotes-green]
docker build -q -t quotes ~/quotes >/dev/null
docker image inspect -f '{{json .Config.Cmd}}' quotes
docker run --rm quotes
# --8<-- [end:quotes-green]

# effect: changes
# --8<-- [start:silent-build]
docker build -q -t silent ~/silent >/dev/null
# --8<-- [end:silent-build]

# effect: reads
# --8<-- [start:silent-red]
docker run --rm silent && echo "ended with $?, and said nothing"
docker image inspect -f 'CMD is {{json .Config.Cmd}}' silent
# --8<-- [end:silent-red]

# effect: changes
# --8<-- [start:silent-green]
docker build -q -t silent ~/silent >/dev/null
docker run --rm silent
# --8<-- [end:silent-green]

# effect: reads
# --8<-- [start:bash-red]
docker run --rm words bash 2>&1 | sed -n 1p
# --8<-- [end:bash-red]

# effect: reads
# --8<-- [start:bash-green]
docker run --rm words sh -c 'echo "a shell, PID $$"'
# --8<-- [end:bash-green]

#!/usr/bin/env bash
# Defunct processes in a container, and the inits that reap them.
# Scripts of containers stand in the middle of this file, each with an end of its own:
# shellcheck disable=SC2093,SC2317,SC2329

# effect: changes
# --8<-- [start:init]
docker run -d --init --name try-init busybox tail -f /dev/null >/dev/null
# --8<-- [end:init]

# effect: changes
# file: ~/app/entrypoint.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -e
exec "$@"
# --8<-- [end:entrypoint]

# effect: changes
# --8<-- [start:build]
cd ~/app && chmod 755 entrypoint.sh && docker build -q -t try-tini . >/dev/null
# --8<-- [end:build]

# effect: reads
# --8<-- [start:image-check]
docker run --rm try-tini cat /proc/1/comm
# --8<-- [end:image-check]

# effect: reads
# --8<-- [start:zombies]
zombies() {
    docker exec "$1" sh -c 'cat /proc/[0-9]*/status 2>/dev/null' |
        awk '/^State:.*zombie/ { n++ } END { print "zombies:", n + 0 }'
}
# --8<-- [end:zombies]

# effect: reads
# --8<-- [start:check]
docker exec try-init sh -c 'sleep 0 & sleep 0 & sleep 0 &'
docker exec try-init cat /proc/1/comm
zombies try-init
# --8<-- [end:check]

# effect: destroys
# --8<-- [start:undo]
docker rm -f try-init >/dev/null
# --8<-- [end:undo]

# --- PID 1 that waits for nobody

# effect: changes
# --8<-- [start:red-make]
docker run -d --name try-zombies busybox tail -f /dev/null >/dev/null
# --8<-- [end:red-make]

# effect: reads
# --8<-- [start:red]
docker exec try-zombies sh -c 'sleep 0 & sleep 0 & sleep 0 &'
docker exec try-zombies cat /proc/1/comm
zombies try-zombies
# --8<-- [end:red]

# effect: reads
# --8<-- [start:defunct]
ps -o stat,args --ppid "$(docker inspect -f '{{.State.Pid}}' try-zombies)"
# --8<-- [end:defunct]

# effect: reads
# --8<-- [start:adopt]
docker exec try-zombies sh -c 'sleep 600 >/dev/null 2>&1 &
    echo $! >/dev/shm/child && grep PPid "/proc/$!/status"'
docker exec try-zombies sh -c 'grep PPid "/proc/$(cat /dev/shm/child)/status"'
# --8<-- [end:adopt]

# effect: destroys
# --8<-- [start:cure-remove]
docker rm -f try-zombies >/dev/null
# --8<-- [end:cure-remove]

# effect: changes
# --8<-- [start:cure]
docker run -d --init --name try-zombies busybox tail -f /dev/null >/dev/null
# --8<-- [end:cure]

# effect: reads
# --8<-- [start:green]
docker exec try-zombies sh -c 'sleep 0 & sleep 0 & sleep 0 &'
docker exec try-zombies cat /proc/1/comm
zombies try-zombies
# --8<-- [end:green]

# --- a parent that lives

# effect: changes
# --8<-- [start:living-make]
docker run -d --init --name try-parent debian:12-slim \
    perl -e 'fork || exit; sleep' >/dev/null
# --8<-- [end:living-make]

# effect: reads
# --8<-- [start:living-red]
timeout 30 sh -c 'until docker exec try-parent sh -c "grep -q ^State:.Z /proc/*/status"
do sleep 0.1; done'
docker exec try-parent cat /proc/1/comm
zombies try-parent
# --8<-- [end:living-red]

# effect: changes
# --8<-- [start:living-cure]
docker run -d --init --name try-ignores debian:12-slim \
    perl -e '$SIG{CHLD} = "IGNORE"; fork || exit; sleep' >/dev/null
# --8<-- [end:living-cure]

# effect: reads
# --8<-- [start:living-green]
docker exec try-ignores cat /proc/1/comm
zombies try-ignores
# --8<-- [end:living-green]

# effect: destroys
# --8<-- [start:living-undo]
docker rm -f try-zombies try-parent try-ignores >/dev/null
# --8<-- [end:living-undo]

# --- who reaps

# effect: changes
# file: ~/inits/orphans
# --8<-- [start:orphans]
#!/bin/sh
# Leave three children to PID 1; count zombies until there are none, for 2 s at most.
: "$(sh -c 'true & true & true &')"
tries=10
while
    sleep 0.2
    zombies=$(cat /proc/[0-9]*/status 2>/dev/null | grep -c '^State:.*zombie')
    [ "$zombies" != 0 ] && [ "$tries" != 0 ]
do
    tries=$((tries - 1))
done
printf '%-13s zombies: %s\n' "$(cat /proc/1/comm)" "$zombies"
# --8<-- [end:orphans]

# effect: changes
# file: ~/inits/closing
# --8<-- [start:closing]
#!/bin/sh
# Have PID 1 told to stop, as docker stop does; take 2 s to close, once told.
trap 'trap "" TERM; sleep 2; echo "closed"; exit 0' TERM
kill -TERM 1
sleep 3 &
wait
echo "never told"
exit 3
# --8<-- [end:closing]

# effect: changes
# --8<-- [start:inits-build]
cd ~/inits && chmod 755 orphans closing && docker build -q -t try-inits . >/dev/null
# --8<-- [end:inits-build]

# effect: reads
# --8<-- [start:reapers]
docker run --rm try-inits perl -e 'system "/orphans"'
docker run --rm try-inits dash -c '/orphans; exit'
docker run --rm try-inits bash -c '/orphans; exit'
docker run --rm -v ~/inits/orphans:/orphans:ro busybox sh -c '/orphans; exit'
docker run --rm --init try-inits /orphans
docker run --rm try-inits tini -- /orphans
docker run --rm try-inits dumb-init -- /orphans
# --8<-- [end:reapers]

# --- signals below a shell

# effect: reads
# --8<-- [start:term]
below() {
    said=$(docker run --rm try-inits "$@")
    printf '%4s  %-11s %s\n' "$?" "${said:-cut off}" "$*"
}
echo 'Exit  App         Container'
below tini -- sh -c '/closing; exit'
below tini -- sh -c 'trap : TERM; /closing; exit'
below tini -g -- sh -c '/closing; exit'
below tini -g -- sh -c 'trap : TERM; /closing; exit'
below dumb-init -- sh -c '/closing; exit'
below dumb-init -- sh -c 'trap : TERM; /closing; exit'
below tini -- sh -c 'exec /closing'
# --8<-- [end:term]

# effect: reads
# --8<-- [start:rewrite]
docker run --rm try-inits dumb-init --rewrite 15:3 -- \
    sh -c 'trap "echo QUIT came; exit 0" QUIT; kill -TERM 1; sleep 30 & wait'
# --8<-- [end:rewrite]

# --- exit codes

# effect: reads
# --8<-- [start:codes]
for end in 'exit 0' 'exit 7' 'kill -TERM $$' 'kill -KILL $$'; do
    docker run --rm --init busybox sh -c "$end" && code=0 || code=$?
    echo "$code after $end"
done
docker run --rm try-tini tini -s -e 143 -- sh -c 'kill -TERM $$'
echo "$? after the same kill -TERM, with -e 143"
# --8<-- [end:codes]

# --- not PID 1

# effect: reads
# --8<-- [start:twice-red]
docker run --rm --init try-tini true
# --8<-- [end:twice-red]

# effect: reads
# --8<-- [start:twice-green]
docker run --rm --init --entrypoint /entrypoint.sh try-tini cat /proc/1/comm
# --8<-- [end:twice-green]

# effect: reads
# --8<-- [start:below-red]
docker run --rm try-inits perl -e 'system "tini", "--", "/orphans"' 2>/dev/null
# --8<-- [end:below-red]

# effect: reads
# --8<-- [start:below-green]
docker run --rm try-inits perl -e 'system "tini", "-s", "--", "/orphans"'
# --8<-- [end:below-green]

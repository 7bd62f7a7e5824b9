#!/usr/bin/env bash
# What is the same and what differs where Podman runs the container.

# effect: changes
# user: root
# --8<-- [start:build]
chmod +x /home/alice/app/app /home/alice/app/entrypoint.sh
docker build -q -t app /home/alice/app >/dev/null
# --8<-- [end:build]

# effect: changes
# user: root
# --8<-- [start:move]
docker save app | podman load -q
podman run -d --name try-app app >/dev/null
# --8<-- [end:move]

# effect: changes
# user: root
# --8<-- [start:check]
timeout 30 sh -c \
    'until podman logs try-app 2>&1 | grep -q app:; do sleep 0.1; done'
ps -C podman,conmon -o comm= | sort -u
podman exec try-app cat /proc/1/comm
podman stop try-app >/dev/null
podman logs try-app
podman inspect -f 'exit code {{.State.ExitCode}}' try-app
# --8<-- [end:check]

# effect: destroys
# user: root
# --8<-- [start:undo]
podman rm -f try-app >/dev/null
# --8<-- [end:undo]

# effect: reads
# user: root
# --8<-- [start:deaf]
podman run -d --name deaf --entrypoint tail app -f /dev/null >/dev/null
podman stop -t 1 deaf 2>&1 | grep -o 'msg=.*'
podman inspect -f 'exit code {{.State.ExitCode}}' deaf
podman rm deaf >/dev/null
# --8<-- [end:deaf]

# effect: changes
# user: root
# --8<-- [start:ended]
docker create --name ended app true >/dev/null
podman create --name ended app true >/dev/null
mkdir -p ~/scripts && echo 'echo ready' >~/scripts/no-shebang
chmod +x ~/scripts/no-shebang
# --8<-- [end:ended]

# effect: reads
# user: root
# --8<-- [start:codes]
codes() {
    docker "$@" >/dev/null 2>&1
    printf '%6s ' "$?"
    podman "$@" >/dev/null 2>&1
    printf '%6s  %s\n' "$?" "$*"
}
printf '%6s %6s\n' docker podman
codes run --rm app sh -c 'exit 3'
codes run --rm --entrypoint no-such-program app
codes run --rm --entrypoint /proc app
codes run --rm -v ~/scripts:/mnt --entrypoint /mnt/no-shebang app
codes run --rm --no-such-option app
codes run --rm --user no-such-user app
codes exec ended true
codes logs no-such-container
codes stop no-such-container
codes rm -f no-such-container
# --8<-- [end:codes]

# effect: reads
# user: root
# --8<-- [start:readonly]
for engine in docker podman; do
    echo "$engine:"
    $engine run --rm --read-only --entrypoint sh app \
        -c 'grep -E -o " /(tmp|run|var/tmp) tmpfs" /proc/mounts | sort'
done
# --8<-- [end:readonly]

# --- messages

# effect: reads
# user: root
# exit: 125
# --8<-- [start:short-red]
podman run --rm my-app
# --8<-- [end:short-red]

# effect: reads
# user: root
# --8<-- [start:short-cure]
podman images --format '{{.Repository}}:{{.Tag}}'
podman run --rm localhost/app echo ready
# --8<-- [end:short-cure]

# effect: reads
# user: root
# exit: 125
# --8<-- [start:name-red]
podman run --rm --name ended app echo ready
# --8<-- [end:name-red]

# effect: destroys
# user: root
# --8<-- [start:name-cure]
podman run --rm --replace --name ended app echo ready
# --8<-- [end:name-cure]

# effect: reads
# user: root
# exit: 125
# --8<-- [start:init-red]
podman run --rm --init --entrypoint cat app /proc/1/comm
# --8<-- [end:init-red]

# effect: reads
# user: root
# --8<-- [start:init-cure]
init=/usr/bin/tini-static
podman run --rm --init --init-path $init --entrypoint cat app /proc/1/comm
# --8<-- [end:init-cure]

# effect: changes
# user: root
# --8<-- [start:health-red]
printf 'FROM app\nHEALTHCHECK CMD true\n' >~/Dockerfile
podman build -t healthy -f ~/Dockerfile . 2>&1 | grep -o 'msg=.*'
podman image inspect -f '{{.HealthCheck}}' healthy
# --8<-- [end:health-red]

# effect: changes
# user: root
# --8<-- [start:health-cure]
podman build --format docker -q -t healthy -f ~/Dockerfile . >/dev/null
podman image inspect -f '{{.HealthCheck.Test}}' healthy
# --8<-- [end:health-cure]

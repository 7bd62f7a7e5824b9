#!/usr/bin/env bash
# Look into an image whose entrypoint is in the way, or whose container dies.
# shellcheck disable=SC2093  # the entrypoint, which ends with its exec, stands in the middle of this file

# effect: changes
# file: ~/app/run.sh
# --8<-- [start:entrypoint]
#!/bin/sh
set -e
echo "app starts: $*" >&2
echo "$*" >/tmp/app.args
grep ^port= /etc/app.conf
exec sleep 1000
# --8<-- [end:entrypoint]

# effect: changes
# --8<-- [start:make]
docker create --name make debian:12-slim >/dev/null
docker cp ~/app/run.sh make:/
docker commit -c 'ENTRYPOINT ["/run.sh"]' -c 'CMD ["--serve"]' -c 'USER nobody' \
    make app >/dev/null
docker rm make >/dev/null
# --8<-- [end:make]

# effect: reads
# --8<-- [start:look]
docker run --rm --entrypoint sh app -c 'id -un; pwd; cat /run.sh'
# --8<-- [end:look]

# --- why

# effect: reads
# exit: 2
# --8<-- [start:behind]
docker run --rm app sh
# --8<-- [end:behind]

# effect: reads
# --8<-- [start:words]
docker create --name own app >/dev/null
docker create --name new --entrypoint sh app >/dev/null
docker inspect -f '{{.Name}}: {{json .Config.Entrypoint}} {{json .Config.Cmd}}' own new
docker rm own new >/dev/null
# --8<-- [end:words]

# effect: reads
# exit: 2
# --8<-- [start:user-red]
docker run --rm --entrypoint grep app -o ^root: /etc/shadow
# --8<-- [end:user-red]

# effect: reads
# --8<-- [start:user-green]
docker run --rm --user 0 --entrypoint grep app -o ^root: /etc/shadow
# --8<-- [end:user-green]

# --- one that stays

# effect: changes
# --8<-- [start:idle]
docker run -d --init --name idle --entrypoint sleep app infinity >/dev/null
# --8<-- [end:idle]

# effect: reads
# exit: 2
# --8<-- [start:exec]
docker exec idle sh -x /run.sh --serve
# --8<-- [end:exec]

# effect: destroys
# --8<-- [start:idle-undo]
docker stop idle >/dev/null
docker rm idle >/dev/null
# --8<-- [end:idle-undo]

# effect: reads
# --8<-- [start:stop]
stop() {
    docker create --name try-stop "$@" >/dev/null || return
    docker start try-stop >/dev/null
    first=$(docker exec try-stop cat /proc/1/comm)
    docker stop -t 1 try-stop >/dev/null
    code=$(docker inspect -f '{{.State.ExitCode}}' try-stop)
    docker rm try-stop >/dev/null
    printf '%s  %-11s  %s\n' "$code" "$first" "$*"
}
stop --entrypoint sleep app infinity
stop --entrypoint sh app -c 'tail -f /dev/null'
stop --init --entrypoint sleep app infinity
# --8<-- [end:stop]

# effect: changes
# --8<-- [start:stay]
for how in -d -id -td -itd; do
    docker run $how --name "try$how" busybox >/dev/null
done
docker wait try-d >/dev/null
# --8<-- [end:stay]

# effect: reads
# --8<-- [start:stay-look]
state='{{.State.Status}}{{if not .State.Running}}, {{.State.ExitCode}}{{end}}'
for how in -d -id -td -itd; do
    printf '%-4s %s\n' $how "$(docker inspect -f "$state" "try$how")"
done
# --8<-- [end:stay-look]

# effect: destroys
# --8<-- [start:stay-undo]
docker rm -f try-d try-id try-td try-itd >/dev/null
# --8<-- [end:stay-undo]

# --- one that died

# effect: changes
# exit: 2
# --8<-- [start:die]
docker run --name died app
# --8<-- [end:die]

# effect: reads
# exit: 1
# --8<-- [start:died-red]
docker exec died sh
# --8<-- [end:died-red]

# effect: reads
# --8<-- [start:died-look]
docker logs died
docker inspect died \
    -f '{{.Path}} {{join .Args " "}}: exit code {{.State.ExitCode}}{{.State.Error}}'
docker cp died:/tmp/app.args - | tar -xO
# --8<-- [end:died-look]

# effect: reads
# --8<-- [start:died-commit]
docker commit died died-look >/dev/null
docker run --rm --entrypoint sh died-look -c 'ls /tmp; cat /tmp/app.args'
docker rmi died-look >/dev/null
# --8<-- [end:died-commit]

# effect: changes
# --8<-- [start:died-cure]
echo port=80 >~/app/app.conf
docker cp ~/app/app.conf died:/etc/
docker start died >/dev/null
timeout 10 sh -c 'until docker logs died 2>&1 | grep port=; do sleep 0.1; done'
# --8<-- [end:died-cure]

# effect: destroys
# --8<-- [start:died-undo]
docker rm -f died >/dev/null
# --8<-- [end:died-undo]

# --- an image without a shell

# effect: changes
# --8<-- [start:bare-make]
mkdir -p ~/bare/etc && echo port=80 >~/bare/etc/app.conf
cp ~/app/run.sh ~/bare/app
tar -cC ~/bare . | docker import - bare >/dev/null
# --8<-- [end:bare-make]

# effect: reads
# --8<-- [start:bare-red]
docker run --rm --entrypoint sh bare 2>&1 | sed -n 1p
# --8<-- [end:bare-red]

# effect: reads
# --8<-- [start:bare-green]
docker create --name bare bare x >/dev/null
docker export bare | tar -t
docker cp bare:/etc/app.conf - | tar -xO
docker rm bare >/dev/null
# --8<-- [end:bare-green]

# effect: reads
# --8<-- [start:bare-shell]
docker run --rm --mount type=bind,src="$(command -v busybox)",dst=/busybox,readonly \
    --entrypoint /busybox bare sh -c '/busybox ls /etc; /busybox cat /etc/app.conf'
# --8<-- [end:bare-shell]

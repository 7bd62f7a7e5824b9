#!/usr/bin/env bash
# Run a tool from an image on files of one's own.
# shellcheck disable=SC2164  # the folder was made by the block before

# effect: changes
# --8<-- [start:make]
cd ~/chart
docker build -q -t tools - >/dev/null <<'END'
FROM debian:12-slim
RUN apt-get -qq update &&\
    apt-get -qq install -y --no-install-recommends jsonnet >/dev/null
END
# --8<-- [end:make]

# effect: changes
# --8<-- [start:run]
docker run --rm --network none --user "$(id -u):$(id -g)" \
    --mount type=bind,src="$PWD",dst=/work -w /work \
    tools jsonnet -V version=1.10 -o chart.json chart.jsonnet
# --8<-- [end:run]

# effect: reads
# --8<-- [start:check]
stat -c '%U %A %n' chart.json && cat chart.json
# --8<-- [end:check]

# effect: destroys
# --8<-- [start:undo]
rm chart.json
# --8<-- [end:undo]

# effect: reads
# --8<-- [start:tool]
tool() {
    docker run --rm -i --network none --user "$(id -u):$(id -g)" \
        --mount type=bind,src="$PWD",dst=/work -w /work tools "$@"
}
echo '{ a: 1 }' | tool jsonnet -
# --8<-- [end:tool]

# --- jsonnet

# effect: reads
# --8<-- [start:plain]
tool jsonnet -S -V version=1.10 yaml.jsonnet
# --8<-- [end:plain]

# effect: reads
# --8<-- [start:sed]
tool jsonnet -S -V version=1.10 yaml.jsonnet | sed 's/"//g'
# --8<-- [end:sed]

# effect: reads
# exit: 1
# --8<-- [start:string-red]
tool jsonnet -S -V version=1.10 chart.jsonnet
# --8<-- [end:string-red]

# --- owners

# effect: changes
# --8<-- [start:owner]
cd ~/chart
docker run --rm --mount type=bind,src="$PWD",dst=/work -w /work \
    debian:12-slim mkdir -p default/x
docker run --rm --mount type=bind,src="$PWD",dst=/work -w /work \
    --user "$(id -u):$(id -g)" debian:12-slim mkdir -p mine/x
stat -c '%U %n' default/x mine/x
# --8<-- [end:owner]

# effect: reads
# exit: 1
# --8<-- [start:owner-red]
rm -rf default
# --8<-- [end:owner-red]

# effect: destroys
# --8<-- [start:owner-green]
docker run --rm --mount type=bind,src="$PWD",dst=/work -w /work \
    busybox chown -R "$(id -u):$(id -g)" default
rm -rf default mine
# --8<-- [end:owner-green]

# effect: reads
# exit: 1
# --8<-- [start:readonly]
docker run --rm --mount type=bind,src="$PWD",dst=/work,readonly -w /work \
    busybox touch chart.json
# --8<-- [end:readonly]

# --- paths

# effect: changes
# --8<-- [start:logs]
mkdir ~/chart/logs && echo all well >~/chart/logs/today
cd ~
# --8<-- [end:logs]

# effect: reads
# exit: 125
# --8<-- [start:relative-red]
docker run --rm -v chart/logs:/logs busybox ls /logs
docker run --rm -v="~/chart/logs:/logs" busybox ls /logs
# --8<-- [end:relative-red]

# effect: reads
# --8<-- [start:relative-green]
docker run --rm -v "$PWD/chart/logs:/logs" busybox ls /logs
docker run --rm -v ~/chart/logs:/logs busybox ls /logs
# --8<-- [end:relative-green]

# effect: changes
# --8<-- [start:bare-red]
cd ~/chart
docker run --rm -v logs:/logs busybox ls /logs
docker volume ls
# --8<-- [end:bare-red]

# effect: destroys
# --8<-- [start:bare-green]
docker volume rm logs >/dev/null
docker run --rm -v "$PWD/logs:/logs" busybox ls /logs
# --8<-- [end:bare-green]

# effect: reads
# exit: 125
# --8<-- [start:missing-red]
docker run --rm --mount type=bind,src="$PWD/out",dst=/out busybox touch /out/x
# --8<-- [end:missing-red]

# effect: changes
# --8<-- [start:missing-made]
docker run --rm -v "$PWD/out:/out" busybox touch /out/x
stat -c '%U %n' out out/x
# --8<-- [end:missing-made]

# effect: changes
# --8<-- [start:missing-green]
mkdir mine
docker run --rm --user "$(id -u):$(id -g)" --mount type=bind,src="$PWD/mine",dst=/out \
    debian:12-slim touch /out/x
stat -c '%U %n' mine mine/x
# --8<-- [end:missing-green]

# effect: changes
# --8<-- [start:onto-red]
docker run --rm -v "$PWD/my.hosts:/etc/hosts.allow" debian:12-slim true
docker run --rm -v "$PWD/my.issue:/etc/issue" debian:12-slim true 2>&1 |
    grep -o 'Are you.*'
stat -c '%U %F %n' my.hosts my.issue
# --8<-- [end:onto-red]

# effect: destroys
# --8<-- [start:onto-green]
rmdir my.hosts my.issue && echo welcome >my.issue
docker run --rm --mount type=bind,src="$PWD/my.issue",dst=/etc/issue,readonly \
    debian:12-slim cat /etc/issue
# --8<-- [end:onto-green]

# --- a single file

# effect: changes
# --8<-- [start:file]
cd ~/chart
echo one >conf
docker run -d --name conf --mount type=bind,src="$PWD/conf",dst=/conf \
    --mount type=bind,src="$PWD",dst=/all busybox tail -f /dev/null >/dev/null
# --8<-- [end:file]

# effect: changes
# --8<-- [start:file-red]
echo two >conf
docker exec conf head /conf /all/conf
echo three >conf.new && mv conf.new conf
docker exec conf head /conf /all/conf
# --8<-- [end:file-red]

# effect: reads
# exit: 1
# --8<-- [start:busy-red]
docker exec conf sed -i s/two/four/ /conf
# --8<-- [end:busy-red]

# effect: changes
# --8<-- [start:busy-green]
docker exec conf sed -i s/three/four/ /all/conf
cat conf
# --8<-- [end:busy-green]

# effect: destroys
# --8<-- [start:file-undo]
docker rm -f conf >/dev/null
# --8<-- [end:file-undo]

# --- terminals and pipes

# effect: reads
# exit: 1
# --8<-- [start:tty-red]
docker run --rm -it busybox echo hi </dev/null
# --8<-- [end:tty-red]

# effect: reads
# --8<-- [start:tty-green]
docker run --rm -i busybox echo hi </dev/null
# --8<-- [end:tty-green]

# effect: reads
# --8<-- [start:crlf]
docker run --rm -t busybox ls -d /bin /nope 2>/dev/null | od -c
docker run --rm busybox ls -d /bin /nope 2>/dev/null | od -c
# --8<-- [end:crlf]

# effect: reads
# exit: 1
# --8<-- [start:pipe-red]
echo '{ a: 1 }' | docker run --rm tools jsonnet -
# --8<-- [end:pipe-red]

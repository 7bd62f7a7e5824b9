#!/usr/bin/env bash
# A wheel with compiled C in it: its tag, and where it can be installed.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:build]
cd ~/adder
uv build --quiet
ls dist
# --8<-- [end:build]

# effect: changes
# --8<-- [start:check]
uv venv --quiet --seed .venv
uv pip install --quiet dist/*.whl
.venv/bin/python -c 'import adder; print(adder.add(2, 3))'
# --8<-- [end:check]

# effect: reads
# --8<-- [start:look]
tar --list --file dist/*.tar.gz | grep '\.c$'
python3 -m zipfile --list dist/*.whl | grep -o '^adder\.\S*'
# --8<-- [end:look]

# effect: reads
# exit: 1
# --8<-- [start:python-red]
.venv/bin/pip download --no-deps --only-binary :all: --python-version 3.12 \
    dist/adder-1.0-*.whl
# --8<-- [end:python-red]

# effect: changes
# exit: 1
# --8<-- [start:python-uv]
uv pip install --quiet --target ~/other --python-version 3.12 \
    dist/adder-1.0-*.whl
# --8<-- [end:python-uv]

# effect: changes
# --8<-- [start:abi3-build]
uv build --quiet --wheel
ls dist/*.whl
# --8<-- [end:abi3-build]

# effect: changes
# --8<-- [start:abi3-green]
.venv/bin/pip download --quiet --no-deps --only-binary :all: --python-version 3.14 \
    --dest ~/later dist/adder-1.1-*.whl
ls ~/later
uv pip install --quiet dist/adder-1.1-*.whl
.venv/bin/python -c 'import adder; print(adder.__file__)'
# --8<-- [end:abi3-green]

# effect: reads
# exit: 1
# --8<-- [start:platform-red]
.venv/bin/pip download --no-deps --only-binary :all: --platform win_amd64 \
    dist/adder-1.1-*.whl
# --8<-- [end:platform-red]

# effect: changes
# --8<-- [start:no-compiler]
mkdir ~/bare && ln -s /usr/bin/env ~/bare # programs of a machine that has no gcc
# --8<-- [end:no-compiler]

# effect: reads
# --8<-- [start:no-compiler-red]
PATH=~/bare .venv/bin/pip install dist/*.tar.gz 2>&1 | grep -o 'error: .*gcc.*'
# --8<-- [end:no-compiler-red]

# effect: changes
# --8<-- [start:no-header]
cat >~/without-headers <<'END'
#!/bin/sh
# Runs a command as on a machine where python3-dev is not installed.
hide='mount -t tmpfs none /usr/include/python3.11'
exec unshare --map-root-user --mount sh -c "$hide"' && exec "$@"' sh "$@"
END
chmod +x ~/without-headers
# --8<-- [end:no-header]

# effect: reads
# --8<-- [start:no-header-red]
~/without-headers uv pip install dist/*.tar.gz 2>&1 | grep -o 'fatal error: .*'
# --8<-- [end:no-header-red]

# not-run: this machine has them already, and reaches no Debian mirror
# effect: changes
# user: root
# --8<-- [start:get]
apt-get install gcc python3-dev
# --8<-- [end:get]

# effect: changes
# --8<-- [start:green]
uv pip install --quiet dist/*.tar.gz
.venv/bin/python -c 'import adder; print(adder.__file__)'
# --8<-- [end:green]

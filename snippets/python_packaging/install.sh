#!/usr/bin/env bash
# Install: environments, editable installs, extras, groups, markers, and Python that Debian manages.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:venv]
python3 -m venv .venv
.venv/bin/pip install tomli-w
# --8<-- [end:venv]

# effect: reads
# --8<-- [start:check]
.venv/bin/python -c 'import sys, tomli_w; print(sys.prefix, tomli_w.__file__, sep="\n")'
.venv/bin/pip list
# --8<-- [end:check]

# effect: destroys
# --8<-- [start:undo]
.venv/bin/pip uninstall --yes tomli-w
# --8<-- [end:undo]

# effect: changes
# --8<-- [start:project]
mkdir ~/greet && cd ~/greet
cat >greet.py <<'END'
"""Says hello."""

def main():
    print("Hello")
END
# --8<-- [end:project]

# effect: changes
# --8<-- [start:editable]
~/.venv/bin/pip install --quiet --editable .
~/.venv/bin/greet
sed -i s/Hello/Hi/ greet.py
~/.venv/bin/greet
# --8<-- [end:editable]

# effect: reads
# --8<-- [start:editable-look]
~/.venv/bin/pip list --editable
cat ~/.venv/lib/python3.11/site-packages/greet.pth
# --8<-- [end:editable-look]

# effect: changes
# --8<-- [start:extra]
export VIRTUAL_ENV=~/.venv
uv pip install --quiet --editable '.[toml]'
uv pip freeze
# --8<-- [end:extra]

# effect: changes
# --8<-- [start:group]
uv pip install --quiet --group dev
uv pip freeze
# --8<-- [end:group]

# effect: reads
# --8<-- [start:marker]
~/.venv/bin/python -c '
from importlib.metadata import requires
print(*requires("greet"), sep="\n")'
# --8<-- [end:marker]

# effect: reads
# exit: 1
# --8<-- [start:managed-red]
python3 -m pip install tomli-w
# --8<-- [end:managed-red]

# effect: changes
# --8<-- [start:managed-cure]
python3 -m venv --without-pip ~/tools
python3 -m pip --python ~/tools/bin/python install --quiet tomli-w
~/tools/bin/python -c 'import tomli_w; print(tomli_w.__file__)'
# --8<-- [end:managed-cure]

# effect: reads
# exit: 1
# --8<-- [start:user-red]
~/.venv/bin/pip install --user tomli-w
# --8<-- [end:user-red]

# effect: reads
# --8<-- [start:extra-red]
~/.venv/bin/pip install --quiet --no-build-isolation --dry-run '.[tmol]'
# --8<-- [end:extra-red]

# effect: reads
# --8<-- [start:extra-cure]
~/.venv/bin/pip install --no-build-isolation --dry-run '.[toml]' | grep tomli
# --8<-- [end:extra-cure]

# effect: reads
# --8<-- [start:user-cure]
~/.venv/bin/pip install tomli-w
# --8<-- [end:user-cure]

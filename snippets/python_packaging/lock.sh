#!/usr/bin/env bash
# Lock dependencies with hashes, install from the lock, change it, and what it stops.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:wanted]
mkdir ~/app && cd ~/app
echo 'markdown-it-py>=3' >requirements.in
# --8<-- [end:wanted]

# effect: changes
# --8<-- [start:compile]
uv pip compile --quiet --generate-hashes --output-file requirements.txt requirements.in
cat requirements.txt
# --8<-- [end:compile]

# effect: changes
# --8<-- [start:environment]
uv venv --quiet --seed ~/.venv
# --8<-- [end:environment]

# effect: changes
# --8<-- [start:install]
~/.venv/bin/pip install --require-hashes --only-binary :all: -r requirements.txt
# --8<-- [end:install]

# effect: changes
# --8<-- [start:surplus]
uv pip install --quiet --python ~/.venv tomli-w
uv pip sync --quiet --python ~/.venv --require-hashes requirements.txt
uv pip freeze --quiet --python ~/.venv
# --8<-- [end:surplus]

# effect: changes
# --8<-- [start:project]
mkdir ~/service && cd ~/service
cat >pyproject.toml <<'END'
[project]
name = "service"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["markdown-it-py>=3"]
END
# --8<-- [end:project]

# effect: changes
# --8<-- [start:uv-lock]
uv lock --quiet
uv sync --quiet --locked
uv export --quiet --format pylock.toml --output-file pylock.toml >/dev/null
ls -A
# --8<-- [end:uv-lock]

# effect: changes
# --8<-- [start:tampered]
cd ~/app
sed 's/sha256:[0-9a-f]\{8\}/sha256:00000000/' requirements.txt >tampered.txt
uv venv --quiet --seed --clear ~/.venv
# --8<-- [end:tampered]

# effect: reads
# exit: 1
# --8<-- [start:hash-red]
~/.venv/bin/pip install --require-hashes -r tampered.txt
# --8<-- [end:hash-red]

# effect: changes
# --8<-- [start:hash-cure]
~/.venv/bin/pip install --quiet --require-hashes -r requirements.txt
~/.venv/bin/python -c 'import markdown_it; print(markdown_it.__version__)'
# --8<-- [end:hash-cure]

# effect: changes
# exit: 1
# --8<-- [start:pinned-red]
echo tomli-w >>requirements.txt
~/.venv/bin/pip install --require-hashes -r requirements.txt
# --8<-- [end:pinned-red]

# effect: changes
# --8<-- [start:pinned-cure]
echo tomli-w >>requirements.in
uv pip compile --quiet --generate-hashes --output-file requirements.txt requirements.in
~/.venv/bin/pip install --quiet --require-hashes -r requirements.txt
uv pip freeze --quiet --python ~/.venv | grep tomli
# --8<-- [end:pinned-cure]

# effect: changes
# exit: 1
# --8<-- [start:locked-red]
cd ~/service && sed -i 's/"markdown-it-py>=3"/&, "tomli-w"/' pyproject.toml
uv sync --quiet --locked
# --8<-- [end:locked-red]

# effect: changes
# --8<-- [start:locked-cure]
uv lock --quiet
uv sync --quiet --locked
uv pip freeze --quiet
# --8<-- [end:locked-cure]

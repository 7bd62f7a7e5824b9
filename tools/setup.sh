#!/bin/sh
# Makes .venv: Python, the packages of requirements.txt checked against their hashes, and opsbook itself.
# PYTHON=/path/to/python3 chooses the interpreter. Either .venv is complete afterwards or it is as it was before.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "setup: $1" >&2
    exit 1
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
has_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    too_bare=
    # A pyenv shim may exist and still not run, so each candidate is asked, not looked up.
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        is_new_enough "$python" || continue
        has_venv "$python" && return
        too_bare=${too_bare:-$python}
    done
    [ -z "$too_bare" ] || fail "$too_bare has no venv module or no ensurepip. On Debian or Ubuntu: apt-get install python3-venv; elsewhere name another Python with PYTHON=/path/to/python3."
    [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is no Python 3.11 or newer. Name another, or leave PYTHON out."
    fail "no Python 3.11 or newer on PATH. Install one (Debian 12: apt-get install python3 python3-venv), or name it with PYTHON=/path/to/python3."
}

explain() {
    if grep -qE 'Retrying \(|NewConnectionError|Connection|ProxyError|timed out' "$log"; then
        fail "cannot reach PyPI to get the Python packages. Check the network (or pip's proxy settings) and run the same command again."
    fi
    fail "pip could not install the packages: $(grep -E '^ *(ERROR|error)' "$log" | tail -n 1)"
}

install_locked() {
    # pip takes most of a minute for this lock, uv five seconds. So pip gets only uv, from its hashes, and uv
    # the rest; where uv finds no way out (it does not read pip's settings) pip does it all.
    awk '/^[^ ]/ { mine = /^uv==/ } mine' requirements.txt >"$log.uv"
    .venv/bin/pip install -q --retries 2 --no-deps --require-hashes -r "$log.uv" >"$log" 2>&1 || explain
    .venv/bin/uv pip install -q --python .venv/bin/python --no-deps --require-hashes -r requirements.txt >"$log" 2>&1 ||
        .venv/bin/pip install -q --retries 2 --no-deps --require-hashes -r requirements.txt >"$log" 2>&1 || explain
}

install_opsbook() {
    # flit_core is in the lock, so nothing is fetched here.
    .venv/bin/pip install -q --no-build-isolation --no-deps -e . >"$log" 2>&1 || explain
}

log=$(mktemp)
made=
put_back() {
    rm -f "$log" "$log.uv"
    [ -n "$made" ] || rm -rf .venv
    if [ -d .venv.old ] && [ -z "$made" ]; then mv .venv.old .venv; else rm -rf .venv.old; fi
}

# The same lock and a Python that still runs: only opsbook's own metadata may have changed.
if cmp -s .venv/.lock requirements.txt && is_new_enough .venv/bin/python; then
    trap 'rm -f "$log"' EXIT
    install_opsbook
    touch .venv/.lock
    exit 0
fi

find_python
echo "Setting up .venv with $("$python" -V) (about half a minute, once)…"
# .lock is written last, so a .venv without it is a leftover of a killed run.
rm -rf .venv.old
if [ -f .venv/.lock ]; then mv .venv .venv.old; else rm -rf .venv; fi
trap put_back EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
"$python" -m venv .venv >"$log" 2>&1 || fail "$python -m venv failed: $(tail -n 1 "$log")"
install_locked
install_opsbook
cp requirements.txt .venv/.lock
made=yes

#!/usr/bin/env bash
# Errors of pip, build and twine by message: red, the cure, green.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:environment]
uv venv --quiet --seed ~/.venv && export PATH=~/.venv/bin:$PATH
mkdir ~/work && cd ~/work
wheel() { # NAME VERSION [more lines of its project table]: build a wheel into ~/wheels
    mkdir -p ~/"$1" && cd ~/"$1"
    echo '"""A module."""' >"${1//-/_}.py"
    printf '%s\n' '[build-system]' 'requires = ["flit_core"]' \
        'build-backend = "flit_core.buildapi"' '[project]' "name = '$1'" \
        "version = '$2'" 'description = "For this page"' "${@:3}" >pyproject.toml
    pyproject-build --no-isolation --wheel --outdir ~/wheels >~/build.log 2>&1
    cd ~/work
}
# --8<-- [end:environment]

# effect: reads
# exit: 1
# --8<-- [start:name-red]
pip install tomliw
# --8<-- [end:name-red]

# effect: changes
# --8<-- [start:name-cure]
pip install tomli-w | tail -n 1
# --8<-- [end:name-cure]

# effect: reads
# exit: 1
# --8<-- [start:version-red]
pip install 'tomli-w>=99'
# --8<-- [end:version-red]

# effect: reads
# --8<-- [start:version-cure]
pip index versions tomli-w
# --8<-- [end:version-cure]

# effect: changes
# --8<-- [start:conflict]
wheel shop 1.0 'dependencies = ["mdurl==0.1.2"]'
wheel till 1.0 'dependencies = ["mdurl==0.1.1"]'
# --8<-- [end:conflict]

# effect: reads
# exit: 1
# --8<-- [start:conflict-red]
pip install --find-links ~/wheels shop till
# --8<-- [end:conflict-red]

# effect: changes
# --8<-- [start:conflict-cure]
wheel till 1.1 'dependencies = ["mdurl>=0.1.1"]'
pip install --find-links ~/wheels shop till | tail -n 1
# --8<-- [end:conflict-cure]

# effect: changes
# --8<-- [start:python]
wheel newer 1.0 'requires-python = ">=3.13"'
# --8<-- [end:python]

# effect: reads
# exit: 1
# --8<-- [start:python-red]
pip install ~/wheels/newer-1.0-*.whl
# --8<-- [end:python-red]

# effect: changes
# --8<-- [start:python-cure]
wheel newer 0.9 'requires-python = ">=3.8"'
pip install --find-links ~/wheels newer | tail -n 1
# --8<-- [end:python-cure]

# effect: changes
# --8<-- [start:platform]
cp ~/wheels/shop-1.0-py2.py3-none-any.whl shop-1.0-cp312-cp312-win_amd64.whl
cp ~/wheels/shop-1.0-py2.py3-none-any.whl shop-none-any.whl
# --8<-- [end:platform]

# effect: reads
# exit: 1
# --8<-- [start:platform-red]
pip install shop-1.0-cp312-cp312-win_amd64.whl
# --8<-- [end:platform-red]

# effect: reads
# --8<-- [start:platform-cure]
pip debug 2>/dev/null | grep -A 3 '^Compatible tags'
# --8<-- [end:platform-cure]

# effect: reads
# exit: 1
# --8<-- [start:wheel-name-red]
pip install shop-none-any.whl
# --8<-- [end:wheel-name-red]

# effect: reads
# --8<-- [start:wheel-name-cure]
pip install ~/wheels/shop-1.0-py2.py3-none-any.whl | tail -n 1
# --8<-- [end:wheel-name-cure]

# effect: reads
# exit: 1
# --8<-- [start:folder-red]
pip install .
# --8<-- [end:folder-red]

# effect: changes
# --8<-- [start:folder-cure]
pip install --force-reinstall --no-deps ~/shop | tail -n 1
# --8<-- [end:folder-cure]

# effect: reads
# exit: 1
# --8<-- [start:backend-red]
pip install --no-build-isolation ~/shop
# --8<-- [end:backend-red]

# effect: changes
# --8<-- [start:backend-cure]
pip install --quiet flit_core
pip install --no-build-isolation --no-deps --force-reinstall ~/shop | tail -n 1
# --8<-- [end:backend-cure]

# effect: changes
# --8<-- [start:flat]
mkdir -p ~/flat/app ~/flat/data && cd ~/flat
touch app/__init__.py data/__init__.py
printf '%s\n' '[project]' 'name = "app"' 'version = "1.0"' >pyproject.toml
# --8<-- [end:flat]

# effect: changes
# --8<-- [start:flat-red]
uv build --wheel 2>&1 | grep -m 1 '^error'
# --8<-- [end:flat-red]

# effect: changes
# --8<-- [start:flat-cure]
mkdir src && mv app src/
uv build --quiet --wheel && ls dist
# --8<-- [end:flat-cure]

# effect: reads
# exit: 1
# --8<-- [start:user-red]
twine --no-color upload --non-interactive \
    --repository-url http://localhost:8082/ dist/*
# --8<-- [end:user-red]

# effect: changes
# --8<-- [start:user-cure]
export TWINE_USERNAME=alice TWINE_PASSWORD=not-a-real-secret
twine --no-color upload --disable-progress-bar \
    --repository-url http://localhost:8082/ dist/*
# --8<-- [end:user-cure]

# effect: reads
# exit: 1
# --8<-- [start:dist-red]
cd ~/work && twine --no-color upload --repository-url http://localhost:8082/ dist/*
# --8<-- [end:dist-red]

# effect: changes
# --8<-- [start:dist-cure]
cd ~/shop && uv build --quiet --wheel
twine --no-color upload --disable-progress-bar \
    --repository-url http://localhost:8082/ dist/*
# --8<-- [end:dist-cure]

#!/usr/bin/env bash
# build and twine, uv, hatch, poetry, pdm and flit on one project: commands, files made, wheels compared.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:project]
# The same date in each archive.
export NO_COLOR=1 SOURCE_DATE_EPOCH=1700000000
# project FOLDER BACKEND MODULE
project() {
    mkdir -p ~/"$1"/src/greet && cd ~/"$1"
    echo '"""Says hello."""' >src/greet/__init__.py
    echo 'def main(): print("Hello")' >>src/greet/__init__.py
    cat >pyproject.toml <<END
[build-system]
requires = ["$2"]
build-backend = "$3"

[project]
name = "greet"
version = "1.0"
description = "Says hello"
requires-python = ">=3.9"
dependencies = ["tomli-w>=1"]

[project.scripts]
greet = "greet:main"
END
    cd ~
}
project one flit_core flit_core.buildapi
# --8<-- [end:project]

# effect: changes
# --8<-- [start:front-ends]
cd ~/one
pyproject-build --quiet --installer uv --wheel --outdir ~/by/build &>/dev/null
uv build --quiet --wheel --out-dir ~/by/uv
hatch build --target wheel ~/by/hatch &>/dev/null
pdm build --quiet --no-sdist --dest ~/by/pdm &>/dev/null
flit build --format wheel 2>/dev/null && mv dist ~/by/flit
cd ~/by && sha256sum -- */*.whl
# --8<-- [end:front-ends]

# effect: changes
# --8<-- [start:back-ends]
cd ~
project setuptools setuptools setuptools.build_meta
project hatchling hatchling hatchling.build
project poetry poetry-core poetry.core.masonry.api
project pdm pdm-backend pdm.backend
project flit flit_core flit_core.buildapi
for back_end in setuptools hatchling poetry pdm flit; do
    uv build --quiet --wheel ~/$back_end
    echo "== $back_end"
    python3 -m zipfile --list ~/$back_end/dist/*.whl |
        tail -n +2 | cut -c1-45,68- | sort
done
# --8<-- [end:back-ends]

# effect: changes
# --8<-- [start:poetry]
cd ~/poetry && poetry build --quiet --format wheel --output by-poetry
sha256sum dist/*.whl by-poetry/*.whl
# --8<-- [end:poetry]

# effect: changes
# --8<-- [start:add-uv]
cd ~/flit && uv add --quiet mdurl
ls -A
# --8<-- [end:add-uv]

# effect: changes
# --8<-- [start:add-pdm]
cd ~/pdm && pdm add --quiet --no-sync mdurl &>/dev/null
ls -A
# --8<-- [end:add-pdm]

# effect: changes
# --8<-- [start:poetry-source]
cd ~/poetry
printf '%s\n' '' '[[tool.poetry.source]]' 'name = "here"' \
    'url = "http://localhost:8081/simple/"' >>pyproject.toml
# --8<-- [end:poetry-source]

# effect: changes
# --8<-- [start:add-poetry]
poetry add --quiet --lock mdurl
ls -A
# --8<-- [end:add-poetry]

# effect: reads
# --8<-- [start:added]
cd ~ && grep -h -A 4 '^dependencies' {flit,pdm,poetry}/pyproject.toml
# --8<-- [end:added]

# effect: changes
# --8<-- [start:publish]
export UV_PUBLISH_USERNAME=alice UV_PUBLISH_PASSWORD=not-a-real-secret
uv publish --quiet --publish-url http://localhost:8082/ ~/by/uv/*.whl
uvx --quiet --index http://localhost:8082/simple/ greet
# --8<-- [end:publish]

# effect: changes
# --8<-- [start:tox]
cd ~/flit
cat >tox.ini <<'END'
[testenv]
package = wheel
commands = greet
END
tox --quiet run -e py311 | grep Hello
# --8<-- [end:tox]

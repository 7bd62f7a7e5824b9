#!/usr/bin/env bash
# A project from pyproject.toml to sdist and wheel, and what is in them.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:source]
mkdir -p ~/greet/src/greet ~/greet/tests && cd ~/greet
echo '# greet' >README.md
echo 'MIT License' >LICENSE
touch src/greet/__init__.py
echo 'Hello' >src/greet/word.txt
cat >src/greet/cli.py <<'END'
from importlib.metadata import version
from importlib.resources import files

def main():
    word = files("greet").joinpath("word.txt").read_text().strip()
    print(word, "from greet-ops", version("greet-ops"))
END
echo 'def test_nothing(): pass' >tests/test_greet.py
# --8<-- [end:source]

# effect: changes
# --8<-- [start:build]
uv build --quiet
ls dist
# --8<-- [end:build]

# effect: reads
# --8<-- [start:look]
tar --list --file dist/greet_ops-1.0.tar.gz | sort
python3 -m zipfile --list dist/*.whl | cut -d' ' -f1 | sort
# --8<-- [end:look]

# effect: changes
# --8<-- [start:install]
uv venv --quiet --seed .venv
.venv/bin/pip install --quiet dist/*.whl
.venv/bin/greet
# --8<-- [end:install]

# effect: reads
# --8<-- [start:metadata]
python3 -c '
import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
for name in "METADATA", "entry_points.txt", "WHEEL":
    print(wheel.read("greet_ops-1.0.dist-info/" + name).decode())' dist/*.whl
# --8<-- [end:metadata]

# effect: changes
# --8<-- [start:tags]
.venv/bin/pip download --quiet --no-deps --dest ~/down markupsafe
ls dist/*.whl ~/down/*.whl
# --8<-- [end:tags]

# effect: changes
# --8<-- [start:wheel-offline]
.venv/bin/pip install --no-index --no-deps --target ~/one dist/*.whl
# --8<-- [end:wheel-offline]

# effect: reads
# exit: 1
# --8<-- [start:sdist-offline]
.venv/bin/pip install --no-index --no-deps --target ~/two dist/*.tar.gz
# --8<-- [end:sdist-offline]

# effect: changes
# --8<-- [start:no-init]
mkdir -p src/greet/extra && touch src/greet/extra/more.py
python3 -c '
from setuptools import find_namespace_packages, find_packages
print(find_packages("src"), find_namespace_packages("src"))'
# --8<-- [end:no-init]

# effect: destroys
# --8<-- [start:no-data]
sed -i '/package-data/,$d' pyproject.toml
rm -r src/*.egg-info # there setuptools notes the files of the last build
# --8<-- [end:no-data]

# effect: changes
# exit: 1
# --8<-- [start:no-data-red]
uv build --quiet --wheel
uv pip install --quiet --reinstall dist/*.whl
.venv/bin/greet
# --8<-- [end:no-data-red]

# effect: changes
# --8<-- [start:no-data-cure]
printf '%s\n' '[tool.setuptools.package-data]' 'greet = ["*.txt"]' >>pyproject.toml
uv build --quiet --wheel
uv pip install --quiet --reinstall dist/*.whl
.venv/bin/greet
# --8<-- [end:no-data-cure]

# effect: changes
# --8<-- [start:classifier]
old='classifiers = ["License :: OSI Approved :: MIT License"]'
sed -i "/^license =/a $old" pyproject.toml
# --8<-- [end:classifier]

# effect: reads
# --8<-- [start:classifier-red]
uv build --wheel 2>&1 | grep -A 2 '^setuptools.errors'
# --8<-- [end:classifier-red]

# effect: changes
# --8<-- [start:classifier-cure]
sed -i '/^classifiers/d' pyproject.toml
uv build --wheel 2>&1 | tail -n 1
# --8<-- [end:classifier-cure]

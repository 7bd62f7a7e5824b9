#!/usr/bin/env bash
# What became of setup.py commands, easy_install and eggs, and what to type instead.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:old-project]
mkdir -p ~/greet/src/greet && cd ~/greet
echo 'def main(): print("Hello")' >src/greet/__init__.py
cat >setup.py <<'END'
import setuptools

setuptools.setup(
    name="greet-ops",
    version="1.0",
    packages=setuptools.find_packages("src"),
    package_dir={"": "src"},
    entry_points={"console_scripts": ["greet = greet:main"]},
)
END
uv venv --quiet --seed ~/.venv
# --8<-- [end:old-project]

# effect: changes
# --8<-- [start:build]
uv build --quiet
ls dist
# --8<-- [end:build]

# effect: changes
# --8<-- [start:translate]
mkdir ~/new && cd ~/new && cp -r ~/greet/src .
cat >pyproject.toml <<'END'
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "greet-ops"
version = "1.0"

[project.scripts]
greet = "greet:main"
END
uv build --quiet --wheel
for project in ~/greet ~/new; do
    python3 -m zipfile --list $project/dist/*.whl | tail -n +2 | cut -d' ' -f1
done
# --8<-- [end:translate]

# effect: changes
# --8<-- [start:sdist]
cd ~/greet && python3 setup.py --quiet sdist 2>/dev/null
ls dist
# --8<-- [end:sdist]

# effect: changes
# --8<-- [start:deprecated-red]
~/.venv/bin/python setup.py --quiet install 2>&1 | grep Deprecation
# --8<-- [end:deprecated-red]

# effect: changes
# --8<-- [start:deprecated-cure]
~/.venv/bin/pip install --quiet .
~/.venv/bin/greet
# --8<-- [end:deprecated-cure]

# effect: reads
# exit: 1
# --8<-- [start:easy-red]
python3 -m easy_install tomli-w
# --8<-- [end:easy-red]

# effect: changes
# --8<-- [start:easy-cure]
~/.venv/bin/pip install --quiet tomli-w
~/.venv/bin/python -c 'import tomli_w; print(tomli_w.__name__)'
# --8<-- [end:easy-cure]

# effect: reads
# exit: 1
# --8<-- [start:upload-red]
~/.venv/bin/python setup.py sdist upload
# --8<-- [end:upload-red]

# effect: changes
# --8<-- [start:upload-cure]
export TWINE_USERNAME=alice TWINE_PASSWORD=not-a-real-secret
twine upload --disable-progress-bar --repository-url http://localhost:8082/ \
    dist/greet_ops-1.0*
# --8<-- [end:upload-cure]

# effect: changes
# --8<-- [start:no-wheel]
uv venv --quiet ~/old
uv pip install --quiet --python ~/old /usr/share/python-wheels/setuptools-*.whl
# --8<-- [end:no-wheel]

# effect: reads
# exit: 1
# --8<-- [start:wheel-red]
~/old/bin/python setup.py bdist_wheel
# --8<-- [end:wheel-red]

# effect: changes
# --8<-- [start:wheel-cure]
uv build --quiet --wheel && ls dist/*.whl
# --8<-- [end:wheel-cure]

# effect: changes
# exit: 1
# --8<-- [start:setuptools-red]
uv venv --quiet ~/bare
~/bare/bin/python setup.py sdist
# --8<-- [end:setuptools-red]

# effect: changes
# --8<-- [start:setuptools-cure]
uv build --quiet --sdist && ls dist/*.gz
# --8<-- [end:setuptools-cure]

# effect: reads
# exit: 1
# --8<-- [start:resources-red]
~/.venv/bin/python -c 'import pkg_resources'
# --8<-- [end:resources-red]

# effect: reads
# --8<-- [start:resources-cure]
~/.venv/bin/python -c '
from importlib.metadata import entry_points, version
from importlib.resources import files
print(version("greet-ops"), files("greet").name, len(entry_points(name="greet")))'
# --8<-- [end:resources-cure]

# effect: changes
# --8<-- [start:egg]
~/.venv/bin/python setup.py --quiet bdist_egg 2>/dev/null
ls dist/*.egg
# --8<-- [end:egg]

# effect: reads
# exit: 1
# --8<-- [start:egg-red]
~/.venv/bin/pip install dist/greet_ops-1.0-py3.11.egg
# --8<-- [end:egg-red]

# effect: changes
# --8<-- [start:egg-cure]
~/.venv/bin/pip install --force-reinstall dist/*.whl | tail -n 1
# --8<-- [end:egg-cure]

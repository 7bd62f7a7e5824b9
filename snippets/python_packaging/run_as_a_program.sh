#!/usr/bin/env bash
# Run Python code as a program: a package, a directory, one zip file with its dependencies.
# shellcheck disable=SC2164  # pasted line by line: a cd that fails is seen at once

# effect: changes
# --8<-- [start:package]
mkdir -p ~/work/greet && cd ~/work
echo 'print("init of", __name__)' >greet/__init__.py
cat >greet/__main__.py <<'END'
import sys

from greet.words import hello

print(hello(sys.argv[1] if len(sys.argv) > 1 else "world"))
END
echo 'def hello(name): return "Hello " + name' >greet/words.py
# --8<-- [end:package]

# effect: reads
# --8<-- [start:run]
python3 -m greet Bob
# --8<-- [end:run]

# effect: changes
# --8<-- [start:folder]
mkdir ~/work/tool
cat >tool/__main__.py <<'END'
import sys

from parts import size

print(sys.path[0], size, sys.argv[1:])
END
echo 'size = 3' >tool/parts.py && touch tool/.hidden
# --8<-- [end:folder]

# effect: reads
# --8<-- [start:folder-run]
cd / && python3 ~/work/tool -v
cd ~/work
# --8<-- [end:folder-run]

# effect: changes
# --8<-- [start:zipapp]
python3 -m zipapp tool --output tool.pyz --python '/usr/bin/env python3'
./tool.pyz -v
# --8<-- [end:zipapp]

# effect: reads
# --8<-- [start:zipapp-look]
head -c 23 tool.pyz
python3 -m zipfile --list tool.pyz | cut -d' ' -f1 | sort
# --8<-- [end:zipapp-look]

# effect: changes
# --8<-- [start:zipfile]
cd tool && python3 -m zipfile --create ../tool.zip ./*
cd .. && python3 tool.zip -v
python3 -m zipfile --list tool.zip | cut -d' ' -f1 | sort
# --8<-- [end:zipfile]

# effect: changes
# --8<-- [start:depends]
mkdir app
cat >app/totoml.py <<'END'
import tomli_w

def main():
    print(tomli_w.dumps({"name": "greet", "words": 2}), end="")
END
# --8<-- [end:depends]

# effect: changes
# --8<-- [start:with-dependency]
python3 -m pip install --quiet --target app tomli-w
python3 -m zipapp app --output totoml.pyz --python '/usr/bin/env python3' \
    --main totoml:main
./totoml.pyz
# --8<-- [end:with-dependency]

# effect: destroys
# --8<-- [start:no-main]
rm greet/__main__.py && : >greet/__init__.py
# --8<-- [end:no-main]

# effect: reads
# exit: 1
# --8<-- [start:no-main-red]
python3 -m greet
# --8<-- [end:no-main-red]

# effect: changes
# --8<-- [start:no-main-cure]
cat >greet/__main__.py <<'END'
from greet.words import hello

print(hello("world"))
END
python3 -m greet
# --8<-- [end:no-main-cure]

# effect: reads
# exit: 1
# --8<-- [start:find-red]
python3 ~/work
# --8<-- [end:find-red]

# effect: reads
# --8<-- [start:find-cure]
python3 ~/work/tool
# --8<-- [end:find-cure]

# effect: changes
# --8<-- [start:without]
mkdir bare && cp app/totoml.py bare/
python3 -m zipapp bare --output bare.pyz --main totoml:main
# --8<-- [end:without]

# effect: reads
# exit: 1
# --8<-- [start:without-red]
python3 bare.pyz
# --8<-- [end:without-red]

# effect: changes
# --8<-- [start:without-cure]
uv pip install --quiet --target bare tomli-w
python3 -m zipapp bare --output bare.pyz --main totoml:main
python3 bare.pyz
# --8<-- [end:without-cure]

# effect: changes
# --8<-- [start:compiled]
mkdir fast
echo 'import markupsafe._speedups as s; print(s.__file__)' >fast/__main__.py
uv pip install --quiet --target fast markupsafe
python3 -m zipapp fast
# --8<-- [end:compiled]

# effect: reads
# exit: 1
# --8<-- [start:compiled-red]
python3 fast.pyz
# --8<-- [end:compiled-red]

# effect: reads
# --8<-- [start:compiled-cure]
python3 fast
# --8<-- [end:compiled-cure]

# effect: changes
# --8<-- [start:data]
mkdir -p motd/motd && echo 'Back at 3' >motd/motd/text.txt
cat >motd/motd/__init__.py <<'END'
from pathlib import Path

def main():
    print(Path(__file__).with_name("text.txt").read_text(), end="")
END
python3 -m zipapp motd --output motd.pyz --main motd:main
# --8<-- [end:data]

# effect: reads
# exit: 1
# --8<-- [start:data-red]
python3 motd.pyz
# --8<-- [end:data-red]

# effect: changes
# --8<-- [start:data-cure]
cat >motd/motd/__init__.py <<'END'
from importlib.resources import files

def main():
    print(files("motd").joinpath("text.txt").read_text(), end="")
END
python3 -m zipapp motd --output motd.pyz --main motd:main
python3 motd.pyz
# --8<-- [end:data-cure]

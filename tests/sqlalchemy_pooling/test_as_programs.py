"""Each snippet is a program as well: without a server on SQLite, with DATABASE_URL or in the lab on what that names."""

import ast
import os
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from opsbook.cli import copy
from opsbook.labs import debian
from opsbook.labs.databases import DATABASE_URL, MARIADB, DatabaseLab, cache_folder, sqlalchemy_version
from opsbook.pytest_plugin import Snippet, skipping_without_lab

FOLDER = Path(__file__).parents[2] / "snippets/sqlalchemy_pooling"
PROGRAMS = sorted(path.name for path in FOLDER.glob("*.py"))
SPARING = [name for name in PROGRAMS if re.search("if THREADS:|greenlet", (FOLDER / name).read_text())]
FALLS_BACK = re.compile(r'"DATABASE_URL", "([^"]+)"')
LAST = "Only a server shows: "
# What a reader learns from each, the same as from a server.
SHOWN = {
    "engine.py": [
        "an answer: yes",
        "3 were taken, now: Pool size: 2  Connections in pool: 2 Current Overflow: 0 Current Checked out connections: 0",
    ],
    "errors.py": [
        "ObjectNotExecutableError: Not an executable object: 'SELECT n FROM item'",
        "ResourceClosedError: This Connection is closed",
        "InvalidRequestError: A transaction is already begun on this Session.",
    ],
    "pool_exhausted.py": [
        "visitor 15: TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 0.20",
        "last visitor: 99 | open: 5",
    ],
    "pool_watch.py": ["    app.py:1 <module>", "held: none"],
    "retry.py": ["2 left after 2 attempts"],
    "session_and_pool.py": [
        "flush()                  1     0       1",
        "commit()                 0     1       1",
        "dispose()                0     0       0",
        "checked out while we call a slow API: 1",
    ],
    "sessions.py": ["changed:         4 5", "committed:       4 4", "kept without a commit: 9"],
    "size_the_pool.py": [
        "TimeoutError: QueuePool limit of size 2 overflow 1 reached, connection timed out, timeout 0.20",
        "2 returned       1     2       3",
        "last in, first out: 1 used",
        "replaced at the next checkout: True",
    ],
    "which_pool.py": ["in the block: 1", "after it:     0", "rolled back, and there: 1", "QueuePool"],
}
MORE = {
    "errors.py": [
        "InvalidRequestError: The asyncio extension requires an async driver to be used. The loaded 'pysqlite' is not async."
    ],
    "pool_exhausted.py": ["went well"] * 2,
    "sessions.py": ["the same in two threads: False", "sold, it seems", "rum: None", "rum: 1"],
    "which_pool.py": [
        "SingletonThreadPool          1         +1          2",
        "StaticPool                   1         +0          1",
        "OperationalError: no such table: item",
    ],
}
# What those learn who have one; without it these programs have nothing to show.
ON_SERVER = {
    "cut.py": ["(2013, 'Lost connection to MySQL server during query')"],
    "fork.py": ["the child has the parent's: True", "the parent asked who it is, and got: child"],
    "server_restart.py": ["4 left after 2 attempts", "was done already", "in the transaction:  2006"],
    "watch.py": ["connections over the network: 0"],
}
# A browser's Python: no thread can be started, and greenlets cannot be imported.
ALONE = """
import runpy, sys, threading
sys.modules["greenlet"] = None
def refuse(*args, **kwargs):
    raise RuntimeError("can't start new thread")
for name in "_start_new_thread", "_start_joinable_thread":
    if hasattr(threading, name):
        setattr(threading, name, refuse)
sys.path.insert(0, sys.argv[1])
del sys.argv[0]
runpy.run_path(sys.argv.pop(), run_name="__main__")
"""


def ran(folder: Path, *command: object, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run Python with `command` in `folder`, with no environment but `settings`, and the SQLAlchemy that is asked for."""
    settings = {"TMPDIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1", **settings}
    if os.environ.get("OPSBOOK_SQLALCHEMY"):
        with skipping_without_lab():
            debian.facts_of(cache_folder(MARIADB))
        (packages,) = (cache_folder(MARIADB) / f"sqlalchemy-{sqlalchemy_version()}").glob("lib/*/*-packages")
        settings["PYTHONPATH"] = str(packages)
    argv = [sys.executable, *map(str, command)]
    return subprocess.run(
        argv, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=200
    )


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_runs_without_a_server_or_says_why_not(name: str, tmp_path: Path) -> None:
    """With nothing set a snippet shows on SQLite what it can and last what it cannot, or exits with 2; it leaves nothing."""
    done = ran(tmp_path, FOLDER / name)
    lines = done.stdout.splitlines()
    if name in ON_SERVER:
        how = f"opsbook lab --copy {FOLDER} mariadb -- python3 {FOLDER.name}/{name}"
        assert (done.stderr, done.stdout, done.returncode) == (f"{name} needs a server: {how}\n", "", 2)
    else:
        assert (done.stderr, done.returncode) == ("", 0)
        assert [line for line in lines if line.startswith("Only ")] == lines[-1:]
        assert lines[-1].startswith(LAST)
        expected = SHOWN.get(name, []) + MORE.get(name, [])
        assert [line for line in expected if line not in lines] == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SPARING)
def test_without_threads_and_greenlets_it_leaves_out_what_takes_them(name: str, tmp_path: Path) -> None:
    """Where there are none, as in a browser, the rest is shown all the same, and it says what is not."""
    done = ran(tmp_path, "-c", ALONE, FOLDER, FOLDER / name)
    lines = done.stdout.splitlines()
    assert (done.stderr, done.returncode) == ("", 0)
    assert [line for line in SHOWN[name] if line not in lines] == []
    assert [line for line in MORE[name] if line in lines] == []
    assert len([line for line in lines if line.startswith("Only ")]) == 2


def test_a_database_that_is_set_is_the_one_used(tmp_path: Path) -> None:
    """DATABASE_URL decides: the rows of a run are in that file."""
    file = tmp_path / "mine.db"
    assert ran(tmp_path, FOLDER / "retry.py", DATABASE_URL=f"sqlite:///{file}").returncode == 0
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT * FROM stock").fetchall() == [("tea", 2)]


def test_in_the_lab_they_run_on_its_server(lab: DatabaseLab) -> None:
    """Copied there as they say, those that need a server show all they have."""
    machine = lab.machines["mariadb"]
    copy(FOLDER, machine, "alice")
    for name, shown in ON_SERVER.items():
        done = machine.run("python3", f"{FOLDER.name}/{name}", seconds=200)
        assert done.stderr == ""
        assert [line for line in shown if line not in done.stdout.splitlines()] == []


def test_where_there_is_no_server_any_more(snippet: Snippet, lab: DatabaseLab) -> None:
    """The lab's DATABASE_URL is what the blocks fall back to; without it `embedded` takes SQLite, though nobody listens."""
    machine = lab.machines["mariadb"]
    snippet.run("embedded.py:embedded")
    ask = shlex.join(["python3", "-c", "import embedded; print(embedded.ON_SERVER, embedded.URL)"])
    assert machine.run("sh", "-c", ask).stdout == f"True {DATABASE_URL}\n"
    machine.run("service", "mariadb", "stop", user="root")
    assert machine.run("sh", "-c", f"unset DATABASE_URL; {ask}").stdout.startswith("False sqlite:////tmp/")
    assert machine.run("ls", "/tmp").stdout == ""
    told = [url for name in PROGRAMS for url in FALLS_BACK.findall((FOLDER / name).read_text())]
    assert told == [DATABASE_URL] * 8


@pytest.mark.parametrize("name", ["engine.py", "pool_watch.py", "retry.py"])
def test_a_module_to_drop_in_says_what_it_takes(name: str) -> None:
    """Each function and class of it has a docstring or is private, and each function has its types."""
    tree = ast.parse((FOLDER / name).read_text())
    assert ast.get_docstring(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            given = [arg for arg in (*node.args.args, *node.args.kwonlyargs) if arg.arg != "self"]
            assert node.returns, node.name
            assert all(arg.annotation for arg in given), node.name
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name

"""State of the process, changed for one block: what comes back, who sees it meanwhile, and what two at once do."""

from opsbook.labs.machines import PythonShell
from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet


def printed(python: PythonShell, code: str) -> str:
    """Return what `code` printed; it must end well."""
    done = python.paste(code)
    assert done.exit == 0, done.output
    return done.output


def test_environment_variables(snippet: Snippet, lab: PythonLab) -> None:
    """Children see os.environ and what was put past it; changed_environment puts back all that it was given, always."""
    snippet.run("setup")
    seen = snippet.run_and_record("child").output
    assert seen == "child: test in /tmp\nhere:  prod in /home/alice\n"
    snippet.run("module")
    used = snippet.run_and_record("use").output
    assert used == "inside: test None\nno route\nafter:  prod http://proxy.example:3128\n"
    put = [line.split(":")[1].strip() for line in snippet.run_and_record("putenv").output.splitlines()]
    assert put == ["prod", "put", "prod", "prod"]
    red = snippet.run_and_record("no-str-red").output
    assert red == "TypeError: str expected, not int\n"
    assert snippet.run_and_record("no-str-green").output == "3\n"
    with lab.box.python() as python:
        code = """
import os
from changed_environment import changed_environment
os.environ["OLD"] = "1"
start = dict(os.environ)
def tried(changes, body=lambda: None):
    try:
        with changed_environment(changes): body()
    except BaseException as error:
        return type(error).__name__
print(tried({"OLD": None, "NEW": "2", "BAD": 3}), dict(os.environ) == start)
print(tried({"NEW": "2", "A=B": "x"}), dict(os.environ) == start)
print(tried({"OLD": "2", "NEW": "2"}, lambda: exit(1)), dict(os.environ) == start)
print(tried({"OLD": "2", "NEW": "2"}, os.environ.clear), dict(os.environ) == {"OLD": "1"})
"""
        assert printed(python, code).splitlines() == [
            "TypeError True",
            "ValueError True",
            "SystemExit True",
            "None True",
        ]


def test_folder_umask_signals_and_stdout(snippet: Snippet) -> None:
    """Each is another within the block and the old one after it; a child writes past redirect_stdout."""
    for region in ("setup", "child"):
        snippet.run(region)
    moved = snippet.run_and_record("chdir").output
    assert moved == "inside: site\nanother thread: site\na broken page\nafter: alice\n"
    assert snippet.run_and_record("umask").output == "secret.txt 600\npublic.txt 644\n"
    snippet.run("signal")
    told = snippet.run_and_record("signal-use").output
    assert told == "backup done\nstopped by SIGTERM\nafter: SIG_DFL\n"
    out = snippet.run_and_record("stdout").output
    assert out == "a child does not\nthe text has: print() goes to the text\n"
    assert snippet.run_and_record("stdout-green").output == "the text has: now the child too\n"
    inside, thread, after = snippet.run_and_record("decimal").output.splitlines()
    assert inside == "inside: 0.3333"
    assert thread.removeprefix("another thread: ") == after.removeprefix("after: ") == "0." + 28 * "3"


BEFORE_TASKS = """
import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
async def both() -> None: pass
"""
# In one task too, where nothing but the manager puts the value back.
NESTED = """
with staged("outer"):
    try:
        with staged("inner"): raise KeyError(STAGE.get())
    except KeyError as error: print(*error.args, STAGE.get())
print(STAGE.get())
"""


def test_two_at_once(snippet: Snippet, lab: PythonLab) -> None:
    """Two tasks leave the first one's variable behind for good; with a ContextVar each has its own and none is left."""
    for region in ("setup", "child", "module", "use", "chdir", "umask"):
        snippet.run(region)
    assert snippet.run_and_record("tasks-red").output == "blue sees green\ngreen sees prod\nafter: blue\n"
    assert snippet.run_and_record("tasks-green").output == "blue sees blue\ngreen sees green\nafter: prod\n"
    with lab.box.python() as python:
        printed(python, f"{BEFORE_TASKS}{snippet['tasks-green'].code}")
        assert printed(python, NESTED) == "inner outer\nprod\n"


# What the table says: changed here, asked by another thread and by a child.
SEEN = """
import locale, logging, os, signal, subprocess, sys
from contextlib import chdir, redirect_stdout
from contextvars import ContextVar
from io import StringIO
from threading import Thread

def in_thread(call):
    found = []
    def run():
        try: found.append(call())
        except Exception as error: found.append(type(error).__name__)
    thread = Thread(target=run); thread.start(); thread.join()
    return found[0]

def in_child(script): return subprocess.check_output(["sh", "-c", script], text=True).strip()

os.environ["STAGE"] = "test"
print(in_thread(lambda: os.environ["STAGE"]), in_child("echo $STAGE"))
with chdir("/tmp"): print(in_thread(os.getcwd), in_child("pwd"))
os.umask(0o077)
print(oct(in_thread(lambda: os.umask(0o077))), in_child("umask"))
print(in_thread(lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN)))
early = logging.StreamHandler(sys.stdout)
with redirect_stdout(StringIO()) as text:
    in_thread(lambda: print("from a thread"))
    early.emit(logging.makeLogRecord({"msg": "escaped"}))
print(text.getvalue(), end="")
before = locale.setlocale(locale.LC_ALL)
locale.setlocale(locale.LC_ALL, "C")
print(in_thread(lambda: locale.setlocale(locale.LC_ALL)), before == locale.setlocale(locale.LC_ALL, before))
var = ContextVar("var", default="own"); var.set("set")
print(in_thread(var.get))
print(subprocess.check_output(["sh", "-c", "umask"], umask=0o027, text=True), end="")
os.mkdir("gone"); os.chdir("gone")
try:
    with chdir("/tmp"): os.rmdir("/home/alice/gone")
except OSError as error: print(type(error).__name__)
"""


def test_who_sees_it(lab: PythonLab) -> None:
    """Environment, folder and umask reach threads and children, stdout and locale threads, a ContextVar nobody."""
    with lab.box.python() as python:
        assert printed(python, SEEN).splitlines() == [
            "test test",
            "/tmp /tmp",
            "0o77 0077",
            "ValueError",
            "escaped",
            "from a thread",
            "C True",
            "own",
            "0027",
            "FileNotFoundError",
        ]

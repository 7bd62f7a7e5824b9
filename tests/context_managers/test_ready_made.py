"""Context managers that the standard library has, and how often each can be used."""

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet

SINGLE = ("open file", "@contextmanager", "closing", "TemporaryDirectory")
REENTRANT = ("RLock", "redirect_stdout", "chdir", "suppress", "nullcontext")


def test_closing_and_redirecting(snippet: Snippet, lab: PythonLab) -> None:
    """Closing closes, also after an exception; each stream is taken by itself, its target stays open, the old one is back."""
    snippet.run("closing")
    assert snippet.run_and_record("check").output == "started\nclosed: True\n"
    assert snippet.run_and_record("captured").output.splitlines() == [
        "no such host",
        r"captured: 'port 8080\n'",
        r"both, in order: 'port 8080\nno such host\n'",
    ]
    more = """
before = sys.stdout
target = StringIO()
file = StringIO()
try:
    with redirect_stdout(target) as same, closing(file):
        raise KeyError(1)
except KeyError:
    print(sys.stdout is before, same is target, target.closed, file.closed)
"""
    with lab.box.python() as python:
        python.paste(snippet["closing"].code)
        python.paste(snippet["captured"].code)
        assert python.paste(more).output == "True True False True\n"
        own = """
import concurrent.futures, os, socket, subprocess, tarfile, zipfile
kinds = [socket.socket, subprocess.Popen, concurrent.futures.Executor, zipfile.ZipFile, tarfile.TarFile]
print(all(hasattr(kind, "__exit__") for kind in [type(os.scandir()), *kinds]), hasattr(logging.Handler, "__exit__"))
"""
        assert python.paste(own).output == "True False\n"


def test_a_manager_or_none(snippet: Snippet, lab: PythonLab) -> None:
    """A connection that was given stays open, one that was made is closed; `lock or nullcontext()` takes the lock."""
    snippet.run("closing")
    snippet.run("optional")
    assert snippet.run_and_record("optional-use").output == "given: 1\nstill open: 1\nits own: 1\n"
    more = """
import threading
made = []
connect = sqlite3.connect
sqlite3.connect = lambda name: made.append(connect(name)) or made[-1]
count()
try:
    made[0].total_changes
except sqlite3.ProgrammingError as error:
    print(error)
for lock in [threading.Lock(), None]:
    with lock or nullcontext():
        print(lock and lock.locked())
"""
    with lab.box.python() as python:
        python.paste(snippet["closing"].code)
        python.paste(snippet["optional"].code)
        assert python.paste(more).output == "Cannot operate on a closed database.\nTrue\nNone\n"


def test_a_second_time(snippet: Snippet, lab: PythonLab) -> None:
    """Single-use ones fail or hold nothing, a Lock waits for itself, and only reentrant ones hold on to the end of both blocks."""
    for region in ("closing", "check", "captured", "optional", "table-setup"):
        snippet.run(region)
    rows = snippet.run_and_record("table").output.splitlines()[1:]
    table = {row[:20].strip(): (row[20:36].strip(), row[36:]) for row in rows}
    assert [name for name, (more, _) in table.items() if more != "works"] == list(SINGLE)
    assert [name for name, (_, inside) in table.items() if inside == "works"] == list(REENTRANT)
    assert table["open file"][0] == "ValueError"
    assert table["@contextmanager"] == ("AttributeError", "AttributeError")
    assert table["closing"][0] == table["TemporaryDirectory"][0] == "holds nothing"
    assert table["Lock"] == ("works", "waits for ever")
    assert table["ExitStack"] == table["sqlite3 connection"] == ("works", "ended by the inner")
    stands = (
        "import threading\nlock = threading.Lock()\nwith lock:\n print(1, flush=True)\n with lock: print(2)"
    )
    stood = lab.box.run("timeout", "5", "python3", "-c", stands, check=False)
    assert (stood.returncode, stood.stdout.strip()) == (124, "1")
    out = """
import sys, os
from contextlib import *
from io import StringIO
here, screen, quiet = os.getcwd(), sys.stdout, suppress(OSError)
folder, text = chdir("/"), redirect_stdout(StringIO())
with folder, folder, text, text:
    pass
print(os.getcwd() == here, sys.stdout is screen)
with quiet:
    with quiet:
        raise OSError
    raise OSError
print("swallowed twice")
"""
    with lab.box.python() as python:
        assert python.paste(out).output == "True True\nswallowed twice\n"


def test_wrong_uses(snippet: Snippet, lab: PythonLab) -> None:
    """A file is opened once, redirect_stdout is no decorator until it has the base, closing finds no close only at the end."""
    for region in ("closing", "check", "captured", "optional", "table-setup"):
        snippet.run(region)
    assert snippet.run_and_record("file-red").output == "first 8080\nI/O operation on closed file.\n"
    assert snippet.run_and_record("file-green").output == "first 8080\nsecond 8080\n"
    assert snippet.run_and_record("quiet-red").output == "'redirect_stdout' object is not callable\n"
    told = snippet.run_and_record("decorators").output.splitlines()
    assert [line for line in told if line.endswith("True")] == ["of @contextmanager: True"]
    snippet.run("quiet-cure")
    assert snippet.run_and_record("quiet-green").output == repr("step 1 of 99\n" * 2) + "\n"
    red = snippet.run_and_record("number-red").output
    assert red == "b'8080'\n'int' object has no attribute 'close'\n"
    assert snippet.run_and_record("number-green").output == "b'8080'\n"
    nested = """
@Redirected(log)
def twice(again):
    print("in")
    if again:
        twice(False)
    print("out")
twice(True)
print(log.getvalue().split())
"""
    with lab.box.python() as python:
        python.paste(
            "from contextlib import ContextDecorator, redirect_stdout\nfrom io import StringIO\nlog = StringIO()"
        )
        python.paste(snippet["quiet-cure"].code)
        assert python.paste(nested).output == "['in', 'in', 'out', 'out']\n"

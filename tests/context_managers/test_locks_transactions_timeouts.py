"""Locks, transactions and time limits: what the end of the block undoes, and what it cannot stop."""

from opsbook.labs.machines import PythonShell
from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet


def printed(python: PythonShell, code: str) -> str:
    """Return what `code` printed; it must end well."""
    done = python.paste(code)
    assert done.exit == 0, done.output
    return done.output


INHERITED = """
import fcntl, os, signal, subprocess
from one_at_a_time import one_at_a_time

def free():
    try:
        with one_at_a_time("job.lock"): return True
    except BlockingIOError: return False

with one_at_a_time("job.lock"):
    print("same process:", free())
    child = subprocess.Popen(["sleep", "60"])
print("child of subprocess lives:", child.poll() is None, free())
child.kill(); child.wait()
with one_at_a_time("job.lock"):
    if not (child := os.fork()):
        signal.pause()
print("forked child lives:", free())
os.kill(child, signal.SIGKILL); os.waitpid(child, 0)
print("it has ended:", free())
with one_at_a_time("job.lock"):
    os.unlink("job.lock")
    print("removed:", free())
"""


def test_locks(snippet: Snippet, lab: PythonLab) -> None:
    """A lock is free after the block, a raise, a timeout; a file lock also after SIGKILL, but not while a fork lives."""
    snippet.run("held")
    seen = snippet.run_and_record("held-use").output
    assert seen == "no such item | locked: False\nnot free within 0.1 s | locked: False\n"
    snippet.run("file-lock")
    assert snippet.run_and_record("file-lock-use").output == "another one is at it\nthe job runs\n"
    killed = snippet.run_and_record("file-lock-killed").output
    assert killed == "the holder ended with -9\nthe job runs\n"
    red = snippet.run_and_record("bool-red").output
    assert red == "TypeError: 'bool' object does not support the context manager protocol\nlocked: True\n"
    assert snippet.run_and_record("bool-green").output == "locked: True\nlocked: False\n"
    with lab.box.python() as python:
        assert printed(python, INHERITED).splitlines() == [
            "same process: False",
            "child of subprocess lives: True True",
            "forked child lives: False",
            "it has ended: True",
            "removed: True",
        ]


def test_transactions(snippet: Snippet) -> None:
    """The block of with db: keeps all or nothing and does not close; a transaction of savepoints nests, and commits at the outermost."""
    snippet.run("held")
    assert snippet.run_and_record("commits").output.endswith("failed: n >= 0\n[('tea', 5), ('milk', 1)]\n")
    closed = snippet.run_and_record("closing").output
    assert closed == "(2,)\n(9,)\nCannot operate on a closed database.\n"
    snippet.run("savepoint")
    used = snippet.run_and_record("savepoint-use").output
    assert used.splitlines()[-1] == "[('tea', 4), ('milk', 7)] False"
    snippet.run("close")
    snippet.run("busy-make")
    assert snippet.run_and_record("busy-red").output == "sqlite3.OperationalError: database is locked\n"
    assert snippet.run_and_record("busy-green").output == "(3,)\n"


RULES = """
import sqlite3
db = sqlite3.connect("rules.db")
def tables(): return [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
try:
    with db:
        db.execute("CREATE TABLE early (x)")
        raise ValueError
except ValueError: print(tables())

db.executescript('''
    PRAGMA foreign_keys = ON;
    CREATE TABLE shop (id INTEGER PRIMARY KEY);
    CREATE TABLE till (shop REFERENCES shop DEFERRABLE INITIALLY DEFERRED);
''')
def tried(*statements):
    try:
        with transaction(db):
            for statement in statements: db.execute(statement)
    except BaseException as error: print(type(error).__name__, error, end=" ")
    print(db.in_transaction, db.execute("SELECT count(*) FROM shop").fetchone()[0])
tried("INSERT INTO shop VALUES (1)", "INSERT INTO till VALUES (7)")
tried("INSERT INTO shop VALUES (1)", "INSERT OR ROLLBACK INTO shop VALUES (1)")
tried("CREATE TABLE late (x)", "nonsense")
print("late" in tables())
tried("INSERT INTO shop VALUES (1)")
db.execute("INSERT INTO shop VALUES (2)")  # begins one
tried("INSERT INTO shop VALUES (3)")
db.rollback()
print(db.execute("SELECT count(*) FROM shop").fetchone()[0])
"""


def test_what_a_transaction_undoes(snippet: Snippet, lab: PythonLab) -> None:
    """A table made first stays after with db:, not after transaction(); a failing commit leaves nothing open either."""
    with lab.box.python() as python:
        printed(python, f"{snippet['held'].code}\nimport sqlite3\n{snippet['savepoint'].code}")
        assert printed(python, RULES).splitlines() == [
            "['early']",
            "IntegrityError FOREIGN KEY constraint failed False 0",
            "IntegrityError UNIQUE constraint failed: shop.id False 0",
            'OperationalError near "nonsense": syntax error False 0',
            "False",
            "False 1",
            "True 3",
            "1",
        ]


LIMITS = """
import signal, time
from threading import Thread
def said(body, seconds=0.05):
    try:
        with time_limit(seconds): body()
    except BaseException as error: return type(error).__name__
old = signal.signal(signal.SIGALRM, signal.SIG_IGN)
print(said(lambda: time.sleep(60)), said(lambda: 1 / 0, 60), said(lambda: None, 60))
print(signal.getitimer(signal.ITIMER_REAL)[0], signal.getsignal(signal.SIGALRM) is signal.SIG_IGN)
def tidying():
    try: pass
    finally: time.sleep(60)
print(said(tidying))
def tick():
    out.append(said(lambda: None))
out = []
thread = Thread(target=tick); thread.start(); thread.join()
print(*out)
began = time.process_time()
def in_c():
    # Three times as long as the limit, by CPU time, in one call.
    sum(range(30_000_000))
print(said(in_c, 0.01), time.process_time() - began > 0.1)
"""


def test_time_limits(snippet: Snippet, lab: PythonLab) -> None:
    """Each limit ends what it can; blocking code, a handler of everything and a thread go on."""
    for region in ("held", "file-lock"):
        snippet.run(region)
    assert snippet.run_and_record("asyncio").output == "tidied up\ntoo late\n"
    snippet.run("file-lock-use")
    assert snippet.run_and_record("process").output == "killed\n"
    snippet.run("alarm")
    assert snippet.run_and_record("alarm-use").output == "longer than 0.1 s\ntimer: 0.0\n"
    blocked = snippet.run_and_record("blocking").output
    assert blocked == "done, and nobody was stopped\nexpired: False\n"
    swallowed = snippet.run_and_record("swallowed").output
    assert swallowed == "swallowed: longer than 0.1 s\ngoes on, with no limit\n"
    thread = snippet.run_and_record("thread").output
    assert thread == "after the limit: []\nafter the block: ['slow']\n"
    with lab.box.python() as python:
        printed(python, f"{snippet['held'].code}\n{snippet['alarm'].code}")
        assert printed(python, LIMITS).splitlines() == [
            "TimeoutError ZeroDivisionError None",
            "0.0 True",
            "TimeoutError",
            "ValueError",
            "TimeoutError True",
        ]

"""A server that restarts, freezes or loses patience under a pool, and transactions that are done again."""

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.labs.machines import PythonShell
from opsbook.pytest_plugin import Snippet

ENGINE, RETRY, WATCH = "engine.py:engine", "retry.py:retry", "watch.py:watch"
LOST = "(2013, 'Lost connection to MySQL server during query')"
GONE = "(2006, \"MySQL server has gone away (ConnectionResetError(104, 'Connection reset by peer'))\")"
REFUSED = "(2003, \"Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)\")"
INVALID = (
    "PendingRollbackError: Can't reconnect until invalid transaction is rolled back."
    "  Please rollback() fully before proceeding"
)


def printed(python: PythonShell, code: str) -> list[str]:
    """Return the lines that `code` printed; it must end well."""
    done = python.paste(code)
    assert done.exit == 0, done.output
    return done.output.splitlines()


@pytest.mark.claim("sqlalchemy-pooling-db-restart-stale", "holds")
@pytest.mark.claim("sqlalchemy-pooling-no-pre-ping-mentioned", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-2006-gone-away", "incomplete")
def test_restarted_stopped_frozen(snippet: Snippet) -> None:
    """Pre-ping hides a restart; without it one request fails and cures the pool; a server that is down or frozen is an error soon."""
    snippet.run(ENGINE)
    assert snippet.run_and_record("use").output == "3 3\n"
    snippet.run("stop")
    snippet.run("start")
    seen = snippet.run_and_record("restarted").output.splitlines()
    assert seen[:3] == ["pre-ping  an answer"] * 3
    assert seen[3:] == [f"plain     {LOST} | invalidated: True", *["plain     an answer"] * 2]
    snippet.run("stop")
    down = snippet.run_and_record("stopped").output.splitlines()
    assert down == [f"{name} {REFUSED} | invalidated: False" for name in ("pre-ping ", "plain    ")]
    snippet.run("start")
    snippet.run("freeze")
    frozen = snippet.run_and_record("frozen-red").output.splitlines()
    assert frozen == [f"{LOST[:-2]} (timed out)') | invalidated: True", "within 30 s: True"]
    snippet.run("thaw")
    assert snippet.run_and_record("frozen-green").output == "an answer\n"


RETRIES = """
import threading
from retry import in_transaction
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError, ProgrammingError
sessions = sessionmaker(engine)
calls = []
def tried(work, **given):
    calls.clear()
    try:
        print(in_transaction(sessions, work, pause=0.01, **given), len(calls))
    except (DBAPIError, ValueError) as error:
        print(type(error).__name__, len(calls))

def wrong(session):
    calls.append(1)
    session.execute(text("SELECT nothing"))
def duplicate(session):
    calls.append(1)
    session.execute(text("INSERT INTO item VALUES ('tea', 1)"))
def always_cut(session):
    calls.append(1)
    kill_all()
    session.execute(text("SELECT 1"))
    kill_all()
    session.execute(text("SELECT 1"))
def cut_at_end(session):
    calls.append(1)
    session.execute(text("UPDATE item SET n = 0"))
    session.flush = kill_all
for work in wrong, duplicate, always_cut, cut_at_end:
    tried(work)
tried(lambda session: 1, attempts=0)

# Two that lock each other out: the server picks one as its victim.
with engine.begin() as connection:
    connection.execute(text("INSERT INTO item VALUES ('milk', 5)"))
meet, runs = threading.Barrier(2, timeout=60), []
def both(first, second):
    met = []
    def work(session):
        runs.append(first)
        session.execute(text("UPDATE item SET n = n + 1 WHERE name = :n"), {"n": first})
        if not met:
            met.append(meet.wait())
        session.execute(text("UPDATE item SET n = n + 1 WHERE name = :n"), {"n": second})
    in_transaction(sessions, work)
threads = [threading.Thread(target=both, args=names) for names in (("tea", "milk"), ("milk", "tea"))]
for thread in threads: thread.start()
for thread in threads: thread.join()
with engine.connect() as connection:
    print(connection.execute(text("SELECT name, n FROM item ORDER BY name")).all(), len(runs))
"""


def test_what_is_retried(snippet: Snippet, lab: DatabaseLab) -> None:
    """A lost connection and a deadlock start the transaction over; a wrong statement and a failed commit do not."""
    for region in (ENGINE, "use", RETRY, WATCH):
        snippet.run(region)
    assert snippet.run_and_record("retry-use").output == "4 left after 2 attempts\n"
    snippet.run("cut.py:cut")
    red = snippet.run_and_record("commit-red").output.splitlines()
    assert red == [LOST, "left: 4", LOST, "left: 3"]
    green = snippet.run_and_record("commit-green").output.splitlines()
    assert green == [LOST, "was done already", "left: 2"]
    with lab.machines["mariadb"].python() as python:
        # What the page's own blocks begin with.
        began = "from sqlalchemy.orm import sessionmaker\nfrom watch import kill_all\n"
        printed(python, snippet["use"].code + "\n" + began)
        assert printed(python, RETRIES) == [
            "OperationalError 1",
            "IntegrityError 1",
            "OperationalError 3",
            "OperationalError 1",
            "ValueError 0",
            "[('milk', 7), ('tea', 4)] 3",
        ]


@pytest.mark.claim("sqlalchemy-pooling-cant-reconnect-error", "dated")
@pytest.mark.claim("sqlalchemy-pooling-cause-open-transaction", "holds")
@pytest.mark.claim("sqlalchemy-pooling-2006-gone-away", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-recycle-7200-recommended", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-interactive-timeout", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-no-pre-ping-mentioned", "incomplete")
def test_lost_in_a_transaction_and_while_idle(snippet: Snippet, lab: DatabaseLab) -> None:
    """Pre-ping and recycle save what is checked out after the loss, never a transaction under way; only rollback frees that."""
    for region in (ENGINE, "use", RETRY, WATCH, "retry-use"):
        snippet.run(region)
    red = snippet.run_and_record("invalid-red").output
    assert red.splitlines() == [LOST, INVALID, INVALID]
    assert snippet.run_and_record("invalid-green").output == "it was kept: False\n"
    snippet.run("restarted")
    snippet.run("idle-make")
    idle = snippet.run_and_record("idle-red").output.splitlines()
    assert idle == [
        f"plain       {GONE} | invalidated: True",
        f"recycle=60  {GONE} | invalidated: True",
        "recycle=1   an answer",
        "pre-ping    an answer",
    ]
    held = snippet.run_and_record("idle-held").output
    assert held == "in the transaction:  2006\nbetween transactions: an answer\n"
    with lab.machines["mariadb"].python() as python:
        printed(python, f"{snippet['use'].code}\nfrom watch import SERVER, settled")
        code = (
            "with SERVER.connect() as server: server.execute(text('SET GLOBAL interactive_timeout = 100'))\n"
            "for arguments in {}, {'client_flag': 1024}:\n"
            "    with create_engine(URL, connect_args=arguments).connect() as connection:\n"
            "        print(connection.scalar(text('SELECT @@wait_timeout')))\n"
        )
        assert printed(python, code) == ["2", "100"]
    snippet.run("idle-undo")
    assert lab.machines["mariadb"].ask("SELECT @@global.wait_timeout;") == [["28800"]]

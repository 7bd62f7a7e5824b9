"""One session for each piece of work: what its end does, what others see, and how a shared one goes wrong."""

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.pytest_plugin import Snippet

DUPLICATE = "(1062, \"Duplicate entry 'tea' for key 'PRIMARY'\")"
OLD = """
from sqlalchemy.exc import ArgumentError, ProgrammingError
for given in {"transactional": False}, {"autocommit": True}:
    try:
        Session(**given)
    except (TypeError, ArgumentError) as error:
        print(type(error).__name__, error.args[0])
try:
    compile("print usr_obj_list[0].id", "pasted", "exec")
except SyntaxError as error:
    print(type(error).__name__)
with Session() as session:
    session.get(Item, "tea").n = 7
    session.flush()
    try:
        session.execute(text("SELEC 1"))
    except ProgrammingError as error:
        print(error.orig.args[0], session.scalar(text("SELECT 1")))
    session.commit()
with Session() as session:
    print([item.n for item in session.scalars(select(Item)).all()])
    session.execute(text("DELETE FROM item"))
    try:
        session.scalars(select(Item)).all()[0]
    except IndexError as error:
        print(type(error).__name__)
"""


@pytest.mark.claim("sqlalchemy-pooling-series-of-selects-isolated", "holds")
@pytest.mark.claim("sqlalchemy-pooling-dbapi-implicit-transaction", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-rollback-after-error", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-transactional-false", "dated")
@pytest.mark.claim("sqlalchemy-pooling-py2-print-sample", "dated")
def test_what_the_end_does(snippet: Snippet, lab: DatabaseLab) -> None:
    """The end of the block commits or undoes all; others see it then, and after a failed flush only a rollback helps."""
    snippet.run("use")
    assert (
        snippet.run_and_record("check").output
        == "the card was refused\n[('milk', 1), ('tea', 5)]\nchecked out: 0\n"
    )
    seen = snippet.run_and_record("isolated").output.splitlines()
    assert [line.split()[-2:] for line in seen[1:]] == [["4", "5"], ["4", "5"], ["4", "4"]]
    assert snippet.run_and_record("autocommit").output == "kept without a commit: 9\n"
    red = snippet.run_and_record("flush-red").output.splitlines()
    assert red[0] == f"IntegrityError: {DUPLICATE}"
    assert red[1].startswith("PendingRollbackError: This Session's transaction has been rolled back due to a")
    green = snippet.run_and_record("flush-green").output
    assert green == f"skipped: {DUPLICATE}\n['coal', 'mate', 'milk', 'tea']\n"
    assert lab.machines["mariadb"].ask("SELECT count(*) FROM shop.item;") == [["4"]]
    with lab.machines["mariadb"].python() as python:
        python.paste(snippet["use"].code.replace("with Session.begin()", "with Session()"))
        assert python.paste(OLD).output.splitlines() == [
            "TypeError Session.__init__() got an unexpected keyword argument 'transactional'",
            "ArgumentError autocommit=True is no longer supported",
            "SyntaxError",
            "1064 1",
            "[1, 1, 9, 7]",
            "IndexError",
        ]


CONCURRENT = """
from threading import Event, Thread
from sqlalchemy import event
from sqlalchemy.exc import InvalidRequestError
inside, go = Event(), Event()
def hold(*_):
    inside.set()
    go.wait(60)
event.listen(engine, "checkout", hold)
session = Session()
thread = Thread(target=lambda: session.execute(text("SELECT 1")))
thread.start()
inside.wait(60)
for use in lambda: session.execute(text("SELECT 2")), session.close:
    try:
        use()
    except InvalidRequestError as error:
        print(type(error).__name__, error.args[0][:42])
go.set()
thread.join()
session.close()
"""


@pytest.mark.claim("sqlalchemy-pooling-shared-session", "unsafe")
@pytest.mark.claim("sqlalchemy-pooling-scoped-session", "holds")
def test_threads(snippet: Snippet, lab: DatabaseLab) -> None:
    """A shared session loses another thread's work in silence, or refuses; one each, or a scoped one, keeps them apart."""
    snippet.run("use")
    scoped = snippet.run_and_record("scoped").output.splitlines()
    assert [line.partition(": ")[2].strip() for line in scoped] == ["True", "False", "['gin']", "[]"]
    assert snippet.run_and_record("shared-red").output == "sold, it seems\nrum: None\n"
    assert lab.machines["mariadb"].ask("SELECT count(*) FROM shop.item WHERE name = 'rum';") == [["0"]]
    assert snippet.run_and_record("shared-green").output == "rum: 1\n"
    with lab.machines["mariadb"].python() as python:
        python.paste(snippet["use"].code.rpartition("with")[0])
        assert python.paste(CONCURRENT).output.splitlines() == [
            "InvalidRequestError This session is provisioning a new connect",
            "IllegalStateChangeError Method 'close()' can't be called here; met",
        ]


def test_tasks(snippet: Snippet) -> None:
    """Sessions of their own let tasks run at once; a shared one refuses, and an expired attribute cannot be read."""
    snippet.run("use")
    assert snippet.run_and_record("async").output == "['tea 15', 'milk 15']\n"
    gather = snippet.run_and_record("gather-red").output.splitlines()
    assert gather == [
        "tea",
        "InvalidRequestError: This session is provisioning a new connection; concurrent operations are not permitted",
    ]
    greenlet = snippet.run_and_record("greenlet-red").output
    assert greenlet == "MissingGreenlet: greenlet_spawn has not been called\nasked for: 15\n"

"""An engine across a fork: what the child inherits, and what each end of it does to the parent's connection."""

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.pytest_plugin import Snippet

MATRIX = """pymysql  os._exit()  works
pymysql  sys.exit()  works
pymysql  del         works
pymysql  close()     lost
MySQLdb  os._exit()  works
MySQLdb  sys.exit()  lost
MySQLdb  del         lost
MySQLdb  close()     lost
"""
WORKERS = """
import multiprocessing
def work(pipe): pipe.send(number(engine))
fork = multiprocessing.get_context("fork")
read, write = fork.Pipe(False)
parents = number(engine)
workers = [fork.Process(target=work, args=(write,)) for _ in range(2)]
for worker in workers: worker.start()
numbers = {read.recv() for _ in workers}
for worker in workers: worker.join()
print(len(numbers | {parents}), number(engine) == parents)
"""


@pytest.mark.claim("fork-and-connections-child-inherits-sockets", "holds")
@pytest.mark.claim("fork-and-connections-mysql-shared-use", "unsafe")
def test_two_on_one_connection(snippet: Snippet, lab: DatabaseLab) -> None:
    """Without a dispose parent and child are one client and get each other's answers; with it each is its own."""
    snippet.run("use")
    seen = snippet.run_and_record("check").output
    assert seen == "the child has the parent's: False\nthe parent has it still: True\n"
    assert snippet.run_and_record("same-red").output == "the child has the parent's: True\n"
    wrong = snippet.run_and_record("wrong-red").output
    assert wrong == "the parent asked who it is, and got: child\n"
    # Without the invalidate, the connection is given back with a rollback that reads the answer before its own.
    late = snippet["wrong-red"].code.replace("connection.invalidate()", "pass")
    with lab.machines["mariadb"].python() as python:
        for region in ("use", "check", "same-red"):
            python.paste(snippet[region].code)
        assert "(2014, 'Command Out of Sync')" in python.paste(late).output


def test_workers_of_multiprocessing(snippet: Snippet, lab: DatabaseLab) -> None:
    """The hook also runs in children of multiprocessing by fork: each has a connection of its own, the parent keeps its."""
    with lab.machines["mariadb"].python() as python:
        for region in ("use", "check"):
            python.paste(snippet[region].code)
        assert python.paste(WORKERS).output == "3 True\n"


@pytest.mark.claim("fork-and-connections-mysql-close-in-child", "unsafe")
def test_closed_from_the_child(snippet: Snippet) -> None:
    """What a child closes is closed for the parent; MySQLdb does so when it is thrown away as well."""
    for region in ("use", "check", "watch.py:watch", "same-red"):
        snippet.run(region)
    red = snippet.run_and_record("closed-red").output.splitlines()
    assert [line[-1] for line in red[:2]] == ["1", "0"]
    assert red[2] == "in the parent: (2013, 'Lost connection to MySQL server during query')"
    green = snippet.run_and_record("closed-green").output
    assert green == "after, on the server: 1\nin the parent it works: True\n"
    snippet.run("matrix")
    assert snippet.run_and_record("matrix-run").output == MATRIX

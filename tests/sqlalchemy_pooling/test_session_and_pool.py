"""What a session holds, and when it gives it back, seen from the session, the pool and the server."""

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.pytest_plugin import Snippet

HELD = """after              session  pool  server
create_engine()          0     0       0
Session()                0     0       0
add()                    0     0       0
flush()                  1     0       1
commit()                 0     1       1
  coal.n is 1
reading coal.n           1     0       1
rollback()               0     1       1
scalars()                1     0       1
close()                  0     1       1
dispose()                0     0       0
"""


@pytest.mark.claim("sqlalchemy-pooling-session-is-not-connection", "holds")
@pytest.mark.claim("sqlalchemy-pooling-commit-rollback-close-return", "holds")
@pytest.mark.claim("sqlalchemy-pooling-close-keeps-connection", "holds")
def test_who_holds_what(snippet: Snippet, lab: DatabaseLab) -> None:
    """A connection is out from the first SQL to commit, rollback or close; the pool keeps it until dispose."""
    assert snippet.run_and_record("use").output == "checked out: 0\n"
    snippet.run("watch.py:watch")
    assert snippet.run_and_record("steps").output == HELD
    assert lab.machines["mariadb"].connections() == 0
    kept = snippet.run_and_record("reset").output
    assert kept == "n: [1, 5]\nthe same connection: True\n"
    assert lab.machines["mariadb"].connections() == 1


def test_objects_after_the_commit(snippet: Snippet) -> None:
    """Expired objects cannot be read without their session, and take a connection with it."""
    snippet.run("use")
    red = snippet.run_and_record("detached-red", hash="at 0x([0-9a-f]+)").output
    assert red.startswith("DetachedInstanceError: Instance <Item at 0x")
    assert "is not bound to a Session; attribute refresh operation cannot proceed" in red
    assert snippet.run_and_record("detached-green").output == "3 | checked out: 0\n"
    red = snippet.run_and_record("leak-red").output
    assert red == "sold one, 3 left\nchecked out while we call a slow API: 1\n"
    assert snippet.run_and_record("leak-green").output.endswith("slow API: 0\n")

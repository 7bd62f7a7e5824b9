# file: ~/retry.py
# --8<-- [start:retry]
"""Do a whole transaction again when its connection was lost."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

T = TypeVar("T")
# Too many connections, lock wait timeout, deadlock, nobody listens; SQLite's wait.
AGAIN = {1040, 1205, 1213, 2003, "database is locked"}


def in_transaction(
    sessions: sessionmaker[Session],
    work: Callable[[Session], T],
    attempts: int = 3,
    pause: float = 0.1,
) -> T:
    """Return what `work` returns, committed; a lost connection starts it all over.

    `work` gets a new session each time, and may do nothing that a rollback does not
    undo. An error of the commit itself is raised at once, since nobody knows then
    whether it was done.
    """
    for attempt in range(1, attempts + 1):
        with sessions() as session:
            try:
                result = work(session)
                session.flush()
            except DBAPIError as error:
                if attempt == attempts or not is_worth_it(error):
                    raise
            else:
                session.commit()
                return result
        time.sleep(pause * 2**attempt * random.random())
    raise ValueError("attempts must be at least 1")


def is_worth_it(error: DBAPIError) -> bool:
    """Tell whether the same work may go well next time."""
    reason = error.orig.args[0] if error.orig and error.orig.args else None
    return error.connection_invalidated or reason in AGAIN
# --8<-- [end:retry]


if __name__ == "__main__":
    from embedded import URL, only_a_server_shows
    from sqlalchemy import create_engine, text

    engine = create_engine(URL)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE stock (name CHAR(9) PRIMARY KEY, n INT)"))
        connection.execute(text("INSERT INTO stock VALUES ('tea', 5)"))
    other = engine.connect()
    other.execute(text("UPDATE stock SET n = n - 2"))  # and no commit yet
    impatient = {"sqlite": "PRAGMA busy_timeout = 1"}
    hurry = impatient.get(engine.dialect.name, "SET innodb_lock_wait_timeout = 1")
    attempts: list[str] = []

    def sell(session: Session) -> int:
        """Sell one, and tell how many are left; the first attempt finds them locked."""
        session.execute(text(hurry))
        attempts.append("one")
        if len(attempts) > 1:
            other.commit()
        session.execute(text("UPDATE stock SET n = n - 1"))
        return int(session.scalars(text("SELECT n FROM stock")).one())

    left = in_transaction(sessionmaker(engine), sell)
    print(left, "left after", len(attempts), "attempts")
    only_a_server_shows("a connection that is lost on the way, and a deadlock.")

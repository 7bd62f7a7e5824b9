"""Runs the snippets beside it without a server: `import` it first."""

# file: ~/embedded.py
# --8<-- [start:embedded]
"""Where DATABASE_URL is not set, let it be a SQLite database of this run alone.

What the snippets ask a server about connections is told from this side instead.
"""

import atexit
import os
import sys
import tempfile
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import Pool, event


def new_database() -> str:
    """Return the URL of an empty database that is gone when the program ends."""
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    atexit.register(folder.cleanup)
    return f"sqlite:///{Path(folder.name, 'shop.db').as_posix()}"


def has_threads() -> bool:
    """Tell whether a thread can be started; in a browser none can."""
    try:
        Thread(target=int).start()
    except RuntimeError:
        return False
    return True


URL = os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or new_database()
ON_SERVER = not URL.startswith("sqlite")
THREADS = has_threads()
numbers: dict[int, int] = {}  # of all connections that are open
following = count(1)


def opened(connection: Any, record: Any) -> None:
    """Number a new connection, and let SQLite tell it as a server does."""
    number = numbers[id(connection)] = next(following)
    connection.create_function("connection_id", 0, lambda: number)


def closed(connection: Any, record: Any = None) -> None:
    """Forget a connection that is about to be closed."""
    numbers.pop(id(connection), None)


if not ON_SERVER:
    event.listen(Pool, "connect", opened)
    event.listen(Pool, "close", closed)
    event.listen(Pool, "close_detached", closed)


def settled(expected: int) -> int:
    """Return how many are open; nobody has to be waited for."""
    return len(numbers)


def need_server() -> None:
    """End the program, and say how to run it, unless it has a server."""
    if not ON_SERVER:
        here, name = Path(__file__).parent, Path(sys.argv[0]).name
        how = f"opsbook lab --copy {here} mariadb -- python3 {here.name}/{name}"
        print(f"{name} needs a server: {how}", file=sys.stderr)
        raise SystemExit(2)


def only_a_server_shows(what: str) -> None:
    """Say at the end of a program what was left out."""
    if not ON_SERVER:
        print("Only a server shows:", what)
# --8<-- [end:embedded]


if __name__ == "__main__":
    print("The snippets beside this file use", URL)
    only_a_server_shows("what `python3 watch.py` counts.")

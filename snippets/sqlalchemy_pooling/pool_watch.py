# file: ~/pool_watch.py
# --8<-- [start:pool-watch]
"""Tell who holds the connections of a pool."""

import threading
import time
import traceback
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import Engine, event

# Frames that are not the program's own.
SKIPPED = (str(Path(sqlalchemy.__file__).parent), __file__, "<")


class Holder(NamedTuple):
    """Who took a connection, when, and on which line of the program."""

    thread: str
    since: float
    place: str


class PoolWatch:
    """Watches the pool of `engine` from now on: at each checkout it looks who calls."""

    def __init__(self, engine: Engine) -> None:
        self.holders: dict[int, Holder] = {}
        event.listen(engine, "checkout", self._taken)
        event.listen(engine, "checkin", self._returned)
        event.listen(engine, "detach", self._returned)

    def _taken(self, connection: Any, record: Any, proxy: Any) -> None:
        thread = threading.current_thread().name
        self.holders[id(record)] = Holder(thread, time.monotonic(), place())

    def _returned(self, connection: Any, record: Any) -> None:
        self.holders.pop(id(record), None)

    def report(self) -> str:
        """Return how many are held, since when, and by which lines; the most first."""
        places = defaultdict(list)
        for holder in list(self.holders.values()):
            places[holder.place].append(holder)
        now = time.monotonic()
        return "\n".join(
            f"{len(held)} held for up to {now - min(h.since for h in held):.1f} s"
            f" (threads: {len({h.thread for h in held})}), taken at\n    {where}"
            for where, held in sorted(places.items(), key=lambda item: -len(item[1]))
        )


def place(depth: int = 2) -> str:
    """Return the program's innermost `depth` lines that led here."""
    lines = (
        f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_stack(None)
        if not frame.f_code.co_filename.startswith(SKIPPED)
    )
    return " < ".join(islice(lines, depth))
# --8<-- [end:pool-watch]


if __name__ == "__main__":
    from embedded import URL, only_a_server_shows
    from sqlalchemy import create_engine

    engine = create_engine(URL)
    watch = PoolWatch(engine)
    # This file is left out of what the watch tells, so it takes another one to see it.
    app: dict[str, Any] = {"engine": engine}
    exec(compile("kept = engine.connect(), engine.connect()", "app.py", "exec"), app)
    print(watch.report())
    for connection in app["kept"]:
        connection.close()
    print("held:", watch.report() or "none")
    only_a_server_shows("which of them have a transaction open.")

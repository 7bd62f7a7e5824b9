"""Does blocks in the reader's browser as lab python does: one after the other, in one namespace, in an empty home."""

import ast
import asyncio
import functools
import json
import linecache
import os
import sys
import time
import traceback
from pathlib import Path
from types import SimpleNamespace
from typing import Any

HOME = Path("/home/alice")
module: dict[str, Any] = {"__name__": "__main__"}


class Loop(asyncio.BaseEventLoop):
    """An event loop that has nothing to wait for but time: in a worker there are no sockets."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = SimpleNamespace(select=wait)

    def _process_events(self, event_list: list[Any]) -> None:
        pass

    def _write_to_self(self) -> None:
        pass


def wait(seconds: float | None) -> list[Any]:
    """Wait for `seconds`, for good where it is None, and return that nothing came."""
    time.sleep(3600 if seconds is None else max(seconds, 0))
    return []


def start() -> str:
    """Make the home and return the version of Python."""
    HOME.mkdir(parents=True)
    os.chdir(HOME)
    os.environ |= {"HOME": str(HOME), "USER": "alice", "LOGNAME": "alice"}
    sys.path.insert(0, "")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(write_through=True)
    # Pyodide's own hands over to the worker's event loop, which is said to be running, and comes back too early.
    asyncio._set_running_loop(None)
    asyncio.run = functools.partial(asyncio.run.__wrapped__, loop_factory=Loop)
    return sys.version.partition(" ")[0]


def database(code: str, file: str) -> str:
    """Make SQLAlchemy importable from its wheels, and the snippets in `code`, JSON of names and texts, that programs import;
    return the versions. SQLite takes the place of the server.
    """
    sys.path += map(str, Path("/wheels").glob("*.whl"))
    for name, text in json.loads(code).items():
        (HOME / name).write_text(text)
    import sqlite3

    import sqlalchemy

    return f", SQLAlchemy {sqlalchemy.__version__}, SQLite {sqlite3.sqlite_version}"


def write(code: str, file: str) -> bool:
    """Write the file that a block is the content of; ~ is the home."""
    target = Path(file).expanduser()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{code}\n")
    return True


def define(code: str, file: str) -> bool:
    """Take the imports, functions and classes of a block that cannot run here, for those below it."""
    tree = ast.parse(code, file)
    kinds = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    tree.body = [node for node in tree.body if isinstance(node, kinds)]
    exec(compile(tree, file, "exec", dont_inherit=True), module)
    return True


def run(code: str, file: str) -> bool:
    """Run `code` as the content of `file`; tell whether it ended without an exception, whose traceback is printed."""
    linecache.cache[file] = len(code), None, code.splitlines(keepends=True), file
    try:
        exec(compile(code, file, "exec", dont_inherit=True), module)
    except BaseException as error:
        # This frame is no part of it.
        traceback.print_exception(error.with_traceback(error.__traceback__.tb_next))
        return False
    return True

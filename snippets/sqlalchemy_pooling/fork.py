"""An engine that a child inherits by fork."""

import sys

from embedded import need_server

need_server()
sys.stdout.reconfigure(line_buffering=True)  # os._exit() in a child writes nothing out

# --8<-- [start:use]
import os

from sqlalchemy import create_engine, text

URL = os.environ.get(
    "DATABASE_URL", "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
)
engine = create_engine(URL)

# In each child: forget the parent's connections, and leave them open.
os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))
# --8<-- [end:use]

# --8<-- [start:check]
def number(engine) -> int:
    """Return the server's number of the connection that we get."""
    with engine.connect() as connection:
        return connection.scalar(text("SELECT connection_id()"))


def in_child(work) -> None:
    """Run `work` in a forked child, and wait for its end."""
    if not (pid := os.fork()):
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


parents = number(engine)
in_child(lambda: print("the child has the parent's:", number(engine) == parents))
print("the parent has it still:", number(engine) == parents)
# --8<-- [end:check]

# --8<-- [start:same-red]
careless = create_engine(URL, connect_args={"read_timeout": 2})

parents = number(careless)
in_child(lambda: print("the child has the parent's:", number(careless) == parents))
# --8<-- [end:same-red]

# --8<-- [start:wrong-red]
import signal
import time

WAITS = "SELECT :me FROM (SELECT GET_LOCK('door', 60)) AS opened"
WAITING = (
    "SELECT count(*) FROM information_schema.processlist"
    " WHERE state = 'User lock'"
)


number(careless)
with engine.connect() as other:
    other.execute(text("SELECT GET_LOCK('door', 0)"))
    if not (pid := os.fork()):
        with careless.connect() as connection:  # not answered while we hold the lock
            connection.scalar(text(WAITS), {"me": "child"})
    while not other.scalar(text(WAITING)):
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    other.execute(text("SELECT RELEASE_LOCK('door')"))
with careless.connect() as connection:
    answer = connection.scalar(text("SELECT :me"), {"me": "parent"})
    connection.invalidate()  # it is one answer behind for good
print("the parent asked who it is, and got:", answer)
# --8<-- [end:wrong-red]

# --8<-- [start:closed-red]
from sqlalchemy.exc import OperationalError
from watch import settled

engine.dispose()
number(careless)
print("before, on the server:", settled(1))
in_child(careless.dispose)  # closes, unless told otherwise
print("after, on the server: ", settled(0))
try:
    number(careless)
except OperationalError as error:
    print("in the parent:", error.orig.args)
# --8<-- [end:closed-red]

# --8<-- [start:closed-green]
number(careless)
in_child(lambda: careless.dispose(close=False))
print("after, on the server:", settled(1))
print("in the parent it works:", number(careless) > 0)
careless.dispose()
# --8<-- [end:closed-green]

# file: ~/after_fork.py
# --8<-- [start:matrix]
"""What is left of a parent's connection when its child has ended, by driver and way."""

import gc
import os
import sys

import MySQLdb
import pymysql

for driver in pymysql, MySQLdb:
    for way in "os._exit()", "sys.exit()", "del", "close()":
        connection = driver.connect(
            host="127.0.0.1", read_default_file=os.path.expanduser("~/.my.cnf")
        )
        if not (pid := os.fork()):
            if way == "sys.exit()":
                sys.exit()
            if way == "del":
                del connection
                gc.collect()
            if way == "close()":
                connection.close()
            os._exit(0)
        os.waitpid(pid, 0)
        try:
            connection.cursor().execute("SELECT 1")
            state = "works"
        except driver.OperationalError as error:
            state = "lost" if error.args[0] in (2006, 2013) else str(error)
        print(f"{driver.__name__:9}{way:12}{state}", flush=True)
# --8<-- [end:matrix]

"""A server that restarts, or loses patience, under a pool."""

from embedded import need_server

need_server()

# --8<-- [start:use]
import os

from engine import make_engine
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

URL = os.environ.get(
    "DATABASE_URL", "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
)
engine = make_engine(URL)
plain = create_engine(URL)

for each in engine, plain:  # three connections lie idle in each pool
    for connection in [each.connect() for _ in range(3)]:
        connection.close()
print(engine.pool.checkedin(), plain.pool.checkedin())
# --8<-- [end:use]

# --8<-- [start:restarted]
def tried(each) -> None:
    """Ask something over a connection of the pool and print what comes of it."""
    try:
        with each.connect() as connection:
            print(connection.scalar(text("SELECT 'an answer'")))
    except DBAPIError as error:
        print(error.orig.args, "| invalidated:", error.connection_invalidated)


for each, name in (engine, "pre-ping"), (plain, "plain"):
    for _ in range(3):
        print(f"{name:10}", end="")
        tried(each)
# --8<-- [end:restarted]

# --8<-- [start:stopped]
for each, name in (engine, "pre-ping"), (plain, "plain"):
    print(f"{name:10}", end="")
    tried(each)
# --8<-- [end:stopped]

# --8<-- [start:retry-use]
from retry import in_transaction
from sqlalchemy.orm import Session, sessionmaker
from watch import kill_all

with engine.begin() as connection:
    connection.execute(text("CREATE TABLE item (name CHAR(9) PRIMARY KEY, n INT)"))
    connection.execute(text("INSERT INTO item VALUES ('tea', 5)"))

attempts = []


def sell(session: Session) -> int:
    """Sell one, and tell how many are left; the first attempt is cut off."""
    session.execute(text("UPDATE item SET n = n - 1 WHERE name = 'tea'"))
    attempts.append("one")
    if len(attempts) == 1:
        kill_all()
    return session.scalar(text("SELECT n FROM item WHERE name = 'tea'"))


left = in_transaction(sessionmaker(engine), sell)
print(left, "left after", len(attempts), "attempts")
# --8<-- [end:retry-use]

# --8<-- [start:commit-red]
from cut import cut_at_commit


def sold(through, before_commit) -> None:
    """Sell one, and print how the commit ended and how many are left after it."""
    with Session(through) as session:
        try:
            session.execute(text("UPDATE item SET n = n - 1"))
            before_commit()
            session.commit()
        except DBAPIError as error:
            print(error.orig.args)
    with engine.connect() as connection:
        print("left:", connection.scalar(text("SELECT n FROM item")))


sold(engine, before_commit=kill_all)
through_proxy = make_engine(URL.replace("127.0.0.1", f"127.0.0.1:{cut_at_commit()}"))
sold(through_proxy, before_commit=lambda: None)
# --8<-- [end:commit-red]

# --8<-- [start:commit-green]
import uuid

with engine.begin() as connection:
    connection.execute(text("CREATE TABLE sale (id CHAR(36) PRIMARY KEY)"))


def sell_once(session: Session, sale: str) -> str:
    """Sell one for `sale`, unless that has been done."""
    if session.scalar(text("SELECT 1 FROM sale WHERE id = :id"), {"id": sale}):
        return "was done already"
    session.execute(text("INSERT INTO sale VALUES (:id)"), {"id": sale})
    session.execute(text("UPDATE item SET n = n - 1"))
    return "done now"


sale = str(uuid.uuid4())  # made once, by whoever asks for it
through_proxy = make_engine(URL.replace("127.0.0.1", f"127.0.0.1:{cut_at_commit()}"))
for each in through_proxy, engine:
    try:
        print(in_transaction(sessionmaker(each), lambda s: sell_once(s, sale)))
    except DBAPIError as error:
        print(error.orig.args)
with engine.connect() as connection:
    print("left:", connection.scalar(text("SELECT n FROM item")))
# --8<-- [end:commit-green]

# --8<-- [start:invalid-red]
from sqlalchemy.exc import PendingRollbackError

session = Session(engine)  # with pre-ping
session.execute(text("UPDATE item SET n = 0"))
kill_all()
for _ in range(3):
    try:
        session.execute(text("SELECT 1"))
    except DBAPIError as error:
        print(error.orig.args)
    except PendingRollbackError as error:
        print(f"PendingRollbackError: {error.args[0]}")
# --8<-- [end:invalid-red]

# --8<-- [start:invalid-green]
session.rollback()
print("it was kept:", session.scalar(text("SELECT n FROM item")) == 0)
session.close()
# --8<-- [end:invalid-green]

# --8<-- [start:idle-make]
from watch import SERVER, settled

for each in engine, plain:
    each.dispose()
with SERVER.connect() as server:
    server.execute(text("SET GLOBAL wait_timeout = 2"))
# --8<-- [end:idle-make]

# --8<-- [start:idle-red]
engines = {
    "plain": plain,
    "recycle=60": create_engine(URL, pool_recycle=60),
    "recycle=1": create_engine(URL, pool_recycle=1),
    "pre-ping": engine,
}
for each in engines.values():
    each.connect().close()
settled(0)  # until the server has lost patience with all of them
for name, each in engines.items():
    print(f"{name:12}", end="")
    tried(each)
# --8<-- [end:idle-red]

# --8<-- [start:idle-held]
session = Session(engine)
session.execute(text("SELECT 1"))
settled(0)  # a slow API, a long computation
try:
    session.execute(text("SELECT 1"))
except DBAPIError as error:
    print("in the transaction: ", error.orig.args[0])
session.rollback()

session.execute(text("SELECT 1"))
session.commit()  # gives the connection back
settled(0)
print("between transactions:", session.scalar(text("SELECT 'an answer'")))
session.close()
# --8<-- [end:idle-held]

# --8<-- [start:idle-undo]
with SERVER.connect() as server:
    server.execute(text("SET GLOBAL wait_timeout = 28800"))
for each in engines.values():
    each.dispose()
# --8<-- [end:idle-undo]

# --8<-- [start:frozen-red]
from time import monotonic

hasty = make_engine(URL, connect_seconds=1, query_seconds=1)
began = monotonic()
tried(hasty)
print("within 30 s:", monotonic() - began < 30)
# --8<-- [end:frozen-red]

# --8<-- [start:frozen-green]
tried(hasty)
# --8<-- [end:frozen-green]

"""What a session holds, and when it gives it back."""

from embedded import only_a_server_shows

# --8<-- [start:use]
import os

from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "item"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    n: Mapped[int]


URL = os.environ.get(
    "DATABASE_URL", "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
)
engine = create_engine(URL)
Base.metadata.create_all(engine)

with Session(engine) as session, session.begin():
    session.add(Item(name="tea", n=5))
print("checked out:", engine.pool.checkedout())
# --8<-- [end:use]

# --8<-- [start:steps]
from watch import settled


def look(step: str, server: int) -> None:
    """Print who holds how much after `step`; `server` is what we wait for there."""
    out, idle = engine.pool.checkedout(), engine.pool.checkedin()
    print(f"{step:16}{out:10}{idle:6}{settled(server):8}")


engine.dispose()
print(f"{'after':16}{'session':>10}{'pool':>6}{'server':>8}")
look("create_engine()", 0)

session = Session(engine)
look("Session()", 0)
coal = Item(name="coal", n=1)
session.add(coal)
look("add()", 0)
session.flush()
look("flush()", 1)
session.commit()
look("commit()", 1)
print(f"  coal.n is {coal.n}")
look("reading coal.n", 1)
session.rollback()
look("rollback()", 1)
session.scalars(select(Item)).all()
look("scalars()", 1)
session.close()
look("close()", 1)
engine.dispose()
look("dispose()", 0)
# --8<-- [end:steps]

# browser: differs SQLite returns rows in the order of their coming
# --8<-- [start:reset]
from sqlalchemy import text

with engine.connect() as connection:
    first = connection.scalar(text("SELECT connection_id()"))
    connection.execute(text("UPDATE item SET n = 999"))
with engine.connect() as connection:
    second = connection.scalar(text("SELECT connection_id()"))
    print("n:", connection.scalars(text("SELECT n FROM item")).all())
print("the same connection:", first == second)
# --8<-- [end:reset]

# --8<-- [start:detached-red]
from sqlalchemy.orm.exc import DetachedInstanceError

with Session(engine) as session, session.begin():
    tea = session.get(Item, "tea")
    tea.n -= 1
try:
    print(tea.n)
except DetachedInstanceError as error:
    print(f"DetachedInstanceError: {error.args[0]}")
# --8<-- [end:detached-red]

# --8<-- [start:detached-green]
with Session(engine, expire_on_commit=False) as session, session.begin():
    tea = session.get(Item, "tea")
    tea.n -= 1
print(tea.n, "| checked out:", engine.pool.checkedout())
# --8<-- [end:detached-green]

# --8<-- [start:leak-red]
with Session(engine) as session:
    item = session.get(Item, "tea")
    session.commit()
    print(f"sold one, {item.n} left")  # reads it from the database again
    print("checked out while we call a slow API:", engine.pool.checkedout())
# --8<-- [end:leak-red]

# --8<-- [start:leak-green]
with Session(engine) as session:
    item = session.get(Item, "tea")
    left = item.n
    session.commit()
    print(f"sold one, {left} left")
    print("checked out while we call a slow API:", engine.pool.checkedout())
# --8<-- [end:leak-green]

only_a_server_shows("that it counts the same; here the program counts itself.")

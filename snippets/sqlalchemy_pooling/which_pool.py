"""Which pool an engine has, and what each does with a connection that comes back."""

from embedded import ON_SERVER, THREADS, only_a_server_shows
from sqlalchemy import StaticPool, create_engine

if ON_SERVER:
    # --8<-- [start:kinds]
    from sqlalchemy import create_engine
    from sqlalchemy.ext.asyncio import create_async_engine

    urls = "mysql+pymysql://shop", "mysql+mysqldb://shop", "sqlite:///shop.db", "sqlite://"
    for url in urls:
        print(f"{url:28}{type(create_engine(url).pool).__name__}")
    urls = "mysql+aiomysql://shop", "sqlite+aiosqlite:///shop.db", "sqlite+aiosqlite://"
    for url in urls:
        print(f"{url:28}{type(create_async_engine(url).pool).__name__}")
    # --8<-- [end:kinds]

# --8<-- [start:null]
import os

from sqlalchemy import NullPool, text
from watch import settled

URL = os.environ.get(
    "DATABASE_URL", "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
)
engine = create_engine(URL, poolclass=NullPool)

with engine.connect() as connection:
    print("hello from", connection.scalar(text("SELECT 'the database'")))
    print("in the block:", settled(1))
print("after it:    ", settled(0))
# --8<-- [end:null]

# --8<-- [start:forgotten]
import gc

from sqlalchemy.orm import Session

session = Session(engine)
session.execute(text("SELECT 1"))
print("in use:   ", settled(1))
del session
gc.collect()
print("forgotten:", settled(0))
# --8<-- [end:forgotten]

if THREADS:
    # --8<-- [start:compare]
    from concurrent.futures import ThreadPoolExecutor

    from sqlalchemy import QueuePool, SingletonThreadPool, StaticPool

    NUMBER = text("SELECT connection_id()")


    def number(engine) -> int:
        """Take a connection and return the server's number of it."""
        with engine.connect() as connection:
            return connection.scalar(NUMBER)


    print(f"{'connections:':20}{'two here':>10}{'one there':>11}{'left open':>11}")
    kinds = {QueuePool: 3, NullPool: 0, SingletonThreadPool: 2, StaticPool: 1}
    for pool, left in kinds.items():
        engine = create_engine(URL, poolclass=pool)
        with engine.connect() as one, engine.connect() as two:
            here = {one.scalar(NUMBER), two.scalar(NUMBER)}
            with ThreadPoolExecutor(1) as thread:
                there = {thread.submit(number, engine).result()}
        new = len(there - here)
        print(f"{pool.__name__:20}{len(here):10}{new:+11}{settled(left):11}")
        engine.dispose()
        settled(0)
    # --8<-- [end:compare]

    # --8<-- [start:memory-red]
    from threading import Thread

    from sqlalchemy.exc import OperationalError


    def count_in_thread(engine) -> None:
        """Make a table here, and count its rows in another thread."""
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE item (name TEXT)"))

        def count() -> None:
            try:
                with engine.connect() as connection:
                    print(connection.scalar(text("SELECT count(*) FROM item")), "rows")
            except OperationalError as error:
                print(f"OperationalError: {error.orig}")

        thread = Thread(target=count)
        thread.start()
        thread.join()


    count_in_thread(create_engine("sqlite://"))
    # --8<-- [end:memory-red]

    # --8<-- [start:memory-green]
    shared = create_engine(
        "sqlite://",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False},
    )
    count_in_thread(shared)
    shared.dispose()
    # --8<-- [end:memory-green]
else:
    print("Only threads show: that each has a connection of its own, or not.")

# --8<-- [start:static-red]
static = create_engine(URL, poolclass=StaticPool)
with static.begin() as connection:
    connection.execute(text("CREATE TABLE item (name CHAR(9) PRIMARY KEY)"))


def try_it(engine) -> None:
    """Add a row and roll it back, while somebody else commits."""
    with engine.connect() as mine, engine.connect() as other:
        mine.execute(text("INSERT INTO item VALUES ('gin')"))
        other.execute(text("SELECT 1"))
        other.commit()
        mine.rollback()
        print("rolled back, and there:", mine.scalar(text("SELECT count(*) FROM item")))


try_it(static)
static.dispose()
# --8<-- [end:static-red]

# --8<-- [start:static-green]
queue = create_engine(URL)
with queue.begin() as connection:
    connection.execute(text("DELETE FROM item"))
try_it(queue)
queue.dispose()
# --8<-- [end:static-green]

# browser: differs the engine is SQLite's
# --8<-- [start:size-red]
try:
    create_engine(URL, poolclass=NullPool, pool_size=5)
except TypeError as error:
    print(f"TypeError: {error}")
# --8<-- [end:size-red]

# --8<-- [start:size-green]
import os

settings = {"poolclass": NullPool} if os.environ.get("CRON") else {"pool_size": 5}
print(type(create_engine(URL, **settings).pool).__name__)
# --8<-- [end:size-green]

only_a_server_shows("that it counts the same; the pools of URLs of other drivers.")

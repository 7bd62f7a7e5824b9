"""Errors of engines, connections and sessions by message: each is made, seen, cured."""

from importlib.util import find_spec

from embedded import ON_SERVER, only_a_server_shows

# --8<-- [start:shown]
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text

URL = os.environ.get(
    "DATABASE_URL", "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
)
engine = create_engine(URL)


@contextmanager
def shown() -> Iterator[None]:
    """Print an exception in one line, without the link that ends it, and go on."""
    try:
        yield
    except Exception as error:
        first = str(error).splitlines()[0].partition(" (Background on")[0]
        print(f"{type(error).__name__}: {first}")


def greet(engine) -> None:
    """Print who the server says we are."""
    with engine.connect() as connection:
        print("hello,", connection.scalar(text("SELECT current_user()")))
# --8<-- [end:shown]

# --- the URL

# --8<-- [start:parse-red]
with shown():
    greet(create_engine("127.0.0.1/shop"))
# --8<-- [end:parse-red]

if ON_SERVER:
    # --8<-- [start:parse-green]
    greet(create_engine(URL))
    # --8<-- [end:parse-green]

    # --8<-- [start:mysqldb-make]
    import sys

    DEBIAN = "/usr/lib/python3/dist-packages"  # python3-mysqldb is there
    sys.path.remove(DEBIAN)
    # --8<-- [end:mysqldb-make]

    # --8<-- [start:mysqldb-red]
    with shown():
        greet(create_engine("mysql://127.0.0.1/shop?read_default_file=~/.my.cnf"))
    # --8<-- [end:mysqldb-red]

    # --8<-- [start:mysqldb-green]
    greet(create_engine("mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"))
    # --8<-- [end:mysqldb-green]

    # --8<-- [start:mysqldb-undo]
    sys.path.append(DEBIAN)
    # --8<-- [end:mysqldb-undo]

# --8<-- [start:plugin-red]
with shown():
    create_engine("postgres://127.0.0.1/shop")
# --8<-- [end:plugin-red]

# --8<-- [start:plugin-green]
from sqlalchemy import make_url

print(make_url("postgresql+psycopg://127.0.0.1/shop").get_dialect().driver)
# --8<-- [end:plugin-green]

# --8<-- [start:quotes-red]
pasted = "create_engine(‘postgresql+psycopg://127.0.0.1/shop’)"
with shown():
    compile(pasted, "app.py", "exec")
# --8<-- [end:quotes-red]

# --8<-- [start:quotes-green]
mended = pasted.replace("‘", '"').replace("’", '"')
compile(mended, "app.py", "exec")
print(mended)
# --8<-- [end:quotes-green]

if ON_SERVER:
    # --8<-- [start:at-make]
    with engine.begin() as connection:
        create = "CREATE USER shop@'127.0.0.1' IDENTIFIED BY 'fake-p@ss'"
        connection.execute(text(create))
        connection.execute(text("GRANT SELECT ON shop.* TO shop@'127.0.0.1'"))
    # --8<-- [end:at-make]

    # --8<-- [start:at-red]
    with shown():
        greet(create_engine("mysql+pymysql://shop:fake-p@ss@127.0.0.1/shop"))
    # --8<-- [end:at-red]

    # --8<-- [start:at-green]
    from sqlalchemy import URL as Url

    url = Url.create("mysql+pymysql", "shop", "fake-p@ss", "127.0.0.1", database="shop")
    greet(create_engine(url))
    print(url)
    # --8<-- [end:at-green]

    # --- the server

    # --8<-- [start:refused-red]
    with shown():
        greet(create_engine(URL.replace("127.0.0.1", "127.0.0.1:3307")))
    # --8<-- [end:refused-red]

    # --8<-- [start:refused-green]
    greet(create_engine(URL.replace("127.0.0.1", "127.0.0.1:3306")))
    # --8<-- [end:refused-green]

    # --8<-- [start:denied-red]
    with shown():
        greet(create_engine("mysql+pymysql://alice:fake-old-one@127.0.0.1/shop"))
    # --8<-- [end:denied-red]

    # --8<-- [start:denied-green]
    greet(create_engine(URL))  # reads it from ~/.my.cnf
    # --8<-- [end:denied-green]

    # --8<-- [start:unknown-red]
    with shown():
        greet(create_engine(URL.replace("/shop", "/shopp")))
    # --8<-- [end:unknown-red]

    # --8<-- [start:unknown-green]
    with create_engine(URL.replace("/shop", "/")).connect() as connection:
        names = connection.scalars(text("SHOW DATABASES")).all()
        print("shop" in names, "shopp" in names)
    # --8<-- [end:unknown-green]

    # --8<-- [start:locked-make]
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE item (name CHAR(9) PRIMARY KEY, n INT)"))
        connection.execute(text("INSERT INTO item VALUES ('tea', 5)"))

    forgotten = engine.connect()
    forgotten.execute(text("UPDATE item SET n = 4"))  # and no commit
    impatient = create_engine(
        URL, connect_args={"init_command": "SET innodb_lock_wait_timeout = 1"}
    )
    # --8<-- [end:locked-make]

    # --8<-- [start:locked-red]
    with shown(), impatient.begin() as connection:
        connection.execute(text("UPDATE item SET n = 3"))
    # --8<-- [end:locked-red]

    # --8<-- [start:locked-look]
    holders = text(
        "SELECT p.user, p.command, t.trx_rows_modified FROM information_schema.innodb_trx t"
        " JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id"
        " WHERE t.trx_rows_modified > 0"
    )
    with impatient.connect() as connection:
        print(connection.execute(holders).all())
    # --8<-- [end:locked-look]

    # --8<-- [start:locked-green]
    forgotten.rollback()
    with shown(), impatient.begin() as connection:
        connection.execute(text("UPDATE item SET n = 3"))
        print(connection.scalar(text("SELECT n FROM item")))
    # --8<-- [end:locked-green]
else:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE item (name CHAR(9) PRIMARY KEY, n INT)"))
        connection.execute(text("INSERT INTO item VALUES ('tea', 3)"))

# --- engine, connection, result

# --8<-- [start:execute-red]
with shown():
    engine.execute(text("SELECT n FROM item"))
# --8<-- [end:execute-red]

# --8<-- [start:execute-green]
with engine.connect() as connection:
    print(connection.execute(text("SELECT n FROM item")).all())
# --8<-- [end:execute-green]

# --8<-- [start:text-red]
with shown(), engine.connect() as connection:
    connection.execute("SELECT n FROM item")
# --8<-- [end:text-red]

# --8<-- [start:text-green]
with engine.connect() as connection:
    query = text("SELECT n FROM item WHERE name = :name")
    print(connection.scalar(query, {"name": "tea"}))
# --8<-- [end:text-green]

# --8<-- [start:closed-red]
with engine.connect() as connection:
    pass
with shown():
    connection.execute(text("SELECT n FROM item"))
# --8<-- [end:closed-red]

# --8<-- [start:closed-green]
with engine.connect() as connection:
    rows = connection.execute(text("SELECT n FROM item")).all()
print(rows)
# --8<-- [end:closed-green]

# --8<-- [start:rows-red]
with shown(), engine.begin() as connection:
    connection.execute(text("UPDATE item SET n = 2")).all()
# --8<-- [end:rows-red]

# --8<-- [start:rows-green]
with engine.begin() as connection:
    print(connection.execute(text("UPDATE item SET n = 2")).rowcount, "changed")
# --8<-- [end:rows-green]

# --- transactions

# --8<-- [start:begun-red]
with shown(), engine.connect() as connection:
    connection.scalar(text("SELECT n FROM item"))
    with connection.begin():
        connection.execute(text("UPDATE item SET n = 1"))
# --8<-- [end:begun-red]

# --8<-- [start:begun-green]
with engine.connect() as connection:
    connection.scalar(text("SELECT n FROM item"))
    connection.commit()  # ends what the SELECT began
    with connection.begin():
        connection.execute(text("UPDATE item SET n = 1"))
    print(connection.scalar(text("SELECT n FROM item")))
# --8<-- [end:begun-green]

# --8<-- [start:session-red]
from sqlalchemy.orm import Session

with shown(), Session(engine) as session:
    session.scalar(text("SELECT n FROM item"))
    with session.begin():
        session.execute(text("UPDATE item SET n = 0"))
# --8<-- [end:session-red]

# --8<-- [start:session-green]
with Session(engine) as session, session.begin():
    session.scalar(text("SELECT n FROM item"))
    session.execute(text("UPDATE item SET n = 0"))
with Session(engine) as session:
    print(session.scalar(text("SELECT n FROM item")))
# --8<-- [end:session-green]

# --- asyncio

if find_spec("greenlet"):
    # --8<-- [start:async-red]
    from sqlalchemy.ext.asyncio import create_async_engine

    with shown():
        create_async_engine(URL)
    # --8<-- [end:async-red]
else:
    print("Only sqlalchemy[asyncio] shows: an async engine without an async driver.")

if ON_SERVER:
    # --8<-- [start:async-green]
    import asyncio


    async def main() -> None:
        engine = create_async_engine(URL.replace("pymysql", "aiomysql"))
        async with engine.connect() as connection:
            print(await connection.scalar(text("SELECT n FROM item")))
        await engine.dispose()


    asyncio.run(main())
    # --8<-- [end:async-green]

only_a_server_shows("logins, names, ports, locks: 1045, 1049, 1205, 2003.")

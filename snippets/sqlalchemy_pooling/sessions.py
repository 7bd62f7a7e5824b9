"""One session for each piece of work: alone, in threads, in tasks."""

from embedded import ON_SERVER, THREADS, only_a_server_shows

# --8<-- [start:use]
import os

from sqlalchemy import String, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker


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
Session = sessionmaker(engine)
Base.metadata.create_all(engine)

with Session.begin() as session:
    session.add_all([Item(name="tea", n=5), Item(name="milk", n=1)])
# --8<-- [end:use]

# browser: differs SQLite returns rows in the order of their coming
# --8<-- [start:check]
try:
    with Session.begin() as session:
        session.get(Item, "tea").n = 0
        session.flush()
        raise RuntimeError("the card was refused")
except RuntimeError as error:
    print(error)

with Session() as session:
    print([(item.name, item.n) for item in session.scalars(select(Item))])
print("checked out:", engine.pool.checkedout())
# --8<-- [end:check]

# browser: differs a SELECT alone begins no transaction in Python's SQLite
# --8<-- [start:isolated]
with Session() as reader, Session() as writer:
    count = select(Item.n).where(Item.name == "tea")
    print("reader:", reader.scalar(count))
    writer.get(Item, "tea").n = 4
    writer.flush()
    print("changed:        ", writer.scalar(count), reader.scalar(count))
    writer.commit()
    print("committed:      ", writer.scalar(count), reader.scalar(count))
    reader.commit()
    print("reader's commit:", writer.scalar(count), reader.scalar(count))
# --8<-- [end:isolated]

# --8<-- [start:autocommit]
now = engine.execution_options(isolation_level="AUTOCOMMIT")  # the same pool
with now.connect() as connection:
    connection.execute(text("UPDATE item SET n = 9"))
with now.connect() as connection:
    print("kept without a commit:", connection.scalar(text("SELECT n FROM item")))
# --8<-- [end:autocommit]

# browser: differs the message is SQLite's
# --8<-- [start:flush-red]
from sqlalchemy.exc import IntegrityError, PendingRollbackError

with Session() as session:
    session.add(Item(name="tea", n=1))  # there is one
    try:
        session.flush()
    except IntegrityError as error:
        print("IntegrityError:", error.orig.args)
    try:
        session.scalars(select(Item)).all()
    except PendingRollbackError as error:
        print("PendingRollbackError:", error.args[0].partition(" Original")[0])
# --8<-- [end:flush-red]

# browser: differs the message is SQLite's
# --8<-- [start:flush-green]
with Session.begin() as session:
    session.add(Item(name="coal", n=1))
    for name in "tea", "mate":
        try:
            with session.begin_nested():  # a savepoint, for what may fail
                session.add(Item(name=name, n=1))
        except IntegrityError as error:
            print("skipped:", error.orig.args)

with Session() as session:
    print(session.scalars(select(Item.name)).all())
# --8<-- [end:flush-green]

if THREADS:
    # --8<-- [start:scoped]
    from threading import Thread

    from sqlalchemy.orm import scoped_session

    current = scoped_session(Session)
    used = []


    def both(*jobs) -> None:
        threads = [Thread(target=job) for job in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


    def request(done) -> None:
        """Ask for the session twice, as code in two modules would."""
        first, second = current(), current()
        used.append((first, second))
        first.add(Item(name="gin", n=1))
        done()


    both(lambda: request(done=current.remove), lambda: request(done=current.remove))
    (one, same), (other, _) = used
    print("the same in one thread: ", one is same)
    print("the same in two threads:", one is other)

    request(done=lambda: None)  # forgets remove()
    print("left for the next request:", [item.name for item in current.new])
    current.remove()
    print("after remove():", list(current.new))
    # --8<-- [end:scoped]

    # --8<-- [start:shared-red]
    from threading import Event

    shared = Session()  # one for all threads
    added, tidied = Event(), Event()


    def sell() -> None:
        shared.add(Item(name="rum", n=1))
        added.set()
        tidied.wait(60)
        shared.commit()
        print("sold, it seems")


    def refuse() -> None:
        added.wait(60)
        shared.rollback()  # its own work only, it thinks
        tidied.set()


    both(sell, refuse)
    print("rum:", shared.get(Item, "rum"))
    shared.close()
    # --8<-- [end:shared-red]

    # --8<-- [start:shared-green]
    def sell() -> None:
        with Session.begin() as session:
            session.add(Item(name="rum", n=1))


    def refuse() -> None:
        with Session() as session:
            session.rollback()


    both(sell, refuse)
    with Session() as session:
        print("rum:", session.get(Item, "rum").n)
    # --8<-- [end:shared-green]
else:
    print("Only threads show: scoped_session, and a session that two share.")


if ON_SERVER:
    # --8<-- [start:async]
    import asyncio

    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine

    URL = engine.url.set(drivername="mysql+aiomysql")


    async def main() -> None:
        engine = create_async_engine(URL)
        Session = async_sessionmaker(engine, expire_on_commit=False)

        async def restock(name: str) -> str:
            async with Session.begin() as session:  # one for each task
                item = await session.get(Item, name)
                item.n = 15
            return f"{item.name} {item.n}"

        print(await asyncio.gather(restock("tea"), restock("milk")))
        await engine.dispose()  # before the loop ends


    asyncio.run(main())
    # --8<-- [end:async]

    # --8<-- [start:gather-red]
    from sqlalchemy.exc import InvalidRequestError


    async def main() -> None:
        engine = create_async_engine(URL)
        async with async_sessionmaker(engine)() as session:
            both = session.get(Item, "tea"), session.get(Item, "milk")
            for answer in await asyncio.gather(*both, return_exceptions=True):
                if isinstance(answer, InvalidRequestError):
                    print("InvalidRequestError:", answer.args[0])
                else:
                    print(answer.name)
        await engine.dispose()


    asyncio.run(main())
    # --8<-- [end:gather-red]

    # --8<-- [start:greenlet-red]
    from sqlalchemy.exc import StatementError


    async def main() -> None:
        engine = create_async_engine(URL)
        async with async_sessionmaker(engine)() as session:
            item = await session.get(Item, "tea")
            await session.commit()
            try:
                print(item.n)
            except StatementError as error:
                print("MissingGreenlet:", str(error.orig).partition(";")[0])
            await session.refresh(item)
            print("asked for:", item.n)
        await engine.dispose()


    asyncio.run(main())
    # --8<-- [end:greenlet-red]

only_a_server_shows("that a reader keeps what it saw until its commit; async sessions.")

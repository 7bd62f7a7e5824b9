"""Async context managers: async with, stacks, generators left early, cancellation."""

# --8<-- [start:link]
import asyncio


class Link:
    """A connection to a host; opening and closing it take a while."""

    def __init__(self, host: str) -> None:
        self.host = host

    async def open(self) -> None:
        """Wait for the other side."""
        await asyncio.sleep(0)
        print(self.host, "opened")

    async def close(self) -> None:
        """Say goodbye and wait for the answer."""
        print(self.host, "closing")
        await asyncio.sleep(0)
        print(self.host, "closed")


# --8<-- [end:link]

# --8<-- [start:function]
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def linked(host: str) -> AsyncIterator[Link]:
    """Yield an open link to `host`, and close it."""
    link = Link(host)
    await link.open()
    try:
        yield link
    finally:
        await link.close()


# --8<-- [end:function]

# --8<-- [start:class]
class Linked:
    """Async context manager: an open link to `host`, closed at the end."""

    def __init__(self, host: str) -> None:
        self.link = Link(host)

    async def __aenter__(self) -> Link:
        await self.link.open()
        return self.link

    async def __aexit__(self, *details: object) -> None:
        await self.link.close()


# --8<-- [end:class]

# --8<-- [start:check]
async def main() -> None:
    """Use both, with an exception."""
    for manager in [linked, Linked]:
        try:
            async with manager("web1") as link:
                print("in the block:", link.host)
                raise ValueError("bad port")
        except ValueError as error:
            print("caller has", repr(error))


asyncio.run(main())
# --8<-- [end:check]

# --8<-- [start:turns]
async def count() -> None:
    """Do something else meanwhile."""
    for number in [1, 2, 3]:
        print("other task", number)
        await asyncio.sleep(0)


async def main() -> None:
    """Run both at once."""
    other = asyncio.create_task(count())
    async with linked("web1"):
        print("in the block")
    await other


asyncio.run(main())
# --8<-- [end:turns]

# --8<-- [start:stack]
from contextlib import AsyncExitStack


async def main() -> None:
    """Open any number of links, and an ordinary file."""
    async with AsyncExitStack() as stack:
        for host in ["web1", "web2"]:
            await stack.enter_async_context(linked(host))
        log = stack.enter_context(open("deploy.log", "w"))
        stack.push_async_callback(Link("backup").close)
        stack.callback(print, "first of all")
    print("log closed:", log.closed)


asyncio.run(main())
# --8<-- [end:stack]

# --8<-- [start:early-red]
async def rows() -> AsyncIterator[int]:
    """Yield rows over a link of its own."""
    async with linked("db"):
        for row in range(1000):
            yield row


async def main() -> None:
    """Take one row, and leave the loop."""
    async for row in rows():
        print("row", row)
        break
    print("the loop is over")
    for _ in range(9):
        await asyncio.sleep(0)
    print("much later")


asyncio.run(main())
# --8<-- [end:early-red]

# --8<-- [start:early-green]
from contextlib import aclosing


async def main() -> None:
    """Take one row, and close the generator."""
    async with aclosing(rows()) as every_row:
        async for row in every_row:
            print("row", row)
            break
    print("the loop is over")


asyncio.run(main())
# --8<-- [end:early-green]

# --8<-- [start:timeout]
async def main() -> None:
    """Wait for an answer that does not come."""
    try:
        async with asyncio.timeout(0.5):
            async with linked("web1"):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError as error:
                    print("in the block:", repr(error))
                    raise
    except TimeoutError as error:
        print("caller has", repr(error))


asyncio.run(main())
# --8<-- [end:timeout]

# --8<-- [start:again]
from collections.abc import Coroutine


async def pause(turns: int) -> None:
    """Let the other tasks run."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def cancel_twice(work: Coroutine[None, None, None]) -> None:
    """Cancel a task in its block, and again while it cleans up."""
    task = asyncio.create_task(work)
    await pause(5)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    await pause(5)
    print("cancelled:", task.cancelled())


# --8<-- [end:again]

# --8<-- [start:again-red]
async def work() -> None:
    """Wait for an answer that does not come."""
    async with linked("web1"):
        await asyncio.Event().wait()


asyncio.run(cancel_twice(work()))
# --8<-- [end:again-red]

# --8<-- [start:again-cure]
@asynccontextmanager
async def linked_firmly(host: str) -> AsyncIterator[Link]:
    """Yield an open link to `host`; it is closed even if the closing is cancelled."""
    link = Link(host)
    await link.open()
    try:
        yield link
    finally:
        closing = asyncio.create_task(link.close())
        await asyncio.shield(closing)


# --8<-- [end:again-cure]

# --8<-- [start:again-green]
async def work() -> None:
    """Wait for an answer that does not come."""
    async with linked_firmly("web1"):
        await asyncio.Event().wait()


asyncio.run(cancel_twice(work()))
# --8<-- [end:again-green]

# --8<-- [start:hangs]
@asynccontextmanager
async def limited() -> AsyncIterator[None]:
    """Give the cleanup, which never ends, a limit of its own."""
    try:
        yield
    finally:
        try:
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0.05)
        except TimeoutError:
            print("no answer to our goodbye")


async def main() -> None:
    """Be cancelled by a limit, with a cleanup that hangs."""
    try:
        async with asyncio.timeout(0.05), limited():
            await asyncio.Event().wait()
    except TimeoutError as error:
        print("caller has", repr(error))


asyncio.run(main())
# --8<-- [end:hangs]

# --8<-- [start:swallow-red]
@asynccontextmanager
async def careless() -> AsyncIterator[None]:
    """Report whatever happens, and swallow it."""
    try:
        yield
    except BaseException as error:
        print("reported:", repr(error))


async def main() -> None:
    """Have a time limit."""
    async with asyncio.timeout(0.05):
        async with careless():
            await asyncio.Event().wait()
        print("time is up, and on it goes")


asyncio.run(main())
# --8<-- [end:swallow-red]

# --8<-- [start:swallow-cure]
@asynccontextmanager
async def careful() -> AsyncIterator[None]:
    """Report errors and swallow them; a cancellation is none."""
    try:
        yield
    except Exception as error:
        print("reported:", repr(error))


# --8<-- [end:swallow-cure]

# --8<-- [start:swallow-green]
async def main() -> None:
    """Have a time limit."""
    try:
        async with asyncio.timeout(0.05), careful():
            await asyncio.Event().wait()
    except TimeoutError as error:
        print("caller has", repr(error))


asyncio.run(main())
# --8<-- [end:swallow-green]

# browser: differs Python 3.14 says what is missing and what to try
# --8<-- [start:file-red]
async def main() -> None:
    """Open a file as if it were async."""
    async with open("deploy.log", "w") as file:
        file.write("started\n")


try:
    asyncio.run(main())
except TypeError as error:
    print(error)
# --8<-- [end:file-red]

# --8<-- [start:file-green]
async def main() -> None:
    """Write to a file while a link is open."""
    async with linked("web1"):
        with open("deploy.log", "w") as file:
            file.write("started\n")
    print("closed:", file.closed)


asyncio.run(main())
# --8<-- [end:file-green]

# browser: differs Python 3.14 names the type in full
# --8<-- [start:lock-red]
async def main() -> None:
    """Take an asyncio lock the ordinary way."""
    with asyncio.Lock():
        print("never printed")


try:
    asyncio.run(main())
except TypeError as error:
    print(str(error).partition(" (")[0])
# --8<-- [end:lock-red]

# --8<-- [start:lock-green]
async def main() -> None:
    """Take an asyncio lock."""
    async with asyncio.Lock() as nothing:
        print("locked, as gives", nothing)


asyncio.run(main())
# --8<-- [end:lock-green]

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:coroutine-red]
async def connect(host: str) -> Linked:
    """Return a manager, once it is known where the host is."""
    await asyncio.sleep(0)
    return Linked(host)


async def main() -> None:
    """Forget an await."""
    connecting = connect("web1")
    try:
        async with connecting:
            print("never printed")
    except TypeError as error:
        print(error)
    connecting.close()


asyncio.run(main())
# --8<-- [end:coroutine-red]

# --8<-- [start:coroutine-green]
async def main() -> None:
    """Await the manager, then enter it."""
    async with await connect("web1") as link:
        print("in the block:", link.host)


asyncio.run(main())
# --8<-- [end:coroutine-green]

# --8<-- [start:plain-red]
class Plain:
    """A manager with the right names, and no async."""

    def __aenter__(self) -> str:
        return "link"

    def __aexit__(self, *details: object) -> None:
        print("left")


async def main() -> None:
    """Use it."""
    async with Plain():
        print("never printed")


try:
    asyncio.run(main())
except TypeError as error:
    print(error)
# --8<-- [end:plain-red]

# --8<-- [start:plain-cure]
class Plain:
    """A manager with the right names."""

    async def __aenter__(self) -> str:
        return "link"

    async def __aexit__(self, *details: object) -> None:
        print("left")


# --8<-- [end:plain-cure]

# --8<-- [start:plain-green]
async def main() -> None:
    """Use it."""
    async with Plain() as link:
        print("in the block:", link)


asyncio.run(main())
# --8<-- [end:plain-green]

# --8<-- [start:outside-red]
CODE = """
def deploy():
    async with linked("web1"):
        print("deployed")
"""
try:
    exec(CODE)
except SyntaxError as error:
    print(error.msg)
# --8<-- [end:outside-red]

# --8<-- [start:outside-green]
exec(CODE.replace("def", "async def"))
asyncio.run(deploy())
# --8<-- [end:outside-green]

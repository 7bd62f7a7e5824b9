"""How many connections there are: the server tells, and without one this program itself."""

from embedded import ON_SERVER, need_server, settled

SERVER = None
if ON_SERVER:
    # file: ~/watch.py
    # --8<-- [start:watch]
    """Look at this program's connections from the server's side."""

    import time

    from sqlalchemy import NullPool, create_engine, text

    # Over the socket, so that it does not count itself: pools here use the network.
    SERVER = create_engine(
        "mysql+pymysql://alice@/shop?unix_socket=/run/mysqld/mysqld.sock",
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    PROCESSES = text(
        "SELECT id FROM information_schema.processlist"
        " WHERE host LIKE '127.0.0.1:%' ORDER BY id"
    )


    def connections() -> list[int]:
        """Return the ids of all connections over the network, oldest first."""
        with SERVER.connect() as server:
            return list(server.scalars(PROCESSES))


    def settled(count: int, seconds: float = 30) -> int:
        """Return how many there are: at once if `count`, else after `seconds`.

        A server needs a moment to see that somebody has hung up.
        """
        until = time.monotonic() + seconds
        while len(there := connections()) != count and time.monotonic() < until:
            time.sleep(0.05)
        return len(there)


    def kill_all() -> None:
        """Cut them all, as a server does that is restarted or lost patience."""
        with SERVER.connect() as server:
            for number in server.scalars(PROCESSES).all():
                server.execute(text(f"KILL {number}"))
        settled(0)
    # --8<-- [end:watch]

if __name__ == "__main__":
    need_server()
    print("connections over the network:", len(connections()))

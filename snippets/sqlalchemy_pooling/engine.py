# file: ~/engine.py
# --8<-- [start:engine]
"""An engine that survives a restart of its server."""

from sqlalchemy import Engine, create_engine, make_url


def make_engine(
    url: str,
    *,
    size: int = 5,
    overflow: int = 10,
    connect_seconds: int = 5,
    query_seconds: int = 60,
) -> Engine:
    """Return an engine that tests each connection before it hands it out.

    No query may take longer than `query_seconds`: without a limit, a server that has
    frozen is waited for without end, by the test of the connection too. SQLite has a
    limit only for the wait for a lock.
    """
    limits = {
        "connect_timeout": connect_seconds,
        "read_timeout": query_seconds,
        "write_timeout": query_seconds,
    }
    if make_url(url).get_backend_name() == "sqlite":
        limits = {"timeout": query_seconds}
    return create_engine(
        url,
        pool_size=size,
        max_overflow=overflow,
        pool_pre_ping=True,
        pool_recycle=3600,
        connect_args=limits,
    )
# --8<-- [end:engine]


if __name__ == "__main__":
    from embedded import URL, only_a_server_shows
    from sqlalchemy import text

    engine = make_engine(URL, size=2)
    for connection in [engine.connect() for _ in range(3)]:
        connection.close()
    with engine.connect() as connection:
        print("an answer:", connection.scalar(text("SELECT 'yes'")))
    print("3 were taken, now:", engine.pool.status())
    engine.dispose()
    only_a_server_shows("a restart under the pool, which pre-ping hides.")

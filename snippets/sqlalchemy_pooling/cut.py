# file: ~/cut.py
# --8<-- [start:cut]
"""A proxy that passes a COMMIT on, and hangs up before the answer."""

import select
import socket
import threading


def cut_at_commit(port: int = 3306) -> int:
    """Return the port at which one connection to `port` will be served, and cut."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        server = socket.create_connection(("127.0.0.1", port))
        with listener, client, server:
            while True:
                for ready in select.select([client, server], [], [])[0]:
                    if not (data := ready.recv(65536)):
                        return
                    (server if ready is client else client).sendall(data)
                    if ready is client and data[4:] == b"\x03COMMIT":
                        server.recv(65536)  # it is done, and nobody will hear of it
                        return

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]
# --8<-- [end:cut]


if __name__ == "__main__":
    from embedded import URL, need_server
    from sqlalchemy import create_engine, make_url, text
    from sqlalchemy.exc import DBAPIError

    need_server()
    url = make_url(URL)
    engine = create_engine(url.set(port=cut_at_commit(url.port or 3306)))
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        print(error.orig.args)

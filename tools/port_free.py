"""Says in one line why `make serve` could not listen on the port, before the book is built."""

import os
import socket
import sys

port = sys.argv[1] if len(sys.argv) == 2 else ""
if not (port.isdigit() and 0 < int(port) < 65536):
    sys.exit(f"serve: PORT={port} is no port. Choose one from 1024 to 65535: make serve PORT=8001")
try:
    socket.create_server(("127.0.0.1", int(port))).close()
except OSError as error:
    other = 8001 if port == "8000" else 8000
    sys.exit(
        f"serve: cannot use port {port}: {os.strerror(error.errno or 0)}. Choose another: make serve PORT={other}"
    )

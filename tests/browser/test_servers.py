"""The example configurations in deploy/, each under the real server."""

import gzip
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPConnection
from pathlib import Path

import pytest

from opsbook.labs.process import LabUnavailable, need, running

pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("browser")]
DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "book.example.org"
Make = Callable[[Path, Path], list[str]]
NGINX = """daemon off;
master_process off;
pid {here}/pid;
error_log stderr;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    include {here}/site.conf;
}}
"""


class UnixConnection(HTTPConnection):
    """HTTP to a server that listens on a socket file, which no other server can have taken."""

    def __init__(self, path: Path) -> None:
        super().__init__(NAME, timeout=60)
        self.path = path

    def connect(self) -> None:
        """Connect to the socket file; raises OSError while nothing listens there."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(self.path))


@dataclass
class Answer:
    """What a server said."""

    status: int
    headers: Message
    body: bytes


def ask(path: Path, address: str, **headers: str) -> Answer:
    """Return the answer of the server at the socket `path` to a GET of `address`."""
    with closing(UnixConnection(path)) as connection:
        connection.request(
            "GET", address, headers={name.replace("_", "-"): text for name, text in headers.items()}
        )
        got = connection.getresponse()
        return Answer(got.status, got.headers, got.read())


def replaced(text: str, *pairs: tuple[str, str]) -> str:
    """Return `text` with each old part, which must be there once, replaced by its new one."""
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def nginx(here: Path, folder: Path) -> list[str]:
    """Write deploy/nginx.conf for `folder`, and around it what a system has in nginx.conf; return the argv."""
    listen = ("listen 80;", f"listen unix:{here}/http;")
    site = replaced((DEPLOY / "nginx.conf").read_text(), listen, ("root /srv/opsbook;", f"root {folder};"))
    (here / "site.conf").write_text(site)
    (here / "nginx.conf").write_text(NGINX.format(here=here))
    return [need("nginx", "nginx"), "-p", str(here), "-e", "stderr", "-c", str(here / "nginx.conf")]


def caddy(here: Path, folder: Path) -> list[str]:
    """Write deploy/Caddyfile for `folder`, without certificates and remote control; return the argv."""
    bind = (f"\n{NAME} {{", f"\nhttp://{NAME} {{\n\tbind unix/{here}/http")
    site = replaced((DEPLOY / "Caddyfile").read_text(), bind, ("root * /srv/opsbook", f"root * {folder}"))
    (here / "Caddyfile").write_text("{\n\tadmin off\n}\n" + site)
    config = ["--adapter", "caddyfile", "--config", str(here / "Caddyfile")]
    return [
        "env",
        f"HOME={here}",
        f"XDG_DATA_HOME={here}",
        f"XDG_CONFIG_HOME={here}",
        need("caddy", "caddy"),
        "run",
        *config,
    ]


@contextmanager
def serving(make: Make, here: Path, folder: Path) -> Iterator[Path]:
    """Run the server of `make` with all that it writes in `here`; yield its socket; skips where it is not installed."""
    path = here / "http"
    try:
        argv = make(here, folder)
    except LabUnavailable as missing:
        pytest.skip(f"not proven here: {missing}")

    def ready() -> bool:
        try:
            return ask(path, "/").status == 200
        except OSError:
            return False

    with running(argv, here / "log", ready):
        yield path


ALWAYS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
ASK_AGAIN, NEVER_CHANGES = "max-age=0, must-revalidate", "public, max-age=31536000, immutable"
TYPES = {
    "/ssh/keep-alive/": "text/html; charset=utf-8",
    "/ssh/keep-alive/index.md": "text/markdown; charset=utf-8",
    "/snippets/ssh/errors.sh": "text/plain; charset=utf-8",
    "/tests/ssh/test_keep_alive.py": "text/plain; charset=utf-8",
    "/sitemap.xml": "(?:text|application)/xml(?:; charset=utf-8)?",
    "/assets/disk-layers.svg": r"image/svg\+xml",
    "/more.mjs": "(?:text|application)/javascript; charset=utf-8",
    "/more.wasm": "application/wasm",
}


@pytest.fixture
def root(folder: Path, tmp_path: Path) -> Path:
    """The book with files of types that servers do not all know."""
    made = tmp_path / "site"
    made.mkdir()
    for path in folder.iterdir():
        (made / path.name).symlink_to(path)
    (made / "ssh").unlink()
    shutil.copytree(folder / "ssh", made / "ssh")
    for name in ("more.mjs", "more.wasm", "ssh/keep-alive/index.md"):
        (made / name).write_text("x" * 2000)
    return made


@pytest.mark.parametrize("make", [nginx, caddy])
def test_an_example_serves_the_book(make: Make, root: Path, tmp_path: Path) -> None:
    """Type, cache, compression and security of pages, files and what is missing are as deploy/ promises."""
    with serving(make, tmp_path, root) as server:
        for address, kind in TYPES.items():
            file = root / f"{address}index.html".lstrip("/") if address.endswith("/") else root / address[1:]
            packed = ask(server, address, Accept_Encoding="gzip")
            assert packed.status == 200
            assert re.fullmatch(kind, packed.headers["Content-Type"]), (
                address,
                packed.headers["Content-Type"],
            )
            assert packed.headers["Cache-Control"] == ASK_AGAIN
            assert (packed.headers["Content-Encoding"], packed.headers["Vary"]) == (
                "gzip",
                "Accept-Encoding",
            ), address
            assert gzip.decompress(packed.body) == file.read_bytes()
            assert ask(server, address).body == file.read_bytes()
            assert set(packed.headers.items()) >= set(ALWAYS.items())
            assert ask(server, address, If_None_Match=ask(server, address).headers["ETag"]).status == 304
        for file in [*root.glob("assets/*/main.*.min.css"), *root.glob("assets/*/bundle.*.min.js")]:
            answer = ask(server, f"/{file.relative_to(root)}")
            assert (answer.status, answer.headers["Cache-Control"]) == (200, NEVER_CHANGES)
        moved = ask(server, "/ssh/keep-alive")
        assert moved.status in {301, 308}
        assert moved.headers["Location"].endswith("keep-alive/")
        for address in ("/gone/", "/assets/gone.00000000.min.js"):
            gone = ask(server, address)
            assert (gone.status, gone.body) == (404, (root / "404.html").read_bytes())
            assert gone.headers["Content-Type"] == "text/html; charset=utf-8"
            assert "immutable" not in gone.headers["Cache-Control"]
            assert set(gone.headers.items()) >= set(ALWAYS.items())

"""The built site behind a real HTTP server on loopback, and Debian's Chromium in front of it."""

import fcntl
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Route, sync_playwright

from opsbook.policy import write as write_policies

ROOT = Path(__file__).parents[2]
# What keeps Chromium from calling its maker; --no-sandbox because root has no other way to start it.
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Pages of one profile share a process, and with it what is compiled of Python's WebAssembly.
    "--process-per-site",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


class SilentHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files without a line for each on stderr, not even where a page left before it had its files."""

    def handle(self) -> None:
        """Answer until the browser hangs up."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def build(folder: Path, config: str) -> None:
    """Build the book into `folder` as `config` says."""
    argv = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--no-strict", "--site-dir", str(folder)]
    done = subprocess.run(
        [*argv, "--config-file", config],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    write_policies(folder)


@contextmanager
def served(folder: Path, handler: type[SilentHandler] = SilentHandler) -> Iterator[str]:
    """Serve `folder` on a port of its own and yield the address."""
    answer = functools.partial(handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book, built by MkDocs just now, once for all workers: who comes second waits for the first. It is to be read only."""
    # A worker's own folder of temporary files is in one that they share.
    shared = tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else None
    made = (shared or tmp_path_factory.getbasetemp()) / "site"
    with made.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            unfinished = made.with_suffix(".unfinished")
            build(unfinished, "mkdocs.yml")
            unfinished.rename(made)
    return made


@pytest.fixture(scope="session")
def site(folder: Path) -> Iterator[str]:
    """The address of the book."""
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("not proven here: no Chromium (apt-get install chromium)")
    try:
        playwright = sync_playwright().start()
    except Exception as error:  # noqa: BLE001  # Playwright raises nothing narrower when its driver does not start
        pytest.skip(f"not proven here: Playwright does not start: {error} (apt-get install libatomic1)")
    opened = playwright.chromium.launch(executable_path=program, args=QUIET)
    yield opened
    opened.close()
    playwright.stop()


@pytest.fixture
def strangers(context: BrowserContext) -> list[str]:
    """The addresses outside the site that pages of this test have asked for; such requests are refused."""
    asked: list[str] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:")), refuse)
    return asked


@pytest.fixture
def context(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """A fresh browser profile of a phone's width, allowed to use the clipboard."""
    made = browser.new_context(viewport={"width": 360, "height": 640}, base_url=site)
    made.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    yield made
    made.close()

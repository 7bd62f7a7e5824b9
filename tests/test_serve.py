"""`make serve`: what is edited is seen at once."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from opsbook.labs.process import wait_until

from .tiny import make_book

TOOL = Path(__file__).parents[1] / "tools/serve.py"
CONFIG = """
site_name: Tiny
markdown_extensions:
  - pymdownx.superfences
  - attr_list
  - pymdownx.snippets: {base_path: [snippets]}
  - opsbook.markdown
"""


def free_port() -> int:
    """Return a port of loopback's that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def serving(book: Path) -> Iterator[Callable[[str, str], None]]:
    """Serve `book` and yield what waits until the page at a path has a text, a minute at most; Ctrl-C ends it."""
    port = free_port()
    argv = [sys.executable, str(TOOL), "--port", str(port)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "TMPDIR": str(book)}
    server = subprocess.Popen(
        argv, cwd=book, env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    )

    def get(path: str) -> str:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30) as answer,
        ):
            return re.sub(r"<[^>]+>", "", answer.read().decode())
        return ""

    try:
        yield lambda path, text: wait_until(lambda: text in get(path), f"{text!r} at {path}", seconds=60)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        assert server.wait(30) == 0


def test_an_edit_of_a_page_or_of_what_it_includes_is_seen(tmp_path: Path) -> None:
    """A page shows its own edit, and that of a snippet it includes; Ctrl-C ends the server, which leaves nothing."""
    make_book(tmp_path, {"mkdocs.yml": CONFIG})
    with serving(tmp_path) as see:
        see("git/note/", "echo hello")
        page, snippet = tmp_path / "docs/git/note.md", tmp_path / "snippets/git/note.sh"
        page.write_text(page.read_text().replace("Do this.", "Do that."))
        see("git/note/", "Do that.")
        snippet.write_text(snippet.read_text().replace("echo hello", "echo good day"))
        see("git/note/", "echo good day")
    assert not list(tmp_path.glob("mkdocs_*"))

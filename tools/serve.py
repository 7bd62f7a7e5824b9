"""Serve the book on loopback with live reload: after an edit only the pages that it concerns are built anew, in 1 to 2 s.

MkDocs (`mkdocs serve --dirty`) builds a page anew when its own file is newer than what was built of it. Of the files that a page
includes it knows nothing, so they are watched here: when one changes, the pages that show it get the time of now.
"""

import argparse
import os
import queue
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from opsbook.book import Book

QUIET_SECONDS = 0.2
POLL_SECONDS = 0.5


class Changes(FileSystemEventHandler):
    """Puts each file that was written, moved or deleted into `files`."""

    def __init__(self) -> None:
        self.files: queue.Queue[Path] = queue.Queue()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Note the file, unless it was but looked at."""
        if event.event_type in {"created", "modified", "moved", "deleted"} and not event.is_directory:
            for path in (event.src_path, event.dest_path):
                if path and "__pycache__" not in str(path):
                    self.files.put(Path(os.fsdecode(path)))

    def together(self) -> set[Path]:
        """Return the files that changed one soon after the other; raises queue.Empty where none did for a while."""
        found = {self.files.get(timeout=POLL_SECONDS)}
        with suppress(queue.Empty):
            while True:
                found.add(self.files.get(timeout=QUIET_SECONDS))
        return found


def concerned(root: Path, changed: set[Path]) -> set[Path]:
    """Return the pages that show something of the `changed` files: of a snippet or output those that include it, of a topic's
    claims those of the topic, of anything else all.
    """
    pages = {root / "docs" / name: page for name, page in Book(root).pages.items()}
    found = set[Path]()
    for file in changed:
        if not file.is_relative_to(root / "snippets"):
            return set(pages)
        name = file.relative_to(root / "snippets")
        including = {path for path, page in pages.items() if f'"{name.as_posix()}' in page.text}
        found |= including or {path for path, page in pages.items() if page.topic == name.parts[0]}
    return found


def main() -> int:
    """Serve until Ctrl-C; return the exit code of MkDocs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=8000, help="the port on 127.0.0.1 (%(default)s)")
    parser.add_argument(
        "--proof", type=Path, default=Path("proof.json"), help="the proof to show (%(default)s)"
    )
    wanted = parser.parse_args()
    root, changes, observer = Path.cwd(), Changes(), Observer()
    alone = {wanted.proof.resolve(), root / "mkdocs.yml"}
    folders = (root / "snippets", root / "tests")
    for folder in folders:
        observer.schedule(changes, str(folder), recursive=True)
    # Their folders, because a file that is replaced by another is no longer the one that was watched.
    for folder in {file.parent for file in alone if file.parent.is_dir()}:
        observer.schedule(changes, str(folder))
    # --livereload said aloud: with recent click, MkDocs 1.6.1 forgets that it is the default. Its warning of a dirty build
    # would end a strict one.
    options = ("--livereload", "--dirty", "--no-strict", "-a", f"127.0.0.1:{wanted.port}")
    # Before MkDocs starts, which would else ignore what a shell script's background job is started to ignore.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    # In a session of its own, so that it hears of the end from here alone, and once: a second Ctrl-C would leave its files behind.
    server = subprocess.Popen([sys.executable, "-m", "mkdocs", "serve", *options], start_new_session=True)
    observer.start()
    try:
        while server.poll() is None:
            with suppress(queue.Empty):
                found = changes.together()
                files = {f for f in found if f in alone or any(map(f.is_relative_to, folders))}
                for page in concerned(root, files) if files else ():
                    os.utime(page)
    except KeyboardInterrupt:
        server.send_signal(signal.SIGINT)
    finally:
        observer.stop()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main())

"""What shows that a lab has gone: no process of its namespaces, no mount, no interface, no file."""

import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from opsbook.labs import Lab

SPACES = ("pid", "net", "mnt")


def spaces_of(process: int | str) -> set[str]:
    """Return the namespaces of a process; empty once it has gone or is a zombie."""
    try:
        return {str(Path(f"/proc/{process}/ns/{kind}").readlink()) for kind in SPACES}
    except OSError:
        return set()


def spaces_of_lab(lab: Lab) -> set[str]:
    """Return the namespaces that a lab made for itself: those of its ground and of each machine."""
    spaces: set[str] = set()
    for machine in lab.machines.values():
        ground = next(part for part in machine.enter if part.startswith("--target=")).partition("=")[2]
        links = [f"/proc/self/ns/{kind}" for kind in SPACES]
        spaces |= spaces_of(ground) | {*machine.run("readlink", *links, user="root").stdout.split()}
    return spaces - spaces_of("self")


Process = tuple[int, str]  # number and start time: numbers are used again, as are those of namespaces


def processes() -> dict[Process, str]:
    """Return the argv of each process, zombies left out."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            argv = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            started = (folder / "stat").read_text().rpartition(")")[2].split()[19]
        except OSError:
            continue
        if argv:
            found[int(folder.name), started] = argv
    return found


def inside(spaces: set[str]) -> dict[Process, str]:
    """Return the processes that are in any of these namespaces, with their argv."""
    return {process: argv for process, argv in processes().items() if spaces_of(process[0]) & spaces}


def still(there: Iterable[Process]) -> dict[Process, str]:
    """Return those of some processes that still run."""
    running = processes()
    return {process: running[process] for process in there if process in running}


def children_of(parent: int) -> set[int]:
    """Return the numbers of all processes below `parent`."""
    below: set[int] = set()
    for task in Path(f"/proc/{parent}/task").glob("*"):
        try:
            for child in (task / "children").read_text().split():
                below |= {int(child)} | children_of(int(child))
        except OSError:
            continue
    return below


def host() -> dict[str, list[str]]:
    """Return what a lab must leave as it was on this machine: mounts, interfaces and what looks like its files."""
    links = subprocess.run(["ip", "-brief", "link"], capture_output=True, text=True, check=True).stdout
    names = ("opsbook", "lab", "ssh-", "machine")
    return {
        "mounts": [
            line.partition(" - ")[2] for line in Path("/proc/self/mountinfo").read_text().splitlines()
        ],
        "links": [line.split()[0] for line in links.splitlines()],
        "files": sorted(p.name for p in Path("/tmp").iterdir() if p.name.startswith(names)),
    }


def soon(holds: Callable[[], bool], seconds: float = 15) -> bool:
    """Tell whether `holds()` comes true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def running_argv(part: str) -> list[int]:
    """Return the numbers of the processes with `part` in their argv."""
    return [number for (number, _), argv in processes().items() if part in argv]


def popen(argv: Sequence[str | Path], **options: object) -> subprocess.Popen[bytes]:
    """Start a program of ours in a session of its own, so that signals meet it alone."""
    return subprocess.Popen(argv, start_new_session=True, **options)  # type: ignore[call-overload,no-any-return]

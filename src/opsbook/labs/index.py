"""Lab index: a machine with the packaging tools of Python and two package indexes of its own on loopback.

The first index stands for PyPI: it has the wheels of index.txt, got once with their hashes checked and kept in the
user's cache, and takes more. The second starts empty and passes names that it does not have on to the first. See the simple repository API in the Python packaging guide.
"""

import inspect
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from opsbook.labs import debian
from opsbook.labs.machines import VOLATILE, File, Ground, Machine, ground
from opsbook.labs.process import LabError, LabUnavailable, start

USERS = ("root", "alice")
LOCK = Path(__file__).with_name("index.txt")
# Debian's own, whoever's runs this book: its version and platform choose the wheels.
PYTHON = "/usr/bin/python3"
INDEXES: Mapping[str, int] = MappingProxyType({"public": 8081, "private": 8082})
# On alice's PATH, as pipx would put them there.
COMMANDS = ("flit", "hatch", "pdm", "poetry", "pyproject-build", "tox", "twine", "uv", "uvx", "virtualenv")
URL = f"http://localhost:{INDEXES['public']}/simple/"
SETTINGS: Mapping[str, File] = MappingProxyType(
    {
        "/home/alice/.config": File(None, owner="alice", mode=0o755),
        "/home/alice/.config/pip": File(None, owner="alice", mode=0o755),
        "/home/alice/.config/pip/pip.conf": File(
            f"[global]\nindex-url = {URL}\ndisable-pip-version-check = true\n", owner="alice"
        ),
        "/home/alice/.config/uv": File(None, owner="alice", mode=0o755),
        "/home/alice/.config/uv/uv.toml": File(
            f'python-downloads = "never"\n\n[[index]]\nurl = "{URL}"\ndefault = true\n', owner="alice"
        ),
        "/home/alice/.config/pdm": File(None, owner="alice", mode=0o755),
        "/home/alice/.config/pdm/config.toml": File(f'[pypi]\nurl = "{URL}"\n', owner="alice"),
        "/home/alice/.config/virtualenv": File(None, owner="alice", mode=0o755),
        # Else it leaves a process behind that looks for a newer pip.
        "/home/alice/.config/virtualenv/virtualenv.ini": File(
            "[virtualenv]\nno_periodic_update = true\n", owner="alice"
        ),
        "/opt": File(None, mode=0o755),
        **{f"/srv/{name}": File(None, mode=0o755) for name in INDEXES},
    }
)
# What tools keep for next time, and what each environment has a thousand files of.
BULK = ("./opt", "./home/alice/.cache", "*/__pycache__", "*/site-packages/pip", "*/site-packages/setuptools")


@dataclass(frozen=True)
class IndexLab:
    """The facts of lab index: its one machine `box`, the versions in use, and what a reader finds there."""

    machines: Mapping[str, Machine]
    versions: Mapping[str, str]
    banner: str = (
        f"You are alice on box. pip and uv install from {URL}, which stands for PyPI;\n"
        f"http://localhost:{INDEXES['private']}/ is a private index, empty, which passes on what it does not have.\n"
        "Both take uploads. No other network is reached."
    )

    @property
    def box(self) -> Machine:
        """The machine."""
        return self.machines["box"]


def cache_folder() -> Path:
    """Return the folder that keeps wheels and tools of this lock and this Python; it need not exist."""
    return debian.kept("index", LOCK.read_text() + python_version() + inspect.getsource(make))


@lru_cache
def python_version() -> str:
    """Return what Debian's Python tells of itself; raises LabUnavailable where it, its pip, venv or headers, or gcc is missing."""
    asked = (
        "import ensurepip, pip, platform, sysconfig; "
        "print(sysconfig.get_path('include')); "
        "print(platform.python_implementation(), platform.python_version())"
    )
    try:
        done = subprocess.run(
            [PYTHON, "-Ic", asked], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise LabUnavailable(f"no {PYTHON} (apt-get install python3)") from None
    if done.returncode:
        missing = "python3-pip" if "'pip'" in done.stderr else "python3-venv"
        raise LabUnavailable(f"{PYTHON} lacks a module (apt-get install {missing})")
    headers, version = done.stdout.splitlines()
    if not Path(headers, "Python.h").exists() or not Path("/usr/bin/gcc").exists():
        raise LabUnavailable(f"no gcc, or no Python.h in {headers} (apt-get install gcc python3-dev)")
    return version


def locked(name: str) -> str:
    """Return `name` and its version in the lock."""
    found = re.search(rf"^{re.escape(name)}==(\S+)", LOCK.read_text(), re.MULTILINE)
    if not found:
        raise LabError(f"{LOCK.name} does not lock {name} (make lock)")
    return f"{name} {found[1]}"


def answers(box: Machine, port: int) -> bool:
    """Tell whether the index on `port` of `box` lists what it has."""
    ask = f"exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET /simple/ HTTP/1.0\\r\\n\\r\\n' >&3 && read -r line <&3"
    return box.run("bash", "-c", f"({ask}; [[ $line == *' 200 '* ]]) 2>&1", check=False).returncode == 0


def serve(here: Ground, box: Machine, name: str, options: Sequence[str], *folders: str) -> None:
    """Start the index `name` on `box`, which serves /srv/`name` and `folders` with these `options`; return once it answers."""
    port = INDEXES[name]
    argv = ["/opt/tools/bin/pypi-server", "run", "-i", "127.0.0.1", "-p", str(port), "-a", ".", "-P", ".",
            *options, f"/srv/{name}", *folders]  # fmt: skip
    log = box.root / f"var/log/{name}.log"
    here.processes.append(start(box.argv(argv, "root"), log, lambda: answers(box, port), seconds=60))


@contextmanager
def index_lab() -> Iterator[IndexLab]:
    """Yield a machine with Python's packaging tools and two package indexes that take uploads.

    Raises LabUnavailable when namespaces, Debian's python3-venv or python3-pip are missing, or `build` has not been run.
    """
    python = python_version()
    folder = cache_folder()
    debian.facts_of(folder)
    kept = ("--ro-bind", f"{folder}/wheels", "/opt/wheels", "--ro-bind", f"{folder}/tools", "/opt/tools")
    commands = ["--perms", "0755", "--dir", "/usr/local/bin"]
    commands += [
        part
        for name in COMMANDS
        for part in ("--symlink", f"/opt/tools/bin/{name}", f"/usr/local/bin/{name}")
    ]
    with ground() as here:
        box = here.machine("box", USERS, files=SETTINGS, sandboxed=(*kept, *commands))
        box = replace(box, volatile=(*VOLATILE, *BULK))
        with ThreadPoolExecutor() as pool:
            both = [
                pool.submit(serve, here, box, "public", ("--disable-fallback",), "/opt/wheels"),
                pool.submit(serve, here, box, "private", ("--fallback-url", URL)),
            ]
        for served in both:
            served.result()
        told = {name: locked(name) for name in ("build", "pip", "setuptools", "twine", "uv")}
        yield IndexLab({"box": box}, {"python": python} | told)


def build(tell: debian.Tell) -> Path:
    """Get the wheels and install the tools, unless they are there; return their folder. `tell` hears of each step.

    Raises LabUnavailable when a program is missing or wheels cannot be had.
    """
    return debian.keep(cache_folder(), lambda folder: make(folder, tell), tell)


def make(folder: Path, tell: debian.Tell) -> dict[str, object]:
    """Get the wheels of the lock into `folder`/wheels, with the user's own pip settings, and install them in `folder`/tools."""
    tell("index 1/2: wheels")
    only_locked = ["--no-deps", "--require-hashes", "-r", str(LOCK)]
    argv = [
        PYTHON,
        "-m",
        "pip",
        "download",
        "-q",
        "--only-binary",
        ":all:",
        *only_locked,
        "-d",
        f"{folder}/wheels",
    ]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabUnavailable(f"no wheels to build it from: {' / '.join(done.stderr.splitlines()[-2:])}")
    tell("index 2/2: tools")
    (folder / "tools").mkdir(mode=0o755)
    bound = ("--ro-bind", f"{folder}/wheels", "/opt/wheels", "--bind", f"{folder}/tools", "/opt/tools")
    with ground() as here:
        box = here.machine("box", USERS, files={"/opt/lock.txt": File(LOCK.read_text())}, sandboxed=bound)
        box.run("python3", "-m", "venv", "--without-pip", "/opt/tools", user="root")
        box.run("python3", "-m", "pip", "--isolated", "--python", "/opt/tools/bin/python", "install", "-q", "--no-index",
                "--find-links", "/opt/wheels", "--no-deps", "--require-hashes", "-r", "/opt/lock.txt", user="root", seconds=600)  # fmt: skip
    return {"wheels": sorted(path.name for path in (folder / "wheels").iterdir())}

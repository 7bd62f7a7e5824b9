"""Debian trees made from packages by mmdebstrap(1), and the user's cache where what takes minutes to make is kept."""

import fcntl
import hashlib
import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any

from opsbook.labs.machines import UMASK, File, archive, ground
from opsbook.labs.process import LabUnavailable, need

SUITE = "bookworm"
# Written last, with the facts of what was made; without it a folder of the cache is unfinished.
FACTS = "facts.json"
# Not wanted in a lab, and half of the size.
LEFT_OUT = ("doc", "man", "locale", "info", "zoneinfo")
Tell = Callable[[str], None]


def kept(name: str, recipe: str) -> Path:
    """Return the folder of the user's cache that `name`, made after `recipe`, is kept in; it need not exist."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "opsbook" / f"{name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"


def facts_of(folder: Path) -> dict[str, Any]:
    """Return the facts of what is kept in `folder`; raises LabUnavailable, with the way out, where it is not built."""
    name = folder.name.rpartition("-")[0]
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_text())
    except FileNotFoundError:
        raise LabUnavailable(
            f"its {name} is not built yet (opsbook lab --build {name}, a minute or two, once)"
        ) from None
    return facts


def keep(folder: Path, make: Callable[[Path], Mapping[str, Any]], tell: Tell) -> Path:
    """Have `make` fill `folder` and return its facts, unless that is done; return `folder`.

    One at a time: who comes second waits and finds it done. What was left unfinished, or made after another
    recipe, is removed first.
    """
    name = folder.name.rpartition("-")[0]
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / FACTS).exists():
            started = time.monotonic()
            for old in folder.parent.glob(f"{name}-*/"):
                tell(f"{name}: removing {old}, of another recipe or unfinished")
                # Inside a lab's ground, because an ordinary user's subordinate ids may own files there.
                with ground() as here:
                    here.run("rm", "-rf", "--one-file-system", str(old))
            folder.mkdir(mode=0o755)
            facts = make(folder)
            (folder / FACTS).write_text(json.dumps(facts, indent=1))
            tell(f"{name}: built in {time.monotonic() - started:.0f} s, kept in {folder}")
    return folder


def sources(suite: str = SUITE) -> list[str]:
    """Return the apt lines of this host where it is the same Debian, for `suite`, so that its own mirror is used; else none."""
    lines: list[str] = []
    wanted = "$(ORIGIN)|$(CODENAME)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)"
    with suppress(OSError):
        told = subprocess.run(
            ["apt-get", "indextargets", "--format", wanted, "Created-By: Packages"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        for line in dict.fromkeys(told.stdout.splitlines()):
            origin, codename, entry = line.split("|", 2)
            if origin == "Debian" and codename == SUITE and suite != SUITE:
                lines.append(entry.replace(f" {SUITE} ", f" {suite} "))
            elif origin == "Debian" and codename.startswith(SUITE) and suite == SUITE:
                lines.append(entry)
    return lines


def extract(folder: Path, suite: str, packages: Sequence[str]) -> None:
    """Unpack `packages` of `suite` and what they depend on into `folder`, without installing them.

    Raises LabUnavailable with the last words of mmdebstrap where they are not to be had.
    """
    need("mmdebstrap", "mmdebstrap")
    argv = [
        "mmdebstrap", "--quiet", "--variant=extract", "--mode=auto", "--format=directory", f"--include={','.join(packages)}",
        '--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Languages "none"',
        '--aptopt=APT::Install-Recommends "false"', suite, str(folder), *sources(suite),
    ]  # fmt: skip
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, umask=UMASK
    )
    if done.returncode:
        raise LabUnavailable(f"no packages of {suite}: {' / '.join(done.stderr.splitlines()[-3:])}")


def install(
    folder: Path,
    packages: Sequence[str],
    *,
    variant: str = "minbase",
    files: Mapping[str, File] = MappingProxyType({}),
    hooks: Sequence[str] = (),
) -> dict[str, str]:
    """Install `packages` and what they need into `folder`/root.tar; return the version of each, and of Debian.

    `files` are there before the packages; `hooks` are mmdebstrap's, run after them. Raises LabUnavailable with
    the last words of mmdebstrap where packages are not to be had.
    """
    need("mmdebstrap", "mmdebstrap")
    put = folder / "files.tar"
    put.write_bytes(archive(files))
    manifest = folder / "packages.txt"
    manifest.touch()
    manifest.chmod(0o666)
    # Hooks may run as a subordinate id of this user.
    folder.chmod(0o777)
    argv = [
        "mmdebstrap", "--quiet", f"--variant={variant}", "--mode=auto",
        *([f"--include={','.join(packages)}"] if packages else []),
        '--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in LEFT_OUT),
        f"--essential-hook=tar-in {shlex.quote(str(put))} /",
        *(f"--customize-hook={hook}" for hook in hooks),
        '--customize-hook=dpkg-query --admindir="$1"/var/lib/dpkg -Wf \'${Package} ${Version}\\n\' >"$OPSBOOK_MANIFEST"',
        '--customize-hook=echo "release $(cat "$1"/etc/debian_version)" >>"$OPSBOOK_MANIFEST"',
        SUITE, str(folder / "root.tar"), *sources(),
    ]  # fmt: skip
    # So that the same packages give the same tree on any day.
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "TMPDIR": str(folder)}
    environment["OPSBOOK_MANIFEST"] = str(manifest)
    done = subprocess.run(
        argv,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        umask=UMASK,
    )
    folder.chmod(0o755)
    if done.returncode:
        raise LabUnavailable(f"no packages to build it from: {' / '.join(done.stderr.splitlines()[-3:])}")
    return dict(line.split(" ", 1) for line in manifest.read_text().splitlines())

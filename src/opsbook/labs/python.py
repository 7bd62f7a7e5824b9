"""Lab python: a machine with Debian's own python3, for pages that need nothing but Python."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from opsbook.labs.machines import Machine, ground
from opsbook.labs.process import LabUnavailable


@dataclass(frozen=True)
class PythonLab:
    """The facts of lab python: its one machine `box`, the version of its python3, and what a reader finds there."""

    machines: Mapping[str, Machine]
    versions: Mapping[str, str]
    banner: str = (
        "You are alice on box, with the python3 of this Debian and an empty home; it reaches no network."
    )

    @property
    def box(self) -> Machine:
        """The machine."""
        return self.machines["box"]


@contextmanager
def python_lab() -> Iterator[PythonLab]:
    """Yield a machine with python3 and an empty home, which reaches no network.

    Raises LabUnavailable where the system has no python3 of its own.
    """
    with ground() as here:
        box = here.machine("box", ("root", "alice"))
        # Not the one that runs this book, which may live in somebody's home.
        told = box.run("python3", "--version", check=False)
        if told.returncode:
            raise LabUnavailable("no /usr/bin/python3 (apt-get install python3)")
        yield PythonLab({"box": box}, {"python": f"C{told.stdout.strip()}"})

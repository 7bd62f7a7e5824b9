"""A reader at work: does in a lab what a page tells, block by block. Tests and the replay both use it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from opsbook.book import Region
from opsbook.labs import Lab
from opsbook.labs.machines import Machine, Pasted, PythonShell, Shell, SqlShell, home_of


@dataclass
class Reader:
    """Somebody who sits in a lab with one shell, Python and SQL client for each machine and user."""

    lab: Lab
    stack: ExitStack
    shells: dict[tuple[str, str], Shell] = field(default_factory=dict)
    pythons: dict[tuple[str, str], PythonShell] = field(default_factory=dict)
    clients: dict[tuple[str, str], SqlShell] = field(default_factory=dict)

    def machines(self, region: Region) -> list[Machine]:
        """Return the machines that `region` runs on: those it names, else the lab's first."""
        return [self.lab.machines[name] for name in region.machines] or [
            next(iter(self.lab.machines.values()))
        ]

    def do(self, region: Region, seconds: float = 180) -> dict[str, Pasted]:
        """Do `region` on each of its machines, in their order; return what came back on each.

        Raises LabError when nothing comes back within `seconds`, KeyError for a machine the lab does not have.
        """
        return {machine.name: self.do_on(machine, region, seconds) for machine in self.machines(region)}

    def do_on(self, machine: Machine, region: Region, seconds: float) -> Pasted:
        """Write the file that `region` is the content of, or paste it where it belongs; return what came back."""
        user = region.user or "alice"
        if region.file or region.append:
            return self._write(machine, user, region)
        if region.language == ".py":
            return self._python(machine, user, region, seconds)
        if region.language == ".sql":
            return self._sql(machine, user, region, seconds)
        if (machine.name, user) not in self.shells:
            self.shells[machine.name, user] = self.stack.enter_context(machine.shell(user))
        pasted = self.shells[machine.name, user].paste(region.code, seconds)
        if region.reboots:
            machine.await_reboot()
            # Its shells went with it; the next block opens a new one.
            self.shells = {key: shell for key, shell in self.shells.items() if key[0] != machine.name}
        # ssh ends its error lines for a terminal in raw mode.
        return Pasted(pasted.output.replace("\r\n", "\n"), pasted.exit)

    def _write(self, machine: Machine, user: str, region: Region) -> Pasted:
        """As an editor would: with the user's own rights, leaving owner and mode of a file that is there alone."""
        path = (region.file or region.append).replace("~", home_of(user), 1)
        machine.run("mkdir", "-p", str(PurePosixPath(path).parent), user=user)
        how = ["--append"] if region.append else []
        machine.run("tee", *how, path, user=user, input=f"{region.code}\n")
        if region.code.startswith("#!"):
            machine.run("chmod", "+x", path, user=user)
        return Pasted("", 0)

    def _python(self, machine: Machine, user: str, region: Region, seconds: float) -> Pasted:
        if (machine.name, user) not in self.pythons:
            self.pythons[machine.name, user] = self.stack.enter_context(machine.python(user))
        return self.pythons[machine.name, user].paste(
            region.code, seconds, PurePosixPath(region.snippet).name
        )

    def _sql(self, machine: Machine, user: str, region: Region, seconds: float) -> Pasted:
        if (machine.name, user) not in self.clients:
            self.clients[machine.name, user] = self.stack.enter_context(machine.sql(user))
        return self.clients[machine.name, user].paste(region.code, seconds)


@contextmanager
def reading(lab: Lab) -> Iterator[Reader]:
    """Yield a reader in `lab`, whose shells end with the block."""
    with ExitStack() as stack:
        yield Reader(lab, stack)

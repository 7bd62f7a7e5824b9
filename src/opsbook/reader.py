"""A reader at work: does in a lab what a page tells, block by block. Tests and the replay both use it."""

import io
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from opsbook.book import Region
from opsbook.labs import Lab
from opsbook.labs.machines import Machine, Pasted, Shell, home_of


@dataclass
class Reader:
    """Somebody who sits in a lab with one shell for each machine and user, and one Python namespace."""

    lab: Lab
    stack: ExitStack
    shells: dict[tuple[str, str], Shell] = field(default_factory=dict)
    namespace: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})

    def machine(self, region: Region) -> Machine:
        """Return the machine that `region` runs on: the one it names, else the lab's first."""
        return self.lab.machines[region.on] if region.on else next(iter(self.lab.machines.values()))

    def do(self, region: Region, seconds: float = 60) -> Pasted:
        """Write the file that `region` is the content of, or paste it where it belongs; return what came back.

        Raises LabError when nothing comes back within `seconds`, KeyError for a machine the lab does not have.
        """
        machine, user = self.machine(region), region.user or "alice"
        if region.file or region.append:
            return self._write(machine, user, region)
        if region.language == ".py":
            return self._python(region)
        if client := self.lab.clients.get(region.language):
            done = machine.run(*client, user=user, input=region.code + "\n", seconds=seconds, check=False)
            return Pasted(done.stdout + done.stderr, done.returncode)
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

    def _python(self, region: Region) -> Pasted:
        seen = io.StringIO()
        with redirect_stdout(seen), redirect_stderr(seen):
            try:
                exec(compile(region.code, region.id, "exec"), self.namespace)  # noqa: S102  # pasting is the point
            except Exception:  # noqa: BLE001  # whatever it raises is what the reader sees
                sys.excepthook(*sys.exc_info())
                return Pasted(seen.getvalue(), 1)
        return Pasted(seen.getvalue(), 0)


@contextmanager
def reading(lab: Lab) -> Iterator[Reader]:
    """Yield a reader in `lab`, whose shells end with the block."""
    with ExitStack() as stack:
        yield Reader(lab, stack)

"""The replay: a page's blocks, top to bottom, in a fresh lab, each held to what the page says of it."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from opsbook.book import Book, Output, Page, Region
from opsbook.labs import LABS, Lab
from opsbook.labs.machines import Pasted
from opsbook.labs.process import POLL_SECONDS, LabError
from opsbook.reader import Reader, reading

State = Mapping[str, str]


class ReplayError(Exception):
    """A page does not do what it says; the message names page, line and block, what came and what was promised."""


def replay(book: Book, page: Page, tell: Callable[[str], None] = lambda _: None) -> int:
    """Do what `page` tells in a fresh lab and return the number of blocks done; `tell` hears of each block.

    Raises ReplayError at the first block that ends otherwise, prints otherwise or has another effect than stated;
    LabUnavailable when its lab cannot be had here.
    """
    name = book.lab_of(page)
    if name not in LABS:
        raise ReplayError(f"docs/{page.path}: no lab called {name!r}; say  lab: NAME  in its front matter")
    with LABS[name]() as lab, reading(lab) as reader:
        Walk(book, page, reader, tell=tell).to_the_end()
    return sum(name in book.regions for name in page.includes)


@dataclass(frozen=True)
class Block:
    """A block of a page and the outputs that the page shows for it, each with the line that it stands at."""

    line: int
    region: Region
    outputs: list[tuple[int, str]] = field(default_factory=list)


def blocks(book: Book, page: Page) -> Iterator[Block]:
    """Yield each block that a reader would do, with what to compare; those marked not-run are passed over."""
    block: Block | None = None
    for fence in page.fences:
        region = book.regions.get(fence.include)
        if region and not region.not_run:
            if block:
                yield block
            block = Block(fence.start + 1, region)
        elif block and not region and fence.include:
            block.outputs.append((fence.start + 1, fence.include))
    if block:
        yield block


class Walk:
    """A page that `reader` does from top to bottom, each block held to what the page says of it.

    `hold` judges what a block printed by the page's output: it is given where that stands, its id, the region and what came
    back on each machine. `tell` hears of each block.
    """

    def __init__(
        self,
        book: Book,
        page: Page,
        reader: Reader,
        hold: Callable[[str, str, Region, Mapping[str, Pasted]], None] | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Stand before the first block."""
        self.book, self.page, self.reader, self.tell = book, page, reader, tell
        self.hold = hold or self.compare
        self.left = deque(blocks(book, page))

    def through(self, name: str) -> dict[str, Pasted]:
        """Do the next blocks up to the region of the id `name`, and return what came back from that, on each machine.

        What the lab is like is noted before the first of them: between two walks anybody may have changed it.
        Raises ReplayError where a block does not do what the page says, or the region is not ahead.
        """
        if all(block.region.id != name for block in self.left):
            raise ReplayError(
                f"docs/{self.page.path}: {name} is not ahead; the page has it earlier, or not at all"
            )
        return self.go_on(name)

    def to_the_end(self) -> None:
        """Do all blocks that are left; raises ReplayError like `through`."""
        self.go_on()

    def go_on(self, name: str = "") -> dict[str, Pasted]:
        """Do the blocks up to the region `name`, or all that are left; return what came back from the last."""
        ran, before = dict[str, Pasted](), state(self.reader.lab)
        while self.left:
            block = self.left.popleft()
            ran, before = self.do(block, before)
            if block.region.id == name:
                break
        return ran

    def do(self, block: Block, before: State) -> tuple[dict[str, Pasted], State]:
        """Do one block; return what came back on each machine, and the lab's state after it."""
        lab, region = self.reader.lab, block.region
        where = self.place(block.line, region.id)
        self.tell(where)
        if missing := [machine for machine in region.machines if machine not in lab.machines]:
            raise ReplayError(
                f"{where} is for {missing[0]}, which lab {self.book.lab_of(self.page)} does not have"
            )
        try:
            ran = self.reader.do(region)
        except LabError as error:
            raise ReplayError(f"{where}: {error}") from None
        for machine, pasted in ran.items():
            if pasted.exit != (promised := region.exit_on(machine)):
                raise ReplayError(
                    f"{where} exited {pasted.exit}, not {promised}, and printed:\n{pasted.output}"
                )
        after = hold_to_effect(where, region, lab, before)
        for line, output in block.outputs:
            self.hold(self.place(line, output), output, region, ran)
        return ran, after

    def place(self, line: int, thing: str) -> str:
        """Return where a thing stands on the page, for a message."""
        return f"docs/{self.page.path}:{line}: {thing}"

    def compare(self, where: str, name: str, region: Region, ran: Mapping[str, Pasted]) -> None:
        """Raise ReplayError where the recorded output `name` is not what came back."""
        if name not in self.book.outputs:
            raise ReplayError(f"{where} is not recorded; run make prove")
        hold_to_output(where, self.book.outputs[name], region, ran)


def state(lab: Lab) -> State:
    """Return what lasts in `lab`: each machine's files and background processes."""
    with ThreadPoolExecutor() as pool:
        states = pool.map(lambda machine: machine.state(), lab.machines.values())
        return {
            f"{name}:{key}": fact
            for name, s in zip(lab.machines, states, strict=True)
            for key, fact in s.items()
        }


def hold_to_output(where: str, output: Output, region: Region, ran: Mapping[str, Pasted]) -> None:
    """Raise ReplayError where `output` is not what `region` printed on the machine that it is of, or on any."""
    for machine, pasted in ran.items():
        mine = output.id in (region.output_id, region.output_on(machine))
        if mine and not output.matches(pasted.output):
            raise ReplayError(f"{where}\n{difference(output.text, pasted.output)}")


def hold_to_effect(where: str, region: Region, lab: Lab, before: State) -> State:
    """Return the state after `region` ran; raises ReplayError when it had another effect than stated.

    A process that was told to end takes a moment, so a block that changes has a second to show it.
    """
    deadline = time.monotonic() + (1 if region.effect == "changes" else 0)
    while True:
        after = state(lab)
        if not (reason := effect_problem(region, before, after)):
            return after
        if time.monotonic() > deadline:
            raise ReplayError(f"{where} {reason}")
        time.sleep(POLL_SECONDS)


def effect_problem(region: Region, before: State, after: State) -> str:
    """Return how the difference between two states breaks the stated effect of `region`; empty if it does not."""
    # A process that ended, maybe by itself, breaks no promise; where the block says that it changes, it keeps it.
    gone = {key for key in before if key not in after and ":process " not in key}
    new = {key for key, fact in after.items() if key not in before}
    other = {key for key, fact in after.items() if key in before and before[key] != fact}
    touched = ", ".join(sorted(gone | new | other)[:8])
    if region.effect == "reads" and touched:
        return f"says it reads, but it changed {touched}"
    if region.effect == "destroys" and not gone | other:
        return "says it destroys, but everything is still there"
    ended = any(":process " in key and key not in after for key in before)
    if region.effect == "changes" and not (touched or ended):
        return "says it changes, but nothing changed; call it reads"
    return ""


def difference(recorded: str, seen: str) -> str:
    """Return both texts, labelled."""
    return f"the page promises:\n{recorded}\nbut it printed:\n{seen}"

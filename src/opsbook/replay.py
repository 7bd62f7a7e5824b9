"""The replay: a page's blocks, top to bottom, in a fresh lab, each held to what the page says of it."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from opsbook.book import Book, Output, Page, Region
from opsbook.labs import LABS, Lab
from opsbook.labs.machines import Pasted
from opsbook.labs.process import POLL_SECONDS, LabError
from opsbook.reader import reading

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
        before = state(lab)
        region, ran = None, dict[str, Pasted]()
        for line, thing in steps(book, page):
            where = f"docs/{page.path}:{line}: {thing}"
            if thing in book.outputs:
                hold_to_output(where, book.outputs[thing], region, ran)
                continue
            region = book.regions[thing]
            tell(where)
            if missing := [machine for machine in region.machines if machine not in lab.machines]:
                raise ReplayError(f"{where} is for {missing[0]}, which lab {name} does not have")
            try:
                ran = reader.do(region)
            except LabError as error:
                raise ReplayError(f"{where}: {error}") from None
            for machine, pasted in ran.items():
                if pasted.exit != (promised := region.exit_on(machine)):
                    raise ReplayError(
                        f"{where} exited {pasted.exit}, not {promised}, and printed:\n{pasted.output}"
                    )
            before = hold_to_effect(where, region, lab, before)
    return sum(name in book.regions for name in page.includes)


def steps(book: Book, page: Page) -> Iterator[tuple[int, str]]:
    """Yield line and id of each block that a reader would do or compare; those marked not-run are passed over."""
    for fence in page.fences:
        region = book.regions.get(fence.include)
        if region and region.not_run:
            continue
        if region or fence.include in book.outputs:
            yield fence.start + 1, fence.include
        elif fence.include:
            raise ReplayError(
                f"docs/{page.path}:{fence.start + 1}: {fence.include} is not recorded; run make prove"
            )


def state(lab: Lab) -> State:
    """Return what lasts in `lab`: each machine's files and background processes."""
    with ThreadPoolExecutor() as pool:
        states = pool.map(lambda machine: machine.state(), lab.machines.values())
        return {
            f"{name}:{key}": fact
            for name, s in zip(lab.machines, states, strict=True)
            for key, fact in s.items()
        }


def hold_to_output(where: str, output: Output, region: Region | None, ran: Mapping[str, Pasted]) -> None:
    """Raise ReplayError where `output` is not what `region` printed on the machine that it is of, or on any."""
    for machine, pasted in ran.items():
        mine = region is None or output.id in (region.output_id, region.output_on(machine))
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

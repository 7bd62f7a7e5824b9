"""The command `opsbook`."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from opsbook import proof as proofs
from opsbook.book import Book
from opsbook.feed import NoHistory, atom, changes, shallow_since
from opsbook.gate import inspect
from opsbook.labs import BUILDS, LABS
from opsbook.labs.docker import hosted_docker_lab
from opsbook.labs.machines import UMASK, USERS, Machine
from opsbook.labs.process import LabError, LabUnavailable
from opsbook.messages import find as find_messages
from opsbook.messages import messages, title_of
from opsbook.plain import write as write_texts
from opsbook.policy import write as write_policies
from opsbook.proof import KINDS, Ledger, ProofError, State
from opsbook.replay import ReplayError
from opsbook.replay import replay as replay_page
from opsbook.status import counts


def end_on_signals() -> None:
    """Let TERM and HUP end this process the way Ctrl-C does, so that every lab is taken down."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, interrupt)


def find_root() -> Path:
    """Return the nearest folder, from here upwards, that holds a book; raises click.ClickException."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "mkdocs.yml").exists() and (folder / "snippets").is_dir():
            return folder
    raise click.ClickException("no book here; go to the folder that has mkdocs.yml and snippets/")


def read_ledger(proof: str = "") -> Ledger:
    """Return the book and its proof; raises click.ClickException when the proof is damaged."""
    root = find_root()
    try:
        return Ledger(Book(root), proofs.load(Path(proof) if proof else root / "proof.json"))
    except ProofError as error:
        raise click.ClickException(str(error)) from None


proof_option = click.option(
    "--proof", envvar="OPSBOOK_PROOF", default="", metavar="FILE", help="Believe this proof, not proof.json."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opsbook")
def main() -> None:
    """Ops notes whose every block was run: open a lab, replay a page, see what is proven."""
    end_on_signals()


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--list", "listing", is_flag=True, help="Print the labs and what is in them.")
@click.option("--build", is_flag=True, help="Build what NAME, or every lab, keeps in your cache; then stop.")
@click.option(
    "--on", "machine", default="", metavar="MACHINE", help="The machine to be on, default the first."
)
@click.option("--user", default="alice", show_default=True, help="The user to be there.")
@click.option(
    "--copy",
    "copied",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="A file or folder to have in the home there; may be repeated.",
)
@click.option("--shell", is_flag=True, help="A shell also where the lab would open a database's client.")
@click.option(
    "--host-engine",
    is_flag=True,
    help="Lab docker only: live in one privileged container of your own engine, with its images.",
)
@click.argument("name", required=False)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def lab(
    listing: bool,
    build: bool,
    machine: str,
    user: str,
    copied: tuple[Path, ...],
    shell: bool,
    host_engine: bool,
    name: str | None,
    command: tuple[str, ...],
) -> None:
    """Open a shell (a database's client) in the lab NAME, or run one COMMAND there and return its exit code.

    \b
    Examples:
      opsbook lab --list
      opsbook lab ssh
      opsbook lab ssh -- ssh -J bastion db hostname
      opsbook lab --on web --user root ssh
      opsbook lab mariadb
      opsbook lab --shell mariadb
      opsbook lab --copy app mariadb -- python3 app/main.py
      opsbook lab --build vm
      opsbook lab --host-engine docker
    """
    if name and name not in LABS:
        raise click.UsageError(f"no lab is called {name!r}; there are: {', '.join(LABS)}")
    if build:
        build_labs([name] if name else list(BUILDS))
        return
    if listing or not name:
        for known, lab_of in LABS.items():
            click.echo(f"{known:10} {(lab_of.__doc__ or '').splitlines()[0].removeprefix('Yield ')}")
        raise SystemExit(0 if listing else 2)
    if user not in USERS:
        raise click.UsageError(f"no lab has a user {user!r}; there are: {', '.join(USERS)}")
    if host_engine and name != "docker":
        raise click.UsageError("--host-engine goes with lab docker alone")
    make = hosted_docker_lab if host_engine else LABS[name]
    try:
        if name in BUILDS and not host_engine:
            BUILDS[name](lambda step: click.echo(step, err=True))
        with make() as here:
            if machine and machine not in here.machines:
                raise click.UsageError(f"lab {name} has no machine {machine!r}: {', '.join(here.machines)}")
            where = here.machines[machine] if machine else next(iter(here.machines.values()))
            for path in copied:
                copy(path, where, user)
            if not command:
                click.echo(f"{here.banner}\nexit or Ctrl-D ends the lab and all that is in it.", err=True)
            argv = where.argv(command or (("bash",) if shell else where.prompt), user, terminal=not command)
            code = subprocess.call(argv, umask=UMASK)
            while not command and where.is_down():
                click.echo(f"{where.name} is down; once it has rebooted you are back in it.", err=True)
                where.await_reboot()
                code = subprocess.call(argv, umask=UMASK)
    except LabError as error:
        raise click.ClickException(str(error)) from None
    raise SystemExit(code)


def copy(path: Path, machine: Machine, user: str) -> None:
    """Copy the file or folder `path` into the home of `user` on `machine`; raises LabError where that fails."""
    whole = path.resolve()
    pack = ["tar", "-c", "-C", str(whole.parent), whole.name]
    unpack = machine.argv(["tar", "-x", "--no-same-owner"], user)
    packed = subprocess.run(pack, capture_output=True, check=False)
    done = subprocess.run(unpack, input=packed.stdout, capture_output=True, check=False, umask=UMASK)
    if packed.returncode or done.returncode:
        raise LabError(f"{path} cannot be copied: {(packed.stderr + done.stderr).decode().strip()}")


def build_labs(names: Sequence[str]) -> None:
    """Build what the labs `names` keep in the cache; one that cannot be had here is named and passed over."""
    for name in names:
        if name not in BUILDS:
            click.echo(f"{name}: nothing to build")
            continue
        try:
            BUILDS[name](click.echo)
        except LabUnavailable as missing:
            click.echo(f"{name}: not built: {missing}", err=True)
        except LabError as error:
            raise click.ClickException(str(error)) from None


@main.command()
@click.option("--all", "every", is_flag=True, help="Replay every page.")
@click.argument("pages", nargs=-1, type=click.Path(exists=True, path_type=Path))
def replay(every: bool, pages: tuple[Path, ...]) -> None:
    """Do what PAGES tell, block by block, each page in a fresh lab; fail at the first untrue block.

    \b
    Examples:
      opsbook replay docs/ssh/keep-alive.md
      opsbook replay --all
    """
    book = Book(find_root())
    known = {(book.root / "docs" / name).resolve(): name for name in book.pages}
    for path in pages:
        if path.resolve() not in known:
            raise click.UsageError(f"{path} is no page of this book; its pages are {book.root}/docs/**/*.md")
    names = [known[path.resolve()] for path in pages]
    if every:
        names = [name for name, page in book.pages.items() if page.includes]
    if not names:
        raise click.UsageError("name a page, such as docs/ssh/keep-alive.md, or say --all")
    failed = 0
    for name in names:
        try:
            done = replay_page(book, book.pages[name], tell=lambda where: click.echo(f"  {where}", err=True))
            click.echo(f"ok      docs/{name}: {done} blocks")
        except (ReplayError, LabError) as error:
            failed += 1
            click.echo(f"FAILED  {error}")
    raise SystemExit(1 if failed else 0)


@main.command()
@click.option("--max-age", type=int, metavar="DAYS", help="Refuse proof older than this.")
@json_option
@proof_option
@click.argument("site", type=click.Path(exists=True, file_okay=False, path_type=Path))
def gate(site: Path, max_age: int | None, as_json: bool, proof: str) -> None:
    """Refuse the built SITE unless each block and output on it is proven; exit 1 with what to do.

    \b
    Example:
      opsbook gate site --max-age 30
    """
    ledger = read_ledger(proof)
    findings = inspect(site, ledger, max_age=max_age, today=datetime.now(UTC).date())
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=1))
    else:
        for finding in findings:
            click.echo(str(finding))
        pages = sum(1 for _ in site.rglob("*.html"))
        click.echo(
            f"gate: {len(findings)} findings on {pages} pages" if findings else f"gate: open, {pages} pages"
        )
    raise SystemExit(1 if findings else 0)


@main.command()
@json_option
@proof_option
@click.option(
    "--check",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FRESH",
    help="Compare proof.json with the FRESH proof of a run; exit 1 if they differ.",
)
def status(as_json: bool, proof: str, check: str | None) -> None:
    """Print per topic what is proven, changed, failing and not run.

    \b
    Examples:
      opsbook status
      opsbook status --json
      opsbook status --check build/proof.json
    """
    ledger = read_ledger(proof)
    if check:
        raise SystemExit(report_differences(ledger, read_ledger(check)))
    told = counts(ledger)
    if as_json:
        click.echo(json.dumps(told, indent=1))
        return
    click.echo(f"platforms: {', '.join(told['platforms']) or 'none yet'}")
    for topic, numbers in told["topics"].items():
        click.echo(f"{topic}: {numbers['pages']} pages")
        for kind in ("blocks", "outputs", "replays", "claims"):
            some = [f"{count} {state.replace('_', ' ')}" for state, count in numbers[kind].items() if count]
            click.echo(f"  {kind:8} {', '.join(some) or 'none'}")
    for (kind, name), state in ledger.everything.items():
        if state not in (State.PROVEN, State.NOT_RUN):
            click.echo(f"{state.value}: {kind} {name}")


def report_differences(kept: Ledger, fresh: Ledger) -> int:
    """Print what the kept proof.json says otherwise than a fresh run; return 1 if anything, else 0."""
    wrong = 0
    before, now = kept.everything, fresh.everything
    for thing, state in now.items():
        if before[thing] is not state:
            wrong = 1
            click.echo(
                f"{' '.join(thing)}: proof.json says {before[thing].value}, a fresh run says {state.value}"
            )
    for kind in KINDS:
        for name in kept.proof.records[kind].keys() - fresh.proof.records[kind].keys():
            wrong = 1
            click.echo(f"{kind} {name}: proof.json has it, a fresh run does not show it")
    click.echo(
        "proof.json differs: run make prove and commit it"
        if wrong
        else "proof.json says what a fresh run shows"
    )
    return wrong


@main.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the region or output NAME exactly as the copy button copies it.

    \b
    Example:
      opsbook show ssh/keepalive.sh:client
    """
    book = Book(find_root())
    things = {key: region.clipboard for key, region in book.regions.items()}
    things |= {key: output.text.rstrip() for key, output in book.outputs.items()}
    if name not in things:
        near = [key for key in things if name.rpartition(":")[2] in key][:5]
        raise click.ClickException(
            f"nothing is called {name!r}" + (f"; did you mean {', '.join(near)}?" if near else "")
        )
    # On a terminal a last newline keeps the prompt apart; in a pipe or file nothing is added.
    click.echo(things[name], nl=sys.stdout.isatty())


@main.command()
@click.argument("site", type=click.Path(exists=True, file_okay=False, path_type=Path))
def text(site: Path) -> None:
    """Put each page as plain Markdown (index.md), llms.txt and llms-full.txt into the built SITE.

    \b
    Example:
      opsbook text site
    """
    try:
        write_texts(Book(find_root()), site)
    except FileNotFoundError as error:
        raise click.ClickException(f"{error.filename}: no such page in {site}; build it first") from None


@main.command()
@click.argument("site", type=click.Path(exists=True, file_okay=False, path_type=Path))
def feed(site: Path) -> None:
    """Put feed.xml, an Atom feed of new pages and changed verdicts from the git history, into the built SITE.

    \b
    Example:
      opsbook feed site
    """
    book = Book(find_root())
    try:
        found = changes(book)
    except NoHistory as error:
        found = []
        click.echo(f"feed.xml has no entry, for want of a git history: {error}", err=True)
    else:
        if begins := shallow_since(book.root):
            click.echo(
                f"feed.xml has nothing before {begins}: this clone is shallow (git fetch --unshallow)",
                err=True,
            )
    (site / "feed.xml").write_text(atom(found, "Opsbook"))


@main.command()
@click.argument("site", type=click.Path(exists=True, file_okay=False, path_type=Path))
def policy(site: Path) -> None:
    """Put into each page of the built SITE its Content-Security-Policy, with the hashes of its inline scripts.

    \b
    Example:
      opsbook policy site
    """
    try:
        write_policies(site)
    except ValueError as error:
        raise click.ClickException(str(error)) from None


@main.command()
@click.option(
    "-n", "--most", type=click.IntRange(min=1), default=5, show_default=True, help="Print at most so many."
)
@click.argument("line", nargs=-1, required=True)
def find(most: int, line: tuple[str, ...]) -> None:
    """Find the section on the error message LINE, with your own host names, paths and numbers in it; best first.

    \b
    Example:
      opsbook find "client_loop: send disconnect: Broken pipe"
    """
    found = find_messages(messages(Book(find_root())), " ".join(line))
    for message in found[:most]:
        click.echo(f"{message.text}\n    {title_of(message.page)}: docs/{message.page.path}#{message.anchor}")
    if not found:
        raise click.ClickException("no page has a message like that (opsbook find takes error messages only)")


@main.command()
def lint() -> None:
    """Check the book's files: regions, includes, effects, claims, the words above the first command.

    \b
    Example:
      opsbook lint
    """
    problems = Book(find_root()).problems
    for problem in problems:
        click.echo(str(problem))
    raise SystemExit(1 if problems else 0)


if __name__ == "__main__":
    main()

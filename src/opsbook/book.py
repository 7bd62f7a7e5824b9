"""The book as data: snippets with their regions, recorded outputs, claims, pages and the blocks on them.

Reads files and nothing else; whatever is wrong with them is collected as `Problem`s, not raised, so that
one run can name them all.
"""

import hashlib
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from opsbook.values import Value, declared, faults

VERDICTS = ("holds", "wrong", "dated", "unsafe", "incomplete")
EFFECTS = ("reads", "changes", "destroys")
# Languages whose blocks a reader pastes into a shell or client; each of their regions states an effect.
COMMANDS = {".sh": "bash", ".sql": "sql"}
MAX_WIDTH = 88
MAX_WORDS_BEFORE_COMMAND = 25

# Typed tokens: what stands in a recorded output for a value that differs from run to run.
TOKENS: Mapping[str, str] = {
    "pid": r"[0-9]{1,7}",
    "port": r"[0-9]{1,5}",
    "seconds": r"[0-9]+(\.[0-9]+)?",
    "uuid": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "time": r"[0-9]{2}:[0-9]{2}:[0-9]{2}",
    "hash": r"[0-9a-f]{7,64}",
    "fingerprint": r"SHA256:[A-Za-z0-9+/]{43}",
    "key": r"[A-Za-z0-9+/=]{60,}",
    "random": r"[A-Za-z0-9]{6,16}",
}

_MARK = re.compile(
    r"(?<![;-])-+8<-+[ \t]+\[[ \t]*(?P<type>start|end)[ \t]*:[ \t]*(?P<name>[a-z][-_0-9a-z]*)[ \t]*\]"
)
_LIKE_MARK = re.compile(r"8<|\[[ \t]*(start|end)[ \t]*:", re.IGNORECASE)
_FACT = re.compile(
    r"^\s*(?:#|--|//|;)\s*(?P<key>effect|on|user|exit|file|append|reboots|not-run|browser):\s*(?P<value>.*?)\s*$"
)
_FENCE = re.compile(r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*$")
_INCLUDE = re.compile(r'^(?P<indent>[ \t]*)-+8<-+[ \t]+"(?P<id>[^"]+)"$')
# Headings, directives, comments and the addresses of links.
_NO_PROSE = re.compile(r"(?m)^#.*$|^\[\[.*\]\]$|<!--.*?-->|\]\([^)]*\)")
_DIRECTIVE = re.compile(r"\[\[[^\[\]]+\]\]")
TOKEN = re.compile(rf"<({'|'.join(TOKENS)})>")


def sha256(text: str) -> str:
    """Return the hex SHA-256 of `text` in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def squash(name: str) -> str:
    """Return `name` without what pages, tests and snippets separate words with: keep-alive is keep_alive."""
    return name.lower().replace("-", "").replace("_", "")


@dataclass(frozen=True)
class Problem:
    """Something wrong with the book: where, what, and what to do."""

    path: str
    line: int
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what} ({self.do})"


@dataclass(frozen=True)
class Region:
    """A named piece of a snippet; `code` has no trailing newline.

    `on` and `user` say where it runs, `exit` with which code it is to end, on `exits`' machines with another; `file` or
    `append` is the path that it is the content of; `reboots` is "yes" when the machine starts anew after it; `not_run` is the reason why no
    test can run it; `browser` is "differs" or "no" and why, for Python that does not run in a reader's browser as in its lab. `line` and `end` are the lines of its marks,
    `nested` says that these are indented: it stands under a condition of its program.
    """

    snippet: str
    name: str
    code: str
    line: int
    effect: str = ""
    on: str = ""
    user: str = ""
    exit: int = 0
    exits: tuple[tuple[str, int], ...] = ()
    file: str = ""
    append: str = ""
    reboots: str = ""
    not_run: str = ""
    browser: str = ""
    end: int = 0
    nested: bool = False

    @property
    def id(self) -> str:
        """The name that pages include it by: `ssh/keepalive.sh:client`."""
        return f"{self.snippet}:{self.name}" if self.name else self.snippet

    @property
    def sha256(self) -> str:
        """The hash of the code and of all that is said about how to run it in its lab."""
        facts = (self.effect, self.on, self.user, self.exit, self.file, self.append, self.not_run)
        rare = [fact for fact in (self.reboots, self.exits) if fact]
        return sha256(json.dumps([self.code, *facts, *rare]))

    @property
    def raw_path(self) -> str:
        """Where its code stands alone in the site: `raw/ssh/keepalive.client.sh`."""
        stem = self.snippet.removesuffix(self.language)
        return f"raw/{stem}.{self.name}{self.language}" if self.name else f"raw/{self.snippet}"

    @property
    def machines(self) -> tuple[str, ...]:
        """The machines that it runs on, one after the other; empty for the lab's first."""
        return tuple(self.on.split())

    def exit_on(self, machine: str) -> int:
        """Return the code that it is to end with on `machine`."""
        return dict(self.exits).get(machine, self.exit)

    @property
    def output_id(self) -> str:
        """The name of the output that a test records when it runs this: `ssh/keepalive.client.out`."""
        stem = self.snippet.rpartition(".")[0]
        return f"{stem}.{self.name}.out" if self.name else f"{stem}.out"

    def output_on(self, machine: str) -> str:
        """Return the name of the output on one of several machines that do not answer alike."""
        return f"{self.output_id.removesuffix('out')}{machine}.out"

    @property
    def output_ids(self) -> tuple[str, ...]:
        """The names of all outputs that it may have."""
        several = self.machines if len(self.machines) > 1 else ()
        return self.output_id, *map(self.output_on, several)

    @property
    def language(self) -> str:
        """The file ending that tells what runs it, such as `.sh`."""
        return Path(self.snippet).suffix

    @property
    def clipboard(self) -> str:
        """What the copy button copies: the code, never with a newline that would run it."""
        return self.code.rstrip()


@dataclass(frozen=True)
class Output:
    """A recorded output; tokens such as `<pid>` stand for what varies."""

    id: str
    text: str

    @property
    def sha256(self) -> str:
        """The hash of the recorded text."""
        return sha256(self.text)

    def matches(self, seen: str) -> bool:
        """Tell whether `seen` is this output, each token being any value of its type."""
        # Recorded without blanks at line ends, which git's graphs have and nobody sees.
        shown = "\n".join(line.rstrip() for line in seen.rstrip("\n").splitlines())
        return re.fullmatch(token_pattern(self.text.rstrip("\n")), shown) is not None


@dataclass(frozen=True)
class Claim:
    """Something people say, our verdict, and what is true, in our own words; `page` is where it is shown."""

    id: str
    topic: str
    says: str
    verdict: str
    truth: str
    page: str
    also: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """The hash of all that a reader is told."""
        return sha256(json.dumps([self.says, self.verdict, self.truth, self.also]))


@dataclass(frozen=True)
class Fence:
    """A fenced block in Markdown: line numbers of its two fences (from 0), indent, fence, info string and body."""

    start: int
    end: int
    indent: str
    marker: str
    info: str
    body: tuple[str, ...]

    @cached_property
    def include(self) -> str:
        """The id that the block includes; empty unless the include is all that it holds."""
        lines = [line for line in self.body if line.strip()]
        found = _INCLUDE.match(lines[0]) if len(lines) == 1 else None
        # Deeper than its fence, the code would be shown with that indent: another text than the snippet's.
        return found["id"] if found and found["indent"] == self.indent else ""


@dataclass(frozen=True)
class Page:
    """A page: its path under docs/, its Markdown, its front matter and the fenced blocks in order."""

    path: str
    text: str
    meta: Mapping[str, str]
    fences: Sequence[Fence] = field(repr=False)

    @cached_property
    def topic(self) -> str:
        """The folder of its snippets and tests, `disk_partitioning`; empty outside topics."""
        folder = Path(self.path).parent.as_posix()
        return "" if folder == "." else folder.replace("-", "_")

    @property
    def is_index(self) -> bool:
        """Whether it lists a topic (or all of them) and needs no blocks of its own."""
        return Path(self.path).stem == "index"

    @property
    def is_list(self) -> bool:
        """Whether it only lists what stands on other pages too, so that a search leaves it out."""
        told: object = self.meta.get("search")
        return isinstance(told, dict) and bool(told.get("exclude"))

    @cached_property
    def includes(self) -> list[str]:
        """The ids that its blocks include, in order."""
        return [fence.include for fence in self.fences if fence.include]

    @cached_property
    def values(self) -> list[Value]:
        """The names on it that stand for a reader's own."""
        return declared(self.text)


def tidy(output: str) -> str:
    """Return what a program printed as it is recorded: no blanks at line ends, one newline at the end."""
    return "\n".join(line.rstrip() for line in output.rstrip("\n").splitlines()) + "\n"


def token_pattern(text: str) -> str:
    """Return the regular expression that `text` stands for, each token being any value of its type."""
    parts = TOKEN.split(text)
    literal, names = parts[::2], parts[1::2]
    pattern = re.escape(literal[0])
    for name, after in zip(names, literal[1:], strict=True):
        pattern += f"(?:{TOKENS[name]})" + re.escape(after)
    return pattern


def fences(text: str) -> Iterator[Fence]:
    """Yield the fenced blocks of a Markdown text, nested ones (in tabs, lists, admonitions) too."""
    lines = text.split("\n")
    start: int | None = None
    opening: re.Match[str] | None = None
    for number, line in enumerate(lines):
        found = _FENCE.match(line)
        if opening is None or start is None:
            if found and "`" not in found["info"]:
                start, opening = number, found
        elif found and not found["info"] and found["fence"].startswith(opening["fence"]):
            inside = tuple(lines[start + 1 : number])
            yield Fence(start, number, opening["indent"], opening["fence"], opening["info"], inside)
            start = opening = None


def read_regions(snippet: str, text: str) -> tuple[list[Region], list[Problem]]:
    """Return the regions of a snippet's `text`, the whole file where it has no marks, and what is wrong."""
    lines = text.split("\n")
    opened: dict[str, int] = {}
    found: dict[str, Region] = {}
    problems: list[Problem] = []

    def wrong(number: int, what: str, do: str) -> None:
        problems.append(Problem(f"snippets/{snippet}", number + 1, what, do))

    for number, line in enumerate(lines):
        mark = _MARK.search(line)
        if not mark:
            if _LIKE_MARK.search(line):
                wrong(number, "a malformed region mark", "write  # --8<-- [start:name]  or  [end:name]")
            continue
        name = mark["name"]
        if mark["type"] == "start":
            if name in opened or name in found:
                wrong(number, f"region {name} is there twice", "give it another name")
            opened[name] = number
        elif name not in opened:
            wrong(number, f"region {name} ends but never started", "add its [start:…] or drop this line")
        else:
            start = opened.pop(name)
            facts, bad = read_facts(lines, start)
            for what in bad:
                wrong(start, what, "see CONTRIBUTING.md, 'Say how a region runs'")
            code, nested = body(lines[start + 1 : number]), lines[start][:1].isspace()
            found[name] = Region(snippet, name, code, start + 1, end=number + 1, nested=nested, **facts)
            if not found[name].code.strip():
                wrong(start, f"region {name} is empty", "fill it or drop it")
    for name, start in opened.items():
        wrong(start, f"region {name} is never closed", f"add  # --8<-- [end:{name}]")
    if not found and not problems:
        facts, bad = read_facts(lines, first_code_line(lines))
        for what in bad:
            wrong(0, what, "see CONTRIBUTING.md, 'Say how a region runs'")
        found[""] = Region(snippet, "", text.strip("\n"), 1, end=len(lines), **facts)
        if not text.strip():
            wrong(0, "an empty snippet", "fill it or delete it")
    return list(found.values()), problems


def first_code_line(lines: Sequence[str]) -> int:
    """Return the number of the first line that is neither a #! line, a fact nor blank."""
    for number, line in enumerate(lines):
        if line.strip() and not line.startswith("#!") and not _FACT.match(line):
            return number
    return len(lines)


def read_facts(lines: Sequence[str], start: int) -> tuple[dict[str, Any], list[str]]:
    """Return what the comment lines right above line `start` say of a region, and what is wrong with it."""
    facts: dict[str, Any] = {}
    wrong = []
    for line in reversed(lines[:start]):
        if not (fact := _FACT.match(line)):
            break
        key, value = fact["key"].replace("-", "_"), fact["value"]
        if key == "effect" and value not in EFFECTS:
            wrong.append(f"effect {value!r} is none of {', '.join(EFFECTS)}")
        if key == "exit":
            if not re.fullmatch(r"[0-9]+|[a-z]\S* [0-9]+(, [a-z]\S* [0-9]+)*", value):
                wrong.append(f"exit {value!r} is no exit code")
                continue
            if not value.isdigit():
                pairs = [part.split() for part in value.split(", ")]
                facts["exits"] = tuple((machine, int(code)) for machine, code in pairs)
                continue
        if key == "reboots" and value != "yes":
            wrong.append("reboots says only yes")
        if key == "browser" and not re.match(r"(differs|no) \S", value):
            wrong.append("browser says differs or no, and why")
        if not value:
            wrong.append(f"{fact['key']} says nothing")
        if key in facts:
            wrong.append(f"{fact['key']} is said twice")
        facts[key] = int(value) if key == "exit" else value
    return facts, wrong


def body(lines: Sequence[str]) -> str:
    """Return `lines` as pymdownx.snippets includes them: marks of inner regions dropped, common indent removed."""
    return textwrap.dedent("\n".join(line for line in lines if not _MARK.search(line))).strip("\n")


def front_matter(text: str) -> dict[str, str]:
    """Return the YAML front matter of a page, empty where there is none."""
    found = re.match(r"\A---\n(.*?)\n---\n", text, re.DOTALL)
    return read_yaml(found[1]) or {} if found else {}


def read_yaml(text: str) -> Any:  # whatever the text holds
    """Return what safe YAML says; raises yaml.YAMLError. It is read in C where PyYAML has that, seven times as fast."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both loaders are safe


@dataclass(frozen=True)
class Book:
    """The notebook in the folder `root`; everything is read on first use and kept."""

    root: Path

    @cached_property
    def _read(self) -> tuple[dict[str, Region], list[Problem]]:
        regions: dict[str, Region] = {}
        problems: list[Problem] = []
        for path in sorted((self.root / "snippets").rglob("*")):
            name = path.relative_to(self.root / "snippets").as_posix()
            if path.is_dir() or path.suffix == ".out" or path.name == "claims.yaml" or "__pycache__" in name:
                continue
            found, wrong = read_regions(name, path.read_text())
            regions |= {region.id: region for region in found}
            problems += wrong
        return regions, problems

    @property
    def regions(self) -> dict[str, Region]:
        """All regions by id."""
        return self._read[0]

    @cached_property
    def outputs(self) -> dict[str, Output]:
        """All recorded outputs by id."""
        base = self.root / "snippets"
        ids = [path.relative_to(base).as_posix() for path in sorted(base.rglob("*.out"))]
        return {name: Output(name, (base / name).read_text()) for name in ids}

    @cached_property
    def machine_of(self) -> dict[str, str]:
        """The machine that an output is of, for those that are of one of several."""
        return {region.output_on(m): m for region in self.regions.values() for m in region.machines}

    @cached_property
    def _claims(self) -> tuple[dict[str, Claim], list[Problem]]:
        claims: dict[str, Claim] = {}
        problems = []
        for path in sorted((self.root / "snippets").glob("*/claims.yaml")):
            name = path.relative_to(self.root).as_posix()
            try:
                entries = read_yaml(path.read_text()) or []
            except yaml.YAMLError as error:
                what = " ".join(str(error).split())
                problems.append(Problem(name, 1, f"no YAML: {what}", "quote what starts with a backquote"))
                continue
            for entry in entries:
                try:
                    claim = Claim(topic=path.parent.name, **{**entry, "also": tuple(entry.get("also", ()))})
                except (TypeError, AttributeError) as error:
                    do = "give it id, page, says, verdict, truth"
                    problems.append(Problem(name, 1, f"a malformed claim: {error}", do))
                    continue
                if claim.verdict not in VERDICTS:
                    problems.append(
                        Problem(
                            name, 1, f"{claim.id}: verdict {claim.verdict!r}", "use " + ", ".join(VERDICTS)
                        )
                    )
                if claim.id in claims:
                    problems.append(Problem(name, 1, f"claim {claim.id} is there twice", "merge the two"))
                claims[claim.id] = claim
        return claims, problems

    @property
    def claims(self) -> dict[str, Claim]:
        """All claims by id."""
        return self._claims[0]

    def claims_of(self, what: str) -> list[Claim]:
        """Return the claims of a topic, or of one of its pages (`ssh/keep-alive`), in the order of their file."""
        topic, _, page = what.partition("/")
        return [claim for claim in self.claims.values() if claim.topic == topic and page in ("", claim.page)]

    @cached_property
    def pages(self) -> dict[str, Page]:
        """All pages by their path under docs/."""
        pages = {}
        for path in sorted((self.root / "docs").rglob("*.md")):
            name = path.relative_to(self.root / "docs").as_posix()
            text = path.read_text()
            pages[name] = Page(name, text, front_matter(text), list(fences(text)))
        return pages

    @cached_property
    def asked_on(self) -> dict[str, str]:
        """The page that asks for each table, by what stands between the brackets: `claims: ssh/keep-alive`."""
        found = ((line.strip(), page.path) for page in self.pages.values() for line in page.text.splitlines())
        return {line[2:-2]: path for line, path in found if _DIRECTIVE.fullmatch(line)}

    @cached_property
    def shown_on(self) -> dict[str, list[Page]]:
        """The pages that show a region or output, by its id: those of a topic before the home page."""
        found: dict[str, list[Page]] = {}
        for page in sorted(self.pages.values(), key=lambda page: not page.topic):
            for name in dict.fromkeys(page.includes):
                found.setdefault(name, []).append(page)
        return found

    @property
    def topics(self) -> list[str]:
        """The topics that have a page or a snippet, sorted."""
        named = {page.topic for page in self.pages.values()} | {
            r.snippet.split("/")[0] for r in self.regions.values()
        }
        return sorted(topic for topic in named if topic)

    def lab_of(self, page: Page) -> str:
        """Return the name of the lab that `page` runs in: its own `lab:` line, else its topic index's."""
        index = self.pages.get(f"{Path(page.path).parent.as_posix()}/index.md")
        return page.meta.get("lab") or (index.meta.get("lab", "") if index else "")

    def in_browser(self, region: Region) -> str:
        """Return how `region` does in a reader's browser: "yes", "differs", "no", or empty where that is not asked.

        It is asked of Python on pages whose lab is Python and nothing else, or whose programs need nothing else there.
        """
        plain = not (region.on or region.user or region.append or region.not_run)
        pages = self.shown_on.get(region.id, [])
        asked = any(self.lab_of(page) == "python" or "browser" in page.meta for page in pages)
        if not (asked and plain and region.language == ".py"):
            return ""
        return region.browser.partition(" ")[0] or ("no" if region.nested else "yes")

    def beside_program(self, region: Region) -> list[str]:
        """Return the snippets that a page names as what its programs import in a browser, where `region` is of one."""
        pages = self.shown_on.get(region.id, [])
        return [f"{page.topic}/{name}" for page in pages for name in page.meta.get("browser", "").split()]

    def replay_hash(self, page: Page) -> str:
        """Return the hash of what a replay of `page` does: its lab, its blocks and its outputs in their order."""
        things: dict[str, Region | Output] = {**self.regions, **self.outputs}
        steps = [(name, things[name].sha256 if name in things else "") for name in page.includes]
        return sha256(json.dumps([self.lab_of(page), steps]))

    def page_of(self, topic: str, stem: str) -> Page | None:
        """Return the page that mirrors a test or snippet of this topic and file stem."""
        return self._mirrors.get((topic, squash(stem)))

    @cached_property
    def _mirrors(self) -> dict[tuple[str, str], Page]:
        return {(page.topic, squash(Path(page.path).stem)): page for page in reversed(self.pages.values())}

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything that is wrong with the files themselves, before any test or build."""
        return [
            *self._read[1],
            *self._claims[1],
            *self._page_problems(),
            *self._orphans(),
            *self._claim_places(),
        ]

    def _page_problems(self) -> Iterator[Problem]:
        for page in self.pages.values():
            path = f"docs/{page.path}"
            last: tuple[str, ...] = ()
            for fence in page.fences:
                if "8<" in "\n".join(fence.body) and not fence.include:
                    yield Problem(
                        path,
                        fence.start + 1,
                        "a malformed include",
                        'write one line  --8<-- "topic/file.sh:region"',
                    )
                elif not fence.include and not fence.info.startswith("mermaid"):
                    yield Problem(
                        path,
                        fence.start + 1,
                        "a typed block",
                        "put it into a snippet that a test runs and include it",
                    )
                elif (
                    fence.include and fence.include not in self.regions and fence.include not in self.outputs
                ):
                    yield Problem(
                        path,
                        fence.start + 1,
                        f"{fence.include} is no region and no output",
                        "run make prove, or check the name",
                    )
                elif fence.include in self.outputs and fence.include not in last:
                    yield Problem(
                        path,
                        fence.start + 1,
                        f"{fence.include} is not the output of the block above",
                        "put it right under its command",
                    )
                elif fence.include and not page.topic and not self.lab_of(page):
                    yield Problem(
                        path,
                        fence.start + 1,
                        "a block on a page of no topic and no lab",
                        "move the page to a topic's folder, or say  lab: NAME  in its front matter",
                    )
                if region := self.regions.get(fence.include):
                    last = region.output_ids
            codes = (self.regions[name].code for name in page.includes if name in self.regions)
            for what, do in faults(page.values, codes):
                yield Problem(path, 1, what, do)
            words = words_before_command(page, self.regions)
            if page.topic and not page.is_index and words > MAX_WORDS_BEFORE_COMMAND:
                yield Problem(
                    path,
                    1,
                    f"{words} words stand above the first command",
                    f"at most {MAX_WORDS_BEFORE_COMMAND}: answer first",
                )

    def _orphans(self) -> Iterator[Problem]:
        shown = self.shown_on
        for region in self.regions.values():
            path = f"snippets/{region.snippet}"
            if region.id not in shown:
                yield Problem(path, region.line, f"{region.id} is on no page", "include it or delete it")
            if region.language in COMMANDS and not (region.effect or region.file or region.append):
                yield Problem(
                    path,
                    region.line,
                    f"{region.id} states no effect",
                    "say  # effect: reads, changes or destroys",
                )
            for number, line in enumerate(region.code.splitlines(), region.line + 1):
                if len(line) > MAX_WIDTH:
                    yield Problem(path, number, f"a line of {len(line)} columns", f"at most {MAX_WIDTH}")
        for name in self.outputs:
            if name not in shown:
                yield Problem(
                    f"snippets/{name}", 1, f"{name} is on no page", "include it, or stop recording it"
                )

    def _claim_places(self) -> Iterator[Problem]:
        for claim in self.claims.values():
            path = f"snippets/{claim.topic}/claims.yaml"
            if not self.page_of(claim.topic, claim.page):
                yield Problem(
                    path,
                    1,
                    f"{claim.id} names page {claim.page!r}, which is not there",
                    "name a page of the topic",
                )
            elif not {f"claims: {claim.topic}", f"claims: {claim.topic}/{claim.page}"} & self.asked_on.keys():
                yield Problem(
                    path, 1, f"{claim.id} is shown on no page", f"add [[claims: {claim.topic}/{claim.page}]]"
                )


def words_before_command(page: Page, regions: Mapping[str, Region]) -> int:
    """Return how many words of prose stand between the title and the first block of a page."""
    lines = page.text.splitlines()
    first = next((fence.start for fence in page.fences if fence.include in regions), len(lines))
    prose = re.sub(r"\A---\n.*?\n---\n", "", "\n".join(lines[:first]) + "\n", flags=re.DOTALL)
    return len(re.findall(r"\w[\w'’.-]*", _NO_PROSE.sub(" ", prose)))

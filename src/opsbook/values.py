"""Your values: names on a page, such as `web` or `/dev/sdb`, that stand for a reader's own.

A page says `[[values: web host, /dev/sdb disk]]`: name and kind, by commas. The kinds and their rules stand here and nowhere
else: the extension writes them into the page, and docs/assets/values.js, which knows none, lets nothing else into a block. They
are lists of what is allowed, plain ASCII without blanks, quotes and whatever means something to a shell, so that no value can
become another command. Patterns are such that Python and JavaScript read them alike.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

VALUES = re.compile(r"^\[\[values: *(?P<what>.*?) *\]\]$")


@dataclass(frozen=True)
class Kind:
    """What a value may be: `called` for readers, `allowed` as a pattern, `rule` in words.

    `characters` is the class of all characters that it may have, for the reason of a refusal. `before` and `after` keep a name
    from being found within a longer one; `part` is what may follow a found name and goes with it.
    """

    called: str
    rule: str
    characters: str
    allowed: str
    before: str = r"(?<![A-Za-z0-9_.$/\\-])"
    part: str = ""
    after: str = r"(?![A-Za-z0-9_/-]|\.[A-Za-z0-9_])"


_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*"
_HEX = "[A-Fa-f0-9]{1,4}"
# Eight groups, or fewer with one :: for the missing; no zone, no IPv4 at the end, not :: alone.
_IPV6 = (
    rf"(?:{_HEX}:){{7}}{_HEX}|(?!(?::{{0,2}}{_HEX}(?![A-Fa-f0-9])){{8}})(?=.*[A-Fa-f0-9])"
    rf"(?:{_HEX}(?::{_HEX})*)?::(?:{_HEX}(?::{_HEX})*)?"
)
# Whether this machine is the lab's is asked by its name, and that must stay. A path is no place for it, an address is.
_BEFORE_HOST = r'(?<![A-Za-z0-9_.$\\-])(?<![^/]/)(?<!hostname\)" = )'
_DISK = r"/dev/(?:(?:sd|vd|xvd|hd)[a-z]{1,3}|nvme[0-9]{1,3}n[0-9]{1,3}|(?:mmcblk|loop|md)[0-9]{1,3})"
_LINK = r"/dev/disk/by-id/(?=.{1,200}$)(?!.*\.\.)(?!.*-part[0-9]*$)[A-Za-z0-9][A-Za-z0-9_.:-]*"
_WORD = "[A-Za-z0-9_][A-Za-z0-9_.-]*"
# No part of a path is . or .. or begins with a hyphen.
_PART = r"\.?[A-Za-z0-9_][A-Za-z0-9_.-]*"
_FILE = rf"(?=.{{1,255}}$)(?:~/)?{_PART}(?:/{_PART})*"
_INSIDE = r"(?![A-Za-z0-9_-]|\.[A-Za-z0-9_])"

KINDS: Mapping[str, Kind] = {
    "host": Kind(
        "host name",
        "letters, digits and hyphens, in parts divided by dots, such as web1.example.com; no IPv6 address, "
        "which some blocks here would need in brackets",
        "A-Za-z0-9.-",
        _HOST,
        before=_BEFORE_HOST,
        after=_INSIDE,
    ),
    "address": Kind(
        "host name or address",
        "letters, digits and hyphens, in parts divided by dots, or an IPv6 address without brackets, such as 2001:db8::7",
        "A-Za-z0-9.:-",
        f"{_HOST}|{_IPV6}",
        before=_BEFORE_HOST,
        after=_INSIDE,
    ),
    "user": Kind(
        "user name",
        "lower-case letters, digits, hyphens and underscores, at most 32, a letter first, such as app",
        "a-z0-9_-",
        "[a-z_][a-z0-9_-]{0,31}",
        # /home/alice is the user's too.
        before=r"(?<![A-Za-z0-9_.$\\-])",
        after=_INSIDE,
    ),
    "disk": Kind(
        "whole disk",
        "the kernel's name of a whole disk, such as /dev/sdc, /dev/vdb or /dev/nvme0n1; some blocks here have that name in "
        "other places than below /dev, so no link from /dev/disk",
        "a-z0-9/",
        _DISK,
        before="(?<=/)",
        part="([0-9]*)",
        after=_INSIDE,
    ),
    "device": Kind(
        "whole disk",
        "the kernel's name of a whole disk, such as /dev/sdc or /dev/nvme0n1, or a link to it in /dev/disk/by-id",
        "A-Za-z0-9_.:/-",
        f"{_DISK}|{_LINK}",
        before="(?<=/dev/)",
        part="([0-9]*)",
        after=_INSIDE,
    ),
    "directory": Kind(
        "directory",
        "a path that begins with /, of letters, digits, dots, hyphens and underscores, such as /srv/data",
        "A-Za-z0-9_./-",
        rf"(?=.{{2,255}}$)(?:/{_PART})+",
        before=r"(?<![A-Za-z0-9_./~\\-])",
        after=_INSIDE,
    ),
    "file": Kind(
        "file",
        "a path from ~/ or from here on, of letters, digits, dots, hyphens and underscores, such as ~/.ssh/id_work",
        "A-Za-z0-9_.~/-",
        _FILE,
        before=r"(?<![A-Za-z0-9_.$/~\\-])",
    ),
    "key": Kind(
        "key file",
        "a path from ~/ or from here on, of letters, digits, dots, hyphens and underscores, such as ~/.ssh/id_work",
        "A-Za-z0-9_.~/-",
        _FILE,
        before=r"(?<![A-Za-z0-9_.$/~\\-])",
        # The public half goes with it.
        part=r"((?:\.pub)?)",
    ),
    "branch": Kind(
        "branch",
        "letters, digits, dots, hyphens and underscores, in parts divided by /, such as fix/login",
        "A-Za-z0-9_./-",
        rf"(?=.{{1,200}}$)(?!.*(?:\.\.|\.lock(?:/|$)|\./|\.$)){_WORD}(?:/{_WORD})*",
        # It may stand after origin/ and after the two dots of a range.
        before=r"(?<![A-Za-z0-9_$\\-])(?<![^.]\.)",
    ),
    "container": Kind(
        "container",
        "lower-case letters and digits, with dots, hyphens or underscores between them, such as web-1",
        "a-z0-9_.-",
        "(?=.{1,63}$)[a-z0-9]+(?:[._-][a-z0-9]+)*",
    ),
    "port": Kind(
        "port",
        "a number from 1 to 65535, such as 8080",
        "0-9",
        "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]",
        after=_INSIDE,
    ),
    "database": Kind(
        "database",
        "letters, digits and underscores, at most 64, no digit first, such as shop",
        "A-Za-z0-9_",
        "[A-Za-z_][A-Za-z0-9_]{0,63}",
        # A database is what follows the / of an address.
        before=r"(?<![A-Za-z0-9_.$\\-])(?<!//)",
    ),
    "table": Kind(
        "table",
        "letters, digits and underscores, at most 64, no digit first, such as orders",
        "A-Za-z0-9_",
        "[A-Za-z_][A-Za-z0-9_]{0,63}",
        # The database may stand before it.
        before=r"(?<![A-Za-z0-9_$/\\-])",
        after="(?![A-Za-z0-9_/-])",
    ),
}


@dataclass(frozen=True)
class Value:
    """A name on a page that stands for a reader's own, as CI ran it, and its kind."""

    name: str
    kind: str

    @property
    def find(self) -> str:
        """The pattern of its places in code; group 1, if there is one, is what goes with it: a partition, `.pub`."""
        kind = KINDS[self.kind]
        name = self.name.removeprefix("/dev/") if self.kind in {"disk", "device"} else self.name
        return f"{kind.before}{re.escape(name)}{kind.part}{kind.after}"


def declared(text: str) -> list[Value]:
    """Return the values that a page's Markdown declares, whatever their kinds; a name without a kind has the kind ''."""
    lines = (VALUES.match(line) for line in text.splitlines())
    pairs = [part.split() for line in lines if line for part in line["what"].split(",")]
    return [Value(pair[0] if pair else "", " ".join(pair[1:])) for pair in pairs]


def faults(values: Sequence[Value], codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return what is wrong with the values of a page whose blocks are `codes`: what, and what to do."""
    whole = "\n".join(codes)
    found = []
    for place, value in enumerate(values):
        if value.kind not in KINDS:
            what = f"value {value.name!r} is of unknown kind {value.kind!r}"
            found.append((what, f"use {', '.join(KINDS)}"))
        elif not re.fullmatch(KINDS[value.kind].allowed, value.name):
            found.append((f"value {value.name!r} is no {KINDS[value.kind].called}", KINDS[value.kind].rule))
        elif not re.search(value.find, whole):
            found.append((f"value {value.name!r} is in no block of the page", "drop it"))
        if value.name in {earlier.name for earlier in values[:place]}:
            found.append((f"value {value.name!r} is declared twice", "drop one"))
    return found

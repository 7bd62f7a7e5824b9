"""Your values: what a page may declare, what may stand for a name, and where a name is found."""

import re
from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.plain import plain
from opsbook.values import KINDS, Value, declared, faults

from .hostile_values import GOOD, HOSTILE, STRANGE
from .tiny import make_book

BOOK = Book(Path(__file__).parents[1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_lets_in_its_own_alone(kind: str) -> None:
    """Good names fit and are made of the kind's characters; nothing that a shell reads as more than one word fits."""
    rule = KINDS[kind]
    for text in GOOD[kind]:
        assert re.fullmatch(rule.allowed, text), text
        assert re.fullmatch(f"[{rule.characters}]+", text), text
    for text in [*HOSTILE, *STRANGE[kind], ""]:
        assert not re.fullmatch(rule.allowed, text), text
    assert not re.search(f"[{rule.characters}]", " \t\n\r'\"`$;&|<>()[]{{}}*?!#%^\\=+,@\0\x7f\u0435\u2010")


FOUND = {
    ("web", "host"): "ssh web 'x'; scp a@web:f web, //web/x `web` ^web",
    ("192.0.2.10", "address"): "HostName 192.0.2.10 alice@192.0.2.10 HostName=192.0.2.10",
    ("/dev/sdb", "disk"): "/dev/sdb /dev/sdb1 </dev/sdb /sys/block/sdb/device",
    ("/dev/sdb", "device"): "/dev/sdb /dev/sdb1 </dev/sdb of=/dev/sdb",
    ("/data", "directory"): "/data /data/x '| /data |' >/data",
    ("main", "branch"): "main origin/main ..main main.. main~1 'main@{1}'",
    ("alice", "user"): "alice alice@web /home/alice /home/alice/x",
    ("~/.ssh/id_web", "key"): "~/.ssh/id_web ~/.ssh/id_web.pub =~/.ssh/id_web",
    ("shop", "database"): "127.0.0.1/shop?x @/shop shop.* 'shop'",
    ("8082", "port"): "localhost:8082/ -p 8082 8082:80",
    ("app.py", "file"): ">app.py app.py 'app.py'",
    ("job", "container"): "--name job container:job job:/x",
    ("orders", "table"): "orders; (orders) shop.orders 'orders'",
}
PASSED_OVER = {
    ("web", "host"): 'web1 web-2 my_web x-web web.key ~/web /web/ $web "$(hostname)" = web',
    ("192.0.2.10", "address"): "192.0.2.100 1192.0.2.10 192.0.2.10.5",
    ("/dev/sdb", "disk"): "/dev/sdbc /dev/sdab sdb sdb.table /root/sdb.table",
    ("/dev/sdb", "device"): "/dev/sdbc /dev/sdab sdb /sys/block/sdb/device /root/sdb.table",
    ("/data", "directory"): "/database /srv/data ~/data /data.old \\/data data",
    ("main", "branch"): "main.c x.main mainly $main -main",
    ("alice", "user"): "alice.txt malice alice2 $alice",
    ("~/.ssh/id_web", "key"): "~/.ssh/id_web2 ~/.ssh/id_web.old ~/.ssh/id_web-x",
    ("shop", "database"): "workshop //shop $shop shop_url",
    ("8082", "port"): "18082 8082.5 80820",
    ("app.py", "file"): "myapp.py app.pyc src/app.py",
    ("job", "container"): "jobs job-2 a.job",
    ("orders", "table"): "orders2 old_orders reorders",
}


@pytest.mark.parametrize("name", FOUND, ids=" ".join)
def test_a_name_is_found_whole_or_not_at_all(name: tuple[str, str]) -> None:
    """Every place of a name is found, and none within a longer name."""
    value = Value(*name)
    text = FOUND[name]
    bare = value.name.removeprefix("/dev/")
    assert len(re.findall(value.find, text)) == text.count(bare)
    assert re.findall(value.find, PASSED_OVER[name]) == []


WRONG = {
    "hello hots": "of unknown kind 'hots'",
    "hello": "of unknown kind ''",
    "hello host host": "of unknown kind 'host host'",
    "goodbye host": "is in no block",
    "hell host": "is in no block",
    "hello host, hello user": "declared twice",
    "/ directory": "is no directory",
    "a;b host": "is no host name",
    "hello disk": "is no whole disk",
}


@pytest.mark.parametrize("what", WRONG)
def test_lint_refuses_what_a_page_may_not_declare(tmp_path: Path, what: str) -> None:
    """An unknown kind, a name in no block, one that its kind forbids and one said twice are problems of the book."""
    page = '# Note\n\n[[values: {}]]\n\n```bash\n--8<-- "git/note.sh:hello"\n```\n\n[[claims: git/note]]\n'
    told = [str(p) for p in make_book(tmp_path, {"docs/git/note.md": page.format(what)}).problems]
    assert any(WRONG[what] in problem and "docs/git/note.md" in problem for problem in told), told
    good = make_book(tmp_path / "good", {"docs/git/note.md": page.format("hello host")})
    assert not [p for p in good.problems if "value" in p.what]
    assert "put your own for: `hello` (host name)" in plain(good, good.pages["git/note.md"])


# The beginning of a script such as '/x/d' or 's/x/y/'.
SLASHED = re.compile(r"(?:^[\"']|;)\s*[0-9$,!]*s?/")


def open_quote(text: str) -> str:
    """Return what stands in `text` since the quote that is open at its end; empty where none is."""
    quote, start = "", 0
    for place, character in enumerate(text):
        if character in "'\"" and quote in ("", character):
            quote, start = ("", 0) if quote else (character, place)
    return text[start:] if quote else ""


def test_no_value_with_a_slash_stands_in_a_script_that_slashes_divide() -> None:
    """A slash in a directory, file or branch ends no pattern of sed or awk, where its rest would be a command."""
    seen = 0
    for page in BOOK.pages.values():
        for value in (v for v in page.values if "/" in KINDS[v.kind].characters):
            for name in page.includes:
                code = BOOK.regions[name].code if name in BOOK.regions else ""
                for line in (line for line in code.splitlines() if re.search(r"\b(sed|awk)\b|EDITOR", line)):
                    for found in re.finditer(value.find, line):
                        seen += 1
                        assert not SLASHED.search(open_quote(line[: found.start()])), f"{name}: {line}"
    assert seen


# Where a colon would begin something else, or an IPv6 address stands in brackets, or under another name.
NO_PLACE_FOR_IPV6 = re.compile(
    r"\b(?:scp|sftp|rsync|curl|wget|git|pip|mysql)\b|://|-[JLRDW] |ProxyJump|Forward|Permit|known_hosts|%h"
)


def test_an_ipv6_address_or_a_link_to_a_disk_fits_wherever_it_may_be_put() -> None:
    """An address stands in lines where its colons mean nothing else; a disk that may be a link stands below /dev alone."""
    seen = {"address": 0, "device": 0}
    for page in BOOK.pages.values():
        for value in (value for value in page.values if value.kind in seen):
            for line in "\n".join(
                BOOK.regions[one].code for one in page.includes if one in BOOK.regions
            ).splitlines():
                if value.kind == "device":
                    anywhere = Value(value.name, "disk").find
                    assert len(re.findall(value.find, line)) == len(re.findall(anywhere, line)), line
                for found in re.finditer(value.find, line):
                    seen[value.kind] += 1
                    if value.kind == "address":
                        assert not NO_PLACE_FOR_IPV6.search(line), line
                        assert line[found.end() : found.end() + 1] in {"", " ", "'", '"'}, line
    assert all(seen.values()), seen


def test_many_destroying_blocks_ask_for_values() -> None:
    """More than half of the blocks that destroy use a value, and every one that names a disk does."""
    asked = []
    for page in BOOK.pages.values():
        for region in (BOOK.regions[name] for name in page.includes if name in BOOK.regions):
            if region.effect == "destroys":
                asked.append(any(re.search(value.find, region.code) for value in page.values))
                assert asked[-1] or "/dev/sd" not in region.code, region.id
    assert sum(asked) > len(asked) / 2


def test_the_words_of_a_declaration_are_no_words_before_the_command() -> None:
    """Values are read from any line of a page, and none from prose."""
    text = "# T\n\n[[values: web host,  /dev/sdb disk]]\n\nSay [[values: x host]] here.\n"
    assert declared(text) == [Value("web", "host"), Value("/dev/sdb", "disk")]
    assert faults(declared(text), ["ssh web", "mkfs /dev/sdb1"]) == []

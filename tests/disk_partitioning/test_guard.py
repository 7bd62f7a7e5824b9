"""The safety catch: what destroys refuses every device that is not empty."""

import hashlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from opsbook.book import Book, Region
from opsbook.labs.disk import DiskLab, disk_lab
from opsbook.labs.machines import Shell
from opsbook.pytest_plugin import Evidence, Snippet, skipping_without_lab

# Together with the other tests that take loop devices.
pytestmark = pytest.mark.xdist_group("loops")

BOOK = Book(Path(__file__).parents[2])
DISK = re.compile(r"/dev/sd[a-z][0-9]*")
# Not wipefs: naming the device to it is the way on that the safety catch advises.
DESTROYERS = re.compile(
    r"\b(mkfs|mke2fs|mkswap|mklabel|mktable|blkdiscard|shred|sgdisk\b.* (-Z|-o|--zap)|dd\b.*\bof=/dev)"
)
REGIONS = [region for region in BOOK.regions.values() if region.snippet.startswith("disk_partitioning/")]


def statements(region: Region) -> list[str]:
    """Return the commands of a region, each whole, as bash reads them."""
    if not DESTROYERS.search(region.code) and "only_if_empty /dev" not in region.code:
        return []
    found, lines = [], ""
    for line in region.code.splitlines(keepends=True):
        lines += line
        read = subprocess.run(["bash", "-n"], input=lines, capture_output=True, text=True, check=False)
        if not read.stderr and not re.search(r"(\\|&&|\|)$", line.rstrip()):
            found.append(lines)
            lines = ""
    return found


GUARDED = [
    (region.id, line)
    for region in REGIONS
    for line in statements(region)
    if line.startswith("only_if_empty /dev")
]
FILL = "mkfs.ext4 -qE lazy_itable_init=0,lazy_journal_init=0 $SECOND; mkdir -p /data; "
# How a device comes to be one that must not be touched, the device, and what the refusal advises.
OCCUPIED = {
    "mounted": (FILL + "mount $SECOND /data; echo kept >/data/file; sync", "SECOND", "umount"),
    "holding files": (FILL, "SECOND", "wipefs -a"),
    "partitioned": ("parted -s $FIRST mklabel gpt 2>/dev/null", "FIRST", "wipefs -a"),
    "no disk": ("FILE=/root/file; echo kept >$FILE", "FILE", "lsblk"),
    "missing": ("GONE=/dev/sdq", "GONE", "lsblk"),
}


@pytest.fixture
def lab(evidence: Evidence) -> Iterator[DiskLab]:
    """Here the quick lab is enough."""
    with skipping_without_lab(), disk_lab() as here:
        evidence.versions.update(here.versions)
        yield here


@pytest.fixture
def root(lab: DiskLab) -> Iterator[Shell]:
    """A shell of root in which FIRST, SECOND and HUGE are the lab's disks."""
    with lab.box.shell("root") as shell:
        yield shell


def contents(lab: DiskLab, path: str) -> str:
    """Return a hash of the whole disk or file at `path`; empty where there is none."""
    for disk in lab.disks.values():
        if disk.device == path:
            # From the backing file, once the kernel has written what it still holds.
            lab.box.run("blockdev", "--flushbufs", path, user="root")
            return sha256_of_sparse(disk.image)
    return lab.box.run("sh", "-c", 'cat "$1" 2>/dev/null | sha256sum', "sh", path, user="root").stdout


def sha256_of_sparse(path: Path) -> str:
    """Return a hash of each stretch that was ever written in the file at `path`, and of where it is; the rest is zeros."""
    hashed = hashlib.sha256()
    with path.open("rb") as file:
        end = 0
        # Behind the last of them lseek raises OSError, ENXIO; see lseek(2).
        with suppress(OSError):
            while True:
                start = os.lseek(file.fileno(), end, os.SEEK_DATA)
                end = os.lseek(file.fileno(), start, os.SEEK_HOLE)
                hashed.update(f"{start}-{end} ".encode())
                hashed.update(os.pread(file.fileno(), end - start, start))
    return hashed.hexdigest()


def test_one_byte_changes_the_hash(tmp_path: Path) -> None:
    """Anywhere in a sparse file, in what was written or in a hole, and a zero over a hole too."""
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(1 << 24)
        file.seek(1 << 20)
        file.write(b"x" * 5000)
    seen = {sha256_of_sparse(image)}
    for place, byte in ((0, b"\0"), ((1 << 20) + 9, b"y"), (1 << 23, b"x"), ((1 << 24) - 1, b"x")):
        with image.open("r+b") as file:
            file.seek(place)
            file.write(byte)
        seen.add(sha256_of_sparse(image))
    assert len(seen) == 5
    assert sha256_of_sparse(image) in seen


def test_an_empty_disk_passes(lab: DiskLab, snippet: Snippet, root: Shell) -> None:
    """A disk or partition with nothing on it is let through, without a word."""
    guard = snippet.run("only-if-empty")
    assert guard.output == ""
    root.paste(snippet["only-if-empty"].code)
    passed = root.paste("only_if_empty $SECOND && echo free")
    assert (passed.output, passed.exit) == ("free\n", 0)
    # By parted, which tells the kernel of each partition: not every kernel reads the table itself.
    root.paste("parted -s $FIRST mklabel gpt mkpart data ext4 1MiB 100% 2>/dev/null")
    lab.settle()
    assert root.paste("only_if_empty ${FIRST}p1 && echo free").output == "free\n"


@pytest.mark.parametrize("state", OCCUPIED)
def test_each_destructive_block_refuses_what_is_not_empty(
    state: str, lab: DiskLab, snippet: Snippet, root: Shell
) -> None:
    """Pointed at a device in use, with data, or not a disk, it changes not one byte and says how to go on."""
    prepare, name, advice = OCCUPIED[state]
    root.paste(snippet["only-if-empty"].code)
    assert root.paste(prepare).exit in (0, 127)
    device = root.paste(f"echo ${name}").output.strip()
    assert device
    before = contents(lab, device)
    for name_of_region, line in GUARDED:
        tried = root.paste(DISK.sub(device, line))
        assert tried.exit == 1, name_of_region
        assert f"refused: {device} " in tried.output, name_of_region
        assert advice in tried.output
        assert contents(lab, device) == before, name_of_region
    assert len(GUARDED) > 3


def bare(region: Region) -> list[str]:
    """Return the commands of a region that destroy something without asking the safety catch first."""
    return [
        line
        for line in statements(region)
        if DESTROYERS.search(line) and not re.search("only_if_empty /dev|^ *(#|echo|why=)", line)
    ]


def test_each_destroying_block_is_guarded_or_shown_as_a_fault() -> None:
    """Only what stands folded as a fault to be made, or fails as its page says, destroys without the safety catch."""
    folded = {fence.include for page in BOOK.pages.values() for fence in page.fences if fence.indent}
    unguarded = {region.id: bare(region) for region in REGIONS if bare(region) and not region.exit}
    assert {name: lines for name, lines in unguarded.items() if name not in folded} == {}

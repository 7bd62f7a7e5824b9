"""Temporary files and atomic replacement: what readers find, and what is left, whatever happens to the writer."""

from opsbook.labs.machines import PythonShell
from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet


def printed(python: PythonShell, code: str) -> str:
    """Return what `code` printed; it must end well."""
    done = python.paste(code)
    assert done.exit == 0, done.output
    return done.output


def test_the_new_content_comes_in_one_step(snippet: Snippet, lab: PythonLab) -> None:
    """Within the block readers have the old content, after it the new with the old mode; an exception changes nothing."""
    snippet.run("atomic")
    snippet.run("setup")
    seen = snippet.run_and_record("use").output
    assert seen == "inside: web 10.0.0.1\nafter:  web 10.0.0.2\nmode:   640\n"
    assert snippet.run_and_record("raises").output.splitlines()[1:] == ["still:  web 10.0.0.2", "beside: []"]
    with lab.box.python() as python:
        printed(python, "from pathlib import Path\nfrom atomic import replacing\nimport atomic, os, stat")
        make = "with replacing('new.txt'{}) as file: file.write('é')\nprint(oct(os.stat('new.txt').st_mode))"
        assert printed(python, make.format("")) == "0o100600\n"
        assert printed(python, "os.unlink('new.txt')\n" + make.format(", 0o644")) == "0o100644\n"
        assert printed(python, "print(Path('new.txt').read_bytes())") == "b'\\xc3\\xa9'\n"
        # A link stays one; another hard link keeps the old content.
        links = "os.symlink('new.txt', 'link')\nos.link('new.txt', 'hard')\n"
        links += "with replacing('link') as file: file.write('2')\n"
        links += "print(os.readlink('link'), *(Path(p).read_text() for p in ('new.txt', 'hard')))"
        assert printed(python, links) == "new.txt 2 é\n"
        # The order of the three calls; each is really made.
        spy = """
def spied(name, call):
    def spy(*given):
        print(name, "folder" if given[1:] == () and stat.S_ISDIR(os.fstat(given[0]).st_mode) else "file")
        call(*given)
    return spy
for name in ("fsync", "replace"):
    setattr(os, name, spied(name, getattr(os, name)))
with replacing("new.txt") as file: file.write("3")
"""
        assert printed(python, spy) == "fsync file\nreplace file\nfsync folder\n"


def test_killed_at_any_line(snippet: Snippet) -> None:
    """Killed before any of its lines, open() leaves nothing or a part too, replacing() only old or new, and a temporary file."""
    for region in ("atomic", "setup", "use", "kill-at", "writers"):
        snippet.run(region)
    seen = snippet.run_and_record("torn").output
    assert seen == "plainly     a part, new, nothing, old\natomically  new, old\n"
    left = snippet.run_and_record("left").output
    assert left == "left behind: True\nparts of the new content: True\n"
    assert snippet.run_and_record("sweep").output == "young ones stay: True\nswept: True\n"
    snippet.run_and_record("folder")
    assert snippet.run_and_record("folder-killed").output == "left behind: 1\n"


# A writer that never ends, killed at moments that nothing in Python chooses, and a reader meanwhile.
AT_RANDOM = """
import itertools, os, random, signal, time
from atomic import replacing

whole = [f"{word}\\n" * 200_000 for word in ("old", "new")]

def plainly():
    return open("big.txt", "w")

def atomically():
    return replacing("big.txt")

for opened in (plainly, atomically):
    torn = reads = 0
    # The wrong one until it is seen, the right one for a dozen kills.
    for kill in range(500):
        if torn or (opened is atomically and kill == 12):
            break
        with open("big.txt", "w") as file: file.write(whole[0])
        if not (child := os.fork()):
            for text in itertools.cycle(whole):
                with opened() as file: file.write(text)
        until = time.monotonic() + random.uniform(0.005, 0.05)
        while time.monotonic() < until:
            with open("big.txt") as file: torn += file.read() not in whole
            reads += 1
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with open("big.txt") as file: torn += file.read() not in whole
    print(opened.__name__, torn > 0, reads > 0)
"""


def test_killed_at_any_time(snippet: Snippet, lab: PythonLab) -> None:
    """While a writer runs and after kills at random moments readers find torn files with open(), never with replacing()."""
    snippet.run("atomic")
    with lab.box.python() as python:
        assert printed(python, AT_RANDOM).splitlines() == ["plainly True True", "atomically False True"]


def test_what_stops_it(snippet: Snippet, lab: PythonLab) -> None:
    """A full disk, a folder without permission and a file closed too early leave the old content and nothing beside it."""
    snippet.run("atomic")
    with lab.box.python() as python:
        printed(
            python,
            """
import errno, os, resource
from pathlib import Path
from atomic import replacing

folder = Path("app"); folder.mkdir()
conf = folder / "app.conf"; conf.write_text("old")

def tried(text, then=lambda file: None):
    try:
        with replacing(conf) as file:
            file.write(text)
            then(file)
    except (OSError, ValueError) as error:
        print(type(error).__name__, error.args[0])
    print(conf.read_text(), os.listdir(folder))
""",
        )
        limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))\n"
        assert printed(python, limit + "tried('x' * 100_000)") == "OSError 27\nold ['app.conf']\n"
        closed = printed(python, "tried('x', lambda file: file.close())")
        assert closed == "ValueError I/O operation on closed file.\nold ['app.conf']\n"
        assert printed(python, "folder.chmod(0o500)\ntried('x')") == "PermissionError 13\nold ['app.conf']\n"
        # The folder's permission counts, not the file's.
        writable = printed(python, "folder.chmod(0o700)\nconf.chmod(0o400)\ntried('new')")
        assert writable == "new ['app.conf']\n"
    with lab.box.python("root") as python:
        printed(python, "import os, sys\nsys.path.append('/home/alice')\nfrom atomic import replacing")
        owner = "with replacing('/home/alice/app/app.conf') as file: file.write('')\n"
        assert printed(python, owner + "print(os.stat('/home/alice/app/app.conf').st_uid)") == "0\n"


def test_temporary_files_and_their_errors(snippet: Snippet, lab: PythonLab) -> None:
    """What NamedTemporaryFile holds back and forgets, and two errors of renames, each red and green."""
    for region in ("atomic", "setup", "use"):
        snippet.run(region)
    # Blocks further up bring these in; here they stand alone.
    snippet.run("kill-at")
    snippet.run("folder")
    seen = snippet.run_and_record("named").output
    assert seen == "not flushed: nothing\nflushed: SELECT 1;\nafter the block: gone\n"
    assert snippet.run_and_record("named-better").output == "SELECT 1;\n"
    red = snippet.run_and_record("device-red").output
    assert "OSError: [Errno 18] Invalid cross-device link: '/usr/lib/os-release' -> 'os-release'\n" in red
    assert snippet.run_and_record("device-green").output == "True\n"
    lost = snippet.run_and_record("gone-red").output
    assert lost == "hosts.txt: nothing\nFileNotFoundError: [Errno 2] No such file or directory\n"
    assert snippet.run_and_record("gone-green").output == "hosts.txt: web 10.0.0.3\n"

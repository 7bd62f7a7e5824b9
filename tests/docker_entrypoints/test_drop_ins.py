"""An entrypoint that runs the hooks of a drop-in directory, and the ways in which hooks get lost."""

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import SHELLS, shellcheck, the_same

HOOKS = "/docker-entrypoint.d"
PROGRAM = "app, PID 1, GREETING=\n"
RAN = f"entrypoint: run {HOOKS}/10-check.sh\nhere is 10-check.sh\n"


def run(lab: DockerLab, *words: str) -> tuple[int, str, str]:
    """Return how `docker run --rm` with these words ended, its output and its errors."""
    done = lab.box.run("docker", "run", "--rm", *words, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.claim("docker-entrypoints-hooks-only-for-nginx", "holds")
@pytest.mark.claim("docker-entrypoints-hooks-are-child-processes", "incomplete")
@pytest.mark.claim("docker-entrypoints-hook-must-be-executable", "holds")
@pytest.mark.claim("docker-entrypoints-sort-v", "holds")
@pytest.mark.claim("docker-entrypoints-symlinked-hooks-skipped", "incomplete")
@pytest.mark.claim("docker-entrypoints-find-read-emptiness", "holds")
@pytest.mark.claim("docker-entrypoints-failing-hook-aborts", "holds")
@pytest.mark.claim("docker-entrypoints-fd3-for-logs", "holds")
def test_hooks_run_in_order_or_get_lost(walk: RecordingWalk, lab: DockerLab) -> None:
    """Hooks come before the program, executables as children; no mode, a number 9, a link and a pipe each lose one, or a failure."""
    hooks_run_before_the_program(walk, lab)
    a_hook_that_cannot_run(walk, lab)
    their_order(walk, lab)
    their_variables(walk, lab)
    failures(walk, lab)
    links(walk, lab)
    log_lines(walk, lab)
    walk.to_the_end()


def hooks_run_before_the_program(walk: RecordingWalk, lab: DockerLab) -> None:
    """In dash, ash and bash the hooks come before the program, and before nothing else; one that fails ends the container."""
    *hooks, program, other = walk.to("check").output.splitlines()
    assert hooks == [
        f"entrypoint: run {HOOKS}/10-check.sh",
        "here is 10-check.sh",
        f"entrypoint: source {HOOKS}/20-settings.envsh",
        f"entrypoint: ignored: {HOOKS}/README",
    ]
    assert program == "app, PID 1, GREETING=set by 20-settings.envsh"
    assert other == "another command, no hooks"
    assert shellcheck(walk.snippet["entrypoint"].code, "--exclude=SC1090") == ""
    mounts = ("-v", "/home/alice/app:/opt:ro", "-e", "PATH=/opt:/bin:/usr/bin")
    ours = ("-v", f"/home/alice/app/hooks:{HOOKS}:ro")
    odd = "mkdir -p ~/odd/folder.sh && cd ~/odd && cp ~/app/hooks/10-check.sh .hidden.sh && ln -s nowhere link.sh"
    lab.box.run("sh", "-c", odd)
    passed_over = ("-v", f"/home/alice/odd:{HOOKS}:ro")
    for shell, name, none in (("ash", "busybox", ()), ("bash", "debian:12-slim", passed_over)):
        start = (*mounts, "--entrypoint", shell, name, "/opt/entrypoint.sh")
        # By its path, too, the program is the program.
        code, _, errors = run(lab, *ours, *start, "/opt/app")
        assert (code, errors.splitlines()) == (0, [*hooks, program])
        # No directory at all, and one of things that are passed over.
        assert run(lab, *none, *start, "app") == (0, "", PROGRAM)
    seen = walk.to("fails").output
    assert seen == f"entrypoint: run {HOOKS}/10-fails.sh\nthe container ended with 5\n"


def a_hook_that_cannot_run(walk: RecordingWalk, lab: DockerLab) -> None:
    """A hook that is not executable is passed over, or ends the container where nothing asks."""
    ignored = f"entrypoint: ignored, not executable: {HOOKS}/10-check.sh\n"
    assert walk.to("mode-red").output == ignored + PROGRAM
    seen = walk.to("denied").output
    assert "Permission denied" in seen
    assert "app" not in seen
    assert walk.to("mode-green").output == RAN + PROGRAM
    bare = ("-v", "/home/alice/bare:/opt:ro", "--entrypoint", "/opt/entrypoint.sh", "try-hooks", "app")
    assert run(lab, "-v", f"/home/alice/mode:{HOOKS}:ro", *bare) == (0, "", f"here is 10-check.sh\n{PROGRAM}")


def their_order(walk: RecordingWalk, lab: DockerLab) -> None:
    """10 comes before 9 but to sort -V; a hook that reads its standard input does not swallow the next one's name."""
    seen = walk.to("order-red").output
    assert [line for line in seen.splitlines() if line.startswith("here")] == [
        "here is 10-second.sh",
        "here is 9-first.sh",
    ]
    seen = walk.to("order-green").output
    assert seen == "here is 9-first.sh\nhere is 10-second.sh\n" + PROGRAM
    assert the_same(lab, "cd ~/order && ls")[1] == the_same(lab, "cd ~/order && printf '%s\\n' *")[1]
    assert lab.box.run("busybox", "sh", "-c", "ls ~/order | busybox sort -V").stdout.startswith("9-first.sh")
    # A hook that reads its standard input does not swallow the second one's name.
    greedy = "cd ~/order && rm 9-first.sh && printf '#!/bin/sh\\ncat\\n' >09-first.sh && chmod +x 09-first.sh"
    lab.box.run("sh", "-c", greedy)
    mounts = ("-v", f"/home/alice/order:{HOOKS}:ro", "-v", "/home/alice/sorted:/opt:ro")
    for shell in ("dash", "bash"):
        words = (*mounts, "--entrypoint", shell, "try-hooks", "/opt/entrypoint.sh", "app")
        assert run(lab, *words) == (0, "", f"here is 10-second.sh\n{PROGRAM}")


def their_variables(walk: RecordingWalk, lab: DockerLab) -> None:
    """A hook's variable reaches the program where the hook is sourced, outside of any pipe."""
    assert walk.to("export-red").output.endswith("GREETING=\n")
    assert walk.to("export-green").output.endswith("GREETING=hello\n")
    seen = walk.to("export-piped").output
    assert seen == "in the loop, GREETING=hello\napp, PID 1, GREETING=\n"
    piped = 'echo x | while read -r v; do export A=1; done; echo "[$v$A]"'
    assert the_same(lab, piped) == (0, "[]\n")
    # A whole $1 that is compared knows no path; what .envsh exits with is the container's code.
    compare = 'for one in app /opt/app; do set -- "$one"; [ "$1" != app ] || echo "$1"; done'
    assert the_same(lab, compare) == (0, "app\n")
    lab.box.run("sh", "-c", "echo exit 0 >~/export/30-greeting.envsh")
    exits = ("-v", f"/home/alice/export:{HOOKS}:ro")
    assert run(lab, *exits, "try-hooks")[0::2] == (0, f"entrypoint: source {HOOKS}/30-greeting.envsh\n")


def failures(walk: RecordingWalk, lab: DockerLab) -> None:
    """A loop's failure ends the script only where nothing comes behind it, in dash, ash and bash."""
    rows = walk.to("shapes").output.splitlines()
    started = {"for": "5, app does not start", "pipe": "5, app does not start"}
    assert rows == [
        f"{shell} {shape}.sh: exit {started.get(shape, '0, app starts')}"
        for shell in ("dash", "ash", "bash")
        for shape in ("for", "pipe", "pipe-on", "or", "exec")
    ]
    # Which hooks ran on the way.
    lab.box.run("sh", "-c", "sed -i s,/hooks,/home/alice/fails, ~/shapes/*.sh")
    for shape, runs in (("pipe", False), ("pipe-on", False), ("or", True), ("exec", True)):
        for shell in SHELLS:
            done = lab.box.run(*shell, f"/home/alice/shapes/{shape}.sh", check=False)
            assert ("here is 20-next.sh" in done.stderr) == runs
    # In an if as left of ||.
    lab.box.run("sed", "-i", "s/^run_hooks ||.*/if run_hooks; then :; fi/", "shapes/or.sh")
    assert the_same(lab, ". ~/shapes/or.sh") == (0, "app starts\nhere is 20-next.sh\n")
    # Without set -e the first failure counts for nothing.
    lab.box.run("sh", "-c", "sed -i 's/^set -e//' ~/shapes/pipe.sh")
    assert the_same(lab, ". ~/shapes/pipe.sh") == (0, "app starts\nhere is 20-next.sh\n")


def links(walk: RecordingWalk, lab: DockerLab) -> None:
    """To find -type f a link is no hook; a read behind it tells whether it found any."""
    seen = walk.to("links-red").output.splitlines()
    assert seen == [
        f"No files found in {HOOKS}/",
        "With -L:",
        "./..2024_05_01/10-check.sh",
        "./..data/10-check.sh",
        "./10-check.sh",
    ]
    assert walk.to("links-green").output == RAN + PROGRAM
    ask = "find {} -mindepth 1 -maxdepth 1 -type f -print -quit 2>/dev/null | read v"
    lab.box.run("mkdir", "empty")
    for folder, code in (("~/none", 1), ("~/empty", 1), ("~/configmap", 1), ("~/order", 0)):
        asked = f'{ask.format(folder)}; echo "$? [$v]"'
        assert the_same(lab, asked) == (0, f"{code} []\n")


def log_lines(walk: RecordingWalk, lab: DockerLab) -> None:
    """Descriptor 3 is quiet when told, and stays open to the program unless closed."""
    seen = walk.to("quiet-red").output
    assert seen == "entrypoint: makes ready\na hook's own line\nthe program\na hook's own line\n/dev/null\n"
    assert walk.to("quiet-cure").output == 'exec "$@" 3>&-\n'
    assert walk.to("quiet-green").output == "a hook's own line\ndescriptor 3 is closed\n"
    script = ("-v", "/home/alice/quiet:/opt:ro", "debian:12-slim")
    look = ("sh", "-c", "[ -e /proc/self/fd/3 ] || echo closed")
    said = "entrypoint: makes ready\na hook's own line\nclosed\n"
    for name in ("dash", "bash"):
        assert run(lab, *script, name, "/opt/entrypoint.sh", *look) == (0, said, "")

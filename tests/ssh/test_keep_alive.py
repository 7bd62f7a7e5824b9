"""Keep an idle SSH session alive, and notice a dead one soon."""

import re
import time
from contextlib import ExitStack
from subprocess import Popen

import pytest

from opsbook.labs.machines import File
from opsbook.labs.process import wait_until
from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet

TICKER = "echo up; while sleep 0.1; do echo tick; done"


def seconds_in(output: str) -> float:
    """Return the time that `output` tells."""
    found = re.search(r"after ([0-9.]+) s", output)
    assert found, output
    return float(found[1])


def reloaded(lab: SshLab) -> None:
    """Return once the sshd of web answers: for a moment after a reload it listens nowhere."""
    wait_until(lambda: "ssh-ed25519" in lab.laptop.run("ssh-keyscan", "web", check=False).stdout, "sshd")


def alive(interval: int, count: int = 3) -> list[str]:
    """Return the options of ssh for these two values."""
    return ["-o", f"ServerAliveInterval={interval}", "-o", f"ServerAliveCountMax={count}"]


def session(stack: ExitStack, lab: SshLab, *argv: str, says: str = "up\n") -> Popen[str]:
    """Return an ssh on the laptop once it has printed `says`; it ends with `stack`."""
    process = stack.enter_context(lab.laptop.start("ssh", *argv))
    stack.callback(process.kill)
    assert process.stdout
    assert process.stdout.readline() == says
    return process


def ends(*sessions: Popen[str]) -> list[float]:
    """Return how many seconds from now each session took to end."""
    start = time.monotonic()
    took: dict[int, float] = {}

    def all_ended() -> bool:
        for process in sessions:
            if process.pid not in took and process.poll() is not None:
                took[process.pid] = time.monotonic() - start
        return len(took) == len(sessions)

    wait_until(all_ended, "the end of each session")
    return [took[process.pid] for process in sessions]


def impatient_kernel(lab: SshLab) -> None:
    """Let the laptop's kernel probe idle TCP connections after 1 s and give them up after one more."""
    for name, number in (("time", 1), ("intvl", 1), ("probes", 1)):
        lab.laptop.run("sysctl", "-w", f"net.ipv4.tcp_keepalive_{name}={number}", user="root")


def rest(process: Popen[str]) -> str:
    """Return what a session that ended had still to say."""
    assert process.stdout
    return process.stdout.read()


def value(lab: SshLab, name: str, *options: str) -> str:
    """Return what alice's ssh to web uses for the option `name`."""
    told = lab.laptop.run("ssh", *options, "-G", "web").stdout
    return dict(line.split(" ", 1) for line in told.splitlines())[name]


@pytest.mark.claim("ssh-client-config-system-wide", "holds")
def test_the_client_sends_probes(snippet: Snippet, lab: SshLab) -> None:
    """The page's lines hold for any host, before the system's; the system's hold where the user's file is silent."""
    lab.laptop.put({"/etc/ssh/ssh_config": File("Host *\n  ServerAliveInterval 99\n")})
    assert value(lab, "serveraliveinterval") == "99"
    snippet.run("client")
    assert snippet.run_and_record("check").output == "serveralivecountmax 3\nserveraliveinterval 15\n"
    snippet.run("undo-client")
    assert value(lab, "serveraliveinterval") == "99"


@pytest.mark.claim("ssh-server-alive-count-max-default", "holds")
@pytest.mark.claim("ssh-server-alive-interval-default", "incomplete")
@pytest.mark.claim("ssh-protocol-keepalives-alias", "holds")
@pytest.mark.claim("ssh-protocol-1-remark", "dated")
def test_defaults(snippet: Snippet, lab: SshLab) -> None:
    """Only Debian's ssh with BatchMode asks by default; its two old names are known, protocol 1 is gone."""
    seen = snippet.run_and_record("defaults")
    assert seen.output.split() == [
        *("serveralivecountmax", "3", "serveraliveinterval", "0"),
        *("serveraliveinterval", "300"),
    ]
    for name in ("ProtocolKeepAlives", "SetupTimeOut"):
        assert value(lab, "serveraliveinterval", "-o", f"{name}=5") == "5"
    refused = lab.laptop.run("ssh", "-1", "web", check=False)
    assert refused.returncode == 255
    assert "SSH protocol v.1 is no longer supported" in refused.stderr


@pytest.mark.claim("ssh-service-ssh-restart", "incomplete")
def test_the_server_takes_its_lines_by_reload(snippet: Snippet, lab: SshLab) -> None:
    """A reload applies the server's lines and ends no session; a typo is stopped by sshd -t before it."""
    with ExitStack() as stack:
        before = session(stack, lab, "web", "echo up; sleep 60")
        snippet.run("server")
        snippet.run_and_record("server-check")
        reloaded(lab)
        assert lab.laptop.run("ssh", "web", "hostname").stdout == "web\n"
        lab.web.run("sh", "-c", "echo ClientAliveIntervall 15 >> /etc/ssh/sshd_config", user="root")
        typo = lab.web.run("sshd", "-t", user="root", check=False)
        assert typo.returncode == 255
        assert "Bad configuration option: ClientAliveIntervall" in typo.stderr
        snippet.run("undo-server")
        reloaded(lab)
        assert "ClientAlive" not in lab.web.read("/etc/ssh/sshd_config")
        assert before.poll() is None
    assert lab.log("web").count("Received SIGHUP; restarting.") == 2


def test_a_cut_line_ends_the_session(snippet: Snippet) -> None:
    """With 1 and 2, ssh gives up about 3 s after the line went silent and says so."""
    seen = snippet.run("cut").output
    snippet.record("cut", seen, seconds=r"after (\S+) s")
    assert 2 <= seconds_in(seen) < 6


def test_a_patient_session_outlives_a_gap(snippet: Snippet) -> None:
    """With a count that covers the gap, the same session goes on when the line is back."""
    assert snippet.run_and_record("patient").output == "web\n"


@pytest.mark.claim("ssh-server-alive-30-60", "holds")
@pytest.mark.claim("ssh-server-alive-45-seconds", "incomplete")
@pytest.mark.claim("ssh-server-alive-3-20", "incomplete")
def test_a_dead_server_is_noticed_after_interval_times_count_and_one(lab: SshLab) -> None:
    """1 and 3 take as long as 2 and 1, whose product is smaller: about 4 s, where 1 and 1 take 2 s."""
    settings = ((1, 1), (1, 3), (2, 1))
    with ExitStack() as stack:
        without = session(stack, lab, *alive(0), "web", "echo up; sleep 60")
        sessions = [session(stack, lab, *alive(*each), "web", TICKER) for each in settings]
        lab.cut("web")
        for (interval, count), process, took in zip(settings, sessions, ends(*sessions), strict=True):
            due = interval * (count + 1)
            # ssh counts in whole seconds, so up to one of them is missing.
            assert due - 1.1 < took < due + 3, (interval, count)
            assert process.returncode == 255
            assert "Timeout, server web not responding." in rest(process)
        assert without.poll() is None


@pytest.mark.claim("ssh-client-alive-interval", "incomplete")
@pytest.mark.claim("ssh-client-alive-count-max", "holds")
@pytest.mark.claim("ssh-client-alive-30-minutes-idle", "wrong")
def test_the_server_drops_the_frozen_and_keeps_the_idle(snippet: Snippet, lab: SshLab) -> None:
    """With 1 and 1, a frozen client is dropped after 2 to 4 s; an idle one stays, a busy one is not even asked."""
    defaults = lab.web.run("sshd", "-T", user="root").stdout
    assert "clientaliveinterval 0\nclientalivecountmax 3\n" in defaults
    snippet.run("server")
    # A second HUP so soon would find no PID file.
    reloaded(lab)
    snippet.run("small-numbers")
    reloaded(lab)
    busy_log = "/tmp/busy.log"
    with ExitStack() as stack:
        idle = session(stack, lab, "web", "echo up; sleep 60")
        talk = f"while echo; do sleep 0.1; done | ssh -vvv web 'cat > /dev/null' 2> {busy_log}"
        busy = stack.enter_context(lab.laptop.start("bash", "-c", talk))
        stack.callback(busy.kill)
        seen = snippet.run("freeze").output
        snippet.record("freeze", seen, seconds=r"after (\S+) s", port=r"port (\d+)")
        # Twice the documented time with 9.2, which asks at twice the interval, and the moments around it.
        assert 1 < seconds_in(seen) < 8
        assert idle.poll() is None
        assert busy.poll() is None
        told = lab.laptop.read(busy_log)
        assert "Entering interactive session." in told
        assert "keepalive@openssh.com" not in told
    assert lab.log("web").count("Timeout, client not responding") == 1


@pytest.mark.claim("ssh-server-alive-vs-tcpkeepalive", "holds")
def test_only_the_encrypted_probe_needs_a_living_sshd(snippet: Snippet, lab: SshLab) -> None:
    """A frozen sshd is noticed by ServerAlive alone: to TCP's keep-alive the kernel beside it answers."""
    assert "7200" in snippet.run_and_record("kernel").output
    impatient_kernel(lab)
    freeze = "echo up; sleep 0.2; kill -STOP $PPID"
    with ExitStack() as stack:
        tcp = session(stack, lab, *alive(0), "-o", "TCPKeepAlive=yes", "root@web", freeze)
        ssh = session(stack, lab, *alive(1, 1), "-o", "TCPKeepAlive=no", "root@web", freeze)
        ends(ssh)
        assert "Timeout, server web not responding." in rest(ssh)
        assert tcp.poll() is None


@pytest.mark.claim("ssh-tcpkeepalive-no", "holds")
def test_tcpkeepalive_no_outlives_a_gap(lab: SshLab) -> None:
    """A gap that TCP's keep-alive takes for the end does not end a session without it."""
    impatient_kernel(lab)
    with ExitStack() as stack:
        assert value(lab, "tcpkeepalive") == "yes"
        default = session(stack, lab, "web", TICKER)
        wait = "echo up; until test -e /tmp/back; do sleep 0.1; done; hostname"
        without = session(stack, lab, "-o", "TCPKeepAlive=no", *alive(1, 20), "web", wait)
        lab.cut("web")
        ends(default)
        lab.heal("web")
        assert "client_loop: send disconnect: Broken pipe" in rest(default)
        lab.web.run("touch", "/tmp/back")
        assert rest(without) == "web\n"


def test_a_line_that_forgets_the_idle(snippet: Snippet) -> None:
    """Asking less often than the line forgets breaks the pipe; asking more often keeps it."""
    snippet.run("client")
    assert snippet.run_and_record("idle").output == "client_loop: send disconnect: Broken pipe\n"
    assert snippet.run_and_record("idle-cure").output == "still here\n"

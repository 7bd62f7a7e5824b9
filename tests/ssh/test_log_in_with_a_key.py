"""Log in with a key: made, installed beside the others, and refused by sshd where others could write."""

import pytest

from opsbook.labs.process import wait_until
from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet

KEYS = "/home/alice/.ssh/authorized_keys"
FINGERPRINT = r"(SHA256:[A-Za-z0-9+/]{43})"
ONLY = ("-F", "none", "-o", "IdentitiesOnly=yes")


def prepare(snippet: Snippet) -> None:
    """Let a program type the passphrase, and make the key."""
    for name in ("answer", "ask", "make"):
        snippet.run(name)


def logs_in(lab: SshLab, key: str, host: str = "web") -> bool:
    """Tell whether alice's unprotected `key` alone opens her account on `host`."""
    return lab.laptop.run("ssh", *ONLY, "-i", key, host, "true", check=False).returncode == 0


def test_the_new_key_logs_in(snippet: Snippet, lab: SshLab) -> None:
    """The key is ed25519 with a passphrase, and the server accepts exactly that key."""
    prepare(snippet)
    snippet.run("install")
    seen = snippet.run_and_record("check", fingerprint=FINGERPRINT)
    assert "id_web ED25519" in seen.output
    snippet.run_and_record("protected")
    assert "PRIVATE KEY" in lab.laptop.read("/home/alice/.ssh/id_web")


@pytest.mark.claim("ssh-copy-id", "holds")
def test_ssh_copy_id_adds_once_and_makes_the_folder(snippet: Snippet, lab: SshLab) -> None:
    """ssh-copy-id keeps the keys that are there, adds the new one once, and makes ~/.ssh with safe modes."""
    before = lab.web.read(KEYS)
    prepare(snippet)
    assert "Number of key(s) added: 1" in snippet.run("install").output
    assert lab.web.read(KEYS) == before + lab.laptop.read("/home/alice/.ssh/id_web.pub")
    assert "All keys were skipped" in snippet.run("install").output
    assert len(lab.web.read(KEYS).splitlines()) == 2
    # A second sshd with a way in for bob, who has no ~/.ssh yet.
    files = f"AuthorizedKeysFile=.ssh/authorized_keys {KEYS}"
    lab.web.run("/usr/sbin/sshd", "-p", "2222", "-o", "StrictModes=no", "-o", files, user="root")
    trust = ("-p", "2222", "-o", "StrictHostKeyChecking=accept-new")
    lab.web.run("chmod", "-R", "a+rX", "/home/alice", user="root")
    wait_until(lambda: lab.laptop.run("ssh", *trust, "bob@web", "true", check=False).returncode == 0, "sshd")
    lab.laptop.run("ssh-copy-id", *trust, "-f", "-i", ".ssh/id_web.pub", "bob@web")
    made = lab.web.run("stat", "-c", "%a", "/home/bob/.ssh", "/home/bob/.ssh/authorized_keys", user="bob")
    assert made.stdout.split() == ["700", "600"]


def test_the_agent_types_the_passphrase(snippet: Snippet, lab: SshLab) -> None:
    """After ssh-add the key works with nobody to ask for its passphrase."""
    prepare(snippet)
    snippet.run("install")
    snippet.run_and_record("agent", pid=r"pid (\d+)")
    lab.laptop.run("rm", "answer")
    snippet.run("check")


@pytest.mark.claim("ssh-keygen-rsa", "dated")
def test_keygen_without_a_type_still_makes_rsa(lab: SshLab) -> None:
    """OpenSSH 9.2 makes RSA with 3072 bits by itself; the key works, but not with SHA-1 signatures."""
    lab.laptop.run("ssh-keygen", "-q", "-N", "", "-f", "rsa")
    assert lab.laptop.run("ssh-keygen", "-lf", "rsa").stdout.startswith("3072 ")
    assert "(RSA)" in lab.laptop.run("ssh-keygen", "-lf", "rsa").stdout
    lab.laptop.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "new")
    assert lab.laptop.run("ssh-keygen", "-lf", "new").stdout.startswith("256 ")
    lab.laptop.run("ssh-copy-id", "-i", "rsa.pub", "web")
    seen = lab.laptop.run("ssh", "-v", *ONLY, "-i", "rsa", "web", "true").stderr
    assert "Server accepts key: rsa RSA" in seen
    sha1 = ("-o", "PubkeyAcceptedAlgorithms=ssh-rsa")
    refused = lab.laptop.run("ssh", "-v", *ONLY, *sha1, "-i", "rsa", "web", "true", check=False)
    assert refused.returncode == 255
    assert "Permission denied (publickey)" in refused.stderr


@pytest.mark.claim("ssh-keygen-empty-passphrase", "unsafe")
def test_a_copied_key_without_passphrase_opens_the_account(snippet: Snippet, lab: SshLab) -> None:
    """Whoever has a copy of an unprotected key is in; a copy of a protected one alone is not enough."""
    lab.laptop.run("ssh-keygen", "-t", "ed25519", "-f", "open", input="\n\n")
    lab.laptop.run("ssh-keygen", "-y", "-P", "", "-f", "open")
    prepare(snippet)
    snippet.run("protected")
    snippet.run("install")
    lab.laptop.run("ssh-copy-id", "-i", "open.pub", "web")
    for key, code in (("open", 0), (".ssh/id_web", 255)):
        stolen = lab.laptop.run("cat", key).stdout
        options = "-o BatchMode=yes -o StrictHostKeyChecking=accept-new -i stolen"
        script = f"umask 077; cat > stolen; ssh {options} alice@web true"
        done = lab.bastion.run("sh", "-c", script, input=stolen, user="mallory", check=False)
        assert done.returncode == code, done.stderr


@pytest.mark.claim("ssh-append-authorized-keys", "incomplete")
def test_appending_twice_adds_the_line_twice(snippet: Snippet, lab: SshLab) -> None:
    """Appending keeps the other keys and works, and a second run leaves a second copy of the line."""
    before = lab.bastion.read(KEYS)
    prepare(snippet)
    snippet.run("append")
    new = lab.laptop.read("/home/alice/.ssh/id_web.pub")
    assert lab.bastion.read(KEYS) == before + new
    snippet.run("append")
    assert lab.bastion.read(KEYS) == before + new + new
    lab.bastion.run("chmod", "666", KEYS)
    assert not logs_in(lab, ".ssh/id_ed25519", "bastion")
    assert "bad ownership or modes" in lab.log("bastion")


def test_undo_removes_the_one_line(snippet: Snippet, lab: SshLab) -> None:
    """The line of the key goes, the other keys stay, and the key is refused from then on."""
    before = lab.web.read(KEYS)
    prepare(snippet)
    snippet.run("install")
    snippet.run_and_record("remove", key=r"ssh-ed25519 (\S+)")
    assert lab.web.read(KEYS) == before
    snippet.run_and_record("removed")
    assert logs_in(lab, ".ssh/id_ed25519")


def test_ssh_copy_id_skips_when_another_key_logs_in(snippet: Snippet, lab: SshLab) -> None:
    """An older key in ~/.ssh/config logs in, so the new one counts as installed and is not; -f installs it."""
    prepare(snippet)
    snippet.run("old-key")
    snippet.run_and_record("skipped")
    assert len(lab.web.read(KEYS).splitlines()) == 1
    snippet.run("removed")
    snippet.run("force")
    snippet.run_and_record("installed")


@pytest.mark.claim("ssh-scp-over-authorized-keys", "unsafe")
def test_scp_over_authorized_keys_loses_the_others(snippet: Snippet, lab: SshLab) -> None:
    """One line is left, the key that logged in before is refused, and the new key can put it back."""
    assert logs_in(lab, ".ssh/id_ed25519", "bastion")
    prepare(snippet)
    snippet.run("overwrite")
    assert lab.bastion.read(KEYS) == lab.laptop.read("/home/alice/.ssh/id_web.pub")
    snippet.run_and_record("lost")
    snippet.run("restore")
    snippet.run_and_record("restored")
    assert len(lab.bastion.read(KEYS).splitlines()) == 2


@pytest.mark.claim("ssh-scp-over-authorized-keys", "unsafe")
def test_scp_needs_the_folder(lab: SshLab) -> None:
    """Without ~/.ssh on the server scp installs nothing."""
    pub = ".ssh/id_ed25519.pub"
    done = lab.laptop.run("scp", pub, "root@web:/home/bob/.ssh/authorized_keys", check=False)
    assert done.returncode != 0


def test_a_file_that_others_can_write_is_refused(snippet: Snippet, lab: SshLab) -> None:
    """With authorized_keys writable by others the login fails, the log says why, and chmod cures it."""
    snippet.run("open-to-all")
    snippet.run_and_record("refused")
    snippet.run_and_record("log")
    snippet.run("close")
    snippet.run_and_record("accepted")
    assert lab.web.run("stat", "-c", "%a", KEYS).stdout == "600\n"


def test_who_may_write(lab: SshLab) -> None:
    """Others may read keys, folder and home; nobody but the user, root and the user's own group may write."""
    folder, home = "/home/alice/.ssh", "/home/alice"
    for path, mode, owner, accepted in (
        (KEYS, "644", "alice:alice", True),
        (KEYS, "664", "alice:alice", True),
        (KEYS, "664", "alice:bob", False),
        (KEYS, "666", "alice:alice", False),
        (KEYS, "644", "root:root", True),
        (KEYS, "644", "bob:bob", False),
        (folder, "755", "alice:alice", True),
        (folder, "777", "alice:alice", False),
        (home, "755", "alice:alice", True),
        (home, "777", "alice:alice", False),
    ):
        lab.web.run("chown", owner, path, user="root")
        lab.web.run("chmod", mode, path, user="root")
        refusals = lab.log("web").count("bad ownership or modes")
        assert logs_in(lab, ".ssh/id_ed25519") is accepted, (path, mode, owner)
        assert (lab.log("web").count("bad ownership or modes") > refusals) is not accepted
        lab.web.run("chown", "alice:alice", path, user="root")
        lab.web.run("chmod", "600" if path == KEYS else "700", path, user="root")

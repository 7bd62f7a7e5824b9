"""SSH errors by message: each is provoked, then its cure removes it."""

import re

from opsbook.labs.machines import File
from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet

FINGERPRINT = r"(SHA256:\S{43})"


def test_the_stages_of_a_login_are_told_in_their_order(snippet: Snippet) -> None:
    """`ssh -v` tells of the network, the connection, the host key and the login, one after the other."""
    seen = snippet.run_and_record("stages").output
    order = ["Connecting to web", "Connection established", "'web' is known", "Authenticated to web"]
    places = [seen.index(words) for words in order]
    assert places == sorted(places)


def test_could_not_resolve_hostname(snippet: Snippet) -> None:
    """A name that nobody knows is red; with the address given it is green."""
    snippet.run_and_record("resolve-red")
    assert snippet.run_and_record("resolve-cure").output == "web\n"


def test_connection_refused(snippet: Snippet, lab: SshLab) -> None:
    """While sshd listens on another port, 22 refuses; so does every port once sshd is gone."""
    snippet.run("reload")
    snippet.run("refused-make")
    refused = snippet.run_and_record("refused-red")
    assert ":2222 " in snippet.run_and_record("refused-look").output
    assert snippet.run_and_record("refused-cure").output == "web\n"
    snippet.run("refused-undo")
    snippet.run("works")
    lab.web.run("pkill", "-o", "-x", "sshd", user="root")
    lab.web.run("sh", "-c", "while ss -tlnH | grep -q :22; do sleep 0.02; done", user="root")
    assert snippet.run("refused-red") == refused


def test_connection_timed_out(snippet: Snippet, lab: SshLab) -> None:
    """A firewall that drops is red after ConnectTimeout and green once it accepts; so is a link that is cut."""
    snippet.run("timeout-make")
    snippet.run_and_record("timeout-red")
    assert "drop" in snippet.run_and_record("timeout-look").output
    snippet.run("timeout-cure")
    snippet.run_and_record("works")
    snippet.run("no-firewall")
    snippet.run("works")
    lab.cut("web")
    assert "Connection timed out" in snippet.run("timeout-red").output
    lab.heal("web")
    snippet.run("works")


def test_no_route_to_host(snippet: Snippet, lab: SshLab) -> None:
    """A firewall that rejects is red and green once it accepts; an address that nobody has is red too."""
    snippet.run("route-make")
    snippet.run_and_record("route-red")
    snippet.run("timeout-cure")
    snippet.run_and_record("works")
    snippet.run("no-firewall")
    snippet.run("works")
    nobody = lab.laptop.run("ssh", "192.0.2.99", "true", check=False)
    assert nobody.stderr.strip() == "ssh: connect to host 192.0.2.99 port 22: No route to host"


def test_kex_exchange_identification(snippet: Snippet, lab: SshLab) -> None:
    """With as many logins under way as MaxStartups allows, sshd drops the next; a higher limit lets it in."""
    snippet.run("reload")
    snippet.run("startups-make")
    snippet.run("startups-hold")
    snippet.run_and_record("startups-red")
    snippet.run_and_record("startups-look", port=r"\]:(\d+) on")
    direct = lab.laptop.run("ssh", "web", "true", check=False)
    assert direct.returncode == 255
    assert direct.stderr.startswith("kex_exchange_identification: ")
    snippet.run("startups-cure")
    assert snippet.run_and_record("startups-green").output == "web\n"
    snippet.run("startups-release")
    snippet.run("startups-undo")
    assert "maxstartups 10:30:100\n" in lab.web.run("/usr/sbin/sshd", "-T", user="root").stdout
    snippet.run("works")


def test_no_matching_key_exchange_method(snippet: Snippet) -> None:
    """A server with only an old key exchange is red; the client's exception for it, or a newer server, is green."""
    snippet.run("reload")
    snippet.run("kex-make")
    snippet.run_and_record("kex-red")
    assert snippet.run_and_record("kex-narrow").output == "web\n"
    snippet.run("kex-red")
    snippet.run("kex-cure")
    snippet.run_and_record("works")


def test_no_matching_host_key_type(snippet: Snippet, lab: SshLab) -> None:
    """A server that signs with SHA-1 only is red; the client's exception for it, or a newer server, is green."""
    snippet.run("reload")
    known = lab.laptop.read("/home/alice/.ssh/known_hosts")
    snippet.run("hostkey-make")
    snippet.run_and_record("hostkey-red")
    shown = snippet.run_and_record("hostkey-scan", fingerprint=FINGERPRINT).output
    true = lab.web.run("ssh-keygen", "-lf", "/etc/ssh/ssh_host_rsa_key.pub", user="root").stdout
    assert shown.split()[1] == true.split()[1]
    assert snippet.run_and_record("hostkey-narrow").output == "web\n"
    snippet.run("hostkey-red")
    snippet.run("hostkey-cure")
    assert snippet.run_and_record("hostkey-green").output == "web\n"
    assert lab.laptop.read("/home/alice/.ssh/known_hosts") == known


def test_remote_host_identification_has_changed(snippet: Snippet) -> None:
    """A new host key is red; forgetting the old one and accepting the one that the server shows is green."""
    snippet.run("reload")
    snippet.run("changed-make")
    warning = snippet.run_and_record("changed-red", fingerprint=rf"{FINGERPRINT}\.").output
    true = snippet.run_and_record("server-key", fingerprint=FINGERPRINT).output.split()[1]
    assert f"\n{true}.\n" in warning
    assert true in snippet.run_and_record("changed-cure", fingerprint=FINGERPRINT).output
    snippet.run("works")


def test_host_key_verification_failed(snippet: Snippet, lab: SshLab) -> None:
    """A host that is not in known_hosts is red where nobody can answer, and green with its checked key there."""
    snippet.run("unknown-make")
    snippet.run_and_record("unknown-red")
    true = snippet.run("server-key").output.split()[1]
    shown = snippet.run_and_record("unknown-scan", fingerprint=FINGERPRINT).output.split()[1]
    assert shown == true
    assert snippet.run_and_record("unknown-cure").output == "web\n"
    # Pasted at the question, the fingerprint is compared by ssh itself, which asks again when it differs.
    for answer, code in ((f"{true[:-2]}--", 255), (true, 0)):
        snippet.run("unknown-make")
        script = "#!/bin/sh\ncat /tmp/answer\necho no >/tmp/answer\n"
        lab.laptop.put({"/tmp/answer": File(f"{answer}\n", "alice"), "/tmp/say": File(script, mode=0o755)})
        ask = ["env", "SSH_ASKPASS=/tmp/say", "SSH_ASKPASS_REQUIRE=force", "ssh", "web", "true"]
        assert lab.laptop.run(*ask, check=False).returncode == code


def test_permission_denied_publickey(snippet: Snippet, lab: SshLab) -> None:
    """A key under another name is not tried and so red; naming it is green. Another user's account stays red."""
    snippet.run("denied-make")
    snippet.run_and_record("denied-red")
    assert "Offering" not in snippet.run_and_record("denied-look").output
    snippet.run("denied-cure")
    snippet.run_and_record("works")
    other = lab.laptop.run("ssh", "bob@web", "true", check=False)
    assert other.stderr.strip() == "bob@web: Permission denied (publickey)."
    snippet.run("denied-undo")
    snippet.run("works")


def test_unprotected_private_key_file(snippet: Snippet) -> None:
    """A private key that others may read is left out, and used again once only its owner may."""
    snippet.run("unprotected-make")
    snippet.run_and_record("unprotected-red")
    assert snippet.run_and_record("unprotected-cure").output == "web\n"


def test_too_many_authentication_failures(snippet: Snippet, lab: SshLab) -> None:
    """Six keys from the agent use up MaxAuthTries before the right one's turn; IdentitiesOnly offers that one."""
    snippet.run("many-make")
    snippet.run_and_record("many-red")
    offered = snippet.run_and_record("many-look").output
    limit = lab.web.run("/usr/sbin/sshd", "-T", user="root").stdout
    assert f"maxauthtries {offered}" in limit
    snippet.run("many-cure")
    snippet.run_and_record("works")
    snippet.run("many-undo")
    snippet.run("works")


def test_bad_ownership_or_modes(snippet: Snippet) -> None:
    """With a home that anybody may write to, sshd refuses the key and logs why; modes 700 and 600 cure it."""
    snippet.run("modes-make")
    snippet.run_and_record("modes-red")
    snippet.run_and_record("modes-look")
    snippet.run("modes-cure")
    snippet.run_and_record("works")


def test_broken_pipe(snippet: Snippet) -> None:
    """A session idle for longer than a firewall remembers is red; probes at shorter intervals keep it green."""
    snippet.run("pipe-make")
    snippet.run_and_record("pipe-red")
    assert snippet.run_and_record("pipe-green").output == "web\n"
    snippet.run("pipe-undo")
    snippet.run("works")


def test_bad_configuration_option(snippet: Snippet) -> None:
    """An option that this ssh does not know is red until IgnoreUnknown names it."""
    snippet.run("option-make")
    snippet.run_and_record("option-red")
    snippet.run("option-cure")
    snippet.run_and_record("works")
    snippet.run("drop-config")


def test_control_path_too_long(snippet: Snippet, lab: SshLab) -> None:
    """A socket path beyond 107 bytes is red; `%C` makes it short whatever the host is called."""
    snippet.run("path-make")
    snippet.run_and_record("path-red")
    snippet.run("path-cure")
    host = snippet["path-green"].code.split()[1]
    told = lab.laptop.run("ssh", "-G", host).stdout
    assert re.search(r"^controlpath /home/alice/\.ssh/[0-9a-f]{40}$", told, re.MULTILINE)
    assert snippet.run_and_record("path-green").output == "web\n"
    snippet.run("drop-config")


def test_no_authentication_agent(snippet: Snippet) -> None:
    """Without an agent ssh-add is red; it is green in the shell that has started one."""
    snippet.run("agent-make")
    snippet.run_and_record("agent-red")
    snippet.run_and_record("agent-cure", pid=r"Agent pid (\d+)", fingerprint=FINGERPRINT)
    snippet.run("agent-undo")
    snippet.run("agent-red")

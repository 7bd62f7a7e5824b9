"""A private index beside the public one: upload, install, dependency confusion and its cures."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk, Snippet

# A server that takes the connection and never answers, so that both uploads last until they have been looked at.
LOOK = """
python3 -c 'import socket, time; s = socket.create_server(("127.0.0.1", 9000)); time.sleep(300)' & deaf=$!
upload=(/opt/tools/bin/twine upload --repository-url http://localhost:9000/ billing/dist/acme_billing-1.0.tar.gz)
export TWINE_USERNAME=alice
"${upload[@]}" -p not-a-secret >/dev/null 2>&1 & first=$!
TWINE_PASSWORD=not-a-secret "${upload[@]}" >/dev/null 2>&1 & second=$!
for upload in $first $second; do
    # Until then it is still a copy of this shell.
    until read -rd '' program </proc/$upload/cmdline && [ "$program" = /opt/tools/bin/python ]; do sleep 0.02; done
    stat -c %a /proc/$upload/cmdline
    tr '\\0' ' ' </proc/$upload/cmdline
    echo
done
kill $first $second $deaf
"""


@pytest.mark.claim("python-packaging-internal-index-on-jump-box", "incomplete")
@pytest.mark.claim("python-packaging-twine-repository-url", "holds")
@pytest.mark.claim("python-packaging-install-after-upload", "holds")
def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """With two indexes the highest version wins, with one or with uv the private one; yanked files are passed over."""
    assert "Uploading acme_billing-1.0.tar.gz" in walk.to("upload").output
    stored = ["acme_billing-1.0-py2.py3-none-any.whl", "acme_billing-1.0.tar.gz"]
    assert lab.box.run("ls", "/srv/private").stdout.split() == stored
    assert walk.to("install").output.endswith("\nAcme\n")
    assert walk.to("confused").output == "Mallory\n"
    seen = walk.to("one-index").output
    assert seen.startswith("acme-billing==1.0\nmdurl==")
    assert seen.endswith("\nAcme\n")
    assert walk.to("uv").output.startswith("acme-billing==1.0\n")
    best = ("--index-strategy", "unsafe-best-match", "--index", "http://localhost:8082/simple/")
    careless = lab.box.run("uv", "pip", "install", "--dry-run", "--target", "x", *best, "acme-billing")
    assert "acme-billing==99.0" in careless.stderr
    locked = walk.to("uv-sources").output
    assert 'version = "1.0"\nsource = { registry = "http://localhost:8082/simple/" }' in locked
    assert 'source = { registry = "http://localhost:8081/simple/" }' in locked

    would = walk.to("pre-look").output.splitlines()
    assert [line.removeprefix("Would install acme-billing-") for line in would] == ["1.0", "2.0rc1", "2.0rc1"]
    seen = walk.to("yank-look").output
    assert seen.startswith("Would install acme-billing-1.0\n")
    assert "Reason for being yanked: wrong totals" in seen
    assert seen.endswith("Would install acme-billing-2.0rc1\n")
    assert "HTTPError: 400 Bad Request from http://localhost:8082/" in walk.to("exists-red").output
    verbose = ("twine", "upload", "--verbose", "-u", "a", "-p", "not-a-secret", "--repository-url")
    told = lab.box.run(
        *verbose, "http://localhost:8082/", "/srv/private/acme_billing-1.0.tar.gz", check=False
    )
    assert "already exists" in " ".join(told.stdout.split())
    walk.to("exists-cure")
    walk.to_the_end()


@pytest.mark.claim("python-packaging-twine-upload-password", "unsafe")
def test_a_password_as_an_argument_is_there_for_all_to_see(snippet: Snippet, lab: IndexLab) -> None:
    """Everybody may read it in /proc; given by the environment it is not there."""
    snippet.run("project")
    seen = lab.box.run("bash", "-c", LOOK).stdout.splitlines()
    assert seen[::2] == ["444", "444"]
    assert ["not-a-secret" in line for line in seen[1::2]] == [True, False]

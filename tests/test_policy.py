"""The Content-Security-Policy that is put into each built page."""

from pathlib import Path

from click.testing import CliRunner

from opsbook.cli import main

HEAD = '<!doctype html>\n<html>\n<head>\n  <meta charset="utf-8">\n  <title>x</title>\n'
# printf 'go()\n' | openssl dgst -sha256 -binary | base64
HASH = "'sha256-uxztVBOu4I1US70toGMPbtpfckNKW9OzJ9C6/M5mIrI='"


def test_a_page_gets_its_policy_once(tmp_path: Path) -> None:
    """After the encoding stands one policy with the hash of what runs, however often it is put there."""
    page = tmp_path / "a/index.html"
    page.parent.mkdir()
    body = '<script src="x.js"></script><script type="application/json">{}</script><SCRIPT >go()\n</SCRIPT>'
    page.write_text(HEAD + body)
    for _ in range(2):
        assert CliRunner().invoke(main, ["policy", str(tmp_path)]).exit_code == 0
        text = page.read_text()
        assert text.startswith(HEAD.partition("  <title>")[0])
        assert text.endswith(body)
        assert text.count("Content-Security-Policy") == 1
        assert text.partition("style-src")[0].count("'sha256-") == 1
        assert HASH in text


def test_a_page_without_a_head_is_refused(tmp_path: Path) -> None:
    """Where a policy has no place the command fails and says so."""
    (tmp_path / "index.html").write_text("<p>x")
    seen = CliRunner().invoke(main, ["policy", str(tmp_path)])
    assert seen.exit_code == 1
    assert "without a <head>" in seen.output

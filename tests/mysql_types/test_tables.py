"""A table on a page is what the server said: where its answer changes, the table does, and until then nothing is published."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import html

from opsbook.labs import LABS
from opsbook.proof import Proof
from opsbook.pytest_plugin import skipping_without_lab

from ..tiny import write  # noqa: TID252  # tests is no package that is installed

REPO = Path(__file__).parents[2]
OUTPUT = "snippets/mysql_types/width.shown.out"
# The real book's settings with one page; `lab:` says which server is asked.
BOOK = {
    "docs/index.md": "# Home\n",
    "docs/mysql-types/index.md": "---\nlab: mariadb\n---\n# Types\n",
    "docs/mysql-types/width.md": """\
        # Width

        ```sql
        --8<-- "mysql_types/width.sql:shown"
        ```

        ```text
        --8<-- "mysql_types/width.shown.out"
        ```
        """,
    "snippets/mysql_types/width.sql": """\
        -- effect: reads
        -- --8<-- [start:shown]
        CREATE TEMPORARY TABLE t (n INT, c CHAR(9));
        SHOW COLUMNS FROM t;
        -- --8<-- [end:shown]
        """,
    "tests/mysql_types/test_width.py": """\
        def test_width(snippet):
            assert snippet.run_and_record("shown").exit == 0
        """,
}


def run(root: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run a program of this environment in the book in `root`; nothing of this session reaches it."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("OPSBOOK", "PYTEST"))}
    # What the run has just shown, as in CI.
    clean["OPSBOOK_PROOF"] = "build/proof.json"
    program = str(Path(sys.executable).with_name(argv[0]))
    return subprocess.run(
        [program, *argv[1:]], cwd=root, env=clean, capture_output=True, text=True, timeout=200, check=False
    )


def ask(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the test of the page."""
    settings = ("-c", "/dev/null", "--rootdir", ".", "--import-mode=importlib", "-p", "no:cacheprovider")
    return run(root, "pytest", *settings, *options)


def site(root: Path) -> tuple[str, list[str]]:
    """Build the site; return the text of the page's last block, and what the gate says of outputs."""
    built = run(root, "mkdocs", "build", "--strict", "--quiet", "--clean", "--site-dir", "site")
    assert built.returncode == 0, built.stderr
    page = html.fromstring((root / "site/mysql-types/width/index.html").read_text())
    told = json.loads(run(root, "opsbook", "gate", "--json", "site").stdout)
    return page.xpath("//pre")[-1].text_content(), [f["what"] for f in told if "output" in f["what"]]


@pytest.mark.timeout(900)
def test_a_changed_answer_changes_the_table(tmp_path: Path) -> None:
    """Another server under the same block: its test fails, the gate names the output; proven anew, the page has the new answer."""
    with skipping_without_lab(), LABS["databases"]():
        pass
    write(tmp_path, BOOK)
    settings = (REPO / "mkdocs.yml").read_text()
    (tmp_path / "mkdocs.yml").write_text(settings[: settings.index("\nnav:") + 1])
    shutil.copytree(REPO / "docs/assets", tmp_path / "docs/assets")
    shutil.copytree(REPO / "theme", tmp_path / "theme")
    (tmp_path / "proof.json").write_text(Proof().dump())

    done = ask(tmp_path, "--prove")
    assert done.returncode == 0, done.stdout
    said, findings = site(tmp_path)
    assert "int(11)" in said
    assert said == (tmp_path / OUTPUT).read_text()
    assert findings == []

    (tmp_path / "docs/mysql-types/index.md").write_text("---\nlab: mysql\n---\n# Types\n")
    done = ask(tmp_path)
    assert done.returncode == 1
    assert "width.shown.out is no longer what it prints (make prove renews it)" in done.stdout
    assert site(tmp_path) == (said, ["output mysql_types/width.shown.out is failing"])

    assert ask(tmp_path, "--prove").returncode == 0
    now, findings = site(tmp_path)
    assert "int " in now
    assert "int(11)" not in now
    assert now == (tmp_path / OUTPUT).read_text()
    assert findings == []

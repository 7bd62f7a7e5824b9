"""A tiny honest book with its proof and its built site, for the canaries to break."""

import html
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.gate import Finding, inspect
from opsbook.policy import policy_for
from opsbook.proof import Ledger, Proof, Record, State, test_hashes

TODAY = date(2026, 11, 20)
TEST = "tests/ssh/test_keep_alive.py::test_client"
FILES = {
    "docs/index.md": "# Home\n",
    "docs/ssh/keep-alive.md": """# Keep a session alive

```bash
--8<-- "ssh/keep_alive.sh:client"
```

```text
--8<-- "ssh/keep_alive.client.out"
```

```bash
--8<-- "ssh/keep_alive.sh:reboot"
```

[[claims: ssh/keep-alive]]
""",
    "snippets/ssh/keep_alive.sh": """#!/bin/sh
# effect: reads
# --8<-- [start:client]
ssh -o ServerAliveInterval=60 web 'echo "<up> & running"'

git log
# --8<-- [end:client]

# effect: changes
# not-run: it would restart your machine
# --8<-- [start:reboot]
ssh web sudo reboot
# --8<-- [end:reboot]
""",
    "snippets/ssh/keep_alive.client.out": "<up> & running\n\tprocess <pid> on web.lan.\nfatal: connection <pid> refused on port 22\n",
    "snippets/ssh/claims.yaml": """- id: ssh-idle
  page: keep-alive
  says: Set `ServerAliveInterval` and a session never dies.
  verdict: incomplete
  truth: A cut link still ends it.
""",
    "tests/ssh/test_keep_alive.py": "def test_client():\n    assert True\n",
}
CI = {
    ".ci/run": "#!/bin/sh\nset -eu\nOPSBOOK_REQUIRE=all make test\nmake site\n",
    "Makefile": "site:\n\t@mkdocs build\n\t@opsbook gate site\n",
    ".github/workflows/ci.yml": """on:
  push:
  pull_request:
jobs:
  debian:
    steps:
      - run: .ci/run
  deploy:
    if: github.ref == 'refs/heads/main'
    needs: debian
    steps:
      - uses: actions/deploy-pages@v5
""",
}
NOT_RUN = "it would restart your machine"
POLICY = policy_for(["var theme", "var tabs"])
FRAME = f"""<!doctype html>
<html><head><meta http-equiv="Content-Security-Policy" content="{POLICY}"><link rel="stylesheet" href="{{up}}assets/stylesheets/main.css"><link rel="canonical" href="https://book.test/">
<script>var theme</script><style>a{{{{background:url("data:image/png;base64,x")}}}}</style></head>
<body><label hidden>menu</label><main><div class="md-content"><article class="md-typeset">
{{body}}
</article></div><script>var tabs</script></main></body></html>
"""


def block(code: str, badge: str) -> str:
    """Return a block as the generators build it, with its badge."""
    shown = f'<pre><span></span><code><span class="c1">{html.escape(code)}</span>\n</code></pre>'
    return f'<div class="language-bash highlight">{shown}</div>\n{badge}\n'


def badge(thing: str, state: str = "proven", said: str = "proven") -> str:
    """Return a badge as the Markdown extension builds it."""
    facts = "<ul><li>2026-11-18: OpenSSH_9.2p1</li></ul>" if said == "proven" else ""
    summary = f"<summary><b>{said}</b></summary>{facts}"
    return f'<details class="proof" data-proof="{thing}" data-state="{state}">{summary}</details>'


THEME = 'pre,.md-typeset code{font-family:monospace}.headerlink{opacity:0}a:after{content:"two words"}'
CLAIM = """<table><tbody>
<tr id="claim-ssh-idle" data-proof="claims ssh-idle" data-state="proven">
<td>Set <code>ServerAliveInterval</code> and a session never dies.</td><td>◐ incomplete</td>
<td>A cut link still ends it.<small class="proof">✓ proven: test_client</small></td></tr></tbody></table>
"""
CLIENT = "ssh -o ServerAliveInterval=60 web 'echo \"<up> & running\"'\n\ngit log"
OUTPUT = "<up> & running\n    process <pid> on web.lan.\nfatal: connection <pid> refused on port 22"
CLIENT_BLOCK = block(CLIENT, badge("regions ssh/keep_alive.sh:client"))
OUTPUT_BLOCK = block(OUTPUT, badge("outputs ssh/keep_alive.client.out"))
NOT_RUN_BLOCK = block(
    "ssh web sudo reboot", badge("regions ssh/keep_alive.sh:reboot", "not run", f"not run: {NOT_RUN}")
)
BODY = f'<h1 id="keep">Keep a session alive</h1>\n{CLIENT_BLOCK}{OUTPUT_BLOCK}{NOT_RUN_BLOCK}{CLAIM}'


def digest_of(book: Book, kind: str, name: str) -> str:
    """Return the present hash of a thing in the book."""
    if kind == "regions":
        return book.regions[name].sha256
    if kind == "outputs":
        return book.outputs[name].sha256
    return book.claims[name].sha256 if kind == "claims" else book.replay_hash(book.pages[name])


@dataclass
class TinyBook:
    """A book in `root` and its site in `site`; what is to be broken is edited before `inspect`."""

    root: Path

    @property
    def site(self) -> Path:
        """Where the site is built."""
        return self.root / "site"

    @property
    def page(self) -> Path:
        """The one page with blocks, as built."""
        return self.site / "ssh/keep-alive/index.html"

    def write(self, path: str, text: str) -> None:
        """Write a file of the book or the site."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace `old`, which must be there, in a file."""
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def add(self, body: str) -> None:
        """Add HTML at the end of the page's article."""
        self.write("site/ssh/keep-alive/index.html", FRAME.format(up="../../", body=BODY + body))

    def prove(self, day: str = "2026-11-18", failing: tuple[str, ...] = ()) -> Ledger:
        """Return the ledger in which all that can run was run as it stands now."""
        book, proof = Book(self.root), Proof()
        tests = {TEST: test_hashes(self.root)[TEST]}
        for (kind, name), state in Ledger(book, proof).everything.items():
            if state is not State.NOT_RUN:
                digest = digest_of(book, kind, name)
                proof.add(
                    kind, name, "debian-12", Record(digest, tests, {"ssh": "OpenSSH_9.2p1"}, day, failing)
                )
        return Ledger(book, proof)

    def inspect(self, ledger: Ledger | None = None) -> list[Finding]:
        """Return the gate's findings, by default with everything freshly proven."""
        return inspect(self.site, ledger or self.prove(), max_age=30, today=TODAY)


def built(root: Path) -> TinyBook:
    """Return an honest book in `root` with its site."""
    tiny = TinyBook(root)
    for path, text in FILES.items():
        tiny.write(path, text)
    tiny.write("site/index.html", FRAME.format(up="", body='<h1 id="home">Home</h1>'))
    tiny.write("site/404.html", FRAME.format(up="/", body="<h1>404</h1>"))
    tiny.write("site/assets/stylesheets/main.css", THEME)
    tiny.write("site/assets/proof.css", ".proof{font-size:0.7rem}.gone{display:none}.typed{white-space:pre}")
    tiny.add("")
    return tiny


@pytest.fixture
def book(tmp_path: Path) -> TinyBook:
    """An honest book whose site the gate lets pass."""
    return built(tmp_path)


@pytest.fixture
def guarded(book: TinyBook) -> TinyBook:
    """The same with CI that proves it before it is published."""
    for path, text in CI.items():
        book.write(path, text)
    return book


@pytest.fixture(scope="session")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], list[Finding]]:
    """Return the findings on one book when its page ends in some HTML; hundreds of canaries share the book."""
    book = built(tmp_path_factory.mktemp("book"))
    ledger = book.prove()

    def judge(body: str) -> list[Finding]:
        book.add(f"\n{body}")
        return book.inspect(ledger)

    return judge

"""Pages: headings, links, claims and left-over Markdown, and which pages there are."""

from collections.abc import Callable

import pytest

from opsbook.gate import Finding

from .conftest import BODY, CLAIM, CLIENT_BLOCK, FRAME, NOT_RUN, OUTPUT_BLOCK, POLICY, TinyBook

Judge = Callable[[str], list[Finding]]
PAGE = "site/ssh/keep-alive/index.html"
DEAD, LOADED = "a dead link", "loaded from another host"
CANARIES = {
    "error-in-plain-heading": ("<h2>fatal: no way</h2>", "an error message in plain words"),
    "error-beside-code": (
        "<h2><code>ssh</code> says Permission denied</h2>",
        "an error message in plain words",
    ),
    "error-in-code-beside-prose": (
        "<h2>It says <code>Permission denied</code></h2>",
        "in no recorded output",
    ),
    "error-that-only-code-has": ("<h2><code>error: echo</code></h2>", "in no recorded output"),
    "error-in-no-output": ("<h2><code>Permission denied (publickey).</code></h2>", "in no recorded output"),
    "error-half-in-output": ("<h2><code>fatal: connection refused</code></h2>", "in no recorded output"),
    "error-with-wrong-token": ("<h2><code>connection abc refused</code></h2>", "in no recorded output"),
    "error-in-made-heading": ('<p role="heading">error: x</p>', "an error message in plain words"),
    "code-in-no-output": ("<h3><code>kex: nothing</code></h3>", "in no recorded output"),
    "include-directive": ("<p>--8&lt;-- &quot;ssh/x.sh:y&quot;</p>", "Markdown left on the page"),
    "region-mark": ("<p># [start:client]</p>", "Markdown left on the page"),
    "claims-directive": ("<p>[[claims: ssh]]</p>", "Markdown left on the page"),
    "status-directive": ("<p>So:\n[[status]]</p>", "Markdown left on the page"),
    "bare-fence": ("<p>```bash\nls</p>", "Markdown left on the page"),
    "block-syntax": ("<p>/// details | x\n///</p>", "Markdown left on the page"),
    "tab-syntax": ("<p>=== &quot;A&quot;</p>", "Markdown left on the page"),
    "admonition-syntax": ("<div>a<br>!!! note</div>", "Markdown left on the page"),
    "fold-syntax": ("<p>???+ note</p>", "Markdown left on the page"),
    "dead-file": ('<a href="../gone/">x</a>', f"{DEAD}: ../gone/ (no such file)"),
    "dead-fragment-here": ('<a href="#gone">x</a>', f"{DEAD}: #gone (no such fragment)"),
    "dead-fragment-there": ('<a href="../../#gone">x</a>', f"{DEAD}: ../../#gone (no such fragment)"),
    "dead-absolute-link": ('<a href="/gone/">x</a>', f"{DEAD}: /gone/"),
    "dead-way-out": ('<a href="../../../docs/index.md">x</a>', DEAD),
    "dead-picture": ('<img src="x.png">', DEAD),
    "link-to-markdown": ('<a href="keep-alive.md">x</a>', DEAD),
    "picture": ('<img src="https://host.test/x.png">', LOADED),
    "picture-without-scheme": ('<img src="//host.test/x.png">', LOADED),
    "picture-with-backslashes": ('<img src="\\\\host.test/x.png">', LOADED),
    "picture-with-tab": ('<img src="ht\ttps://host.test/x.png">', LOADED),
    "picture-set": ('<img srcset="../../a.css 1x, https://host.test/x.png 2x">', LOADED),
    "source": ('<picture><source src="https://host.test/x"></picture>', LOADED),
    "poster": ('<video poster="https://host.test/x"></video>', LOADED),
    "video": ('<video src="https://host.test/x"></video>', LOADED),
    "iframe": ('<iframe src="https://host.test/x"></iframe>', LOADED),
    "script": ('<script src="https://host.test/x.js"></script>', LOADED),
    "style-sheet": ('<link rel="stylesheet" href="https://host.test/x.css">', LOADED),
    "preconnect": ('<link rel="preconnect" href="https://host.test">', LOADED),
    "icon": ('<link rel="shortcut icon" href="//host.test/x.ico">', LOADED),
    "style-import": ('<style>@import "https://host.test/x.css";</style>', LOADED),
    "svg-use": ('<svg><use xlink:href="https://host.test/x.svg#a"/></svg>', LOADED),
    "form": ('<form action="https://host.test/"></form>', LOADED),
    "script-address": ('<a href="javascript:alert(1)">x</a>', "content in an address"),
    "picture-as-data": ('<img src="data:image/svg+xml,x">', "content in an address"),
    "base": ('<base href="/x/">', "leads the reader elsewhere"),
    "typed-claim": ('<table><tr id="claim-mine"><td>x</td></tr></table>', "claim-mine is no claim"),
    "claim-without-badge": (
        '<table><tr id="claim-ssh-idle"><td>x</td></tr></table>',
        "is no claim of the book's",
    ),
    "claim-says-other": (CLAIM.replace("never dies", "lives"), "is not told as in claims.yaml"),
    "claim-with-other-verdict": (CLAIM.replace("◐ incomplete", "◐ holds"), "is not told as in claims.yaml"),
    "claim-with-more-truth": (CLAIM.replace("ends it.", "ends it. Not."), "is not told as in claims.yaml"),
    "claim-with-one-cell-more": (
        CLAIM.replace("</tr>", "<td>No.</td></tr>"),
        "is not told as in claims.yaml",
    ),
    "claim-hidden": (CLAIM.replace("<td>A cut", '<td class="gone">A cut'), "is not told as in claims.yaml"),
    "claim-of-other-state": (CLAIM.replace('state="proven"', 'state="failing"'), "the badge of ssh-idle"),
}


@pytest.mark.parametrize(("body", "what"), CANARIES.values(), ids=CANARIES)
def test_broken_pages_are_found(judge: Judge, body: str, what: str) -> None:
    """A heading, link, claim or left-over that a reader should not meet is a finding on its page and line."""
    findings = judge(body)
    found = [finding for finding in findings if what in finding.what]
    assert found, findings
    assert found[0].page == "ssh/keep-alive/index.html"
    assert found[0].line >= 20
    assert found[0].do


HONEST = {
    "error-as-recorded": '<h2 id="e"><code>&lt;up&gt; &amp; running</code><a class="headerlink" href="#e">¶</a></h2>',
    "error-with-token": '<h2 id="e"><code>fatal: connection &lt;pid&gt; refused</code></h2>',
    "error-with-a-value": '<h2 id="e"><code>fatal: connection 4711 refused</code></h2>',
    "error-with-token-for-a-value": '<h2 id="e"><code>refused on port &lt;port&gt;</code></h2>',
    "part-of-an-error": '<h2 id="e">When you see <code>connection &lt;pid&gt; refused</code></h2>',
    "option-in-a-heading": "<h2>Why <code>ServerAliveCountMax</code></h2>",
    "plain-heading": "<h2>When it fails</h2>",
    "command-as-heading": "<h2><code>git log</code></h2>",
    "outside-links": '<p><a href="https://host.test/#x">x</a> <a href="mailto:a@b.test">y</a></p>',
    "inside-links": '<p><a href="#keep">x</a> <a href="../../#home">y</a> <a href="/ssh/keep-alive/">z</a></p>',
    "links-to-files": '<p><a href="../../assets/proof.css?x=1">x</a> <a href="../../index.html">y</a></p>',
    "named-anchor": '<p><a name="there"></a><a href="#there">x</a> <a href="#">y</a></p>',
    "odd-fragment": '<p id="é x"><a href="#%C3%A9%20x">x</a></p>',
    "quoted-punctuation": "<p>a === b, and ??? is no syntax; use <code>```</code>.</p>",
    "citation": '<blockquote cite="https://host.test/">x</blockquote>',
}


@pytest.mark.parametrize("body", HONEST.values(), ids=HONEST)
def test_honest_pages_pass(judge: Judge, body: str) -> None:
    """What readers need and the book knows gives no finding."""
    assert judge(body) == []


STYLES = {
    "import": ('@import "https://host.test/x.css";', LOADED),
    "font": ("a{}\n@font-face{src:url( '//host.test/x.woff2')}", LOADED),
    "text": ('.proof::before{content:"proven by hand"}', "text from a style sheet"),
}


@pytest.mark.parametrize(("css", "what"), STYLES.values(), ids=STYLES)
def test_bad_style_sheets_are_found(book: TinyBook, css: str, what: str) -> None:
    """A style sheet that fetches from elsewhere or writes on pages is a finding on its line."""
    book.write("site/assets/more.css", f"\n{css}")
    assert [(f.page, f.line) for f in book.inspect() if what in f.what] == [
        ("assets/more.css", 2 + css.count("\n"))
    ]


def test_a_theme_that_loads_from_elsewhere_is_found(book: TinyBook) -> None:
    """Style sheets of the theme are held to the same rule."""
    book.write("site/assets/stylesheets/main.css", '@import url("https://host.test/x.css");')
    assert [f.page for f in book.inspect()] == ["assets/stylesheets/main.css"]


def test_a_badge_hidden_by_the_books_style_sheet_is_found(book: TinyBook) -> None:
    """A style sheet that hides all badges hides reasons too, so each badge is a finding."""
    book.write("site/assets/more.css", ".md-typeset > details.proof { display : none; }".replace(" :", ":"))
    assert sum("does not visibly say" in f.what for f in book.inspect()) == 3


def test_namespaces_and_data_in_style_sheets_pass(book: TinyBook) -> None:
    """An address that nobody fetches is no finding."""
    css = (
        """a{background:url("data:image/svg+xml;charset=utf-8,<svg xmlns='http://www.w3.org/2000/svg'/>")}"""
    )
    book.write(
        "site/assets/more.css",
        css + '/* https://host.test */ b::after{content:"Copied"}.proof b::before,b:hover,{opacity:0}',
    )
    assert book.inspect() == []


def test_an_empty_site_is_found(book: TinyBook) -> None:
    """A site without pages is not published."""
    for path in book.site.rglob("*.html"):
        path.unlink()
    assert "the site has no page" in {f.what for f in book.inspect()}


@pytest.mark.parametrize("left", [None, "", " \n"])
def test_a_missing_or_empty_page_is_found(book: TinyBook, left: str | None) -> None:
    """A page of docs/ that the generator dropped or left empty is a finding."""
    book.page.unlink()
    if left is not None:
        book.write(PAGE, left)
    assert "docs/ssh/keep-alive.md is missing in the site, or empty there" in {f.what for f in book.inspect()}


@pytest.mark.parametrize("name", ["ssh/old/index.html", "raw.html", "raw.xhtml", "a.htm"])
def test_a_page_that_no_markdown_made_is_found(book: TinyBook, name: str) -> None:
    """HTML that bypasses Markdown, or was left from an older build, is a finding."""
    book.write(f"site/{name}", FRAME.format(up="/", body="<p>x</p>"))
    assert [(f.page, f.what) for f in book.inspect()] == [(name, "a page that no Markdown made")]


def test_an_include_that_does_not_show_is_found(book: TinyBook) -> None:
    """A block that the Markdown includes and the page does not show with its badge is a finding."""
    book.edit(PAGE, OUTPUT_BLOCK, "")
    assert "ssh/keep_alive.client.out is included but not shown with its badge" in {
        f.what for f in book.inspect()
    }


def test_a_claim_that_does_not_show_is_found(book: TinyBook) -> None:
    """A claim without its row on any page is a finding."""
    book.edit(PAGE, CLAIM, "")
    assert [f.what for f in book.inspect()] == ["claim ssh-idle has no row"]


def entry(thing: str, told: str, state: str = "proven", said: str = "✓ proven") -> str:
    """Return a row of the ledger as the Markdown extension builds it."""
    day = "2026-11-18" if state == "proven" else ""
    cells = f"<td><a href='#'>{told}</a></td><td>{said}</td><td>{day}</td>"
    return f'<tr data-proof="{thing}" data-state="{state}">{cells}</tr>'


ROWS = {
    "client": entry("regions ssh/keep_alive.sh:client", "keep_alive.sh:client"),
    "reboot": entry(
        "regions ssh/keep_alive.sh:reboot", "keep_alive.sh:reboot", "not run", f"○ not run: {NOT_RUN}"
    ),
    "output": entry("outputs ssh/keep_alive.client.out", "keep_alive.client.out"),
    "claim": entry("claims ssh-idle", "Set ServerAliveInterval and a session never dies."),
    "page": entry("replays ssh/keep-alive.md", "keep-alive.md"),
}
LIES = {
    "missing": ("output", ROWS["output"], "", "has no row in the ledger"),
    "state": ("reboot", f"○ not run: {NOT_RUN}", "✓ proven", "does not visibly say 'not run"),
    "attribute": ("client", 'state="proven"', 'state="failing"', "does not visibly say 'proven'"),
    "name": ("client", "keep_alive.sh:client</a>", "other.sh:client</a>", "that does not name it"),
    "day": ("page", "2026-11-18", "2026-11-19", "says 2026-11-19, the book does not"),
    "thing": ("claim", "claims ssh-idle", "claims ssh-busy", "which is not in the book"),
}


def with_ledger(book: TinyBook, rows: str) -> None:
    """Give the book a page with its ledger."""
    book.write("docs/ssh/proof.md", "# Proof\n\n[[ledger: ssh]]\n")
    table = f'<h1>Proof</h1><table data-kind="ledger"><tbody>{rows}</tbody></table>'
    book.write("site/ssh/proof/index.html", FRAME.format(up="../../", body=table))


def test_an_honest_ledger_passes(book: TinyBook) -> None:
    """Rows that name each thing of the book with its state are no badges out of place."""
    with_ledger(book, "".join(ROWS.values()))
    assert book.inspect() == []


@pytest.mark.parametrize("case", LIES)
def test_a_ledger_that_lies_is_found(book: TinyBook, case: str) -> None:
    """A row that is missing, or says another state, name or day than proof.json, is a finding."""
    which, old, new, what = LIES[case]
    assert old in ROWS[which]
    with_ledger(book, "".join({**ROWS, which: ROWS[which].replace(old, new)}.values()))
    assert any(what in finding.what for finding in book.inspect())


def test_a_claim_may_be_all_code(book: TinyBook) -> None:
    """What a claim says is compared with claims.yaml, not with blocks."""
    book.edit(
        "snippets/ssh/claims.yaml", "Set `ServerAliveInterval` and a session never dies.", "'`ssh -G web`'"
    )
    book.edit(
        PAGE, "Set <code>ServerAliveInterval</code> and a session never dies.", "<code>ssh -G web</code>"
    )
    assert book.inspect() == []


def test_raw_blocks_are_the_books_own(book: TinyBook) -> None:
    """A block that is published alone must be what the copy button copies."""
    book.write("site/raw/ssh/keep_alive.reboot.sh", "ssh web sudo reboot")
    assert book.inspect() == []
    book.write("site/raw/ssh/keep_alive.reboot.sh", "ssh web sudo reboot\n")
    book.write("site/raw/ssh/more.sh", "rm -rf /")
    assert [f.what for f in book.inspect()] == ["a raw block that is not the book's"] * 2


def test_raw_files_are_the_books_own(book: TinyBook) -> None:
    """A published raw snippet must be the snippet byte for byte."""
    text = (book.root / "snippets/ssh/keep_alive.sh").read_text()
    book.write("site/snippets/ssh/keep_alive.sh", text)
    assert book.inspect() == []
    book.write("site/snippets/ssh/keep_alive.sh", text + "rm -rf /\n")
    book.write("site/snippets/ssh/more.sh", "rm -rf /\n")
    assert [f.what for f in book.inspect()] == ["a raw file that is not the book's"] * 2


def test_links_know_where_the_site_stands(book: TinyBook) -> None:
    """Absolute links are resolved below the path of site_url, as GitHub Pages serves them."""
    book.write("mkdocs.yml", "site_url: https://host.test/book/\n")
    book.write("site/404.html", FRAME.format(up="/book/", body="<h1>404</h1>"))
    assert book.inspect() == []
    book.write("site/404.html", FRAME.format(up="/", body="<h1>404</h1>"))
    assert [f.page for f in book.inspect()] == ["404.html"]


def test_markup_in_the_generators_frame_passes(book: TinyBook) -> None:
    """Scripts, search fields, hidden labels and code in the navigation are the generator's own."""
    frame = '<nav hidden><ul><li><a href="#keep"><code>rm -rf x</code></a></li></ul><input name="q"></nav>'
    book.write(PAGE, FRAME.format(up="../../", body=BODY).replace("<main>", f"{frame}<main>"))
    assert book.inspect() == []


def test_typed_blocks_in_the_frame_are_found(book: TinyBook) -> None:
    """A <pre> is judged wherever it stands, the frame and the 404 page too."""
    book.write(
        "site/404.html", FRAME.format(up="/", body="<h1>404</h1>").replace("<main>", "<pre>ls</pre><main>")
    )
    assert [(f.page, f.line) for f in book.inspect()] == [("404.html", 4)]


def test_a_page_without_an_article_is_all_the_authors(book: TinyBook) -> None:
    """Where the generator marks no article, its whole body is held to the rules."""
    text = FRAME.format(up="../../", body=BODY + CLIENT_BLOCK).replace("article", "section")
    book.write(PAGE, text)
    assert {f.what for f in book.inspect()} >= {"<script> has no place in a page"}


META = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
WEAK = {
    "none": (META, "", "a page without a Content-Security-Policy"),
    "inline-allowed": ("script-src 'self'", "script-src 'self' 'unsafe-inline'", "not this page's"),
    "any-host": ("connect-src 'self'", "connect-src *", "not this page's"),
    "script-without-hash": ("<script>var tabs", "<script>var tab", "not this page's"),
    "hash-without-script": ("<script>var tabs</script>", "", "not this page's"),
    "module-without-hash": ("<main>", '<main><script type="module">x</script>', "not this page's"),
    "twice": (META, META * 2, "not this page's"),
    "too-late": (META, f"<script>var theme</script>{META}", "no policy governs"),
    "styles-before": (
        META,
        f'<link rel="stylesheet" href="../../assets/proof.css">{META}',
        "no policy governs",
    ),
}


@pytest.mark.parametrize(("old", "new", "what"), WEAK.values(), ids=WEAK)
def test_a_weak_policy_is_found(book: TinyBook, old: str, new: str, what: str) -> None:
    """A page that may run or load more, or less, than its own files and inline scripts is a finding."""
    book.edit(PAGE, old, new)
    assert [f.page for f in book.inspect() if what in f.what] == ["ssh/keep-alive/index.html"]


def test_data_in_a_script_element_needs_no_hash(book: TinyBook) -> None:
    """What a browser does not run, the generator's settings, stands outside the policy."""
    book.edit(PAGE, "<main>", '<main><script type="application/json">{"x": 1}</script>')
    assert book.inspect() == []

"""Blocks: what is not byte for byte proven code or a recorded output does not get past the gate."""

import html
from collections.abc import Callable

import pytest

from opsbook.gate import Finding

from .conftest import CLIENT, CLIENT_BLOCK, NOT_RUN, NOT_RUN_BLOCK, OUTPUT_BLOCK, TinyBook, badge, block

Judge = Callable[[str], list[Finding]]
GOOD = badge("regions ssh/keep_alive.sh:client")
TYPED = "a block that is no region and no recorded output"
ELEMENT = "has no place in a page"
CANARIES = {
    "typed-pre": ("<pre>curl evil</pre>", TYPED),
    "typed-fence": (block("curl evil", GOOD), TYPED),
    "pre-in-tab": (
        f'<div class="tabbed-set"><input type="radio"><div class="tabbed-block">{block("ls", GOOD)}</div></div>',
        TYPED,
    ),
    "pre-in-admonition": (f'<div class="admonition"><p>Note</p>{block("ls", GOOD)}</div>', TYPED),
    "pre-in-details": (f"<details><summary>More</summary>{block('ls', GOOD)}</details>", TYPED),
    "pre-in-table": ("<table><tr><td><pre>ls</pre></td></tr></table>", TYPED),
    "pre-in-hidden": ("<div hidden><pre>ls</pre></div>", TYPED),
    "pre-after-article": ("</article><pre>ls</pre><article>", TYPED),
    "pre-as-line-numbers": (
        '<table><tr><td class="linenos"><div><pre>rm -rf</pre></div></td></tr></table>',
        TYPED,
    ),
    "pre-of-digits": ("<pre>1\n2</pre>", TYPED),
    "badge-outside-the-item": (f"<ul><li>{block(CLIENT, '')}</li></ul>{GOOD}", "a block without its badge"),
    "one-byte-more": (block(CLIENT + " ", GOOD), TYPED),
    "one-line-less": (block(CLIENT.partition("\n")[0], GOOD), TYPED),
    "entities-twice": (block(CLIENT.replace("&", "&amp;"), GOOD), TYPED),
    "tab-for-spaces-in-code": (block(CLIENT.replace(" web", "\tweb"), GOOD), TYPED),
    "no-badge": (block(CLIENT, ""), "a block without its badge"),
    "prose-before-badge": (block(CLIENT, f"<p>But</p>{GOOD}"), "a block without its badge"),
    "text-before-badge": (block(CLIENT, f"But {GOOD}"), "a block without its badge"),
    "badge-inside-other-box": (
        f'<div class="admonition">{block(CLIENT, "")}</div>{GOOD}',
        "a block without its badge",
    ),
    "badge-of-another": (block(CLIENT, badge("outputs ssh/keep_alive.client.out")), "with the badge of"),
    "badge-of-nothing": (block(CLIENT, badge("regions ssh/gone.sh")), "which is not in the book"),
    "badge-without-name": ('<p class="proof">proven</p>', "a badge that names nothing"),
    "badge-of-other-state": (
        block(CLIENT, badge("regions ssh/keep_alive.sh:client", "failing", "proven")),
        "does not visibly say",
    ),
    "badge-says-other-state": (
        block(CLIENT, badge("regions ssh/keep_alive.sh:client", "proven", "unproven")),
        "does not visibly say",
    ),
    "badge-of-other-day": (block(CLIENT, GOOD.replace("2026-11-18", "2026-11-19")), "says 2026-11-19"),
    "badge-of-other-effect": (
        block(CLIENT, GOOD.replace("<b>", '<span class="effect">destroys</span><b>')),
        "says destroys",
    ),
    "badge-under-nothing": (f"<p>Trust me.</p>{GOOD}", "a badge under no block"),
    "badge-with-code": (
        block(CLIENT, GOOD.replace("proven</b>", "proven</b> <code>rm -rf /</code>")),
        "holds code",
    ),
    "badge-with-lines": (
        block(CLIENT, GOOD.replace("proven</b>", "proven</b><br>sudo reboot")),
        "holds code",
    ),
    "part-of-block-hidden": (
        CLIENT_BLOCK.replace('class="c1"', 'class="gone"'),
        "part of a block is not shown as it is",
    ),
    "part-of-block-struck": (
        CLIENT_BLOCK.replace('<span class="c1">', "<del>").replace("</span>\n</code>", "</del>\n</code>"),
        "part of a block is not shown as it is",
    ),
    "not-run-without-reason": (NOT_RUN_BLOCK.replace(f": {NOT_RUN}", ""), "does not visibly say 'not run:"),
    "not-run-other-reason": (NOT_RUN_BLOCK.replace(NOT_RUN, "no time"), "does not visibly say 'not run:"),
    "not-run-reason-in-comment": (
        NOT_RUN_BLOCK.replace(NOT_RUN, f"<!-- {NOT_RUN} -->"),
        "does not visibly say 'not run:",
    ),
    "not-run-reason-folded": (
        NOT_RUN_BLOCK.replace(f"not run: {NOT_RUN}</b></summary>", f"</b></summary>not run: {NOT_RUN}"),
        "does not visibly say 'not run:",
    ),
    "not-run-reason-hidden": (NOT_RUN_BLOCK.replace("<b>", "<b hidden>"), "does not visibly say 'not run:"),
    "not-run-reason-aria-hidden": (
        NOT_RUN_BLOCK.replace("<b>", '<b aria-hidden="true">'),
        "does not visibly say 'not run:",
    ),
    "not-run-reason-hidden-by-class": (
        NOT_RUN_BLOCK.replace("<b>", '<b class="gone">'),
        "does not visibly say 'not run:",
    ),
    "not-run-reason-hidden-by-theme-class": (
        NOT_RUN_BLOCK.replace("<b>", '<b class="headerlink">'),
        "does not visibly say 'not run:",
    ),
    "code-of-two-lines": ("<p>Run <code>rm -rf\n/</code></p>", TYPED),
    "code-with-br": ("<p>Run <code>rm<br>mkfs</code></p>", TYPED),
    "code-alone-in-paragraph": ("<p><code>rm -rf /</code></p>", TYPED),
    "code-alone-in-strong": ("<p><strong><code>rm -rf /</code></strong></p>", TYPED),
    "code-alone-in-blockquote": ("<blockquote><code>rm -rf /</code></blockquote>", TYPED),
    "code-alone-in-definition": ("<dl><dt>a</dt><dd><code>rm -rf /</code></dd></dl>", TYPED),
    "code-alone-in-figure": ("<figure><code>rm -rf /</code></figure>", TYPED),
    "code-alone-with-odd-space": ("<p><code>rm\u00a0-rf\u2800/</code></p>", TYPED),
    "code-beside-code": ("<p><code>rm</code><code>-rf</code></p>", TYPED),
    "codes-joined-by-br": ("<p><code>ls</code><br><code>id</code></p>", TYPED),
    "code-and-a-colon": ("<p>: <code>rm -rf /</code></p>", TYPED),
    "kbd-alone": ("<p><kbd>rm -rf /</kbd></p>", TYPED),
    "samp-alone": ("<p><samp>rm -rf /</samp></p>", TYPED),
    "code-in-cell": (
        "<table><tr><td><code>rm -rf /</code></td></tr></table>",
        "a line that nothing proven has",
    ),
    "code-in-item": ("<ul><li><code>rm -rf /</code></li></ul>", "a line that nothing proven has"),
    "code-in-item-above-prose": (
        "<ul><li><code>rm -rf /</code><p>Text</p></li></ul>",
        "a line that nothing proven has",
    ),
    "code-in-term": ("<dl><dt><code>rm -rf /</code></dt></dl>", "a line that nothing proven has"),
    "part-of-a-word-in-item": ("<ul><li><code>git lo</code></li></ul>", "a line that nothing proven has"),
    "part-of-a-path-in-item": (
        "<ul><li><code>&lt;pid&gt; on web</code></li></ul>",
        "a line that nothing proven has",
    ),
    "not-run-line-in-item": (
        "<ul><li><code>ssh web sudo reboot</code></li></ul>",
        "a line that nothing proven has",
    ),
    "class-set-like-code": ('<p class="typed">rm -rf /</p>', TYPED),
    "style-set-like-code": ('<p style="white-space:pre">rm</p>', f"style= {ELEMENT}"),
    "code-as-block": ('<p>So <code style="display:block">rm -rf</code></p>', f"style= {ELEMENT}"),
    "hidden": ("<p hidden>x</p>", f"hidden= {ELEMENT}"),
    "event-handler": ('<p onclick="x()">x</p>', f"onclick= {ELEMENT}"),
    "copy-of-other-text": ('<p data-clipboard-text="rm -rf /">x</p>', f"data-clipboard-text= {ELEMENT}"),
    "input": ('<p><input value="rm -rf /"></p>', f"<input> {ELEMENT}"),
    **{
        tag: (f"<{tag}>rm -rf /</{tag}>", f"<{tag}> {ELEMENT}")
        for tag in [
            "textarea",
            "xmp",
            "listing",
            "plaintext",
            "iframe",
            "object",
            "template",
            "script",
            "style",
            "tt",
            "center",
            "font",
            "noscript",
            "button",
            "select",
            "math",
            "meta",
            "link",
            "embed",
            "dialog",
            "canvas",
        ]
    },
    "svg-text": ("<svg><text>rm -rf /</text></svg>", f"<text> {ELEMENT}"),
    "svg-foreign": ("<svg><foreignObject><p>rm</p></foreignObject></svg>", f"<foreignobject> {ELEMENT}"),
    "meta-refresh": ('<meta http-equiv="Refresh" content="0;url=/x">', "leads the reader elsewhere"),
    "end-of-article": ("</article><p>x</p><article>", "closes what the article did not open"),
    "end-of-parent": ("</div><p>x</p><div>", "closes what the article did not open"),
    "prompt": ("<p>$ rm -rf /</p>", "a typed command"),
    "prompt-with-host": ("<p>root@web:~# reboot</p>", "a typed command"),
    "root-prompt-in-second-line": ("<p>So:<br># reboot</p>", "a typed command"),
    "prompt-with-host-in-second-line": ("<p>So:<br>root@web:~# reboot</p>", "a typed command"),
    "lines-of-commands": ("<p>Run<br>sudo reboot<br></p>", "a typed command"),
    "lines-of-commands-in-bold": ("<p><b>Run<br>sudo reboot</b></p>", "a typed command"),
    "lines-of-commands-in-code": ("<p>Run<br><code>sudo</code> reboot</p>", "a typed command"),
    "lines-of-programs": ("<div>git push --force<br>git gc</div>", "a typed command"),
    "title-with-command": (
        CLIENT_BLOCK.replace("<pre>", '<span class="filename">sudo rm -rf /</span><pre>'),
        "a command as the title",
    ),
    "diagram-without-type": ('<pre class="mermaid">rm -rf /</pre>', "starts with no type of diagram"),
    "diagram-with-command": ('<pre class="mermaid">graph LR\nrm -rf /</pre>', "a command in a diagram"),
    "diagram-with-prompt": ('<pre class="mermaid">graph LR\nA["$ reboot"]</pre>', "a command in a diagram"),
    "diagram-with-sudo": ('<pre class="mermaid">graph LR\nA[sudo reboot]</pre>', "a command in a diagram"),
}


@pytest.mark.parametrize(("body", "what"), CANARIES.values(), ids=CANARIES)
def test_untrue_blocks_are_found(judge: Judge, body: str, what: str) -> None:
    """Each way to put an unproven block, or a false badge, on a page is a finding on its page and line."""
    findings = judge(body)
    found = [finding for finding in findings if what in finding.what]
    assert found, findings
    assert found[0].page == "ssh/keep-alive/index.html"
    assert found[0].line >= 20
    assert found[0].do


HONEST = {
    "the-book-itself": "",
    "a-block-twice": CLIENT_BLOCK,
    "a-block-in-tabs": f'<div class="tabbed-set"><div class="tabbed-block">{CLIENT_BLOCK}</div></div>',
    "a-block-in-an-item": f"<ul><li><p>So</p>{CLIENT_BLOCK}</li></ul>",
    "an-output-in-an-admonition": f'<div class="admonition"><p>Seen</p>{OUTPUT_BLOCK}</div>',
    "a-not-run-block-with-its-reason": NOT_RUN_BLOCK,
    "a-not-run-reason-unfolded": NOT_RUN_BLOCK.replace("<details", "<details open").replace(
        f"not run: {NOT_RUN}</b></summary>", f"</b></summary>not run: {NOT_RUN}"
    ),
    "a-block-with-a-title": CLIENT_BLOCK.replace(
        "<pre>", '<span class="filename">~/.ssh/config, on web</span><pre>'
    ),
    "a-block-with-line-numbers": (
        '<div class="highlight"><table class="highlighttable"><tr><td class="linenos"><div class="linenodiv">'
        '<pre><span></span><span class="normal">1</span>\n<span class="normal">2</span></pre></div></td>'
        f'<td class="code"><div>{block(CLIENT, "")}</div></td></tr></table></div>{GOOD}'
    ),
    "code-in-prose": "<p>Say <code>ssh -G web</code> first; <code>id</code> too.</p><p><code>sshd</code></p>",
    "lines-of-the-book-in-items": "<ul><li><code>git log</code></li><li><code>process 1</code> runs</li></ul>",
    "part-of-a-line-in-a-cell": (
        '<table><tr><td style="text-align: left;"><code>-o ServerAliveInterval=60</code></td></tr></table>'
    ),
    "a-line-before-a-full-stop": "<ul><li><code>on web.lan</code></li></ul>",
    "a-word-in-an-item": "<ul><li><code>sshd_config</code></li></ul>",
    "a-prompt-in-prose": "<p>Lines that start with <code>$ ls</code> or <strong># ls</strong>.</p>",
    "tabs": '<div class="tabbed-set"><input id="t" name="t" type="radio"><label for="t">A</label></div>',
    "a-task-list": '<ul><li><label><input type="checkbox" disabled> x</label></li></ul>',
    "a-copy-of-the-block": f'<p data-clipboard-text="{html.escape(CLIENT)}">Copy</p>',
    "keys": '<p><span class="keys"><kbd>Ctrl</kbd><span>+</span><kbd>C</kbd></span></p>',
    "an-icon": '<p><span class="twemoji"><svg viewBox="0 0 24 24"><title>x</title><path d="M1"/></svg></span></p>',
    "prose-that-starts-like-a-command": "<p>git is a tool.\nsudo is another.</p><p>find it<br>under the tree</p>",
    "a-page-that-shows-what-authors-write": '<p>Write <code>--8&lt;-- "ssh/x.sh:y"</code> in a fence.</p>',
    "a-code-heading-that-the-page-shows": '<h2 id="x">Use <code>ServerAliveInterval</code></h2>',
}


@pytest.mark.parametrize("body", HONEST.values(), ids=HONEST)
def test_honest_pages_pass(judge: Judge, body: str) -> None:
    """What the generators make of honest Markdown gives no finding."""
    assert judge(body) == []


def test_a_finding_names_what_comes_nearest(book: TinyBook) -> None:
    """A block that differs from a region by one word is found with its line and the name of that region."""
    book.add(block(CLIENT.replace("60", "90"), GOOD))
    finding = next(f for f in book.inspect() if TYPED in f.what)
    assert finding.nearest == "ssh/keep_alive.sh:client"
    line = book.page.read_text().splitlines()[finding.line - 1]
    assert "<pre>" in line
    assert "=90" in line
    assert str(finding).startswith(f"ssh/keep-alive/index.html:{finding.line}: a block")


def test_a_local_mermaid_draws_a_diagram(book: TinyBook) -> None:
    """A diagram passes with a local script, and is a finding where the theme would fetch one from elsewhere."""
    book.add('<pre class="mermaid"><code>graph LR\n  ssh --&gt; git\n  A[git push] --&gt; B</code></pre>')
    assert [f.what for f in book.inspect()] == ["Mermaid would be fetched from another host"]
    book.write("site/assets/mermaid.js", "")
    book.edit(
        "site/ssh/keep-alive/index.html", "</body>", '<script src="../../assets/mermaid.js"></script></body>'
    )
    assert book.inspect() == []

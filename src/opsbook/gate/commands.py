"""Commands outside blocks: in prose that looks like a terminal, and in diagrams."""

import re
from collections.abc import Iterator

from opsbook.gate.findings import HERE, INCLUDE, Finding
from opsbook.gate.page import CODE, INLINE, Built, classes, is_a, own_text
from opsbook.gate.site import Site

DIAGRAM = re.compile(
    r"(?:flowchart|graph|sequenceDiagram|classDiagram|stateDiagram(?:-v2)?|erDiagram|gitGraph|journey|gantt|pie|"
    r"timeline|mindmap|quadrantChart)\b"
)
PROGRAMS = (  # without those that are plain English words, such as find and make
    r"apt(?:-get)?|bash|chmod|chown|cp|curl|dd|docker|echo|git|ip|losetup|lsblk|mkdir|mkfs[.\w]*|mv|mysql|mariadb|"
    r"parted|pip3?|python3?|rm|rsync|scp|sed|sftp|ssh(?:-[\w-]+)?|sshd|systemctl|tee|umount|wget"
)

_PROMPT = re.compile(r"\s*(?:[$%#>]|\w[\w-]*@[^\s:]+(?::\S*)?\s?[$#%])\s+\S")
_COMMAND = re.compile(
    rf"\s*(?:[$%#]\s+\S|sudo\s+\S|(?:{PROGRAMS})\s+(?!--[->]|-\.|==|[-o<x]-|:::|@|is\b|:)\S)"
)
_IN_DIAGRAM = re.compile(r"[\[({|>\"':;]\s*(?:\$\s+\S|sudo\s+\S)")


def transcripts(site: Site, page: Built) -> Iterator[Finding]:
    """Yield prose that looks like a terminal: a prompt, or lines broken by <br> that start with a command."""
    for node in page.plain:
        if "filename" in classes(node) and _COMMAND.match(node.text_content()):
            yield page.finding(node, "a command as the title of a block", INCLUDE)
        if is_a(node, INLINE) or node.tag in {"pre", *CODE}:
            continue
        pattern = _COMMAND if node.find(".//br") is not None else _PROMPT
        for line in own_text(node).split("\n"):
            if _PROMPT.match(line) or pattern.match(line):
                what = f"a typed command: {line.strip()[:60]!r}"
                yield page.finding(node, what, INCLUDE, site.nearest(line))


def diagrams(page: Built) -> Iterator[Finding]:
    """Yield diagrams that are none, hold commands, or would have Mermaid fetched from elsewhere."""
    local = any("mermaid" in (node.get("src") or "") for node in page.tree.iter("script"))
    for node in (pre for pre in page.tree.iter("pre") if "mermaid" in classes(pre)):
        text = node.text_content().strip()
        if not DIAGRAM.match(text):
            yield page.finding(
                node, "a diagram that starts with no type of diagram", "start with graph, or such"
            )
        for line in text.splitlines():
            if _COMMAND.match(line) or _IN_DIAGRAM.search(line):
                yield page.finding(node, f"a command in a diagram: {line.strip()[:60]!r}", INCLUDE)
        if not local:
            yield page.finding(node, "Mermaid would be fetched from another host", HERE)

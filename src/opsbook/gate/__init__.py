"""The gate: the built HTML against the book and its proof; whatever is not proven is a finding.

Sees what a reader's browser gets, so it trusts no generator, no Markdown and no badge. It says yes to known
forms and no to all others: an element, attribute or address that a page has no need of is a finding too.
"""

from opsbook.gate.findings import Finding
from opsbook.gate.inspection import inspect

__all__ = ["Finding", "inspect"]

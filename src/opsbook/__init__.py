"""Opsbook: an ops notebook whose every block was run.

`labs` are the real components, `book` is the notebook as data, `proof` is what was proven;
`markdown` shows it, `pytest_plugin` earns it, `replay` walks a page, `gate` guards the site.
"""

"""Workflows, .ci/run and the Makefile: whether they still run tests and gate, and keep their failures."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from opsbook.gate.findings import DROP, Finding, line_of

_OFF = re.compile(r"\s*(?:\$\{\{)?\s*(?:false|!\s*true|0|''|none)\s*(?:\}\})?\s*", re.IGNORECASE)
_SWALLOWED = re.compile(
    r"^[^#\n]*?(\|\|\s*(?:true|:|exit 0|echo)|\bset \+\w*e|\bif make\b|;\s*true\b)", re.MULTILINE
)
_GOALS = {  # what a line of a script must run, and keep its failure
    "tests": r"make\b[^|;&\n]*\btest",
    "gate": r"(?:make\b[^|;&\n]*\bsite|opsbook gate)",
    "ci": r"(?:^|(?<=[\s/]))\.ci/run",
}


def unplugged(root: Path) -> Iterator[Finding]:
    """Yield each way in which CI no longer stands between a broken book and its readers."""
    folder, script, makefile = root / ".github/workflows", root / ".ci/run", root / "Makefile"
    flows = {path: workflow(path.read_text()) for path in folder.glob("*.y*ml")}
    for path, flow in flows.items():
        yield from excuses(path.relative_to(root).as_posix(), path.read_text(), flow)
    if folder.is_dir() and not any(guards(flow, has_script=script.exists()) for flow in flows.values()):
        what = "no workflow runs tests and gate on each push and pull request, and before it deploys"
        yield Finding(".github/workflows", 1, what, "", "run .ci/run in a job and a step without an if")
    if script.exists():
        text = script.read_text()
        yield from excuses(".ci/run", text, {})
        if not (runs(text, "tests") and runs(text, "gate") and requires_all(text)):
            do = "OPSBOOK_REQUIRE=all make test; make site"
            yield Finding(".ci/run", 1, "tests or gate are not run", "", do)
        if not re.search(r"^(?:#!.*|\s*set) -\w*e", text, re.MULTILINE):
            yield Finding(".ci/run", 1, "it goes on after a failure", "", "set -e")
    recipe = re.compile(r"^\t@?(?!echo|printf)[$\w][^|;&\n]* gate\b[^|;&\n]*$", re.MULTILINE)
    if makefile.exists() and not recipe.search(makefile.read_text()):
        yield Finding("Makefile", 1, "no recipe runs the gate", "", "opsbook gate, its failure kept")


def workflow(text: str) -> Mapping[Any, Any]:
    """Return a workflow as data, empty where it is none: then it guards nothing."""
    try:
        flow = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    return flow if isinstance(flow, dict) else {}


def excuses(path: str, text: str, flow: Mapping[Any, Any]) -> Iterator[Finding]:
    """Yield what lets a failure pass, or keeps the work from starting, in a script or a workflow."""
    for found in _SWALLOWED.finditer(text):
        line = text.count("\n", 0, found.end()) + 1
        yield Finding(path, line, f"a failure is swallowed: {found[1]}", "", "let it fail")
    for key, value in settings(flow):
        off = key == "if" and _OFF.fullmatch(str(value))
        if off or (key == "continue-on-error" and value is not False) or key in {"paths", "paths-ignore"}:
            yield Finding(path, line_of(text, f"{key}:"), f"{key}: {value} unplugs it", "", DROP)


def settings(node: Any) -> Iterator[tuple[str, object]]:
    """Yield each key of a YAML tree with its value."""
    for key, value in node.items() if isinstance(node, dict) else ():
        yield str(key), value
        yield from settings(value)
    for item in node if isinstance(node, list) else ():
        yield from settings(item)


def runs(script: str, goal: str) -> bool:
    """Tell whether a line of `script` runs the goal and keeps its failure."""
    plain = rf"^[ \t]*(?!echo|printf|true|false|:|if |! )[^|;#\n]*{_GOALS[goal]}\b[^|;&#\n]*(?:&&[^|;\n]*)?(?:#.*)?$"
    return re.search(plain, script, re.MULTILINE) is not None


def requires_all(text: str) -> bool:
    """Tell whether skipped tests count as failures."""
    return re.search(r"^[^#\n]*OPSBOOK_REQUIRE\W{1,3}all\b", text, re.MULTILINE) is not None


def guards(flow: Mapping[Any, Any], *, has_script: bool) -> bool:
    """Tell whether a workflow runs tests and gate on each push and pull request, and deploys only after them."""
    on = flow.get("on", flow.get(True)) or ()  # YAML 1.1 takes a bare `on` for a truth value
    if not {"push", "pull_request"} <= set(on) or (isinstance(on, dict) and on["pull_request"]):
        return False
    jobs = flow.get("jobs") or {}
    env = yaml.dump(flow.get("env"))
    guarding = {name for name, job in jobs.items() if job_guards(job, env, has_script=has_script)}
    for job in jobs.values():
        needs = [job.get("needs")] if isinstance(job.get("needs"), str) else job.get("needs") or []
        deploys = any("deploy" in str(step.get("uses")) for step in job.get("steps") or ())
        if deploys and (not guarding & set(needs) or "()" in str(job.get("if"))):
            return False  # always() and its like deploy what the gate refused
    return bool(guarding)


def job_guards(job: Mapping[str, Any], env: str, *, has_script: bool) -> bool:
    """Tell whether a job always runs tests and gate, under the variables in `env`."""
    steps = [step for step in job.get("steps") or () if "if" not in step]
    script = "\n".join(str(step.get("run", "")) for step in steps)
    env = "\n".join([script, env, yaml.dump([job.get("env"), *(step.get("env") for step in steps)])])
    by_hand = runs(script, "tests") and runs(script, "gate") and requires_all(env)
    return "if" not in job and (by_hand or (has_script and runs(script, "ci")))

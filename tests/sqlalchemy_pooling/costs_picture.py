"""The picture of what a login, a query and a checkout cost: drawn from a measurement that it carries along."""

import json
import re
from dataclasses import asdict, dataclass
from html import escape, unescape
from pathlib import Path

WIDTH, BAR, LEFT = 480, 30, 196


@dataclass(frozen=True)
class Costs:
    """How many times as long as a checkout each thing took: lowest, median and highest of some rounds; when and where."""

    day: str
    machine: str
    versions: str
    rounds: int
    ratios: dict[str, list[float]]

    def in_order(self) -> list[tuple[str, list[float]]]:
        """Return what was measured, the quickest first."""
        return sorted(self.ratios.items(), key=lambda ratio: ratio[1][1])

    def told(self) -> str:
        """Return the picture in words."""
        parts = [f"{name} {figure(ratio[1])}" for name, ratio in self.in_order()[1:]]
        return f"Times as long as a checkout: {', '.join(parts)}"


def figure(ratio: float) -> str:
    """Return a ratio with about two digits."""
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:.0f}"


def read(picture: Path) -> Costs | None:
    """Return the measurement that a picture was drawn from, None where there is no picture."""
    found = re.search("<metadata>(.*)</metadata>", picture.read_text()) if picture.exists() else None
    return Costs(**json.loads(unescape(found[1]))) if found else None


def bar(place: int, name: str, ratio: list[float], scale: float) -> str:
    """Return one bar as long as the median, its name, its figure, and the lowest and highest of all rounds."""
    top, (low, middle, high) = 16 + BAR * place, ratio
    width = middle * scale
    spread = (
        f' <tspan font-weight="400" font-size="12">({figure(low)} to {figure(high)})</tspan>'
        if low < high
        else ""
    )
    return f"""  <text x="16" y="{top + 15}">{escape(name)}</text>
  <rect x="{LEFT}" y="{top}" width="{width:.1f}" height="20" rx="2" fill="#1b6e3c"/>
  <text x="{LEFT + width + 8:.1f}" y="{top + 15}" font-weight="700">{figure(middle)}{spread}</text>
"""


def draw(costs: Costs) -> str:
    """Return the picture as SVG."""
    ordered = costs.in_order()
    scale = (WIDTH - LEFT - 112) / max(middle for _, (_, middle, _) in ordered)
    bars = "".join(bar(place, name, ratio, scale) for place, (name, ratio) in enumerate(ordered))
    foot = 36 + BAR * len(ordered)
    lines = (
        f"Times as long as a checkout: median of {costs.rounds} rounds (lowest to highest)",
        f"{costs.day}, {costs.machine}",
        costs.versions,
    )
    feet = "".join(
        f'    <text x="16" y="{foot + 18 * n}">{escape(line)}</text>\n' for n, line in enumerate(lines)
    )
    height = foot + 18 * len(lines)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img"
     font-family="system-ui, sans-serif" font-size="15" fill="#1c262b">
  <title>{escape(costs.told())}</title>
  <metadata>{escape(json.dumps(asdict(costs)), quote=False)}</metadata>
  <rect width="{WIDTH}" height="{height}" rx="8" fill="#f6f8fa"/>
{bars}  <g font-size="12" fill="#37474f">
{feet}  </g>
</svg>
"""

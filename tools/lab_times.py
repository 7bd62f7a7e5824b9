"""Print how long each lab takes from nothing to usable, and back: medians of 20 starts, in seconds."""

import statistics
import sys
import time

from opsbook.labs import LABS


def main() -> None:
    """Start each lab (or those named) 20 times, one after the other."""
    for name in sys.argv[1:] or LABS:
        up, down = [], []
        for _ in range(20):
            began = time.perf_counter()
            with LABS[name]():
                ready = time.perf_counter()
            up.append(ready - began)
            down.append(time.perf_counter() - ready)
        print(f"{name}: usable in {statistics.median(up):.3f} s, gone in {statistics.median(down):.3f} s")


if __name__ == "__main__":
    main()

"""`make bench`: every benchmark of this folder, one after the other; `python -m tests.bench NAME …` for some.

Timings are printed beside the bare library's for the same work, never asserted: a figure without a ratio says more
about the machine than about us.
"""

import importlib
import sys
from pathlib import Path


def main() -> None:
    """Runs `main()` of each module named `bench_*.py`."""
    found = sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))
    names, sys.argv[1:] = sys.argv[1:] or found, []
    for name in names:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"tests.bench.bench_{name}").main()


if __name__ == "__main__":
    main()

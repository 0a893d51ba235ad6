"""CPU time of ``import plantwright`` (below .3 s) and ``plantwright --help`` (below .5 s): exits with 1 if it takes longer.

    python benchmarks/startup.py

Each is run several times in a fresh process after one that fills the caches of the disk; the fastest counts, since a busy
machine can only make it slower.
"""

from __future__ import annotations

import subprocess
import sys

RUNS = 7
LIMITS = {
    "import plantwright": ("import plantwright", 0.3),
    "plantwright --help": (
        "import sys; sys.argv = ['plantwright', '--help']; from plantwright.cli import main; main()",
        0.5,
    ),
}
MEASURE = """
import time
try:
    {code}
except SystemExit:
    pass
import sys
print(time.process_time(), file=sys.stderr)
"""


def cpu_seconds(code: str) -> float:
    """User and system time of a fresh interpreter that runs `code`, its own start included."""
    told = subprocess.run(
        [sys.executable, "-c", MEASURE.format(code=code)], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    return float(told.stderr.strip().splitlines()[-1])


def main() -> int:
    """Measure and print; 1 if a limit is passed."""
    slow = 0
    for name, (code, limit) in LIMITS.items():
        cpu_seconds(code)
        best = min(cpu_seconds(code) for _ in range(RUNS))
        slow += best > limit
        print(f"{name:<20} {best:.3f} s of CPU time (limit {limit} s){'  TOO SLOW' if best > limit else ''}")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())

"""How long the engine takes to start: compiled for the first time, and from the cache; CPU time of fresh processes.

    python -m benchmarks.engine_start

An empty folder is the cache. The first process compiles (at most 45 s) and must say so once; the next ones load (at most 1.5 s, the
start of Python and a short simulation counted in); then two compile at once, and both must keep one and the same file whole.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.models import QUEUE

COLD, WARM, REPEATS = 45.0, 1.5, 5
CODE = "import sys; from plantwright.cli import main; main(sys.argv[1:])"


def begin(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """A fresh process of the command line with a cache of its own; its last line of errors is its CPU time."""
    timed = f"import atexit, sys, time; atexit.register(lambda: print(time.process_time(), file=sys.stderr)); {CODE}"
    return subprocess.Popen(
        [sys.executable, "-c", timed, *arguments],
        env=os.environ | {"PLANTWRIGHT_CACHE_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def end(process: subprocess.Popen[str]) -> tuple[float, int]:
    """CPU seconds, and how often it said that it compiles."""
    _, errors = process.communicate()
    if process.returncode != 0:
        raise SystemExit(errors)
    return float(errors.splitlines()[-1]), errors.count("Compiling the simulation engine")


def main() -> int:
    """Measure and print; 1 if a limit is passed."""
    with tempfile.TemporaryDirectory() as name:
        shop = Path(name) / "queue.yaml"
        shop.write_text(QUEUE, encoding="utf-8")
        words = ("simulate", str(shop), "--horizon", "10 d", "--warmup", "1 d", "--replications", "2")
        cold, said = end(begin(Path(name) / "cache", *words))
        warm = [end(begin(Path(name) / "cache", *words)) for _ in range(REPEATS)]
        both = [begin(Path(name) / "another", *words) for _ in range(2)]
        together = [end(process) for process in both]
        kept = list((Path(name) / "another").iterdir())
        seconds = statistics.median(spent for spent, _ in warm)
        size = kept[0].stat().st_size / 1024
    once = said == 1 and all(told == 0 for _, told in warm) and len(kept) == 1
    print(
        f"cold: {cold:.1f} s (at most {COLD:.0f} s); of two at once: {together[0][0]:.1f} s and {together[1][0]:.1f} s"
    )
    print(f"warm: {seconds:.2f} s (at most {WARM} s), median of {REPEATS}; {size:.0f} KB are kept")
    print(f"it said once that it compiles, and kept one file: {'yes' if once else 'NO'}")
    return 0 if cold <= COLD and seconds <= WARM and once else 1


if __name__ == "__main__":
    sys.exit(main())

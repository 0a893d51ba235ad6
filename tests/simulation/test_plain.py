"""The same source as plain Python gives the same bits as the compiled engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from plantwright.plant import read_text
from plantwright.simulation import simulate
from plantwright.simulation.world import PLAIN
from tests.simulation.plants import EVERYTHING

ROOT = Path(__file__).parents[2]
OPTIONS = {"horizon": "84 d", "warmup": "7 d", "replications": 2, "seed": 4}
SCRIPT = f"""
import json
from plantwright.plant import read_text
from plantwright.simulation import simulate
from plantwright.simulation.world import PLAIN
from tests.simulation.plants import EVERYTHING
run = simulate(read_text(EVERYTHING), **{OPTIONS!r})
print(json.dumps([PLAIN, run.events, [[e.name, e.unit, *map(float.hex, e.values)] for e in run.estimates]]))
"""


def test_plain_python_gives_the_same_bits() -> None:
    assert not PLAIN
    run = simulate(read_text(EVERYTHING), **OPTIONS)  # type: ignore[arg-type]
    told = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    plain, events, estimates = json.loads(told.stdout)
    assert plain
    assert events == run.events > 10_000
    assert estimates == [[e.name, e.unit, *map(float.hex, e.values)] for e in run.estimates]

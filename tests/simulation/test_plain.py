"""The same source as plain Python, and compiled with every access checked, gives the same bits as the compiled engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plantwright.plant import read_text
from plantwright.simulation import Run, simulate
from plantwright.simulation.world import PLAIN
from tests.simulation.plants import EVERYTHING

ROOT = Path(__file__).parents[2]
OPTIONS = {"horizon": "84 d", "warmup": "7 d", "replications": 2, "seed": 4}
SCRIPT = f"""
import json
from plantwright.simulation import world
world.BOUNDS_CHECKED = {{checked}}
from plantwright.plant import read_text
from plantwright.simulation import simulate
from plantwright.simulation.world import PLAIN
from tests.simulation.plants import EVERYTHING
run = simulate(read_text(EVERYTHING), **{OPTIONS!r})
print(json.dumps([PLAIN, run.events, [[e.name, e.unit, *map(float.hex, e.values)] for e in run.estimates]]))
"""
OUTSIDE = """
from plantwright.simulation import world
world.BOUNDS_CHECKED = True
from plantwright.plant import read_text
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.compiling import advance
from tests.simulation.plants import EVERYTHING
made = Blueprint(read_text(EVERYTHING), 86400.0, 0.0, 0.0, False).world(1, 0)
made.run.machines[0] += 1
try:
    advance(made)
except IndexError as error:
    print("outside:", error)
"""


def told(script: str, **environment: str) -> str:
    """What a script prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def run() -> Run:
    assert not PLAIN
    return simulate(read_text(EVERYTHING), **OPTIONS)  # type: ignore[arg-type]


@pytest.mark.parametrize("plainly", [True, False], ids=["plain Python", "every access checked"])
def test_the_same_bits(run: Run, plainly: bool) -> None:
    environment = {"NUMBA_DISABLE_JIT": "1"} if plainly else {}
    plain, events, estimates = json.loads(told(SCRIPT.replace("{checked}", str(not plainly)), **environment))
    assert plain == plainly
    assert events == run.events > 10_000
    assert estimates == [[e.name, e.unit, *map(float.hex, e.values)] for e in run.estimates]


def test_an_access_outside_is_found() -> None:
    assert told(OUTSIDE).startswith("outside: ")

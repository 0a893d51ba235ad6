"""Replications elsewhere: what goes to a worker of an executor, another process or machine, and what comes back.

A job is data alone: the plant as it was read, with the texts of the files beside it, how it is made ready, the seed and the numbers of
its replications. The worker makes the plant ready once, runs them, and gives their counts. So nothing that only holds in one
process, such as an address, ever leaves it.
"""

from __future__ import annotations

import pickle
import threading
import zlib
from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from plantwright import __version__
from plantwright.errors import SimulationError
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.collect import Counts
from plantwright.simulation.compiling import source_hash
from plantwright.simulation.uncertainty import Seeds

Workers = int | Executor | None
"""On what replications run: so many threads, as many as there are processors, or an executor."""

MOST_AHEAD = 128
"""So many jobs are promised at once: enough for as many workers, and little to take back when it is stopped."""
_MOST_IN_JOB, _JOBS = 16, 32
_MOST_READY = 4

_ready: dict[str, Blueprint] = {}
_making = threading.Lock()


@dataclass(frozen=True)
class Job:
    """Some replications of one plant. `recipe` is how the plant is made ready (`recipe_of`), `key` its SHA-256, `engine` of which program
    it is, `numbers` count from 0.
    """

    recipe: bytes
    key: str
    engine: str
    seed: int
    numbers: tuple[int, ...]
    between: tuple[float, ...]
    seeds: Seeds


def is_elsewhere(workers: Workers) -> bool:
    """Whether what runs there does not share this process's memory."""
    return isinstance(workers, Executor) and not isinstance(workers, ThreadPoolExecutor)


def engine_of() -> str:
    """What must be the same for two processes to give the same numbers: the version, and a hash of the engine's sources."""
    return f"{__version__} {source_hash()[:16]}"


def jobs_of(
    blueprint: Blueprint, seed: int, numbers: Sequence[int], between: Sequence[float], seeds: Seeds
) -> list[Job]:
    """The jobs that are the replications of these numbers; how they are divided does not change what comes back."""
    recipe = zlib.compress(pickle.dumps(blueprint.recipe, pickle.HIGHEST_PROTOCOL), 1)
    key = sha256(recipe).hexdigest()
    size = max(1, min(_MOST_IN_JOB, len(numbers) // _JOBS))
    parts = [tuple(numbers[k : k + size]) for k in range(0, len(numbers), size)]
    return [Job(recipe, key, engine_of(), seed, part, tuple(between), seeds) for part in parts]


def run_job(job: Job) -> list[Counts]:
    """Run a job where this is called, and give the counts of its replications in order.

    Raises
    ------
    SimulationError
        If this is another version than the one that made the job, or the plant cannot run.
    """
    from plantwright.simulation.replications import Cancel, one

    if job.engine != engine_of():
        raise SimulationError(
            f"a worker runs another version of Plantwright ({engine_of()}) than the one that asks ({job.engine}), and its numbers "
            "might differ; install the same version on every worker"
        )
    blueprint = _made_ready(job)
    return [one(blueprint, job.seed, number, Cancel(), None, job.between, job.seeds) for number in job.numbers]


def _made_ready(job: Job) -> Blueprint:
    with _making:
        known = _ready.pop(job.key, None)
        if known is None:
            arguments, options = _opened(job.recipe)
            known = Blueprint(*arguments, **options)
        _ready[job.key] = known
        while len(_ready) > _MOST_READY:
            del _ready[next(iter(_ready))]
    return known


def _opened(recipe: bytes) -> Any:
    return pickle.loads(zlib.decompress(recipe))

"""Replications elsewhere: what goes to a worker of an executor, another process or machine, and what comes back.

That is data alone: a recipe, which all jobs of a plant share (the plant as it was read, with the texts of the files beside it, and how it is
made ready), and in each job the seed and the numbers of its replications. The worker makes the plant ready once, runs them, and
gives their counts. So nothing that only holds in one process, such as an address, ever leaves it.
"""

from __future__ import annotations

import pickle
import sys
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from plantwright import __version__
from plantwright.errors import Interrupted, PlantwrightError
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.collect import Counts
from plantwright.simulation.compiling import source_hash
from plantwright.simulation.uncertainty import Seeds

if TYPE_CHECKING:
    from plantwright.simulation.replications import Cancel

Workers = int | Executor | None
"""On what replications run: so many threads, as many as there are processors, or an executor."""

MOST_AHEAD = 256
"""So many jobs are promised at once: enough for as many workers, and little to take back when it is stopped."""
_MOST_IN_JOB, _JOBS = 4, 256
_MOST_READY = 4
_LOOK_SECONDS = 0.1

_ready: dict[str, Blueprint] = {}
_making = threading.Lock()
_given_up: ContextVar[Callable[[], bool] | None] = ContextVar("given_up", default=None)


class OtherVersionError(PlantwrightError):
    """A worker that runs other versions than the program that asks, so that its numbers might differ."""

    code = "PW1938"


@dataclass(frozen=True)
class Job:
    """Some replications of one plant. `key` is the SHA-256 of its recipe, `program` whose job it is (`program_here`), `numbers` count from 0."""

    key: str
    program: str
    seed: int
    numbers: tuple[int, ...]
    between: tuple[float, ...]
    seeds: Seeds


def is_elsewhere(workers: Workers) -> bool:
    """Whether what runs there does not share this process's memory."""
    return isinstance(workers, Executor) and not isinstance(workers, ThreadPoolExecutor)


@cache
def versions_here() -> dict[str, str]:
    """The versions that two processes must share to give the same bits: of Plantwright, of Python, and of what does the arithmetic."""
    python = ".".join(map(str, sys.version_info[:2]))
    return {"plantwright": __version__, "python": python} | {name: version(name) for name in ("numba", "numpy")}


@cache
def program_here() -> str:
    """These versions in one line, and a hash of the engine's sources."""
    return f"{', '.join(map(' '.join, versions_here().items()))}, engine {source_hash()[:16]}"


def recipe_of(blueprint: Blueprint) -> bytes:
    """How a plant is made ready, for `run_job`."""
    return zlib.compress(pickle.dumps(blueprint.recipe, pickle.HIGHEST_PROTOCOL), 1)


def jobs_of(recipe: bytes, seed: int, numbers: Sequence[int], between: Sequence[float], seeds: Seeds) -> list[Job]:
    """The jobs that are the replications of these numbers; how they are divided does not change what comes back."""
    key = sha256(recipe).hexdigest()
    size = max(1, min(_MOST_IN_JOB, len(numbers) // _JOBS))
    parts = [tuple(numbers[k : k + size]) for k in range(0, len(numbers), size)]
    return [Job(key, program_here(), seed, part, tuple(between), seeds) for part in parts]


def run_job(job: Job, recipe: bytes) -> list[Counts]:
    """Run a job where this is called, and give the counts of its replications in order.

    Raises
    ------
    OtherVersionError
        If this is another program than the one that made the job.
    SimulationError
        If the plant cannot run.
    Interrupted
        If nobody waits for it any more, as far as who runs it says so (`heeding`).
    """
    from plantwright.simulation.replications import one

    if job.program != program_here():
        raise OtherVersionError(
            f"a worker runs another program ({program_here()}) than the one that asks ({job.program}), and its numbers might differ; "
            "install the same versions on every worker"
        )
    blueprint = _made_ready(job.key, recipe)
    with _stopped_when_given_up() as cancel:
        made = [one(blueprint, job.seed, number, cancel, None, job.between, job.seeds) for number in job.numbers]
    if cancel.stopped:
        raise Interrupted("nobody waits for it any more")
    return made


@contextmanager
def heeding(is_given_up: Callable[[], bool]) -> Iterator[None]:
    """Let jobs that run within the block look, some times a second, whether nobody waits for them any more."""
    token = _given_up.set(is_given_up)
    try:
        yield
    finally:
        _given_up.reset(token)


@contextmanager
def _stopped_when_given_up() -> Iterator[Cancel]:
    """A word for the engine that is said when the job is given up; the engine holds its own thread, so another one looks."""
    from plantwright.simulation.replications import Cancel

    cancel, over, is_given_up = Cancel(), threading.Event(), _given_up.get()

    def look() -> None:
        while is_given_up is not None and not over.wait(_LOOK_SECONDS):
            if is_given_up():
                return cancel.stop()

    if is_given_up is not None:
        threading.Thread(target=look, name="plantwright looks for who waits", daemon=True).start()
    try:
        yield cancel
    finally:
        over.set()


def _made_ready(key: str, recipe: bytes) -> Blueprint:
    with _making:
        known = _ready.pop(key, None)
        if known is None:
            arguments, options = pickle.loads(zlib.decompress(recipe))
            known = Blueprint(*arguments, **options)
        _ready[key] = known
        while len(_ready) > _MOST_READY:
            del _ready[next(iter(_ready))]
    return known

"""Simulate a plant: replications on threads or elsewhere, warm-up, and the result."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from plantwright import __version__
from plantwright.plant import fingerprint
from plantwright.plant.plant import Plant
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.buckets import edges, estimates_by_bucket
from plantwright.simulation.collect import Collector, Counts
from plantwright.simulation.coverage import not_simulated
from plantwright.simulation.details import Details, told_of
from plantwright.simulation.executing import Workers
from plantwright.simulation.histories import LogTo, Recorder
from plantwright.simulation.replications import Cancel, replicate
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.spans import (
    FROM_THE_START,
    SATURATED,
    at_least_two,
    find_lots,
    find_warmup,
    horizon_of,
    only_orders,
    seconds_of,
)
from plantwright.simulation.statistics import relative_half_width
from plantwright.simulation.trust import not_told, trust_of
from plantwright.simulation.uncertainty import uncertain_numbers
from plantwright.simulation.window import window_of

HEADLINES = ("throughput", "sales", "work in process", "cycle time", "on-time share")
"""What `precision` is asked of, for the plant as a whole."""
MOST_REPLICATIONS = 1000

Progress = Callable[[int, int], None]


def simulate(
    plant: Plant,
    *,
    horizon: str | float = "auto",
    warmup: str | float = "auto",
    replications: int = 20,
    seed: int = 1,
    level: float = 0.95,
    saturated: bool = False,
    lots: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    precision: str | float | None = None,
    most_replications: int = MOST_REPLICATIONS,
    bucket: str | float | None = None,
    log: LogTo | None = None,
    log_replication: int = 1,
    details: bool = False,
    executor: Executor | None = None,
) -> Run:
    """Simulate a plant.

    Parameters
    ----------
    plant : Plant
    horizon : str or float
        How long to count, after the warm-up: text with a unit, or seconds; ``"auto"`` as `horizon_of` takes it.
    warmup : str or float
        How long to run before counting: text, seconds, or ``"auto"`` for MSER-5 (White 1997) on the work in process and the
        output of a pilot run, at least three mean cycle times (one if saturated) but no more of them than the horizon, and five
        times as long as the plant remembers, rounded up to whole weeks where the plant has shifts. A plant released by an order
        list starts empty and is counted from the start.
    replications : int
        Independent repetitions, at least 2; each differs in its random draws alone.
    seed : int
        The same seed gives the same result to the bit, on any number of threads or workers; two plants with the same seed see the same
        luck where they are the same.
    level : float
        Confidence level of the Student intervals.
    saturated : bool
        Give the plant more lots than it can work on, in the mix of the demand: its capacity.
    lots : int, optional
        How many lots are kept in process when saturated; if not given, so many that twice as many would bring no more
        (`find_lots`), and the run's options say how many.
    threads : int, optional
        As many as there are processors, if not given.
    progress : callable, optional
        Called with the replications done and their number.
    cancel : Cancel, optional
        Stops the run from another thread; Ctrl-C does the same. The replications that were done are the result, marked as
        partial.
    precision : str or float, optional
        ``"1 %"`` or 0.01: blocks of so many `replications` are added until the interval of every headline (`HEADLINES`) is at most
        so wide to either side, relative to its mean. The blocks do not depend on the number of threads. To look again and again
        and to stop as soon as it fits makes intervals a little too narrow, the less so the larger the blocks.
    most_replications : int
        Where that is given up; the run then says which intervals are wider (`Run.wider`).
    bucket : str or float, optional
        Count by bucket of time as well, such as ``"1 wk"``: `Run.buckets`. Buckets begin with the end of the warm-up.
    log : LogTo, optional
        Takes the log of one replication, frame by frame, with the columns of `Event` and the local date and time; it begins with
        the warm-up. Memory does not grow with it.
    log_replication : int
        Whose log that is, from 1 on.
    details : bool
        Also tell what people did with their time (``time of people``) and how long lots waited before each operation (``queue time``).
        Every event is looked at, which takes several times the time.
    executor : concurrent.futures.Executor, optional
        Runs the replications in place of threads: other processes, or a cluster such as Dask's (``client.get_executor()``), whose workers have
        the same version of Plantwright. It gets data alone (the plant, seed and numbers of replications), gives counts back, and the
        result is the same to the bit. It stays open. Replications with a log or `details` run on threads here.

    Returns
    -------
    Run

    Raises
    ------
    SimulationError
        If the plant locks up, or nothing starts lots of a product.
    Interrupted
        If it was stopped before two replications were done.
    """
    if replications < 2:
        raise ValueError(f"replications: {replications}: at least 2 are needed for an interval")
    if log is not None and not 1 <= log_replication <= replications:
        raise ValueError(f"log_replication: {log_replication}: there are {replications} replications")
    span = horizon_of(plant, horizon)
    cancel = cancel or Cancel()
    workers: Workers = threads if executor is None else executor
    rule, steady = ("given", True)
    kept = (lots or find_lots(plant, span, seed, workers, cancel)) if saturated else None
    if warmup == "auto":
        length, rule, steady = find_warmup(plant, span, seed, kept, workers, cancel)
    else:
        length = seconds_of(warmup)
    blueprint = Blueprint(plant, length + span, length, 0.0, saturated, kept)
    window = window_of(plant, length, length + span)
    sinks = (
        {log_replication - 1: Recorder(log, blueprint.in_replication(seed, log_replication - 1).last)}
        if log is not None
        else {}
    )
    between = edges(plant, length, length + span, seconds_of(bucket)) if bucket is not None else []
    asked = share_of(precision) if precision is not None else None
    most = max(replications, most_replications) if asked is not None else replications
    counts: list[Counts] = []
    started = 0
    looks: dict[int, Details] = {}
    while True:
        block = range(started, min(started + replications, most))
        if details:
            looks |= {r: Details(length, sinks.get(r)) for r in block}
        counts += replicate(
            blueprint,
            seed,
            block,
            threads=workers,
            cancel=cancel,
            progress=_shifted(progress, started, most),
            sinks={**sinks, **looks},
            between=between,
        )
        started = block.stop
        collector = Collector(blueprint.last.plant, window, at_least_two(counts), level)
        estimates = collector.all()
        if details:
            estimates += told_of(blueprint.last, window, [looks[c.replication] for c in counts], level)
        wider = _wider(estimates, asked)
        if not wider or started >= most or cancel.stopped:
            break
    run = Run(
        plant=fingerprint(plant),
        name=plant.name,
        trust="sketch",
        seed=seed,
        replications=len(counts),
        level=level,
        horizon=span,
        warmup=length,
        warmup_rule=rule,
        not_simulated=not_simulated(plant),
        uncertain=uncertain_numbers(plant),
        estimates=estimates,
        unknown=collector.unknown | not_told(plant),
        options=_options(saturated, kept, asked, most, replications, bucket),
        version=__version__,
        working_days=window.days,
        events=sum(c.events for c in counts),
        partial=len(counts) < started or (bool(wider) and started < most),
        steady=steady,
        precision=asked,
        wider=wider,
        buckets=estimates_by_bucket(blueprint, between, counts, level) if between else (),
    )
    return replace(run, trust=trust_of(plant, run)[0])


def _options(
    saturated: bool, kept: int | None, asked: float | None, most: int, block: int, bucket: str | float | None
) -> dict[str, object]:
    """What was asked of a run beside its spans and its luck."""
    options: dict[str, object] = {"saturated": saturated}
    if kept:
        options["lots in process"] = kept
    if asked is not None:
        options |= {"precision": asked, "most replications": most, "block of replications": block}
    if bucket is not None:
        options["bucket"] = seconds_of(bucket)
    return options


def share_of(text: str | float) -> float:
    """A share given as text (``"1 %"``) or as a number, more than nothing. Raises ValueError for one that is not."""
    from plantwright.units import read

    share = read(text, "share") if isinstance(text, str) else float(text)
    if not 0 < share < 1:
        raise ValueError(f"precision: {text!r}: must be between 0 % and 100 %")
    return share


def _wider(estimates: tuple[Estimate, ...], asked: float | None) -> dict[str, float]:
    """The headlines whose intervals are wider than is asked, each with the half of its interval relative to its mean."""
    if asked is None:
        return {}
    headlines = [e for e in estimates if e.name in HEADLINES and not e.of and e.quantile is None]
    return {e.name: share for e in headlines if (share := relative_half_width(e)) > asked}


def _shifted(progress: Progress | None, before: int, total: int) -> Callable[[int], None] | None:
    if progress is None:
        return None
    return lambda done: progress(before + done, total)


__all__ = [
    "FROM_THE_START",
    "HEADLINES",
    "SATURATED",
    "Cancel",
    "Progress",
    "find_lots",
    "find_warmup",
    "horizon_of",
    "only_orders",
    "seconds_of",
    "share_of",
    "simulate",
]

"""What a study simulated, kept so that another can go on from it without simulating it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantwright import __version__
from plantwright.errors import InputError, Place, Problem
from plantwright.improvement.bench import Bench
from plantwright.plant import fingerprint
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.trials import Trial

FORM = 1
_BESIDE = ("use of people", "state share")


def kept(bench: Bench) -> dict[str, Any]:
    """Everything that was simulated, as a JSON document: under which conditions, and the numbers of each trial by its key."""
    return {
        "form": FORM,
        "version": __version__,
        "plant": fingerprint(bench.plant),
        "horizon": bench.horizon,
        "seed": bench.seed,
        "lots": bench.lots,
        "warmup": {_word(kind): value for kind, value in bench.warmup.items()},
        "rule": {_word(kind): value for kind, value in bench.rule.items()},
        "steady": {_word(kind): value for kind, value in bench.steady.items()},
        "trials": {key: _trial(bench, trial) for key, trial in bench.trials.items() if trial.done},
    }


def _word(saturated: bool) -> str:
    return "saturated" if saturated else "released"


def _trial(bench: Bench, trial: Trial) -> dict[str, Any]:
    whole = trial.plant is bench.plant
    return {
        "replications": trial.done,
        "working days": trial.working_days,
        "events": trial.events,
        "unknown": dict(trial.unknown),
        "estimates": [
            [name, dict(of), unit, quantile, list(values)]
            for name, of, unit, values, quantile in trial.subjects()
            if whole or (quantile is None and (not of or name in _BESIDE))
        ],
    }


def take(bench: Bench, document: Mapping[str, Any]) -> None:
    """Let a bench go on from what another kept.

    Raises InputError with all that does not fit: another plant, version, horizon or seed, or nothing kept.
    """
    problems = _misfits(bench, document)
    if problems:
        raise InputError(problems)
    before = document["kept"]
    bench.lots = before["lots"]
    for name in ("warmup", "rule", "steady"):
        setattr(bench, name, {word == "saturated": value for word, value in before[name].items()})
    bench.known = {key: _run(bench, trial) for key, trial in before["trials"].items()}


def _misfits(bench: Bench, document: Mapping[str, Any]) -> list[Problem]:
    before = document.get("kept")
    if not isinstance(before, Mapping) or before.get("form") != FORM or not isinstance(before.get("trials"), Mapping):
        reason = "is no study that can be gone on from; 'plantwright improve PLANT -o STUDY.json' writes one"
        return [Problem("PW4060", Place(), "resume", reason)]
    wanted = {
        "plant": ("another plant", fingerprint(bench.plant)),
        "version": ("another version of Plantwright", __version__),
        "horizon": ("another horizon", bench.horizon),
        "seed": ("another seed", bench.seed),
    }
    problems = []
    for word, (what, value) in wanted.items():
        if before.get(word) != value:
            reason = f"is of {what}: {before.get(word)}, and not {value}; begin anew, or go on as it began"
            problems.append(Problem("PW4061", Place(), "resume", reason))
    given = {_word(kind): value for kind, value in bench.warmup.items()}
    for word, value in given.items():
        if before["warmup"].get(word) != value:
            reason = f"is of another warm-up: {before['warmup'].get(word)} s, and not {value} s; leave --warmup out"
            problems.append(Problem("PW4061", Place(), "resume", reason))
            break
    return problems


def _run(bench: Bench, trial: Mapping[str, Any]) -> Run:
    estimates = tuple(
        Estimate(name, of, unit, 0.0, 0.0, 0.0, tuple(values), quantile)
        for name, of, unit, quantile, values in trial["estimates"]
    )
    return Run(
        plant="",
        name="",
        trust="sketch",
        seed=bench.seed,
        replications=trial["replications"],
        level=bench.level,
        horizon=bench.horizon,
        warmup=0.0,
        warmup_rule="",
        not_simulated=(),
        estimates=estimates,
        unknown=trial["unknown"],
        working_days=trial["working days"],
        events=trial["events"],
    )

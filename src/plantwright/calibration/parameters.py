"""Every number that was found in a log, with the interval in which the true one lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from plantwright.calibration.drafting import Found
from plantwright.calibration.fitting import FEWEST
from plantwright.calibration.intervals import mean_and_cv
from plantwright.calibration.routings import ALONG, END, RoutingFound, RoutingStep, step_names

LEVEL = 0.95

What = Literal["mean time", "cv of time", "share", "yield", "mean setup", "cv of setup", "work between failures", "mean repair", "cv of repair"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number of the plant, by its place in the plant file and what of it is meant; times in seconds.

    The true number lies between ``low`` and ``high`` in 95 of 100 cases; ``records`` is how many visits, changes, pieces or stops tell it.
    """

    path: str
    what: What
    value: float
    low: float
    high: float
    records: int

    def row(self) -> dict[str, Any]:
        """As a row of a table."""
        return {
            "place": self.path, "what": self.what, "value": self.value, "low": self.low, "high": self.high, "records": self.records,
        }  # fmt: skip


def parameters_of(found: Found, level: float = LEVEL) -> list[Parameter]:
    """The numbers that a log tells, with their intervals; what was guessed or assumed has none, and is left out."""
    made: list[Parameter] = []
    for product, routing in found.routings.items():
        names = step_names(routing.steps)
        for step in routing.steps:
            path = f"products > {product} > routing > {names[step]}"
            made += _of_step(found, product, step, path, level)
            made += _of_shares(routing, step, names, path, level)
    for center in found.centers:
        made += _of_center(found, center.name, level)
    return made


def _of_step(found: Found, product: str, step: RoutingStep, path: str, level: float) -> Iterator[Parameter]:
    time = found.times.steps[product, step.step]
    if time.told is not None:
        low, high = time.told.interval(level)
        yield Parameter(f"{path} > time", "mean time", time.distribution.mean, low, high, time.measured)
    cv = mean_and_cv(time.fitted)[1] if time.fitted is not None else None
    if cv is not None:
        yield Parameter(f"{path} > time", "cv of time", time.distribution.cv, *cv.interval(level), time.measured)
    good = found.times.yields.get((product, step.step))
    if good is not None:
        yield Parameter(f"{path} > yield", "yield", good.value, *good.seen.interval(level), round(good.seen.trials))


def _of_shares(
    routing: RoutingFound, step: RoutingStep, names: dict[RoutingStep, str], path: str, level: float
) -> Iterator[Parameter]:
    if routing.borrowed:
        return
    done = routing.done(step)
    if done is not None:
        yield Parameter(f"{path} > share", "share", done.value, *done.interval(level), round(done.trials))
    ways = routing.ways(step)
    if len(ways) < 2:
        return
    for target, share in ways.items():
        if target == ALONG:
            at = routing.place.get(step, 0)
            target = routing.line.items[at] if at < len(routing.line.items) else END
        name = "end" if target == END else names.get(target, str(target))  # type: ignore[call-overload]
        yield Parameter(f"{path} > next > {name}", "share", share.value, *share.interval(level), round(share.trials))


def _of_center(found: Found, center: str, level: float) -> Iterator[Parameter]:
    base = f"work centers > {center}"
    setup = found.times.setups.get(center)
    if setup is not None and setup.usual:
        low, high = setup.interval(level)
        yield Parameter(f"{base} > setup > default", "mean setup", setup.distribution.mean, low, high, setup.setups)
        for product, own in setup.into.items():
            ends = own.told.interval(level)
            yield Parameter(
                f"{base} > setup > into > {product}", "mean setup", own.distribution.mean, *ends, own.setups
            )
        cv = mean_and_cv(setup.shape or setup.fitted)[1]
        if cv is not None and len(setup.fitted.values) >= FEWEST:
            yield Parameter(
                f"{base} > setup > default", "cv of setup", setup.distribution.cv, *cv.interval(level), setup.setups
            )
    stops = found.times.stops.get(center)
    if stops is not None:
        low, high = stops.every_interval(level)
        yield Parameter(f"{base} > failures > 1 > every", "work between failures", stops.every.mean, low, high, stops.stops)  # fmt: skip
        low, high = stops.repair_interval(level)
        yield Parameter(f"{base} > failures > 1 > repair", "mean repair", stops.repair.mean, low, high, stops.repairs)
        cv = mean_and_cv(stops.fitted)[1] if stops.fitted is not None else None
        if cv is not None:
            yield Parameter(f"{base} > failures > 1 > repair", "cv of repair", stops.repair.cv, *cv.interval(level), stops.repairs)  # fmt: skip

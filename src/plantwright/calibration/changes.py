"""All that changed during a log, looked for together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from plantwright.calibration.decisions import Choice, Ways, of_shares
from plantwright.calibration.drift import (
    FEWEST_AROUND,
    Drift,
    Series,
    What,
    find_drifts,
    of_failures,
    of_repairs,
    of_scrap,
    of_setups,
    of_times,
)
from plantwright.calibration.paths import END
from plantwright.calibration.stopped import Stopped
from plantwright.calibration.visits import Step, Visit


@dataclass(frozen=True)
class Changes:
    """What changed: times and scrap of steps; setups, failures and repairs of work centers; shares of orders that do a step, or end early."""

    times: Mapping[Step, Drift] = field(default_factory=dict)
    scrap: Mapping[Step, Drift] = field(default_factory=dict)
    setups: Mapping[str, Drift] = field(default_factory=dict)
    failures: Mapping[str, Drift] = field(default_factory=dict)
    repairs: Mapping[str, Drift] = field(default_factory=dict)
    shares: Mapping[Choice, Drift] = field(default_factory=dict)

    def named(self) -> Iterator[tuple[str, Drift]]:
        """Each change, by what it is called."""
        for (operation, center), drift in self.times.items():
            yield f"{operation} at {center}", drift
        for (operation, center), drift in self.scrap.items():
            yield f"scrap of {operation} at {center}", drift
        for drifts in (self.setups, self.failures, self.repairs):
            for center, drift in drifts.items():
                yield f"{drift.what} of {center}", drift
        for choice, drift in self.shares.items():
            yield f"share of {_named(choice)}", drift

    def words(self, step: Step) -> list[str]:
        """What is said of a step."""
        return [drifts[step].words for drifts in (self.times, self.scrap) if step in drifts]

    def since(self, step: Step, visits: Sequence[Visit]) -> list[Visit]:
        """The visits of a step since its scrap changed; all, if it did not."""
        return [visit for visit in visits if step not in self.scrap or visit.start >= self.scrap[step].since]


def find_changes(
    by_step: Mapping[Step, Sequence[Visit]],
    per_piece: Mapping[Step, bool],
    stopped: Mapping[str, Stopped],
    first: datetime,
    ways: Iterable[Ways] = (),
) -> Changes:
    """What changed in a log that begins `first`: of the visits of each step (with times `per_piece` or not), of machines that `stopped`, and of the
    `ways` of orders. The 5 % of false alarms are those of all series together.
    """
    steps: dict[tuple[What, Step], Series] = {}
    of_center: dict[tuple[What, str], Series] = {}
    centers: dict[str, list[Visit]] = {}
    for step, visits in by_step.items():
        steps["times", step] = of_times(visits, per_piece.get(step, False))
        steps["scrap", step] = of_scrap(visits)
        centers.setdefault(step[1], []).extend(visits)
    for center, visits in centers.items():
        of_center["setups", center] = of_setups(visits)
    for center, own in stopped.items():
        if len(own.stops) >= 2 * FEWEST_AROUND:
            of_center["failures", center] = of_failures(own.together(first))
            of_center["repairs", center] = of_repairs([(stop.begin, stop.lasted) for stop in own.stops])
    shares = {("share", choice): own for choice, own in of_shares(ways).items()}
    found = find_drifts({**steps, **of_center, **shares})

    def at_steps(what: What) -> dict[Step, Drift]:
        return {key[1]: found[key] for key in steps if key[0] == what and key in found}

    def at_centers(what: What) -> dict[str, Drift]:
        return {key[1]: found[key] for key in of_center if key[0] == what and key in found}

    return Changes(
        at_steps("times"),
        at_steps("scrap"),
        at_centers("setups"),
        at_centers("failures"),
        at_centers("repairs"),
        {choice: found[key] for key in shares if key in found for choice in (key[1],)},
    )


def _named(choice: Choice) -> str:
    """What an order does, or does not, in words."""
    if choice == END or isinstance(choice, str):
        return "orders that end early"
    return f"{choice.operation} at {choice.center}{' again' if choice.again else ''}"

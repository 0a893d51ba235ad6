"""Numbers of a plant that new records speak of, and which of them are to be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from plantwright.calibration.estimating import Estimated
from plantwright.calibration.fitting import FEWEST
from plantwright.plant import Plant
from plantwright.plant.texts import scaled, text_at

Verdict = Literal["moved", "measured now", "within noise", "too few records", "not changed"]
Unit = Literal["s", "share", "pieces/day"]
LEVEL = 0.95
FIGURES = 3


@dataclass(frozen=True)
class Renewed:
    """One number of a plant against new records of it.

    ``path`` and ``before`` as in the plant file; ``after`` what is to stand there, None where nothing is changed. ``was``, ``found``, ``low``
    and ``high`` are means in SI units (seconds, or shares; of demand pieces a day, or a working day), the interval one of all intervals of the update that
    hold at once with 95 %. ``records`` is how many were used, ``why`` what is to be said beside.
    """

    path: str
    before: str
    after: str | None
    was: float
    found: float
    low: float
    high: float
    records: int
    verdict: Verdict
    unit: Unit = "s"
    why: str = ""


@dataclass(frozen=True)
class Candidate:
    """A number of the plant that records speak of, before it is known how many are compared.

    Those of one `group` are shares that add up to 1: where one is changed, all are. ``found`` is None where records do not tell it; `why` says then why.
    """

    path: str
    was: float
    found: Estimated | None
    records: int
    unit: Unit = "s"
    why: str = ""
    group: str = ""

    @property
    def compared(self) -> bool:
        """Whether there are records enough."""
        return self.found is not None and self.records >= FEWEST


def judged(plant: Plant, candidates: Sequence[Candidate]) -> tuple[Renewed, ...]:
    """Which numbers have moved, and what is to stand in the file then; intervals hold all at once (Bonferroni)."""
    level = 1 - (1 - LEVEL) / max(1, sum(item.compared for item in candidates))
    numbers = [_judged(plant, item, level) for item in candidates]
    groups: dict[str, list[int]] = {}
    for at, item in enumerate(candidates):
        if item.group and item.compared:
            groups.setdefault(item.group, []).append(at)
    for own in groups.values():
        if any(numbers[at].after is not None for at in own):
            parts = percent([numbers[at].found for at in own])
            for at, part in zip(own, parts, strict=True):
                stays = numbers[at].after is None
                why = "changed so that all add up to 100 %" if stays else numbers[at].why
                numbers[at] = replace(numbers[at], after=part, why=why)
    return tuple(numbers)


def _judged(plant: Plant, item: Candidate, level: float) -> Renewed:
    before = text_at(plant, item.path) or ""
    if not item.compared or item.found is None:
        verdict: Verdict = "not changed" if item.why else "too few records"
        mean = item.found.mean if item.found is not None else item.was
        return Renewed(item.path, before, None, item.was, mean, mean, mean, item.records, verdict, item.unit, item.why)
    low, high = item.found.interval(level)
    guessed = "guess" in before.split()
    moved = not low <= item.was <= high
    after, why = None, item.why
    if moved or guessed:
        after = _written(before, item, item.found.mean)
        if after == before:
            moved, after = False, None
        elif after is None:
            why = "its numbers stand in a file beside the plant: change it there"
    verdict = "moved" if moved else "measured now" if guessed else "within noise"
    return Renewed(
        item.path, before, after, item.was, item.found.mean, low, high, item.records, verdict, item.unit, why
    )  # fmt: skip


def _written(before: str, item: Candidate, mean: float) -> str | None:
    if item.unit == "share":
        return f"{100 * mean:.4g} %"
    if not before:
        return None
    text = before.partition(" guess")[0]
    if item.was <= 0:
        per = text.partition("/")[2]
        return f"{mean / 60:.{FIGURES}g} min" + (f"/{per}" if per else "")
    return scaled(text, mean / item.was, FIGURES)


def percent(shares: Sequence[float]) -> list[str]:
    """Shares in percent with two decimals, that add up to 100 exactly; none is lost."""
    parts = [max(1, round(1e4 * share)) for share in shares]
    parts[parts.index(max(parts))] += 10_000 - sum(parts)
    return [f"{part / 100:g} %" for part in parts]

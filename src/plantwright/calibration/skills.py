"""Who has done what, how often, and, where it may be said and can be told, how fast and with what scrap."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from plantwright.calibration.knowing import is_measured, pieces_of
from plantwright.calibration.many_tests import limit_of
from plantwright.calibration.pace import Done, Pace, find_paces
from plantwright.calibration.scrapping import Made, Scrapped, find_scrapped
from plantwright.calibration.staffing import StaffFound, levels
from plantwright.calibration.times import Times
from plantwright.calibration.visits import History, union_seconds
from plantwright.errors import InputError, Place, Problem

if TYPE_CHECKING:
    import polars

_SHORTEST_PURPOSE = 8
_SAID = 3


@dataclass(frozen=True, slots=True)
class Purpose:
    """What named pace and scrap are asked for, in words, and on which day. Raises InputError for words that say nothing."""

    words: str
    asked: date

    def __post_init__(self) -> None:
        said = " ".join(self.words.split())
        if sum(map(str.isalpha, said)) < _SHORTEST_PURPOSE:
            reason = (
                f"says no purpose: {self.words!r}. How fast somebody works, and with what scrap, is shown by name only for a purpose that is written beside it: "
                "say it in words, as in --purpose 'training plan for the mill', or leave it out"
            )
            raise InputError([Problem("PW3065", Place(), "purpose", reason)])
        object.__setattr__(self, "words", said)

    def __str__(self) -> str:
        return f"{self.words} (asked for on {self.asked})"


def check_purpose(purpose: Purpose | None, names: bool) -> None:
    """InputError for a purpose where people have pseudonyms."""
    if purpose is not None and not names:
        reason = "is for people by their names: say --names too, or leave it out, and pace and scrap are shown for pseudonyms"
        raise InputError([Problem("PW3066", Place(), "purpose", reason)])


@dataclass(frozen=True)
class Skill:
    """What a person has done at a work center: reports, hours, and the day of the last one; ``hours`` is None where pace may not be told, as hours over reports
    are one.

    ``pace`` and ``scrap`` are None where they cannot be told, or may not be; ``why`` says which. ``paced`` and ``scraps`` are whether they differ from
    what is usual by more than chance explains (`BY_CHANCE` for all people at all work centers together).
    """

    person: str
    center: str
    level: int
    reports: int
    hours: float | None
    last: date
    pace: Pace | None = None
    scrap: Scrapped | None = None
    paced: bool = False
    scraps: bool = False
    why: str = ""

    @property
    def words(self) -> str:
        """What a comment in the plant file says of it."""
        hours = "" if self.hours is None else f"{self.hours:,.3g} h, "
        said = [f"{self.center}: {self.reports} report{'s' * (self.reports != 1)}, {hours}last {self.last}"]
        if self.paced:
            said.append(self.pace_words)
        if self.scraps:
            said.append(self.scrap_words)
        return ", ".join(said)

    @property
    def pace_words(self) -> str:
        """The pace with its interval."""
        if self.pace is None:
            return ""
        low, high = self.pace.told.interval()
        return f"pace {100 * self.pace.told.value:.0f} % ({100 * low:.0f} to {100 * high:.0f} %)"

    @property
    def scrap_words(self) -> str:
        """The scrap with its interval."""
        if self.scrap is None:
            return ""
        return f"scrap {self.scrap.ratio:.2g} times the others' ({self.scrap.low:.2g} to {self.scrap.high:.2g})"


@dataclass(frozen=True)
class SkillsFound:
    """The skills of all people. ``told`` is whether pace and scrap may be shown: of pseudonyms, or for a ``purpose``."""

    rows: tuple[Skill, ...]
    told: bool
    purpose: Purpose | None

    def comments(self) -> Iterator[tuple[str, str]]:
        """What the plant file says of each person, by the person's path."""
        people: dict[str, list[str]] = {}
        for own in self.rows:
            people.setdefault(own.person, []).append(own.words)
        for person, said in people.items():
            yield f"people > {person}", "\n".join(said)

    @property
    def notes(self) -> list[str]:
        """What the plant file says of all people."""
        notes = []
        if self.purpose is not None:
            notes.append(f"pace and scrap stand here by name for this purpose only: {self.purpose}")
        if any(own.paced or own.scraps for own in self.rows):
            notes.append(
                "pace and scrap are said where they differ from what is usual for the same work by more than chance explains (5 % for all together);"
            )
            notes.append(
                "100 % is the middle of the people compared; they say nothing of mix within a product, or of material"
            )
        return notes

    def text(self) -> str:
        """One line of a screen, and the people who differ."""
        if not self.rows:
            return ""
        if not self.told:
            return "skills: who has done what; pace and scrap by name need --purpose"
        differ = [own for own in self.rows if own.paced or own.scraps]
        paces = sum(own.pace is not None for own in self.rows)
        line = f"skills: pace can be told of {paces} of {len(self.rows)} pairs of a person and a work center; {len(differ)} differ{'s' * (len(differ) == 1)} beyond chance in pace or scrap"
        shown = [
            f"{own.person} at {own.center} {' and '.join([own.pace_words] * own.paced + [own.scrap_words] * own.scraps)}"
            for own in differ[:_SAID]
        ]
        if len(differ) > _SAID:
            shown.append("...")
        named = f"; by name for: {self.purpose}" if self.purpose is not None else ""
        return line + (": " + "; ".join(shown) if shown else "") + named

    def table(self) -> list[dict[str, Any]]:
        """The rows of the table of skills."""
        return [_row(own, self.purpose) for own in self.rows]


def _row(own: Skill, purpose: Purpose | None) -> dict[str, Any]:
    pace, scrap = own.pace, own.scrap
    low, high = pace.told.interval() if pace is not None else (None, None)
    return {
        "person": own.person, "work center": own.center, "level": own.level, "reports": own.reports, "hours": own.hours, "last": own.last.isoformat(),
        "pace": None if pace is None else pace.told.value, "pace low": low, "pace high": high,
        "visits compared": None if pace is None else pace.visits, "people compared": None if pace is None else pace.people,
        "pace differs": None if pace is None else own.paced,
        "scrap share": None if scrap is None else scrap.share, "scrap ratio": None if scrap is None else scrap.ratio,
        "scrap ratio low": None if scrap is None else scrap.low, "scrap ratio high": None if scrap is None else scrap.high,
        "scrap differs": None if scrap is None else own.scraps,
        "not told": own.why or None, "purpose": None if purpose is None else purpose.words,
        "asked": None if purpose is None else purpose.asked.isoformat(),
    }  # fmt: skip


def find_skills(
    at_work: polars.DataFrame,
    history: History,
    times: Times,
    center_of: Mapping[str, str],
    staff: StaffFound,
    shown: Mapping[str, str],
    told: bool = True,
    purpose: Purpose | None = None,
    own_times: bool = True,
) -> SkillsFound:
    """What each person has done at each work center.

    Parameters
    ----------
    at_work : DataFrame
        The measured rows of the log.
    history, times, center_of, staff
        What was found in it.
    shown : mapping
        What each person who is shown is called; others count for what is usual only.
    told : bool
        Whether pace and scrap may be said.
    purpose : Purpose, optional
        What they are asked for by name.
    own_times : bool
        Whether times are work; of effective process times no pace is told.
    """
    rows = list(_done(at_work, center_of, shown))
    if not told:
        why = "people stand here by name: pace and scrap by name need a stated purpose"
        return SkillsFound(tuple(replace(own, why=why, hours=None) for _, own in rows), False, None)
    paces = _paces(history, times, staff) if own_times else {}
    scraps = _scraps(history)
    tests = [
        own.p_value
        for found in (paces, scraps)
        for center in found.values()
        for person, own in center.items()
        if person in shown
    ]
    limit = limit_of(tests)
    made = []
    for worker, own in rows:
        pace = paces.get(own.center, {}).get(worker)
        scrap = scraps.get(own.center, {}).get(worker)
        why = ""
        if pace is None:
            why = "pace: too few visits of work that others did at the same machines, too"
            if not own_times:
                why = "pace: only completions are known, so that times hold whatever kept a lot"
            elif own.center not in staff.attended:
                why = "pace: one person tends several machines here, whose times are not the person's"
        made.append(
            replace(
                own,
                pace=pace,
                scrap=scrap,
                paced=pace is not None and pace.p_value <= limit,
                scraps=scrap is not None and scrap.p_value <= limit,
                why=why,
            )
        )
    return SkillsFound(tuple(made), True, purpose)


def _done(
    at_work: polars.DataFrame, center_of: Mapping[str, str], shown: Mapping[str, str]
) -> Iterator[tuple[str, Skill]]:
    """Reports, hours and the last day of each person at each work center."""
    spans: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    numbers: dict[tuple[str, str], set[int]] = {}
    for worker, station, start, end, row in at_work.select("worker", "station", "start", "end", "row").iter_rows():
        if worker in shown:
            spans.setdefault((worker, center_of[station]), []).append((start, end))
            numbers.setdefault((worker, center_of[station]), set()).add(row)
    order = {worker: at for at, worker in enumerate(shown)}
    for (worker, center), own in sorted(spans.items(), key=lambda item: (order[item[0][0]], -len(item[1]), item[0][1])):
        reports = len(numbers[worker, center])
        last = max(end for _, end in own).date()
        yield worker, Skill(shown[worker], center, levels({center: reports})[center], reports, union_seconds(own) / 3600, last)  # fmt: skip


def _paces(history: History, times: Times, staff: StaffFound) -> dict[str, dict[str, Pace]]:
    """The paces of workers by work center, of visits that one person did alone; a step whose times changed is another work since."""
    done: dict[str, list[Done]] = {}
    for visit in history.visits():
        center = visit.step[1]
        if visit.worker is None or center not in staff.attended or not is_measured(visit):
            continue
        per_piece = times.pooled[visit.step].per == "piece"
        drift = times.changes.times.get(visit.step)
        work = (visit.product, visit.step, drift is not None and visit.start >= drift.since)
        log_time = math.log(visit.work / (pieces_of(visit) if per_piece else 1.0))
        done.setdefault(center, []).append(Done(visit.worker, work, "; ".join(visit.stations), log_time))
    return {center: find_paces(own) for center, own in done.items()}


def _scraps(history: History) -> dict[str, dict[str, Scrapped]]:
    made: dict[str, list[Made]] = {}
    for visit in history.visits():
        if visit.worker is not None:
            pieces = visit.pieces + visit.rejected
            made.setdefault(visit.step[1], []).append(
                Made(visit.worker, (visit.product, visit.step), pieces, visit.rejected)
            )
    return {center: find_scrapped(own) for center, own in made.items()}

"""People found in a log: when they are there, what they can do, and where a machine needs them all the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from plantwright.calibration.calendars import Pattern, Weeks, inside_share
from plantwright.calibration.spans import joined, seconds_of, usual_at_once
from plantwright.calibration.visits import union_seconds

if TYPE_CHECKING:
    import polars

SEVERAL = 1.15
"""Where a person's reports add up to this times the hours they cover, one person tends several machines."""
_PRESENT = 0.1
_OWN_SHIFT = 0.6
_OWN_HOURS = 0.5
_PAUSE = timedelta(hours=4)
_ALONE = 3


@dataclass(frozen=True)
class PersonFound:
    """A person in the log: shift, and how many reports at each work center; `rotates` where no shift holds most of their hours."""

    name: str
    shift: str
    reports: Mapping[str, int]
    days: int
    hours: float
    rotates: bool


@dataclass(frozen=True)
class StaffFound:
    """People and their shifts. ``left_out`` are people on too few days to count on, with their share of all hours; ``unmeasured`` are
    those all of whose reports have no times of their own. ``attended``: the
    work centers whose machines have a person each while they run; at the others one person ``tends`` so many (95 % of the time no more).
    """

    people: tuple[PersonFound, ...]
    shifts: Mapping[str, tuple[Pattern, ...]]
    left_out: int
    left_out_share: float
    attended: frozenset[str]
    unmeasured: int = 0
    tends: Mapping[str, int] = field(default_factory=dict)


def find_staff(
    table: polars.DataFrame, center_of: Mapping[str, str], weeks: Weeks, named: bool, workers: int = 0
) -> StaffFound | None:
    """The people of the measured rows of a cleaned log, which has so many `workers`; None where it does not name them. Names are replaced by ``person 01`` unless `named`."""
    return find_people(table, center_of, weeks, named, workers)[0]


def find_people(
    table: polars.DataFrame, center_of: Mapping[str, str], weeks: Weeks, named: bool, workers: int = 0
) -> tuple[StaffFound | None, dict[str, str]]:
    """As `find_staff`, and what each of the people is called."""
    import polars

    rows = table.filter("timed").filter(polars.col("worker").is_not_null())
    if rows.is_empty():
        return None, {}
    sessions: dict[str, list[tuple[datetime, datetime]]] = {}
    reports: dict[str, Counter[str]] = {}
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for worker, station, start, end in (
        rows.sort("start", "end").select("worker", "station", "start", "end").iter_rows()
    ):
        reports.setdefault(worker, Counter())[center_of[station]] += 1
        spans.setdefault(worker, []).append((start, end))
        own = sessions.setdefault(worker, [])
        if own and start - own[-1][1] < _PAUSE:
            own[-1] = own[-1][0], max(end, own[-1][1])
        else:
            own.append((start, end))
    hours = {worker: union_seconds(own) / 3600 for worker, own in spans.items()}
    days = {worker: len({start.date() for start, _ in own}) for worker, own in sessions.items()}
    usual = _PRESENT * len(weeks.dates(range(7)))
    regular = [worker for worker in sessions if days[worker] >= usual]
    covered = {center for worker in regular for center in reports[worker]}
    # A place where only occasional people work still needs them.
    for worker in sorted(sessions, key=lambda worker: -hours[worker]):
        if worker not in regular and set(reports[worker]) - covered:
            regular.append(worker)
            covered |= set(reports[worker])
    regular.sort(key=lambda worker: (-hours[worker], worker))
    shifts, bins = _shifts(sessions, weeks)
    chosen, rotating = _assign(regular, sessions, reports, bins)
    shown = {worker: worker if named else f"person {number:02d}" for number, worker in enumerate(regular, 1)}
    for worker in regular:
        if worker not in rotating and inside_share(spans[worker], shifts[chosen[worker]]) < _OWN_HOURS:
            # Stays of minutes, or at an hour at which hardly anybody else comes, are in no shift of the others.
            chosen[worker] = f"{shown[worker]} alone"
            shifts[chosen[worker]] = _patterns(sessions[worker], weeks)
    people = tuple(
        PersonFound(name, chosen[worker], dict(reports[worker].most_common()), days[worker], hours[worker], worker in rotating)
        for worker, name in shown.items()
    )  # fmt: skip
    out = [worker for worker in sessions if worker not in set(regular)]
    share = sum(hours[worker] for worker in out) / max(1e-9, sum(hours.values()))
    unmeasured = max(0, workers - len(sessions))
    tends = _tends(rows, center_of)
    attended = frozenset(center for center, number in tends.items() if number == 1)
    several = {center: number for center, number in tends.items() if number > 1}
    return StaffFound(people, shifts, len(out), share, attended, unmeasured, several), shown


def _tends(rows: polars.DataFrame, center_of: Mapping[str, str]) -> dict[str, int]:
    """How many orders or machines one person has in hand at each work center: one, unless reports of a person there add up to `SEVERAL` times the
    hours they cover; then as many as 95 % of those hours have at most, and two at least.
    """
    spans: dict[str, dict[str, dict[tuple[str, str], list[tuple[datetime, datetime]]]]] = {}
    for worker, station, order, start, end in rows.select("worker", "station", "order", "start", "end").iter_rows():
        own = spans.setdefault(center_of[station], {}).setdefault(worker, {})
        own.setdefault((station, order), []).append((start, end))
    found = {}
    for center, people in spans.items():
        reports = [[span for part in own.values() for span in part] for own in people.values()]
        total = sum((end - start).total_seconds() for own in reports for start, end in own)
        several = total >= SEVERAL * sum(map(union_seconds, reports))
        hands = ((span for part in own.values() for span in joined(seconds_of(part))) for own in people.values())
        found[center] = max(2, usual_at_once(hands)) if several else 1
    return found


def _bin(start: datetime) -> str:
    """Which part of the day people come in."""
    hour = start.hour + start.minute / 60
    if 4 <= hour < 12:
        return "morning"
    return "evening" if 12 <= hour < 18.5 else "night"


def _shifts(
    sessions: Mapping[str, Sequence[tuple[datetime, datetime]]], weeks: Weeks
) -> tuple[dict[str, tuple[Pattern, ...]], tuple[str, ...]]:
    """The shifts that people come for: where at least a twentieth of all stays begin, with their median start and length."""
    stays: dict[str, list[tuple[datetime, datetime]]] = {}
    for own in sessions.values():
        for start, end in own:
            if timedelta(hours=3) < end - start < timedelta(hours=14):
                stays.setdefault(_bin(start), []).append((start, end))
    total = sum(map(len, stays.values()))
    if total == 0:
        return {"day": (Pattern(weeks.full, 7.0, 15.0),)}, ("day",)
    kept = {name: own for name, own in stays.items() if len(own) >= 0.05 * total}
    made: dict[str, tuple[Pattern, ...]] = {}
    for name in ("morning", "evening", "night"):
        if name in kept:
            made[name] = _patterns(kept[name], weeks)
    return made, tuple(made)


def _patterns(stays: Sequence[tuple[datetime, datetime]], weeks: Weeks) -> tuple[Pattern, ...]:
    def offset(start: datetime) -> float:
        hours = start.hour + start.minute / 60
        return hours + 24 if hours < 4 else hours

    patterns = []
    groups: list[tuple[int, ...]] = [weeks.full, *((day,) for day in weeks.others)]
    most = len([stay for stay in stays if stay[0].weekday() in weeks.full]) / max(1, len(weeks.dates(weeks.full)))
    for days in groups:
        own = [stay for stay in stays if stay[0].weekday() in days]
        dates = weeks.dates(days)
        if not dates or len(own) < 0.15 * most * len(dates):
            continue
        # Reports begin after people come and end before they go: the earlier and the later quarter tell when they are there.
        starts = sorted(offset(begin) for begin, _ in own)
        ends = sorted(offset(begin) + (end - begin).total_seconds() / 3600 for begin, end in own)
        start = round(2 * starts[len(starts) // 4]) / 2
        length = max(4.0, round(2 * ends[3 * len(ends) // 4]) / 2 - start)
        start %= 24
        patterns.append(Pattern(days, start, start + length))
    return tuple(patterns)


def _assign(
    people: Sequence[str],
    sessions: Mapping[str, Sequence[tuple[datetime, datetime]]],
    reports: Mapping[str, Counter[str]],
    shifts: Sequence[str],
) -> tuple[dict[str, str], set[str]]:
    """A shift for each person: their own where it holds most of their hours; people who rotate are spread over the shifts as the
    hours of all who rotate at the same work center are spread.
    """
    share: dict[str, dict[str, float]] = {}
    for worker in people:
        found = dict.fromkeys(shifts, 0.0)
        for start, end in sessions[worker]:
            name = _bin(start) if _bin(start) in found else shifts[0]
            found[name] += (end - start).total_seconds()
        total = sum(found.values()) or 1.0
        share[worker] = {name: seconds / total for name, seconds in found.items()}
    chosen: dict[str, str] = {}
    rotating: dict[str, list[str]] = {}
    for worker in people:
        best = max(shifts, key=lambda name: share[worker][name])
        if share[worker][best] >= _OWN_SHIFT or len(shifts) == 1:
            chosen[worker] = best
        else:
            rotating.setdefault(reports[worker].most_common(1)[0][0], []).append(worker)
    for team in rotating.values():
        wanted = {name: sum(share[worker][name] for worker in team) for name in shifts}
        for worker in sorted(team, key=lambda worker: -max(share[worker].values())):
            name = max(shifts, key=lambda name: (round(wanted[name], 6), share[worker][name]))
            wanted[name] -= 1
            chosen[worker] = name
    return chosen, {worker for team in rotating.values() for worker in team}


def levels(reports: Mapping[str, int]) -> dict[str, int]:
    """Skill levels (Training Within Industry) as far as reports show them: 2, works alone, from three reports on; else 1."""
    return {center: 2 if number >= _ALONE else 1 for center, number in reports.items()}

"""What is told of machines is, to the second, what a recount second by second gives, whatever they said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from plantwright.monitoring.uses import EXECUTION, FUNCTIONAL_MODE
from plantwright.plant.calendar import Overtime, Shift, Span
from plantwright.shopfloor.machines.reports import Account, accounts
from plantwright.shopfloor.machines.settings import REASONS, FloorSettings, MachineSettings
from plantwright.shopfloor.machines.stops import Reason, Reasons, stops
from plantwright.shopfloor.machines.timelines import Timeline, timelines
from plantwright.shopfloor.readings import NANOSECONDS
from tests.shopfloor.floor import UNAVAILABLE, Floor

LONG, EARLIER, MICRO = 900, 300, 20
"""Seconds of the window and of what was said before it; a stop shorter than the last is a micro-stop."""

STARTS = (
    datetime(2025, 3, 3, 6, 55, tzinfo=UTC),
    datetime(2025, 3, 3, 23, 50, tzinfo=UTC),  # over midnight
    datetime(2025, 3, 30, 0, 53, tzinfo=UTC),  # Berlin's clock leaves out an hour
    datetime(2025, 10, 26, 0, 53, tzinfo=UTC),  # and has one twice
)
RUN_TIMES = {"gear": 7.0, "shaft": 11.0}

Said = Sequence[tuple[int, str]]


@dataclass
class Told:
    """What one machine said, by seconds from the window's start; of two words at one second the later holds."""

    execution: Said
    mode: Said
    faults: Said
    product: Said
    good: Said
    bad: Said
    gaps: Sequence[tuple[int, int]]
    heard: int
    reasons: Sequence[tuple[int, int, str, bool]] = field(default_factory=list)


def said(words: Sequence[str], most: int) -> st.SearchStrategy[list[tuple[int, str]]]:
    second = st.integers(-EARLIER, LONG + 20)
    return st.lists(st.tuples(second, st.sampled_from(words)), max_size=most).map(
        lambda told: sorted(told, key=lambda pair: pair[0])
    )


def counts(most: int) -> st.SearchStrategy[list[tuple[int, str]]]:
    """A counter that mostly rises, and begins anew now and then."""
    second = st.integers(-EARLIER, LONG + 20)
    rise = st.sampled_from([1, 1, 1, 2, 5, -1000])

    def counter(told: list[tuple[int, int]]) -> list[tuple[int, str]]:
        shown, found = 40, []
        for at, change in sorted(told, key=lambda pair: pair[0]):
            shown = max(0, shown + change)
            found.append((at, str(shown)))
        return found

    return st.lists(st.tuples(second, rise), max_size=most).map(counter)


@st.composite
def machines(draw: st.DrawFn) -> Told:
    span = st.tuples(st.integers(-50, LONG), st.integers(1, 200))
    reason = st.tuples(span, st.sampled_from([*REASONS, "", "thunderstorm"]), st.booleans())
    return Told(
        draw(said([*list(EXECUTION)[:5], UNAVAILABLE, "DREAMING"], 40)),
        draw(said(["SETUP", "PRODUCTION", "MAINTENANCE", UNAVAILABLE], 4)),
        draw(said(["FAULT", "NORMAL", "WARNING"], 6)),
        draw(said(["gear", "shaft", "", UNAVAILABLE], 5)),
        draw(counts(30)),
        draw(counts(6)),
        [(start, start + long) for start, long in draw(st.lists(span, max_size=3))],
        draw(st.sampled_from([LONG + 50, LONG + 50, LONG - 100])),
        [(start, start + long, why, open_) for (start, long), why, open_ in draw(st.lists(reason, max_size=5))],
    )


@st.composite
def patterns(draw: st.DrawFn, start: datetime, zone: str) -> dict[str, Shift]:
    """Two shifts with breaks, overtime and over midnight, with edges in the window by the clock on the wall."""
    local = start.astimezone(ZoneInfo(zone))
    clock = (local.hour * 60 + local.minute) * 60
    changes = zone != "UTC" and start.month in (3, 10) and start.day > 20
    edge = st.integers(-300, LONG + 300).map(lambda second: clock + second)

    def span(first: int, last: int) -> Span:
        """Without an edge in the hour that the clock leaves out or has twice: what is meant then is another question."""
        return Span(*(edge + 3600 if changes and 7200 <= edge <= 10_860 else edge for edge in (first, last)))

    names = draw(st.sampled_from([["early"], ["early", "late"]]))
    found = {}
    for number, name in enumerate(names):
        first, last = sorted((draw(edge), draw(edge)))
        pause = first + draw(st.integers(1, 400))
        breaks = (span(pause, pause + 60),) if pause + 60 < last else ()
        days = draw(st.sampled_from([(0,), (6,), (0, 1, 2, 3, 4, 5, 6)]))
        extra = (Overtime((0, 6), span(last + 30 + number, last + 90 + number)),) if draw(st.booleans()) else ()
        found[name] = Shift(name, days, span(first, last + 1), breaks, {}, extra)
    return found


# the recount: plain, slow, and without any of the program's own ways of counting


def word(told: Said, second: int) -> str | None:
    held = None
    for at, text in told:
        if at <= second:
            held = text
    return None if held == UNAVAILABLE else held


def known(told: Told, second: int) -> bool:
    tracks = (told.execution, told.mode, told.faults, told.product, told.good, told.bad)
    last = max([told.heard, *(at for track in tracks for at, _ in track if at < LONG)])
    return second < last and not any(start <= second < end for start, end in told.gaps)


def raw_use(told: Told, second: int) -> str | None:
    use = EXECUTION.get(word(told.execution, second) or "")
    if use is None or not known(told, second):
        return None
    by_mode = FUNCTIONAL_MODE.get(word(told.mode, second) or "")
    use = by_mode or use
    return "failure" if use in ("delay", "idle") and word(told.faults, second) == "FAULT" else use


def shift_at(shifts: Mapping[str, Shift], start: datetime, zone: str, second: int) -> str | None:
    """By the clock on the wall; the one that began last holds, of two the one that ends first."""
    now = (start + timedelta(seconds=second)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    there: list[tuple[float, bool, float, str]] = []
    for back in (0, 1, 2):
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=back)
        clock, day = (now - midnight).total_seconds(), midnight.weekday()
        for shift in shifts.values():
            spans = [(shift.span, False), *((pause, True) for pause in shift.breaks)] if day in shift.days else []
            spans += [(extra.span, False) for extra in shift.overtime if day in extra.days]
            there += [
                (back * 86_400 - span.start, not rest, span.end - back * 86_400, shift.name)
                for span, rest in spans
                if span.start <= clock < span.end
            ]
    if not there:
        return None
    _, works, _, name = min(there)
    return name if works else "break"


STANDING = ("delay", "failure", "idle")


def reasons_by_second(told: Told, raw: Sequence[str | None]) -> list[str | None]:
    found: list[str | None] = [None] * LONG
    for first, last, why, open_ in told.reasons:
        if open_ and 0 <= last < LONG and raw[last] in STANDING:
            while last < LONG and raw[last] in STANDING:
                last += 1
        for second in range(max(0, first), min(last, LONG)):
            found[second] = why or None
    return found


@dataclass
class Recount:
    """One machine, second by second: what its time counts as, its shift, product and reason; and its pieces with theirs."""

    raw: list[str | None]
    use: list[str | None]
    shift: list[str | None]
    product: list[str | None]
    reason: list[str | None]
    micro: list[bool]


def recount(told: Told, shifts: Mapping[str, Shift], start: datetime, zone: str) -> Recount:
    raw = [raw_use(told, second) for second in range(LONG)]
    reason = reasons_by_second(told, raw)
    use = [REASONS.get(why or "", use) if use in STANDING else use for use, why in zip(raw, reason, strict=True)]
    shift = [shift_at(shifts, start, zone, second) for second in range(LONG)]
    product = [word(told.product, second) if known(told, second) else None for second in range(LONG)]
    found = Recount(raw, use, shift, product, reason, [False] * LONG)
    for first, last in stood(raw):
        whole = last - first < MICRO and last < LONG and first > 0
        for second in range(first, last):
            found.micro[second] = whole and reason[second] is None
    return found


def stood(raw: Sequence[str | None]) -> list[tuple[int, int]]:
    found, second = [], 0
    while second < LONG:
        last = second
        while last < LONG and raw[last] in STANDING:
            last += 1
        if last > second:
            found.append((second, last))
        second = last + 1
    return found


def pieces(told: Said) -> list[tuple[int, float]]:
    """When how many pieces were counted, within the window; each counts to the second before it."""
    shown = {second: int(text) for second, text in told}  # of several at one second the last
    found, before = [], None
    for second in sorted(shown):
        rise = 0 if before is None else shown[second] - before
        before = shown[second]
        if 0 <= second < LONG:
            found.append((max(0, second - 1), float(before if rise < 0 else rise)))
    return found


def build(
    told: Mapping[str, Told], start: int, shifts: Mapping[str, Shift], zone: str
) -> tuple[list[Timeline], FloorSettings, Reasons]:
    floor = Floor()

    def instants(some: Said) -> list[tuple[int, str]]:
        return [(start + second * NANOSECONDS, text) for second, text in some]

    reasons: list[Reason] = []
    for name, own in told.items():
        tracks = {
            "EXECUTION": own.execution, "FUNCTIONAL_MODE": own.mode, "PRODUCT": own.product, "PART_COUNT.GOOD": own.good,
            "PART_COUNT.BAD": own.bad,
        }  # fmt: skip
        for type, some in tracks.items():
            floor.says(name, type, instants(some))
        floor.says(name, "SYSTEM", instants(own.faults), "condition")
        for first, last in own.gaps:
            floor.lost(name, start + first * NANOSECONDS, start + last * NANOSECONDS)
        floor.says(name, "HEARD", [(start + own.heard * NANOSECONDS, "heard")], "note")
        reasons += [
            Reason(name, start + first * NANOSECONDS, start + last * NANOSECONDS, why, "Ana", number, open=open_)
            for number, (first, last, why, open_) in enumerate(own.reasons)
        ]
    machine = MachineSettings(work_center="all", run_times=RUN_TIMES)
    floor_settings = FloorSettings(zone=zone, shifts=shifts, machines=dict.fromkeys(told, machine), micro_stop=MICRO)
    found = timelines(floor.history, start, start + LONG * NANOSECONDS, floor_settings)
    return found, floor_settings, Reasons(tuple(reasons))


def check_stops(timeline: Timeline, floor_settings: FloorSettings, reasons: Reasons, own: Recount) -> None:
    got = [
        ((s.start - timeline.start) // NANOSECONDS, (s.end - timeline.start) // NANOSECONDS, s)
        for s in stops(timeline, reasons, floor_settings)
    ]
    wanted = []
    for first, last in stood(own.raw):
        begin = first
        for second in range(first + 1, last + 1):
            if second == last or own.reason[second] != own.reason[begin]:
                wanted.append((begin, second))
                begin = second
    assert [(first, last) for first, last, _ in got] == wanted
    for first, last, stop in got:
        why = own.reason[first]
        assert stop.reason == (why or ("micro-stop" if own.micro[first] else "unqualified"))
        assert stop.open == (last == LONG)
        by_use = Counter(own.raw[first:last])
        by_raw = {"failure"} if "failure" in by_use else {use for use, n in by_use.items() if n == max(by_use.values())}
        assert stop.use in ({REASONS[why]} if why in REASONS else by_raw)


def check_account(account: Account, several: Sequence[tuple[Told, Recount]], label: tuple[str, str] | None) -> None:
    """An account against the seconds and pieces of machines where a shift or product holds."""
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for told, own in several:

        def chosen(second: int, own: Recount = own) -> bool:
            held = None if label is None else (own.shift if label[0] == "shift" else own.product)[second]
            absent = {"shift": "outside shifts", "product": "no product"}
            return label is None or (held or absent[label[0]]) == label[1]

        def planned(second: int, own: Recount = own) -> bool:
            return own.shift[second] not in (None, "break")

        for second in filter(chosen, range(LONG)):
            (inside if planned(second) else outside)[own.use[second] or "unknown"] += 1
            numbers["micro seconds"] += planned(second) and own.micro[second]
        for name, use_track in (("failures", [u == "failure" for u in own.use]), ("micro", own.micro)):
            numbers[name] += runs_within(use_track, [chosen(s) and planned(s) for s in range(LONG)])
        for name, counter in (("good", told.good), ("bad", told.bad)):
            for second, count in pieces(counter):
                if chosen(second) and planned(second):
                    numbers[name] += count  # type: ignore[assignment]
                    if count and own.product[second] not in RUN_TIMES:
                        numbers["without run time"] += 1
                    elif count:
                        numbers["planned"] += count * RUN_TIMES[own.product[second] or ""]  # type: ignore[assignment]
    assert dict(account.seconds) == dict(inside)
    assert dict(account.outside) == dict(outside)
    assert account.elements.failures == numbers["failures"]
    assert (account.micro_stops, account.micro_stopped) == (numbers["micro"], numbers["micro seconds"])
    tells = [[bool(counter) and counter[0][0] < LONG for counter in (told.good, told.bad)] for told, _ in several]
    if all(map(all, tells)):
        assert (account.elements.good, account.elements.scrapped) == (numbers["good"], numbers["bad"])
        assert account.elements.planned_production == (None if numbers["without run time"] else numbers["planned"])
    else:
        assert account.elements.good is None


def runs_within(track: Sequence[bool], chosen: Sequence[bool]) -> int:
    """How many runs of a track touch the chosen seconds: each counts where it first does."""
    found, counted = 0, False
    for held, here in zip(track, chosen, strict=True):
        found += held and here and not counted
        counted = held and (counted or here)
    return found


@settings(max_examples=50, deadline=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False)
@given(data=st.data())
def test_every_figure_is_that_of_a_recount_second_by_second(data: Any) -> None:
    start = data.draw(st.sampled_from(STARTS))
    zone = data.draw(st.sampled_from(["UTC", "Europe/Berlin"]))
    shifts = data.draw(patterns(start, zone))
    told = {f"mill {number}": one for number, one in enumerate(data.draw(st.lists(machines(), min_size=1, max_size=2)))}
    found, floor_settings, reasons = build(told, int(start.timestamp()) * NANOSECONDS, shifts, zone)
    counted = {name: recount(own, shifts, start, zone) for name, own in told.items()}
    for timeline in found:
        own = counted[timeline.machine]
        check_stops(timeline, floor_settings, reasons, own)
        (whole,) = accounts([timeline], floor_settings, reasons)
        check_account(whole, [(told[timeline.machine], own)], None)
        for by, track in (("shift", own.shift), ("product", own.product)):
            labels = {track_label or {"shift": "outside shifts", "product": "no product"}[by] for track_label in track}
            split = {one.of[by]: one for one in accounts([timeline], floor_settings, reasons, ["machine", by])}  # type: ignore[list-item]
            assert set(split) == labels
            for label, account in split.items():
                check_account(account, [(told[timeline.machine], own)], (by, label))
    (center,) = accounts(found, floor_settings, reasons, ["work center"])
    check_account(center, [(told[one.machine], counted[one.machine]) for one in found], None)

"""Show a calibration: text, tables and pictures of what was found, each fit against its data."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.calibration.along import State
from plantwright.calibration.arrivals import find_arrivals
from plantwright.calibration.calendars import Calendar
from plantwright.calibration.charts import fits_of
from plantwright.calibration.due_dates import due_words
from plantwright.calibration.effective import effective_of
from plantwright.calibration.fitting import FittedTime
from plantwright.calibration.parameters import parameters_of
from plantwright.calibration.policy import find_policy
from plantwright.calibration.routings import RoutingStep, SideBySide
from plantwright.calibration.showing_routes import odd_rows, route_lines, same_way_rows, step_rows
from plantwright.plant import distribution_text
from plantwright.units import show_duration

if TYPE_CHECKING:
    import polars

    from plantwright.calibration.calibrating import Calibration
    from plantwright.calibration.drafting import Found

TABLES = (
    "parameters",
    "operation times",
    "setup times",
    "breakdowns",
    "outliers",
    "effective process times",
    "waiting",
    "routings",
    "steps",
    "same ways",
    "odd orders",
    "people",
    "skills",
    "work centers",
    "machines",
    "hours",
    "changes",
    "arrivals",
    "release policy",
    "orders",
)


_OF_ROUTES = {"steps": step_rows, "same ways": same_way_rows, "odd orders": odd_rows}


def _fitted_rows(fits: dict[str, FittedTime]) -> list[dict[str, Any]]:
    rows = []
    for name, fitted in fits.items():
        second = fitted.candidates[1] if len(fitted.candidates) > 1 else None
        rows.append(
            {
                "of": name,
                "measured": len(fitted.values),
                "only bounds known": fitted.bounds,
                "mean of measured (s)": float(np.mean(fitted.values)),
                "kind": fitted.name,
                "fitted": _said(fitted),
                "distance": fitted.distance,
                "Anderson-Darling": None if np.isnan(fitted.statistic) else fitted.statistic,
                "close": fitted.close,
                "next best": second.name if second else None,
                "AIC behind by": second.aic - fitted.candidates[0].aic if second else None,
            }
        )
    return rows


def _said(fitted: FittedTime) -> str:
    if fitted.distribution.kind == "empirical":
        return str(fitted.candidates[0].mixture or fitted.name)
    return distribution_text(fitted.distribution, per=f"/{fitted.per}")


def _rows(found: Found, name: str) -> list[dict[str, Any]]:
    if name == "parameters":
        return [parameter.row() for parameter in parameters_of(found)]
    if name in ("operation times", "setup times", "breakdowns"):
        return _fitted_rows(fits_of(found, name))
    if name == "outliers":
        return _outlier_rows(found)
    if name == "routings":
        return [
            {"product": product, "after": _step(before), "comes": _step(after), "share": share, "times": routing.follows[before][after]}
            for product, routing in found.routings.items()
            for before in routing.follows
            for after, share in routing.shares(before).items()
        ]  # fmt: skip
    if name in _OF_ROUTES:
        return _OF_ROUTES[name](found.routings)
    if name == "people":
        people = found.staff.people if found.staff else ()
        # Days and hours beside reports would say by name who is quick.
        told = found.skills is None or found.skills.told
        return [
            {
                "person": person.name, "shift": person.shift, "rotates": person.rotates, "days": person.days if told else None,
                "hours": person.hours if told else None,
                "work centers": ", ".join(f"{center} ({number})" for center, number in person.reports.items()),
            }
            for person in people
        ]  # fmt: skip
    if name == "changes":
        return [
            {"of": of, "what": drift.what, "since": drift.since.isoformat(sep=" "), "factor": drift.change.factor, "p-value": drift.change.p_value}
            for of, drift in found.times.changes.named()
        ]  # fmt: skip
    if name == "skills":
        return found.skills.table() if found.skills else []
    if name == "work centers":
        return [{"work center": c.name, "machines": c.machines, "evidence": c.evidence} for c in found.centers]
    if name == "effective process times":
        return _effective_rows(found)
    if name == "arrivals":
        return find_arrivals(found.history, found.weeks).rows()
    if name == "release policy":
        return [find_policy(found.history).row()]
    if name == "machines":
        return [machine.row() for machine in found.machines]
    if name == "waiting":
        return found.waiting.rows()
    if name == "hours":
        return [
            {"work center": center, "hours": "; ".join(pattern.name for pattern in calendar.patterns), "share of work inside": calendar.inside}
            for center, calendar in found.calendars.items()
        ]  # fmt: skip
    times = found.history.cycle_times()
    return [
        {
            "order": order, "product": visits[0].product, "visits": len(visits), "release": found.history.reported[order][0],
            "cycle time (d)": times[order] / 86400.0, "under way at the end": order in found.history.open_orders,
        }
        for order, visits in found.history.orders.items()
    ]  # fmt: skip


def _outlier_rows(found: Found) -> list[dict[str, Any]]:
    return [
        {
            "what": one.what, "of": one.of, "order": own.order, "rows": list(own.rows), "time (s)": own.seconds, "others": one.number,
            "median of others (s)": one.median, "mean of others (s)": one.mean, "mean with outliers (s)": one.mean_with,
        }
        for one in found.times.outliers for own in one.times
    ]  # fmt: skip


def _effective_rows(found: Found) -> list[dict[str, Any]]:
    work: dict[str, list[float]] = {}
    for visit in found.history.visits():
        work.setdefault(visit.step[1], []).append(visit.work)
    effective = effective_of(found.history, {center.name: center.machines for center in found.centers})
    return [
        {
            "work center": name, "lots": len(own.times), "effective mean (s)": own.mean, "effective squared cv": own.squared_cv,
            "share busy": own.share_busy, "process mean (s)": float(np.mean(work[name])),
        }
        for name, own in effective.items()
    ]  # fmt: skip


def _step(step: State) -> str:
    if isinstance(step, SideBySide):
        return " | ".join(" > ".join(map(_step, branch)) for branch in step.branches)
    return (
        f"{step.operation} at {step.center}{' again' if step.again else ''}"
        if isinstance(step, RoutingStep)
        else str(step)
    )


def found_table(found: Found, name: str) -> polars.DataFrame:
    """What was found as a Polars frame; KeyError for a name that is not in `TABLES`."""
    import polars

    if name not in TABLES:
        raise KeyError(f"{name!r} is not one of {', '.join(TABLES)}")
    return polars.DataFrame(_rows(found, name), infer_schema_length=None)


def found_dict(found: Found) -> dict[str, Any]:
    """What was found as JSON shows it: all tables but that of the orders."""
    return {name: [_plain(row) for row in _rows(found, name)] for name in TABLES if name != "orders"}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {key: None if isinstance(value, float) and not np.isfinite(value) else value for key, value in row.items()}


def calibration_text(calibration: Calibration) -> str:
    """The quality of the log, what was found in it, and how well the plant reproduces it."""
    found = calibration.found
    history = found.history
    loops = sum(len(visits) - len({visit.step for visit in visits}) for visits in history.orders.values())
    rework = [visit for visit in history.visits() if visit.rework]
    scrap = sum(visit.rejected for visit in history.visits())
    lines = [] if calibration.fit.reproduces else [str(calibration.fit), ""]
    lines += [calibration.quality.text(minor=False), "", "FOUND"]
    lines += [f"  {calibration.recent.words}"] if calibration.recent is not None else []
    shown = [f"{center.name} ({center.machines})" for center in found.centers[:8]]
    lines.append(
        f"  {_count(len(found.centers), 'work center')}: "
        + ", ".join([*shown, "..."] if len(found.centers) > 8 else shown)
    )
    lines.append(
        f"  {_count(len(found.routings), 'product')}; {sum(map(len, history.orders.values())):,} visits of {len(history.orders)} orders; "
        f"{loops} returns to a step, {len(rework)} visits for rework, {scrap:g} pieces rejected"
    )
    if history.closing is not None:
        reached = sum(any(v.step[0] == history.closing for v in visits) for visits in history.orders.values())
        lines.append(
            f"  {reached} orders reach {history.closing!r}, which closes most; {len(history.open_orders)} of the others are taken to be under "
            "way when the log ends"
        )
    lines += route_lines(found.routings)
    lines.append(f"  hours of the plant: {_hours(found.plant_hours)}")
    for center in found.centers[:6]:
        if center.name in found.calendars:
            lines.append(f"    {center.name}: {_hours(found.calendars[center.name])}")
    if found.going_on.patterns:
        hours = ", ".join(pattern.name for pattern in found.going_on.patterns)
        lines.append(
            f"  orders go on: {hours} ({100 * found.going_on.inside:.0f} % of the visits after an order's first begin then)"
        )
    lines += [f"  {words}" for words in coming_words(found)]
    if found.staff is not None:
        rotating = [person for person in found.staff.people if person.rotates]
        people = len(found.staff.people)
        words = f", of whom {len(rotating)} rotate over {', '.join(found.staff.shifts)}" if rotating else ""
        lines.append(f"  {people} {'person' if people == 1 else 'people'}{words}")
    if found.skills is not None:
        lines += textwrap.wrap(found.skills.text(), 120, initial_indent="  ", subsequent_indent="    ")
    lines.append("  operation times (distance: greatest gap between measured and fitted shares; * not close)")
    for row in _rows(found, "operation times")[:8]:
        mark = " " if row["close"] else "*"
        lines.append(
            f"    {row['of'][:38]:<38} {row['measured']:>4} of {show_duration(row['mean of measured (s)']):>7}  {row['kind']:<14} "
            f"{row['distance']:.2f}{mark}"
        )
    lines += [f"  {machine.words}" for machine in found.machines if machine.words]
    lines += _waiting_lines(found)
    lines += [f"  {of}: {drift.words}" for of, drift in found.times.changes.named()]
    if calibration.fit.reproduces:
        lines += ["", str(calibration.fit)]
    if calibration.hold_out is not None:
        lines += ["", str(calibration.hold_out)]
    return "\n".join(lines)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'s' * (number != 1)}"


def _waiting_lines(found: Found) -> list[str]:
    """Why orders waited, and where they waited longest."""
    waiting = found.waiting
    if waiting.total <= 0:
        return []
    each = show_duration(waiting.total / waiting.orders)
    lines = [f"  of the {each} that an order waits, by what the log shows (95 %):"]
    for cause, share in sorted(waiting.shares.items(), key=lambda item: -item[1].value):
        if share.value >= 0.005:
            most = max(waiting.centers, key=lambda center: waiting.centers[center][cause])
            part = waiting.centers[most][cause] / (share.value * waiting.total)
            lines.append(
                f"    {cause:<15} {100 * share.value:>3.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f}), {100 * part:.0f} % of it before {most}"
            )
    return lines


def coming_words(found: Found) -> list[str]:
    """How orders come, are released, and are promised, a sentence each."""
    told = [f"orders come: {find_arrivals(found.history, found.weeks).words}", find_policy(found.history).words]
    return told + ([f"due dates: {due_words(found.history)}"] if found.history.dues else [])


def _hours(calendar: Calendar) -> str:
    names = ", ".join(pattern.name for pattern in calendar.patterns) or "none that are usual"
    off = f"; off on {len(calendar.off)} of these days, from {calendar.off[0]} on" if calendar.off else ""
    return f"{names} ({100 * calendar.inside:.0f} % of the work){off}"

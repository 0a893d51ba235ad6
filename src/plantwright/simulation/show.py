"""A run for people: as text, as a table, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plantwright.simulation.run import Estimate, Run
from plantwright.units import show_duration

if TYPE_CHECKING:
    import altair
    import polars

STATE_COLOURS = {
    "working": "#0072B2",
    "load": "#3B92C9",
    "unload": "#2681BD",
    "setup": "#56B4E9",
    "blocked": "#E69F00",
    "starved": "#F0E442",
    "no staff": "#CC79A7",
    "no tool": "#A8527F",
    "no material": "#E3AECB",
    "waiting for repair": "#8F3F00",
    "in repair": "#D55E00",
    "maintenance": "#009E73",
    "off shift": "#BBBBBB",
}
"""A colour for each state, apart for every kind of colour vision (Okabe and Ito 2008); states of one kind are shades of one."""

_BAR, _WIDTH = 24, 80
_MOST_CENTERS = 30
"""Of so many work centers the states are shown on a page; of more, those of the ones that lack work least."""
_MARKS = {
    "working": "#",
    "load": "l",
    "unload": "u",
    "setup": "s",
    "blocked": "b",
    "no staff": "p",
    "no tool": "t",
    "no material": "n",
    "waiting for repair": "w",
    "in repair": "r",
    "maintenance": "m",
    "starved": ".",
}


def number(value: float) -> str:
    """A number with three or four figures and no needless zeros."""
    if value != 0 and abs(value) < 0.0005:
        return f"{value:.1e}"
    digits = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 10 else 3
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def value_text(estimate: Estimate) -> str:
    """An estimate with its interval in the unit that people read."""
    low, mean, high = estimate.low, estimate.mean, estimate.high
    if estimate.unit == "s":
        return f"{show_duration(mean)} ({show_duration(low, mean)} to {show_duration(high, mean)})"
    if estimate.unit == "share":
        return f"{100 * mean:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
    return f"{number(mean)} {estimate.unit} ({number(low)} to {number(high)})"


def run_text(run: Run) -> str:
    """A run as a page of text of at most 80 columns."""
    settled = "" if run.steady else "; it does not settle: work in process keeps growing"
    lines = [
        f"{run.name}"[:60] + f"   [{run.trust}]",
        f"{run.replications} replications of {show_duration(run.horizon)} after a warm-up of {show_duration(run.warmup)}"
        f"{' (stopped early)' if run.partial else ''}{settled}",
        "",
    ]
    parts = [dict(e.of) for e in run.named("throughput") if e.of]
    products = [of for of in parts if "product" in of]
    subjects = [{}, *(products if len(products) > 1 else []), *(of for of in parts if "class" in of)]
    for of in subjects:
        if of:
            lines.append(of.get("product") or f"class {of['class']}")
        for name in (
            "throughput",
            "sales",
            "work in process",
            "cycle time",
            "on-time share",
            "scrap share",
            "lost share",
        ):
            lines += [_line(e) for e in run.named(name) if dict(e.of) == of]
    lines += [_line(e) for e in run.named("contribution")]
    lines += ["", *_states(run)]
    people = run.named("use of people")
    if people:
        lines += ["", "People at work, share of paid time"]
        lines += [f"  {e.of['crew'][:24]:<24} {100 * e.mean:5.1f} %" for e in people]
    lines += [*_details(run), "", *_remarks(run)]
    return "\n".join(lines).rstrip()


def _line(estimate: Estimate) -> str:
    name = estimate.name if estimate.quantile is None else f"  {100 * estimate.quantile:g} % of lots within"
    return f"  {name:<24} {value_text(estimate)}"


def _states(run: Run) -> list[str]:
    shares: dict[str, dict[str, float]] = {}
    for estimate in run.named("state share"):
        shares.setdefault(estimate.of["work center"], {})[estimate.of["state"]] = estimate.mean
    lines = ["Work centers, share of the time on shift"]
    chosen = shares
    if len(shares) > _MOST_CENTERS:
        idle = {center: states.get("starved", 0.0) + states.get("off shift", 0.0) for center, states in shares.items()}
        least_idle = set(sorted(idle, key=lambda center: idle[center])[:_MOST_CENTERS])
        chosen = {center: states for center, states in shares.items() if center in least_idle}
        lines.append(
            f"(the {_MOST_CENTERS} of {len(shares)} that lack work least; all of them: --json, or -o run.html)"
        )
    for center, states in chosen.items():
        there = 1 - states.get("off shift", 0.0)
        on_shift = {state: share / there for state, share in states.items() if state != "off shift" and there > 0}
        bar = ""
        for state, mark in _MARKS.items():
            bar += mark * round(_BAR * on_shift.get(state, 0.0))
        told = sorted(on_shift.items(), key=lambda pair: -pair[1])
        words = [f"{100 * share:.0f} % {state}" for state, share in told if share >= 0.005]
        begin = f"  {center[:16]:<16} {bar[:_BAR]:<{_BAR}} "
        while len(words) > 1 and len(begin + ", ".join(words)) > _WIDTH:
            words.pop()
        lines.append(f"{begin}{', '.join(words)}"[:_WIDTH])
    return lines


def _details(run: Run) -> list[str]:
    """What people did with their time, and the wait before each operation, where that was asked for."""
    lines: list[str] = []
    activities: dict[str, list[str]] = {}
    for e in run.named("time of people"):
        activities.setdefault(e.of["crew"], []).append(f"{100 * e.mean:.1f} % {e.of['activity']}")
    if activities:
        lines += ["", "What people do, share of paid time"]
        lines += [f"  {crew[:24]:<24} {', '.join(told)}"[:80] for crew, told in activities.items()]
    waits = [e for e in run.named("queue time") if "operation" in e.of and e.quantile is None]
    if waits:
        lines += ["", "Wait before each operation"]
        lines += [f"  {e.of['product'] + ' ' + e.of['operation']:<24.24} {value_text(e)}" for e in waits]
    return lines


def _remarks(run: Run) -> list[str]:
    lines = [f"{what}: {why}" for what, why in run.unknown.items()]
    if run.not_simulated:
        lines.append("Not simulated: " + ", ".join(run.not_simulated))
    if run.uncertain:
        others = len(run.uncertain) - 1
        more = f" and {others} other{'s' if others > 1 else ''}" if others else ""
        lines.append(f"Drawn anew in each replication: {run.uncertain[0]}{more}")
    if run.wider:
        told = ", ".join(f"{name} {100 * share:.2g} %" for name, share in run.wider.items())
        lines.append(f"Not as precise as asked ({100 * (run.precision or 0):g} %): {told}")
    return [*lines, f"Seed {run.seed}, {100 * run.level:g} % intervals, plant {run.plant[:12]}, version {run.version}"]


def run_table(run: Run, name: str) -> polars.DataFrame:
    """The estimates of that name (all where it is empty), a column for each key of what they are of; those of buckets of time last."""
    import polars

    chosen = [e for e in (*run.estimates, *run.buckets) if name in ("", e.name)]
    keys = list(dict.fromkeys(key for estimate in chosen for key in estimate.of))
    return polars.DataFrame(
        [
            {
                "name": e.name,
                **{key: e.of.get(key) for key in keys},
                "quantile": e.quantile,
                "unit": e.unit,
                "mean": e.mean,
                "low": e.low,
                "high": e.high,
            }
            for e in chosen
        ],
        infer_schema_length=None,
    )


def run_chart(run: Run, name: str) -> altair.Chart | altair.LayerChart:
    """The estimates of that name as a picture: bars of the states of each work center, else points with their intervals."""
    import altair

    rows: list[dict[str, Any]] = [
        {
            **{key.replace(" ", "_"): value for key, value in e.of.items()},
            "subject": ", ".join(e.of.values()) or "plant",
            "mean": e.mean,
            "low": e.low,
            "high": e.high,
        }
        for e in run.named(name)
    ]
    if over_time := [e for e in run.buckets if e.name == name and e.quantile is None]:
        return _chart_over_time(name, over_time)
    if name == "state share":
        order = list(STATE_COLOURS)
        for row in rows:
            row["order"] = order.index(row["state"])
        chart: altair.Chart = altair.Chart(altair.InlineData(values=rows)).mark_bar()
        return chart.encode(
            x=altair.X("mean:Q", stack=True, axis=altair.Axis(format="%"), title="share of all time"),
            y=altair.Y("work_center:N", sort=None, title=None),
            color=altair.Color(
                "state:N", scale=altair.Scale(domain=order, range=list(STATE_COLOURS.values())), title="state"
            ),
            order="order:O",
        )
    unit = next((e.unit for e in run.named(name)), "")
    base: altair.Chart = altair.Chart(altair.InlineData(values=rows)).encode(
        y=altair.Y("subject:N", sort=None, title=None)
    )
    points: altair.Chart = base.mark_point(filled=True, size=60).encode(x=altair.X("mean:Q", title=f"{name}, {unit}"))
    bars: altair.Chart = base.mark_rule().encode(x=altair.X("low:Q", title=f"{name}, {unit}"), x2="high:Q")
    return altair.LayerChart(layer=[bars, points])


def _chart_over_time(name: str, estimates: Sequence[Estimate]) -> altair.LayerChart:
    """A line for each subject over the buckets of time, with its interval as a band."""
    import altair

    rows = [
        {
            "from": e.of["from"],
            "subject": ", ".join(value for key, value in e.of.items() if key != "from") or "plant",
            "mean": e.mean,
            "low": e.low,
            "high": e.high,
        }
        for e in estimates
    ]
    base: altair.Chart = altair.Chart(altair.InlineData(values=rows)).encode(
        x=altair.X("from:T", title=None), color=altair.Color("subject:N", title=None)
    )
    title = f"{name}, {estimates[0].unit}"
    band: altair.Chart = base.mark_area(opacity=0.25).encode(y=altair.Y("low:Q", title=title), y2="high:Q")
    line: altair.Chart = base.mark_line(interpolate="step-after").encode(y=altair.Y("mean:Q", title=title))
    return altair.LayerChart(layer=[band, line])

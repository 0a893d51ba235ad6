"""Pictures of a calibration: each fitted distribution against its data, and the hours of work found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.calibration.calendars import Calendar
from plantwright.calibration.fitting import FittedTime
from plantwright.calibration.goodness import cumulative

if TYPE_CHECKING:
    import altair

    from plantwright.calibration.drafting import Found

CHARTS = ("operation times", "setup times", "breakdowns", "hours")
MOST_SHOWN = 12

_MEASURED, _FITTED = "#0072b2", "#d55e00"
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_ROUND = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))


def fits_of(found: Found, name: str) -> dict[str, FittedTime]:
    """The fits of a kind by what they are of, those with most measured times first."""
    if name == "operation times":
        ranked = sorted(found.times.pooled.items(), key=lambda item: -len(item[1].values))
        return {f"{operation} at {center}": fitted for (operation, center), fitted in ranked}
    if name == "setup times":
        return {center: setup.fitted for center, setup in found.times.setups.items()}
    made = {}
    for center, stops in found.times.stops.items():
        for of, fitted in ((center, stops.fitted), (f"{center}: work between", stops.gaps)):
            if fitted is not None:
                made[of] = fitted
    return made


def pictures(found: Found, name: str) -> Iterator[tuple[str, altair.LayerChart]]:
    """One picture for each of the first `MOST_SHOWN` of a kind, with its title."""
    if name == "hours":
        for center in found.centers[:MOST_SHOWN]:
            if center.name in found.calendars:
                yield center.name, hours_chart(found.calendars[center.name])
        return
    for of, fitted in list(fits_of(found, name).items())[:MOST_SHOWN]:
        yield of, fit_chart(fitted)


def found_chart(found: Found, name: str) -> altair.ConcatChart:
    """All pictures of a kind in rows of three. KeyError for a name that is not in `CHARTS`, ValueError where the log has none."""
    import altair

    if name not in CHARTS:
        raise KeyError(f"{name!r} is not one of {', '.join(CHARTS)}")
    made = [chart.properties(title=title) for title, chart in pictures(found, name)]
    if not made:
        raise ValueError(f"the log shows no {name} that could be drawn")
    chart: altair.ConcatChart = altair.concat(*made, columns=3)
    return chart


def curves(fitted: FittedTime) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Measured and fitted cumulative shares, as pairs of seconds and share.

    Lots of different size are shown as if each had the mean number of pieces, where the time is per piece.
    """
    values, pieces = np.asarray(fitted.values), np.asarray(fitted.pieces)
    mean = 1.0
    if fitted.per == "piece":
        mean = float(pieces.mean())
        values = np.sort(values / pieces * mean)
    shares = np.arange(1, values.size + 1) / values.size if fitted.measured is None else np.asarray(fitted.measured)
    last = float(np.quantile(values, 0.99)) * 1.15
    grid = np.linspace(0.0, last, 161)[1:]
    curve = cumulative(fitted.distribution, grid, mean)
    steps = [(0.0, 0.0), *((float(v), float(s)) for v, s in zip(values, shares, strict=True) if v <= last)]
    return steps, [(0.0, 0.0), *((float(x), float(y)) for x, y in zip(grid, curve, strict=True))]


def fit_chart(fitted: FittedTime, width: int = 230, height: int = 140) -> altair.LayerChart:
    """Measured times (steps) and the fitted distribution (dashed), as shares of times that are no longer."""
    import altair

    measured, line = curves(fitted)
    size, unit = next((size, unit) for size, unit in _ROUND if line[-1][0] >= 2 * size or unit == "s")
    x = altair.X("x:Q", title=f"{unit} ({len(fitted.values)} measured)").scale(nice=False)
    y = altair.Y("y:Q", title="share no longer").axis(format="%", tickCount=5).scale(domain=[0, 1])

    def layer(pairs: Sequence[tuple[float, float]], **mark: Any) -> altair.Chart:
        rows = [{"x": round(a / size, 5), "y": round(b, 5)} for a, b in pairs]
        chart: altair.Chart = altair.Chart(altair.InlineData(values=rows)).mark_line(clip=True, **mark).encode(x=x, y=y)
        return chart

    steps = layer(measured, interpolate="step-after", strokeWidth=2, color=_MEASURED)
    curve = layer(line, strokeDash=[5, 3], strokeWidth=2, color=_FITTED)
    return altair.LayerChart(layer=[steps, curve], width=width, height=height)


def hours_chart(calendar: Calendar, width: int = 230, height: int = 100) -> altair.LayerChart:
    """How much is worked at each hour of each weekday (dark: much), and the hours taken for open (outlined)."""
    import altair

    most = max((max(day) for day in calendar.usual), default=0.0) or 1.0
    worked: list[dict[str, Any]] = []
    hours: list[dict[str, Any]] = []
    for weekday, day in enumerate(calendar.usual):
        name = _DAYS[(weekday + 1) % 7]
        worked += [{"day": name, "from": h, "to": h + 1, "worked": round(w / most, 4)} for h, w in enumerate(day)]
        open_hours = [h for h in range(24) if any(pattern.holds(weekday, h) for pattern in calendar.patterns)]
        for hour in open_hours:
            if hours and hours[-1]["day"] == name and hours[-1]["to"] == hour:
                hours[-1]["to"] = hour + 1
            else:
                hours.append({"day": name, "from": hour, "to": hour + 1})
    x = altair.X("from:Q", title="hour of the day").axis(values=list(range(0, 25, 4))).scale(domain=[0, 24], nice=False)
    y = altair.Y("day:O", sort=list(_DAYS), title=None).scale(domain=list(_DAYS))
    shade = altair.Chart(altair.InlineData(values=worked)).mark_rect(fill=_MEASURED)
    shade = shade.encode(
        x=x, x2="to:Q", y=y, opacity=altair.Opacity("worked:Q", legend=None).scale(domain=[0, 1], range=[0, 1])
    )
    outline = altair.Chart(altair.InlineData(values=hours)).mark_rect(fill=None, stroke=_FITTED, strokeWidth=1.5)
    outline = outline.encode(x=x, x2="to:Q", y=y)
    return altair.LayerChart(layer=[shade, outline], width=width, height=height)

"""A calibration as one HTML page: whether the model reproduces the shop, the log's quality, and each fit against its data."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from plantwright.calibration.holdout.distances import ALL, UNITS
from plantwright.calibration.show import coming_words
from plantwright.report.html import common, environment, style_text
from plantwright.simulation.trust import TOLERANCE
from plantwright.units import show_duration

if TYPE_CHECKING:
    from plantwright.calibration import Calibration

_MOST_LINES = 40
_MOST_PLACES = 12
_EXTRA = """
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem; margin: .8rem 0; }
.pictures figure { margin: 0; border: 1px solid var(--line); border-radius: .4rem; padding: .6rem; background: #ffffff; color: #1b1f24; }
.pictures figcaption { font-size: .88rem; margin-bottom: .3rem; }
.pictures figcaption .soft { color: #57606a; display: block; }
.pictures img { width: 100%; height: auto; display: block; }
.line { display: inline-block; width: 1.6rem; border-top: 3px solid #0072b2; vertical-align: middle; margin-right: .35rem; }
.line.fitted { border-top: 3px dashed #d55e00; }
.lines { font-variant-numeric: tabular-nums; font-size: .85rem; color: var(--soft); }
"""


def calibration_html(calibration: Calibration, command: str | None = None) -> str:
    """A calibration as one HTML page.

    Parameters
    ----------
    calibration : Calibration
    command : str, optional
        How the calibration is repeated, if not by the command that its manifest gives.
    """
    fit, quality, found = calibration.fit, calibration.quality, calibration.found
    told = (
        command
        or f"plantwright calibrate LOG -o shop.yaml --seed {fit.run.seed} --replications {fit.run.replications}{_held(calibration)}"
    )
    shared = common(fit.run, told)
    ranked = sorted(found.waiting.shares.items(), key=lambda item: -item[1].value)
    page = environment().get_template("calibration.html")
    return page.render(
        **shared | {"style": shared["style"] + type(style_text())(_EXTRA)},
        title=f"{fit.run.name}: calibration",
        fit=fit,
        tolerance=f"{100 * TOLERANCE:.0f}",
        totals=fit.totals(),
        waiting=f"{100 * fit.waiting:.0f}",
        causes=[(cause, _percent(share)) for cause, share in ranked if share.value >= 0.005],
        waits=found.waiting.rows()[:_MOST_PLACES],
        quality=quality,
        rows=[
            ("rows read", quality.rows_read), ("kept as they are", quality.kept), ("repaired", quality.repaired),
            ("joined to the row that they end", quality.joined), ("set aside", quality.left_out),
        ],
        defects=[
            {"count": d.counted, "kind": d.kind, "cause": d.cause, "action": d.action, "lines": _lines(d.rows),
             "effect": d.effect.words if d.effect else "", "matters": d.matters}
            for d in quality.defects
        ],
        aside=[(reason, len(lines), _lines(lines)) for reason, lines in quality.set_aside.items()],
        hours=[
            {"name": "the whole plant", "hours": _hours(found.plant_hours), "inside": _share(found.plant_hours.inside)},
            *(
                {"name": name, "hours": _hours(calendar), "inside": _share(calendar.inside)}
                for name, calendar in found.calendars.items()
            ),
        ],
        pictures={name: list(_pictures(calibration, name)) for name in ("hours", "operation times", "setup times", "breakdowns")},
        fits=[
            (heading, calibration.table(name).rows(named=True))
            for heading, name in (("Operation times", "operation times"), ("Setup times", "setup times"), ("Breakdowns", "breakdowns"))
        ],
        show=show_duration,
        coming=[_sentence(words) for words in coming_words(found)],
        products=[
            {"name": name, "orders": routing.orders, "ways": routing.variants, "steps": len(routing.steps)}
            for name, routing in sorted(found.routings.items(), key=lambda item: -item[1].orders)
        ],
        crew=found.staff.people if found.staff else (),
        told=found.skills is None or found.skills.told,
        work_centers=found.centers,
        held=calibration.hold_out,
        measures=ALL,
        units=UNITS,
    )  # fmt: skip


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _held(calibration: Calibration) -> str:
    """How the command says that a part was held out."""
    return "" if calibration.hold_out is None else f" --hold-out {100 * calibration.hold_out.share:g}%"


def _lines(rows: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, rows[:_MOST_LINES]))
    return shown + (f" and {len(rows) - _MOST_LINES:,} more" if len(rows) > _MOST_LINES else "")


def _hours(calendar: Any) -> str:
    return "; ".join(pattern.name for pattern in calendar.patterns) or "none that are usual"


def _percent(share: Any) -> str:
    return f"{100 * share.value:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f})"


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def _pictures(calibration: Calibration, name: str) -> Iterator[dict[str, str]]:
    """The pictures of a kind as images within the page, with what they say in words."""
    import vl_convert

    from plantwright.calibration.charts import fits_of, pictures

    fits = fits_of(calibration.found, name) if name != "hours" else {}
    for of, chart in pictures(calibration.found, name):
        svg = vl_convert.vegalite_to_svg(chart.to_json())
        data = base64.b64encode(svg.encode()).decode()
        if name == "hours":
            words = _hours(calibration.found.calendars[of])
        else:
            fitted = fits[of]
            close = "close" if fitted.close else "not close"
            words = f"{fitted.name} per {fitted.per}, greatest distance {fitted.distance:.2f}: {close}"
        yield {"of": of, "words": words, "source": f"data:image/svg+xml;base64,{data}"}

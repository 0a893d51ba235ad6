"""A deployment card as one page to hang up: who, where, how it is seen to work, the signal on the machine, the way back."""

from __future__ import annotations

from typing import Any

from plantwright.plant.card import AcceptanceTest, DeploymentCard, Signal
from plantwright.report import words
from plantwright.report.html import GRADES, environment, style_text
from plantwright.report.views import edit_text
from plantwright.units import show_duration


def card_html(card: DeploymentCard) -> str:
    """A deployment card as one HTML page."""
    sketch = " (sketch)" if card.trust == "sketch" else ""
    costs = []
    if card.capital:
        costs.append(f"{words.amount(card.capital, card.currency)} once{sketch}")
    if card.yearly:
        costs.append(f"{words.amount(card.yearly, card.currency)} a year{sketch}")
    page = environment().get_template("card.html")
    return page.render(
        title=f"{card.title}: deployment card",
        style=style_text(),
        card=card,
        grade=GRADES.get(card.trust, card.trust),
        costs=" and ".join(costs) or "no price is known",
        wait=words.long(card.pilot.wait) if card.pilot.wait else "",
        training=f"{words.figures(card.training / 3600)} h" if card.training else "",
        test=_test(card.test),
        readings=[
            {"path": r.path, "before": show_duration(r.before), "after": show_duration(r.after), "readings": r.readings}
            for r in card.readings
        ],
        signals=[_signal(signal) for signal in card.signals],
        edits=[(path, edit_text(value)) for path, value in card.edits.items()],
        back=[(path, edit_text(value)) for path, value in card.back.items()],
    )


def _test(test: AcceptanceTest) -> dict[str, Any]:
    size, unit = _unit(test)

    def said(value: float) -> str:
        return words.figures(value / size)

    more = "more" if test.after >= test.before else "less"
    return {
        "measure": test.measure,
        "before": f"{said(test.before)} {unit}",
        "after": f"{said(test.after)} {unit}",
        "promised": f"{said(test.low)} to {said(test.high)}",
        "days": test.days,
        "least": "" if test.least is None else f"{said(test.least)} {unit} {more}",
        "spread": f"{said(test.spread)} {unit}",
        "sure": f"{100 * test.confidence:.0f} %",
        "power": f"{round(10 * test.power)} times in 10",
    }


def _unit(test: AcceptanceTest) -> tuple[float, str]:
    """How many of the test's unit are one of the unit that people read, and that unit."""
    if test.unit == "s":
        return words.time_unit(max(test.before, test.after))
    if test.unit == "share":
        return 0.01, "%"
    what, _, per = test.unit.partition("/")
    return 1.0, f"{words.several(what)} a {per}" if per else words.several(what)


def _signal(signal: Signal) -> dict[str, str]:
    return {
        "center": signal.work_center,
        "state": signal.state,
        "before": f"{100 * signal.before:.0f} %",
        "after": f"{100 * signal.after:.0f} %",
        "change": f"{words.signed(words.figures(100 * signal.low, 2))} to {words.signed(words.figures(100 * signal.high, 2))} points",
    }

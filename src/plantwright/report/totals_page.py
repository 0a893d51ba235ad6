"""Guesses held against totals as one HTML page: whether the totals match, where each guess may be, which make up for each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.calibration.totals.show import allowed, off_text
from plantwright.report.html import common, environment, style_text
from plantwright.simulation.trust import TOLERANCE

if TYPE_CHECKING:
    from plantwright.calibration.totals.result import MatchedGuess, Together, TotalsMatch

_EXTRA = """
.range { position: relative; height: 1.3rem; background: var(--panel); border: 1px solid var(--edge); border-radius: .2rem; min-width: 8rem; }
.range i { position: absolute; top: 0; bottom: 0; background: var(--accent); opacity: .35; forced-color-adjust: none; print-color-adjust: exact; }
.range b, .range s { position: absolute; top: -.15rem; bottom: -.15rem; width: 0; border-left: 3px solid var(--ink); margin-left: -1.5px; }
.range s { border-left: 2px dashed var(--soft); }
.ends { display: flex; justify-content: space-between; font-size: .82rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.mark { margin-left: .8rem; } .mark.may { margin-left: 0; }
.mark { display: inline-block; width: 1.1rem; height: .9rem; vertical-align: -.1rem; margin-right: .35rem; }
.mark.may { background: var(--accent); opacity: .35; border: 1px solid var(--edge); }
.mark.now { border-left: 3px solid var(--ink); width: .3rem; }
.mark.was { border-left: 2px dashed var(--soft); width: .3rem; }
"""
VERDICTS = {"told": "told by the totals", "not told apart": "not told apart", "not told": "no total tells it"}


def totals_html(match: TotalsMatch, command: str | None = None) -> str:
    """Guesses held against totals, as one HTML page.

    Parameters
    ----------
    match : TotalsMatch
    command : str, optional
        How it is repeated.
    """
    told = (
        command
        or f"plantwright calibrate PLANT -o better.yaml --seed {match.run.seed} --replications {match.run.replications}"
    )
    shared = common(match.run, told)
    return environment().get_template("totals.html").render(
        **shared | {"style": shared["style"] + type(style_text())(_EXTRA)},
        title=f"{match.plant.name}: totals",
        match=match,
        tolerance=f"{100 * TOLERANCE:.0f}",
        moved=sum(one.moved for one in match.guesses),
        near=all(total.now.agrees for total in match.totals),
        totals=[
            {"name": one.name, "before": one.before.shown[0], "now": one.now.shown[0], "yours": one.now.shown[1], "off": off_text(one),
             "fits": one.fits and one.now.agrees}
            for one in match.totals
        ],
        guesses=[_guess(one, match.matches) for one in sorted(match.guesses, key=lambda one: (not one.moved, one.verdict != "told"))],
        together=[_together(one, match.guesses) for one in match.together],
    )  # fmt: skip


def _guess(one: MatchedGuess, matches: bool) -> dict[str, Any]:
    guess = one.guess
    low, high = 100 * guess.coordinate(one.low), 100 * guess.coordinate(one.high)
    return {
        "label": guess.label, "was": guess.shown(guess.value), "now": guess.shown(one.value), "moved": one.moved,
        "low": guess.shown(guess.low), "high": guess.shown(guess.high), "verdict": VERDICTS[one.verdict], "by": ", ".join(one.by),
        "allowed": "" if one.verdict == "not told" else allowed(one, matches), "binds": one.binds,
        "at": f"{100 * guess.coordinate(one.value):.1f}", "before": f"{100 * guess.coordinate(guess.value):.1f}", "left": f"{low:.1f}",
        "width": f"{max(0.6, high - low):.1f}",
    }  # fmt: skip


def _together(one: Together, guesses: tuple[MatchedGuess, ...]) -> dict[str, Any]:
    of = {each.guess.path: each.guess for each in guesses}
    return {
        "rows": [
            {"label": of[path].label, "ways": [of[path].shown(way[path]) for way in one.ways], "measure": path in one.measure}
            for path in one.paths
        ],
        "measure": [of[path].label for path in one.measure],
    }  # fmt: skip

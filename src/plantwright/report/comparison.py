"""A comparison of two plants as one HTML page: what differs, what that does, where the time goes otherwise, what limits each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.improvement.comparison_show import LEAST_STATE, change_text
from plantwright.report.axes import axis_of
from plantwright.report.html import common, environment
from plantwright.report.views import number_of
from plantwright.simulation.run import Estimate
from plantwright.units import show_duration

if TYPE_CHECKING:
    from plantwright.improvement.comparing import Effect, PlantComparison

MOST_STATES = 12
WORSE_IF_MORE = ("cycle time", "work in process", "scrap share", "energy")


def comparison_html(comparison: PlantComparison, command: str | None = None) -> str:
    """A comparison as one HTML page.

    Parameters
    ----------
    comparison : PlantComparison
    command : str, optional
        How the comparison is repeated, if not by the command that its options give.
    """
    run = comparison.before
    told = command or (
        f"plantwright compare A B --seed {run.seed} --replications {run.replications} --horizon {run.horizon / 86400:.12g}d "
        f"--warmup {run.warmup / 86400:.12g}d --level {comparison.level:g}"
    )
    states = [s for s in comparison.states if s.change is not None and abs(s.change.mean) >= LEAST_STATE][:MOST_STATES]
    shares = [_relative(effect) for effect in comparison.effects]
    axis = axis_of([share for share in shares if share is not None])
    page = environment().get_template("comparison.html")
    return page.render(
        **common(run, told),
        title=f"{run.name}: two plants compared",
        plants=[
            {"word": word, "name": each.name, "hash": each.plant[:16], "trust": each.trust, "limit": limit,
             "steady": each.steady}
            for word, each, limit in zip("AB", (comparison.before, comparison.after), comparison.limits, strict=True)
        ],
        differs=comparison.differs,
        axis=axis,
        effects=[_row(effect, share, axis) for effect, share in zip(comparison.effects, shares, strict=True)],
        states=[_row(effect, None, axis) for effect in states],
        sketch="sketch" in (comparison.before.trust, comparison.after.trust),
        span=show_duration(run.horizon),
    )  # fmt: skip


def _relative(effect: Effect) -> Estimate | None:
    """A change as a share of the first plant's number, so that all stand on one axis."""
    change, before = effect.change, effect.before
    if change is None or before is None or abs(before.mean) < 1e-12:
        return None
    whole = abs(before.mean)
    return Estimate(
        effect.name, {}, "% of A", 100 * change.mean / whole, 100 * change.low / whole, 100 * change.high / whole
    )


def _row(effect: Effect, share: Estimate | None, axis: Any) -> dict[str, Any]:
    change = effect.change
    tone = "none"
    if change is not None and not change.low <= 0 <= change.high:
        tone = "good" if (change.mean > 0) != (effect.name in WORSE_IF_MORE) else "bad"
    known = effect.before or effect.after
    assert known is not None
    name = f"{known.of['work center']}: {known.of['state']}" if "state" in known.of else effect.name
    return {
        "name": name,
        "before": number_of(effect.before)["value"] if effect.before else "none",
        "after": number_of(effect.after)["value"] if effect.after else "none",
        "change": change_text(effect),
        "tone": tone,
        "mark": axis.mark(share) if share is not None else None,
        "money": effect.name == "contribution",
    }

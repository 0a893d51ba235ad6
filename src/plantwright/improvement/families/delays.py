"""Moves on what lies between two steps and is no work, no queue and no night: the delays of work centers."""

from __future__ import annotations

from collections.abc import Iterator

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import MONTH, brief, less, span
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.plant.texts import scaled, text_at
from plantwright.simulation.loads import expected_visits, mix

_MOST = 2


def lots_delayed(plant: Plant) -> dict[str, float]:
    """Of each work center with a delay, the lots that lie before it for each lot of the plant's mix, in lots times seconds; the first step left out."""
    rates, found = mix(plant), dict.fromkeys((n for n, c in plant.work_centers.items() if c.delay is not None), 0.0)
    for name, product in plant.products.items():
        visits = expected_visits(product)
        for number, step in enumerate(product.routing):
            lies = plant.work_centers[step.center].delay
            if lies is not None:
                found[step.center] += rates[name] * max(0.0, visits[step.name] - (number == 0)) * lies.mean
    return found


def shorter_delays(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Find out why lots lie before the two work centers where they lie longest in all, and mend it: their delays shorter by an uncertain share.
    Nothing that the plant file knows makes these delays, so it cannot say what to mend; that is to be asked on the floor.
    """
    effect = usual.effect or Distribution.constant(0.0)
    found = lots_delayed(plant)
    for center in sorted(found, key=lambda name: -found[name])[:_MOST]:
        path = f"work centers > {center} > delay"
        text = text_at(plant, path)
        if not found[center] or text is None or scaled(text, 1.0) is None:
            continue
        yield believed(
            Move(f"shorter delays: {center}", "shorter delays", f"delays before {center} {brief(effect)} shorter", {}),
            effect,
            f"delays {span(effect)} shorter",
            lambda share, path=path, text=text: {path: scaled(text, less(share))},  # type: ignore[misc]
        )


FAMILIES = (
    Family(
        "shorter delays", shorter_delays, True, "exploit",
        Usual(effect=Distribution("uniform", (0.2, 0.5)), cost=5e3, lead_time=2 * MONTH, ramp_up=MONTH,
              source="Most of the time of an order is neither work nor queue: Rother and Shook, Learning to See, Lean Enterprise Institute, 1999, who walk the "
                     "flow and ask at each place. The range, cost and times are our choice."),
    ),
)  # fmt: skip

"""Moves on quality: less scrap at a step, fewer defects that show later, less rework."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import MONTH, brief, span
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation
from plantwright.plant.texts import text_at

Found = dict[tuple[str, str], list[tuple[str, str, float]]]
"""By step and work center: the product, the path of a share, and the share."""


def better_yield(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A share of the scrap of an operation avoided, for all products that have it at the same work center; of its unseen defects, too."""
    effect = usual.effect or Distribution.constant(0.0)
    scrap = _shares(plant, lambda step: {"yield": 1 - step.yield_})
    defects = _shares(plant, lambda step: {f"defects > {name}": share for name, share in step.defects.items()})
    for found, what, word, text in (
        (scrap, "scraps {} less", "", lambda lost: 1 - lost),
        (defects, "makes {} fewer defects", " defects", lambda lost: lost),
    ):
        yield from _avoiding(plant, "yield", effect, found, what, word, text)


def less_rework(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A share of the lots that an operation sends back go on, for all products that have it at the same work center."""
    effect = usual.effect or Distribution.constant(0.0)
    found = _shares(plant, lambda step: {"rework > share": step.rework.share if step.rework else 0.0})
    yield from _avoiding(plant, "rework", effect, found, "sends {} fewer lots back", "", lambda lost: lost)


def _shares(plant: Plant, of: Callable[[Operation], dict[str, float]]) -> Found:
    """The shares above zero that stand as text in the file."""
    found: Found = {}
    for name, product in plant.products.items():
        for step in product.routing:
            for word, share in of(step).items():
                path = f"products > {name} > routing > {step.name} > {word}"
                if share > 0 and text_at(plant, path) is not None:
                    found.setdefault((step.name, step.center), []).append((name, path, share))
    return found


def _avoiding(
    plant: Plant, family: str, effect: Distribution, found: Found, what: str, word: str, value: Callable[[float], float]
) -> Iterator[Move]:
    """A move for each step: its shares less by the effect."""
    for (step, center), shares in found.items():
        products = list(dict.fromkeys(name for name, _, _ in shares))
        alone = products[0] if len(products) == 1 else ""
        whose = f" of {alone}" if alone and len(plant.products) > 1 else ""
        said = what.format(span(effect))
        move = Move(
            name=f"{family}: {alone or center} {step}{word}", family=family, title=f"{step}{whose} {what.format(brief(effect))}", edits={},
            subject={"work center": center} | ({"product": alone} if alone else {}),
            note=f"now {100 * max(share for _, _, share in shares):.3g} %",
        )  # fmt: skip

        def edits_at(avoided: float, shares: list[tuple[str, str, float]] = shares) -> dict[str, Any]:
            return {path: f"{100 * value(share * (1 - min(avoided, 1.0))):.6g} %" for _, path, share in shares}

        yield believed(move, effect, said, edits_at)


FAMILIES = (
    Family(
        "yield", better_yield, True, "elevate",
        Usual(effect=Distribution("pert", (0.1, 0.3, 0.6)), cost=20e3, lead_time=4 * MONTH, ramp_up=3 * MONTH,
              source="What scrap costs and how a project goes at its causes: Juran's Quality Handbook, 6th edition, 2010; Campanella, Principles "
                     "of Quality Costs, ASQ, 1999. The range, cost and times are our choice."),
    ),
    Family(
        "rework", less_rework, True, "elevate",
        Usual(effect=Distribution("pert", (0.1, 0.3, 0.6)), cost=15e3, lead_time=4 * MONTH, ramp_up=3 * MONTH,
              source="Rework takes capacity and makes it vary: Hopp and Spearman, Factory Physics, chapter 12. The range, cost and times are "
                     "our choice."),
    ),
)  # fmt: skip

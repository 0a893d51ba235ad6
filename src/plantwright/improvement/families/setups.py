"""Moves on setups: shorter ones, prepared while the machine runs, fewer of them by the order in which lots come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import MONTH, WEEK, brief, is_sound, less, span
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at
from plantwright.plant.texts import scaled

RUN_OF = 3
"""So many lots of a family are worked before another is set up, where it is proposed."""


def shorter_setup(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Every setup of a work center shorter: a quick-changeover programme."""
    return _shorter(plant, usual, "shorter setup", "setups {} shorter", "setups {} shorter", ("offline setup",))


def offline_setup(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A part of every setup of a work center is done while the machine still runs: tools and material are laid ready, and put away later."""
    return _shorter(
        plant,
        usual,
        "offline setup",
        "setups prepared offline",
        "{} of setups done while the machine runs",
        ("shorter setup",),
    )


def _shorter(
    plant: Plant, usual: Usual, family: str, title: str, text: str, excludes: tuple[str, ...]
) -> Iterator[Move]:
    effect = usual.effect or Distribution.constant(0.0)
    for name, center in plant.work_centers.items():
        texts = setup_texts(plant, name) if center.setup is not None else []
        texts = [(path, text) for path, text in texts if scaled(text, 0.5) is not None]
        if texts:
            said = text.format(span(effect))
            move = Move(
                name=f"{family}: {name}", family=family, title=f"{name} {title.format(brief(effect))}", edits={},
                subject={"work center": name}, excludes=tuple(f"{other}: {name}" for other in excludes),
            )  # fmt: skip
            yield believed(move, effect, said, _scaling(texts))


def _scaling(texts: list[tuple[str, str]]) -> Callable[[float], dict[str, Any]]:
    return lambda share: {path: scaled(text, less(share)) for path, text in texts}


def setup_texts(plant: Plant, center: str) -> list[tuple[str, str]]:
    """The paths and texts of all setup times of a work center; not of cleaning, which is no changeover."""
    base = f"work centers > {center} > setup"
    found = value_at(plant, base)
    if isinstance(found, str):
        return [(base, found)]
    texts: list[tuple[str, str]] = []
    if isinstance(found, dict):
        for word in ("default", "from", "into", "minor"):
            texts += _texts_below(found.get(word), f"{base} > {word}")
    return texts


def _texts_below(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts_below(item, f"{path} > {key}")


def setup_sequence(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Where a work center sets up for several families: the lot that needs the least setup first; three lots of a family before another
    is set up; and campaigns half as long again, where they end with cleaning.
    """
    for name, center in plant.work_centers.items():
        if center.setup is None or center.machines is None:
            continue
        base, said = f"work centers > {name}", value_at(plant, f"work centers > {name} > setup")
        moves: list[tuple[str, str, dict[str, Any]]] = []
        rule = center.rule or plant.rule
        if _families_at(plant, name) > 1:
            if "least setup" not in rule and not center.sequence and not plant.sequence:
                moves.append(
                    (
                        "least setup",
                        f"{name}: least setup first",
                        {f"{base} > rule": ["least setup", *(rule or ("FIFO",))]},
                    )
                )
            if center.setup.minimum_run is None:
                run = f"{RUN_OF} lots"
                edits = {f"{base} > setup": {"default": said, "minimum run": run}} if isinstance(said, str) else {
                    f"{base} > setup > minimum run": run
                }  # fmt: skip
                moves.append(("minimum run", f"{name}: {run} of a family at least", edits))
        if center.setup.campaign is not None and isinstance(said, dict):
            longer = scaled(str(said["campaign"]), 1.5)
            moves.append(("campaign", f"{name}: campaigns of {longer}", {f"{base} > setup > campaign": longer}))
        for what, title, edits in moves:
            if is_sound(plant, edits):
                note = "a family of few lots may wait for long" if what == "least setup" else ""
                yield Move(
                    f"setup sequence: {name} {what}",
                    "setup sequence",
                    title,
                    edits,
                    subject={"work center": name},
                    note=note,
                )


def _families_at(plant: Plant, center: str) -> int:
    """How many setups lots may need at a work center."""
    return len({
        step.setup or product.family or product.name
        for product in plant.products.values()
        for step in product.routing
        if any(choice.center == center for choice in step.at)
    })  # fmt: skip


FAMILIES = (
    Family(
        "offline setup", offline_setup, False, "exploit",
        Usual(effect=Distribution("uniform", (0.3, 0.5)), cost=3e3, lead_time=MONTH, ramp_up=MONTH,
              source="To tell what must be done at a standstill from what need not is the first step of SMED: Shingo, A Revolution in "
                     "Manufacturing: The SMED System, 1985. How much it takes off, its cost (carts, places, checklists) and times are our "
                     "choice."),
    ),
    Family(
        "setup sequence", setup_sequence, False, "exploit",
        Usual(cost=0.0, lead_time=2 * WEEK, ramp_up=0.0,
              source="Setups that depend on the sequence: Hopp and Spearman, Factory Physics, chapter 15. Three lots, half as long "
                     "again, cost and time are our choice."),
    ),
    Family(
        "shorter setup", shorter_setup, False, "exploit",
        Usual(effect=Distribution("pert", (0.2, 0.4, 0.6)), cost=15e3, lead_time=2 * MONTH, ramp_up=3 * MONTH,
              source="Shingo, A Revolution in Manufacturing, 1985, reports far more (a press of 1,000 tons from 4 h to 3 min). The range "
                     "far below it, cost and times are our choice."),
    ),
)  # fmt: skip

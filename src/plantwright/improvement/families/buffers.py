"""Moves on places to wait: more and fewer, in front of a work center or shared by several."""

from __future__ import annotations

from collections.abc import Iterator

from plantwright.improvement.families.family import Family
from plantwright.improvement.families.sound import MONTH, WEEK
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import counted
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Amount
from plantwright.plant.texts import text_at


def _limited(plant: Plant) -> Iterator[tuple[str, str, Amount, dict[str, str]]]:
    """The places that have a limit: the path of it, where they are, how many, and of what work center."""
    for name, center in plant.work_centers.items():
        if center.buffer is not None:
            yield f"work centers > {name} > buffer", f"before {name}", center.buffer, {"work center": name}
    for name, lane in plant.buffers.items():
        if lane.capacity is not None:
            yield f"buffers > {name} > capacity", f"in {name}", lane.capacity, {}


def more_buffer(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A quarter more places in front of each work center that has a limit, and in each shared buffer, at least one."""
    for path, where, amount, subject in _limited(plant):
        extra = max(1, round(amount.value / 4))
        text = text_at(plant, path)
        if text is not None:
            yield Move(
                name=f"more buffer: {path.split(' > ')[1]}",
                family="more buffer",
                title=f"{_places(extra)} more {where}" if extra > 1 else f"one more place {where}",
                edits={path: counted(text, amount.value + extra)},
                subject=subject,
            )


def less_buffer(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A quarter fewer places in front of each work center that has a limit, and in each shared buffer, at least one; one is left."""
    for path, where, amount, subject in _limited(plant):
        gone = max(1, round(amount.value / 4))
        text = text_at(plant, path)
        if text is not None and amount.value - gone >= 1:
            yield Move(
                name=f"less buffer: {path.split(' > ')[1]}",
                family="less buffer",
                title=f"{_places(gone)} fewer {where}" if gone > 1 else f"one place fewer {where}",
                edits={path: counted(text, amount.value - gone)},
                subject=subject,
            )


def _places(count: float) -> str:
    return f"{count:g} places"


FAMILIES = (
    Family(
        "less buffer", less_buffer, False, "exploit",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0,
              source="Fewer places, less waiting before what is not the limit: Hopp and Spearman, Factory Physics, chapter 8. A quarter, and "
                     "a week, are our choice."),
    ),
    Family(
        "more buffer", more_buffer, True, "subordinate",
        Usual(cost=2e3, lead_time=MONTH, ramp_up=0.0,
              source="Places keep the limit from starving and from blocking: Hopp and Spearman, Factory Physics, chapters 8 and 9. A "
                     "quarter, the cost of racks or lanes, and a month are our choice."),
    ),
)  # fmt: skip

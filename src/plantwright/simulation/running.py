"""Let a world go on: until an instant, or its end; what it asks for meanwhile, room for lots or for its log, it gets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from plantwright.errors import SimulationError
from plantwright.simulation import codes
from plantwright.simulation.compiling import advance
from plantwright.simulation.memory import add_lots
from plantwright.simulation.recording import Rows, drain
from plantwright.simulation.world import World
from plantwright.units import show_duration

if TYPE_CHECKING:
    from plantwright.simulation.replications import Cancel


def run_on(world: World, until: float, cancel: Cancel, sink: Rows | None = None) -> int:
    """Let a world go on until all before the instant `until` has happened, or, if that lies after its end, to
    the end, where its books are closed.

    The log, where one is written, goes to `sink`. Returns why it stopped: `codes.PAUSED`, `FINISHED` or `CANCELLED`.

    Raises
    ------
    SimulationError
        If more and more happens at one instant, so that time does not go on.
    """
    world.run.stop[0] = until
    try:
        while True:
            cancel.watch(world)  # anew each time: room for more may lie elsewhere
            code = advance(world)
            if code == codes.NEEDS_LOTS:
                add_lots(world, len(world.records["lot"]))
            elif code != codes.LOG_FULL:
                break
            if sink is not None:
                drain(world, sink)
    finally:
        cancel.forget(world)
    if code == codes.ENDLESS:
        raise SimulationError(
            f"{show_duration(float(world.run.now[0]))} after the start time stands still: a million events at one instant; "
            "lots that are started again and again, or an interval, take no time"
        )
    if sink is not None:
        drain(world, sink)
    return code


def ended_at(world: World, end: float, cancel: Cancel) -> World:
    """A world of its own whose run has ended at an instant, its books closed.

    Books that are closed on the way would be added up in other steps, so that the run that goes on would not be the same.
    """
    ended = world.clone()
    ended.run.logging[0] = 0
    ended.run.end[0] = end
    run_on(ended, math.inf, cancel)
    return ended

"""What the collector's file says of machines: their work centers, states, shifts and reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plantwright.monitoring.kpis import Divisor
from plantwright.monitoring.uses import FUNCTIONAL_MODE, USUAL, Use
from plantwright.plant.calendar import Shift
from plantwright.shopfloor.machines.planned import DEFAULT_SHIFT
from plantwright.shopfloor.machines.rules import StateRule

MICRO_STOP = "micro-stop"
UNQUALIFIED = "unqualified"

REASONS: Mapping[str, Use] = {
    "changeover": "setup",
    "breakdown": "failure",
    "tool change": "delay",
    "no material": "delay",
    "no operator": "delay",
    "quality": "delay",
    "no order": "idle",
    "maintenance": "planned",
    "meeting": "planned",
}
"""Reasons that most shops have, and what the time of a stop counts as once it has one."""


@dataclass(frozen=True, slots=True)
class MachineSettings:
    """How one machine is understood.

    Parameters
    ----------
    work_center : str
        Empty: the machine's own name.
    uses : mapping of str to Use
        What its states count as; the states of MTConnect and PackML where nothing else is said.
    rules : tuple of StateRule
        Where it tells no state, what its signals mean; the first that holds.
    signals : mapping of str to str
        Tags by what they tell, where their types do not say so.
    shifts : tuple of str
        The shifts in which it is meant to work; all where none is named.
    run_times : mapping of str to float
        PRI by product (``*`` for any): planned seconds a piece.
    """

    work_center: str = ""
    uses: Mapping[str, Use] = field(default_factory=lambda: dict(USUAL))
    modes: Mapping[str, Use] = field(default_factory=lambda: dict(FUNCTIONAL_MODE))
    rules: tuple[StateRule, ...] = ()
    signals: Mapping[str, str] = field(default_factory=dict)
    shifts: tuple[str, ...] = ()
    run_times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """How a shop floor is understood.

    Parameters
    ----------
    zone : str
        Time zone of the shifts, such as ``"America/New_York"``.
    shifts : mapping of str to Shift
    machines : mapping of str to MachineSettings
        Those that differ from the default.
    reasons : mapping of str to Use
        The reasons that a stop may have, and what its time counts as then.
    micro_stop : float
        Seconds; a shorter stop needs no reason.
    divisor : {"failures", "failures + 1"}
        Of the mean operating time between failures.
    """

    zone: str = "UTC"
    shifts: Mapping[str, Shift] = field(default_factory=lambda: {DEFAULT_SHIFT.name: DEFAULT_SHIFT})
    machines: Mapping[str, MachineSettings] = field(default_factory=dict)
    reasons: Mapping[str, Use] = field(default_factory=lambda: dict(REASONS))
    micro_stop: float = 300.0
    divisor: Divisor = "failures"

    def machine(self, name: str) -> MachineSettings:
        """How a machine is understood."""
        return self.machines.get(name, MachineSettings())

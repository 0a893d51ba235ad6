"""The engine's states of a machine in MTConnect's words, and back."""

from __future__ import annotations

from typing import NamedTuple


class Shown(NamedTuple):
    """What a machine shows in a state.

    `execution`, `waits`, `mode` and `power` tell all states apart. The mode is not ``MAINTENANCE`` while a failure is repaired, as that time
    is not planned: the condition tells of it.
    """

    execution: str
    waits: str
    """WAIT_STATE, empty where it does not wait."""
    mode: str
    """FUNCTIONAL_MODE."""
    controller: str
    """CONTROLLER_MODE."""
    power: str = "ON"
    """EQUIPMENT_MODE, POWERED."""


STATES = {
    "working": Shown("ACTIVE", "", "PRODUCTION", "AUTOMATIC"),
    "load": Shown("WAIT", "PART_LOAD", "PRODUCTION", "AUTOMATIC"),
    "unload": Shown("WAIT", "PART_UNLOAD", "PRODUCTION", "AUTOMATIC"),
    "setup": Shown("STOPPED", "", "SETUP", "MANUAL"),
    "starved": Shown("READY", "", "PRODUCTION", "AUTOMATIC"),
    "blocked": Shown("PROGRAM_COMPLETED", "", "PRODUCTION", "AUTOMATIC"),
    "no staff": Shown("PROGRAM_STOPPED", "", "PRODUCTION", "AUTOMATIC"),
    "no tool": Shown("WAIT", "TOOL_LOAD", "PRODUCTION", "AUTOMATIC"),
    "no material": Shown("WAIT", "MATERIAL_LOAD", "PRODUCTION", "AUTOMATIC"),
    "waiting for repair": Shown("STOPPED", "", "PRODUCTION", "MANUAL"),
    "in repair": Shown("INTERRUPTED", "", "PRODUCTION", "MANUAL"),
    "maintenance": Shown("STOPPED", "", "MAINTENANCE", "MANUAL"),
    "off shift": Shown("STOPPED", "", "PRODUCTION", "MANUAL", "OFF"),
}
"""By state of the engine."""

STOPPED = frozenset({"waiting for repair", "in repair", "maintenance"})
"""States in which a machine is stopped by a failure or for maintenance."""

WEARING = frozenset({"load", "working", "unload"})
"""States in which a machine wears: those that failures by the working clock count."""

_BACK = {(shown.execution, shown.waits, shown.mode, shown.power): state for state, shown in STATES.items()}


def state_of(execution: str, waits: str, mode: str, power: str) -> str | None:
    """The engine's state for what a machine shows; None where no state shows that."""
    return _BACK.get((execution, waits if execution == "WAIT" else "", mode, power))

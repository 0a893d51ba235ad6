"""What variables mean, by their names in companion specifications: PackML (OPC 30050), MTConnect (OPC 30070), machine tools (OPC 40501)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from plantwright.monitoring.uses import PACKML_NUMBERS

PROGRAM_STATES: Mapping[str, str] = MappingProxyType(
    {
        "Initializing": "READY",
        "Running": "ACTIVE",
        "Interrupted": "INTERRUPTED",
        "Ended": "PROGRAM_COMPLETED",
        "Aborted": "STOPPED",
    }
)
"""The states of OPC 40501's ActiveProgram in MTConnect's words."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a variable means.

    Parameters
    ----------
    type, subtype : str
        As in `Tag`.
    words : mapping of str to str
        What its values are called here, where that is another word.
    """

    type: str
    subtype: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


PACKML = Meaning("PACKML_STATE", words={str(number): state for number, state in PACKML_NUMBERS.items()})

_BY_PATH: tuple[tuple[tuple[str, ...], Meaning], ...] = (
    (("ActiveProgram", "State", "CurrentState"), Meaning("EXECUTION", words=PROGRAM_STATES)),
    (("ActiveProgram", "Name"), Meaning("PROGRAM")),
    (("MachineryItemState", "CurrentState"), Meaning("MACHINERY_ITEM_STATE")),
    (("MachineryOperationMode", "CurrentState"), Meaning("MACHINERY_OPERATION_MODE")),
    (("ExecuteState", "CurrentState"), PACKML),
    (("StateCurrent",), PACKML),
)
"""By the last names of a path; the longest first."""

_WORDS = frozenset(
    {
        "AVAILABILITY", "EXECUTION", "FUNCTIONAL_MODE", "CONTROLLER_MODE", "PROGRAM", "TOOL_NUMBER", "TOOL_ID", "PART_COUNT",
        "PACKML_STATE", "PART_ID", "JOB", "LOT", "PRODUCT", "OPERATION", "ORDER_QUANTITY",
    }
)  # fmt: skip
"""Names that are types themselves, however they are written (PartCount, part count, PART_COUNT)."""

_BY_NAME: Mapping[str, Meaning] = {
    "AVAILABLE": Meaning("AVAILABILITY"),
    "OPERATOR": Meaning("USER", "OPERATOR"),
    "GOOD_PARTS": Meaning("PART_COUNT", "GOOD"),
    "BAD_PARTS": Meaning("PART_COUNT", "BAD"),
}

_COUNTS: Mapping[str, Meaning] = {word: Meaning("PART_COUNT", word) for word in ("ALL", "GOOD", "BAD")}
"""Whole numbers of these names are counts of parts."""


def meaning(path: Sequence[str], whole: bool) -> Meaning | None:
    """What a variable of a path means, None where its name tells nothing known; `whole` where it holds whole numbers."""
    for names, found in _BY_PATH:
        if tuple(path[-len(names) :]) == names:
            return found
    word = _upper(path[-1])
    if word in _WORDS:
        return Meaning(word)
    return _BY_NAME.get(word) or (_COUNTS.get(word) if whole else None)


def _upper(name: str) -> str:
    """PartCount, part count and part-count as PART_COUNT."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[\s.-]+", "_", apart).upper()

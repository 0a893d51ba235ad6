"""What a machine's time is used for: its states, in the words of its protocol, sorted into the times of ISO 22400-2.

Which state counts as what is configuration: OPC 40001-1 and OPC 40501 differ, and so do shops.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Use = Literal["production", "setup", "delay", "failure", "idle", "planned"]
"""``production`` (APT), ``setup`` (AUST), ``delay`` and ``failure`` (both ADET; a failure's time is corrective maintenance, too),
``idle`` (ADOT: available, without an order), ``planned`` (planned down: no planned busy time). What is not known is none of them.
"""

USES: tuple[Use, ...] = get_args(Use)

STOPS: frozenset[Use] = frozenset({"delay", "failure", "idle"})
"""The uses that are stops: somebody may name a reason."""

EXECUTION: Mapping[str, Use] = {
    "ACTIVE": "production",
    "READY": "idle",
    "PROGRAM_COMPLETED": "idle",
    "STOPPED": "delay",
    "PROGRAM_STOPPED": "delay",
    "INTERRUPTED": "delay",
    "FEED_HOLD": "delay",
    "OPTIONAL_STOP": "delay",
    "PROGRAM_OPTIONAL_STOP": "delay",
    "WAIT": "delay",
}
"""MTConnect's EXECUTION: a program that runs is production, one that was begun and rests is a delay, none is idle."""

FUNCTIONAL_MODE: Mapping[str, Use] = {"SETUP": "setup", "TEARDOWN": "setup", "MAINTENANCE": "planned"}
"""MTConnect's FUNCTIONAL_MODE where it says more than EXECUTION does."""

PACKML: Mapping[str, Use] = {
    "EXECUTE": "production",
    "STARTING": "production",
    "COMPLETING": "production",
    "HOLDING": "delay",
    "HELD": "delay",
    "UNHOLDING": "delay",
    "SUSPENDING": "delay",
    "SUSPENDED": "delay",
    "UNSUSPENDING": "delay",
    "ABORTING": "failure",
    "ABORTED": "failure",
    "CLEARING": "failure",
    "STOPPING": "delay",
    "STOPPED": "delay",
    "RESETTING": "idle",
    "IDLE": "idle",
    "COMPLETE": "idle",
}
"""The states of PackML (ANSI/ISA TR88.00.02)."""

PACKML_NUMBERS: Mapping[int, str] = {
    1: "CLEARING", 2: "STOPPED", 3: "STARTING", 4: "IDLE", 5: "SUSPENDED", 6: "EXECUTE", 7: "STOPPING", 8: "ABORTING", 9: "ABORTED",
    10: "HOLDING", 11: "HELD", 12: "UNHOLDING", 13: "SUSPENDING", 14: "UNSUSPENDING", 15: "RESETTING", 16: "COMPLETING", 17: "COMPLETE",
}  # fmt: skip
"""PackML's StateCurrent as a number."""

USUAL: Mapping[str, Use] = {
    **PACKML,
    **{str(number): PACKML[word] for number, word in PACKML_NUMBERS.items()},
    **EXECUTION,
}
"""What states count as where nobody says otherwise: PackML's by word and number, and MTConnect's, which have no word in common that counts
as something else.
"""

"""What goes wrong with a virtual plant."""

from __future__ import annotations

from plantwright.errors import InputError, PlantwrightError


class VirtualError(PlantwrightError):
    """A virtual plant that cannot be run or served as it is asked for."""

    code = "PW5300"

    def __str__(self) -> str:
        return f"{super().__str__()} [{self.code}]"


class ScenarioError(InputError):
    """A scenario that cannot be used, with all that is wrong with it."""

    code = "PW5301"

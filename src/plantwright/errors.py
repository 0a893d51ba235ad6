"""What can go wrong, said once: every error has a stable code, a place and a way to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MOST_SHOWN = 200


class PlantwrightError(Exception):
    """The base of every error that Plantwright raises on purpose.

    Attributes
    ----------
    code : str
        A stable code such as ``"PW1203"``; ``docs/reference/errors.md`` explains each.
    """

    code = "PW1000"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a user's input something stands.

    ``line`` and ``column`` count from 1; a workbook has ``sheet`` and ``cell`` instead.
    """

    file: str = ""
    line: int | None = None
    column: int | None = None
    sheet: str | None = None
    cell: str | None = None

    def __str__(self) -> str:
        if self.sheet is not None:
            return f"{self.file}:{self.sheet}!{self.cell}" if self.cell else f"{self.file}:{self.sheet}"
        return f"{self.file}:{self.line}" if self.line is not None else self.file


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input: where, at which path, what, and how to mend it."""

    code: str
    place: Place
    path: str
    reason: str
    value: str | None = None
    suggestion: str | None = None

    def __str__(self) -> str:
        where = f"{self.place}  " if str(self.place) else ""
        path = f"{self.path}: " if self.path else ""
        hint = f" (did you mean {self.suggestion!r}?)" if self.suggestion else ""
        return f"{where}{path}{self.reason}{hint} [{self.code}]"


class InputError(PlantwrightError):
    """An input that cannot be used, with everything that is wrong with it at once.

    Attributes
    ----------
    problems : sequence of Problem
        All of them; the message lists the first `MOST_SHOWN` and counts the others.
    """

    code = "PW1001"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(problems)
        shown = [str(problem) for problem in self.problems[:MOST_SHOWN]]
        more = len(self.problems) - len(shown)
        super().__init__("\n".join([*shown, f"... and {more} more"] if more else shown))


class PlantError(InputError):
    """A plant file or workbook that cannot be used."""

    code = "PW1200"


class SimulationError(PlantwrightError):
    """A plant that cannot be simulated, such as one that locks up."""

    code = "PW2000"


class StateError(PlantwrightError):
    """A saved run that cannot be continued: no such file, another program's, damaged, or another version's."""

    code = "PW2010"


class LogError(InputError):
    """An event log that is too damaged to use, or that cannot be read."""

    code = "PW3000"


class Interrupted(PlantwrightError):  # noqa: N818  (a request, not an error)
    """Work that was stopped before there was anything to show."""

    code = "PW9000"

"""What may be asked of a procedure: all that is wrong at once."""

from __future__ import annotations

import math

from plantwright.errors import InputError, Place, Problem


def refuse(*problems: Problem | None) -> None:
    """Raise InputError with all problems; nothing where there is none."""
    wrong = [problem for problem in problems if problem is not None]
    if wrong:
        raise InputError(wrong)


def _problem(name: str, value: float, must: str) -> Problem:
    return Problem("PW4050", Place(), name, f"{value:g} is not {must}", f"{value:g}")


def is_share(name: str, value: float) -> Problem | None:
    """What is wrong with a share that is not between 0 and 1, both left out."""
    return None if 0 < value < 1 else _problem(name, value, "between 0 and 1, such as 0.95")


def is_above(name: str, value: float, low: float) -> Problem | None:
    """What is wrong with a number that is not above another, or not finite."""
    return None if low < value < math.inf else _problem(name, value, f"a number above {low:g}")


def at_least(name: str, value: int, low: int) -> Problem | None:
    """What is wrong with a count below another."""
    return None if value >= low else _problem(name, value, f"at least {low}")


def fitting(probability: float, alternatives: int) -> Problem | None:
    """Whoever chooses by lot is right in one of so many cases."""
    if alternatives < 1:
        return _problem("alternatives", alternatives, "at least 1")
    if alternatives > 1 and probability <= 1 / alternatives:
        return _problem("probability", probability, f"above one in {alternatives}, which choosing by lot gives")
    return None

"""What a study says of the moves that it did not compare, where it ended before."""

from __future__ import annotations

from collections.abc import Iterable

from plantwright.improvement.contest import GLANCE, Contest
from plantwright.improvement.study import Move
from plantwright.simulation.run import Run

NOT_COMPARED = "not compared: the study ended before"
GLANCED_AT = f"behind others after {GLANCE} replications, which tells little: the study ended before it was looked at more closely"
ENDED_EARLY = "the study ended early"


def only_glanced_at(runs: Iterable[Run], replications: int) -> bool:
    """Whether a move was simulated hardly at all, of so many replications that were asked for."""
    return max(run.replications for run in runs) <= GLANCE < replications


def not_compared(contest: Contest) -> list[Move]:
    """The moves that were not simulated, though nothing speaks against them."""
    numbered = enumerate(contest.contenders, 1)
    return [item.move for number, item in numbered if number not in contest.runs and not item.failed]


def said(count: int, left: int, glanced: int) -> str:
    """In a sentence: of so many moves, so many that were not compared, and so many that were only glanced at."""
    told = [f"{left} were not compared"] if left else []
    told += [f"{glanced} were behind others after {GLANCE} replications, which tells little"] if glanced else []
    return f"of {count} moves {', '.join(told)}: {ENDED_EARLY}"

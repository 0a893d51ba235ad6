"""How rows lie in memory: the fields of each concept, those that most events need in front, and lines of the processor's cache."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plantwright.simulation.concepts import CONCEPTS

FRONT: dict[str, str] = {
    "slot": "time kind key entity place",
    "lot": "product operation pieces released arrived due serial turn next release cards sibling route passes ahead carries here at_start on_way weighs tried number priority fewest",
    "ticket": "lot operation next previous key second_key third_key",
    "operation": (
        "center time time_per stream key lines_up goes_on delay following main setup choices group good first_need tools takes limits load load_per "
        "unload unload_per interval transfer needs drums binds makes_lots clock judged rework makes returns split forks branches share behind gathers joins "
        "merge defects finds whole scrap_lot people tried too_many interval_per rework_place rework_most bound first_take"
    ),
    "center": (
        "dirty next_dirty short waits missing lacking blocked_head outside_head first_source looped head idle_head calendar places queue_pieces "
        "queue_area queue_since queue empty batch_lots tail idle_tail usual rule second_rule third_rule wait waits_counted asks line lane news "
        "people team batch limited carries turns moving least_setup picky visiting coming wait_next wait_previous waiting_since beside setup_offset "
        "setups opened owed first_machine machines fetched stock transit places_in_pieces minor minimum_run campaign"
    ),
    "machine": (
        "center stop walking closing sends holds held gone phase fails unload_time modes running resumed job staffed head state since "
        "first_mode in_idle on may_be_due lacks beside idle_next idle_previous lead members waits speed operation left run_time warm_up away_since "
        "down wants pieces setup_time load_time setup last_product counted walk interval counts blocked_by "
        "helpers team news wait_next wait_previous wants_since stop_mode parts stop_left since_setup since_cleaning only whole turn first_member"
    ),
    "mode": "clock left kind pending every stream count lasts key slot machine",
    "product": "wip wip_area wip_since made released_lots started_pieces done_lots done_pieces timed_lots time with_due last_operation",
    "crew": "free busy busy_area since bit team planned count away calendar",
    "team": "freed told machine_helpers center_helpers next_told given asked next_asked at since heap wait_head wait_first_center",
    "need": "skill count phases pool tends walk borrows",
}
"""The fields that most events need: they stand side by side at the front of their rows."""

DTYPES = {"i": np.int64, "f": np.float64}
_WORDS_OF_LINE = 8
"""Numbers in a line of the processor's cache: a row that is longer begins with one, so that its front lies in few."""
_LINE = 8 * _WORDS_OF_LINE


def _laid_out(concept: str) -> list[str]:
    """The fields of a concept as they lie in its row, and after them what fills its last line."""
    front = FRONT.get(concept, "").split()
    fields = [*front, *(field for field in CONCEPTS[concept] if field not in front)]
    room = -len(fields) % _WORDS_OF_LINE if front and len(fields) > _WORDS_OF_LINE else 0
    return fields + [f"room {k + 1}" for k in range(room)]


LAYOUT = {concept: _laid_out(concept) for concept in CONCEPTS}
RECORDS = {
    concept: np.dtype([(field, DTYPES[CONCEPTS[concept].get(field, "i")]) for field in fields])
    for concept, fields in LAYOUT.items()
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where each concept and plain array lies in the block of memory of a world, behind its table.

    Attributes
    ----------
    shapes : mapping
        Of each, its rows, and its columns where it has some.
    starts : array
        In bytes from the beginning of the block, in the order of `shapes`.
    size : int
        Of the block, in bytes.
    """

    shapes: Mapping[str, tuple[int, ...]]
    starts: npt.NDArray[np.int64]
    size: int


def places(shapes: Mapping[str, tuple[int, ...]], table: int) -> Places:
    """Places for what has these shapes, behind a table of so many numbers; each begins with a line of the cache."""
    numbers = [math.prod(shape) * len(LAYOUT.get(name, " ")) for name, shape in shapes.items()]
    lines = -(-np.array([table, *numbers]) // _WORDS_OF_LINE)
    ends = np.cumsum(lines) * _LINE
    return Places(dict(shapes), ends[:-1], int(ends[-1]))


def block(size: int) -> Any:
    """So many bytes, all zero, which begin with a line of the cache."""
    memory = np.zeros(size + _LINE, np.uint8)
    start = -memory.ctypes.data % _LINE
    return memory[start : start + size]


def as_words(rows: Any) -> Any:
    """The memory of rows that lie one behind the other as plain numbers: numpy copies records field by field, which takes long."""
    return np.ndarray(rows.nbytes // 8, np.int64, rows)


class Columns(dict[str, list[Any]]):
    """The fields of rows that stand still, each read once as a list: numpy takes long to give one number after the other."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __missing__(self, field: str) -> list[Any]:
        found: list[Any] = self._rows[field].tolist()
        self[field] = found
        return found

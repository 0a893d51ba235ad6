"""The compiler is told which way the engine's branches go, as a counting engine has counted; results do not depend on it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import pytest
from numba import int64

from plantwright.simulation import branches, compiling
from plantwright.simulation.branches import COUNTS, MILLION, name_of, written
from plantwright.simulation.draws import compiled
from plantwright.simulation.linking import counting, machine_code
from plantwright.simulation.machine_code import Function, in_memory, laid_out
from plantwright.simulation.world import BOUNDS_CHECKED, PLAIN

pytestmark = pytest.mark.skipif(PLAIN or BOUNDS_CHECKED, reason="the engine is compiled otherwise, or not at all")


def function(name: str) -> Callable[[Any], Any]:
    """A new function of the engine, as far as its name tells: half of what is even, three times what is odd and more than five."""

    def halved(number: Any) -> Any:
        if number & 1 == 0:
            return number >> 1
        if number > 5:
            return 3 * number
        return number

    halved.__module__ = "plantwright.simulation.tried"
    halved.__name__ = halved.__qualname__ = name
    return compiled(halved)


def of(part: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def entry(number: Any) -> Any:
        total = 0
        for k in range(number):
            total += part(k)
        return total

    return entry


def test_calls_and_branches_are_counted() -> None:
    """Of 0 to 9 five are even; of the five odd ones 7 and 9 are more than five."""
    with counting() as counted:
        made = machine_code(of(function("counted")), int64)
    (name,) = (name for name in counted if "tried" in name)
    memory = in_memory(made)
    assert Function(memory, made.name)(10) == sum((0, 1, 1, 3, 2, 5, 3, 21, 4, 27))
    numbers = (ctypes.c_int64 * counted[name]).from_address(memory.get_global_value_address(COUNTS + name))
    assert numbers[0] == 10
    assert sorted((numbers[1:3], numbers[3:5])) == [[5, 2], [10, 5]]


def test_what_was_counted_is_told_to_the_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {"tried.told x": "10 500000 400000", "tried.of_another_form x": "10 500000"}
    monkeypatch.setattr(branches, "_counted", lambda: told)
    made = machine_code(of(function("told")), int64)
    assert made.foreseen == 1.0
    assert laid_out(made)(10) == 67
    made = machine_code(of(function("of_another_form")), int64)
    assert made.foreseen == 0.0
    assert laid_out(made)(10) == 67


def test_most_of_the_engine_is_foreseen() -> None:
    """If this fails, much of the engine has changed since its branches were counted: run `python -m benchmarks.branches`."""
    compiling.compile_engine(quiet=True)
    made = compiling.found(compiling.path())
    assert made is not None
    assert made.foreseen > 0.9


def test_names_are_those_of_any_version() -> None:
    tagged = "B4v340B68c8tJTIeFIjxB2IKSgI4CrvQCk0Z4yRYcWsBAQ4s_2fqEpEUkESQI1_2bqARSIgOLaAIA"
    assert (
        name_of(f"_ZN11plantwright10simulation8machines12_until_piece{tagged}E5Worldxx")
        == "machines._until_piece 5Worldxx"
    )


def test_never_and_always_are_kept_for_what_is_so() -> None:
    assert (
        written(7.4, [(0, 0), (10, 0), (10, 10), (10, 4), (1e9, 1), (1e9, 1e9 - 1)])
        == f"7 - 0 {MILLION} 400000 1 999999"
    )

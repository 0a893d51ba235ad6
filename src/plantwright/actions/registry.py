"""The list of actions: what a user can do, and the permission for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Action:
    """Something that a user can do: its name, its function, and the permission that it needs on shared data."""

    name: str
    function: Callable[..., Any]
    permission: str


ACTIONS: dict[str, Action] = {}
"""All actions by name."""


def action(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as an action that needs `permission` on shared data; on files of one's own it needs none."""

    def register(function: Callable[P, R]) -> Callable[P, R]:
        ACTIONS[function.__name__] = Action(function.__name__, function, permission)
        return function

    return register

"""Doors between the rooms: a lower room asks here for names that only a higher room knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

_TELLERS: list[Callable[[], Iterable[str]]] = []


def tells_families(teller: Callable[[], Iterable[str]]) -> None:
    """Let a function tell the names of the families of moves; it is called when somebody asks for the first time."""
    _TELLERS.append(teller)


def family_names() -> tuple[str, ...]:
    """The names of all families of moves: the built-in ones, and those that other packages offer."""
    return tuple(dict.fromkeys(name for teller in _TELLERS for name in teller()))

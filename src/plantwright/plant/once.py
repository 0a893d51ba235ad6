"""What is found of an object once, by its identity: to hash a tree or a product as a whole takes longer than much that is found of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Of = TypeVar("Of")
Found = TypeVar("Found")


class Once(Generic[Of, Found]):
    """A function of an object that never changes, called once for each object.

    Parameters
    ----------
    find : callable
        The function.
    most : int
        So many objects and what was found of them are kept; then all are forgotten.
    """

    def __init__(self, find: Callable[[Of], Found], most: int = 1000) -> None:
        self._find, self._most = find, most
        self._kept: dict[int, tuple[Of, Found]] = {}

    def __call__(self, of: Of) -> Found:
        # The object is kept, too: so no other can have its identity.
        kept = self._kept.get(id(of))
        if kept is None:
            if len(self._kept) >= self._most:
                self._kept.clear()
            kept = self._kept[id(of)] = (of, self._find(of))
        return kept[1]

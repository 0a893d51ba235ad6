"""What is found of an object once, by its identity: to hash a tree or a product as a whole takes longer than much that is found of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Of = TypeVar("Of")
Value = TypeVar("Value", bound=Hashable)
Found = TypeVar("Found")


class _Kept(Generic[Of, Found]):
    """Objects and what was found of them, by the identity of the objects.

    Safe on threads: two of them may find the same at once; then one of the two answers, which are equal, is kept.
    """

    def __init__(self, most: int = 1000, weight: Callable[[Of], int] | None = None) -> None:
        self._most, self._weight = most, weight
        self._kept: dict[Hashable, tuple[Of, Found]] = {}
        self._older: dict[Hashable, tuple[Of, Found]] = {}
        self._weighs = 0

    def _known(self, key: Hashable) -> tuple[Of, Found] | None:
        kept = self._kept.get(key)
        if kept is None and (kept := self._older.pop(key, None)) is not None:
            self._keep(key, *kept)
        return kept

    def _keep(self, key: Hashable, of: Of, found: Found) -> Found:
        # The object is kept, too: so no other can have its identity.
        weight = 1 if self._weight is None else self._weight(of)
        if 2 * (self._weighs + weight) > self._most:
            # What nobody asked for since the last time goes.
            self._older, self._kept, self._weighs = self._kept, {}, 0
        self._weighs += weight
        self._kept[key] = (of, found)
        return found

    def forget(self) -> None:
        """Forget everything, as in a process that has just begun."""
        self._kept, self._older, self._weighs = {}, {}, 0


class Once(_Kept[Of, Found]):
    """A function of an object that never changes, called once for each object.

    Parameters
    ----------
    find : callable
        The function.
    most : int
        So many objects and what was found of them are kept at most; those for which nobody asks are forgotten.
    weight : callable, optional
        For how many an object counts; if not given, for one.
    """

    def __init__(
        self, find: Callable[[Of], Found], most: int = 1000, weight: Callable[[Of], int] | None = None
    ) -> None:
        super().__init__(most, weight)
        self._find, self.__doc__ = find, find.__doc__

    def __call__(self, of: Of) -> Found:
        kept = self._known(id(of))
        return self._keep(id(of), of, self._find(of)) if kept is None else kept[1]


class OnceFor(_Kept[Of, Found], Generic[Of, Value, Found]):
    """A function of an object that never changes and of a plain value, called once for each object and value; else as `Once`."""

    def __init__(
        self, find: Callable[[Of, Value], Found], most: int = 1000, weight: Callable[[Of], int] | None = None
    ) -> None:
        super().__init__(most, weight)
        self._find, self.__doc__ = find, find.__doc__

    def __call__(self, of: Of, value: Value) -> Found:
        kept = self._known((id(of), value))
        return self._keep((id(of), value), of, self._find(of, value)) if kept is None else kept[1]


class Seen(_Kept[Of, None]):
    """Objects of which something was found, each together with a plain value."""

    def has(self, of: Of, value: Hashable) -> bool:
        """Whether it was found of that object together with that value."""
        return self._known((id(of), value)) is not None

    def add(self, of: Of, value: Hashable) -> None:
        """It is so of that object together with that value."""
        self._keep((id(of), value), of, None)

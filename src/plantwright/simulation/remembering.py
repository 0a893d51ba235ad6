"""What numba finds out over and over as it compiles the engine, remembered meanwhile.

Numba asks anew at each place of the source what adding two integers gives, or reading a field: some 19,000 times, 1,400 of
them different. And it measures a type by having a module parsed for it, for debug information that nobody asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from numba.core.base import BaseContext
from numba.core.types.functions import BaseFunction
from numba.core.typing.context import BaseContext as BaseTypingContext

from plantwright.simulation.pointers import is_of_world

_Key = Callable[..., Any]


@contextmanager
def remembering() -> Iterator[None]:
    """Compile within; answers are the same, for whoever else compiles meanwhile, too."""
    with ExitStack() as until_then:
        for owner, name, key in (
            (BaseFunction, "get_call_type", _of_call),
            (BaseTypingContext, "resolve_getattr", _of_attribute),
            (BaseContext, "get_abi_sizeof", _of_size),
        ):
            until_then.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, _remembered(getattr(owner, name), key))
        yield


def _remembered(ask: Callable[..., Any], key: _Key) -> Callable[..., Any]:
    """`ask`, that is not asked twice the same; a key of None is not remembered, nor is an answer of None."""
    known: dict[Any, Any] = {}

    def answer(*asked: Any) -> Any:
        same = key(*asked)
        if same is None:
            return ask(*asked)
        found = known.get(same)
        if found is None:
            found = known[same] = ask(*asked)
        return found

    return answer


def _of_call(function: Any, context: Any, args: Any, kws: Any) -> Any:
    return None if kws else (function, context, tuple(args))


def _of_attribute(context: Any, typ: Any, name: str) -> Any:
    return (context, typ, name) if is_of_world(typ) else None


def _of_size(context: Any, typ: Any) -> Any:
    return context, typ

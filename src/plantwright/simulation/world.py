"""The world: all that a run keeps, reachable from compiled code through one pointer.

Compiled code writes ``w.machine.state[m]``. An array handed to a compiled function costs seven words and an atomic
reference count at each call; one opaque pointer costs nothing, which makes the engine some ten times faster and halves its
compile time. The same source runs as plain Python (with numba's ``NUMBA_DISABLE_JIT=1``): there `World` itself is passed, and
``w.machine.state`` is a NumPy array.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.datamodel import models, register_default
from numba.core.imputils import lower_builtin, lower_getattr_generic
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_getattr, infer_global, signature
from numba.extending import intrinsic

from plantwright.simulation.concepts import ARRAYS, CONCEPTS
from plantwright.simulation.layout import DTYPES, LAYOUT, RECORDS, Places, as_words, block, places
from plantwright.simulation.marks import is_given

PLAIN = bool(config.DISABLE_JIT)
"""True where the engine runs as plain Python."""

BOUNDS_CHECKED = False
"""Set before the first run of a process: every access is checked, and one outside raises IndexError (some 5 % slower)."""

# The table that the pointer points to: the one row of the run, an address for each other concept and array, a row length for each
# two-dimensional array, and the number of rows of each for checks.
_RUN = "run"
_RUN_SLOTS = len(CONCEPTS[_RUN])
_SLOTS: dict[Any, int] = {}
for _name in [*CONCEPTS, *ARRAYS]:
    _SLOTS[_name] = _RUN_SLOTS + len(_SLOTS)
for _name in ARRAYS:
    _SLOTS["columns", _name] = _RUN_SLOTS + len(_SLOTS)
for _name in [*CONCEPTS, *ARRAYS]:
    _SLOTS["rows", _name] = _RUN_SLOTS + len(_SLOTS)
_TABLE = _RUN_SLOTS + len(_SLOTS)
_IN_ROWS = [name for name in [*CONCEPTS, *ARRAYS] if name != _RUN]
_SLOTS_OF_ADDRESSES = [_SLOTS[name] for name in _IN_ROWS]
_SLOTS_OF_ROWS = [_SLOTS["rows", name] for name in _IN_ROWS]
_SLOTS_OF_COLUMNS = [_SLOTS["columns", name] for name in ARRAYS]


class World:
    """Owner of the memory of one run: one block, in which the table lies and behind it all rows.

    Parameters
    ----------
    rows : dict
        Number of rows of each concept, and shape of each plain array.

    Attributes
    ----------
    records, arrays : dict
        The rows of each concept, and each plain array. They lie elsewhere after a `resize`.
    """

    records: dict[str, Any]
    arrays: dict[str, Any]
    table: Any

    def __init__(self, rows: Mapping[str, Any]) -> None:
        shapes = {
            name: (max(1, rows.get(name, 1)),) if name in CONCEPTS else rows.get(name, (1,) * ARRAYS[name][1])
            for name in _IN_ROWS
        }
        self._lie_in(places(shapes, _TABLE))

    def _lie_in(self, places: Places, content: Any = None) -> None:
        """Lie in a new block, with the content of another one or all zero."""
        memory = block(places.size)
        if content is not None:
            memory[:] = content
        records, arrays = {_RUN: np.ndarray(1, RECORDS[_RUN], memory)}, {}
        for (name, shape), start in zip(places.shapes.items(), places.starts.tolist(), strict=True):
            if name in RECORDS:
                records[name] = np.ndarray(shape, RECORDS[name], memory, start)
            else:
                arrays[name] = np.ndarray(shape, DTYPES[ARRAYS[name][0]], memory, start)
        table = np.ndarray(_TABLE, np.int64, memory)
        table[_SLOTS_OF_ADDRESSES] = places.starts + memory.ctypes.data
        table[_SLOTS_OF_ROWS] = [shape[0] for shape in places.shapes.values()]
        table[_SLOTS_OF_COLUMNS] = [places.shapes[name][-1] for name in ARRAYS]
        # What was looked up of an older block goes with it.
        self.__dict__ = {"_places": places, "_memory": memory, "table": table, "records": records, "arrays": arrays}

    def resize(self, rows: Mapping[str, int]) -> None:
        """Give concepts and plain arrays so many rows, keeping those that they have as far as there is room."""
        shapes, old = self._places.shapes, {**self.records, **self.arrays}
        new = {name: (count, *shapes[name][1:]) for name, count in rows.items()}
        self._lie_in(places({**shapes, **new}, _TABLE))
        for name, rows_now in {**self.records, **self.arrays}.items():
            was, now = as_words(old[name]), as_words(rows_now)
            kept = min(len(was), len(now))
            now[:kept] = was[:kept]

    def clone(self) -> World:
        """A world of its own with the same content."""
        other = World.__new__(World)
        other._lie_in(self._places, self._memory)
        return other

    @property
    def address(self) -> int:
        """Where the table lies: what compiled code receives."""
        return int(self.table.ctypes.data)

    def __getattr__(self, name: str) -> Any:
        # The fields of a concept are looked up once they are asked for.
        if name in CONCEPTS:
            found: Any = _Fields(self.records[name])
        elif name in ARRAYS:
            found = self.arrays[name]
        else:
            raise AttributeError(name)
        setattr(self, name, found)
        return found


class _Fields:
    """The rows of a concept, each field an array: ``world.machine.state[m]``."""

    def __init__(self, rows: Any) -> None:
        self._rows = rows

    def __getattr__(self, name: str) -> Any:
        if name not in self._rows.dtype.fields:
            raise AttributeError(name)
        found = self._rows[name]
        setattr(self, name, found)
        return found


class _WorldType(types.Type):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__("World")


class _ConceptType(types.Type):  # type: ignore[misc]
    def __init__(self, concept: str) -> None:
        self.concept = concept
        super().__init__(f"Concept({concept})")


class _FieldType(types.Type):  # type: ignore[misc]
    def __init__(self, concept: str, field: str | None) -> None:
        self.concept, self.field = concept, field
        kind, self.dimensions = (CONCEPTS[concept][field], 1) if field else ARRAYS[concept]
        self.dtype = types.int64 if kind == "i" else types.float64
        super().__init__(f"Field({concept},{field})")


_WORLD = _WorldType()


def is_of_world(typ: Any) -> bool:
    """Whether a type of numba is the world, or one of its concepts."""
    return isinstance(typ, _WorldType | _ConceptType)


class _PointerModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, front: Any) -> None:
        super().__init__(manager, front, ir.IntType(8).as_pointer())


for _type in (_WorldType, _ConceptType, _FieldType):
    register_default(_type)(_PointerModel)


@infer_getattr
class _WorldAttribute(AttributeTemplate):  # type: ignore[misc]
    key = _WorldType

    def generic_resolve(self, typ: Any, name: str) -> Any:
        if name in CONCEPTS:
            return _ConceptType(name)
        return _FieldType(name, None) if name in ARRAYS else None


@infer_getattr
class _ConceptAttribute(AttributeTemplate):  # type: ignore[misc]
    key = _ConceptType

    def generic_resolve(self, typ: Any, name: str) -> Any:
        return _FieldType(typ.concept, name) if name in CONCEPTS[typ.concept] else None


def _same_pointer(context: Any, builder: Any, typ: Any, value: Any, name: str) -> Any:
    return value


lower_getattr_generic(_WorldType)(_same_pointer)
lower_getattr_generic(_ConceptType)(_same_pointer)


def _index_types(field: Any, index: Any) -> Any:
    if field.dimensions == 1 and isinstance(index, types.Integer):
        return types.intp
    if field.dimensions == 2 and isinstance(index, types.BaseTuple):
        return types.UniTuple(types.intp, 2)
    return None


@infer_global(operator.getitem)
class _GetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        if isinstance(args[0], _FieldType) and (index := _index_types(args[0], args[1])) is not None:
            return signature(args[0].dtype, args[0], index)
        return None


@infer_global(operator.setitem)
class _SetItem(AbstractTemplate):  # type: ignore[misc]
    def generic(self, args: Any, kws: Any) -> Any:
        if isinstance(args[0], _FieldType) and (index := _index_types(args[0], args[1])) is not None:
            return signature(types.none, args[0], index, args[0].dtype)
        return None


_INT64 = ir.IntType(64)


def _entry(builder: Any, world: Any, slot: int) -> Any:
    table = builder.bitcast(world, _INT64.as_pointer())
    value = builder.load(builder.gep(table, [ir.Constant(_INT64, slot)], inbounds=True))
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def _address(context: Any, builder: Any, typ: Any, world: Any, index: Any) -> Any:
    item = context.get_value_type(typ.dtype)
    if typ.concept == _RUN:
        place = ir.Constant(_INT64, LAYOUT[_RUN].index(typ.field))
        return builder.gep(builder.bitcast(world, item.as_pointer()), [place], inbounds=True)
    base = builder.inttoptr(_entry(builder, world, _SLOTS[typ.concept]), item.as_pointer())
    if typ.field is None:
        if typ.dimensions == 2:
            row, column = cgutils.unpack_tuple(builder, index)
            index = builder.add(builder.mul(row, _entry(builder, world, _SLOTS["columns", typ.concept])), column)
        return builder.gep(base, [index], inbounds=True)
    fields = LAYOUT[typ.concept]
    record = builder.bitcast(base, ir.ArrayType(item, len(fields)).as_pointer())
    return builder.gep(record, [index, ir.Constant(_INT64, fields.index(typ.field))], inbounds=True)


def _alias(builder: Any, instruction: Any, typ: Any) -> None:
    """Tell the compiler that fields of different names never overlap."""
    module = builder.module
    root = module.add_metadata(["plantwright"])
    name = module.add_metadata([f"{typ.concept}.{typ.field}", root, ir.Constant(_INT64, 0)])
    instruction.set_metadata("tbaa", module.add_metadata([name, name, ir.Constant(_INT64, 0)]))


def _check(context: Any, builder: Any, typ: Any, world: Any, index: Any) -> None:
    if not BOUNDS_CHECKED:
        return
    row = cgutils.unpack_tuple(builder, index)[0] if typ.dimensions == 2 else index
    outside = builder.icmp_unsigned(">=", row, _entry(builder, world, _SLOTS["rows", typ.concept]))
    with builder.if_then(outside, likely=False):
        context.call_conv.return_user_exc(builder, IndexError, (f"{typ.concept}.{typ.field}",))


def _load(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    _check(context, builder, sig.args[0], args[0], args[1])
    value = builder.load(_address(context, builder, sig.args[0], args[0], args[1]))
    _alias(builder, value, sig.args[0])
    if is_given(sig.args[0].concept, sig.args[0].field):
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def _store(context: Any, builder: Any, sig: Any, args: Any) -> None:
    _check(context, builder, sig.args[0], args[0], args[1])
    _alias(
        builder,
        builder.store(args[2], _address(context, builder, sig.args[0], args[0], args[1])),
        sig.args[0],
    )


for _index in (types.Integer, types.UniTuple):
    lower_builtin(operator.getitem, _FieldType, _index)(_load)
    lower_builtin(operator.setitem, _FieldType, _index, types.Any)(_store)


@intrinsic  # type: ignore[untyped-decorator]
def as_world(typing_context: Any, address: Any) -> Any:
    """The world whose table lies at `address`."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return _WORLD(types.int64), generate

"""The world: all that a run keeps, reachable from compiled code through one pointer.

Compiled code writes ``w.machine.state[m]``. An array handed to a compiled function costs seven words and an atomic
reference count at each call; one opaque pointer costs nothing, which makes the engine some ten times faster and halves its
compile time. The same source runs as plain Python (with numba's ``NUMBA_DISABLE_JIT=1``): there `World` itself is passed, and
``w.machine.state`` is a NumPy array.
"""

from __future__ import annotations

import operator
from copy import copy
from types import SimpleNamespace
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
from plantwright.simulation.layout import DTYPES, LAYOUT, RECORDS, copy_of_rows, zero_rows
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


class World:
    """Owner of the memory of one run.

    Parameters
    ----------
    rows : dict
        Number of rows of each concept, and shape of each plain array.
    """

    def __init__(self, rows: dict[str, Any]) -> None:
        self.records: dict[str, Any] = {
            concept: zero_rows(concept, max(1, rows.get(concept, 1))) for concept in CONCEPTS
        }
        self.arrays: dict[str, Any] = {
            name: np.zeros(rows.get(name, (1,) * dimensions), DTYPES[kind])
            for name, (kind, dimensions) in ARRAYS.items()
        }
        self._lay_table()
        self.bind()

    def _lay_table(self) -> None:
        """Make the table, and let the run lie in it."""
        run = self.records[_RUN]
        self.table = np.zeros(_RUN_SLOTS + len(_SLOTS), np.int64)
        self.records[_RUN] = self.table[:_RUN_SLOTS].view(RECORDS[_RUN])
        self.records[_RUN][:] = run

    def bind(self) -> None:
        """Write the addresses of all arrays into the table, as after one has grown."""
        for concept, record in self.records.items():
            setattr(self, concept, SimpleNamespace(**{field: record[field] for field in CONCEPTS[concept]}))
            self.table[_SLOTS[concept]] = record.ctypes.data
            self.table[_SLOTS["rows", concept]] = len(record)
        for name, array in self.arrays.items():
            setattr(self, name, array)
            self.table[_SLOTS[name]] = array.ctypes.data
            self.table[_SLOTS["rows", name]] = len(array)
            self.table[_SLOTS["columns", name]] = array.shape[-1]

    def grow(self, concept: str, rows: int) -> None:
        """Give a concept or plain array more rows, keeping those it has; `bind` afterwards."""
        in_rows = concept in self.records
        home = self.records if in_rows else self.arrays
        old = home[concept]
        home[concept] = zero_rows(concept, rows) if in_rows else np.zeros((rows, *old.shape[1:]), old.dtype)
        home[concept][: len(old)] = old

    def replace(self, concept: str, rows: Any) -> None:
        """Put rows that were kept in place of those of a concept; `bind` afterwards."""
        if concept == _RUN:
            self.records[_RUN][:] = rows
        else:
            self.records[concept] = copy_of_rows(concept, rows)

    def clone(self) -> World:
        """A world of its own with the same content."""
        other = copy(self)
        other.records = {name: copy_of_rows(name, record) for name, record in self.records.items()}
        other.arrays = {name: array.copy() for name, array in self.arrays.items()}
        other._lay_table()
        other.bind()
        return other

    @property
    def address(self) -> int:
        """Where the table lies: what compiled code receives."""
        return int(self.table.ctypes.data)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


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

"""How compiled code reaches the memory of a world: numba is told what ``w.machine.state[m]`` means, ``w`` being one pointer."""

from __future__ import annotations

import operator
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models, register_default
from numba.core.imputils import lower_builtin, lower_getattr_generic
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_getattr, infer_global, signature
from numba.extending import intrinsic

from plantwright.simulation import world as world_module
from plantwright.simulation.concepts import ARRAYS, CONCEPTS
from plantwright.simulation.layout import LAYOUT
from plantwright.simulation.marks import is_given
from plantwright.simulation.world import RUN, SLOTS


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
    if typ.concept == RUN:
        place = ir.Constant(_INT64, LAYOUT[RUN].index(typ.field))
        return builder.gep(builder.bitcast(world, item.as_pointer()), [place], inbounds=True)
    base = builder.inttoptr(_entry(builder, world, SLOTS[typ.concept]), item.as_pointer())
    if typ.field is None:
        if typ.dimensions == 2:
            row, column = cgutils.unpack_tuple(builder, index)
            index = builder.add(builder.mul(row, _entry(builder, world, SLOTS["columns", typ.concept])), column)
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
    if not world_module.BOUNDS_CHECKED:
        return
    row = cgutils.unpack_tuple(builder, index)[0] if typ.dimensions == 2 else index
    outside = builder.icmp_unsigned(">=", row, _entry(builder, world, SLOTS["rows", typ.concept]))
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

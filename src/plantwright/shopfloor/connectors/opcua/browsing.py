"""Browsing: which variables a server has, what they hold, and to which machine they belong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from asyncua import ua
from asyncua.client.ua_session import UaSession

from plantwright.shopfloor.connectors import ConnectionLost, SourceQuarantined
from plantwright.shopfloor.connectors.opcua.meanings import meaning
from plantwright.shopfloor.connectors.opcua.values import Variable

AT_ONCE = 100
"""Nodes that are asked for with one request."""
MOST_DEEP = 20
CONTAINERS = frozenset({"DeviceSet", "NetworkSet", "Machines", "Objects", "Root", "Aliases"})
"""Objects of the specifications that hold machines and are none."""

_WHOLE = frozenset(range(2, 10)) | {27, 28}
_NUMBERS = _WHOLE | {10, 11, 26, 50}
_ENUMERATION, _ANY, _FOLDER, _OBJECTS, _HIERARCHY, _SUBTYPE, _PROPERTY = 29, 24, 61, 85, 33, 45, 46


@dataclass(slots=True)
class Found:
    """A node on the way: its names, whether a machine was passed, and its properties by name."""

    node: ua.NodeId
    path: tuple[str, ...]
    is_variable: bool
    machine_at: int = -1
    properties: dict[str, ua.NodeId] = field(default_factory=dict)


class Browser:
    """Walks a server's address space, breadth first.

    Parameters
    ----------
    session : UaSession
    most : int
        Nodes; a server with more is quarantined.
    """

    def __init__(self, session: UaSession, most: int) -> None:
        self._session, self._most = session, most
        self._types: dict[ua.NodeId, int] = {}
        self._enums: dict[ua.NodeId, dict[str, str]] = {}

    async def variables(
        self, roots: Sequence[str], patterns: Sequence[str], source: str, machine: str
    ) -> list[Variable]:
        """The variables below nodes (the Objects folder where none is named) whose paths fit one of the patterns, in their order."""
        starts = [await self._start(one) for one in roots] or [Found(ua.NodeId(_OBJECTS, 0), (), False)]
        found = [one for one in await self._walk(starts) if one.is_variable and _fits(one.path, patterns)]
        return _named(await self._described(found, source, machine))

    async def _start(self, text: str) -> Found:
        node = await self._node(text)
        name, kind = await self._read([(node, ua.AttributeIds.BrowseName), (node, ua.AttributeIds.NodeClass)])
        if name is None or kind is None:
            raise ConnectionLost(f"the server has no node {text!r}")
        return Found(node, (name.Name or text,), kind == ua.NodeClass.Variable, 0)

    async def _node(self, text: str) -> ua.NodeId:
        if text.startswith("nsu="):
            uri, _, rest = text[4:].rpartition(";")
            (spaces,) = await self._read([(ua.NodeId(2255, 0), ua.AttributeIds.Value)])
            if uri not in (spaces or []):
                raise ConnectionLost(f"the server has no namespace {uri!r}")
            text = f"ns={spaces.index(uri)};{rest}"
        return ua.NodeId.from_string(text)

    async def _walk(self, starts: Sequence[Found]) -> list[Found]:
        seen = {one.node for one in starts}
        kept = [one for one in starts if one.is_variable]
        level = list(starts)
        for _ in range(MOST_DEEP):
            following: list[Found] = []
            for part in _parts(level):
                for parent, references in zip(part, await self._children([one.node for one in part]), strict=True):
                    for reference in references:
                        child = self._child(parent, reference)
                        if child is None or child.node in seen:
                            continue
                        seen.add(child.node)
                        following.append(child)
                        if len(seen) > self._most:
                            raise SourceQuarantined(
                                f"more than {self._most:,} nodes; name those that are wanted by 'nodes', or raise 'most nodes'"
                            )
            kept += following
            if not following:
                break
            level = following
        return kept

    def _child(self, parent: Found, reference: ua.ReferenceDescription) -> Found | None:
        """A child of a node; None for properties, which are noted with their parent, and for what the standard itself puts there."""
        node, name = _local(reference.NodeId), reference.BrowseName.Name or reference.NodeId.to_string()
        if reference.ReferenceTypeId == ua.NodeId(_PROPERTY, 0):
            parent.properties.setdefault(name, node)
            return None
        if node.NamespaceIndex == 0 and not parent.path:
            return None
        path = (*parent.path, name)
        at = parent.machine_at
        is_folder = _local(reference.TypeDefinition) == ua.NodeId(_FOLDER, 0)
        is_object = reference.NodeClass == ua.NodeClass.Object
        if at < 0 and is_object and not is_folder and name not in CONTAINERS:
            at = len(path) - 1
        return Found(node, path, not is_object, at)

    async def _children(self, nodes: Sequence[ua.NodeId]) -> list[list[ua.ReferenceDescription]]:
        asked = ua.BrowseParameters()
        asked.RequestedMaxReferencesPerNode = 1000
        asked.NodesToBrowse = [_description(node) for node in nodes]
        results = await self._session.browse(asked)
        found: list[list[ua.ReferenceDescription]] = []
        for result in results:
            references = list(result.References or [])
            while result.ContinuationPoint:
                more = ua.BrowseNextParameters(
                    ReleaseContinuationPoints=False, ContinuationPoints=[result.ContinuationPoint]
                )
                if len(references) > self._most:
                    break
                (result,) = await self._session.browse_next(more)
                references += result.References or []
            found.append(references)
        return found

    async def _described(self, found: Sequence[Found], source: str, machine: str) -> list[Variable]:
        wanted = (ua.AttributeIds.DataType, ua.AttributeIds.ValueRank, ua.AttributeIds.Value)
        made = []
        for part in _parts(found):
            told = await self._read([(one.node, attribute) for one in part for attribute in wanted])
            for at, one in enumerate(part):
                kind, rank, value = told[3 * at : 3 * at + 3]
                made.append(await self._variable(one, kind, rank, value, source, machine))
        return made

    async def _variable(self, one: Found, kind: Any, rank: Any, value: Any, source: str, machine: str) -> Variable:
        base = await self._base(kind) if isinstance(kind, ua.NodeId) else _ANY
        scalar = rank is None or rank < 0
        is_number = scalar and (base in _NUMBERS or (base == _ANY and _is_number(value)))
        words = await self._words(one, kind if base == _ENUMERATION else None)
        told = meaning(one.path, base in _WHOLE)
        unit = ""
        if "EngineeringUnits" in one.properties:
            (units,) = await self._read([(one.properties["EngineeringUnits"], ua.AttributeIds.Value)])
            unit = getattr(getattr(units, "DisplayName", None), "Text", None) or ""
        at = max(one.machine_at, 0)
        own = machine or (one.path[at] if len(one.path) > 1 else source)
        rest = one.path if machine or len(one.path) == 1 else one.path[at + 1 :]
        name = "/".join((own, *(rest or one.path)))
        number = is_number and told is None and not words
        if told is None:
            return Variable(one.node, one.path, own, name, number, "", "", unit, words)
        return Variable(one.node, one.path, own, name, False, told.type, told.subtype, unit, told.words or words)

    async def _base(self, kind: ua.NodeId) -> int:
        """The type of the standard from which a type derives that tells what it holds."""
        if kind in self._types:
            return self._types[kind]
        above, way = kind, [kind]
        for _ in range(MOST_DEEP):
            if above.NamespaceIndex == 0 and above.Identifier in _NUMBERS | {_ENUMERATION, _ANY}:
                break
            asked = _description(above, _SUBTYPE, ua.BrowseDirection.Inverse)
            (result,) = await self._session.browse(ua.BrowseParameters(NodesToBrowse=[asked]))
            if not result.References:
                break
            above = _local(result.References[0].NodeId)
            way.append(above)
        told = above.NamespaceIndex == 0 and above.Identifier in _NUMBERS | {_ENUMERATION}
        base = int(above.Identifier) if told else 0
        self._types.update(dict.fromkeys(way, base))
        self._types[ua.NodeId(_ANY, 0)] = _ANY
        return self._types[kind]

    async def _words(self, one: Found, kind: ua.NodeId | None) -> dict[str, str]:
        """What the numbers of an enumeration, or of a variable that names its own states, are called."""
        if "EnumStrings" in one.properties:
            (names,) = await self._read([(one.properties["EnumStrings"], ua.AttributeIds.Value)])
            return _enumerated(names)
        if "TrueState" in one.properties and "FalseState" in one.properties:
            both = [(one.properties[name], ua.AttributeIds.Value) for name in ("TrueState", "FalseState")]
            yes, no = await self._read(both)
            return {"true": getattr(yes, "Text", None) or "true", "false": getattr(no, "Text", None) or "false"}
        if kind is None:
            return {}
        if kind not in self._enums:
            self._enums[kind] = {}
            (references,) = await self._children([kind])
            for reference in references:
                if reference.BrowseName.Name in ("EnumStrings", "EnumValues"):
                    (names,) = await self._read([(_local(reference.NodeId), ua.AttributeIds.Value)])
                    self._enums[kind] = _enumerated(names)
        return self._enums[kind]

    async def _read(self, wanted: Sequence[tuple[ua.NodeId, ua.AttributeIds]]) -> list[Any]:
        """Attributes of nodes; None where one cannot be read."""
        asked = ua.ReadParameters()
        asked.NodesToRead = [ua.ReadValueId(NodeId=node, AttributeId=attribute) for node, attribute in wanted]
        told = await self._session.read(asked)
        return [
            one.Value.Value if one.Value is not None and (one.StatusCode is None or one.StatusCode.is_good()) else None
            for one in told
        ]


def _description(
    node: ua.NodeId, reference: int = _HIERARCHY, direction: ua.BrowseDirection = ua.BrowseDirection.Forward
) -> ua.BrowseDescription:
    return ua.BrowseDescription(
        NodeId=node,
        BrowseDirection=direction,
        ReferenceTypeId=ua.NodeId(reference, 0),
        IncludeSubtypes=reference == _HIERARCHY,
        NodeClassMask=(ua.NodeClass.Object | ua.NodeClass.Variable) if reference == _HIERARCHY else 0,
        ResultMask=ua.BrowseResultMask.All,
    )


def _local(node: ua.NodeId) -> ua.NodeId:
    """A node's id on its own server."""
    if isinstance(node, ua.ExpandedNodeId):
        return ua.NodeId(node.Identifier, node.NamespaceIndex, node.NodeIdType)
    return node


def _parts(nodes: Sequence[Found]) -> Iterator[Sequence[Found]]:
    for at in range(0, len(nodes), AT_ONCE):
        yield nodes[at : at + AT_ONCE]


def _fits(path: tuple[str, ...], patterns: Sequence[str]) -> bool:
    shown = "/".join(path)
    return not patterns or any(fnmatchcase(shown, pattern) for pattern in patterns)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _enumerated(names: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for at, one in enumerate(names if isinstance(names, list) else []):
        if isinstance(one, ua.LocalizedText):
            found[str(at)] = one.Text or str(at)
        elif hasattr(one, "DisplayName"):
            found[str(one.Value)] = one.DisplayName.Text or str(one.Value)
    return found


def _named(variables: Sequence[Variable]) -> list[Variable]:
    """With names of their own: where two would be called the same, by their whole path, and by their node if need be."""
    by_name: dict[str, int] = {}
    for one in variables:
        by_name[one.name] = by_name.get(one.name, 0) + 1
    made, taken = [], set()
    for one in variables:
        name = one.name if by_name[one.name] == 1 else "/".join((one.machine, *one.path))
        if name in taken:
            name = f"{name} ({one.node.to_string()})"
        taken.add(name)
        made.append(one if name == one.name else replace(one, name=name))
    return made

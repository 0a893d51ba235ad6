"""What the assertions ask of payloads by themselves: metrics, properties, data sets, templates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from plantwright.shopfloor.connectors.sparkplug.payloads import BASIC, DataType, Message, carrier, value_of
from plantwright.shopfloor.connectors.sparkplug.topics import BD_SEQ, REBIRTH

Told = Iterator[tuple[tuple[str, ...], str]]
"""Ids without ``tck-id-``, and what is wrong."""

CELLS = ("int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value")


def value_or_none(given: Message, kind: int | None = None) -> Any:
    """A value, None where there is none or it is not of its type."""
    try:
        return value_of(given, kind)
    except (ValueError, TypeError):
        return None


def metrics_of_birth(verb: str, metrics: Iterable[Message]) -> Told:
    """The metrics of NBIRTH and DBIRTH."""
    level = "nbirth" if verb == "NBIRTH" else "dbirth"
    several = list(metrics)
    uses_alias = any("alias" in one for one in several)
    names = [one["name"].lower() for one in several if "name" in one]
    if len(set(names)) < len(names):
        yield ("case-sensitivity-metric-names",), "names that differ in case alone"
    for one in several:
        name = one.get("name", "")
        if not name:
            yield ("payloads-name-requirement", f"topics-{level}-metrics"), "a metric without a name"
        if uses_alias and name not in (BD_SEQ, REBIRTH) and not (name and "alias" in one):
            yield ("payloads-alias-birth-requirement",), f"{name!r} has not both name and alias"
        if name == REBIRTH and "alias" in one:
            yield ("operational-behavior-data-commands-rebirth-name-aliases",), "the rebirth metric has an alias"
        if "datatype" not in one:
            yield ("payloads-metric-datatype-req", f"topics-{level}-metrics"), f"{name!r} has no type"
        elif not 1 <= one["datatype"] <= 34:
            yield ("payloads-metric-datatype-value",), f"{name!r} is of type {one['datatype']}"
        if bool(one.get("is_null")) == bool(carrier(one)):
            yield (
                (f"operational-behavior-data-publish-{level}-values", f"topics-{level}-metrics"),
                f"{name!r} has neither value nor null, or both",
            )
        yield from _parts(one, verb)


def metrics_of_data(verb: str, metrics: Iterable[Message]) -> Told:
    """The metrics of NDATA, DDATA and commands."""
    for one in metrics:
        if "name" not in one and "alias" not in one:
            yield ("payloads-name-requirement",), "a metric without name and alias"
        if "name" in one and "alias" in one:
            yield ("payloads-alias-data-cmd-requirement",), f"{one['name']!r} has a name beside its alias"
        if "datatype" in one:
            yield ("payloads-metric-datatype-not-req",), "a metric has its type"
        yield from _parts(one, verb)


def timed(verb: str, metrics: Iterable[Message], now: int) -> Told:
    """Times of metrics in births and data: there, in their order, and not ahead."""
    level = "nbirth" if verb in ("NBIRTH", "NDATA") else "dbirth"
    last: dict[Any, int] = {}
    for one in metrics:
        at = one.get("timestamp")
        if at is None:
            yield ("payloads-name-birth-data-requirement",), "a metric without a time"
            continue
        if at > now + 600_000:
            yield ("payloads-metric-timestamp-in-UTC",), "a metric's time is ahead; is it local time?"
        key = one.get("name") or one.get("alias")
        if not one.get("is_historical"):
            if at < last.get(key, 0):
                yield (
                    (f"operational-behavior-data-publish-{level}-order",),
                    "values of a metric are not in the order of time",
                )
            last[key] = at


def _parts(one: Message, verb: str) -> Told:
    if "properties" in one:
        yield from _properties(one["properties"], verb)
    if "dataset_value" in one:
        yield from _dataset(one["dataset_value"])


def _properties(given: Message, verb: str) -> Told:
    keys, values = given.get("keys", []), given.get("values", [])
    if len(keys) != len(values):
        yield (
            ("payloads-propertyset-keys-array-size", "payloads-propertyset-values-array-size"),
            f"{len(keys)} keys and {len(values)} values",
        )
    for key, value in zip(keys, values, strict=False):
        kind = value.get("type")
        if kind is None:
            if verb in ("NBIRTH", "DBIRTH"):
                yield ("payloads-metric-propertyvalue-type-req",), f"the property {key!r} has no type"
        elif kind not in BASIC and kind not in (20, 21):
            yield ("payloads-metric-propertyvalue-type-value",), f"the property {key!r} is of type {kind}"
        if key == "Quality":
            if kind != DataType.INT32:
                yield ("payloads-propertyset-quality-value-type",), f"Quality is of type {kind}"
            if value.get("int_value") not in (0, 192, 500):
                yield ("payloads-propertyset-quality-value-value",), "Quality is not 0, 192 or 500"


def _dataset(given: Message) -> Told:
    columns, types = given.get("columns", []), given.get("types", [])
    if "types" not in given:
        yield ("payloads-dataset-parameter-type-req",), "a DataSet without types"
    if len(columns) != len(types):
        yield (
            ("payloads-dataset-column-num-headers", "payloads-dataset-types-num"),
            f"{len(columns)} columns and {len(types)} types",
        )
    if given.get("num_of_columns") != len(columns):
        yield ("payloads-dataset-column-size",), "num_of_columns is not the number of columns"
    if any(kind not in BASIC for kind in types):
        yield ("payloads-dataset-types-value",), "a column's type is none of the basic ones"
    for row in given.get("rows", ()):
        if any(not set(cell) & set(CELLS) for cell in row.get("elements", ())):
            yield ("payloads-template-dataset-value",), "a cell without a value of the six kinds"


def templates(verb: str, metrics: Iterable[Message], definitions: dict[str, Message]) -> Told:
    """Templates: definitions in NBIRTH alone, instances as they are defined. Definitions are taken into `definitions`."""
    found = [(one.get("name", ""), one["template_value"]) for one in metrics if "template_value" in one]
    for name, given in found:
        if given.get("is_definition") and verb == "NBIRTH":
            definitions[name] = given
    for name, given in found:
        if "is_definition" not in given:
            yield ("payloads-template-is-definition",), f"{name!r} does not say whether it is a definition"
        for parameter in given.get("parameters", ()):
            yield from _parameter(parameter, verb)
        if given.get("is_definition"):
            if verb != "NBIRTH":
                yield ("payloads-template-definition-nbirth-only",), f"a definition in {verb}"
            if "template_ref" in given:
                yield (
                    ("payloads-template-definition-ref", "payloads-template-ref-definition"),
                    f"the definition {name!r} has a reference",
                )
        else:
            yield from _instance(verb, name, given, definitions)


def _parameter(given: Message, verb: str) -> Told:
    if not given.get("name"):
        yield ("payloads-template-parameter-name-required",), "a parameter without a name"
    if "type" not in given:
        if verb in ("NBIRTH", "DBIRTH"):
            yield ("payloads-template-parameter-type-req",), "a parameter without a type"
    elif given["type"] not in BASIC:
        yield ("payloads-template-parameter-type-value",), f"a parameter of type {given['type']}"


def _instance(verb: str, name: str, given: Message, definitions: Mapping[str, Message]) -> Told:
    if not given.get("template_ref"):
        yield (
            (
                "payloads-template-instance-ref",
                "payloads-template-ref-instance",
                "payloads-template-is-definition-definition",
                "payloads-template-definition-is-definition",
            ),
            f"{name!r} has no reference, or is a definition that does not say so",
        )
        return
    definition = definitions.get(given["template_ref"])
    if definition is None:
        yield (
            (
                "payloads-template-definition-nbirth",
                "topics-nbirth-templates",
                "payloads-template-is-definition-instance",
                "payloads-template-instance-is-definition",
            ),
            f"{name!r} refers to {given['template_ref']!r}, which no NBIRTH defined",
        )
        return
    members = {one.get("name") for one in definition.get("metrics", ())}
    own = {one.get("name") for one in given.get("metrics", ())}
    if own - members:
        yield (
            ("payloads-template-instance-members", "payloads-template-definition-members"),
            f"{name!r} has members that are not defined",
        )
    if verb in ("NBIRTH", "DBIRTH") and members - own:
        yield ("payloads-template-instance-members-birth",), f"{name!r} lacks members in its birth"
    parameters = {one.get("name") for one in definition.get("parameters", ())}
    if {one.get("name") for one in given.get("parameters", ())} - parameters:
        yield (
            ("payloads-template-definition-parameters", "payloads-template-instance-parameters"),
            f"{name!r} has parameters that are not defined",
        )

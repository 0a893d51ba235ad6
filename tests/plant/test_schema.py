"""The JSON Schema: valid itself, never narrower than the reader, and wide awake to what is plainly wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from plantwright.plant import json_schema
from plantwright.plant.templates import BLANK
from plantwright.units import UNITS
from tests.plant.shop import SHOP, shop
from tests.plant.test_every_word import (
    CENTERS,
    NUMBERS,
    OPERATIONS,
    PRODUCTS,
    SHIFTS_AND_PEOPLE,
    TOP,
    at_cut,
    at_saw,
    of_bracket,
    time_of,
)

ROOT = Path(__file__).parents[2]
SCHEMA = json_schema()
CHECK = jsonschema.Draft202012Validator(SCHEMA)


def as_text(text: str) -> Any:
    """A plant file as the reader sees it: everything is text."""
    return yaml.load(text, Loader=yaml.BaseLoader)


def as_an_editor(text: str) -> Any:
    """A plant file as an editor sees it: numbers are numbers. Dates stay text, as JSON has none."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader=Loader)


def said(document: Any) -> str:
    return "\n".join(f"{list(error.absolute_path)}: {error.message[:200]}" for error in CHECK.iter_errors(document))


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "examples").glob("*.yaml")))
def test_every_example_is_valid(name: str) -> None:
    text = (ROOT / "examples" / name).read_text("utf-8")
    assert said(as_text(text)) == ""
    assert said(as_an_editor(text)) == ""


def test_the_blank_plant_is_valid() -> None:
    assert said(as_text(BLANK)) == ""


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(changes, id=name)
        for name, changes, *_ in [*TOP, *SHIFTS_AND_PEOPLE, *NUMBERS, *CENTERS, *OPERATIONS, *PRODUCTS]
    ],
)
def test_every_word_that_the_reader_takes_is_valid(changes: str | tuple[str, ...]) -> None:
    text = shop(*((changes,) if isinstance(changes, str) else changes))
    assert said(as_text(text)) == ""


WRONG = [
    "work centers: -> work centres:",
    "plant: Small shop -> name: Small shop",
    "products: -> product:",
    at_saw("bufer: 4 lots"),
    at_saw("setup: 25"),
    at_saw("setup: 25 kg"),
    at_saw("buffer: 4"),
    at_saw("price: 650 dollars"),
    at_saw("power: 12 s"),
    at_saw("choose: any"),
    at_saw("failures: [{every: exponental 40 h, repair: 1 h}]"),
    at_saw("failures: [{every: 40 h}]"),
    "saw: {machines: 1 -> saw: {machines: two",
    time_of("2 kg/piece"),
    time_of("2/piece"),
    at_cut("yield: 0.97"),
    at_cut("scrap: lots"),
    at_cut("staff: [{skil: sawing}]"),
    'from: "07:00" -> from: 7 h',
    'breaks: ["11:00-11:30"] -> breaks: ["11:00"]',
    "rate: 160 pieces/working day -> rate: 160",
    of_bracket("release: {conwip: 12}"),
    "routing:\n      - turn: {at: bench, time: 12 min} -> routing: []",
    "skills: {sawing: 2} -> skills: {sawing: much}",
    "Ana: {shift: day, -> Ana: {wage: 36,",
]


@pytest.mark.parametrize("change", WRONG)
def test_a_wrong_plant_is_not(change: str) -> None:
    assert CHECK.is_valid(as_text(SHOP))
    assert not CHECK.is_valid(as_text(shop(change)))


def duration(text: str) -> bool:
    kind = SCHEMA["properties"]["totals"]["properties"]["cycle time"]
    return jsonschema.Draft202012Validator(kind).is_valid(text)


@given(
    number=st.floats(0, 1e9), unit=st.sampled_from(sorted(UNITS["duration"])), space=st.sampled_from(["", " ", "  "])
)
def test_every_duration_is_valid(number: float, unit: str, space: str) -> None:
    assert duration(f"{number!r}{space}{unit}")
    assert duration(f"{number!r}{space}{unit} guess")


@given(
    unit=st.sampled_from(
        sorted({unit for kind, units in UNITS.items() if kind != "duration" for unit in units} - set(UNITS["duration"]))
    )
)
def test_no_other_unit_is_a_duration(unit: str) -> None:
    assert not duration(f"3 {unit}")


def test_every_word_is_described() -> None:
    """An editor shows what a word means, an example and the default."""
    buffer = SCHEMA["properties"]["work centers"]["additionalProperties"]["properties"]["buffer"]
    assert buffer["description"] == "places in front"
    assert buffer["examples"] == ["4 lots"]
    assert buffer["$comment"] == "default: unlimited"

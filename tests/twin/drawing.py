"""Small random plants in which a chosen set of features is on.

A feature is a function that changes a draft: the plant file as nested dicts and lists of text. It may draw where and how. So a
plant can be drawn for any set of features, and every pair of them can be asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import yaml
from hypothesis import strategies as st

from plantwright.plant import Plant
from plantwright.plant.document import Document, parse_yaml
from plantwright.plant.reading import from_document
from tests.twin.own_rules import offered

Draw = st.DrawFn
Draft = dict[str, Any]
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
FEATURES: dict[str, Callable[[Draw, Draft], None]] = {}


def feature(name: str) -> Callable[[Callable[[Draw, Draft], None]], Callable[[Draw, Draft], None]]:
    def register(change: Callable[[Draw, Draft], None]) -> Callable[[Draw, Draft], None]:
        FEATURES[name] = change
        return change

    return register


def pick(draw: Draw, things: Any) -> Any:
    return draw(st.sampled_from(list(things)))


def a_center(draw: Draw, draft: Draft) -> Draft:
    """One of the work centers that have machines."""
    centers = draft["work centers"]
    return centers[pick(draw, [name for name in centers if name != "rest"])]  # type: ignore[no-any-return]


def a_product(draw: Draw, draft: Draft) -> Draft:
    return pick(draw, draft["products"].values())  # type: ignore[no-any-return]


def words_of(step: Draft) -> Draft:
    return next(iter(step.values()))  # type: ignore[no-any-return]


def name_of(step: Draft) -> str:
    return next(iter(step))


def a_step(draw: Draw, draft: Draft, product: Draft | None = None) -> Draft:
    """The words of a step at a machine."""
    routing = (product or a_product(draw, draft))["routing"]
    return pick(draw, [words_of(step) for step in routing if words_of(step)["at"] != "rest"])  # type: ignore[no-any-return]


def at(draft: Draft, step: Draft) -> Draft:
    """The work center of a step's words."""
    where = step["at"][0]["center"] if isinstance(step["at"], list) else step["at"]
    return draft["work centers"][where]  # type: ignore[no-any-return]


def a_draft(draw: Draw) -> Draft:
    """A plant without features: three work centers, two products with three steps each."""
    times = ["20 min/lot", "7 min/lot", "uniform 5..20 min/lot", "exponential 12 min/lot"]
    products = {}
    for p in "pq":
        routing = [{f"{p}{k}": {"at": f"c{k}", "time": pick(draw, times)}} for k in range(3)]
        products[p] = {
            "lot": f"{pick(draw, [1, 3, 4])} pieces",
            "release": {"every": pick(draw, ["41 min", "uniform 20..70 min", "exponential 50 min"])},
            "routing": routing,
        }
    return {
        "plant": "drawn",
        "shifts": {
            "day": {"days": "Mon-Fri", "from": "06:00", "to": "14:00", "breaks": ["10:00-10:20"]},
            "late": {"days": "Mon-Sat", "from": "14:00", "to": "22:00"},
        },
        "people": {
            "ana": {"skills": {"run": "2", "set": "1"}},
            "team": {"count": "2", "skills": {"run": "1", "mend": "1", "set": "2"}},
        },
        "work centers": {"c0": {}, "c1": {}, "c2": {}},
        "products": products,
    }


def leaves(words: Any, path: tuple[object, ...] = ()) -> dict[tuple[object, ...], Any]:
    """The values of a draft by their paths; steps of a routing by their names."""
    if isinstance(words, dict):
        return {at: leaf for key, item in words.items() for at, leaf in leaves(item, (*path, key)).items()}
    if isinstance(words, list):
        found = {}
        for number, item in enumerate(words):
            step = isinstance(item, dict) and len(item) == 1
            found |= leaves(item, path if step else (*path, number))
        return found
    return {path: words}


class Drawn(NamedTuple):
    """A plant file with those beside it, and the features that are on in it: something that they wrote stands in it as they wrote it."""

    text: str
    files: dict[str, str]
    on: tuple[str, ...]

    def plant(self) -> Plant:
        """The plant of the file. Raises PlantError where its features contradict each other."""
        with offered():
            return from_document(
                Document(parse_yaml(self.text, "plant.yaml"), "plant.yaml", self.text, None, self.files)
            )


@st.composite
def plants_with(draw: Draw, features: tuple[str, ...]) -> Drawn:
    """A plant with these features, applied in the order in which they are registered."""
    draft = a_draft(draw)
    files: dict[str, str] = {}
    draft["files"] = files
    wrote: dict[str, set[tuple[object, Any]]] = {}
    there = set(leaves(draft).items())
    for name in FEATURES:
        if name in features:
            before = there
            FEATURES[name](draw, draft)
            there = set(leaves(draft).items())
            wrote[name] = there - before
    del draft["files"]
    text = yaml.dump(draft, Dumper=DUMPER, sort_keys=False, width=200, allow_unicode=True)
    return Drawn(text, files, tuple(name for name, written in wrote.items() if written & there))

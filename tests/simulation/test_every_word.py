"""Every key of the schema makes the difference to a run that the semantics say, or has a reason why it makes none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plantwright.plant.structures import Keys
from plantwright.plant.words import moves, operations, plant
from tests.simulation.plants import first_difference, log_of, shop
from tests.simulation.words_told import STORIES, Story

MONEY = "it counts in money, and changes no flow: tests/simulation/test_economics.py"
STUDIES = "it is for studies, not for a run: tests/improvement"
NAMES = "it says what something is called, or in which unit it is counted"
ELSEWHERE = {
    "products > * > release > class": "its lots are counted apart: tests/simulation/test_tallies.py",
    "products > * > at start": "tests/simulation/test_stories_lots.py",
    "products > * > routing > * > uses > tool": "tests/simulation/test_stories_claims.py",
    "work centers > * > sequence": "tests/simulation/test_stories_rules.py",
    "sequence": "tests/simulation/test_stories_rules.py",
    "areas > * > failures": "tests/simulation/test_stories_together.py",
    "products > * > routing > * > at > center": "tests/simulation/test_stories_alternatives.py",
    "products > * > routing > * > time > interval": "tests/simulation/test_stories_places.py",
    "transport": "tests/simulation/test_stories_transport.py",
    "work centers > * > luck": "tests/simulation/test_stories_failures.py",
    "work centers > * > location": "tests/simulation/test_stories_transport.py",
    "transport > * > time": "tests/simulation/test_stories_transport.py",
    "transport > * > from": "tests/simulation/test_stories_transport.py",
    "transport > * > to": "tests/simulation/test_stories_transport.py",
    "transport > * > count": "tests/simulation/test_stories_transport.py",
    "transport > * > speed": "tests/simulation/test_stories_transport.py",
    "transport > * > distances": "tests/simulation/test_stories_transport.py",
    "products > * > routing > * > queue time": "tests/simulation/test_stories_limits.py",
    "products > * > routing > * > queue time > until": "tests/simulation/test_stories_limits.py",
    "products > * > routing > * > queue time > within": "tests/simulation/test_stories_limits.py",
    "products > * > routing > * > queue time > past": "tests/simulation/test_stories_limits.py",
    "products > * > release > drum": "tests/simulation/test_stories_drum.py",
    "products > * > release > rope": "tests/simulation/test_stories_drum.py",
}
"""Words whose stories need files beside the plant, or stand in a file of their own."""
NO_EVENT = {
    **dict.fromkeys(("format", "plant", "products > * > unit"), NAMES),
    **dict.fromkeys(
        ("currency", "money", "people > * > wage", "shifts > * > overtime > pay", "work centers > * > price", "work centers > * > power", "work centers > * > cost",
         "materials > * > price", "products > * > price"), MONEY,
    ),
    **dict.fromkeys(
        ("totals", "hold-out", "limits", "moves", "people > * > learns", "products > * > routing > * > measures"), STUDIES,
    ),
    **dict.fromkeys(
        ("posterior", "products > * > demand > low", "products > * > demand > high"),
        "each replication draws what it says: tests/simulation/test_uncertainty.py",
    ),
}  # fmt: skip
PARTS_OF = (
    # What the words below these are, the words themselves say: a story of the one cannot do without the other.
    "shifts", "people", "work centers", "products", "suppliers", "areas > * > failures", "areas > * > maintenance",
    "shifts > * > overtime", "people > * > absence", "products > * > stock", "products > * > demand", "products > * > release",
    "products > * > routing", "materials > * > reorder", "changes", "products > * > routing > * > time",
    "products > * > routing > * > at", "products > * > routing > * > uses",
)  # fmt: skip
SAME_AS = {
    # A table of words that stands in several places is one table; its stories are told at one of them.
    "work centers > * > machines > failures": "work centers > * > failures",
    "areas > * > failures": "work centers > * > failures",
    "work centers > * > machines > maintenance": "work centers > * > maintenance",
    "areas > * > maintenance": "work centers > * > maintenance",
}


def keys() -> Iterator[str]:
    """The path of every word of the plant file, by generation from the readers; a table of words once."""
    seen: list[Any] = []
    hidden = {"RoutingOf": operations.OPERATION, "MovesOf": moves.MOVE}

    def walk(reader: Any, path: str) -> Iterator[str]:
        kind = type(reader).__name__
        if kind in hidden:
            yield from walk(hidden[kind], f"{path} > *")
        elif isinstance(reader, Keys):
            if not any(known is reader for known in seen):
                seen.append(reader)
                for word in reader.words:
                    here = f"{path} > {word.name}" if path else word.name
                    yield here
                    yield from walk(word.reader, here)
        else:
            deeper = f"{path} > *" if kind in ("Named", "MapOf") else path
            for inner in ("item", "keys", "scalar", "entries", "items", "inner"):
                if getattr(reader, inner, None) is not None:
                    yield from walk(getattr(reader, inner), deeper)

    yield from walk(plant.PLANT, "")


def told(key: str) -> bool:
    """Whether there is a story of a word, or a reason for none."""
    known = {story.key for story in STORIES}
    for place, same in SAME_AS.items():
        if key.startswith(f"{place} > ") and key not in known:
            key = same + key.removeprefix(place)
    if key in known or key in ELSEWHERE or any(key == word or key.startswith(f"{word} > ") for word in NO_EVENT):
        return True
    below = any(other.startswith(f"{key} > ") for other in known)
    return below and (key in PARTS_OF or key in known)


def test_every_key_of_the_schema_is_told() -> None:
    missing = [key for key in keys() if not told(key)]
    assert not missing


def test_stories_that_are_told_elsewhere_are_there() -> None:
    root = Path(__file__).parents[2]
    for key, file in ELSEWHERE.items():
        path = root / file.rpartition(": ")[2]
        assert path.is_file(), key
        assert key.rpartition(" > ")[2].split()[0] in path.read_text(encoding="utf-8"), key


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_two_plants_that_differ_in_one_word(story: Story) -> None:
    assert story.plant.count(story.old) == 1
    one = shop(story.plant, *story.orders)
    other = shop(story.plant.replace(story.old, story.new), *story.orders)
    assert first_difference(one, other, f"{story.hours} h", *story.kinds) == (story.one, story.other)


@pytest.mark.parametrize(
    ("other", "usual"),
    [
        ("then: restart", "then: resume"),
        ("per: work center", "per: machine"),
        ("batch with: any", "batch with: same operation"),
    ],
)
def test_a_choice_that_is_the_usual_one_may_be_written(other: str, usual: str) -> None:
    """Where a story says another choice, the usual one in its place is the plant that says nothing; the story tells that the other is not."""
    told_of_it = [story for story in STORIES if other in story.new and other not in story.old]
    assert told_of_it
    for story in told_of_it:
        silent = shop(story.plant, *story.orders)
        spoken = shop(story.plant.replace(story.old, story.new.replace(other, usual)), *story.orders)
        assert log_of(spoken, f"{story.hours} h") == log_of(silent, f"{story.hours} h")

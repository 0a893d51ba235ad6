"""Every family on the examples and on small plants: what it changes is sound, in each way that it may turn out, and its figures have a source."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from plantwright.improvement import Move, all_families, propose
from plantwright.plant import Plant, changed, read_plant

from .plants import exact_line, one_pair_of_hands, pouch, two_steps
from .shops import DEAR, press

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(path.name for path in EXAMPLES.iterdir() if path.suffix in (".yaml", ".xlsx"))
SMALL = {
    "exact line": exact_line,
    "hands": one_pair_of_hands,
    "pouch": pouch,
    "press": lambda: press(DEAR),
    "two": two_steps,
}


@cache
def example(name: str) -> Plant:
    return SMALL[name]() if name in SMALL else read_plant(EXAMPLES / name)


@cache
def moves_of(name: str) -> tuple[Move, ...]:
    return propose(example(name))


@pytest.mark.parametrize("name", [*FILES, *SMALL])
def test_every_move_can_be_made_in_every_way_and_changes_the_plant(name: str) -> None:
    plant = example(name)
    for move in moves_of(name):
        for edits in (move.edits, *(move.belief.ways if move.belief else ())):
            assert changed(plant, edits) != plant, move.name


@pytest.mark.parametrize("name", [*FILES, *SMALL])
def test_a_name_is_a_familys_and_one_moves(name: str) -> None:
    moves = moves_of(name)
    assert len({move.name for move in moves}) == len(moves)
    for move in moves:
        assert move.family in all_families()
        assert move.family == "own move" or move.name.startswith(f"{move.family}: "), move.name
        assert move.title


@pytest.mark.parametrize("name", FILES)
def test_what_is_assumed_is_there(name: str) -> None:
    held = {
        "capital": "capital",
        "yearly": "yearly",
        "lead time": "lead_time",
        "ramp-up": "ramp_up",
        "training": "training",
    }
    for move in moves_of(name):
        for word in set(move.assumed) - {"effect"}:
            assert getattr(move, held[word]) is not None, move.name
        known = all_families()[move.family].usual
        if known.effect is not None and known.effect.cv > 0 and "effect" in move.assumed and move.belief is not None:
            mean = sum(move.belief.shares) / len(move.belief.shares)
            assert mean == pytest.approx(known.effect.mean), move.name


def test_figures_say_where_they_come_from() -> None:
    for family in all_families().values():
        usual = family.usual
        figures = (usual.effect, usual.cost, usual.yearly, usual.lead_time, usual.ramp_up)
        assert usual.source or all(figure is None for figure in figures), family.name


@pytest.mark.parametrize("name", [*FILES, "press"])
def test_the_user_overrides_what_is_usual(name: str) -> None:
    plant = example(name)
    if plant.currency is None:
        plant = changed(plant, {"currency": "USD"})
    words = {"cost": f"7 k{plant.currency}", "lead time": "3 wk", "ramp-up": "5 wk"}
    families = [family for family in all_families() if family not in ("own move", "add a machine", "cross-train")]
    own = changed(plant, {f"moves > {family}": words for family in families})
    for move in propose(own, families):
        assert not {"capital", "lead time", "ramp-up"} & set(move.assumed), move.name
        if move.family in ("yield", "rework", "shorter setup", "better reliability", "price", "setup sequence"):
            assert (move.capital, move.lead_time, move.ramp_up) == (7000, 21 * 86400, 35 * 86400), move.name
    banned = changed(plant, {"moves": {"ban": families}})
    assert not propose(banned, families)

"""A study can be stopped, gone on from, and held to a budget, and says honestly what it knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plantwright.errors import InputError
from plantwright.improvement import Move, Study, improve, propose
from plantwright.plant import build_plant
from plantwright.simulation import Cancel

from .plants import pouch

SHORT: dict[str, Any] = {
    "horizon": "20 d",
    "warmup": "5 d",
    "replications": 4,
    "families": ["add a machine", "CONWIP limit"],
}


def document(study: Study) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps({**study.to_dict(), "kept": study.kept}))
    return made


@pytest.fixture(scope="module")
def whole() -> Study:
    return improve(pouch(), **SHORT)


def test_gone_on_from_a_whole_study_nothing_is_simulated_and_all_is_the_same(whole: Study) -> None:
    again = improve(pouch(), **SHORT, resume=document(whole))
    assert again.options["simulations"] == 0
    assert again.moves == whole.moves
    assert (again.guarantee, again.pairs, again.first_at) == (whole.guarantee, whole.pairs, whole.first_at)
    assert again.baseline.estimates == whole.baseline.estimates


def test_more_replications_add_to_those_that_were_done(whole: Study) -> None:
    longer = SHORT | {"replications": 6}
    again = improve(pouch(), **longer, resume=document(whole))
    anew = improve(pouch(), **longer)
    assert again.moves == anew.moves
    assert 0 < again.options["simulations"] <= anew.options["simulations"]


def test_it_goes_on_from_where_it_was_stopped(whole: Study) -> None:
    def stop(done: int, _: int) -> None:
        if done == 12:
            raise KeyboardInterrupt

    cut = improve(pouch(), **SHORT, progress=stop)
    assert cut.partial
    assert cut.baseline == whole.baseline
    assert cut.options["simulations"] == 12
    assert 0 < len(cut.moves) <= len(whole.moves)
    again = improve(pouch(), **SHORT, resume=document(cut))
    assert not again.partial
    assert again.moves == whole.moves
    assert again.options["simulations"] == whole.options["simulations"] - 12


def test_a_study_that_does_not_fit_is_refused_with_all_that_does_not(whole: Study) -> None:
    with pytest.raises(InputError) as caught:
        improve(pouch(mix="80 min/lot"), **(SHORT | {"horizon": "30 d"}), seed=2, resume=document(whole))
    assert [problem.code for problem in caught.value.problems] == ["PW4061"] * 3
    said = str(caught.value)
    assert "another plant" in said
    assert "another horizon" in said
    assert "another seed: 1, and not 2" in said


def test_what_is_no_study_is_refused() -> None:
    with pytest.raises(InputError, match="is no study that can be gone on from"):
        improve(pouch(), **SHORT, resume={"schema": "plantwright.study/1"})


def test_a_word_from_outside_ends_the_search_and_the_answer_is_what_is_known() -> None:
    cancel = Cancel()

    def stop(done: int, _: int) -> None:
        if done == 8:
            cancel.stop()

    cut = improve(pouch(), **SHORT, progress=stop, cancel=cancel)
    assert cut.partial
    assert cut.options["simulations"] == 8


def test_once_it_is_enough_every_move_was_looked_at_before_any_was_looked_at_closely() -> None:
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 9

    cut = improve(pouch(), **SHORT, enough=enough)
    assert cut.partial
    assert {item.move.family for item in cut.moves} == {"add a machine", "CONWIP limit"}


def test_under_a_budget_nothing_is_promised() -> None:
    study = improve(pouch(), **SHORT, budget=40)
    assert study.guarantee is not None
    assert study.guarantee.probability is None
    assert study.guarantee.simulations <= 40
    assert study.guarantee.text == "the best guess that so few simulations buy is second mixer; nothing is promised"


def test_the_promise_names_the_zone_and_what_equal_shares_would_have_cost(whole: Study) -> None:
    assert whole.guarantee is not None
    assert (whole.guarantee.procedure, whole.guarantee.probability) == ("Kim-Nelson", 0.95)
    assert whole.guarantee.unit == "USD"
    assert whole.guarantee.simulations <= whole.guarantee.equal
    assert whole.guarantee.text.startswith("with 95 % nothing tried is better than second mixer by more than ")


def test_a_wider_zone_takes_no_more_replications(whole: Study) -> None:
    wide = improve(pouch(), **SHORT, zone=1e7)
    assert wide.guarantee is not None
    assert whole.guarantee is not None
    assert wide.guarantee.simulations <= whole.guarantee.simulations


def test_the_leading_moves_are_told_while_it_works() -> None:
    told: list[list[str]] = []
    improve(pouch(), **SHORT, watch=lambda leaders: told.append([title for title, _ in leaders]))
    assert told[-1][0] == "second mixer"
    assert all(0 < len(leaders) <= 3 for leaders in told)


def test_a_move_that_cannot_run_is_left_out_and_said() -> None:
    nobody = Move("nobody", "own move", "nobody at all", {"products > NMC pouch > lot": "0 cells"})
    study = improve(pouch(), **(SHORT | {"families": None}), moves=[nobody])
    assert study.moves == ()
    assert study.left_out[0].move.name == "nobody"
    assert any(warning.startswith("left out: nobody at all") for warning in study.warnings)


def test_a_move_with_which_the_plant_locks_up_stops_no_other() -> None:
    steps = [
        {"cut": {"at": "cutter", "time": "5 min"}},
        {"sew": {"at": "sewer", "time": "4 min"}},
        {"trim": {"at": "cutter", "time": "1 min"}},
    ]
    plant = build_plant(
        {
            "plant": "There and back",
            "work centers": {"cutter": {"machines": "1"}, "sewer": {"machines": "1"}},
            "products": {"bag": {"release": {"conwip": "4 lots"}, "routing": steps}},
        }
    )
    # Without a place between them the cutter waits for the sewer to be empty, and the sewer for the cutter.
    locks = Move(
        "locks", "own move", "no places", {f"work centers > {name} > buffer": "0 lots" for name in ("cutter", "sewer")}
    )
    helps = Move("helps", "own move", "quicker cutting", {"products > bag > routing > cut > time": "4 min"})
    study = improve(plant, moves=[locks, helps], by="capacity", horizon="5 d", warmup="1 d", replications=4)
    assert not study.partial
    assert [item.move.name for item in study.moves] == ["helps"]
    assert [(out.move.name, "locks up" in out.ground) for out in study.left_out] == [("locks", True)]


def test_where_time_runs_out_the_busiest_are_looked_at_first_and_what_was_not_is_said() -> None:
    asked: list[int] = []

    def enough() -> bool:
        asked.append(1)
        return len(asked) > 7

    families = ["add a machine", "faster machine", "yield", "shorter setup"]
    cut = improve(pouch(), **(SHORT | {"families": families, "replications": 4}), enough=enough)
    assert cut.partial
    told = [out for out in cut.left_out if out.ground == "not compared: the study ended before"]
    count = cut.options["moves"]
    assert 0 < len(told) < count
    assert f"of {count} moves {len(told)} were not compared: the study ended early" in cut.warnings
    assert "second mixer" in [item.move.title for item in cut.moves]  # the mixer is the busiest
    everything = {item.move.name for item in cut.moves} | {out.move.name for out in cut.left_out}
    assert everything == {move.name for move in propose(pouch(), families)}

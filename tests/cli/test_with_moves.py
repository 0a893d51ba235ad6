"""Moves made on the way: by number, by name, several, and those that clash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from plantwright.actions import apply_moves
from plantwright.actions.studies import OutputError
from plantwright.cli import main
from plantwright.improvement import improve
from plantwright.plant import read_text
from tests.improvement.plants import pouch

QUICK = ("--horizon", "4d", "--warmup", "1d", "--replications", "2", "--json")
TWO_STEPS = """
plant: Two steps
work centers: {saw: {machines: 1}, mill: {machines: 1}}
products:
  part: {release: {conwip: 4 lots}, routing: [cut: {at: saw, time: exponential 4 min}, shape: {at: mill, time: exponential 6 min}]}
"""


def told(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    with pytest.raises(SystemExit) as stop:
        main(["simulate", *words, *QUICK])
    assert stop.value.code == 0
    return json.loads(capsys.readouterr().out)


def test_a_move_by_its_number_is_that_of_the_study_with_the_same_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plant = tmp_path / "plant.yaml"
    plant.write_text(TWO_STEPS, encoding="utf-8")
    study = improve(read_text(TWO_STEPS), horizon="4 d", warmup="1 d", replications=2)
    assert len(study.moves) > 5
    by_number = told(capsys, str(plant), "--with", "1")
    by_name = told(capsys, str(plant), "--with", study.moves[0].move.name)
    assert by_number["plant"] == by_name["plant"] != study.baseline.plant


def test_names_may_hold_commas() -> None:
    plant = read_text(
        """
plant: Two crews
people:
  weavers, morning: {count: 1, skills: {weave: 2}}
work centers: {loom: {machines: 1}}
products: {cloth: {release: saturated, routing: [weave: {at: loom, time: 1 h, staff: [{skill: weave 2}]}]}}
"""
    )
    made = apply_moves(plant, ["one more person: weavers, morning,add a machine: loom"])
    assert made.people["weavers, morning"].count == 2
    assert made.work_centers["loom"].machines == 2


def test_two_moves_that_change_the_same_word_are_refused() -> None:
    with pytest.raises(OutputError, match="only one of them"):
        apply_moves(pouch(), ["CONWIP limit: 8 NMC pouch", "CONWIP limit: 10 NMC pouch"])


def test_a_move_that_is_not_proposed_is_refused_with_the_nearest() -> None:
    with pytest.raises(OutputError, match="add a machine: mixer"):
        apply_moves(pouch(), ["add a machin: mixer"])

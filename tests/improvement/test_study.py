"""What limits a plant, what ranks first, what would change the answer, and what can be repeated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plantwright.errors import InputError, Interrupted
from plantwright.improvement import Move, Study, improve, propose
from plantwright.improvement.flips import measurements
from plantwright.improvement.ranking import tied_moves
from plantwright.plant import changed, read_plant, read_text, save_plant
from plantwright.simulation import Cancel, Estimate, difference, simulate

from .plants import POUCH, pouch, two_steps


@pytest.fixture(scope="module")
def study() -> Study:
    return improve(pouch())


def test_the_mixer_limits_and_five_lots_by_hand_agree(study: Study) -> None:
    assert (study.limit.kind, study.limit.subject) == ("machines", "mixer")
    assert study.limit.arithmetic == "7.5 h / 1.5 h = 5 lots x 64 x 97 % = 310"
    assert study.limit.by_hand == pytest.approx(310.4)
    assert study.saturated.estimate("throughput").mean == pytest.approx(310.4, rel=0.01)
    assert study.by == "cash"


def test_the_limit_is_found_by_relief_and_not_by_which_is_busiest() -> None:
    # The waiting room is always full and "busy", but twice of it brings nothing: the desk after it is the limit.
    plant = read_text("""
plant: A room before a desk
work centers:
  room: {machines: 2}
  desk: {machines: 1, buffer: 0 lots}
products:
  form: {release: saturated, routing: [wait: {at: room, time: 1 min}, sign: {at: desk, time: 10 min}]}
""")
    found = improve(plant, families=["add a machine"], replications=2, horizon="5 d", warmup="1 d")
    assert found.limit.subject == "desk"
    assert found.moves[0].move.name == "add a machine: desk"


def test_demand_that_is_met_makes_more_output_worth_nothing() -> None:
    # So cheap that it is simulated; at what a machine usually costs it is plain beforehand that it cannot pay.
    plant = changed(pouch(demand="250 cells/working day"), {"moves > add a machine": {"cost": "1 kUSD"}})
    found = improve(plant, families=["add a machine", "CONWIP limit"])
    assert found.limit.kind == "demand"
    assert found.capacity_limit is not None
    assert found.capacity_limit.subject == "mixer"
    mixer = next(item for item in found.moves if item.move.name == "add a machine: mixer")
    assert mixer.released["sales"].mean == pytest.approx(0, abs=0.5)
    assert mixer.verdict == "do not buy"
    rises = next(flip for flip in found.flips if flip.what == "demand rises above")
    assert float(rises.threshold) == pytest.approx(310, rel=0.02)
    assert "second mixer" in rises.then


def test_too_few_lots_in_process_are_the_release_rules_own_fault() -> None:
    found = improve(pouch(cards="3 lots"), families=["CONWIP limit", "add a machine"])
    assert found.limit.kind == "release"
    assert found.moves[0].move.family == "CONWIP limit"
    made = found.baseline.estimate("throughput").mean
    assert found.limit.by_hand == pytest.approx(made, rel=0.05)


def test_a_shorter_mixing_time_hands_the_limit_to_the_coater(study: Study) -> None:
    flip = next(flip for flip in study.flips if flip.what == "mix takes under")
    minutes = float(flip.threshold.split()[0])
    assert flip.then == "then coater holds you back"
    assert study.capacity_limit is not None
    slower, faster = (improve(pouch(mix=f"{minutes * f:g} min/lot"), families=["add a machine"]) for f in (1.08, 0.92))
    assert slower.capacity_limit is not None
    assert faster.capacity_limit is not None
    assert slower.capacity_limit.subject == "mixer"
    assert faster.capacity_limit.subject == "coater"


def test_how_many_readings_settle_it() -> None:
    # (1.96 x 0.2 x 90 / 10) squared = 12.4
    assert measurements(0.2, 90, 80) == 13
    assert measurements(0.2, 90, 20) == 5
    assert measurements(0.0, 90, 80) == 13


def test_moves_that_cannot_be_told_apart_are_said_to_be_tied() -> None:
    def effect(*values: float) -> Estimate:
        return Estimate("throughput", {}, "lot/day", sum(values) / len(values), 0, 0, values)

    ties = tied_moves([effect(1, 2, 3), effect(1.1, 1.9, 3), effect(9, 10, 11.5)], 0.95)
    assert ties == {0: [1], 1: [0], 2: []}


def test_two_equal_machines_tie() -> None:
    found = improve(two_steps("exponential 6 min", "exponential 6 min", "saturated"), families=["faster machine"],
                    replications=4, horizon="10 d", warmup="1 d")  # fmt: skip
    assert found.moves[0].tied_with == (found.moves[1].move.name,)


def test_what_to_measure_first_says_of_which_product() -> None:
    plant = read_text("""
plant: Two rows that are alike
work centers: {left: {machines: 1}, right: {machines: 1}}
products:
  bag: {release: {conwip: 2 lots}, routing: [make: {at: left, time: 10 min guess}]}
  hat: {release: {conwip: 2 lots}, routing: [make: {at: right, time: 10 min guess}]}
""")
    # A tenth off the longer of the two times is worth more, and which is longer nobody knows.
    quick = [Move(name, "own move", f"quick {name}", {f"products > {name} > routing > make > time": "9 min guess"})
             for name in ("bag", "hat")]  # fmt: skip
    found = improve(plant, moves=quick, replications=3, horizon="20 d", warmup="1 d", by="cycle-time")
    labels = sorted(flip.what for flip in found.measure_first)
    assert labels == ["measure first: make > time of bag", "measure first: make > time of hat"]


@pytest.mark.parametrize("rank", [1, 3, 6])
def test_a_saved_move_gives_the_quoted_effect_when_simulated_alone(study: Study, rank: int, tmp_path: Path) -> None:
    (tmp_path / "plant.yaml").write_text(POUCH, encoding="utf-8")
    item = study.moves[rank - 1]
    save_plant(read_plant(tmp_path / "plant.yaml"), tmp_path / "better.yaml", item.move.edits)
    options = {"replications": item.replications, "seed": study.baseline.seed}
    alone = simulate(read_plant(tmp_path / "better.yaml"), warmup=study.baseline.warmup, **options)
    base = simulate(pouch(), warmup=study.baseline.warmup, **options)
    for name, quoted in item.released.items():
        made = difference(alone.estimate(name), base.estimate(name))
        assert (made.mean, made.low, made.high) == (quoted.mean, quoted.low, quoted.high), name
    kept = study.saturated.options["lots in process"]
    better = read_plant(tmp_path / "better.yaml")
    options["replications"] = study.saturated.replications
    full = simulate(better, warmup=study.saturated.warmup, saturated=True, lots=kept, **options)
    made = difference(full.estimate("throughput"), study.saturated.estimate("throughput"))
    assert made.mean == item.saturated["throughput"].mean


def test_a_saved_move_keeps_the_comments_of_the_file(study: Study, tmp_path: Path) -> None:
    (tmp_path / "plant.yaml").write_text(POUCH, encoding="utf-8")
    item = next(item for item in study.moves if item.move.name == "add a machine: mixer")
    save_plant(read_plant(tmp_path / "plant.yaml"), tmp_path / "better.yaml", item.move.edits)
    saved = (tmp_path / "better.yaml").read_text(encoding="utf-8")
    assert saved == POUCH.replace("mixer: {machines: 1,", "mixer: {machines: 2,")


def test_the_same_seed_gives_the_same_study() -> None:
    families = ["add a machine", "faster machine", "overtime"]
    one, other = (
        improve(pouch(), families=families, horizon="30 d", warmup="10 d", replications=4, threads=n) for n in (1, 3)
    )
    assert len(one.moves) > 5
    assert one.to_dict() == other.to_dict()


def test_the_document_holds_what_programs_read(study: Study) -> None:
    document = json.loads(json.dumps(study.to_dict()))
    assert document["schema"] == "plantwright.study/1"
    assert document["limited by"]["subject"] == "mixer"
    assert document["baseline"]["schema"] == "plantwright.run/1"
    first = document["moves"][0]
    assert first["rank"] == 1
    assert first["what changes"] == dict(study.moves[0].move.edits)
    second = next(item for item in document["moves"] if item["name"] == "add a machine: mixer")
    assert second["what changes"] == {"work centers > mixer > machines": "2"}
    effects = {(effect["name"], effect["under"]) for effect in first["effects"]}
    assert {("sales", "released"), ("contribution", "released"), ("throughput", "saturated")} <= effects
    assert document["unknown"] == {"on time": "no due dates"}
    assert study.table().height == len(study.moves)
    assert study.table("probes")["subject"][0] == "mixer"


def test_contribution_counts_wages_once_and_the_yearly_cost_of_an_own_move() -> None:
    hire = Move("hire", "own move", "hire", {"people > Ana > count": "2"}, yearly=1000.0)
    item = improve(pouch(), moves=[hire], replications=2).moves[0]
    wages = 36 * 7.5 * 365.25 * 5 / 7
    assert item.wages == pytest.approx(wages, rel=0.01)
    sales = item.released["sales"].mean
    assert sales == pytest.approx(0, abs=0.01)
    assert item.released["contribution"].mean == pytest.approx(-wages - 1000, rel=0.01)


def test_what_is_asked_for_in_vain_is_refused() -> None:
    with pytest.raises(InputError, match="no due dates"):
        improve(pouch(), by="on-time", families=["yield"], replications=2)
    with pytest.raises(InputError, match="add a machine"):
        improve(pouch(), families=["add a machin"])


def test_a_stopped_study_gives_the_moves_that_were_done() -> None:
    cancel = Cancel()

    def step(done: int, expected: int) -> None:
        if done == 14:
            cancel.stop()

    found = improve(pouch(), cancel=cancel, progress=step, replications=2)
    assert found.partial
    assert 0 < len(found.moves) < len(propose(pouch()))
    stopped = Cancel()
    stopped.stop()
    with pytest.raises(Interrupted):
        improve(pouch(), cancel=stopped)


def test_totals_that_do_not_match_are_said_first() -> None:
    text = POUCH + "totals: {throughput: 500 cells/d, cycle time: 3.4 d}\n"
    found = improve(read_text(text), families=["yield"], replications=4)
    assert found.warnings[0].startswith("this model does not reproduce your shop: throughput")
    assert "cycle time" not in found.warnings[0]
    assert found.baseline.trust == "sketch"
    right = improve(read_text(text.replace("500 cells/d", "221 cells/d")), families=["yield"], replications=4)
    assert right.warnings == ()
    assert right.baseline.trust == "totals matched"

"""What each family proposes, and what it brings on plants where that can be worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.improvement import Move, Study, all_families, improve, propose
from plantwright.plant import Plant, build_plant, changed, read_text

from .plants import one_pair_of_hands, pouch, two_steps

DAY = 24 * 60.0


def moves_of(plant: Plant, *families: str) -> dict[str, Move]:
    return {move.name: move for move in propose(plant, families)}


def studied(plant: Plant, *families: str, **options: object) -> Study:
    return improve(plant, families=families, replications=2, horizon="20 d", warmup="5 d", **options)  # type: ignore[arg-type]


def gained(study: Study, name: str) -> float:
    return next(item for item in study.moves if item.move.name == name).saturated["throughput"].mean


def test_a_second_machine_doubles_output_up_to_the_next_bottleneck() -> None:
    # 10 minutes at the cutter, 6 at the sewer: 144 a day; with two cutters the sewer allows 240.
    study = studied(two_steps(), "add a machine")
    assert gained(study, "add a machine: cutter") == pytest.approx(DAY / 6 - DAY / 10, abs=0.2)
    assert gained(study, "add a machine: sewer") == pytest.approx(0, abs=0.01)
    assert study.moves[0].next_limit == "sewer"
    assert [item.verdict for item in study.moves] == ["if you spend", "do not buy"]


def test_a_machine_that_is_ten_percent_faster_makes_ten_percent_more() -> None:
    plant = changed(two_steps(), {"moves > faster machine": {"effect": "10 %"}})
    study = studied(plant, "faster machine")
    assert gained(study, "faster machine: cutter") == pytest.approx(0.1 * DAY / 10, abs=0.1)


def test_faster_keeps_the_spread_and_the_words_of_a_distribution() -> None:
    plant = two_steps(first="lognormal 11 min/piece cv 0.8", second="triangular 11..22..33 s/lot guess")
    plant = changed(plant, {"moves > faster machine": {"effect": "10 %"}})
    edits = {path: value for move in propose(plant, ["faster machine"]) for path, value in move.edits.items()}
    assert edits["products > bag > routing > cut > time"] == "lognormal 10 min/piece cv 0.8"
    assert edits["products > bag > routing > sew > time"] == "triangular 10..20..30 s/lot guess"


def test_repairs_and_failures_change_alone() -> None:
    # Three tenths of the lost time less in the mean: 1.5 h x 0.7, and 40 h / 0.7.
    moves = moves_of(pouch(), "better reliability")
    assert moves["better reliability: coater repair"].edits == {
        "work centers > coater > failures > 1 > repair": "lognormal 1.05 h cv 0.8"
    }
    assert moves["better reliability: coater every"].edits == {
        "work centers > coater > failures > 1 > every": "exponential 57.1429 h"
    }


def test_shorter_setups_change_every_setup_time_and_nothing_else() -> None:
    plant = read_text("""
plant: Changeovers
work centers:
  press: {machines: 1, setup: {default: 20 min, from: {red: {blue: 2 h}}}}
products:
  red: {release: {every: 60 min}, routing: [print: {at: press, time: 10 min}]}
  blue: {release: {every: 60 min}, routing: [print: {at: press, time: 10 min}]}
""")
    move = moves_of(plant, "shorter setup")["shorter setup: press"]
    assert move.edits == {
        "work centers > press > setup > default": "12 min",
        "work centers > press > setup > from > red > blue": "1.2 h",
    }


def test_a_shorter_setup_gives_back_exactly_its_time() -> None:
    # Every lot is another product, so each needs a setup: 20 + 10 minutes a lot; with setups 30 % shorter 14 + 10.
    lots = {"routing": [{"print": {"at": "press", "time": "10 min"}}], "release": "saturated"}
    plant = build_plant(
        {
            "plant": "Changeovers",
            "moves": {"shorter setup": {"effect": "30 %"}},
            "work centers": {"press": {"machines": "1", "setup": {"default": "20 min"}}},
            "products": {
                "red": {**lots, "release": {"conwip": "1 lot"}},
                "blue": {**lots, "release": {"conwip": "1 lot"}},
            },
        }
    )
    study = studied(plant, "shorter setup")
    more = study.moves[0].released["throughput"].mean
    assert more == pytest.approx(DAY / 24 - DAY / 30, abs=0.2)


def test_more_lots_in_process_help_only_where_they_are_the_limit() -> None:
    # One lot takes 16 minutes alone: 90 a day; two keep the cutter busy: 144.
    plant = two_steps(release="saturated")
    plant = changed(plant, {"products > bag > release": {"conwip": "1 lot"}})
    plant = changed(plant, {"products > bag > release > conwip": "3 lots"})
    study = studied(plant, "CONWIP limit")
    assert {item.move.title for item in study.moves} == {"3 -> 2 lots in process", "3 -> 4 lots in process"}
    assert all(item.released["throughput"].mean == pytest.approx(0, abs=0.1) for item in study.moves)
    assert study.moves[0].move.title == "3 -> 2 lots in process"
    assert study.moves[0].verdict == "do now"


def test_buffers_grow_by_at_least_one_place() -> None:
    assert moves_of(pouch(), "more buffer")["more buffer: coater"].edits == {"work centers > coater > buffer": "5 lots"}


def test_batches_change_one_word_at_a_time() -> None:
    edits = [dict(move.edits) for move in propose(pouch(), ["batch size"])]
    base = "work centers > formation > batch"
    assert edits == [
        {f"{base} > max": "10 lots"},
        {f"{base} > min": "1 lot"},
        {f"{base} > min": "8 lots"},
        {f"{base} > wait": "15 min"},
        {f"{base} > wait": "60 min"},
    ]


def test_lots_change_their_size_only_where_no_time_counts_by_the_lot() -> None:
    assert not propose(pouch(), ["lot size"])
    by_piece = two_steps(first="10 min/piece", second="6 min/piece")
    by_piece = changed(by_piece, {"products > bag > lot": "8 pieces"})
    titles = [move.title for move in propose(by_piece, ["lot size"])]
    assert titles == ["lots of 4 pieces", "lots of 16 pieces"]


@pytest.mark.parametrize(
    ("lot", "half", "twice"),
    [
        ("100 m", "50 m", "200 m"),
        ("2 pieces", "1 piece", "4 pieces"),
        ("3 boxes", "2 boxes", "6 boxes"),
        ("2 boxes", "1 box", "4 boxes"),
        ("8 kg", "4 kg", "16 kg"),
        ("6 pcs", "3 pcs", "12 pcs"),
    ],
)
def test_a_lot_of_another_size_is_counted_in_the_same_unit(lot: str, half: str, twice: str) -> None:
    plant = changed(two_steps(first="10 min/piece", second="6 min/piece"), {"products > bag > lot": lot})
    assert [edit for move in propose(plant, ["lot size"]) for edit in move.edits.values()] == [half, twice]
    for edit in (half, twice):
        assert changed(plant, {"products > bag > lot": edit}).products["bag"].unit == plant.products["bag"].unit


def test_a_share_of_the_scrap_is_avoided() -> None:
    # Of 3 % scrap (10 + 4 x 30 + 60) / 6 = 31.67 % are avoided in the mean, or as the plant says, half.
    path = "products > NMC pouch > routing > coat > yield"
    assert moves_of(pouch(), "yield")["yield: NMC pouch coat"].edits == {path: "97.95 %"}
    half = changed(pouch(), {"moves > yield > effect": "50 %"})
    assert moves_of(half, "yield")["yield: NMC pouch coat"].edits == {path: "98.5 %"}


def test_one_more_person_doubles_what_one_pair_of_hands_makes() -> None:
    study = improve(one_pair_of_hands(), families=["one more person", "add a machine"], replications=2)
    assert study.limit.kind == "people"
    assert study.limit.subject == "Ben"
    assert study.saturated.estimate("throughput").mean == pytest.approx(8, abs=0.1)
    assert study.moves[0].move.name == "one more person: Ben"
    assert study.moves[0].saturated["throughput"].mean == pytest.approx(8, abs=0.2)
    assert all(item.verdict == "do not buy" for item in study.moves[1:])


def test_a_skill_is_learnt_by_those_who_lack_it() -> None:
    plant = changed(one_pair_of_hands(), {"people > Cleo": {"shift": "day", "skills": {"packing": "2"}}})
    study = improve(plant, families=["cross-train"], replications=2)
    assert study.moves[0].move.edits == {"people > Cleo > skills > sewing": "2"}
    assert study.moves[0].saturated["throughput"].mean == pytest.approx(8, abs=0.2)


def test_the_break_is_relieved_only_where_others_can_cover() -> None:
    moves = moves_of(pouch(), "relieved breaks")
    move = moves["relieved breaks: mixer day"]
    assert move.title == "relieve mixer at 11:00-11:30"
    later = changed(pouch(), move.edits)
    assert sum(crew.count for crew in later.people.values()) == 3
    assert later.shifts["day with later breaks"].breaks[0].start == 11.5 * 3600
    assert later.shifts[later.work_centers["mixer"].shift[0]].breaks == ()
    alone = changed(one_pair_of_hands(), {"shifts > day > breaks": ["11:00-11:30"]})
    assert not moves_of(alone, "relieved breaks")


def test_a_relieved_break_brings_half_an_hour_of_mixing() -> None:
    # Half an hour more of 7.5 h at the mixer: a fifteenth more output.
    study = improve(pouch(), families=["relieved breaks"], horizon="90 d", replications=4)
    item = next(item for item in study.moves if item.move.subject["work center"] == "mixer")
    base = study.saturated.estimate("throughput").mean
    assert item.saturated["throughput"].mean == pytest.approx(base / 15, rel=0.1)
    assert item.wages == 0
    assert item.verdict == "do now"


def test_overtime_pays_one_hour_and_a_half_for_each_who_stays() -> None:
    study = improve(pouch(), families=["overtime"], replications=2)
    one = next(item for item in study.moves if item.move.name == "overtime: mixer day")
    # One of the coating crew stays an hour each working day, at 34 USD and half as much again.
    assert one.wages == pytest.approx(34 * 1.5 * 365.25 * 5 / 7, rel=0.01)
    base = study.saturated.estimate("throughput").mean
    assert one.saturated["throughput"].mean == pytest.approx(base / 7.5, rel=0.1)


def test_another_shift_doubles_the_hours_and_hires() -> None:
    study = improve(one_pair_of_hands(), families=["another shift"], replications=2)
    everybody = next(item for item in study.moves if item.move.name == "another shift: day")
    assert everybody.saturated["throughput"].mean == pytest.approx(8, abs=0.2)
    assert everybody.move.edits["people > Ben (day 2)"] == {
        "count": "1",
        "shift": "day 2",
        "skills": {"sewing": "2"},
    }


def test_no_shift_is_proposed_where_the_next_one_already_works() -> None:
    late = {"days": "Mon-Fri", "from": "15:00", "to": "23:00"}
    assert moves_of(one_pair_of_hands(), "another shift")
    assert not moves_of(changed(one_pair_of_hands(), {"shifts > late": late}), "another shift")


@pytest.mark.parametrize(("rule", "given"), [("EDD", True), ("EDD", False)])
def test_due_dates_first_only_where_there_are_due_dates(rule: str, given: bool) -> None:
    plant = two_steps()
    release = {"every": "12 min", **({"due": "2 h"} if given else {})}
    plant = changed(plant, {"products > bag > release": release})
    assert (f"dispatch rule: {rule}" in moves_of(plant, "dispatch rule")) is given


OWN = {
    "second cutter": {"set": {"work centers > cutter > machines": "2"}, "cost": "100 kUSD", "lead time": "9 mo"},
    "second sewer": {
        "set": {"work centers > sewer > machines": "2"}, "cost": "50 kUSD", "only with": ["second cutter"]
    },
}  # fmt: skip


def test_own_moves_are_tried_with_those_they_go_only_with() -> None:
    plant = changed(two_steps(), {"currency": "USD", "moves": OWN})
    moves = moves_of(plant, "own move")
    assert moves["second cutter"].capital == 100_000
    both = moves["second sewer"]
    assert both.capital == 150_000
    assert set(both.edits) == {"work centers > cutter > machines", "work centers > sewer > machines"}
    study = studied(plant, "own move")
    assert study.moves[0].move.name == "second sewer"
    assert gained(study, "second sewer") == pytest.approx(DAY / 10, abs=0.2)


def test_what_the_plant_bans_is_not_proposed() -> None:
    from dataclasses import replace

    names = {move.name for move in propose(two_steps())}
    assert "add a machine: cutter" in names
    banned = replace(two_steps(), banned=("faster machine", "add a machine: cutter"))
    left = {move.name for move in propose(banned)}
    assert "add a machine: cutter" not in left
    assert "add a machine: sewer" in left
    assert not any(name.startswith("faster machine") for name in left)


def test_every_family_changes_only_words_that_the_file_could_hold() -> None:
    for plant in (pouch(), two_steps(), one_pair_of_hands()):
        for move in propose(plant):
            assert changed(plant, move.edits) != plant, move.name


def test_what_a_move_does_not_say_of_its_cost_its_family_says() -> None:
    # The coater has a price of its own, the mixer and the formation have not.
    words = {"cost": "80 kUSD", "cost per year": "2 kUSD/y", "lead time": "10 d"}
    plant = changed(pouch(), {"moves > add a machine": words, "work centers > coater > price": "650 kUSD"})
    moves = moves_of(plant, "add a machine", "faster machine")
    assert moves["add a machine: mixer"].capital == 80e3
    assert moves["add a machine: coater"].capital == 650e3
    for name in ("mixer", "coater", "formation"):
        assert moves[f"add a machine: {name}"].yearly == pytest.approx(2e3)
        assert moves[f"add a machine: {name}"].lead_time == 10 * 86400
    assert moves["add a machine: mixer"].assumed == ("ramp-up",)
    assert moves["faster machine: mixer"].capital == 40e3
    assert "capital" in moves["faster machine: mixer"].assumed


def test_an_own_move_without_a_cost_costs_what_own_moves_do() -> None:
    own = {"cheap": {"set": {"rule": "SPT"}, "cost": "1 kUSD"}, "other": {"set": {"rule": "LIFO"}}}
    plant = changed(pouch(), {"moves": {**own, "own move": {"cost": "9 kUSD"}}})
    assert {name: move.capital for name, move in moves_of(plant, "own move").items()} == {"cheap": 1e3, "other": 9e3}


@pytest.mark.parametrize(("limit", "offered"), [("4 h/wk", False), ("5 h/wk", True), ("8 h/wk", True)])
def test_overtime_stays_within_its_limit(limit: str, offered: bool) -> None:
    # One hour more on five days is five hours a week.
    moves = moves_of(changed(pouch(), {"limits > overtime": limit}), "overtime")
    assert bool(moves) is offered
    assert moves.keys() == (moves_of(pouch(), "overtime").keys() if offered else set())


def test_a_limit_of_overtime_without_a_week_is_refused() -> None:
    with pytest.raises(PlantError, match="say per what, such as '4 h/wk'"):
        changed(pouch(), {"limits > overtime": "4 h"})


def test_the_plant_file_knows_the_families_by_the_names_that_they_have() -> None:
    from plantwright.doors import family_names

    assert family_names() == tuple(all_families())
    for name in all_families():
        plant = changed(pouch(), {f"moves > {name}": {"lead time": "1 wk"}})
        assert plant.family_defaults[name].lead_time == 7 * 86400


def test_what_costs_by_its_familys_default_is_no_move_without_capital() -> None:
    text = """
plant: Changeovers
currency: USD
work centers: {press: {machines: 1, setup: 20 min}}
products:
  red: {release: {conwip: 2 lots}, routing: [form: {at: press, time: 10 min/lot}]}
  blue: {release: {conwip: 2 lots}, routing: [form: {at: press, time: 10 min/lot}]}
"""
    cost = "moves: {shorter setup: {cost: 5 kUSD}}\n"
    none = "moves: {shorter setup: {cost: 0 kUSD}}\n"
    free, paid = (studied(read_text(words), "shorter setup").moves[0] for words in (text + none, text + cost))
    assert (free.verdict, free.move.capital) == ("do now", 0.0)
    assert (paid.verdict, paid.move.capital) == ("if you spend", 5000)


def test_a_relief_that_cannot_be_written_ends_no_study(monkeypatch: pytest.MonkeyPatch) -> None:
    from plantwright.improvement import limits

    plant = two_steps("exponential 6 min", "exponential 6 min", "saturated")
    names = list(plant.work_centers)
    usual = limits.relief

    def relief(changed: Plant, kind: str, subject: str) -> dict[str, str]:
        return (
            {f"work centers > {subject} > machines": "none"} if subject == names[0] else usual(changed, kind, subject)
        )

    monkeypatch.setattr(limits, "relief", relief)
    study = improve(plant, families=["faster machine"], replications=2, horizon="5 d", warmup="1 d")
    assert [probe.subject for probe in study.probes] == [names[1]]

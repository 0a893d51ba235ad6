"""The parts of the report: sentences, the drawn flow, the value stream, the ceiling, held against paper."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from plantwright.improvement import Study, improve
from plantwright.improvement.study import Belief, Guarantee, LeftOut, OnPeople, Pair, Reading
from plantwright.plant import Plant, build_plant, read_text
from plantwright.report import study_document, study_html, study_workbook
from plantwright.report.flow_map import flow_map
from plantwright.report.layers import crossings, is_bend, layered
from plantwright.report.move_details import details_of, tie_runs
from plantwright.report.roadmap_view import roadmap_view
from plantwright.report.sentences import gain_said, money_said, people_said
from plantwright.report.value_curve import ceiling_of, value_curve
from plantwright.report.value_stream import families_of, ladders_of
from plantwright.simulation import Estimate
from tests.improvement.plants import POUCH
from tests.report.conftest import example_roadmap, quick
from tests.report.test_html import Page

DAY = 86400.0


def of(name: str, unit: str, mean: float, low: float, high: float) -> Estimate:
    return Estimate(name, {}, unit, mean, low, high)


@pytest.mark.parametrize(
    ("estimate", "said"),
    [
        (of("sales", "cell/working day", 12.2, 9.1, 15.3), "12 more cells a day, 9 to 15"),
        (of("sales", "cell/working day", -12.2, -15.3, -9.1), "12 fewer cells a day, 9 to 15"),
        (of("sales", "cell/working day", 3.0, -1.0, 7.0), "3 more cells a day, -1 to 7"),
        (of("throughput", "lot/day", 1.0, 1.0, 1.0), "1 more lots a day"),
        (of("cycle time", "s", -3 * DAY, -3.5 * DAY, -2.5 * DAY), "cycle time 3 days shorter, 2 to 4"),
        (of("on-time share", "share", 0.125, 0.115, 0.135), "12 points more, 12 to 14"),
        (of("sales", "cell/working day", 0.0, 0.0, 0.0), "no change that can be seen"),
    ],
)
def test_effects_are_said_as_a_manager_says_them(estimate: Estimate, said: str) -> None:
    assert gain_said(estimate) == said


def test_money_is_said_in_thousands() -> None:
    assert money_said(of("contribution", "USD/y", 272_400, 230_000, 314_000)) == "272 kUSD a year, 230 to 314"
    assert money_said(of("net present value", "EUR", -1_500, -1_500, -1_500)) == "-1500 EUR"


def test_what_a_move_does_to_people_is_said_only_where_it_changes() -> None:
    people = OnPeople((4, 5), (0, 0), (10, 12.5), (0.9, 0.72), (("coating 3",), ("mixing 2",)))
    assert people_said(people) == [
        "people: 4 -> 5",
        "hours at night, all people: 10 -> 12.5 h a week",
        "busiest crew at work: 90 -> 72 % of its time",
        "no longer on one person alone: coating 3",
        "on one person alone: mixing 2",
    ]
    assert people_said(OnPeople((4, 4), (0, 0), (0, 0), None, ((), ()))) == []


def test_a_line_is_drawn_as_a_line() -> None:
    weights = {("a", "b"): 1.0, ("b", "c"): 1.0}
    laid = layered(["a", "b", "c"], weights, {"a": 0.0, "b": 0.5, "c": 1.0})
    assert laid.layers == (("a",), ("b",), ("c",))
    assert laid.back == ()


def test_what_is_skipped_is_passed_beside_it() -> None:
    weights = {("a", "b"): 1.0, ("b", "c"): 1.0, ("a", "c"): 1.0, ("c", "a"): 0.2}
    laid = layered(["a", "b", "c"], weights, {"a": 0.0, "b": 0.5, "c": 1.0})
    assert [sum(not is_bend(node) for node in row) for row in laid.layers] == [1, 1, 1]
    assert len(laid.ways["a", "c"]) == 3
    assert laid.back == (("c", "a"),)


def test_two_lines_that_cross_on_paper_are_untangled() -> None:
    """Two lines side by side, given in an order in which they would cross: drawn in order, they do not."""
    weights = {("a", "y"): 1.0, ("b", "x"): 1.0, ("x", "q"): 1.0, ("y", "p"): 1.0}
    positions = {"a": 0.0, "b": 0.0, "x": 0.5, "y": 0.5, "p": 1.0, "q": 1.0}
    laid = layered(["a", "b", "x", "y", "p", "q"], weights, positions)
    links = list(weights)
    assert crossings([["a", "b"], ["x", "y"], ["p", "q"]], links) == 2
    assert crossings(laid.layers, links) == 0


def test_the_flow_has_every_work_center_once_and_marks_the_limit(pouch_study: tuple[Study, Plant]) -> None:
    study, plant = pouch_study
    drawn = flow_map(study, plant)
    assert [box["name"] for box in drawn["boxes"]] == ["mixer", "coater", "formation"]
    assert [box["limit"] for box in drawn["boxes"]] == [True, False, False]
    assert len(drawn["edges"]) == 2
    assert "from mixer to coater; from coater to formation" in drawn["words"]
    lefts = [float(box["x"]) for box in drawn["boxes"]]
    assert lefts == sorted(lefts)
    assert max(lefts) + 158 <= float(drawn["width"])


def test_no_two_boxes_of_a_branched_flow_overlap() -> None:
    plant = read_text(
        """\
plant: Branches
work centers: {saw: {machines: 1}, mill: {machines: 1}, drill: {machines: 1}, wash: {machines: unlimited}, pack: {machines: 1}}
products:
  one:
    release: {conwip: 3 lots}
    routing:
      - cut: {at: saw, time: 2 min/lot, next: {milling: 60 %, drilling: 40 %}}
      - milling: {at: mill, time: 3 min/lot, next: washing}
      - drilling: {at: drill, time: 3 min/lot, next: washing}
      - washing: {at: wash, time: 5 min/lot}
      - packing: {at: pack, time: 1 min/lot, rework: {share: 5 %, back to: washing, at most: 1}}
"""
    )
    drawn = flow_map(quick(plant, "1 d", "2 h"), plant)
    places = {box["name"]: (float(box["x"]), float(box["y"])) for box in drawn["boxes"]}
    assert set(places) == {"saw", "mill", "drill", "wash", "pack"}
    assert places["mill"][0] == places["drill"][0]
    for one in places:
        for other in places:
            apart = [abs(a - b) for a, b in zip(places[one], places[other], strict=True)]
            assert one == other or apart[0] >= 158 or apart[1] >= 78
    assert sorted(edge["kind"] for edge in drawn["edges"]) == ["back", *["forth"] * 5]


def test_lots_that_lie_before_they_come_are_in_the_box() -> None:
    """A lot an hour lies for six hours before it comes to the mill: six of them, by Little's law."""
    plant = read_text(
        """\
plant: Lies
work centers: {saw: {machines: 1}, mill: {machines: 1, delay: 6 h}}
products: {one: {release: {every: 1 h}, routing: [cut: {at: saw, time: 2 min/lot}, milling: {at: mill, time: 3 min/lot}]}}
"""
    )
    drawn = flow_map(quick(plant, "10 d", "1 d"), plant)
    assert [box["queue"] for box in drawn["boxes"]] == ["", "6 lots lie"]


def four_ways(priced: bool) -> Plant:
    """Four products of a saw: two go the same way; of the others the rare one brings 5 x 100 a day, the frequent one 20 x 2."""
    prices = {"board": 1, "plank": 1, "beam": 100, "strip": 2}
    ways = {"board": "saw pack", "plank": "saw pack", "beam": "saw drill pack", "strip": "saw"}
    rates = {"board": 100, "plank": 90, "beam": 5, "strip": 20}
    return build_plant(
        {
            "plant": "Four ways",
            "currency": "USD",
            "work centers": {"saw": {}, "drill": {}, "pack": {}},
            "products": {
                name: {
                    "demand": {"rate": f"{rates[name]} pieces/day"},
                    **({"price": f"{prices[name]} USD"} if priced else {}),
                    "routing": [{step: {"at": step, "time": "2 min/piece"}} for step in way.split()],
                }
                for name, way in ways.items()
            },
        }
    )


@pytest.mark.parametrize("priced", [True, False])
def test_product_families_go_the_same_way_and_what_brings_most_comes_first(priced: bool) -> None:
    plant = four_ways(priced)
    study = improve(plant, families=["dispatch rule"], replications=2, horizon="10 d", warmup="2 d")
    others = [("beam",), ("strip",)] if priced else [("strip",), ("beam",)]
    assert families_of(study, plant) == [("board", "plank"), *others]
    ladders = ladders_of(study, plant)
    assert [ladder.product for ladder in ladders] == ["board", *(names[0] for names in others)]
    assert [[rung.process for rung in ladder.rungs] for ladder in ladders if ladder.product == "beam"] == [[120] * 3]
    page = study_html(study, plant)
    assert page.count('<details id="way-') == 2
    assert "The same way: plank." in page
    assert f"{'what brings most' if priced else 'of which most lots are made'} first:" in page
    assert {row["product"] for row in study_document(study, plant)["report"]["value stream"]} == {
        "board",
        "beam",
        "strip",
    }


def test_the_ladder_is_what_the_routing_says(pouch_study: tuple[Study, Plant]) -> None:
    """90 min of mixing, (50 + 60 + 80) / 3 min of coating, 11 h of formation; what waits is Little's law on what stands there."""
    study, plant = pouch_study
    (ladder,) = ladders_of(study, plant)
    assert [rung.process for rung in ladder.rungs] == pytest.approx([5400, 190 / 3 * 60, 39600])
    assert [rung.limit for rung in ladder.rungs] == [True, False, False]
    assert ladder.cycle_time == pytest.approx(study.baseline.estimate("cycle time").mean)
    assert ladder.process + ladder.waiting + ladder.other == pytest.approx(ladder.cycle_time)
    days = study.baseline.working_days * DAY
    lots = study.baseline.estimate("lots finished").mean * study.baseline.working_days / study.baseline.horizon
    assert ladder.rungs[0].waiting == pytest.approx(ladder.rungs[0].lots_waiting / lots, rel=0.1), days


def test_the_ceiling_of_demand_is_what_is_asked_and_not_sold(pouch_study: tuple[Study, Plant]) -> None:
    """400 asked, some 309 sold a working day, 38 USD each, no material: the rest times the working days of a year."""
    study, plant = pouch_study
    run = study.baseline
    year = run.working_days / run.horizon * 365.25 * DAY
    assert ceiling_of(plant, run) == pytest.approx((400 - run.estimate("sales").mean) * 38 * year)
    unpriced = read_text(POUCH.replace("    price: 38 USD\n", ""))
    assert ceiling_of(unpriced, run) is None


def test_the_curve_has_a_point_for_each_priced_move(pouch_study: tuple[Study, Plant]) -> None:
    study, plant = pouch_study
    curve = value_curve(study, plant)
    assert curve is not None
    worth = [item for item in study.moves if item.verdict in ("do now", "if you spend")]
    waged = ("one more person", "another shift")
    free = [
        item
        for item in worth
        if not item.move.capital and (item.move.capital is not None or not item.spends or item.move.family in waged)
    ]
    priced = [i for i in study.moves if i.move.capital]
    assert len(free) > 2
    assert len(curve["points"]) == min(40, len(free) + len(priced))
    assert curve["sketch"]
    assert "(sketch)" in curve["up"]


def test_a_bracket_holds_only_moves_that_are_all_tied(pouch_study: tuple[Study, Plant]) -> None:
    study, _ = pouch_study

    def tied(rank: int, name: str, *others: str) -> object:
        item = study.moves[0]
        return replace(item, rank=rank, move=replace(item.move, name=name), tied_with=others)

    moves = (
        tied(1, "a", "b"),
        tied(2, "b", "a", "c"),
        tied(3, "c", "b", "d", "e"),
        tied(4, "d", "c", "e"),
        tied(5, "e", "c", "d"),
    )
    chained = replace(study, moves=moves)  # type: ignore[arg-type]
    assert tie_runs(chained, ["a", "b", "c", "d", "e"]) == {
        "a": "first", "b": "last", "c": "first", "d": "within", "e": "last",
    }  # fmt: skip


@pytest.fixture(scope="module")
def full(pouch_study: tuple[Study, Plant]) -> tuple[Study, Plant]:
    """A study in which everything is told that a study can tell."""
    study, plant = pouch_study
    first, second, *rest = study.moves
    gain = first.released["contribution"]
    told = replace(
        first,
        move=replace(
            first.move, capital=400_000.0, yearly=None, assumed=("capital", "lead time"), lead_time=30 * DAY, ramp_up=60 * DAY,
            training=7200.0, belief=Belief("mixing time 20 to 60 % shorter", (0.4,), ({},)), needs=("better fixture",),
        ),
        wages=0.0, shrunk=replace(gain, mean=0.9 * gain.mean), best=0.62, regret=1000.0, shares={"luck": 0.4, "belief": 0.6},
        at_demand={"low": replace(gain, mean=1.0, low=1.0, high=1.0)}, at_variability={"half": gain},
        people=OnPeople((4, 5), (0, 2), (0, 0), None, ((), ())), payback=7 * 30.4375 * DAY, net_present_value=replace(gain, unit="USD"),
    )  # fmt: skip
    effect = first.released["contribution"]
    return (
        replace(
            study,
            moves=(told, second, *rest),
            guarantee=Guarantee(
                "KN", 0.95, 5000.0, "USD/y", 400, 4000, "The first is the best with a probability of 95 %."
            ),
            pairs=(Pair(first.move.name, second.move.name, effect, replace(effect, mean=-5.0, low=-6.0, high=-4.0)),),
            left_out=(LeftOut(replace(second.move, name="x", title="a third mixer"), "another mixer brings as much"),),
            binding={"mixer": 0.9, "coater": 0.1},
            first_at={"low": second.move.name, "as given": first.move.name, "high": first.move.name},
            readings=(
                Reading(
                    "work centers > coater > setup",
                    "the coater's setup",
                    30,
                    (9000.0, 2000.0),
                    (first.move.name, second.move.name),
                ),
            ),
        ),
        plant,
    )


def test_everything_that_a_study_tells_stands_on_the_page(full: tuple[Study, Plant]) -> None:
    study, plant = full
    text = Page(study_html(study, plant)).text
    first, second = study.moves[0].move.title, study.moves[1].move.title
    for said in (
        "62 % chance to be the best of all",
        "pays back in 7 months (sketch)",
        "luck of the runs 40 %, belief in its effect 60 %",
        "mixing time 20 to 60 % shorter",
        "30 days until it works (assumed)",
        "2 h of training away from work",
        "only with better fixture",
        "people: 4 -> 5",
        "400 kUSD once, assumed (sketch)",
        "The first is the best with a probability of 95 % (sketch).",
        f"{first} and {second}",
        "less than both alone",
        "the coater's setup",
        "9 -> 2 kUSD (sketch)",
        f"at low demand {second} yes",
        "Limits wander",
        "a third mixer: another mixer brings as much",
        "over 5 years, discounted by 10 % a year",
        "Moves with costs or times that their family assumes: ",
    ):
        assert said in text, said


def test_what_opens_under_a_move_has_its_figures(full: tuple[Study, Plant]) -> None:
    study, plant = full
    told = dict(details_of(study, study.moves[0], plant))
    assert told["Costs"] == "400 kUSD once, assumed (sketch)"
    assert told["Pays back"] == "pays back in 7 months (sketch)"
    assert told["Lost in the mean by choosing it"] == "1000 USD (sketch)"
    assert told["At other demand"].startswith("low: 1 USD a year (sketch)")


def test_the_money_of_a_sketch_is_called_a_sketch_wherever_it_stands(full: tuple[Study, Plant]) -> None:
    import re

    study, plant = full
    text = Page(study_html(study, plant)).text
    start, end = text.index("The moves, ranked"), text.index("Value against capital", text.index("The moves, ranked"))
    heads, table = text[start : start + 600], text[start:end]
    assert "sketch kUSD a year" in heads
    assert "Price (sketch)" in heads
    text = text.replace(table, "")
    amounts = list(re.finditer(r"[\d.]+ [kM]?USD", text))
    assert len(amounts) > 10
    for found in amounts:
        near = text[max(0, found.start() - 40) : found.end() + 60]
        assert "sketch" in near or "price" in near.lower(), near


def test_the_document_and_the_workbook_say_the_same(full: tuple[Study, Plant]) -> None:
    import json

    import openpyxl

    study, plant = full
    parts = json.loads(json.dumps(study_document(study, plant)))["report"]
    book = openpyxl.load_workbook(io.BytesIO(study_workbook(study, plant)))
    assert book.sheetnames == [name for name, rows in parts.items() if rows]
    assert {"verdict", "moves", "demand", "pairs", "readings", "assumptions", "how to repeat"} <= set(book.sheetnames)
    for name, rows in parts.items():
        if not rows:
            continue
        head, *lines = book[name].iter_rows(values_only=True)
        assert len(lines) == len(rows), name
        for line, row in zip(lines, rows, strict=True):
            for key, cell in zip(head, line, strict=True):
                wanted = row.get(str(key))
                if isinstance(wanted, float):
                    assert cell == pytest.approx(wanted), (name, key)
                else:
                    assert (cell or "") == (wanted or ""), (name, key)
    assert parts["how to repeat"][1] == {"what": "plant (SHA-256)", "value": study.baseline.plant}


def test_a_name_that_is_a_formula_stays_a_name(pouch_study: tuple[Study, Plant]) -> None:
    import openpyxl

    study, plant = pouch_study
    evil = replace(study.moves[0], move=replace(study.moves[0].move, title='=HYPERLINK("http://x")'))
    book = openpyxl.load_workbook(io.BytesIO(study_workbook(replace(study, moves=(evil, *study.moves[1:])), plant)))
    cell = book["moves"]["B2"]
    assert cell.value == '=HYPERLINK("http://x")'
    assert cell.data_type == "s"


def test_a_roadmap_stands_on_the_page_with_its_figures(pouch_study: tuple[Study, Plant]) -> None:
    study, plant = pouch_study
    text = Page(study_html(study, plant, roadmap=example_roadmap())).text
    for said in (
        "The roadmap",
        "2 moves in 4 quarters for 180 kUSD of a budget that is 200 kUSD bring 2100 kUSD more than they cost, discounted: 1700 kUSD to 2600 kUSD",
        "no plan brings over 0.5 % more (sketch)",
        "second mixer Jul 2026 Oct 2026 Jan 2027 180 kUSD 640 kUSD a year",
        "In the worst 10 % of the scenarios it brings 1500 kUSD",
        "agree within 2 % (they differ by 0.95 %)",
        "second coater: it is never worth its price",
    ):
        assert said in text, said
    assert "The roadmap" not in Page(study_html(study, plant)).text
    rows = study_document(study, plant, example_roadmap())["report"]["roadmap"]
    assert [row["capital"] for row in rows] == [0.0, 180_000.0]


def test_the_bars_of_a_roadmap_stand_at_their_dates() -> None:
    """Four quarters from April on: the second mixer is begun at a quarter of the axis, works at a half, and brings all at three quarters."""
    view = roadmap_view(example_roadmap(), "USD")
    assert view is not None
    left, wide = 250.0, 1000.0 - 250.0 - 16.0
    bar = view["lane"]["rows"][1]
    starts = [(float(bar[word]) - left) / wide for word in ("start", "works", "full")]
    assert starts == pytest.approx([0.25, 0.5, 0.75], abs=0.01)

"""The report as a page: one file that needs nothing else, whose figures are those of the study, whatever the names are."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from plantwright.improvement import Study
from plantwright.plant import Plant, read_text
from plantwright.report import run_html, study_html, words
from plantwright.report.advice import shown_effect
from plantwright.report.axes import axis_of
from plantwright.simulation import Estimate, simulate
from tests.improvement.plants import POUCH, one_pair_of_hands, pouch
from tests.report.conftest import HOSTILE, quick

VOID = {"meta", "link", "br", "col", "img", "input", "hr"}


class Page(HTMLParser):
    """The elements, the attributes and the text of a page; fails where an element is closed that was not opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def named(self, tag: str) -> list[dict[str, str]]:
        return [found for name, found in self.tags if name == tag]

    def of_class(self, name: str) -> list[dict[str, str]]:
        return [found for _, found in self.tags if name in found.get("class", "").split()]


@pytest.fixture(scope="module")
def page(pouch_study: tuple[Study, Plant]) -> Page:
    return Page(study_html(*pouch_study))


def test_the_answer_comes_before_any_picture(page: Page) -> None:
    text, at = page.text, 0
    for said in (
        "Pouch-cell pilot line", "Sketch: nobody has measured it yet", "The mixer holds you back.",
        "7.5 h / 1.5 h = 5 lots x 64 x 97 % = 310", "Do now, no capital", "If you spend", "second mixer", "Do not buy",
        "second coater", "To decide", "The plant, and what limits it", "Value stream: the way of NMC pouch",
        "Where the time goes", "The moves, ranked", "Value against capital", "What would change the answer",
        "What is assumed", "What was not modelled", "How to repeat it",
    ):  # fmt: skip
        at = text.index(said, at)


def test_every_move_stands_in_the_table_with_the_figures_of_the_study(
    page: Page, pouch_study: tuple[Study, Plant]
) -> None:
    study, _ = pouch_study
    assert {found["id"] for found in page.named("tr") if "id" in found} == {f"move-{i.rank}" for i in study.moves}
    table = page.text[page.text.index("The moves, ranked") :]
    starts = {item.rank: table.index(f" {item.rank} {item.move.title} ") for item in study.moves}
    for item in study.moves:
        said = words.change(item.released["sales"])
        end = min((at for at in starts.values() if at > starts[item.rank]), default=len(table))
        assert said in table[starts[item.rank] : end], item.move.title
    assert words.amount(650_000, "USD") in page.text


def test_the_dot_stands_at_the_mean_and_the_line_spans_the_interval(
    pouch_study: tuple[Study, Plant],
) -> None:
    study, plant = pouch_study
    html = study_html(study, plant)
    worth = [item for item in study.moves if item.verdict in ("do now", "if you spend")]
    effects = [e for item in worth if (e := shown_effect(study, item)) is not None]
    low, high = min(0.0, *(e.low for e in effects)), max(0.0, *(e.high for e in effects))
    margin = 0.04 * (high - low)
    width = high - low + 2 * margin
    first = effects[0]
    dot = re.search(r'id="move-1".*?class="dot" style="left:([\d.]+)%', html, re.S)
    line = re.search(r'id="move-1".*?class="whisker" style="left:([\d.]+)%;width:([\d.]+)%', html, re.S)
    assert dot is not None
    assert line is not None
    assert float(dot[1]) == pytest.approx(100 * (first.mean - low + margin) / width, abs=0.02)
    assert float(line[1]) == pytest.approx(100 * (first.low - low + margin) / width, abs=0.02)
    assert float(line[2]) == pytest.approx(100 * (first.high - first.low) / width, abs=0.03)


def test_the_bars_are_the_shares_of_open_time(page: Page, pouch_study: tuple[Study, Plant]) -> None:
    run = pouch_study[0].baseline

    def share(state: str) -> float:
        return run.estimate("state share", work_center="coater", state=state).mean

    there = 1 - share("off shift")
    working = 100 * share("working") / there
    label = next(found["aria-label"] for found in page.of_class("bar") if "in repair" in found.get("aria-label", ""))
    assert label.startswith(f"{working:.0f} % working")
    widths = [found["style"] for found in page.of_class("s-working") if "style" in found]
    assert f"width:{working:.2f}%" in widths


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((0.0, 93.0), ["0", "+25", "+50", "+75"]),
        ((-4.0, 0.0), ["-4", "-3", "-2", "-1", "0"]),
        ((0.0, 0.0), ["-1", "-0.5", "0", "+0.5", "+1"]),
        ((-0.021, 0.034), ["-0.02", "0", "+0.02"]),
    ],
)
def test_an_axis_has_few_round_ticks_and_zero(values: tuple[float, float], ticks: list[str]) -> None:
    axis = axis_of([Estimate("sales", {}, "cell/day", value, value, value) for value in values])
    assert [tick.label for tick in axis.ticks] == ticks
    assert axis.zero == next(tick.at for tick in axis.ticks if tick.label == "0")


def test_a_cycle_time_axis_is_in_the_unit_that_people_read() -> None:
    axis = axis_of([Estimate("cycle time", {}, "s", -3 * 86400.0, -3.5 * 86400.0, -2.5 * 86400.0)])
    assert axis.unit == "days"
    assert axis.text(Estimate("", {}, "s", -3 * 86400.0, -3.5 * 86400.0, -2.5 * 86400.0)) == "-3 (-4 to -2)"


def test_the_page_needs_nothing_from_elsewhere(page: Page) -> None:
    assert page.named("script") == []
    assert page.named("img") == []
    for tag, found in page.tags:
        for key in ("src", "href", "action", "srcset", "data"):
            value = found.get(key, "#")
            assert value.startswith(("#", "data:")), (tag, key, value)
        assert not any(key.startswith("on") for key in found)
    policy = next(found["content"] for found in page.named("meta") if found.get("http-equiv"))
    assert policy.startswith("default-src 'none'")


def test_links_within_the_page_lead_somewhere(page: Page) -> None:
    there = {found["id"] for _, found in page.tags if "id" in found}
    assert len(there) == sum("id" in found for _, found in page.tags)
    for found in page.named("a"):
        assert found["href"][1:] in there
    for _, found in page.tags:
        assert set(found.get("aria-labelledby", "limit-head").split()) <= there


def test_it_can_be_read_without_seeing_it(page: Page) -> None:
    assert {"header", "nav", "main", "footer", "section"} <= {tag for tag, _ in page.tags}
    assert [tag for tag, _ in page.tags].count("h1") == 1
    for found in page.of_class("bar") + page.of_class("axis"):
        assert found["role"] == "img"
        assert found["aria-label"]
    for found in page.named("th"):
        assert found["scope"] in ("row", "col")
    assert page.named("html")[0]["lang"] == "en"


def test_names_that_are_code_stay_names(hostile_study: tuple[Study, Plant]) -> None:
    html = study_html(*hostile_study)
    page = Page(html)
    assert page.named("script") == []
    assert page.named("img") == []
    assert "onerror" not in {key for _, found in page.tags for key in found}
    assert f"{HOSTILE} & sons" in page.text
    assert "verylongname" * 12 in page.text
    assert "\"><img src=x onerror=alert(1)> & 'more'" in page.text
    assert html[: html.index("</head>")].count("<title>") == 1


def test_names_of_a_run_that_are_code_stay_names(hostile_study: tuple[Study, Plant]) -> None:
    study, plant = hostile_study
    page = Page(run_html(study.baseline, plant))
    assert page.named("script") == []
    assert f"{HOSTILE} & sons" in page.text


def test_a_person_who_is_the_limit_is_named_and_drawn() -> None:
    plant = one_pair_of_hands()
    page = Page(study_html(quick(plant), plant))
    assert "Ben holds you back." in page.text
    assert "Ben the limit 100 %" in page.text


def test_demand_that_is_met_says_what_binds_next() -> None:
    plant = pouch(demand="250 cells/working day")
    page = Page(study_html(quick(plant), plant))
    assert "Demand is the limit." in page.text
    assert "With more work the mixer binds first, at 3" in page.text
    assert "demand is met" in page.text


def test_totals_that_do_not_match_are_said_before_the_answer() -> None:
    plant = read_text(POUCH + "totals: {throughput: 500 cells/d}\n")
    page = Page(study_html(quick(plant, families=["overtime"]), plant))
    warned, answer = page.text.index("This model does not reproduce your shop: "), page.text.index("holds you back.")
    assert warned < answer
    assert "The model against your own totals" in page.text


def test_without_prices_there_is_no_money_and_it_is_said() -> None:
    plant = pouch(price="", wanted="")
    page = Page(study_html(quick(plant), plant))
    assert "Contribution" not in page.text
    assert "Money is per year" not in page.text
    assert "money (no prices)" in page.text


def test_a_run_tells_its_figures_and_how_to_repeat_them() -> None:
    plant = pouch()
    run = simulate(plant, horizon="30 d", warmup="10 d", replications=3, seed=7, saturated=True)
    page = Page(run_html(run, plant))
    made = run.estimate("throughput")
    assert f"{words.plain(made.mean, min(2, words.decimals(made.half_width)))} cells a working day" in page.text
    assert "--seed 7 --replications 3 --horizon 30d --warmup 10d --level 0.95 --saturated" in page.text
    assert "Where the time goes" in page.text

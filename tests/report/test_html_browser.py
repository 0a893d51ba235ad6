"""The report in a real browser: nothing is fetched, nothing overflows, the first move is seen, every word has contrast."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from plantwright.improvement import PlantComparison, Study, compare, deployment_card
from plantwright.monitoring.steps import steps
from plantwright.monitoring.uses import USES
from plantwright.plant import Plant, changed
from plantwright.report import card_html, comparison_html, run_html, study_html, words
from plantwright.report.timeline_page import MachineLine, timeline_html
from plantwright.report.views import STATES
from tests.improvement.plants import pouch
from tests.report.conftest import example_roadmap

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HOUR = 3_600_000_000_000
WIDTHS = (360, 390, 800, 1280)
PAGES = ("study", "hostile", "run", "comparison", "card", "timeline")
LEAST_CONTRAST = 4.5
"""WCAG 2.2, 1.4.3: contrast of text."""


@dataclass
class Seen:
    """A page that was opened, with everything that it asked for and complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    with playwright.sync_playwright() as started:
        path = found or started.chromium.executable_path
        if not os.path.exists(path):
            pytest.skip("no chromium on this machine")
        opened = started.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(
    pouch_study: tuple[Study, Plant], hostile_study: tuple[Study, Plant], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    texts = {
        "study": study_html(*pouch_study, roadmap=example_roadmap()),
        "hostile": study_html(*hostile_study),
        "run": run_html(pouch_study[0].baseline, pouch_study[1]),
        "comparison": comparison_html(compared()),
        "card": card_html(deployment_card(*pouch_study, 1)),
        "timeline": timeline_page(),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in texts}


def timeline_page() -> str:
    """Two machines over a day, one with a name as no machine should have it."""
    names = ("mill 1", "<b>saw</b> & " + "x" * 200)
    use, shift = steps([0, 6 * HOUR, 7 * HOUR], ["production", "idle", None], USES), steps([0], ["day"])
    lines = [MachineLine(name, use, shift) for name in names]
    stop = {"start": "2026-01-05 06:00:00", "seconds": 3600.0, "reason": "unqualified", "use": "idle", "shift": ""}
    account = {
        "of": {"machine": "mill 1"}, "covered": 0.3, "kpis": {"availability": 0.9}, "unknown": {"produced": "no counter of pieces"},
        "micro-stops": {"count": 2, "seconds": 90.0}, "speed loss": None,
    }  # fmt: skip
    stops = [{"machine": name, **stop} for name in names]
    return timeline_html(lines, 0, 24 * HOUR, "UTC", stops, [account], "plantwright timeline shop-floor.yaml")


def compared() -> PlantComparison:
    plant = pouch()
    after = changed(plant, {"work centers > mixer > machines": "2"})
    return compare(plant, after, horizon="30 d", warmup="10 d", replications=3)


def opened(browser: Browser, file: Path, width: int = 1280, scheme: Any = "light") -> Seen:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    seen = Seen(page)
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("console", lambda message: seen.said.append(message.text))
    page.on("pageerror", lambda error: seen.said.append(str(error)))
    page.goto(file.as_uri(), wait_until="networkidle")
    return seen


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_asked_for_and_nothing_complains(browser: Browser, files: dict[str, Path], name: str) -> None:
    seen = opened(browser, files[name])
    seen.page.locator("summary").evaluate_all("all => all.forEach(one => one.click())")
    assert [url for url in seen.asked if url.startswith(("http", "ws", "ftp"))] == []
    assert [url for url in seen.asked if url.startswith("file")] == [files[name].as_uri()]
    assert seen.said == []
    assert seen.page.title() != "taken"
    seen.page.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(browser: Browser, files: dict[str, Path], name: str, width: int) -> None:
    page = opened(browser, files[name], width).page
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    outside = page.evaluate(
        """width => [...document.querySelectorAll("main *, header *, footer *")]
          .filter(one => !one.closest(".scroll svg"))  // that scrolls on its own
          .filter(one => { const box = one.getBoundingClientRect(); return box.right > width + 1 && box.width > 1 })
          .map(one => one.outerHTML.slice(0, 80))""",
        width,
    )
    assert outside == []
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_timeline_is_seen_at_every_width(browser: Browser, files: dict[str, Path], width: int) -> None:
    page = opened(browser, files["timeline"], width).page
    box = page.locator("svg.timeline").bounding_box()
    assert box is not None
    assert box["width"] > 300
    bars = page.locator("svg.timeline rect.production")
    assert bars.count() == 3  # two machines and the key
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_runs_into_its_neighbour(browser: Browser, files: dict[str, Path], width: int) -> None:
    page = opened(browser, files["study"], width).page
    spilt = page.evaluate(
        """() => [...document.querySelectorAll("td, th, .card li, .numbers li, .plain li, .sum")]
          .filter(one => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
          .map(one => one.outerHTML.slice(0, 120))"""
    )
    assert spilt == []
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_answer_is_on_the_first_screen(browser: Browser, files: dict[str, Path], width: int) -> None:
    page = opened(browser, files["study"], width).page
    box = page.locator("#limit-head").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 900
    assert page.locator("#limit-head").inner_text() == "The mixer holds you back."
    page.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_first_moves_title_and_gain_are_seen(
    browser: Browser, files: dict[str, Path], pouch_study: tuple[Study, Plant], width: int
) -> None:
    first = pouch_study[0].moves[0]
    page = opened(browser, files["study"], width).page
    row = page.locator("#move-1")
    row.scroll_into_view_if_needed()
    assert row.get_by_text(first.move.title, exact=False).first.is_visible()
    assert row.get_by_text(words.change(first.released["sales"])).is_visible()
    dot, picture = row.locator(".dot").bounding_box(), row.locator(".picture").bounding_box()
    assert dot is not None
    assert picture is not None
    assert picture["x"] <= dot["x"] <= picture["x"] + picture["width"] - dot["width"]
    page.close()


def test_the_table_of_moves_is_a_table_and_no_tower(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["study"]).page
    box = page.locator("#move-1 .move").bounding_box()
    assert box is not None
    assert box["width"] >= 200
    heights = (
        page.locator(".ranked")
        .first.locator("tbody tr")
        .evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
    )
    assert heights
    assert max(heights) < 130
    page.close()


# The contrast of every text with what is painted behind it, by the formula of WCAG 2.2.
CONTRAST = """() => {
  const channels = text => {
    const found = text.match(/[\\d.]+/g).map(Number);
    return [found[0], found[1], found[2], found.length > 3 ? found[3] : 1];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = one => {
    for (let at = one; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  const found = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!own || !one.checkVisibility()) continue;
    const drawn = one.ownerSVGElement;
    if (drawn && one.tagName !== "text") continue;
    const frame = drawn && one.parentElement.querySelector(".frame");
    const ink = channels(drawn ? getComputedStyle(one).fill : getComputedStyle(one).color);
    const a = light(ink), b = light(frame ? channels(getComputedStyle(frame).fill) : behind(one));
    found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), one.textContent.trim().slice(0, 40)]);
  }
  return found;
}"""


@pytest.mark.parametrize("name", ["study", "comparison", "card"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(browser: Browser, files: dict[str, Path], scheme: str, name: str) -> None:
    page = opened(browser, files[name], scheme=scheme).page
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")
    found = page.evaluate(CONTRAST)
    assert len(found) > 50
    assert [(round(ratio, 2), text) for ratio, text in found if ratio < LEAST_CONTRAST] == []
    page.close()


def test_dark_is_dark(browser: Browser, files: dict[str, Path]) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page = opened(browser, files["study"], scheme=scheme).page
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.close()
    assert colours == ["rgb(255, 255, 255)", "rgb(20, 24, 28)"]


def test_states_are_told_by_pattern_as_well_as_colour(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["study"]).page
    patterns = page.evaluate(
        """names => names.map(name => {
            const key = document.createElement("span");
            key.className = "key s-" + name.replaceAll(" ", "-");
            document.body.append(key);
            return getComputedStyle(key).backgroundImage;
        })""",
        list(STATES),
    )
    assert len(set(patterns)) == len(STATES)
    shown = page.locator(".keys").first.locator("li").all_inner_texts()
    assert {"working", "starved"} <= set(shown) <= set(STATES)
    page.close()


def test_a_table_stays_one_for_those_who_hear_it_on_a_phone(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["study"], 390).page
    row = page.get_by_role("table", name="moves that are worth it").get_by_role("row").nth(1)
    assert row.get_by_role("rowheader").count() == 1
    assert row.get_by_role("cell").count() >= 5
    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("navigation").count() == 1
    page.close()


def test_on_paper_it_is_black_on_white_and_hides_nothing(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["study"], 700, "dark").page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.get_by_role("navigation").count() == 0
    rest = page.locator(".rest .ranked").bounding_box()
    assert rest is not None
    assert rest["height"] > 300
    assert page.pdf(format="A4").startswith(b"%PDF")
    page.close()


@pytest.mark.parametrize("name", PAGES)
def test_headings_are_in_order(browser: Browser, files: dict[str, Path], name: str) -> None:
    page = opened(browser, files[name]).page
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    page.close()


def pages_of(pdf: bytes) -> int:
    """How many pages a PDF has: its objects of that type."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))


@pytest.mark.parametrize("name", ["study", "hostile"])
def test_what_is_signed_is_the_first_two_pages(browser: Browser, files: dict[str, Path], name: str) -> None:
    page = opened(browser, files[name], 700).page
    whole = pages_of(page.pdf(format="A4"))
    assert whole > 3
    signed = page.locator(".signatures").count()
    page.evaluate("""() => document.querySelectorAll("main > :not(.sheet), footer").forEach(one => one.remove())""")
    assert signed == 1
    assert page.locator(".sheet").count() == 2
    assert page.locator(".sheet").nth(1).locator(".signatures").count() == 1
    # Each sheet ends its page, so that nothing else begins on the second.
    assert pages_of(page.pdf(format="A4")) == 2
    page.close()


def test_a_card_is_one_page(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["card"], 700).page
    assert pages_of(page.pdf(format="A4")) == 1
    page.close()


def test_a_picture_says_what_it_shows(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["study"]).page
    drawn = page.locator("svg")
    assert drawn.count() >= 3
    for k in range(drawn.count()):
        one = drawn.nth(k)
        assert one.get_attribute("role") == "img"
        assert one.locator("> title").count() == 1
        assert one.is_visible()
    assert page.locator("svg .box > title").count() == page.locator("svg .box").count()
    page.close()


def test_no_text_of_a_picture_runs_out_of_it(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["study"]).page
    outside = page.evaluate(
        """() => [...document.querySelectorAll("svg text")].filter(one => {
            const box = one.getBoundingClientRect(), whole = one.ownerSVGElement.getBoundingClientRect();
            return box.left < whole.left - 1 || box.right > whole.right + 1 || box.top < whole.top - 1 || box.bottom > whole.bottom + 1;
        }).map(one => one.textContent)"""
    )
    assert outside == []
    page.close()


def test_on_a_phone_a_list_stands_for_the_drawn_flow(browser: Browser, files: dict[str, Path]) -> None:
    page = opened(browser, files["study"], 360).page
    assert page.locator("ol.flow").is_visible()
    assert not page.locator("svg").first.is_visible()
    assert page.get_by_role("table", name="The way of NMC pouch").is_visible()
    page.close()

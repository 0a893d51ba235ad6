"""What a calibration gives: files written whole or not at all, tables, JSON, pictures, a page."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars
import pytest

from plantwright.calibration import Calibration, calibrate, save
from plantwright.calibration.charts import CHARTS, curves
from plantwright.calibration.fitting import fit_times
from plantwright.calibration.show import TABLES
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from plantwright.report import calibration_html
from tests.calibration.logs import run, write
from tests.calibration.small_shop import simulated

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "<script>document.title='taken'</script> & \"sons\""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return simulated(orders=150)


@pytest.fixture(scope="module")
def shop(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return calibrate(read_log(write(tmp_path_factory.mktemp("log") / "my_shop.csv", rows)), replications=4)


@pytest.mark.parametrize("name", TABLES)
def test_every_table_is_a_frame(shop: Calibration, name: str) -> None:
    frame = shop.table(name)
    assert isinstance(frame, polars.DataFrame)
    assert frame.is_empty() == (name in ("breakdowns", "outliers", "changes", "odd orders"))


def test_tables_say_the_same_as_the_plant(shop: Calibration) -> None:
    orders = shop.table("orders")
    assert orders.height == 150
    assert orders["cycle time (d)"].mean() == pytest.approx(
        sum(shop.found.history.cycle_times().values()) / 150 / 86400
    )
    shares = shop.table("routings").group_by("product", "after").agg(polars.col("share").sum())
    assert shares["share"].to_list() == pytest.approx([1.0] * shares.height)
    assert shop.table("work centers")["machines"].sum() == 5


@pytest.mark.parametrize("name", [name for name in CHARTS if name != "breakdowns"])
def test_every_chart_is_drawn(shop: Calibration, name: str) -> None:
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(shop.chart(name).to_json())
    assert drawn.startswith("<svg")
    for title in ("Inspection", "Milling", "Sawing") if name != "setup times" else ("Milling",):
        assert title in drawn


def test_what_there_is_not_is_said(shop: Calibration) -> None:
    with pytest.raises(KeyError, match="'robots' is not one of parameters, operation times, setup times, breakdowns, "):
        shop.table("robots")
    with pytest.raises(KeyError, match="operation times, setup times, breakdowns, hours"):
        shop.chart("people")
    with pytest.raises(ValueError, match="no breakdowns"):
        shop.chart("breakdowns")


def test_a_curve_shows_the_fit_against_its_data() -> None:
    """Four times: the steps rise by a quarter at each, the curve is the fitted exponential."""
    steps, curve = curves(fit_times([60.0, 120.0, 180.0, 240.0]))
    assert steps == [(0.0, 0.0), (60.0, 0.25), (120.0, 0.5), (180.0, 0.75), (240.0, 1.0)]
    assert all(share == pytest.approx(1 - 2.718281828459045 ** (-seconds / 150)) for seconds, share in curve)


def test_the_json_is_one_document_and_holds_no_name(shop: Calibration) -> None:
    text = json.dumps(shop.to_dict(), allow_nan=False)
    document = json.loads(text)
    assert document["schema"] == "plantwright.calibration/1"
    assert {"quality", "fit", "operation times", "setup times", "people", "work centers", "hours"} <= set(document)
    assert not any(f"ID100{k}" in text for k in range(1, 6))


def test_the_plant_is_called_after_the_log_or_as_asked(
    shop: Calibration, rows: list[dict[str, str]], tmp_path: Path
) -> None:
    assert shop.plant.name == "my shop"
    named = calibrate(read_log(write(tmp_path / "log.csv", rows)), name="Works 2", replications=2)
    assert named.plant.name == "Works 2"


def test_two_plants_in_one_folder_keep_their_own_releases(shop: Calibration, tmp_path: Path) -> None:
    kept = tmp_path / "orders.csv"
    kept.write_text("mine", encoding="utf-8")
    for name in ("north.yaml", "south.yml"):
        save(shop, tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "north-orders.csv", "north-posterior.csv", "north.yaml", "orders.csv", "south-orders.csv", "south-posterior.csv", "south.yml",
    ]  # fmt: skip
    assert kept.read_text("utf-8") == "mine"
    assert read_plant(tmp_path / "south.yml").products.keys() == {"Bolt", "Nut"}


def test_outputs_are_checked_before_any_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    log = write(tmp_path / "shop-orders.csv", rows)
    before = log.read_bytes()
    for arguments, words in (
        (["-o", str(tmp_path / "shop.yaml")], "is the log itself"),
        (["-o", str(tmp_path / "shop.txt")], "the ending says what is written"),
        (["-o", str(tmp_path / "no" / "shop.yaml")], "does not exist"),
        (["-o", str(tmp_path / "a.yaml"), "--report", str(tmp_path / "fit.pdf")], "it may be .html"),
        (["-o", str(tmp_path / "a.yaml"), "--map", "case"], "is not WHAT=COLUMN"),
        (["-o", str(tmp_path / "a.yaml"), "--map", "case=Cas ID"], "did you mean 'Case ID'?"),
        (["-o", str(tmp_path / "a.yaml"), "--replications", "1"], "1 is not in the range"),
        ([], "Missing option '-o'"),
    ):
        code, out, err = run(capsys, "calibrate", str(log), *arguments)
        assert (code, out) == (2, ""), arguments
        assert words in err
    assert [path.name for path in tmp_path.iterdir()] == ["shop-orders.csv"]
    assert log.read_bytes() == before


def test_a_folder_that_may_not_be_written_is_an_error_without_half_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    log = write(tmp_path / "log.csv", rows)
    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    code, out, err = run(capsys, "calibrate", str(log), "-o", str(tmp_path / "shop.yaml"), "--replications", "2")
    assert (code, out) == (2, "")
    assert "shop-orders.csv  cannot be written: Permission denied [PW1900]" in err
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_where_one_file_cannot_be_written_no_new_one_is_left(
    shop: Calibration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from plantwright.actions import save_calibration
    from plantwright.actions.studies import OutputError
    from plantwright.plant import writing

    whole = writing.write_whole

    def full(path: Path, content: str | bytes) -> None:
        if path.suffix == ".html":
            raise OSError(28, "No space left on device")
        whole(path, content)

    monkeypatch.setattr(writing, "write_whole", full)
    with pytest.raises(OutputError, match="No space left on device"):
        save_calibration(shop, tmp_path / "shop.yaml", tmp_path / "fit.html")
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_one_document(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    log = write(tmp_path / "log.csv", rows)
    code, out, _ = run(
        capsys, "calibrate", str(log), "-o", str(tmp_path / "shop.yaml"), "--json", "--replications", "4"
    )
    document = json.loads(out)
    assert code == (0 if document["fit"]["reproduces"] else 1)
    code, out, _ = run(capsys, "inspect", str(log), "--json")
    assert json.loads(out)["schema"] == "plantwright.quality/1"
    assert code == 0


def test_the_command_says_what_was_found(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: list[dict[str, str]]
) -> None:
    log = write(tmp_path / "log.csv", rows)
    target = tmp_path / "shop.yaml"
    _, out, _ = run(capsys, "calibrate", str(log), "-o", str(target), "--names", "--replications", "4")
    for words in (
        "4 work centers: ", "2 products; ", "150 orders reach 'Packing'", "hours of the plant: Mon-Fri 07:00 to 15:00", "5 people",
        f"Next: plantwright improve {target}",
    ):  # fmt: skip
        assert words in out
    assert "..." not in next(line for line in out.splitlines() if "work centers:" in line)
    assert "ID1001" in target.read_text("utf-8")


def hostile(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    return [
        cells | {"Part Desc.": f"{cells['Part Desc.']} {HOSTILE}", "Activity": f"{cells['Activity']} {HOSTILE}",
                 "Case ID": f"{cells['Case ID']}: #{HOSTILE}", "Worker ID": f"{cells['Worker ID']}, [x]"}
        for cells in rows
    ]  # fmt: skip


def test_hostile_names_stay_names(tmp_path: Path, rows: list[dict[str, str]]) -> None:
    bad = calibrate(read_log(write(tmp_path / "log.csv", hostile(rows))), names=True, replications=2)
    save(bad, tmp_path / "shop.yaml")
    plant = read_plant(tmp_path / "shop.yaml")
    assert set(plant.products) == {f"Bolt {HOSTILE}", f"Nut {HOSTILE}"}
    page = calibration_html(bad)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_page_shows_each_fit_and_each_defect(shop: Calibration) -> None:
    page = calibration_html(shop)
    for words in (
        "rows read",
        "Hours of work found",
        "Inspection at Inspection",
        "Mon-Fri 07:00 to 15:00",
        "plantwright calibrate LOG",
    ):
        assert words in page
    assert page.count("<figure>") == page.count("data:image/svg+xml") == 4 + 4 + 1
    assert 'src="http' not in page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    import shutil

    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
    if found is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_a_phone_and_asks_for_nothing(
    browser: Browser, shop: Calibration, tmp_path: Path, width: int
) -> None:
    path = tmp_path / "fit.html"
    path.write_text(calibration_html(shop), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert page.evaluate("[...document.images].every(image => image.complete && image.naturalWidth > 0 && image.alt)")
    page.close()

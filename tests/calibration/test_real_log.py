"""The published production log: its defects are counted as its source tells, and its plant reproduces it."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import polars
import pytest

from plantwright.calibration import Calibration, Quality, calibrate, inspect_log, save
from plantwright.exchange import read_log
from plantwright.plant import explain, read_plant
from plantwright.plant.factored import with_factors as times_multiplied
from plantwright.plant.reading import from_document
from plantwright.simulation.uncertainty import drawn
from tests.calibration.logs import real_log, run


@pytest.fixture(scope="module")
def quality() -> Quality:
    return inspect_log(read_log(real_log()))


@pytest.fixture(scope="module")
def shop() -> Calibration:
    return calibrate(read_log(real_log()), replications=20, seed=1)


@pytest.fixture(scope="module")
def saved(shop: Calibration, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.yaml"
    save(shop, path)
    return path


@pytest.fixture(scope="module")
def raw() -> polars.DataFrame:
    """The file as anyone can read it, so that counts are made without the code that is tested."""
    form = "%Y/%m/%d %H:%M:%S%.f"
    return polars.read_csv(real_log(), infer_schema=False).with_columns(
        polars.col("Start Timestamp").str.to_datetime(form).alias("s"),
        polars.col("Complete Timestamp").str.to_datetime(form).alias("e"),
    )


COUNTS = {
    "imputed ends": 662, "contradicting spans": 42, "spreadsheet dates": 1, "surplus copies": 22, "zero durations": 9,
    "negative durations": 0, "longer than a day": 0, "dates far away": 0, "unreadable numbers": 0, "runs through quiet hours": 0,
    "starts at midnight": 467, "overlaps on a station": 1735, "overlaps on stations named Machine": 471, "overlaps of one worker": 1284,
    "days of one worker over 24 hours": 42, "machine in the activity is not the station": 49, "rework by name, not marked": 112,
    "rework by mark, not by name": 32, "censored orders": 50, "near copies": 0, "several spellings": 0, "swapped intervals": 0,
    "day and month confused": 0, "rounded times": 0, "shifted clocks": 0, "hours that moved": 0, "ends taken from the next start": 0,
    "missing resources": 0, "order quantities that differ": 0, "quantities below nothing": 0, "placeholder dates": 0,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "count"), COUNTS.items())
def test_each_defect_is_counted_as_the_source_tells(quality: Quality, kind: str, count: int) -> None:
    assert quality.count(kind) == count
    if count and quality.defect(kind).unit == "rows":
        assert len(set(quality.defect(kind).rows)) == count


def test_the_whole_log_is_accounted_for(quality: Quality) -> None:
    assert (quality.rows_read, quality.orders, quality.stations, quality.workers) == (4543, 225, 31, 49)
    assert (quality.first, quality.last) == ("2012-01-02 00:00", "2012-03-31 05:45")
    assert quality.kept + quality.repaired + quality.left_out == 4543
    assert {reason: len(rows) for reason, rows in quality.set_aside.items()} == {"copy of another row": 22}
    assert quality.warnings == ()


def test_rows_are_named_by_their_lines(quality: Quality) -> None:
    with real_log().open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    seen: Counter[tuple[str, ...]] = Counter()
    surplus = []
    for number, cells in enumerate(lines, 1):
        seen[tuple(cells)] += 1
        if seen[tuple(cells)] > 1:
            surplus.append(number)
    assert list(quality.defect("surplus copies").rows) == surplus
    assert sum(count for count in seen.values() if count > 1) == 41
    assert sum(count > 1 for count in seen.values()) == 19
    assert all(lines[row - 1][5] == "000:00" for row in quality.defect("imputed ends").rows)
    (dated,) = quality.defect("spreadsheet dates").rows
    assert lines[dated - 1][5].startswith("1899/12/31 01:49")
    assert "contradicts start and end too" in quality.defect("spreadsheet dates").cause


def test_made_up_ends_are_60_or_75_minutes(quality: Quality, raw: polars.DataFrame) -> None:
    rows = [row - 2 for row in quality.defect("imputed ends").rows]
    minutes = (raw["e"] - raw["s"]).dt.total_minutes()[rows]
    assert Counter(minutes.to_list()) == {75: 385, 60: 277}


@pytest.mark.parametrize(
    ("column", "kind"), [("Resource", "overlaps on a station"), ("Worker ID", "overlaps of one worker"), ("Case ID", "overlaps within an order")]
)  # fmt: skip
def test_overlaps_counted_without_us(quality: Quality, raw: polars.DataFrame, column: str, kind: str) -> None:
    """In a plain loop: rows that start before the latest end of the rows before them, sorted by start and end; copies count."""
    latest: dict[str, object] = {}
    count = 0
    for of, start, end in sorted(raw.select(column, "s", "e").iter_rows(), key=lambda row: row[1:]):
        count += of in latest and start < latest[of]
        latest[of] = max(latest.get(of, end), end)
    assert quality.count(kind) == count


def test_more_pieces_than_ordered_counted_without_us(quality: Quality) -> None:
    """Visit by visit in a plain loop: work in one go at one activity and station, rework and copies aside."""
    with real_log().open(encoding="utf-8", newline="") as file:
        rows = list(enumerate(csv.DictReader(file), 2))
    seen: set[tuple[str, ...]] = set()
    orders: dict[str, list[tuple[int, dict[str, str]]]] = {}
    for line, cells in rows:
        if tuple(cells.values()) not in seen:
            orders.setdefault(cells["Case ID"], []).append((line, cells))
        seen.add(tuple(cells.values()))
    found: list[int] = []
    for own in orders.values():
        own.sort(key=lambda pair: (pair[1]["Start Timestamp"], pair[1]["Complete Timestamp"], pair[0]))
        visits: list[list[tuple[int, dict[str, str]]]] = []
        for line, cells in own:
            step = cells["Activity"], cells["Resource"]
            if not visits or (visits[-1][0][1]["Activity"], visits[-1][0][1]["Resource"]) != step:
                visits.append([])
            visits[-1].append((line, cells))
        for visit in visits:
            work = [
                (line, cells)
                for line, cells in visit
                if cells["Report Type"] == "D"
                and cells["Rework"] != "Y"
                and not cells["Activity"].lower().startswith("setup")
            ]
            made = sum(float(cells["Qty Completed"]) + float(cells["Qty Rejected"]) for _, cells in work)
            if work and made > 1.1 * float(work[0][1]["Work Order  Qty"]):
                found += [line for line, _ in work]
    assert quality.defect("more pieces than ordered").rows == tuple(sorted(found))


def test_machine_hours_that_would_count_twice_counted_without_us(quality: Quality) -> None:
    """Per machine, the hours of its measured reports that lie before the latest end so far; reports with made-up ends and copies aside."""
    skipped = {line for kind in ("imputed ends", "surplus copies") for line in quality.defect(kind).rows}
    with real_log().open(encoding="utf-8", newline="") as file:
        rows = sorted(
            (cells["Start Timestamp"], cells["Complete Timestamp"], line, cells["Resource"])
            for line, cells in enumerate(csv.DictReader(file), 2) if "Machine" in cells["Resource"]
        )  # fmt: skip
    latest: dict[str, datetime] = {}
    twice = 0.0
    for first, last, line, machine in rows:
        start, end = (datetime.strptime(text, "%Y/%m/%d %H:%M:%S.%f") for text in (first, last))
        if machine in latest and start < latest[machine] and line not in skipped:
            twice += (min(end, latest[machine]) - start).total_seconds() / 3600
        latest[machine] = max(latest.get(machine, end), end)
    effect = quality.defect("overlaps on stations named Machine").effect
    assert effect is not None
    assert effect.hours == pytest.approx(twice)


def test_hours_found_are_those_of_an_israeli_week(shop: Calibration, saved: Path) -> None:
    assert [pattern.name for pattern in shop.found.plant_hours.patterns] == [
        "Sun-Thu around the clock", "Fri 00:00 to 13:00", "Sat 22:00 to 24:00",
    ]  # fmt: skip
    assert shop.found.plant_hours.inside > 0.95
    assert "hours of the plant: Sun-Thu around the clock, Fri 00:00 to 13:00, Sat 22:00 to 24:00" in str(shop)
    plant = read_plant(saved)
    assert {"Sun-Thu around the clock", "Fri 00:00 to 13:00", "Sat 22:00 to 24:00"} <= set(plant.shifts)
    assert "Sun-Thu around the clock" in shop.draft.words["work centers"]["Turning & Milling"]["shift"]


def test_work_centers_are_machines_that_do_the_same(shop: Calibration) -> None:
    machines = {center.name: center.machines for center in shop.found.centers}
    assert machines["Turning & Milling"] == 6  # Machine 10 - Grinding turns and mills too
    assert machines["Round Grinding"] == 3
    assert (machines["Lapping"], machines["Laser Marking"]) == (1, 1)
    stations = [station for center in shop.found.centers for station in center.stations]
    assert len(stations) == len(set(stations)) == 31
    assert sum(routing.orders for routing in shop.found.routings.values()) == 225
    assert len(shop.found.routings) == 43


def test_the_plant_reproduces_the_log(shop: Calibration) -> None:
    """Cycle time and work in process with the log's own releases lie within 15 %; so does throughput."""
    off = {total.name: total.off for total in shop.fit.totals()}
    assert set(off) == {"throughput", "cycle time", "work in process"}
    assert all(abs(share) < 0.13 for share in off.values()), off
    assert shop.fit.reproduces
    assert shop.fit.staffed
    assert shop.fit.why == ()
    assert shop.fit.waiting < 0.55
    assert shop.fit.run.trust == "totals matched"


def test_all_numbers_of_the_posterior_are_multiplied_without_reading_the_file_anew(saved: Path) -> None:
    """To read it takes thirty times as long as to run it. Times, yields, shares, setups by product, failures, repairs and delays."""
    plant = read_plant(saved)
    assert plant.posterior is not None
    words = {path.split(" > ")[-1] if "setup" not in path else path.split(" > ")[3] for path in plant.posterior.paths}
    assert words >= {"time", "yield", "share", "default", "into", "every", "repair", "delay"}
    for replication in range(2):
        quick = drawn(plant, 1, replication)
        assert times_multiplied(plant, quick.document.luck.factors) is not None  # type: ignore[union-attr]
        slow = from_document(quick.document)  # type: ignore[arg-type]
        assert quick.products == slow.products != plant.products
        assert quick.work_centers == slow.work_centers != plant.work_centers


def test_what_the_plant_does_not_explain_the_log_does_not_either(shop: Calibration, raw: polars.DataFrame) -> None:
    """Waiting by cause is counted from the log alone, unexplained waiting from the plant. All hours waited are those of cycle times in which an
    order has no report, counted here row by row.
    """
    waiting = shop.found.waiting
    assert abs(waiting.shares["unexplained"].value - shop.fit.waiting) < 0.25
    minutes = 0
    worked = {name: own.sort("s") for (name,), own in raw.group_by("Case ID")}
    for own in worked.values():
        until = own["s"][0]
        for start, end in own.select("s", "e").iter_rows():
            minutes += max(0, (start - until).total_seconds()) / 60
            until = max(until, end)
    assert waiting.total / 60 == pytest.approx(minutes, rel=0.01)


def test_the_logs_own_totals_counted_without_us(shop: Calibration, raw: polars.DataFrame) -> None:
    """Orders under way are in process until the log ends, and are not finished; rejected pieces are no output."""
    spans = {
        of: (start, end)
        for of, start, end in raw.group_by("Case ID").agg(polars.col("s").min(), polars.col("e").max()).iter_rows()
    }
    first, last = raw["s"].min(), raw["e"].max()
    still = shop.found.history.open_orders
    packed = set(raw.filter(polars.col("Activity") == "Packing")["Case ID"])
    assert len(packed) == 175
    assert not still & packed
    done = [end - start for of, (start, end) in spans.items() if of not in still]
    held = sum(((end if of not in still else last) - start for of, (start, end) in spans.items()), timedelta())
    given = {comparison.name: comparison.given for comparison in shop.fit.comparisons}
    assert given["cycle time"] == pytest.approx((sum(done, timedelta()) / len(done)).total_seconds(), rel=1e-3)
    assert given["work in process"] == pytest.approx(held / (last - first), rel=1e-3)  # type: ignore[operator]
    pieces = 0.0
    for of, quantity, rejected in (
        raw.filter(polars.col("Report Type") != "B")
        .unique(subset=[column for column in raw.columns if column not in ("s", "e")])
        .group_by("Case ID")
        .agg(polars.col("Work Order  Qty").cast(float).first(), polars.col("Qty Rejected").cast(float).sum())
        .iter_rows()
    ):
        pieces += max(0.0, quantity - rejected) if of not in still else 0.0
    assert given["throughput"] == pytest.approx(pieces / (last - first).total_seconds(), rel=1e-3)  # type: ignore[operator]


def test_no_name_of_a_person_is_anywhere(shop: Calibration, saved: Path, raw: polars.DataFrame) -> None:
    people = set(raw["Worker ID"])
    assert len(people) == 49
    names = re.compile("|".join(map(re.escape, people)))
    orders = (saved.parent / "shop-orders.csv").read_text("utf-8")
    for text in (saved.read_text("utf-8"), orders, str(shop), str(shop.to_dict()), str(shop.table("people").rows())):
        assert not names.search(text)
    staff = shop.found.staff
    assert staff is not None
    assert len(staff.people) + staff.left_out + staff.unmeasured == 49
    assert f"left out: {staff.left_out} people on few days" in saved.read_text("utf-8")
    assert f"left out: {staff.unmeasured} people all of whose reports" in saved.read_text("utf-8")


def test_names_are_written_where_they_are_asked_for(raw: polars.DataFrame, tmp_path: Path) -> None:
    orders = raw["Case ID"].unique(maintain_order=True)[:20]
    some = raw.filter(raw["Case ID"].is_in(orders.implode())).drop("s", "e")
    some.write_csv(tmp_path / "some.csv")
    named = calibrate(read_log(tmp_path / "some.csv"), names=True, replications=2)
    people = set(named.table("people")["person"])
    assert len(people) > 10
    assert people <= set(some["Worker ID"])


def test_the_plant_file_is_sound_and_says_what_was_guessed(shop: Calibration, saved: Path) -> None:
    plant = read_plant(saved)
    assert (len(plant.products), len(plant.work_centers)) == (43, 23)
    text = saved.read_text("utf-8")
    assert text.startswith("# Made from the event log Production_Data.csv: 4,543 rows, 225 orders")
    assert "# It reproduces the totals of the log:" in text
    assert len(text) < 240_000
    # Packing was booked with its date alone: each of its times is a guess, and said to be.
    assert {path.path.split(" > ")[3] for path in plant.guesses if "Packing" in path.path} == {"Packing"}
    assert plant.guesses
    assert explain(plant)
    seconds = [float(number) for number in re.findall(r"(\d+(?:\.\d+)?) s\b", text)]
    assert all(number < 120 for number in seconds), "durations are written in the unit in which people say them"


def test_the_commands_on_the_real_log(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = run(capsys, "inspect", str(real_log()))
    assert (code, err) == (0, "")
    for line in (
        "662 rows: imputed ends",
        "42 rows: contradicting spans",
        "1 row: spreadsheet dates",
        "1,735 rows: overlaps on a station",
    ):
        assert line in out
    target, page = tmp_path / "shop.yaml", tmp_path / "fit.html"
    code, out, _ = run(
        capsys, "calibrate", str(real_log()), "-o", str(target), "--report", str(page), "--replications", "5"
    )
    assert code in (0, 1)  # five runs need not agree within 15 %
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "fit.html", "shop-orders.csv", "shop-posterior.csv", "shop.yaml",
    ]  # fmt: skip
    assert "Next: plantwright improve" in out
    shown = page.read_text("utf-8")
    assert '<h2 id="log-head">What the log is worth</h2>' in shown
    assert "662 rows" in shown
    assert shown.count("data:image/svg+xml") > 20
    assert not re.search(r"ID\d{4}", re.sub(r'src="data:[^"]*"', "", shown))

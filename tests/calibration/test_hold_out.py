"""Holding out: nothing of what came later is known, the published split is found again, and a shop that goes on as it was is predicted."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars
import pytest

from plantwright.calibration.cleaning import clean
from plantwright.calibration.finding import find_history
from plantwright.calibration.holdout.distances import ALL, MEASURES, all_distances
from plantwright.calibration.holdout.holding import Options, hold_out
from plantwright.calibration.holdout.scores import FLOOR, MODEL, REPLAY, TRUNCATED, HoldOut, Score, Window
from plantwright.calibration.holdout.traces import Trace, moment, split, traces_of_visits
from plantwright.errors import LogError
from plantwright.events import EventLog
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from plantwright.plant.content import content_of
from tests.calibration.logs import run, write
from tests.calibration.small_shop import simulated


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> EventLog:
    path = tmp_path_factory.mktemp("shop") / "small shop.csv"
    return read_log(write(path, simulated(orders=160, every=2.2)))


QUICK = Options(replications=6, threads=1)


@pytest.fixture(scope="module")
def held(log: EventLog) -> HoldOut:
    return hold_out(log, 0.25, options=QUICK)


def test_windows_follow_each_other_to_the_end_of_the_log(held: HoldOut, log: EventLog) -> None:
    first, last = held.windows
    assert first.until == last.cut
    assert last.until == log.table["end"].max()
    ends = log.table["end"]
    assert (ends <= last.cut).mean() == pytest.approx(0.75, abs=0.01)
    starts, lasts = (
        dict(log.table.group_by("order").agg(which).iter_rows())
        for which in (polars.col("start").min(), polars.col("end").max())
    )
    assert last.inside == sum(start > last.cut for start in starts.values())
    assert last.before == sum(end <= last.cut for end in lasts.values())
    assert last.inside + last.before + last.crossing == 160


def test_nothing_of_what_came_later_is_known(log: EventLog, held: HoldOut) -> None:
    """What comes after the cut is moved a day later in another log: the model's orders stay what they were, the distance does not."""
    cut = held.windows[-1].cut
    later = polars.col("start") > cut
    day = polars.duration(days=1)
    moved = log.table.with_columns(
        polars.when(later).then(polars.col(name) + day).otherwise(polars.col(name)).alias(name) for name in ("start", "end")
    )  # fmt: skip
    other = hold_out(replace(log, table=moved), 0.25, options=QUICK)
    was, now = held.windows[0], other.windows[0]
    assert (was.cut, was.until) == (now.cut, now.until)
    for source in (MODEL, REPLAY, TRUNCATED, FLOOR):
        assert now.score(source).distances == pytest.approx(was.score(source).distances)
    assert not np.allclose(other.windows[1].score(MODEL).distances, held.windows[1].score(MODEL).distances)


def test_a_model_is_about_as_near_as_the_shop_itself_in_another_year(
    held: HoldOut, log: EventLog, tmp_path: Path
) -> None:
    """The shop simulated in plain Python with other luck is the best model that there can be of its last weeks."""
    window = held.windows[-1]
    cut, until = moment(window.cut), moment(window.until)
    test = split(visits(log), cut, until).test
    others = []
    for seed in range(2, 8):
        path = write(tmp_path / f"{seed}.csv", simulated(orders=220, every=2.2, seed=seed))
        others.append(all_distances(test, split(visits(read_log(path)), cut, until).test, cut, until))
    ideal, model = np.mean(others, axis=0), window.score(MODEL).distances
    # Made of some 110 orders it is up to 2.4 times as far (in hours since the start of an order).
    assert np.all(model < 3 * ideal), (model, ideal)


def test_arrivals_and_the_work_still_to_be_done_are_told_beside_the_five(held: HoldOut) -> None:
    assert held.score(MODEL).names == ALL
    assert np.all(held.score(FLOOR).distances[5:] < held.score(MODEL).distances[5:])
    assert "beside the five" in str(held)
    assert "remaining workload (h)" in str(held)
    assert set(held.to_dict()["mean"][MODEL]) == set(ALL)
    assert set(held.words()) == {"windows", *MEASURES}


def visits(log: EventLog) -> tuple[Trace, ...]:
    return traces_of_visits(find_history(clean(log)).history)


def score(source: str, distance: float, spread: float) -> Score:
    draws = distance + spread * np.linspace(-1, 1, 201)[:, None] * np.ones(5)
    return Score(source, np.full(5, distance), draws)


def verdict(model: Score, rival: Score) -> HoldOut:
    scores = (model, rival, score(REPLAY, 9, 1), score(FLOOR, 1, 1))
    return HoldOut(0.2, 5, 1, (Window(datetime(2026, 1, 5), datetime(2026, 1, 9), 9, 9, 0, scores),))


def test_what_counts_as_predicted() -> None:
    rival = score(TRUNCATED, 4, 2)
    assert rival.low == pytest.approx(4 - 1.9)  # 2.5 % of the way from 2 to 6
    assert rival.high == pytest.approx(4 + 1.9)
    assert verdict(score(MODEL, 4, 1.9), rival).predicts
    assert not verdict(score(MODEL, 4, 2), rival).predicts  # not more surely so
    assert not verdict(score(MODEL, 4.1, 1), rival).predicts  # farther
    one_worse = Score(MODEL, np.array([3, 3, 5, 3, 3.0]), score(MODEL, 3, 1).draws)
    assert verdict(one_worse, rival).worse == ("circadian",)


def test_a_log_with_too_little_to_hold_out_is_refused(log: EventLog) -> None:
    short = log.table.filter(polars.col("start") < log.table["start"].min() + timedelta(days=8))
    with pytest.raises(LogError) as refused:
        hold_out(replace(log, table=short), 0.2, options=QUICK)
    assert [problem.code for problem in refused.value.problems] == ["PW3034"]


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "log.csv", simulated(orders=120, every=2.2))
    page = tmp_path / "fit.html"
    arguments = ["calibrate", str(path), "-o", str(tmp_path / "shop.yaml"), "--replications", "2", "--hold-out"]
    code, out, err = run(capsys, *arguments, "30%", "--json", "--report", str(page))
    document = json.loads(out)["hold-out"]
    assert code in (0, 1), err
    assert document["share"] == 0.3
    assert set(document["mean"]) == {MODEL, TRUNCATED, REPLAY, FLOOR}
    assert document["predicts"] is (not document["no better than truncated replay in"])
    text = page.read_text("utf-8")
    assert "Weeks that the model had not seen" in text
    assert "--hold-out 30%" in text
    plant = read_plant(tmp_path / "shop.yaml")
    assert plant.hold_out is not None
    assert plant.hold_out.windows == len(document["windows"])
    assert plant.hold_out.of == content_of(plant)
    edited = path.with_name("shop.yaml").read_text("utf-8").replace("machines: 2", "machines: 3", 1)
    path.with_name("edited.yaml").write_text(edited, "utf-8")
    assert content_of(read_plant(path.with_name("edited.yaml"))) != plant.hold_out.of
    code, _, err = run(capsys, *arguments, "80%")
    assert code == 2
    assert "'80%' is not a share from 5% to 50%" in err


def test_the_plant_file_says_what_was_foretold_and_never_better(held: HoldOut) -> None:
    words = held.words()
    model, replay = held.score(MODEL), held.score(TRUNCATED)
    for at, name in enumerate(MEASURES):
        assert 0 <= float(words[name]["model"]) - model.distances[at] <= 0.001
        assert 0 <= float(words[name]["width"]) - model.widths[at] <= 0.001
        assert 0 <= replay.distances[at] - float(words[name]["replay"]) <= 0.001
        assert 0 <= replay.widths[at] - float(words[name]["replay width"]) <= 0.001

"""What every history does, whatever it is kept in."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import polars
import pytest

from plantwright.shopfloor.history.drawing import drawn
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Quality, Samples, Tag
from tests.shopfloor.history.conftest import Store

DAY = 86_400 * NANOSECONDS
START = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp()) * NANOSECONDS
EVER = (-(2**63), 2**63 - 1)
LOAD, SPEED, STATE, PROGRAM = 0, 1, 2, 3


@pytest.fixture
def tagged(store: Store) -> Store:
    store.recorder.declare(
        [
            Tag("mill/load", "sample", "mill", "mill", "LOAD", "PERCENT"),
            Tag("mill/speed", "sample", "mill", "mill", "SPINDLE_SPEED", "1/min", "s1", "Drehzahl ⌀"),
            Tag("mill/execution", "event", "mill", "mill", "EXECUTION"),
            Tag("mill/program", "event", "mill", "mill", "PROGRAM"),
        ]
    )
    return store


def at(seconds: float) -> int:
    return START + round(seconds * NANOSECONDS)


def samples(tag: int, seconds: list[float], values: list[float], quality: object = 0) -> Batch:
    return Batch("mill", Samples.of([tag] * len(seconds), [at(s) for s in seconds], values, quality))  # type: ignore[arg-type]


def events(tag: int, seconds: list[float], texts: list[str], detail: list[str] | None = None) -> Batch:
    return Batch("mill", events=Events.of([tag] * len(seconds), [at(s) for s in seconds], texts, detail))


def rows(frame: polars.DataFrame) -> list[tuple[object, ...]]:
    return frame.with_columns(polars.col("time").cast(polars.Int64)).rows()


def test_tags_keep_their_ids_and_can_be_told_anew(store: Store) -> None:
    first = Tag("mill/load", "sample", "mill", unit="PERCENT")
    assert store.recorder.declare([first, Tag("mill/speed", "sample", "mill")]) == [0, 1]
    store.settle()
    assert store.recorder.declare([Tag("saw/on", "event", "saw"), Tag("mill/load", "sample", "mill", unit="%")]) == [
        2,
        0,
    ]
    store.settle()
    store.reopen()
    assert store.recorder.declare([Tag("saw/on", "event", "saw")]) == [2]
    assert [tag.name for tag in store.history().tags()] == ["mill/load", "mill/speed", "saw/on"]
    assert store.history().tags()[0].unit == "%"


def test_what_is_appended_is_read_back_by_tag_and_window(tagged: Store) -> None:
    tagged.recorder.append([samples(LOAD, [0, 1, 2], [1.5, -0.25, 1e-300]), samples(SPEED, [0.5, 1.5], [12000, 0.1])])
    tagged.settle()
    tagged.recorder.append([events(PROGRAM, [1], ["O1000 ⌀ \t'\"\\"], ['{"a": "ü"}']), samples(LOAD, [3], [4])])
    history = tagged.history()
    found = history.samples([LOAD], at(1), at(3))
    assert found.schema == {
        "tag": polars.Int32, "time": polars.Datetime("ns", "UTC"), "value": polars.Float64, "quality": polars.UInt8,
    }  # fmt: skip
    assert rows(found) == [(LOAD, at(1), -0.25, 0), (LOAD, at(2), 1e-300, 0)]
    assert [row[0] for row in rows(history.samples([SPEED, LOAD], *EVER))] == [LOAD] * 4 + [SPEED] * 2
    words = history.events([PROGRAM, STATE], *EVER)
    assert rows(words) == [(PROGRAM, at(1), "O1000 ⌀ \t'\"\\", '{"a": "ü"}', 0)]
    assert words.schema["value"] == polars.String
    assert history.samples([], *EVER).is_empty()
    assert history.samples([99], *EVER).is_empty()
    assert history.newest() == at(3)
    assert history.newest([SPEED]) == at(1.5)
    assert history.newest([PROGRAM, STATE]) == at(1)
    assert history.newest([STATE]) is None
    assert history.oldest() == at(0)
    assert sum(rows for kind, (rows, _) in history.amounts().items() if kind != "minutes") == 7


def test_an_empty_history(store: Store) -> None:
    history = store.history()
    assert history.newest() is None
    assert history.newest([0]) is None
    assert history.oldest() is None
    assert list(history.tags()) == []
    assert history.samples([0], *EVER).is_empty()
    assert history.events([0], *EVER).is_empty()
    assert history.before([0], at(0)).is_empty()
    assert history.minutes([0], *EVER).is_empty()
    assert store.recorder.positions() == {}


def test_what_is_not_there_is_kept_as_such(tagged: Store) -> None:
    tagged.recorder.append(
        [samples(LOAD, [0, 1, 2], [1, math.nan, 2], [Quality.GOOD, Quality.UNAVAILABLE, Quality.BAD])]
    )
    tagged.settle()
    found = tagged.history().samples([LOAD], *EVER)
    assert found["quality"].to_list() == [0, 3, 2]
    assert math.isnan(found["value"][1])


def test_doubles_come_back_to_the_bit(tagged: Store) -> None:
    values = [0.1 + 0.2, 5e-324, -0.0, 1.7976931348623157e308, 2**53 + 2.0, 123456.789, -1e22, 1 / 3]
    tagged.recorder.append([samples(LOAD, [float(i) for i in range(len(values))], values)])
    tagged.settle()
    assert tagged.history().samples([LOAD], *EVER)["value"].to_numpy().tobytes() == np.array(values).tobytes()


def test_late_duplicate_and_unordered_readings_end_where_they_belong(tagged: Store) -> None:
    def say(*batches: Batch) -> None:
        tagged.recorder.append(batches)
        tagged.settle()

    # then again, and of yesterday; then another value of the same instant
    say(samples(LOAD, [86_400, 86_402, 86_401], [1, 3, 2]), events(STATE, [86_400], ["ACTIVE"]))
    say(samples(LOAD, [86_402, 86_403], [3, 4]), samples(LOAD, [10], [0.5]), events(STATE, [20], ["READY"]))
    say(samples(LOAD, [86_402], [9]), samples(LOAD, [86_402], [3]), events(STATE, [20], ["READY"]))
    history = tagged.history()
    expected = [(10, 0.5), (86_400, 1.0), (86_401, 2.0), (86_402, 3.0), (86_402, 9.0), (86_403, 4.0)]
    assert [(time, value) for _, time, value, _ in rows(history.samples([LOAD], *EVER))] == [
        (at(s), v) for s, v in expected
    ]
    assert history.events([STATE], *EVER)["value"].to_list() == ["READY", "ACTIVE"]
    assert history.minutes([LOAD], *EVER)["count"].to_list() == [1, 5]


def test_the_state_before_a_window(tagged: Store) -> None:
    tagged.recorder.append(
        [events(STATE, [0, 50, 2 * 86_400], ["READY", "ACTIVE", "STOPPED"]), events(PROGRAM, [10], ["O1"])]
    )
    tagged.settle()
    tagged.recorder.append([events(STATE, [5 * 86_400], ["READY"])])
    history = tagged.history()

    def before(instant: int) -> list[tuple[object, object]]:
        return [(tag, value) for tag, _, value, *_ in rows(history.before([STATE, PROGRAM], instant))]

    assert before(at(0)) == []
    assert before(at(0) + 1) == [(STATE, "READY")]
    assert before(at(86_400)) == [(STATE, "ACTIVE"), (PROGRAM, "O1")]
    assert before(at(5 * 86_400)) == [(STATE, "STOPPED"), (PROGRAM, "O1")]
    assert before(at(6 * 86_400)) == [(STATE, "READY"), (PROGRAM, "O1")]


def test_minutes_sum_up_good_samples(tagged: Store) -> None:
    tagged.recorder.append([samples(LOAD, [0, 10, 59.999, 60, 130], [4, 1, 3, 7, math.nan], [0, 0, 0, 0, 3])])
    tagged.settle()
    tagged.recorder.append([samples(LOAD, [20, 70], [10, 8], [2, 0]), samples(SPEED, [0.5], [1])])
    found = tagged.history().minutes([LOAD, SPEED], *EVER)
    assert found.schema["minute"] == polars.Datetime("ns", "UTC")
    minute = polars.col("minute").cast(polars.Int64)
    assert found.with_columns(minute).rows() == [
        (LOAD, at(0), 3, 1.0, 4.0, pytest.approx(8 / 3), 4.0, 3.0),
        (LOAD, at(60), 2, 7.0, 8.0, 7.5, 7.0, 8.0),
        (SPEED, at(0), 1, 1.0, 1.0, 1.0, 1.0, 1.0),
    ]


def test_a_chart_loses_no_peak(tagged: Store) -> None:
    seconds = [float(i) for i in range(7_200)]
    values = [math.sin(i / 500) for i in range(7_200)]
    values[4_321] = 99.0
    tagged.recorder.append([samples(LOAD, seconds[:5_000], values[:5_000])])
    tagged.settle()
    tagged.recorder.append([samples(LOAD, seconds[5_000:], values[5_000:])])
    history = tagged.history()
    for points, width in ((100, 120), (24, 360), (1_000, 0)):  # two minutes, six, and less than one
        found = drawn(history, [LOAD], at(0), at(7_200), points)
        assert len(found) <= points
        assert found["count"].sum() == 7_200
        assert found["most"].max() == 99.0
        assert (found["first"][0], found["last"][-1]) == (values[0], values[-1])
        if width:
            assert len(found) == 7_200 / width
            spike = found.filter(polars.col("most") == 99.0)
            assert spike["time"].cast(polars.Int64).to_list() == [at(4_321 // width * width)]
            assert spike["least"][0] == min(values[4_321 // width * width :][:width])
        raw = drawn(history, [LOAD], at(0), at(7_200), points, raw=True)
        assert (raw["count"].sum(), raw["most"].max(), len(raw) <= points) == (7_200, 99.0, True)


def test_positions_are_kept_with_the_readings(tagged: Store) -> None:
    def batch(source: str, position: dict[str, object] | None) -> Batch:
        return Batch(source, Samples.of([LOAD], [at(0)], [1]), position=position)

    tagged.recorder.append([batch("mill", {"next": 5}), batch("saw", {"file": "ä.csv", "row": 3})])
    tagged.settle()
    tagged.recorder.append([batch("mill", None), batch("saw", {}), batch("mill", {"next": 9}), batch("mill", None)])
    tagged.reopen()
    assert tagged.recorder.positions() == {"mill": {"next": 9}, "saw": {}}
    tagged.settle()
    tagged.reopen()
    assert tagged.recorder.positions() == {"mill": {"next": 9}, "saw": {}}


def test_many_readings_of_many_tags_are_as_numpy_sorts_them(store: Store) -> None:
    random = np.random.default_rng(8)
    count, tags = 30_000, 40
    ids = store.recorder.declare([Tag(f"t{i}", "sample", "s") for i in range(tags)])
    tag = random.integers(0, tags, count).astype(np.int32)
    time = START + random.integers(0, 3 * 86_400, count) * NANOSECONDS
    value = np.round(random.normal(20, 5, count), 2)
    for k in range(0, count, 5_000):
        piece = slice(k, k + 5_000)
        store.recorder.append([Batch("s", Samples.of(tag[piece], time[piece], value[piece]))])
        if k % 10_000 == 0:
            store.settle()
    seen: dict[tuple[int, int, float], None] = {}
    for row in zip(tag.tolist(), time.tolist(), value.tolist(), strict=True):
        seen.setdefault(row)
    expected = sorted(seen, key=lambda row: row[:2])
    assert [row[:3] for row in rows(store.history().samples(ids, *EVER))] == expected
    window = at(86_400 * 0.7), at(86_400 * 2.2)
    some = [row for row in expected if row[0] in (3, 17, 29) and window[0] <= row[1] < window[1]]
    assert [row[:3] for row in rows(store.history().samples([3, 17, 29], *window))] == some

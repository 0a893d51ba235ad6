"""Packed readings come back to the bit and take little room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from plantwright.shopfloor.history.disk import Disk
from plantwright.shopfloor.history.frames import Frame, decode, encode, frames, joined_samples
from plantwright.shopfloor.history.manifest import Part
from plantwright.shopfloor.history.packing import pack_samples, unpack_samples
from plantwright.shopfloor.history.parts import MINUTES, SAMPLES, PartWriter, read_part
from plantwright.shopfloor.history.queries import Queries
from plantwright.shopfloor.history.rollups import HOUR, MINUTE, Minutes, hulls, joined_minutes, minutes_of
from plantwright.shopfloor.readings import Events, Samples, Tag

DAY = 86_400
START = 1_772_409_600 * 10**9

decimals = st.builds(lambda digits, places: digits / 10.0**places, st.integers(-(10**9), 10**9), st.integers(0, 9))
doubles = st.floats(allow_nan=True, allow_infinity=True)
values = st.one_of(
    st.lists(decimals, min_size=1, max_size=40),
    st.lists(doubles, min_size=1, max_size=40),
    st.lists(st.one_of(decimals, doubles), min_size=1, max_size=40),
)


def same(one: Samples, other: Samples) -> bool:
    numbers = np.array_equal(one.value.view(np.int64), other.value.view(np.int64)) or (
        np.array_equal(np.isnan(one.value), np.isnan(other.value))
        and one.value[~np.isnan(one.value)].tobytes() == other.value[~np.isnan(other.value)].tobytes()
    )
    return bool(
        numbers
        and (one.tag == other.tag).all()
        and (one.time == other.time).all()
        and (one.quality == other.quality).all()
    )


@given(st.lists(values, min_size=1, max_size=4), st.sampled_from([1, 1_000, 10**6, 10**9]), st.data())
@settings(max_examples=150, deadline=None)
def test_every_double_and_every_instant_comes_back(by_tag: list[list[float]], step: int, data: st.DataObject) -> None:
    parts = []
    for tag, some in enumerate(by_tag):
        times = data.draw(st.lists(st.integers(-(2**62), 2**62), min_size=len(some), max_size=len(some)))
        parts.append(
            Samples.of([tag] * len(some), [t // step * step for t in sorted(times)], some, [len(some) % 4] * len(some))
        )
    samples = joined_samples(parts)
    assert same(unpack_samples(pack_samples(samples)), samples)
    _, frame = next(frames(encode(Frame(samples=samples))))
    assert same(frame.samples, samples)


@given(st.lists(st.tuples(st.text(), st.text(), st.integers(-(2**62), 2**62)), max_size=20))
@settings(max_examples=50, deadline=None)
def test_texts_come_back(rows: list[tuple[str, str, int]]) -> None:
    texts, details, times = [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows]
    tag = Tag("mill/ü", "event", "mill", description="\n\"'")
    (_, frame), *rest = frames(
        encode(Frame({3: tag}, events=Events.of([1] * len(rows), times, texts, details), positions={"s": {"a": [1]}}))
    )
    assert not rest
    assert (list(frame.events.value), list(frame.events.detail), frame.events.time.tolist()) == (texts, details, times)
    assert (frame.tags, frame.positions) == ({3: tag}, {"s": {"a": [1]}})


def test_a_half_surrogate_does_not_stop_the_recorder() -> None:
    _, frame = next(frames(encode(Frame(events=Events.of([1], [0], ["a\ud800b"])))))
    assert frame.events.value == ["a?b"]


def packed(folder: Path, samples: Samples) -> float:
    """Bytes a reading, after all was read back by pyarrow and by DuckDB to the bit."""
    writer = PartWriter(Disk(), folder / "data" / "p.parquet", SAMPLES)
    writer.add(samples)
    writer.finish()
    assert same(joined_samples([some for _, some in read_part(folder / "data" / "p.parquet", SAMPLES)]), samples)
    part = Part("p.parquet", "samples", 0, writer.rows, writer.bytes, writer.first, writer.last, 0)
    tags = np.unique(samples.tag)
    assert same(Queries(folder).samples([part], tags, -(2**62), 2**62), samples)
    minutes = minutes_of(samples)
    rolled = PartWriter(Disk(), folder / "data" / "m.parquet", MINUTES)
    rolled.add(minutes)
    rolled.finish()
    again = joined_minutes([some for _, some in read_part(folder / "data" / "m.parquet", MINUTES)])
    assert all((getattr(again, name) == getattr(minutes, name)).all() for name in Minutes.__slots__)
    return writer.bytes / writer.rows


def test_bytes_a_reading(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    random = np.random.default_rng(3)
    tag = np.repeat(np.arange(4), DAY)
    milliseconds = np.tile(START + np.arange(DAY) * 10**9 + random.integers(-20, 20, DAY) * 10**6, 4)
    walk = np.round(np.cumsum(random.normal(0, 0.03, (4, DAY)), axis=1), 2).ravel()
    assert packed(tmp_path, Samples.of(tag, milliseconds, walk)) < 1.9
    assert packed(tmp_path, Samples.of(tag, milliseconds, np.round(random.normal(20, 2, 4 * DAY), 2))) < 2.5
    assert 7 < packed(tmp_path, Samples.of(tag, milliseconds, random.normal(20, 2, 4 * DAY))) < 8


def test_few_readings_share_a_group_and_many_have_several(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    (tmp_path / "data").mkdir()
    few = Samples.of(np.repeat(np.arange(500), 100), np.tile(np.arange(100), 500), np.arange(50_000))
    packed(tmp_path, few)
    assert pq.ParquetFile(tmp_path / "data" / "p.parquet").num_row_groups == 4
    many = Samples.of(np.repeat([1, 2], [1_100_000, 20_000]), np.arange(1_120_000), np.zeros(1_120_000))
    assert packed(tmp_path, many) < 0.1
    groups = pq.ParquetFile(tmp_path / "data" / "p.parquet").metadata
    assert [groups.row_group(i).num_rows for i in range(groups.num_row_groups)] == [1_048_576, 51_424, 20_000]


def test_a_frame_cut_or_changed_anywhere_is_none() -> None:
    whole = encode(Frame({0: Tag("a", "sample", "s")}, Samples.of([0] * 5, range(5), range(5))))
    assert decode(memoryview(whole), 20, int.from_bytes(whole[12:16], "little")).samples.value.tolist() == [
        0,
        1,
        2,
        3,
        4,
    ]
    for size in range(len(whole)):
        assert list(frames(whole[:size])) == []
    for place in range(len(whole)):
        wrong = bytearray(whole)
        wrong[place] ^= 0x10
        assert list(frames(bytes(wrong))) == []


def test_spans_that_are_read_anew_are_read_by_few_questions_and_little_else() -> None:
    def spans(*hours: float) -> np.ndarray:
        return np.array([(round(h * HOUR), round(h * HOUR) + MINUTE) for h in hours], np.int64).reshape(-1, 2)

    assert hulls(spans()) == []
    assert hulls(spans(0, 0.5, 720)) == [(0, HOUR // 2 + MINUTE), (720 * HOUR, 720 * HOUR + MINUTE)]
    many = hulls(spans(*range(0, 3_000, 3)))
    assert len(many) <= 32
    assert (many[0][0], many[-1][1]) == (0, 2_997 * HOUR + MINUTE)

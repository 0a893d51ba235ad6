"""Sealing: few large files of many small ones, days that retention lets go, a process that is started again."""

from __future__ import annotations

import errno
import time
from pathlib import Path

import pytest

from plantwright.shopfloor.history import HistoryDamaged, HistoryError, HistoryFull
from plantwright.shopfloor.history.disk import Disk, Handle
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.keeping import Keep, read_keep, write_keep
from plantwright.shopfloor.history.manifest import Part, read_manifest
from plantwright.shopfloor.history.mending import mend
from plantwright.shopfloor.history.opening import open_recorder
from plantwright.shopfloor.history.parts import SAMPLES, read_part
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.history.sealing import Sealer
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Samples, Tag

EVER = (0, 2**62)
DAY = 86_400 * NANOSECONDS
TODAY = 20_000


@pytest.fixture
def recorder(tmp_path: Path) -> FolderRecorder:
    made = FolderRecorder(tmp_path, reserve=0)
    made.declare([Tag("mill/count", "sample", "mill"), Tag("mill/word", "event", "mill")])
    return made


def fill(recorder: FolderRecorder, day: int, start: int, count: int = 60) -> None:
    times = [day * DAY + i * NANOSECONDS for i in range(start, start + count)]
    events = Events.of([1], times[:1], [str(start)])
    recorder.append([Batch("mill", Samples.of([0] * count, times, range(start, start + count)), events)])
    recorder.roll()


def sealer(recorder: FolderRecorder, disk: Disk | None = None, day: int = TODAY, settled: float = 1e9) -> Sealer:
    return Sealer(recorder.folder, disk or Disk(), clock=lambda: day * DAY, grace=0, settled=settled)


def run(recorder: FolderRecorder, day: int = TODAY, settled: float = 1e9) -> None:
    made = sealer(recorder, day=day, settled=settled)
    made.run()
    made.close()


def parts(recorder: FolderRecorder, kind: str = "samples") -> list[Part]:
    return [part for part in read_manifest(recorder.folder).parts if part.kind == kind]


def test_parts_of_like_size_become_one_and_each_row_is_written_a_few_times(recorder: FolderRecorder) -> None:
    written = 0
    for k in range(50):
        fill(recorder, TODAY, 60 * k)
        before = {part.name for part in parts(recorder)}
        run(recorder)
        written += sum(part.rows for part in parts(recorder) if part.name not in before)
    assert len(parts(recorder)) <= 20
    assert written < 5 * 3_000
    history = FolderHistory(recorder.folder)
    assert history.samples([0], *EVER)["value"].to_list() == list(range(3_000))
    assert history.minutes([0], *EVER)["count"].to_list() == [60] * 50
    assert len(history.events([1], *EVER)) == 50
    files = {path.name for path in (recorder.folder / "data").iterdir()}
    assert files == {part.name for part in read_manifest(recorder.folder).parts}


def test_a_past_day_is_one_part_again_after_late_readings(recorder: FolderRecorder) -> None:
    for day in (TODAY - 1, TODAY):
        for k in range(3):
            fill(recorder, day, 60 * k)
            run(recorder)
    run(recorder, settled=0)
    assert [part.day for part in parts(recorder)] == [TODAY] * 3 + [TODAY - 1]
    fill(recorder, TODAY - 1, 30)  # once more, and no minute twice
    run(recorder)
    assert len(parts(recorder)) == 5
    assert FolderHistory(recorder.folder).minutes([0], *EVER)["count"].to_list() == [60] * 6
    run(recorder, settled=0)
    assert [part.rows for part in parts(recorder) if part.day == TODAY - 1] == [180]
    assert FolderHistory(recorder.folder).minutes([0], *EVER)["count"].to_list() == [60] * 6


def test_a_month_by_minute_reads_few_samples(recorder: FolderRecorder, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in range(TODAY - 29, TODAY + 1):
        fill(recorder, day, 0, 600)
        if day == TODAY - 1:
            run(recorder)
    history, read = FolderHistory(recorder.folder), []
    whole = history._samples
    monkeypatch.setattr(history, "_samples", lambda *asked: read.append(whole(*asked)) or read[-1])
    minutes = history.minutes([0], (TODAY - 29) * DAY + 90 * NANOSECONDS, (TODAY + 1) * DAY)
    assert minutes["count"].to_list() == [30] + [60] * 298  # it begins in the middle of a minute; today is not sealed
    assert sum(map(len, read)) == 30 + 600


def test_retention_lets_go_of_whole_days_and_leaves_them_by_minute(recorder: FolderRecorder) -> None:
    for day in range(TODAY - 10, TODAY + 1):
        fill(recorder, day, 0, 120)
    write_keep(recorder.folder, Keep(samples=3, events=5))
    run(recorder)
    assert sorted(part.day for part in parts(recorder)) == list(range(TODAY - 3, TODAY + 1))
    assert sorted(part.day for part in parts(recorder, "events")) == list(range(TODAY - 5, TODAY + 1))
    history = FolderHistory(recorder.folder)
    assert len(history.samples([0], *EVER)) == 4 * 120
    minutes = history.minutes([0], *EVER)
    assert len(minutes) == 11 * 2
    assert minutes["mean"][0] == pytest.approx(29.5)
    assert read_manifest(recorder.folder).counts == {"samples": 7 * 120, "events": 5}
    run(recorder, day=TODAY + 100)
    assert history.samples([0], *EVER).is_empty()
    assert len(history.minutes([0], *EVER)) == 22


def test_a_reader_finds_its_way_when_files_vanish(recorder: FolderRecorder) -> None:
    history = FolderHistory(recorder.folder)
    for k in range(20):
        fill(recorder, TODAY, 60 * k)
        assert len(history.samples([0], *EVER)) == 60 * (k + 1)
        run(recorder)
        assert len(history.samples([0], *EVER)) == 60 * (k + 1)
        assert len(history.before([1], 2**62)) == 1


def test_one_seals_at_a_time(recorder: FolderRecorder) -> None:
    one = sealer(recorder)
    with pytest.raises(HistoryError, match="is being sealed by process"):
        sealer(recorder)
    one.close()
    with pytest.raises(HistoryError, match="there is no history"):
        Sealer(recorder.folder / "nothing")


class Full(Disk):
    """Has no room for Parquet at its n-th write of it."""

    def __init__(self, good: int) -> None:
        self.left = good

    def create(self, path: Path) -> Handle:
        disk = self

        class Part(Handle):
            def write(self, data: bytes) -> int:
                disk.left -= 1
                if disk.left < 0:
                    raise OSError(errno.ENOSPC, "No space left on device")
                return super().write(data)

        return Part(path)


def test_a_full_disk_stops_sealing_and_nothing_else(recorder: FolderRecorder) -> None:
    fill(recorder, TODAY, 0)
    for good in range(0, 400, 13):
        made = sealer(recorder, Full(good))
        try:
            made.run()
            break
        except HistoryFull as error:
            assert "nothing can be sealed" in str(error)  # noqa: PT017
        finally:
            made.close()
        assert FolderHistory(recorder.folder).samples([0], *EVER)["value"].to_list() == list(range(60))
    else:
        raise AssertionError("it never went through")
    assert good > 5
    assert FolderHistory(recorder.folder).samples([0], *EVER)["value"].to_list() == list(range(60))
    assert len(parts(recorder)) == 1


def test_the_sealer_is_started_again_and_ends_with_the_recorder(tmp_path: Path) -> None:
    opened = open_recorder(tmp_path / "h", Keep(events=30))
    assert isinstance(opened, FolderRecorder)
    opened.declare([Tag("mill/count", "sample", "mill"), Tag("mill/word", "event", "mill")])
    fill(opened, TODAY, 0)
    process = opened._sealer._process  # type: ignore[union-attr]
    assert process is not None
    wait_for(lambda: parts(opened) != [])
    process.kill()
    process.wait()
    fill(opened, TODAY, 60)
    fill(opened, TODAY, 120)
    again = opened._sealer._process  # type: ignore[union-attr]
    assert again is not None
    assert again is not process
    opened.close()
    assert again.returncode == 0
    assert sum(part.rows for part in parts(opened)) == 180
    assert read_keep(opened.folder) == Keep(events=30)


def damage(path: Path, share: float) -> None:
    data = bytearray(path.read_bytes())
    data[int(len(data) * share)] ^= 0x55
    path.write_bytes(data)


def test_a_part_that_is_damaged_is_said_and_mended(recorder: FolderRecorder) -> None:
    for day in (TODAY - 1, TODAY):
        numbers = range(20_000)
        recorder.append(
            [Batch("mill", Samples.of([0] * 20_000, [day * DAY + n * NANOSECONDS for n in numbers], numbers))]
        )
        recorder.append(
            [Batch("mill", Samples.of([1] * 20_000, [day * DAY + n * NANOSECONDS for n in numbers], numbers))]
        )
    recorder.roll()
    run(recorder)
    history = FolderHistory(recorder.folder)
    minutes = history.minutes([0, 1], *EVER)
    first, second = (recorder.folder / "data" / part.name for part in parts(recorder))
    damage(first, 0.1)  # in the first group of rows
    with pytest.raises(HistoryDamaged, match=f"{first.name}: is damaged.* history mend"):
        list(read_part(first, SAMPLES))
    second.write_bytes(second.read_bytes()[:-9])
    with pytest.raises(HistoryDamaged, match=f"{second.name}: is damaged.* history mend"):
        history.samples([0], TODAY * DAY, (TODAY + 1) * DAY)
    (third, _) = (recorder.folder / "data" / part.name for part in parts(recorder, "minutes"))
    third.write_bytes(b"PAR1")
    recorder.close()
    found = {one.aside.name: (one.readings, one.lost) for one in mend(recorder.folder)}
    assert found.pop(f"{first.name}.damaged") == (20_000, 20_000)
    assert found.pop(f"{second.name}.damaged") == (0, 40_000)
    assert len(found) == 1
    assert mend(recorder.folder) == []
    history = FolderHistory(recorder.folder)
    assert history.samples([0], *EVER).is_empty()
    assert len(history.samples([1], *EVER)) == 20_000
    assert history.minutes([1], *EVER).equals(minutes.filter(minutes["tag"] == 1))
    assert not history.minutes([0], 0, TODAY * DAY).height  # its samples could not be read


def wait_for(holds: object, seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.05)

"""The segments of a history in a folder: torn and damaged ones, one writer, a full disk."""

from __future__ import annotations

import contextlib
import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from plantwright.shopfloor.history import HistoryDamaged, HistoryError, HistoryFull
from plantwright.shopfloor.history.disk import Disk, Handle
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.frames import END
from plantwright.shopfloor.history.opening import open_history, open_recorder
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.readings import Batch, Samples, Tag

EVER = (0, 2**62)


def batch(start: int, count: int = 10) -> Batch:
    times = range(start, start + count)
    return Batch("mill", Samples.of([0] * count, times, times), position={"next": start + count})


def record(folder: Path, *batches: Batch) -> FolderRecorder:
    recorder = FolderRecorder(folder, reserve=0)
    recorder.declare([Tag("mill/count", "sample", "mill")])
    for one in batches:
        recorder.append([one])
    return recorder


def values(folder: Path) -> list[int]:
    return [int(value) for value in FolderHistory(folder).samples([0], *EVER)["value"]]


def segments(folder: Path) -> list[Path]:
    return sorted((folder / "wal").iterdir())


def test_a_torn_frame_is_cut_off_and_the_rest_is_kept(tmp_path: Path) -> None:
    record(tmp_path, batch(0), batch(10)).close()
    (segment,) = segments(tmp_path)
    whole = segment.read_bytes().removesuffix(END)
    second = whole.rindex(b"PWf1")
    for size in (len(whole) - 1, second + 25, second + 3, second):
        segment.write_bytes(whole[:size])
        assert values(tmp_path) == list(range(10))
    segment.write_bytes(whole + b"PWf1" + bytes(300))  # pages that were never written
    recorder = record(tmp_path, batch(20))
    assert recorder.positions() == {"mill": {"next": 30}}
    recorder.close()
    assert segment.read_bytes() == whole  # cut off, and not gone on with
    assert values(tmp_path) == list(range(30))


def test_damage_is_never_taken_for_a_torn_end(tmp_path: Path) -> None:
    record(tmp_path, batch(0), batch(10)).close()
    (segment,) = segments(tmp_path)
    whole = bytearray(segment.read_bytes())
    whole[len(whole) // 3] ^= 1
    segment.write_bytes(whole)
    with pytest.raises(HistoryDamaged, match=r"0000000001\.wal: is damaged from byte .* mend"):
        values(tmp_path)
    with pytest.raises(HistoryDamaged):
        FolderRecorder(tmp_path)


def test_a_closed_segment_has_no_torn_end(tmp_path: Path) -> None:
    record(tmp_path, batch(0)).close()
    record(tmp_path, batch(10)).close()
    first = segments(tmp_path)[0]
    first.write_bytes(first.read_bytes()[:-3])
    with pytest.raises(HistoryDamaged):
        values(tmp_path)


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="there is no history; 'plantwright collect' makes one"):
        open_history(tmp_path)
    with pytest.raises(HistoryError, match="no history of this kind"):
        open_recorder("carrier-pigeon://here")
    code = (
        "import sys; from plantwright.shopfloor.history.opening import open_recorder\n"
        f"open_recorder({str(tmp_path)!r}); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(HistoryError, match=f"is being written by process {other.pid}"):
            open_recorder(tmp_path)
        other.kill()
    open_recorder(tmp_path).close()


class Filling(Disk):
    """A disk that is full after so many writes, cuts and syncs."""

    def __init__(self, good: int) -> None:
        self.left = good
        self.room = False

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0 and not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")

    def create(self, path: Path) -> Handle:
        self.spend()
        disk = self

        class Part(Handle):
            def write(self, data: bytes) -> int:
                try:
                    disk.spend()
                except OSError:
                    super().write(data[: len(data) // 2])
                    raise
                return super().write(data)

            def sync(self) -> None:
                disk.spend()
                super().sync()

        return Part(path)

    def sync_folder(self, path: Path) -> None:
        if path.name == "wal":
            self.spend()
        super().sync_folder(path)


@pytest.mark.parametrize("good", range(12))
def test_a_full_disk_loses_nothing_and_goes_on(tmp_path: Path, good: int) -> None:
    disk = Filling(good)
    recorder = FolderRecorder(tmp_path, disk=disk, reserve=0)
    recorder.declare([Tag("mill/count", "sample", "mill")])
    history, kept = FolderHistory(tmp_path), 0
    for k in range(0, 100, 10):
        try:
            recorder.append([batch(k)])
            kept = k + 10
        except HistoryFull:
            assert recorder.positions() == ({"mill": {"next": kept}} if kept else {})
            assert not disk.room
            with pytest.raises(HistoryFull, match=r"the disk is full .* remove other files"):
                recorder.append([batch(k)])
            disk.room = True
            recorder.append([batch(k)])
            kept = k + 10
        assert [int(value) for value in history.samples([0], *EVER)["value"]] == list(range(kept))
    assert disk.room
    recorder.close()
    assert values(tmp_path) == list(range(100))
    assert record(tmp_path).positions() == {"mill": {"next": 100}}


def test_the_reserve_is_left_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = record(tmp_path, batch(0))
    monkeypatch.setattr(Disk, "free", lambda self, path: 63_000_000)
    recorder.close()
    recorder = FolderRecorder(tmp_path)
    with pytest.raises(HistoryFull, match="63 MB free, 64 MB are kept in reserve"):
        recorder.append([batch(10)])
    monkeypatch.setattr(Disk, "free", lambda self, path: 65_000_000)
    recorder.append([batch(10)])
    recorder.close()
    assert values(tmp_path) == list(range(20))


def test_a_reader_goes_on_where_it_was(tmp_path: Path) -> None:
    recorder = FolderRecorder(tmp_path, reserve=0, segment_bytes=3_000)
    recorder.declare([Tag("mill/count", "sample", "mill")])
    history = FolderHistory(tmp_path)
    for k in range(0, 500, 10):
        recorder.append([batch(k)])
        assert len(history.samples([0], k, k + 10)) == 10
    assert [int(value) for value in history.samples([0], *EVER)["value"]] == list(range(500))
    assert len(segments(tmp_path)) > 3
    recorder.close()


def test_a_small_disk_that_is_full_and_then_has_room(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", disk], capture_output=True)
        if shutil.which("mount")
        else None
    )
    if mount is None or mount.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        (disk / "other").write_bytes(bytes(100_000))
        recorder = record(disk / "h")
        kept = 0
        with contextlib.suppress(HistoryFull):
            while kept < 1_000_000:
                recorder.append([batch(kept, 500)])
                kept += 500
        with pytest.raises(HistoryFull, match=r"the disk is full \(0 MB free"):
            recorder.append([batch(kept, 500)])
        assert values(disk / "h") == list(range(kept))
        assert recorder.positions() == {"mill": {"next": kept}}
        (disk / "other").unlink()
        recorder.append([batch(kept, 500)])
        assert values(disk / "h") == list(range(kept + 500))
        recorder.close()
    finally:
        subprocess.run(["umount", disk], check=True)

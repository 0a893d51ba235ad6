"""Nothing that was acknowledged is lost, whatever ends: the power at any moment, the process that writes, the process that seals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import polars
import pytest

from plantwright.shopfloor.history import sealing
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.history.sealing import Sealer
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Samples, Tag
from tests.shopfloor.history.power import DroppingDisk, PowerCut

STUDY = os.environ.get("PLANTWRIGHT_STUDIES") == "1"
CUTS = 100 if STUDY else 20
KILLS = 100 if STUDY else 8
EVER = (0, 2**62)
DAY = 86_400 * NANOSECONDS
NUMBER, WORD = Tag("mill/count", "sample", "mill"), Tag("mill/word", "event", "mill")


class Machine:
    """Counts, keeps what it was told is kept, and goes on after a cut where the history ends."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.kept = 0
        self.offered = 0

    def batch(self) -> Batch:
        start, size = self.kept, self.random.randint(1, 200)
        self.offered = start + size
        numbers = range(start, start + size)
        # Two days at once, now and then out of order.
        times = [n * NANOSECONDS + (n % 2) * DAY for n in numbers]
        words = list(numbers)[:: self.random.randint(1, 20)]
        return Batch(
            "mill",
            Samples.of([0] * size, times, numbers),
            Events.of([1] * len(words), [times[n - start] for n in words], [f"word {n}" for n in words]),
            {"next": start + size, "words": len(words)},
        )

    def append(self, recorder: FolderRecorder) -> None:
        recorder.append([self.batch()])
        self.kept = self.offered

    def check(self, folder: Path) -> None:
        """All that was acknowledged is there once, and of the last batch all or nothing; the position tells which."""
        recorder = FolderRecorder(folder, reserve=0)
        position = recorder.positions().get("mill", {"next": 0})["next"]
        recorder.close()
        assert position in (self.kept, self.offered)
        self.kept = position
        history = FolderHistory(folder)
        samples = history.samples([0], *EVER)
        assert sorted(int(value) for value in samples["value"]) == list(range(position))
        expected = [(n * NANOSECONDS + (n % 2) * DAY, n) for n in range(position)]
        assert sorted(
            zip(samples["time"].cast(polars.Int64).to_list(), samples["value"].to_list(), strict=True)
        ) == sorted(expected)
        assert history.minutes([0], *EVER)["count"].sum() == position
        words = history.events([1], *EVER)["value"].to_list()
        assert len(words) == len(set(words))
        assert "word 0" in words or not position


def now_and_then(disk: DroppingDisk, machine: Machine, recorder: FolderRecorder) -> None:
    if machine.random.random() < 0.1:
        disk.within(lambda: machine.append(recorder))


def live(folder: Path, disk: DroppingDisk, machine: Machine) -> Iterator[object]:
    """Write, seal and merge until the power is cut. Gives what holds locks, for the test to let go."""
    recorder = FolderRecorder(folder, disk=disk, reserve=0, segment_bytes=10_000)
    yield recorder
    assert recorder.declare([NUMBER, WORD]) == [0, 1]
    while True:
        for _ in range(machine.random.randint(1, 8)):
            machine.append(recorder)
        if machine.random.random() < 0.5:
            sealer = Sealer(folder, disk, grace=0, settled=0 if machine.random.random() < 0.5 else 1e9)
            yield sealer
            # While it seals, others write.
            disk.between = partial(now_and_then, disk, machine, recorder)
            sealer.run()
            disk.between = lambda: None
            sealer.close()
        if machine.random.random() < 0.1:
            recorder.close()
            recorder = FolderRecorder(folder, disk=disk, reserve=0, segment_bytes=10_000)
            yield recorder


def test_power_cuts_lose_nothing_acknowledged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MANY", 3)
    monkeypatch.setattr(sealing, "AT_ONCE", 30_000)
    random = Random(8)
    machine = Machine(random)
    folder = tmp_path / "0"
    sealed = 0
    for cut in range(1, CUTS + 1):
        if cut % 10 == 1:
            folder, machine = tmp_path / f"new {cut}", Machine(random)
        disk = DroppingDisk(random, random.randint(1, 400))
        disk.adopt(folder)
        holders: list[object] = []
        with pytest.raises(PowerCut):
            holders.extend(live(folder, disk, machine))
        for holder in holders:
            holder._lock.release()  # type: ignore[attr-defined]
        after = tmp_path / str(cut)
        disk.after(folder, after)
        folder = after
        machine.check(folder)
        sealed += len(list((folder / "data").glob("*.parquet"))) if (folder / "data").is_dir() else 0
    assert sealed > CUTS


WRITER = """
import sys
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.readings import Batch, Samples, Tag
recorder = FolderRecorder(sys.argv[1], reserve=0, segment_bytes=20_000)
recorder.declare([Tag("mill/count", "sample", "mill")])
start = recorder.positions().get("mill", {"next": 0})["next"]
while True:
    numbers = range(start, start + 100)
    start += 100
    recorder.append([Batch("mill", Samples.of([0] * 100, numbers, numbers), position={"next": start})])
    print(start, flush=True)
"""

SEALER = """
import sys
from pathlib import Path
from plantwright.shopfloor.history import sealing
sealing.MANY = 3
sealer = sealing.Sealer(Path(sys.argv[1]), grace=0.2, settled=0)
while True:
    sealer.run()
"""


def start(code: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_kills_lose_nothing_acknowledged(tmp_path: Path) -> None:
    random = Random(9)
    (tmp_path / "wal").mkdir()
    sealer, acknowledged = start(SEALER, tmp_path), 0
    for kill in range(KILLS):
        writer = start(WRITER, tmp_path)
        assert writer.stdout is not None
        acknowledged = int(writer.stdout.readline())
        time.sleep(random.uniform(0, 0.1))
        if kill % 2:
            sealer.send_signal(signal.SIGKILL)
            sealer.wait()
            sealer = start(SEALER, tmp_path)
            time.sleep(random.uniform(0, 0.5))
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().split("\n")
        acknowledged = max([acknowledged, *(int(line) for line in rest[:-1])])
        writer.wait()
        kept = FolderHistory(tmp_path).samples([0], *EVER)["value"].to_numpy()
        assert len(kept) >= acknowledged
        assert len(kept) % 100 == 0
        assert (kept == range(len(kept))).all()
    sealer.kill()
    sealer.wait()
    assert len(list((tmp_path / "data").glob("*.samples.*"))) >= 1
    assert FolderHistory(tmp_path).minutes([0], *EVER)["count"].sum() == len(kept)

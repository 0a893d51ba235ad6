"""What a history in a folder keeps up with, beside what the disk itself does in the same run.

    python benchmarks/history.py --minutes 10

One process writes 200,000 readings a second (500 tags, decimals at milliseconds, a batch each 50 ms with one sync), a second one seals, a
third reads: four times a second what one tag said in the last minute, or the last five. Then: how far the recorder is from plain appends with
a sync of the same bytes; a month at 1 Hz drawn from rollups and from its samples; bytes a reading. All of it lies in a temporary folder
on the disk of ``--folder``. Needs the extra ``[shopfloor]``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from plantwright.shopfloor.history.describing import describe
from plantwright.shopfloor.history.drawing import drawn
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.frames import encode, frame_of
from plantwright.shopfloor.history.opening import open_recorder
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.history.sealing import Sealer
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Samples, Tag

RATE, TAGS, GATHER = 200_000, 500, 0.05
DAY = 86_400

READER = """
import json, sys, time
from plantwright.shopfloor.history.reading import FolderHistory
history, until = FolderHistory(sys.argv[1]), time.time() + float(sys.argv[2])
took, rows, k = {60: [], 300: []}, {}, 0
while time.time() < until:
    for window in took:
        k = (k + 37) % 500
        now = time.time_ns()
        begun, work = time.perf_counter(), time.process_time()
        rows[window] = len(history.samples([k], now - window * 10**9, now))
        took[window].append((time.perf_counter() - begun, time.process_time() - work))
        time.sleep(0.25)
print(json.dumps([[window, rows[window], [a for a, _ in some], [b for _, b in some]] for window, some in took.items()]))
"""


def percentile(values: list[float], share: float) -> float:
    return 1e3 * float(np.quantile(values, share))


def cpu(pid: int) -> float:
    """CPU seconds of a process, where the system tells."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return float("nan")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def batches(random: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Tags and values of some batches, each from 20 sources."""
    count = int(RATE * GATHER)
    walk = np.cumsum(random.normal(0, 0.02, (TAGS, 40 * count // TAGS)), axis=1) + 20
    tag = np.repeat(np.arange(TAGS, dtype=np.int32), count // TAGS)
    return [(tag, np.round(walk[:, k * count // TAGS : (k + 1) * count // TAGS], 2).ravel()) for k in range(40)]


def stream(folder: Path, seconds: float) -> None:
    """Write at the rate, with a sealer and a reader beside."""
    recorder = open_recorder(folder)
    assert isinstance(recorder, FolderRecorder)
    recorder.declare([Tag(f"machine {i // 10}/{i}", "sample", f"machine {i // 10}") for i in range(TAGS)])
    made = batches(np.random.default_rng(1))
    each = len(made[0][0]) // TAGS
    step = int(GATHER * 1e3 / each)
    jitter = np.random.default_rng(4).integers(0, step, (len(made), len(made[0][0])))
    offsets = [(np.tile(np.arange(each) * step, TAGS) + some) * 1_000_000 for some in jitter]
    origin = time.time_ns() // 1_000_000 * 1_000_000
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(folder), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    took, begun, work, k, behind = [], time.monotonic(), 0.0, 0, 0.0
    while (at := begun + k * GATHER) - begun < seconds:
        wait = at - time.monotonic()
        behind = max(behind, -wait)
        if wait > 0:
            time.sleep(wait)
        tag, value = made[k % len(made)]
        when = origin + k * int(GATHER * 1e9) + offsets[k % len(made)]
        cut = [Samples(tag[i::20], when[i::20], value[i::20], np.zeros(len(tag[i::20]), np.uint8)) for i in range(20)]
        several = [Batch(f"source {i}", some, position={"next": k}) for i, some in enumerate(cut)]
        start, worked = time.perf_counter(), time.thread_time()
        recorder.append(several)
        took.append(time.perf_counter() - start)
        work += time.thread_time() - worked
        k += 1
    elapsed = time.monotonic() - begun
    sealer = recorder._sealer._process if recorder._sealer else None
    sealing = cpu(sealer.pid) if sealer else float("nan")
    told = json.loads(reader.communicate()[0])
    recorder.close()
    count = k * len(made[0][0])
    print(
        f"written: {count:,} readings in {elapsed:.1f} s, {count / elapsed:,.0f} a second, each acknowledged after its sync"
    )
    print(
        f"  an append of {len(made[0][0]):,}: median {percentile(took, 0.5):.1f} ms, 95 % {percentile(took, 0.95):.1f} ms, longest {1e3 * max(took):.0f} ms; furthest behind {behind:.2f} s"
    )
    print(f"  CPU: the recorder {100 * work / elapsed:.1f} % of a core, the sealer {100 * sealing / elapsed:.0f} %")
    for window, rows, waits, works in told:
        print(
            f"  beside it {len(waits)} reads of the last {window} s of a tag, {rows:,} readings: median {percentile(waits, 0.5):.0f} ms, "
            f"95 % {percentile(waits, 0.95):.0f} ms; {percentile(works, 0.5):.0f} ms of CPU"
        )
    found = describe(folder)
    sealed = found.rows["samples"] + found.rows["segments"]
    print(f"  kept: {sealed:,} of {count:,} in {found.parts} parts")
    if sealed != count:
        raise SystemExit("readings are missing")


def limit(folder: Path) -> None:
    """The recorder at full speed beside plain appends of the same bytes."""
    folder.mkdir()
    tag, value = batches(np.random.default_rng(1))[0]
    batch = [Batch("s", Samples.of(tag, np.arange(len(tag)) * 1_000_000, value))]
    data = encode(frame_of(batch))
    recorder = FolderRecorder(folder / "h", segment_bytes=10**12)
    plain = os.open(folder / "plain", os.O_CREAT | os.O_WRONLY)
    sync = getattr(os, "fdatasync", os.fsync)
    raw, ours = [], []
    for _ in range(150):  # by turns, so that both meet the same disk
        start = time.perf_counter()
        os.write(plain, data)
        sync(plain)
        raw.append(time.perf_counter() - start)
        start = time.perf_counter()
        recorder.append(batch)
        ours.append(time.perf_counter() - start)
    os.close(plain)
    recorder.close()
    (folder / "plain").unlink()
    print(
        f"at full speed: an append of {len(tag):,} readings takes {percentile(ours, 0.5):.1f} ms, a plain write and sync of its "
        f"{len(data):,} bytes {percentile(raw, 0.5):.1f} ms: {np.median(ours) / np.median(raw):.2f} times as long"
    )


def month(folder: Path, tags: int = 4) -> None:
    """A month at 1 Hz, drawn."""
    random, start = np.random.default_rng(2), 1_772_409_600
    recorder = FolderRecorder(folder)
    recorder.declare([Tag(f"t{i}", "sample", "s") for i in range(tags)])
    for day in range(30):
        time_ = np.tile((start + day * DAY + np.arange(DAY)) * NANOSECONDS, tags)
        value = np.round(20 + np.cumsum(random.normal(0, 0.05, (tags, DAY)), axis=1), 2).ravel()
        recorder.append([Batch("s", Samples.of(np.repeat(np.arange(tags), DAY), time_, value))])
    recorder.close()
    sealer = Sealer(folder, settled=0)
    sealer.run()
    sealer.close()
    window = start * NANOSECONDS, (start + 30 * DAY) * NANOSECONDS
    history = FolderHistory(folder)
    for raw in (False, True):
        took = []
        for k in range(12):
            begun = time.perf_counter()
            frame = drawn(history, [k % tags], *window, 1_000, raw=raw)
            took.append(time.perf_counter() - begun)
        assert frame["count"].sum() == 30 * DAY
        kind = "samples" if raw else "rollups"
        print(
            f"a month at 1 Hz from {kind}: first {1e3 * took[0]:.0f} ms, median {percentile(took[1:], 0.5):.0f} ms, least {1e3 * min(took):.0f} ms"
        )
    found = describe(folder)
    print(
        f"  {found.bytes_per_sample:.2f} bytes a reading, {found.bytes['minutes'] / found.rows['samples']:.2f} more for its minutes"
    )


def sizes(folder: Path) -> None:
    """Bytes a reading."""
    random, count, tags = np.random.default_rng(3), DAY, 10
    time_ = np.tile(
        (1_772_409_600 * 1_000 + np.arange(count) * 1_000 + random.integers(-20, 20, count)) * 1_000_000, tags
    )
    kinds = {
        "decimals that move slowly": np.round(20 + np.cumsum(random.normal(0, 0.03, (tags, count)), axis=1), 2),
        "decimals without memory": np.round(random.normal(20, 2, (tags, count)), 2),
        "noise in full precision": random.normal(20, 2, (tags, count)),
    }
    for name, value in kinds.items():
        place = folder / name.replace(" ", "-")
        recorder = FolderRecorder(place)
        recorder.declare([Tag(f"t{i}", "sample", "s") for i in range(tags)])
        recorder.append([Batch("s", Samples.of(np.repeat(np.arange(tags), count), time_, value.ravel()))])
        recorder.close()
        sealer = Sealer(place)
        sealer.run()
        sealer.close()
        found = describe(place)
        print(
            f"{name}, at ms: {found.bytes_per_sample:.2f} bytes a reading, {found.bytes['minutes'] / found.rows['samples']:.2f} more for minutes"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=0.5)
    parser.add_argument("--folder", default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name)
        limit(folder / "limit")
        sizes(folder / "sizes")
        month(folder / "month")
        stream(folder / "stream", given.minutes * 60)


if __name__ == "__main__":
    main()

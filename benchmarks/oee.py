"""Thirty days' OEE of fifty machines from a history in a folder, beside what reading the same rows costs alone in the same run.

    python -m benchmarks.oee

Each machine changes its state every two minutes on average and counts a piece every three: 1.8 million events in sealed files. Needs the
extra ``[shopfloor]``.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.history.sealing import Sealer
from plantwright.shopfloor.machines.reports import accounts
from plantwright.shopfloor.machines.settings import FloorSettings, MachineSettings
from plantwright.shopfloor.machines.timelines import timelines
from plantwright.shopfloor.readings import NANOSECONDS, Batch, Events, Tag

MACHINES, DAYS = 50, 30
START = 1_740_960_000 * NANOSECONDS
END = START + DAYS * 86_400 * NANOSECONDS
STATES = np.array(["ACTIVE", "READY", "ACTIVE", "FEED_HOLD", "ACTIVE", "STOPPED"])


def fill(folder: Path) -> int:
    """Write the month and seal it; the number of events."""
    recorder = FolderRecorder(folder)
    draw, total = np.random.default_rng(5), 0
    for number in range(MACHINES):
        name = f"machine {number}"
        state, parts, heard = recorder.declare(
            [
                Tag(f"{name}/execution", "event", name, name, "EXECUTION"),
                Tag(f"{name}/parts", "event", name, name, "PART_COUNT"),
                Tag(f"{name}/heard", "note", name, type="HEARD"),
            ]
        )
        for tag, mean, words in ((state, 120.0, None), (parts, 180.0, "count"), (heard, 60.0, "heard")):
            times = START + (np.cumsum(draw.exponential(mean, int(1.1 * DAYS * 86_400 / mean))) * NANOSECONDS).astype(
                np.int64
            )
            times = times[times < END]
            values = (
                STATES[np.arange(len(times)) % len(STATES)].tolist()
                if words is None
                else [str(i) for i in range(len(times))]
                if words == "count"
                else ["heard"] * len(times)
            )
            recorder.append([Batch(name, events=Events.of(np.full(len(times), tag), times, values))])
            total += len(times)
    recorder.close()
    sealer = Sealer(folder)
    sealer.seal_all()
    sealer.close()
    return total


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        count = fill(Path(place))
        history = FolderHistory(place)
        machines = {
            f"machine {n}": MachineSettings(work_center=f"center {n // 5}", run_times={"*": 120.0})
            for n in range(MACHINES)
        }
        settings = FloorSettings(machines=machines)
        numbers = [n for n, tag in enumerate(history.tags()) if tag.type in ("EXECUTION", "PART_COUNT")]
        history.events(numbers, START, END)
        took, alone = [], []
        for _ in range(7):
            begun = time.perf_counter()
            found = accounts(timelines(history, START, END, settings), settings, by=("work center",))
            took.append(time.perf_counter() - begun)
            begun = time.perf_counter()
            rows = history.events(numbers, START, END)
            alone.append(time.perf_counter() - begun)
        print(
            f"{count:,} events of {MACHINES} machines over {DAYS} days; {len(found)} work centers, availability {100 * (found[0].kpi('availability') or 0):.1f} %"
        )
        print(
            f"  KPIs: {1e3 * float(np.median(took)):.0f} ms (median of 7); reading the same {len(rows):,} rows alone: {1e3 * float(np.median(alone)):.0f} ms; ratio {np.median(took) / np.median(alone):.2f}"
        )


if __name__ == "__main__":
    main()

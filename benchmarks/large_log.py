"""How long it takes, and how much memory, to inspect and to calibrate a log of ten million reports.

    python benchmarks/large_log.py [rows] [csv|parquet] [inspect|calibrate]

Writes the log to a temporary folder first (not counted), then inspects it and makes a plant of it, each in a process of its own, the reading of
the log included. The limits for ten million rows on an idle machine: 60 s and 3 GB to inspect, 300 s and 4 GB to calibrate. The reports
are made up: 8 steps, each at 5 machines, 120 people, 60 products, orders of 20 pieces that go through the steps one after another, quantities,
and a few of each kind of defect. So what the plant should say is known, and what it says is held against that.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plantwright.calibration import Calibration

ROWS = 10_000_000
LIMITS = {"inspect": (60.0, 3.0), "calibrate": (300.0, 4.0)}
"""Seconds and gigabytes for so many rows."""

_PIECE = 500_000
_SHORTEST, _LONGEST, _PIECES = 300, 1150, 20
_STEPS = ("Sawing", "Turning", "Milling", "Deburring", "Washing", "Grinding", "Inspection", "Packing")


def write(path: Path, rows: int) -> None:
    """Write the log, piece by piece."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(1)
    parts = []
    for begin in range(0, rows, _PIECE):
        number = np.arange(begin, min(rows, begin + _PIECE))
        order, step = number // 8, number % 8
        machine = 5 * step + order % 5 + 1
        # Each machine works on one order after another, in the time that five machines for each step leave.
        start = (order // 5) * 1500 + step * 3600 + chance.integers(0, 300, number.size)
        seconds = chance.integers(_SHORTEST, _LONGEST, number.size)
        seconds[chance.random(number.size) < 0.001] = 0
        at = pl.Series("s", start * 1_000_000, dtype=pl.Int64).cast(pl.Duration("us")) + pl.lit(
            np.datetime64("2020-01-06T06:00:00", "us")
        )
        frame = pl.DataFrame(
            {
                "order": order,
                "step": step,
                "machine": machine,
                "seconds": seconds,
                "people": chance.integers(1, 121, number.size),
            }
        )
        parts.append(path.with_name(f"part{begin}.parquet"))
        frame.with_columns(at=at).select(
            pl.format("WO-{}", "order").alias("Order"),
            pl.col("step").replace_strict(dict(enumerate(_STEPS)), return_dtype=pl.String).alias("Activity"),
            pl.format("Machine {}", "machine").alias("Resource"),
            pl.col("at").alias("Start"),
            (pl.col("at") + pl.duration(seconds="seconds")).alias("End"),
            pl.format("ID{}", pl.col("people") + 1000).alias("Worker"),
            pl.format("Part {}", pl.col("order") % 60).alias("Product"),
            pl.lit(_PIECES).alias("Order qty"),
            pl.when(pl.col("step") == 6).then(19).otherwise(20).alias("Good"),
        ).write_parquet(parts[-1])
    whole = pl.scan_parquet(parts)
    if path.suffix == ".csv":
        whole.sink_csv(path, datetime_format="%Y-%m-%d %H:%M:%S")
    else:
        whole.sink_parquet(path)
    for part in parts:
        part.unlink()


def measure(what: str, path: Path) -> None:
    """Inspect or calibrate the log and print seconds, the most memory that was held and what was found, as JSON."""
    from plantwright.calibration import calibrate, inspect_log
    from plantwright.exchange import read_log

    begun = time.perf_counter()
    log = read_log(path, largest=10_000_000_000)
    read = time.perf_counter()
    found: dict[str, object] = {}
    if what == "inspect":
        found["rows"] = inspect_log(log).rows_read
    else:
        calibration = calibrate(log)
        found["rows"] = calibration.quality.rows_read
    done = time.perf_counter()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    if what == "calibrate":
        found |= {
            "wrong": wrong(calibration),
            "part": calibration.recent.words if calibration.recent else "all reports",
        }
    print(
        json.dumps(
            {
                "processor": usage.ru_utime + usage.ru_stime,
                "read": read - begun,
                "then": done - read,
                "gigabytes": usage.ru_maxrss * 1024 / 1e9,
                **found,
            }
        )
    )


def wrong(calibration: Calibration) -> list[str]:
    """What a plant of the log says that is not so."""
    found = calibration.found
    made = []
    if sorted((center.name, center.machines) for center in found.centers) != sorted((step, 5) for step in _STEPS):
        made.append(f"work centers {[(center.name, center.machines) for center in found.centers]}")
    if len(found.routings) != 60:
        made.append(f"{len(found.routings)} products")
    for product, routing in found.routings.items():
        # An order in four thousand is still under way when the log ends.
        ways = [(step.operation, max(routing.shares(step).values())) for step in routing.steps]
        if [name for name, _ in ways] != list(_STEPS) or min(share for _, share in ways) < 0.99:
            made.append(f"routing of {product}: {ways}")
    mean = sum(range(_SHORTEST, _LONGEST)) / (_LONGEST - _SHORTEST)
    for (name, _), fitted in found.times.pooled.items():
        seconds = fitted.distribution.mean * (_PIECES if fitted.per == "piece" else 1)
        if abs(seconds / mean - 1) > 0.01:
            made.append(f"{name} takes {seconds:.1f} s for a lot, not {mean:.1f} s")
    for (product, step), own in found.times.steps.items():
        seconds = own.distribution.mean * (_PIECES if own.per == "piece" else 1)
        # The coefficient of variation of times that are even from 300 to 1150 s is 0.34; five standard errors of their mean.
        if abs(seconds / mean - 1) > 5 * 0.34 / own.measured**0.5:
            made.append(f"{step[0]} of {product} takes {seconds:.1f} s for a lot, not {mean:.1f} s")
    made += [f"{total.name}: {total.off_text}" for total in calibration.fit.totals() if not total.agrees]
    return made


def main() -> int:
    """Measure and print; 1 if a limit is passed, or a plant is wrong."""
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], Path(sys.argv[3]))
        return 0
    words = sys.argv[1:]
    numbers = [int(word.replace("_", "")) for word in words if word[0].isdigit()]
    rows = numbers[0] if numbers else ROWS
    kinds = [word for word in words if word in ("csv", "parquet")] or ["csv", "parquet"]
    doings = [word for word in words if word in LIMITS] or list(LIMITS)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            path = Path(folder) / f"log.{kind}"
            write(path, rows)
            print(f"{kind}: {rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB")
            for what in doings:
                failed |= not measured(what, path, rows)
            path.unlink()
    return int(failed)


def measured(what: str, path: Path, rows: int) -> bool:
    """Measure in a process of its own and print; whether it is as it should be."""
    command = [sys.executable, __file__, "--measure", what, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {what}: failed\n{done.stderr[-2000:]}")
        return False
    found = json.loads(done.stdout)
    seconds = found["read"] + found["then"]
    print(f"  {what}: read in {found['read']:.1f} s, then {found['then']:.1f} s, together {seconds:.1f} s ({found['processor']:.1f} s of "
          f"processors) and {found['gigabytes']:.2f} GB")  # fmt: skip
    if "wrong" in found:
        print(
            f"    {found['part']}; "
            + ("as it should be" if not found["wrong"] else "WRONG: " + "; ".join(found["wrong"][:8]))
        )
    most = LIMITS[what]
    return (
        found["rows"] == rows
        and not found.get("wrong")
        and (rows < ROWS or (seconds <= most[0] and found["gigabytes"] <= most[1]))
    )


if __name__ == "__main__":
    sys.exit(main())

"""How long it takes, and how much memory, to inspect a log of ten million reports.

    python benchmarks/large_log.py [rows] [csv|parquet]

Writes the log to a temporary folder first (not counted), then inspects it in a process of its own. The limits: 60 s and 3 GB for ten million
rows on an idle machine. The reports are made up: 40 machines, 120 people, orders of eight steps one after another, quantities, and a
few of each kind of defect.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROWS, SECONDS, GIGABYTES = 10_000_000, 60.0, 3.0
_PIECE = 500_000
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
        seconds = chance.integers(300, 1150, number.size)
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
            pl.lit(20).alias("Order qty"),
            pl.when(pl.col("step") == 6).then(19).otherwise(20).alias("Good"),
        ).write_parquet(parts[-1])
    whole = pl.scan_parquet(parts)
    if path.suffix == ".csv":
        whole.sink_csv(path, datetime_format="%Y-%m-%d %H:%M:%S")
    else:
        whole.sink_parquet(path)
    for part in parts:
        part.unlink()


def inspect(path: Path) -> None:
    """Inspect the log and print seconds and the most memory that was held, as JSON."""
    from plantwright.calibration import inspect_log
    from plantwright.exchange import read_log

    begun = time.perf_counter()
    log = read_log(path, largest=10_000_000_000)
    read = time.perf_counter()
    quality = inspect_log(log)
    done = time.perf_counter()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    print(
        json.dumps(
            {
                "processor": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
                "read": read - begun,
                "inspected": done - read,
                "gigabytes": most,
                "rows": quality.rows_read,
                "orders": quality.orders,
            }
        )
    )


def main() -> int:
    """Measure and print; 1 if a limit is passed."""
    if sys.argv[1:2] == ["--inspect"]:
        inspect(Path(sys.argv[2]))
        return 0
    rows = int(sys.argv[1].replace("_", "")) if len(sys.argv) > 1 else ROWS
    kinds = sys.argv[2:] or ["csv", "parquet"]
    slow = False
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            path = Path(folder) / f"log.{kind}"
            write(path, rows)
            done = subprocess.run([sys.executable, __file__, "--inspect", str(path)], capture_output=True, text=True)
            if done.returncode:
                print(f"{kind}: failed\n{done.stderr[-2000:]}")
                return 1
            found = json.loads(done.stdout)
            seconds = found["read"] + found["inspected"]
            print(f"{kind}: {found['rows']:,} rows, {path.stat().st_size / 1e6:,.0f} MB: read in {found['read']:.1f} s, inspected in "
                  f"{found['inspected']:.1f} s, together {seconds:.1f} s ({found['processor']:.1f} s of processors) and {found['gigabytes']:.2f} GB")  # fmt: skip
            slow |= rows >= ROWS and (seconds > SECONDS or found["gigabytes"] > GIGABYTES)
            path.unlink()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())

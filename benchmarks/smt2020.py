"""SMT2020's fab with two parts, held against the result that is distributed with it: cycle times by class, and the machine table.

    python -m benchmarks.smt2020 FOLDER [REPLICATIONS]
    python -m benchmarks.smt2020 FOLDER --families

The second only reckons, without a run, what the implanters' lots ask for, beside what the reference says of them.

FOLDER holds `HVLM/` with the tables, `reference.json` and `reference_machines_HVLM.txt`. Two years, from the lots in process at the
start, nothing fitted. CPU time is of one thread, with the building of the model and the statistics, after a short run that loads the
compiled engine.
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path

from plantwright.actions import import_plant
from plantwright.plant import Plant
from plantwright.simulation import Run, simulate

DAY = 86400.0
DAYS = 730
CLASSES = ("Lot_3", "Lot_4", "HotLot_3", "HotLot_4")
BUSY = ("working", "load", "unload", "setup")


def by_class(run: Run, folder: Path) -> None:
    """Lots, mean cycle time and on-time share of each class beside the reference."""
    known = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["HVLM_fifo_730d"]
    print("class      lots             reference   cycle time, d          reference    on time")
    for label in CLASSES:
        lots, days, share = known[label]
        made, cycle, due = (
            run.estimate(name, **{"class": label}) for name in ("throughput", "cycle time", "on-time share")
        )
        of_lots = DAYS / 25
        print(
            f"{label:9} {made.mean * of_lots:8.1f} +- {made.half_width * of_lots:4.1f} {lots:9.1f} {100 * (made.mean * of_lots / lots - 1):+5.1f} %"
            f"   {cycle.mean / DAY:5.2f} +- {cycle.half_width / DAY:4.2f} {days:6.2f} {100 * (cycle.mean / DAY / days - 1):+5.1f} %"
            f"   {100 * due.mean:3.0f} % ({share:.0f} %)"
        )


def setup_share(run: Run, plant: Plant, family: str) -> float:
    """The share of all time in setup, each place of a machine for itself: how many there are, by their mean time."""
    center = plant.work_centers[family]
    times = (
        [time.mean for time in (*center.setup.into.values(), *center.setup.between.values())] if center.setup else []
    )
    count = run.estimate("setups", work_center=family).mean / DAY
    return count * sum(times) / len(times) / (center.machines or 1) if times else 0.0


def by_family(run: Run, plant: Plant, folder: Path) -> None:
    """Shares of the machine table that differ, and how far all of them do."""
    lines = (folder / "reference_machines_HVLM.txt").read_text(encoding="utf-8").splitlines()[1:]
    differences: dict[str, list[float]] = {"utilisation": [], "uptime": [], "breakdown": [], "maintenance": []}
    for line in lines:
        family, *numbers = line.split()
        uptime, used, down, care, setup = map(float, numbers)
        share = {e.of["state"]: 100 * e.mean for e in run.named("state share") if e.of["work center"] == family}
        failed, cared = share["in repair"] + share["waiting for repair"], share["maintenance"]
        there = 100 - failed - cared
        found = 100 * sum(share[state] for state in BUSY) / there
        for name, difference in zip(
            differences, (found - used, there - uptime, failed - down, cared - care), strict=True
        ):
            differences[name].append(difference)
        if abs(found - used) > 1 or abs(there - uptime) > 0.7 or abs(cared - care) > 0.7:
            print(
                f"{family}: utilisation {found:.2f} ({used}), uptime {there:.2f} ({uptime}), maintenance {cared:.2f} ({care})"
            )
        if setup:
            # Where machines have one place, the share of the state is the time itself.
            own = share["setup"] if plant.work_centers[family].places == 1 else 100 * setup_share(run, plant, family)
            print(f"{family}: setup {own:.2f} ({setup}), {100 * (own / setup - 1):+.1f} %")
    for name, found in differences.items():
        spread = math.sqrt(sum(d * d for d in found) / len(found))
        within = sum(abs(d) <= 1 for d in found)
        print(
            f"{name}: within 1 point {within} of {len(found)}, root mean square {spread:.2f}, largest {max(map(abs, found)):.2f}"
        )


def by_hand(plant: Plant, folder: Path) -> None:
    """The load of the tools that cascade by the piece and need setups, in percent of all time, and what of it must go on side by side.

    Each visit takes the tool for as many intervals as the lot has pieces, at least. What a tool is busy with, of which setups are a
    part, is less than both together: the rest is how much of the setups goes on beside a run.
    """
    lines = (folder / "reference_machines_HVLM.txt").read_text(encoding="utf-8").splitlines()[1:]
    rates = {
        name: sum(1 / release.every.mean for release in product.releases if release.every)
        for name, product in plant.products.items()
    }
    print(
        "family         visits/h  runs, all apart  runs, cascading  load, unload | busy  setup  beside runs, at least"
    )
    for line in lines:
        family, uptime, used, _, _, setup = line.split()
        center = plant.work_centers[family]
        apart = cascading = handling = visits = 0.0
        for name, product in plant.products.items():
            for step in product.routing:
                if step.at[0].center != family or step.time is None or step.interval is None:
                    continue
                rate = 100 * rates[name] * step.share / (center.machines or 1)
                between, piece = step.interval.distribution.mean, step.time.distribution.mean
                visits += rate
                apart += rate * (piece + (product.lot - 1) * between)
                cascading += rate * product.lot * between
                handling += rate * sum(time.distribution.mean for time in (step.load, step.unload) if time)
        if visits and center.setup:
            busy = float(uptime) * float(used) / 100
            beside = max(0.0, cascading + float(setup) - busy)
            print(
                f"{family:13} {visits * 36:8.2f} {apart:16.2f} {cascading:16.2f} {handling:13.2f} | {busy:5.2f} {setup:>5} {beside:12.2f}"
            )


def memory() -> str:
    """The most memory that the process has held."""
    try:
        import resource
    except ImportError:
        return "not known here"
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB"


def main(folder: Path, replications: int) -> None:
    began = time.process_time()
    plant = import_plant("smt2020", folder / "HVLM").plant
    print(f"imported and checked in {time.process_time() - began:.1f} s")
    simulate(plant, horizon="1 h", warmup="0 d", replications=2, threads=1)
    began = time.process_time()
    run = simulate(plant, horizon=f"{DAYS} d", warmup="0 d", replications=replications, threads=1, bucket="73 d")
    spent = time.process_time() - began
    print(
        f"{replications} x {DAYS} d: {spent / replications:.1f} s each, {run.events / replications / 1e6:.1f} M events, "
        f"{run.events / spent / 1e6:.2f} M events/s, {memory()}; seed {run.seed}, version {run.version}, plant {run.plant[:16]}"
    )
    by_class(run, folder)
    wip = run.over_time("work in process")
    ends = f"{wip[-1].mean:.0f} +- {wip[-1].half_width:.0f}"
    print(
        f"work in process: {sum(len(p.at_start) for p in plant.products.values())} lots at the start, {ends} in the last tenth"
    )
    late = next((e for e in run.named("queue time passed share") if not e.of), None)
    print(f"queue times that were too late: {100 * late.mean:.1f} %" if late else "")
    by_family(run, plant, folder)


if __name__ == "__main__":
    if "--families" in sys.argv:
        by_hand(import_plant("smt2020", Path(sys.argv[1]) / "HVLM").plant, Path(sys.argv[1]))
    else:
        main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10)

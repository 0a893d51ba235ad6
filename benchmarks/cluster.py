"""Replications of one plant on one thread, on two threads, on a Dask cluster of two workers, and on one that loses a worker in the middle.

    python -m benchmarks.cluster PLANT [DAYS [REPLICATIONS [REPEATS]]]

All must give the same bits. Wall time, and CPU time of this process and the workers: the least of the repeats each, as other work on the machine only
adds. The cluster is on this machine, so that workers gain nothing over threads; what they cost is seen. Bytes are those that the
loopback carried meanwhile (Linux), those of other programs among them.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from plantwright.actions.clusters import cluster_executor
from plantwright.plant import Plant, read_plant
from plantwright.simulation import Run, simulate

_LOOPBACK = re.compile(r"lo:\s*(\d+)")


@dataclass
class Measured:
    """A run, its wall and CPU seconds, and the bytes on the loopback meanwhile, if known."""

    run: Run
    wall: float
    cpu: float
    sent: int | None


@dataclass
class Cluster:
    """A scheduler's address and the processes of its workers."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    spent_by_killed: float = 0.0

    def cpu(self) -> float:
        """CPU seconds that the workers have spent so far."""
        return sum(_spent(worker) for worker in self.workers if worker.poll() is None) + self.spent_by_killed

    def kill_one(self) -> None:
        """Kill a worker without a warning."""
        victim = self.workers[0]
        self.spent_by_killed = _spent(victim)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()


def _spent(process: subprocess.Popen[bytes]) -> float:
    times = psutil.Process(process.pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def two_workers(plant: Plant) -> Iterator[Cluster]:
    """A cluster of two worker processes of one thread each, on the loopback, which have made themselves ready."""
    command = [sys.executable, "-m"]
    begun: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "scheduler.txt"
        own = ("--host", "127.0.0.1", "--no-dashboard")
        try:
            with out.open("wb") as file:
                scheduler = [*command, "distributed.cli.dask_scheduler", *own, "--port", "0"]
                begun.append(subprocess.Popen(scheduler, stdout=file, stderr=file, cwd=folder))
            while not (found := re.search(r"tcp://127\.0\.0\.1:\d+", out.read_text("utf-8"))):
                time.sleep(0.1)
            more = ("--nthreads", "1", "--no-nanny", "--local-directory", folder)
            for _ in range(2):
                worker = [*command, "distributed.cli.dask_worker", found[0], *own, *more]
                begun.append(subprocess.Popen(worker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder))
            from distributed import Client

            with Client(found[0], set_as_default=False) as client:
                client.wait_for_workers(2, timeout=60)
            with cluster_executor(found[0]) as executor:
                simulate(plant, horizon="1 h", warmup="0 d", replications=8, executor=executor)
            yield Cluster(found[0], begun[1:])
        finally:
            for process in reversed(begun):
                process.kill()
                process.wait()


def on_loopback() -> int | None:
    """Bytes that this machine's loopback has carried."""
    try:
        found = _LOOPBACK.search(Path("/proc/net/dev").read_text("ascii"))
    except OSError:
        return None
    return int(found[1]) if found else None


def measured(work: Callable[[], Run], workers_cpu: Callable[[], float]) -> Measured:
    """Do some work, and measure it."""
    sent, cpu, wall = on_loopback(), time.process_time() + workers_cpu(), time.perf_counter()
    run = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() + workers_cpu() - cpu
    after = on_loopback()
    return Measured(run, wall, cpu, after - sent if after is not None and sent is not None else None)


def main(plant: Plant, days: float, replications: int, repeats: int) -> int:
    """Measure and print; 1 where the numbers are not the same."""

    def ask(**where: object) -> Run:
        return simulate(plant, horizon=f"{days} d", warmup="0 d", replications=replications, **where)  # type: ignore[arg-type]

    def on_workers(kill: bool) -> Measured:
        with two_workers(plant) as cluster, cluster_executor(cluster.address) as executor:

            def progress(done: int, of: int) -> None:
                if kill and not cluster.spent_by_killed and done >= of // 4:
                    cluster.kill_one()

            return measured(lambda: ask(executor=executor, progress=progress), cluster.cpu)

    ways: dict[str, Callable[[], Measured]] = {
        "1 thread": lambda: measured(lambda: ask(threads=1), lambda: 0.0),
        "2 threads": lambda: measured(lambda: ask(threads=2), lambda: 0.0),
        "2 workers": lambda: on_workers(False),
        "2 workers, one killed": lambda: on_workers(True),
    }
    simulate(plant, horizon="1 h", warmup="0 d", replications=2)
    made: dict[str, list[Measured]] = {way: [] for way in ways}
    for _ in range(repeats):
        for way, work in ways.items():
            one = work()
            made[way].append(one)
            print(f"{way}: {one.wall:.1f} s, CPU {one.cpu:.1f} s, {one.sent} bytes", file=sys.stderr, flush=True)
    first = made["1 thread"][0]
    print(f"{plant.name}: {replications} x {days:g} d, {first.run.events / 1e6:.1f} M events, least of {repeats}")
    print("on                         wall, s  times as fast   CPU, s   MB on the loopback  the same bits")
    alone = min(one.wall for one in made["1 thread"])
    same = True
    for way, all_of_it in made.items():
        wall, cpu = min(one.wall for one in all_of_it), min(one.cpu for one in all_of_it)
        sent = min((one.sent for one in all_of_it if one.sent is not None), default=None)
        alike = all(one.run == first.run for one in all_of_it)
        same = same and alike
        bytes_sent = f"{sent / 1e6:.2f}" if sent is not None and "workers" in way else "-"
        print(f"{way:<25} {wall:>8.1f} {alone / wall:>14.2f} {cpu:>8.1f} {bytes_sent:>20}  {'yes' if alike else 'NO'}")
    return 0 if same else 1


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(
        main(
            read_plant(given[0]),
            *(
                kind(word)
                for kind, word in zip(
                    (float, int, int), [*given[1:], *("90", "20", "1")[len(given) - 1 :]], strict=True
                )
            ),
        )
    )

"""Replications on a real Dask cluster of two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from plantwright.actions import clusters, simulate_plant
from plantwright.actions.cluster_workers import ClusterWorkers
from plantwright.actions.clusters import ClusterError, cluster_executor
from plantwright.errors import Interrupted
from plantwright.plant import read_plant, read_text
from plantwright.simulation import Cancel, executing, simulate
from tests.calibration.logs import write as write_log
from tests.calibration.small_shop import simulated
from tests.cli.conftest import Plantwright, plantwright  # noqa: F401  (a fixture)
from tests.cluster.conftest import Running, running

distributed = pytest.importorskip("distributed", reason="needs pip install 'plantwright[cluster]'")
PILOT = Path(__file__).parents[2] / "examples" / "pouch-cell-pilot.yaml"
ASKED = {"horizon": "30 d", "replications": 20, "seed": 5}


def test_two_workers_give_the_bits_of_one_thread_and_of_two(cluster: Running) -> None:
    one, two = (simulate_plant(PILOT, threads=threads, **ASKED) for threads in (1, 2))
    there = simulate_plant(PILOT, cluster=cluster.address, **ASKED)
    assert one == two == there
    assert one.estimate("throughput").values == there.estimate("throughput").values


SHORT = ("--horizon", "14d", "--warmup", "14d", "--replications", "2")
QUEUE = """
plant: A queue
work centers: {lathe: {machines: 1}}
products: {part: {release: {every: exponential 12 min}, routing: [{turn: {at: lathe, time: exponential 6 min/lot guess 4..11 min}}]}}
totals: {work in process: 4 lots}
"""
PRICED = """
plant: A queue with prices
currency: USD
work centers: {lathe: {machines: 1, price: 20 kUSD}}
products: {part: {price: 5 USD, release: {conwip: 4 lots}, routing: [{turn: {at: lathe, time: exponential 6 min}}]}}
"""
MINT = """
plant: A mint, which strikes for a hundred years what takes many minutes of computing
work centers: {press: {machines: 1}}
products: {coin: {release: {conwip: 3 lots}, routing: [{strike: {at: press, time: exponential 4 s}}]}}
"""
YEARS = {"horizon": "36500 d", "warmup": "0 d", "replications": 4}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pilot with a machine more, a plant with a guess, one with prices, and the log of a shop."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "queue.yaml").write_text(QUEUE, "utf-8")
    (folder / "priced.yaml").write_text(PRICED, "utf-8")
    pilot = PILOT.read_text("utf-8")
    assert "machines: 4" in pilot
    (folder / "more.yaml").write_text(pilot.replace("machines: 4", "machines: 5"), "utf-8")
    write_log(folder / "log.csv", simulated(orders=120))
    return folder


@pytest.mark.parametrize(
    "asked",
    [
        ("simulate", PILOT, "--horizon", "30d", "--replications", "8"),
        ("improve", PILOT, *SHORT, "--family", "another shift", "--budget", "4"),
        ("compare", PILOT, "more.yaml", *SHORT),
        ("roadmap", "priced.yaml", "--budget", "300 kUSD", "--quarters", "2", "--scenarios", "10", *SHORT, "--family", "add a machine"),
        ("calibrate", "queue.yaml", "-o", "matched.yaml", "--replications", "2"),
        ("calibrate", "log.csv", "-o", "shop.yaml", "--replications", "2", "--posterior", "0"),
    ],
    ids=lambda asked: f"{asked[0]} {Path(asked[1]).name}",
)  # fmt: skip
def test_each_command_prints_the_same_document(
    asked: tuple[Any, ...],
    cluster: Running,
    files: Path,
    plantwright: Plantwright,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(files)
    here = plantwright(*asked, "--json")
    assert here.code in (0, 1), here.err
    jobs: list[Any] = []
    submit = ClusterWorkers.submit
    monkeypatch.setattr(ClusterWorkers, "submit", lambda *given: jobs.append(given) or submit(*given))
    there = plantwright(*asked, "--json", "--cluster", cluster.address)
    assert (there.code, there.json) == (here.code, here.json), there.err
    assert len(jobs) >= 2


def test_a_stopped_run_takes_its_jobs_back(cluster: Running) -> None:
    cancel = Cancel()
    with cluster_executor(cluster.address) as executor:
        run = simulate(
            read_plant(PILOT), horizon="90 d", warmup="28 d", replications=20_000, executor=executor, cancel=cancel,
            progress=lambda done, of: cancel.stop() if done >= 2 else None,
        )  # fmt: skip
    assert run.partial
    assert 2 <= run.replications < 20_000


def test_workers_stop_what_nobody_waits_for(cluster: Running) -> None:
    cancel = Cancel()

    def stop_when_both_work() -> None:
        with distributed.Client(cluster.address, set_as_default=False) as client:
            while not all(client.call_stack().get(worker) for worker in client.nthreads()):
                time.sleep(0.1)
        cancel.stop()

    with cluster_executor(cluster.address) as executor:
        threading.Thread(target=stop_when_both_work, daemon=True).start()
        with pytest.raises(Interrupted):
            simulate(read_text(MINT), executor=executor, cancel=cancel, **YEARS)  # type: ignore[arg-type]
        began = time.monotonic()
        simulate(read_plant(PILOT), horizon="7 d", warmup="7 d", replications=4, executor=executor)
        assert time.monotonic() - began < 60  # the mint would keep them for many minutes


def test_a_worker_that_joins_later_and_may_not_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is taken back at once, and the error names it. The loopback of the late one counts as another machine's."""

    def interrupted_by_it(made: Running) -> None:
        with cluster_executor(made.address) as executor:
            monkeypatch.setattr(clusters, "is_loopback", lambda host: False)
            threading.Timer(1.0, made.start_worker).start()
            simulate(read_text(MINT), executor=executor, **YEARS)  # type: ignore[arg-type]

    with running(tmp_path, workers=1) as made, pytest.raises(ClusterError, match=r"worker tcp://127\.0\.0\.1.*PW1933"):
        interrupted_by_it(made)


def test_a_worker_that_joins_later_with_another_version(cluster: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked_by_another() -> None:
        with cluster_executor(cluster.address) as executor:
            monkeypatch.setattr(executing, "program_here", lambda: "plantwright 0.0.1")
            simulate(read_plant(PILOT), horizon="7 d", warmup="7 d", replications=4, executor=executor)

    with pytest.raises(ClusterError, match=r"plantwright 0\.0\.1.*PW1938"):
        asked_by_another()


def test_versions_are_those_of_the_scheduler_and_of_each_worker(
    cluster: Running,
    plantwright: Plantwright,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(executing, "versions_here", lambda: {"plantwright": executing.__version__, "numpy": "0.1"})
    told = plantwright("simulate", PILOT, "--cluster", cluster.address)
    assert (told.code, "[PW1938]" in told.err, "plantwright (none)" in told.err) == (2, True, False), told.err
    assert "the scheduler has numpy" in told.err
    assert "tcp://127.0.0.1" in told.err.partition("numpy 0.1")[2]


def test_a_plant_goes_out_once_however_many_jobs_there_are(cluster: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[Any, ...]] = []
    submit = distributed.Client.submit
    monkeypatch.setattr(
        distributed.Client, "submit", lambda *given, **more: sent.append(given[1:]) or submit(*given, **more)
    )
    with cluster_executor(cluster.address) as executor:
        simulate(read_plant(PILOT), horizon="7 d", warmup="7 d", replications=40, executor=executor)
    recipes = [given for given in sent if given[0] is bytes]
    assert (len(sent), len(recipes)) == (41, 1)
    assert len(recipes[0][1]) > 5_000
    assert not [part for given in sent if given[0] is not bytes for part in given if isinstance(part, bytes)]


def test_ctrl_c_gives_what_was_done(cluster: Running) -> None:
    """Also where it falls into a destructor of Dask's, in which Python passes it over: the executor takes no more work."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    swallowed: list[int] = []

    def swallow(done: int, of: int) -> None:
        if done > 100 and not swallowed:
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                swallowed.append(done)

    try:
        run = simulate_plant(
            PILOT, cluster=cluster.address, progress=swallow, horizon="90 d", warmup="28 d", replications=20_000
        )
    finally:
        signal.signal(signal.SIGINT, before)
    assert swallowed
    assert run.partial
    assert swallowed[0] <= run.replications < 20_000


def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The jobs that it had, those done and not yet fetched among them, run again on the other one; the log says so."""
    plant = read_plant(PILOT)
    asked = {"horizon": "90 d", "warmup": "28 d", "replications": 400, "seed": 2}
    with running(tmp_path) as made, cluster_executor(made.address) as executor:
        seen: list[int] = []
        victim = made.workers[0]

        def kill_in_the_middle(done: int, of: int) -> None:
            seen.append(done)
            if done >= 100 and victim.poll() is None:
                os.kill(victim.pid, signal.SIGKILL)
                victim.wait()

        # Both are there before the work begins, so that the one that is killed has its part of it.
        with distributed.Client(made.address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=30)
        with caplog.at_level(logging.WARNING, "plantwright"):
            there = simulate(plant, executor=executor, progress=kill_in_the_middle, **asked)  # type: ignore[arg-type]
        assert victim.poll() == -signal.SIGKILL
        assert made.workers[1].poll() is None
    assert seen[0] < 400
    assert not there.partial
    assert there == simulate(plant, threads=2, **asked)  # type: ignore[arg-type]
    assert [record for record in caplog.records if "was lost" in record.message and "0 jobs" not in record.message]


def test_tls_with_certificates_of_one_authority(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    plantwright: Plantwright,  # noqa: F811
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-days", "2"]
    for out in ((key, certificate), (tmp_path / "other-key.pem", tmp_path / "other.pem")):
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-keyout",
            out[0],
            "-out",
            out[1],
            *subject,
        ]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except FileNotFoundError:
            pytest.skip("needs openssl to make certificates")
    files = ("--tls-ca-file", str(certificate), "--tls-cert", str(certificate), "--tls-key", str(key))
    asked = ("simulate", PILOT, "--horizon", "7d", "--warmup", "7d", "--replications", "2", "--json")
    dask = pytest.importorskip("dask")
    with running(tmp_path, *files, workers=1) as made:
        assert made.address.startswith("tls://")
        tls = "distributed.comm.tls"
        own = {f"{tls}.client.cert": str(certificate), f"{tls}.client.key": str(key)}
        with dask.config.set(own | {f"{tls}.ca-file": str(certificate)}):
            told = plantwright(*asked, "--cluster", made.address)
        assert told.code == 0, told.err
        assert told.json == plantwright(*asked).json
        with dask.config.set(own | {f"{tls}.ca-file": str(tmp_path / "other.pem")}):
            told = plantwright(*asked, "--cluster", made.address)
        assert (told.code, "PW1935" in told.err) == (2, True), told.err

"""Replications on a real Dask cluster of two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from plantwright.actions import simulate_plant
from plantwright.actions.clusters import cluster_executor
from plantwright.plant import read_plant
from plantwright.simulation import Cancel, simulate
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


def test_the_command_prints_the_same_document(cluster: Running, plantwright: Plantwright) -> None:  # noqa: F811
    asked = ("simulate", PILOT, "--horizon", "30d", "--replications", "8", "--json")
    assert plantwright(*asked, "--cluster", cluster.address).json == plantwright(*asked).json


def test_moves_are_ranked_alike(cluster: Running, plantwright: Plantwright) -> None:  # noqa: F811
    asked = (
        "improve",
        PILOT,
        "--horizon",
        "14d",
        "--warmup",
        "14d",
        "--replications",
        "2",
        "--family",
        "another shift",
        "--budget",
        "4",
        "--json",
    )
    there, here = (plantwright(*asked, *more) for more in (("--cluster", cluster.address), ()))
    assert here.code == 0, here.err
    assert there.json == here.json


def test_a_stopped_run_takes_its_jobs_back(cluster: Running) -> None:
    cancel = Cancel()
    with cluster_executor(cluster.address) as executor:
        began = time.monotonic()
        threading.Timer(1.0, cancel.stop).start()
        run = simulate(
            read_plant(PILOT), horizon="90 d", warmup="28 d", replications=20_000, executor=executor, cancel=cancel
        )
        assert time.monotonic() - began < 10
    assert run.partial
    assert 2 <= run.replications < 20_000


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

"""Clusters that are not used: code, where, why, how to mend it, and no traceback."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from plantwright.actions import clusters
from tests.cli.conftest import Plantwright, plantwright  # noqa: F401  (a fixture)

PILOT = Path(__file__).parents[2] / "examples" / "pouch-cell-pilot.yaml"


@pytest.mark.parametrize(
    ("address", "code", "says"),
    [
        ("tcp://10.0.0.1:8786", "PW1933", "--insecure-cluster"),
        ("tcp://127.0.0.1.example.com:8786", "PW1933", "--insecure-cluster"),
        ("127.0.0.1:8786", "PW1932", "tls://scheduler.example:8786"),
        ("ucx://10.0.0.1:8786", "PW1932", "tls://scheduler.example:8786"),
        ("tls://10.0.0.1", "PW1932", "tls://scheduler.example:8786"),
        ("tls://10.0.0.1:99999", "PW1932", "tls://scheduler.example:8786"),
    ],
)
def test_an_address_that_is_wrong_or_not_secure(
    address: str,
    code: str,
    says: str,
    plantwright: Plantwright,  # noqa: F811
) -> None:
    told = plantwright("simulate", PILOT, "--cluster", address)
    assert told.code == 2
    assert len(told.lines) == 1
    assert f"--cluster {address}" in told.err
    assert f"[{code}]" in told.err
    assert says in told.err


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_loopback_needs_no_certificate(address: str) -> None:
    assert clusters.checked_address(f"tcp://{address}:8786", insecure=False)[1] == 8786


def test_without_dask_the_extra_is_named(plantwright: Plantwright, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = plantwright("improve", PILOT, "--cluster", "tcp://127.0.0.1:8786")
    assert (told.code, "plantwright[cluster]" in told.err, "[PW1931]" in told.err) == (2, True, True)


def test_nobody_or_somebody_else_listens(plantwright: Plantwright, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    pytest.importorskip("distributed", reason="needs pip install 'plantwright[cluster]'")
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        told = plantwright("simulate", PILOT, "--cluster", f"tcp://127.0.0.1:{port}")
        assert (told.code, "[PW1934]" in told.err, "does not greet" in told.err) == (2, True, True), told.err
    told = plantwright("simulate", PILOT, "--cluster", f"tcp://127.0.0.1:{port}")
    assert (told.code, "[PW1934]" in told.err, "refused" in told.err) == (2, True, True), told.err


def test_tls_needs_certificates(plantwright: Plantwright, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    dask = pytest.importorskip("dask", reason="needs pip install 'plantwright[cluster]'")
    with dask.config.set({"distributed.comm.tls.client.key": None}):
        told = plantwright("simulate", PILOT, "--cluster", "tls://127.0.0.1:8786")
    assert (told.code, "[PW1935]" in told.err, "client.key" in told.err) == (2, True, True), told.err
    tls = "distributed.comm.tls"
    here = {f"{tls}.ca-file": __file__, f"{tls}.client.cert": __file__, f"{tls}.client.key": "nowhere/key.pem"}
    with dask.config.set(here):
        told = plantwright("simulate", PILOT, "--cluster", "tls://127.0.0.1:8786")
    assert (told.code, "[PW1935]" in told.err, "client.key: nowhere/key.pem;" in told.err) == (2, True, True), told.err

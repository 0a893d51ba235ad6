"""The first hour of a user, timed, on a virtual plant that knows nothing of who reads it: from an address to the shift's OEE."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

SHOP = """
format: 1
plant: A press shop
time zone: America/New_York
shifts:
  round: {days: Mon-Sun, from: "00:00", to: "23:59"}
work centers:
  press: {machines: 2, failures: [{every: exponential 6 h, clock: working, repair: triangular 20..30..50 min}]}
products:
  lid: {lot: 5 pieces, release: {every: 21 min}, routing: [{press: {at: press, time: triangular 5..6..8 min/piece, yield: 95 %}}]}
"""


class Shop:
    """A virtual plant as a process of its own, and the command line beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.began = folder, time.monotonic()
        (folder / "shop.yaml").write_text(SHOP)
        words = ["virtual", "shop.yaml", "--speed", "1000000", "--mtconnect", "0", "--json"]
        self.process = subprocess.Popen(self.line(*words), cwd=folder, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = json.loads(self.process.stdout.readline())["served"]["mtconnect"]

    def line(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "plantwright", *words]

    def run(self, *words: str, code: int | None = 0) -> str:
        done = subprocess.run(self.line(*words), cwd=self.folder, capture_output=True, text=True, timeout=120)
        assert code is None or done.returncode == code, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done.stdout

    def json(self, *words: str, code: int | None = 0) -> dict[str, Any]:
        return json.loads(self.run(*words, "--json", code=code))  # type: ignore[no-any-return]

    def took(self) -> float:
        return time.monotonic() - self.began

    def stop(self) -> None:
        self.process.terminate()
        self.process.communicate(timeout=30)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.stop()


def test_the_first_hour(shop: Shop) -> None:
    # discover: the file with which to read it
    found = shop.json("discover", shop.url, "-o", "floor.yaml")
    assert {tag["type"] for tag in found["sources"][0]["offers"]} >= {"EXECUTION", "PART_COUNT", "PART_GROUP_ID"}
    with (shop.folder / "floor.yaml").open("a") as file:
        file.write('time zone: America/New_York\nshifts: {round: {days: Mon-Sun, from: "00:00", to: "23:59"}}\n')
        file.write(
            "machines: {press 1: {work center: press, run time: 6 min}, press 2: {work center: press, run time: 6 min}}\n"
        )
    # four weeks of the plant pass in some seconds; then it goes on in real time
    shop.run("collect", "floor.yaml", "--for", "8s")

    # live state with elapsed time
    now = shop.json("machines", "floor.yaml", code=None)["machines"]
    assert [one["machine"] for one in now] == ["press 1", "press 2"]
    assert all(one["use"] and one["for"] >= 0 for one in now)

    # a timeline without holes
    rows = shop.json("timeline", "floor.yaml", "--window", "yesterday", "--machine", "press 1")["rows"]
    assert len(rows) > 20
    assert all(later["start"] == earlier["end"] for earlier, later in pairwise(rows))
    assert all(row["use"] for row in rows)

    # one stop given a reason
    stops = shop.json("stops", "floor.yaml", "--window", "yesterday", code=1)["stops"]
    stop = max(stops, key=lambda stop: stop["seconds"])
    named = shop.json(
        "stops",
        "floor.yaml",
        "--machine",
        stop["machine"],
        "--at",
        stop["start"][:19],
        "--name",
        "no material",
        "--by",
        "Ana",
    )
    assert (named["reason"], named["use"]) == ("no material", "delay")

    # the shift's OEE with its coverage
    kpis = shop.json("oee", "floor.yaml", "--window", "yesterday", "--by", "work center")["accounts"]
    (press,) = kpis
    assert press["covered"] == pytest.approx(1.0)
    assert 0.5 < press["kpis"]["quality ratio"] <= 1
    assert 0.3 < press["kpis"]["OEE index"] < 1
    assert (
        shop.run("timeline", "floor.yaml", "--window", "yesterday", "-o", "yesterday.html") == "Wrote yesterday.html.\n"
    )

    # a "no data" alarm when the machines fall silent
    shop.stop()
    text = (shop.folder / "floor.yaml").read_text().replace("    connector:", "    no data after: 1 s\n    connector:")
    (shop.folder / "floor.yaml").write_text(text)
    said = shop.run("collect", "floor.yaml", "--for", "3s", "--json").splitlines()
    assert any(json.loads(line).get("code") == "PW5030" for line in said)
    alarms = [alarm for one in shop.json("machines", "floor.yaml", code=1)["machines"] for alarm in one["alarms"]]
    assert {"no data"} <= {alarm["code"] for alarm in alarms} <= {"no data", "fault", "warning"}
    assert shop.took() < 3600

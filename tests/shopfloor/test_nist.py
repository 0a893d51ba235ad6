"""Real machines: the state hours of the day files of NIST's test bed, against a straightforward recount of their lines."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plantwright.shopfloor.collecting.collector import Collector
from plantwright.shopfloor.config import parse_config
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.machines.reports import accounts
from plantwright.shopfloor.machines.timelines import timelines
from tests.shopfloor.checklist import Collected

FOLDER = Path(os.environ.get("PLANTWRIGHT_TEST_DATA", "")) / "nist_smstestbed"
DAYS = sorted((FOLDER / "samples").glob("*.txt")) if os.environ.get("PLANTWRIGHT_TEST_DATA") else []
EXECUTION = {"Mazak01": "execution", "Mazak03": "execution", "GFAgie01": "execution"}
"""The item that tells the execution state; ``Program_Status`` at the others."""

pytestmark = pytest.mark.skipif(not DAYS, reason="PLANTWRIGHT_TEST_DATA has no nist_smstestbed")


def instant(text: str) -> int:
    """Nanoseconds since 1970 of ``2016-11-29T09:28:49.4440000Z``, whatever the digits of its fraction."""
    whole, fraction = re.fullmatch(r"(.*?)(?:\.(\d+))?Z", text).groups()  # type: ignore[union-attr]
    seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return seconds * 10**9 + int((fraction or "0").ljust(9, "0"))


def recount(path: Path, item: str, start: int, end: int) -> dict[str | None, int]:
    """How long each state held in a window, in nanoseconds: line by line, the last word of an instant holds, nothing after the last line."""
    told: list[tuple[int, int, str]] = []
    last = 0
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines()):
        cells = line.split("|")
        if len(cells) < 3:
            continue
        time = instant(cells[0])
        last = max(last, time)
        told += [(time, number, value) for name, value in zip(cells[1::2], cells[2::2], strict=False) if name == item]
    told.sort()
    totals: dict[str | None, int] = {}
    ends = [time for time, _, _ in told[1:]] + [last]
    known = 0
    for (begin, _, state), until in zip(told, ends, strict=True):
        spent = max(0, min(until, end) - max(begin, start))
        if state != "UNAVAILABLE" and spent:
            totals[state] = totals.get(state, 0) + spent
            known += spent
    totals[None] = end - start - known
    return totals


@pytest.mark.parametrize("path", DAYS, ids=lambda path: path.stem)
def test_state_hours_are_those_of_a_recount(path: Path) -> None:
    machine, day = path.stem.split("-")[0], path.stem.split("-")[1]
    config = parse_config(
        f"sources:\n  nist: {{connector: shdr, file: '{path}', devices: '{FOLDER / 'agent' / 'Devices.xml'}', device: {machine}}}\n"
    )
    found = Collected(MemoryHistory())
    collector = Collector(config, found.history, say=found.say)
    collector.start()
    found.until(lambda: all(state.state == "done" and not state.waiting for state in collector.states()), 60)
    collector.stop()
    start = int(datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).timestamp()) * 10**9
    end = start + 86_400 * 10**9
    (timeline,) = timelines(found.history, start, end)
    totals = {state: spent for state, spent in timeline.state.totals(end).items() if spent}
    theirs = recount(path, EXECUTION.get(machine, "Program_Status"), start, end)
    assert totals == {state: spent for state, spent in theirs.items() if spent}
    assert set(theirs) >= {"ACTIVE", "READY", None}
    # the account of the day adds up, and what is not known is said
    (account,) = accounts([timeline])
    assert sum(account.seconds.values()) + sum(account.outside.values()) == pytest.approx(86_400)
    known = sum(spent for state, spent in theirs.items() if state is not None) / 86_400e9
    assert timeline.covered == pytest.approx(known)
    production = account.seconds.get("production", 0.0) + account.outside.get("production", 0.0)
    assert production == pytest.approx(theirs["ACTIVE"] / 1e9)

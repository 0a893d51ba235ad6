"""How fast observations of MTConnect documents become columns, against what parsing the same bytes takes alone.

    PLANTWRIGHT_TEST_DATA=... python -m benchmarks.mtconnect_reading

The document is real: 10,049 observations of a machining center (nist_smstestbed/samples/qdr_input001.xml), a third of them positions of
three numbers. Times are of the processor, the least of many runs; the ratio is of the same run and says more than the speed.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from lxml import etree

from plantwright.shopfloor.connectors.mtconnect.devices import read_devices, slots_of
from plantwright.shopfloor.connectors.mtconnect.documents import parse
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet
from plantwright.shopfloor.connectors.mtconnect.streams import StreamsReader
from plantwright.shopfloor.readings import Tag


def least(what: Callable[[], object], runs: int = 40) -> float:
    """The least processor time of some runs, in seconds."""
    found = []
    for _ in range(runs):
        begin = time.process_time()
        what()
        found.append(time.process_time() - begin)
    return min(found)


def measured(folder: Path, runs: int = 40, plain: bool = False) -> dict[str, float]:
    """Observations and readings a second, and the time of all against that of lxml alone; `plain` leaves the positions out."""
    devices = (folder / "agent/Devices.xml").read_bytes()
    devices = devices.replace(b"path_basic_7'", b"path_basic_8'").replace(b"path_basic_6'", b"path_basic_7'")
    data = (folder / "samples/qdr_input001.xml").read_bytes()
    if plain:
        data = re.sub(rb"<PathPosition [^>]*>[^<]*</PathPosition>", b"", data)
    tags: list[Tag] = []

    def declare(some: list[Tag]) -> list[int]:
        tags.extend(some)
        return list(range(len(tags) - len(some), len(tags)))

    slots = slots_of(read_devices(parse(devices)), "nist", lambda tag: True, declare)
    reader = StreamsReader(slots, lambda *_: None)

    def read() -> tuple[int, int]:
        sheet = Sheet(lambda *_: None)
        found = reader.read(parse(data), sheet)
        samples, events = sheet.readings()
        return found.count, len(samples) + len(events)

    observations, readings = read()
    ours, alone = least(read, runs), least(lambda: etree.fromstring(data), runs)
    return {
        "observations": observations,
        "observations a second": round(observations / ours),
        "readings a second": round(readings / ours),
        "lxml alone, observations a second": round(observations / alone),
        "time against lxml alone": round(ours / alone, 2),
    }


if __name__ == "__main__":
    nist = Path(os.environ["PLANTWRIGHT_TEST_DATA"]) / "nist_smstestbed"
    print(json.dumps({"as it is": measured(nist), "plain numbers": measured(nist, plain=True)}, indent=2))

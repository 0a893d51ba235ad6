"""Which data items a request is for: by device, and by a path in the agent's device document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, fromstring

from plantwright.shopfloor.virtual.devices import Device
from plantwright.shopfloor.virtual.mtconnect.documents import Writer, item_id
from plantwright.shopfloor.virtual.observations import Catalogue

LONGEST, MOST_STEPS = 500, 12

_STEP = re.compile(r"(//?)([A-Za-z_][\w.-]*|\*)((?:\[[^\[\]/]*\])*)")
_TEST = re.compile(r"""\s*@([A-Za-z]\w*)\s*=\s*("[^"]*"|'[^']*')\s*""")


class InvalidPath(Exception):  # noqa: N818  (it becomes the agent's answer)
    """A path that is not understood, or that leads nowhere."""


class Chooser:
    """Finds the data items of requests."""

    def __init__(self, catalogue: Catalogue, writer: Writer) -> None:
        self._catalogue = catalogue
        self._ids = {item_id(device, item): number for number, (device, item) in enumerate(catalogue.items)}
        text = "".join(map(writer.device, catalogue.devices))
        self._root = fromstring(f"<root><Devices>{text}</Devices></root>")

    def device(self, name: str) -> Device | None:
        """A device by its name or uuid."""
        return next((one for one in self._catalogue.devices if name in (one.name, one.uuid)), None)

    def items(self, device: Device | None, path: str | None) -> Sequence[int]:
        """The numbers of the data items of a device, or of all, on a path. Raises InvalidPath.

        Paths are steps by a name or ``*``, after ``/`` or ``//``, with tests of attributes (``[@type="EXECUTION" and @subType='LOT']``);
        several are parted by ``|``. A path that ends at a component means all that is below it.
        """
        if path is None:
            pairs = enumerate(self._catalogue.items)
            return [number for number, (of, _) in pairs if device is None or of.number == device.number]
        if len(path) > LONGEST:
            raise InvalidPath(f"a path has at most {LONGEST} characters")
        found = {number for one in path.split("|") for number in self._of_path(one.strip())}
        chosen = [n for n in sorted(found) if device is None or self._catalogue.items[n][0].number == device.number]
        if not chosen:
            raise InvalidPath(f"the path {path!r} leads to no data item")
        return chosen

    def _of_path(self, path: str) -> set[int]:
        steps: list[tuple[str, str, list[tuple[str, str]]]] = []
        place = 0
        while place < len(path):
            match = _STEP.match(path, place)
            if match is None or len(steps) == MOST_STEPS:
                raise InvalidPath(f"the path {path!r} is not understood from {path[place:]!r} on")
            tests = [test for bracket in re.findall(r"\[([^\]]*)\]", match[3]) for test in _tests(bracket, path)]
            steps.append((match[1], match[2], tests))
            place = match.end()
        here = [self._root]
        for deep, name, tests in steps:
            unique: dict[int, Element] = {}
            for element in here:
                for below in element.iter() if deep == "//" else element:
                    fits = below is not element and name in ("*", below.tag)
                    if fits and all(below.get(key) == value for key, value in tests):
                        unique[id(below)] = below
            here = list(unique.values())
        return {
            self._ids[below.attrib["id"]]
            for element in here
            for below in element.iter("DataItem")
            if "id" in below.attrib
        }


def _tests(text: str, path: str) -> list[tuple[str, str]]:
    found = []
    for one in re.split(r"\band\b", text):
        match = _TEST.fullmatch(one)
        if match is None:
            raise InvalidPath(
                f'the path {path!r} is not understood at [{text}]: tests are of attributes, such as [@type="EXECUTION"]'
            )
        found.append((match[1], match[2][1:-1]))
    return found

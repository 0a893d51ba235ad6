"""Object-centric logs (OCEL 2.0) in XML."""

from __future__ import annotations

from collections.abc import Mapping

from plantwright.exchange.ocel import Event, Ocel, last_values, ocel_table
from plantwright.exchange.tables import Table


class OcelXml:
    """The events and objects of an OCEL 2.0 document in XML, as its elements come."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._log = Ocel()
        self._part = ""
        self._object: tuple[str, list[tuple[str, str, str]]] | None = None
        self._event: Event | None = None
        self._attribute: tuple[str, str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str], depth: int) -> None:
        """An element begins."""
        if depth == 2:
            self._part = tag
        elif depth == 3 and self._part == "objects" and tag == "object":
            self._log.kinds[attributes.get("id", "")] = attributes.get("type", "")
            self._object = attributes.get("id", ""), []
        elif depth == 3 and self._part == "events" and tag == "event":
            self._event = Event(attributes.get("type", ""), attributes.get("time"), {}, [])
        elif tag == "attribute":
            self._attribute = attributes.get("name", ""), attributes.get("time", "")
        elif self._event is not None and tag in ("relationship", "relobj", "object"):
            identifier = attributes.get("object-id")
            if identifier is not None:
                self._event.objects.append(identifier)

    def end(self, tag: str, text: str, depth: int) -> None:
        """An element ends."""
        if tag == "attribute" and self._attribute is not None:
            name, time = self._attribute
            if self._event is not None and text:
                self._event.attributes[name] = text
            elif self._object is not None and text:
                self._object[1].append((name, text, time))
            self._attribute = None
        elif depth == 3 and self._event is not None:
            self._log.events.append(self._event)
            self._event = None
        elif depth == 3 and self._object is not None:
            if known := last_values(self._object[1]):
                self._log.attributes[self._object[0]] = known
            self._object = None

    def table(self) -> Table:
        """What was read."""
        return ocel_table(self._log, self._name, "XML")

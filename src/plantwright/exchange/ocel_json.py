"""Object-centric logs (OCEL 2.0) in JSON."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

from plantwright.exchange.ocel import Event, Ocel, last_values, ocel_table, value_text
from plantwright.exchange.tables import Table
from plantwright.exchange.text import refuse


def read_ocel_json(file: BinaryIO, name: str, largest: int) -> Table:
    """The cells of an OCEL 2.0 document in JSON. Raises LogError for what is none."""
    try:
        document = json.loads(file.read().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise refuse(name, "PW3001", f"is not JSON that can be read: {error}") from error
    if isinstance(document, dict) and "ocel:events" in document:
        raise refuse(name, "PW3009", "is OCEL 1.0; export it as OCEL 2.0")
    if not isinstance(document, dict) or not isinstance(document.get("events"), list):
        raise refuse(name, "PW3009", "is JSON, but not OCEL 2.0: there is no list of 'events'")
    try:
        return ocel_table(_ocel(document), name, "JSON")
    except (AttributeError, KeyError, TypeError) as error:
        raise refuse(
            name, "PW3009", f"is not OCEL 2.0 as the standard has it: {type(error).__name__}: {error}"
        ) from error


def _ocel(document: dict[str, Any]) -> Ocel:
    log = Ocel()
    for one in document.get("objects", []):
        log.kinds[str(one["id"])] = str(one["type"])
        values = ((str(a["name"]), a.get("value"), str(a.get("time") or "")) for a in one.get("attributes") or [])
        if known := last_values(values):
            log.attributes[str(one["id"])] = known
    for event in document["events"]:
        pairs = ((str(a["name"]), value_text(a.get("value"))) for a in event.get("attributes") or [])
        objects = [str(related["objectId"]) for related in event.get("relationships") or []]
        attributes = {key: value for key, value in pairs if value is not None}
        log.events.append(Event(str(event["type"]), value_text(event.get("time")), attributes, objects))
    return log

"""One table written in every kind of file, with what others wrote for it: no code of the readers is used."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import polars

FORM = "%Y/%m/%d %H:%M:%S.%f"
TIMES = ("Start Timestamp", "Complete Timestamp")
NUMBERS = ("Work Order  Qty", "Qty Completed", "Qty Rejected", "Qty for MRB")
OBJECTS = {"Case ID": "Work Order", "Resource": "Machine", "Worker ID": "Worker", "Part Desc.": "Part"}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file as Python's own reader gives them."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _typed(name: str, cell: str) -> Any:
    if not cell:
        return None
    if name in TIMES:
        return datetime.strptime(cell, FORM)
    return int(cell) if name in NUMBERS else cell


def _iso(name: str, cell: str) -> str:
    return datetime.strptime(cell, FORM).isoformat(timespec="milliseconds") if name in TIMES else cell


def to_xlsx(rows: list[dict[str, str]], folder: Path) -> Path:
    """A workbook with a title above the table and a sheet of notes before it."""
    book = openpyxl.Workbook()
    book.active.title = "Read me"
    book.active.append(["Reports of the first quarter"])
    sheet = book.create_sheet("Reports")
    sheet.append(["Production reports"])
    sheet.append([])
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([_typed(name, cell) for name, cell in row.items()])
    book.save(folder / "log.xlsx")
    return folder / "log.xlsx"


def to_parquet(rows: list[dict[str, str]], folder: Path) -> Path:
    """Native types: instants, whole numbers, texts."""
    columns = {name: [_typed(name, row[name]) for row in rows] for name in rows[0]}
    polars.DataFrame(columns).write_parquet(folder / "log.parquet")
    return folder / "log.parquet"


def to_xes(rows: list[dict[str, str]], folder: Path) -> Path:
    """A trace for each run of rows of one order, so that the events keep their sequence."""
    out = ['<?xml version="1.0" encoding="UTF-8"?>', '<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">',
           '<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>']  # fmt: skip
    last = None
    for row in rows:
        if row["Case ID"] != last:
            out += ["</trace>"] * (last is not None)
            last = row["Case ID"]
            out.append(f'<trace><string key="concept:name" value={quoteattr(last)}/>')
        out.append("<event>")
        for name, cell in row.items():
            if cell and name != "Case ID":
                key = "concept:name" if name == "Activity" else name
                kind = "date" if name in TIMES else "int" if name in NUMBERS else "string"
                out.append(f"<{kind} key={quoteattr(key)} value={quoteattr(_iso(name, cell))}/>")
        out.append("</event>")
    (folder / "log.xes").write_text("\n".join([*out, "</trace>", "</log>"]), "utf-8")
    return folder / "log.xes"


def _ocel(rows: list[dict[str, str]]) -> dict[str, Any]:
    kinds: dict[str, str] = {}
    events = []
    for number, row in enumerate(rows):
        related = []
        for column, kind in OBJECTS.items():
            if row[column]:
                kinds[row[column]] = kind
                related.append({"objectId": row[column], "qualifier": kind})
        own = {
            name: _iso(name, cell)
            for name, cell in row.items()
            if cell and name not in (*OBJECTS, "Activity", TIMES[1])
        }
        events.append({
            "id": f"e{number}", "type": row["Activity"], "time": _iso(TIMES[1], row[TIMES[1]]), "relationships": related,
            "attributes": [{"name": name, "value": cell} for name, cell in own.items()],
        })  # fmt: skip
    objects = [{"id": one, "type": kind, "attributes": [], "relationships": []} for one, kind in kinds.items()]
    return {"objectTypes": [], "eventTypes": [], "objects": objects, "events": events}


def to_ocel_json(rows: list[dict[str, str]], folder: Path) -> Path:
    """Orders, machines, people and parts are objects; the rest are attributes of the events."""
    (folder / "log.jsonocel").write_text(json.dumps(_ocel(rows)), "utf-8")
    return folder / "log.jsonocel"


def to_ocel_xml(rows: list[dict[str, str]], folder: Path) -> Path:
    """As `to_ocel_json`."""
    log = _ocel(rows)
    out = ["<?xml version='1.0' encoding='UTF-8'?>", "<log>", "<object-types/>", "<event-types/>", "<objects>"]
    out += [
        f"<object id={quoteattr(one['id'])} type={quoteattr(one['type'])}><attributes/></object>"
        for one in log["objects"]
    ]
    out += ["</objects>", "<events>"]
    for event in log["events"]:
        out.append(
            f"<event id={quoteattr(event['id'])} type={quoteattr(event['type'])} time={quoteattr(event['time'])}><attributes>"
        )
        out += [f"<attribute name={quoteattr(a['name'])}>{escape(a['value'])}</attribute>" for a in event["attributes"]]
        out.append("</attributes><objects>")
        out += [f"<relationship object-id={quoteattr(r['objectId'])} qualifier=''/>" for r in event["relationships"]]
        out.append("</objects></event>")
    (folder / "log.xmlocel").write_text("\n".join([*out, "</events>", "</log>"]), "utf-8")
    return folder / "log.xmlocel"


def to_ocel_sqlite(rows: list[dict[str, str]], folder: Path) -> Path:
    """As `to_ocel_json`, with a table of attributes for each type of event, as the standard has it."""
    log = _ocel(rows)
    path = folder / "log.sqlite"
    with sqlite3.connect(path) as base:
        for table, names in (
            ("event", "ocel_id, ocel_type"), ("object", "ocel_id, ocel_type"), ("event_map_type", "ocel_type, ocel_type_map"),
            ("object_map_type", "ocel_type, ocel_type_map"), ("event_object", "ocel_event_id, ocel_object_id, ocel_qualifier"),
        ):  # fmt: skip
            base.execute(f'create table "{table}" ({names})')
        base.executemany("insert into object values (?, ?)", [(one["id"], one["type"]) for one in log["objects"]])
        kinds = list(dict.fromkeys(event["type"] for event in log["events"]))
        for number, kind in enumerate(kinds):
            base.execute("insert into event_map_type values (?, ?)", (kind, f"kind{number}"))
            own = list(dict.fromkeys(a["name"] for e in log["events"] if e["type"] == kind for a in e["attributes"]))
            base.execute(
                f"create table event_kind{number} (ocel_id, ocel_time, {', '.join(json.dumps(name) for name in own)})"
            )
            for event in log["events"]:
                if event["type"] == kind:
                    cells = {a["name"]: a["value"] for a in event["attributes"]}
                    marks = ", ".join("?" * (2 + len(own)))
                    base.execute(
                        f"insert into event_kind{number} values ({marks})",
                        (event["id"], event["time"], *map(cells.get, own)),
                    )
        for event in log["events"]:
            base.execute("insert into event values (?, ?)", (event["id"], event["type"]))
            base.executemany(
                "insert into event_object values (?, ?, '')",
                [(event["id"], r["objectId"]) for r in event["relationships"]],
            )
    base.close()
    return path


def to_database(rows: list[dict[str, str]], folder: Path) -> str:
    """One table ``reports`` in SQLite; its URL."""
    path = folder / "mes.db"
    with sqlite3.connect(path) as base:
        base.execute(f"create table reports ({', '.join(json.dumps(name) for name in rows[0])})")
        marks = ", ".join("?" * len(rows[0]))
        base.executemany(
            f"insert into reports values ({marks})",
            [[str(v) if isinstance(v := _typed(n, c), datetime) else v for n, c in row.items()] for row in rows],
        )
    base.close()
    return f"sqlite:///{path}"


FILES: dict[str, Callable[[list[dict[str, str]], Path], Path]] = {
    "xlsx": to_xlsx, "parquet": to_parquet, "xes": to_xes, "ocel json": to_ocel_json, "ocel xml": to_ocel_xml, "ocel sqlite": to_ocel_sqlite,
}  # fmt: skip
"""How each kind of file is written."""

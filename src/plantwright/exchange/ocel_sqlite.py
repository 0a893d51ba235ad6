"""Object-centric logs (OCEL 2.0) in SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.exchange.ocel import Event, Ocel, last_values, ocel_table, value_text
from plantwright.exchange.tables import Table
from plantwright.exchange.text import refuse

if TYPE_CHECKING:
    import sqlite3

_NEEDED = ("event", "object", "event_object", "event_map_type", "object_map_type")


def read_ocel_sqlite(path: Path) -> Table:
    """The cells of an OCEL 2.0 database. Only its tables are read: a view could hold a query that never ends."""
    import sqlite3

    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            connection.execute("pragma trusted_schema = off")
            tables = {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}
            missing = [name for name in _NEEDED if name not in tables]
            if missing:
                reason = (f"is a SQLite database, but not OCEL 2.0 (it lacks {', '.join(missing)}); of another one say which rows: "
                          "plantwright inspect sqlite:///FILE --query 'select ...'")  # fmt: skip
                raise refuse(path.name, "PW3009", reason)
            return ocel_table(_ocel(connection, tables), path.name, "SQLite")
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise refuse(path.name, "PW3009", f"is a SQLite database that cannot be read as OCEL 2.0: {error}") from error


def _ocel(connection: sqlite3.Connection, tables: set[str]) -> Ocel:
    log = Ocel(
        kinds={str(one): str(kind) for one, kind in connection.execute('select ocel_id, ocel_type from "object"')}
    )
    for mapped in _mapped(connection, "object", tables):
        values: dict[str, list[tuple[str, Any, str]]] = {}
        for row in _rows(connection, mapped):
            own = values.setdefault(str(row["ocel_id"]), [])
            time = str(row.get("ocel_time") or "")
            own += [(key, value, time) for key, value in row.items() if not key.startswith("ocel_")]
        log.attributes |= {one: known for one, own in values.items() if (known := last_values(own))}
    objects: dict[str, list[str]] = {}
    for event, one in connection.execute("select ocel_event_id, ocel_object_id from event_object order by rowid"):
        objects.setdefault(str(event), []).append(str(one))
    details: dict[str, dict[str, Any]] = {}
    for mapped in _mapped(connection, "event", tables):
        details |= {str(row["ocel_id"]): row for row in _rows(connection, mapped)}
    for event, kind in connection.execute('select ocel_id, ocel_type from "event" order by rowid'):
        row = details.get(str(event), {})
        pairs = ((key, value_text(value)) for key, value in row.items() if not key.startswith("ocel_"))
        attributes = {key: value for key, value in pairs if value is not None}
        log.events.append(Event(str(kind), value_text(row.get("ocel_time")), attributes, objects.get(str(event), [])))
    return log


def _mapped(connection: sqlite3.Connection, what: str, tables: set[str]) -> list[str]:
    """The tables with the attributes of each type, as far as there are any."""
    maps = connection.execute(f"select ocel_type_map from {what}_map_type").fetchall()
    return [name for (short,) in maps if (name := f"{what}_{short}") in tables]


def _rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    quoted = table.replace('"', '""')
    cursor = connection.execute(f'select * from "{quoted}"')
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]

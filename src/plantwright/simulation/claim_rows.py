"""What every phase of an operation, and every way to stop, asks for, as rows for the engine; nearly always it is nobody, or one person."""

from __future__ import annotations

from plantwright.plant.resources import PHASES
from plantwright.simulation.codes import MORE, NOBODY_ASKED, NOT_CARRIED, ONE_PERSON
from plantwright.simulation.tables import Row, Tables


def add_claims(tables: Tables) -> None:
    """A row for each phase of each operation, and for each failure or maintenance; calendars learn who keeps their hours."""
    rows = tables.rows
    for operation in rows["operation"]:
        asked = _asked(tables, operation)
        for phase in range(len(PHASES)):
            rows["claim"].append(_claim(tables, [need for need in asked if rows["need"][need]["phases"] & 1 << phase]))
    for mode in rows["mode"]:
        mode["claim"] = len(rows["claim"])
        rows["claim"].append(_claim(tables, _asked(tables, mode)))
    for center in rows["center"]:
        hours = rows["calendar"][center["calendar"]]
        hours["centers"] = hours.get("centers", 0) + 1


def _asked(tables: Tables, of: Row) -> list[int]:
    """The needs of an operation or way to stop that the machine holds, not its lots."""
    needs = range(of["first_need"], of["first_need"] + of["needs"])
    return [need for need in needs if tables.rows["need"][need]["until"] == NOT_CARRIED]


def _claim(tables: Tables, asked: list[int]) -> Row:
    if not asked:
        return {"kind": NOBODY_ASKED}
    needs = [tables.rows["need"][need] for need in asked]
    people = [need for need, row in zip(asked, needs, strict=True) if row["pool"] < 0]
    tools = [need for need, row in zip(asked, needs, strict=True) if row["pool"] >= 0]
    if len(people) != 1 or len(tools) > 1 or any(tables.rows["need"][need]["borrows"] for need in tools):
        return {"kind": MORE}
    need = tables.rows["need"][people[0]]
    if need["count"] != 1 or need["tends"] > 1:
        return {"kind": MORE}
    skill = tables.rows["skill"][need["skill"]]
    row = {
        "kind": ONE_PERSON,
        "need": people[0],
        "first": skill["first"],
        "crews": skill["crews"],
        "walk": need["walk"],
    }
    if not tools:
        return row | {"tool": -1}
    tool = tables.rows["need"][tools[0]]
    return row | {"tool": tools[0], "pool": tool["pool"], "tools": tool["count"]}

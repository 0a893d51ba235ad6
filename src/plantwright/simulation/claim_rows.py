"""What every phase of an operation, and every way to stop, asks for, as rows for the engine; nearly always it is nobody, or one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from plantwright.simulation.codes import MORE, NOBODY_ASKED, NOT_CARRIED, ONE_PERSON
from plantwright.simulation.records import joined, records_of
from plantwright.simulation.tables import Row, Tables


def add_claims(tables: Tables) -> None:
    """A row for each phase of each operation, and for each failure or maintenance; calendars learn who keeps their hours."""
    rows = tables.rows
    first = len(tables.arrays["claim"])
    stops: list[Row] = []
    for mode in rows["mode"]:
        mode["claim"] = first + len(stops)
        needs = range(mode["first_need"], mode["first_need"] + mode["needs"])
        stops.append(claim_row(rows["need"], [need for need in needs if rows["need"][need]["until"] == NOT_CARRIED]))
    claims = joined([tables.arrays["claim"], records_of("claim", stops)])
    _name_crews(tables, claims)
    tables.arrays["claim"] = claims
    for center in rows["center"]:
        hours = rows["calendar"][center["calendar"]]
        hours["centers"] = hours.get("centers", 0) + 1


def claim_row(rows: Sequence[Row], asked: list[int]) -> Row:
    """The row of a claim of these of some rows of needs; where it is one person, the skill stands for the crews that have it."""
    if not asked:
        return {"kind": NOBODY_ASKED}
    people = [need for need in asked if rows[need]["pool"] < 0]
    tools = [need for need in asked if rows[need]["pool"] >= 0]
    if len(people) != 1 or len(tools) > 1 or any(rows[need]["borrows"] for need in tools):
        return {"kind": MORE}
    need = rows[people[0]]
    if need["count"] != 1 or need["tends"] > 1:
        return {"kind": MORE}
    row = {"kind": ONE_PERSON, "need": people[0], "first": need["skill"], "walk": need["walk"]}
    if not tools:
        return row | {"tool": -1}
    tool = rows[tools[0]]
    return row | {"tool": tools[0], "pool": tool["pool"], "tools": tool["count"]}


def _name_crews(tables: Tables, claims: Any) -> None:
    """Put the crews that have it in place of the skill of each one person who is asked for."""
    one = claims["kind"] == ONE_PERSON
    if one.any():
        skills = np.array([(row["first"], row["crews"]) for row in tables.rows["skill"]], np.int64)
        claims["first"][one], claims["crews"][one] = skills[claims["first"][one]].T

"""What stops tools: the calendars of failures and maintenance, and to which tools they are attached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plantwright.exchange.smt2020.cells import Known, alike, span
from plantwright.exchange.smt2020.tables import Columns, Row, Tables, by

ATTACH = Columns(("CALNAME", "CALTYPE", "RESTYPE", "RESNAME"), ("FOADIST", "FOA", "FOA2", "FOAUNITS"))
DOWN = Columns(
    ("DOWNCALNAME", "DOWNCALTYPE", "MTTFDIST", "MTTF", "MTTFUNITS", "MTTRDIST", "MTTR", "MTTRUNITS"),
    ("MTTF2", "MTTR2"),
)
CARE = Columns(("PMCALNAME", "PMCALTYPE", "MTBPM", "MTBPMUNITS", "MTTRDIST", "MTTR", "MTTRUNITS"), ("MTTR2",))
_CALENDAR, _PIECES = "mtbpm_by_cal", "mtbpm_by_pieces"


class Stops:
    """Failures and maintenance.

    Parameters
    ----------
    tables : Tables
    families : mapping
        The rows of each family of tools.
    """

    def __init__(self, tables: Tables, families: Mapping[str, Sequence[Row]]) -> None:
        self.tables = tables
        self.failures: dict[str, list[dict[str, str]]] = {}
        """By family, in the words of the plant file."""
        self.maintenance: dict[str, list[dict[str, str]]] = {}
        down = Known("calendar", " in downcal.txt", self._calendars("downcal.txt", DOWN, "DOWNCALNAME"))
        care = Known("calendar", " in pmcal.txt", self._calendars("pmcal.txt", CARE, "PMCALNAME"))
        attachable = _attachable(families)
        for row in tables.table("attach.txt", ATTACH):
            fails = tables.one_of(row, "CALTYPE", ["down", "pm"]) == "down"
            to = tables.find(row, "RESNAME", attachable[tables.one_of(row, "RESTYPE", attachable)])
            calendar = tables.find(row, "CALNAME", down if fails else care)
            if calendar is None or to is None:
                continue
            words = self._failure(row, calendar) if fails else self._maintenance(row, calendar)
            for family in to:
                (self.failures if fails else self.maintenance).setdefault(family, []).append(words)

    def _calendars(self, name: str, columns: Columns, key: str) -> dict[str, Row]:
        rows = by(self.tables.table(name, columns), key)
        for calendar, same in rows.items():
            for row in same[1:]:
                reason = f"{calendar!r} stands in row {same[0].place.line} already"
                self.tables.wrong(row.place, reason, "PW1406", key, calendar)
        return {calendar: same[0] for calendar, same in rows.items()}

    def _failure(self, attached: Row, row: Row) -> dict[str, str]:
        """A failure: by the calendar, from the end of a repair to the next."""
        tables = self.tables
        tables.one_of(row, "DOWNCALTYPE", ["mttf_by_cal"])
        every = tables.chance(row, "MTTFDIST", "MTTF", "MTTFUNITS", "MTTF2")
        first = tables.chance(attached, "FOADIST", "FOA", "FOAUNITS", "FOA2") if attached["FOA"] else every
        if first != every:
            reason = f"the first failure comes after {first}, and the others after {every}"
            tables.wrong(attached.place, reason, "PW1404", "FOA", attached["FOA"])
        return {
            "every": every,
            "clock": "calendar",
            "repair": tables.chance(row, "MTTRDIST", "MTTR", "MTTRUNITS", "MTTR2"),
        }

    def _maintenance(self, attached: Row, row: Row) -> dict[str, str]:
        """Maintenance by the calendar, or by pieces; where the first has a date, those of alike machines are spread evenly up to it."""
        tables = self.tables
        pieces = tables.one_of(row, "PMCALTYPE", [_CALENDAR, _PIECES]) == _PIECES
        unit = self._unit(row, "MTBPMUNITS", pieces)
        words = {
            "every": span(tables.number(row, "MTBPM"), unit),
            "clock": "count" if pieces else "",
            "lasts": tables.chance(row, "MTTRDIST", "MTTR", "MTTRUNITS", "MTTR2"),
        }
        if attached["FOA"]:
            word = tables.one_of(attached, "FOADIST", ["constant", "uniform", "exponential"], "constant")
            first = tables.distribution(attached, word, "FOA", self._unit(attached, "FOAUNITS", pieces), "FOA2")
            words["first"] = first if first.startswith(("uniform", "exponential")) else f"spread {first}"
        return {word: value for word, value in words.items() if value}

    def _unit(self, row: Row, column: str, pieces: bool) -> str:
        """The unit of a calendar: pieces, or time."""
        if not pieces:
            return self.tables.unit(row, column)
        self.tables.one_of(row, column, ["pieces", "piece"], "pieces")
        return "pieces"


def _attachable(families: Mapping[str, Sequence[Row]]) -> dict[str, Known[list[str]]]:
    """To what calendars are attached, and which families that is: to a family, a group, or a tool that is alone in its family."""
    groups: dict[str, list[str]] = {}
    spelt: dict[str, str] = {}
    for family, rows in families.items():
        group = rows[0]["STNGRP"]
        groups.setdefault(spelt.setdefault(alike(group), group), []).append(family)
    alone = {rows[0]["STN"]: [family] for family, rows in families.items() if len(rows) == 1 and rows[0]["STN"]}
    return {
        "stnfam": Known("family", " among the tools", {family: [family] for family in families}),
        "stngrp": Known("group", " among the tools", groups),
        "stn": Known("tool", " that is alone in its row of tools", alone),
    }

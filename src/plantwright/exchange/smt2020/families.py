"""The families of tools that the tables tell, row by row."""

from __future__ import annotations

from collections.abc import Mapping

from plantwright.exchange.smt2020.cells import Known
from plantwright.exchange.smt2020.tables import Columns, Row, Tables, agreeing, by

TOOL = Columns(
    ("STNFAM", "STNQTY", "STNGRP"),
    (
        "RULE", "FWLRANK", "WAKERESRANK", "BATCHCRITF", "BATCHPER", "LTIME", "LTUNITS", "ULTIME", "ULTUNITS", "STNCAP", "STNFAMLOC",
        "STNFAMSTEP_ACTLIST", "PRERULERWL", "SETUPGRP",
    ),
    ("STN", "IGNORE"),
)  # fmt: skip
_OF_FAMILY = (
    "RULE", "FWLRANK", "WAKERESRANK", "BATCHCRITF", "BATCHPER", "LTIME", "LTUNITS", "ULTIME", "ULTUNITS", "STNCAP", "STNGRP", "STNFAMLOC",
    "SETUPGRP",
)  # fmt: skip

Families = Mapping[str, list[Row]]
"""The rows of each family, by its name: most have one, with the number of its tools."""


def read_families(tables: Tables) -> dict[str, list[Row]]:
    """The rows of each family, which agree in all that is of the family."""
    families = by(tables.table("tool.txt", TOOL), "STNFAM")
    for family, rows in families.items():
        tables.text(rows[0], "STNFAM")
        for column in _OF_FAMILY:
            agreeing(tables, ((row, row[column]) for row in rows), column, f"the tools of {family!r}")
    return families


def known_families(families: Families) -> Known[str]:
    """The names of the families, for tables that speak of them."""
    return Known("family", " among the tools", {family: family for family in families})


def tools_in(tables: Tables, rows: list[Row]) -> int:
    """How many tools a family has."""
    return sum(tables.whole(row, "STNQTY") for row in rows)


def loads(tables: Tables, families: Families) -> dict[str, tuple[str, str]]:
    """The times that loading and unloading take, of each family; empty where they take none."""
    return {
        family: (tables.time(rows[0], "LTIME", "LTUNITS"), tables.time(rows[0], "ULTIME", "ULTUNITS"))
        for family, rows in families.items()
    }

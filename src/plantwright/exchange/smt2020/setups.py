"""Setups: what they are called, how long they take, and how long a machine keeps them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from plantwright.exchange.smt2020.cells import alike, plain
from plantwright.exchange.smt2020.routes import Step
from plantwright.exchange.smt2020.tables import Columns, Row, Tables

SETUP = Columns(("CURSETUP", "NEWSETUP", "STIME", "STUNITS"))
SETUP_GROUP = Columns(("SETUPGRP", "SETUP", "MINRUN"))


@dataclass(frozen=True, slots=True)
class Setup:
    """A setup that steps of a family need.

    ``time`` is their own time for it, empty where that is of the table; ``row`` the first of them; ``name`` what the plant file calls it.
    """

    key: str
    time: str
    row: Row
    name: str


class Setups:
    """The setups that the steps of all families need.

    A step's own time goes before that of the table. Where steps of a family give several times for one setup, they tell it apart: ``SU1 (8 min)``
    and ``SU1 (15 min)``, between which nothing is set up.

    Parameters
    ----------
    tables : Tables
    steps : sequence of Step
        All steps.
    """

    def __init__(self, tables: Tables, steps: Sequence[Step]) -> None:
        self.tables = tables
        self.times = tables.table("setup.txt", SETUP)
        self.groups = tables.table("setupgrp.txt", SETUP_GROUP)
        rows: dict[str, dict[tuple[str, str], Row]] = {}
        for step in steps:
            if step.row["SETUP"]:
                tables.one_of(step.row, "WHEN", ["need"], "need")
                rows.setdefault(step.center, {}).setdefault(self._key(step.row), step.row)
            elif step.row["STIME"]:
                reason = "a setup takes time, but none is named"
                tables.wrong(step.row.place, reason, "PW1406", "STIME", step.row["STIME"])
        self.of = {center: _named(own) for center, own in rows.items()}

    def _key(self, row: Row) -> tuple[str, str]:
        """Which setup a step needs, and its own time for it."""
        time = row["STIME"] and f"{plain(self.tables.number(row, 'STIME'))} {self.tables.unit(row, 'STUNITS')}"
        return alike(row["SETUP"]), time

    def name(self, step: Step) -> str:
        """What the setup of a step is called in the plant file; empty where it needs none."""
        return self.of[step.center][self._key(step.row)].name if step.row["SETUP"] else ""

    def to_words(self, row: Row, family: str) -> dict[str, Any] | None:
        """The setup of a family, which `row` describes, in the words of the plant file."""
        setups = list(self.of.get(family, {}).values())
        between: dict[str, dict[str, str]] = {}
        into: dict[str, str] = {}
        for new in setups:
            for old in setups:
                if old.key == new.key and old is not new:
                    between.setdefault(old.name, {})[new.name] = "0 min"
            if new.time:
                into[new.name] = new.time
                continue
            for time, before in self._from_table(family, new, setups):
                if before is None:
                    into[new.name] = time
                else:
                    between.setdefault(before.name, {})[new.name] = time
        words = {"from": between, "into": into, "minimum run": self._minimum_run(row, setups)}
        return {word: value for word, value in words.items() if value} or None

    def _from_table(self, family: str, new: Setup, setups: Sequence[Setup]) -> list[tuple[str, Setup | None]]:
        """The times that the table gives for a setup, from each that the family has, or from any (None)."""
        tables, found = self.tables, list[tuple[str, Setup | None]]()
        rows = [row for row in self.times if alike(row["NEWSETUP"]) == new.key]
        for row in rows:
            time = f"{plain(tables.number(row, 'STIME'))} {tables.unit(row, 'STUNITS')}"
            old = row["CURSETUP"] and alike(row["CURSETUP"])
            found += [(time, setup) for setup in setups if setup.key == old] if old else [(time, None)]
        own = [setup.time for setup in setups if setup.key == new.key and setup.time]
        if not rows and own:
            reason = (
                f"the setup {new.name!r} takes {' and '.join(own)} in other steps of {family!r}, and says no time here"
            )
            tables.wrong(new.row.place, reason, "PW1406", "STIME")
        elif not rows:
            reason = f"how long the setup {new.name!r} takes is said nowhere"
            known = [row["NEWSETUP"] for row in self.times]
            tables.wrong(new.row.place, reason, "PW1407", "SETUP", new.name, known)
        return found

    def _minimum_run(self, row: Row, setups: Sequence[Setup]) -> str | dict[str, str]:
        """How many lots a setup is kept for at least, by the group that the family names: of all its setups, or of each."""
        if not row["SETUPGRP"] or not setups:
            return ""
        group, runs = "", dict[str, str]()
        for given in self.groups:
            group = given["SETUPGRP"] or group
            if alike(group) == alike(row["SETUPGRP"]) and given["MINRUN"]:
                runs[alike(given["SETUP"])] = f"{plain(self.tables.number(given, 'MINRUN', 1))} lots"
        found = {setup.name: runs[setup.key] for setup in setups if setup.key in runs}
        if not found:
            reason = f"the group {row['SETUPGRP']!r} holds none of its setups"
            self.tables.wrong(row.place, reason, "PW1407", "SETUPGRP", row["SETUPGRP"])
        for setup in setups:
            if setup.key in runs and setup.name != setup.row["SETUP"]:
                reason = f"{setup.row['SETUP']!r} takes several times, so that it cannot be counted how many lots it was kept for"
                self.tables.wrong(setup.row.place, reason, "PW1406", "STIME", setup.row["STIME"])
        return next(iter(found.values())) if len(found) == len(setups) and len(set(found.values())) == 1 else found


def _named(rows: dict[tuple[str, str], Row]) -> dict[tuple[str, str], Setup]:
    """Setups with their names: with the time where several steps give several."""
    times = Counter(key for key, _ in rows)
    spelt: dict[str, str] = {}
    for (key, _), row in rows.items():
        spelt.setdefault(key, row["SETUP"])
    return {
        (key, time): Setup(key, time, row, f"{spelt[key]} ({time})" if time and times[key] > 1 else spelt[key])
        for (key, time), row in rows.items()
    }

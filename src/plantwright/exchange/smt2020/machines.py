"""Tool families: work centers with their machines, setups, failures and maintenance."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from plantwright.exchange.smt2020.routes import Batch, Step, batch_of
from plantwright.exchange.smt2020.tables import Columns, Row, Tables, agreeing, by, plain

TOOL = Columns(
    ("STNFAM", "STNQTY", "STNGRP"),
    (
        "RULE", "FWLRANK", "WAKERESRANK", "BATCHCRITF", "BATCHPER", "LTIME", "LTUNITS", "ULTIME", "ULTUNITS", "STNCAP", "STNFAMLOC",
        "STNFAMSTEP_ACTLIST", "PRERULERWL", "SETUPGRP",
    ),
    ("STN", "IGNORE"),
)  # fmt: skip
SETUP = Columns(("CURSETUP", "NEWSETUP", "STIME", "STUNITS"))
SETUP_GROUP = Columns(("SETUPGRP", "SETUP", "MINRUN"))
ATTACH = Columns(("CALNAME", "CALTYPE", "RESTYPE", "RESNAME", "FOADIST", "FOA", "FOAUNITS"))
DOWN = Columns(
    ("DOWNCALNAME", "DOWNCALTYPE", "MTTFDIST", "MTTF", "MTTFUNITS", "MTTRDIST", "MTTR", "MTTRUNITS"), ("MTTR2",)
)
CARE = Columns(("PMCALNAME", "PMCALTYPE", "MTBPM", "MTBPMUNITS", "MTTRDIST", "MTTR", "MTTRUNITS"), ("MTTR2",))

_RANKS = ["rank_HP;rank_RSETUP;rank_FIFO"]
"""Highest priority, then what needs no setup, then first come: a setup counts where a lot that comes chooses its machine."""
_RULES = {"rule_HotLotFIRST": None, "rule_LSSU": ["least setup", "priority", "FIFO at step"]}
_LOADED = "Custom_actlist_ASISemiOpersDuringSetupAndAdditionalLoadUnload"
_ALIKE = ("RULE", "FWLRANK", "WAKERESRANK", "BATCHCRITF", "BATCHPER", "LTIME", "LTUNITS", "ULTIME", "ULTUNITS", "STNCAP", "STNGRP",
          "STNFAMLOC", "SETUPGRP")  # fmt: skip


class Machines:
    """Tool families as work centers.

    Parameters
    ----------
    tables : Tables
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.rows = by(tables.table("tool.txt", TOOL), "STNFAM")
        self.setups = tables.table("setup.txt", SETUP)
        self.groups = tables.table("setupgrp.txt", SETUP_GROUP)
        self.failures, self.maintenance = self._stops()
        for family, rows in self.rows.items():
            for column in _ALIKE:
                agreeing(tables, ((row, row[column]) for row in rows), column, f"the tools of {family!r}")

    def loads(self) -> dict[str, tuple[str, str]]:
        """The times that loading and unloading take, of each family; empty where it takes none."""
        found = {}
        for family, rows in self.rows.items():
            times = []
            for column, unit in (("LTIME", "LTUNITS"), ("ULTIME", "ULTUNITS")):
                number = self.tables.number(rows[0], column, usual="0")
                times.append(f"{plain(number)} {self.tables.unit(rows[0], unit)}" if number else "")
            found[family] = (times[0], times[1])
        return found

    def batches(self, steps: Sequence[Step]) -> dict[str, Batch | None]:
        """The batch of each family that has the same in all its steps; None of one whose steps differ."""
        found: dict[str, list[Batch | None]] = {}
        for step in steps:
            found.setdefault(step.center, []).append(batch_of(self.tables, step.row))
        return {
            family: batches[0] if len(set(batches)) == 1 else None for family, batches in found.items() if any(batches)
        }

    def to_words(self, steps: Sequence[Step]) -> dict[str, dict[str, Any]]:
        """The work centers in the words of the plant file; `steps` are all that they do."""
        done: dict[str, list[Step]] = {}
        for step in steps:
            if step.center not in self.rows:
                self.tables.wrong(step.row.place, f"there is no family {step.center!r} among the tools", "PW1407", "STNFAM",
                                  step.center, self.rows)  # fmt: skip
            done.setdefault(step.center, []).append(step)
        for group in self.failures.keys() - {rows[0]["STNGRP"] for rows in self.rows.values()}:
            for row, _ in self.failures[group]:
                self.tables.wrong(row.place, f"there is no group {group!r} among the tools", "PW1407", "RESNAME", group)
        for family in self.maintenance.keys() - self.rows.keys():
            for row, _ in self.maintenance[family]:
                self.tables.wrong(
                    row.place, f"there is no family {family!r} among the tools", "PW1407", "RESNAME", family, self.rows
                )
        return {family: self._center(family, rows, done.get(family, [])) for family, rows in self.rows.items()}

    def _center(self, family: str, rows: list[Row], steps: list[Step]) -> dict[str, Any]:
        tables, row = self.tables, rows[0]
        rule = _RULES[tables.one_of(row, "RULE", _RULES, "rule_HotLotFIRST".lower())]
        tables.one_of(row, "FWLRANK", _RANKS, _RANKS[0].lower())
        tables.one_of(row, "STNFAMSTEP_ACTLIST", [_LOADED, ""], "")
        tables.one_of(row, "PRERULERWL", ["no"], "no")
        wakes = tables.one_of(row, "WAKERESRANK", ["wake_LeastSetupTime", ""], "")
        places = tables.number(row, "STNCAP", 1, "1")
        for step in steps if places == 1 else ():
            for column in ("PartInterval", "BatchInterval"):
                if step.row[column]:
                    reason = f"an interval, but a tool of {family!r} takes one lot at a time (STNCAP)"
                    tables.wrong(step.row.place, reason, "PW1406", column, step.row[column])
        machines = sum((tables.number(row, "STNQTY", 1) for row in rows), Decimal(0))
        for column, number in (("STNCAP", places), ("STNQTY", machines)):
            if number != int(number):
                tables.wrong(row.place, f"{number} is no whole number", "PW1405", column, str(number))
        setup = self._setup(family, row, steps)
        words: dict[str, Any] = {
            "machines": str(int(machines)),
            "luck": f"row {row.place.line}",
            "location": row["STNFAMLOC"],
            "places": str(int(places)) if places > 1 else "",
            "batch": self._batch(row, steps),
            "setup": setup,
            "rule": rule,
            "choose": _choice(places > 1, wakes != "", setup),
            "failures": [words for _, words in self.failures.get(row["STNGRP"], [])],
            "maintenance": [words for _, words in self.maintenance.get(family, [])],
        }
        return {word: value for word, value in words.items() if value}

    def _batch(self, row: Row, steps: list[Step]) -> dict[str, str] | None:
        """The batch of a work center; where its steps differ, the largest, and each step says its own."""
        tables = self.tables
        batches = {step.name: batch for step in steps if (batch := batch_of(tables, step.row))}
        if not row["BATCHCRITF"] and not batches:
            return None
        tables.one_of(row, "BATCHCRITF", ["crit_sameroutestep"])
        tables.one_of(row, "BATCHPER", ["piece"], "piece")
        if not batches or len(batches) < len(steps):
            for step in (step for step in steps if step.name not in batches):
                tables.wrong(
                    step.row.place, f"{step.center!r} works in batches, and this step says none", "PW1406", "BATCHMX"
                )
            if not batches:
                return None
        return max(batches.values(), key=lambda batch: (Decimal(batch.most), Decimal(batch.least))).to_words()

    def _setup(self, family: str, row: Row, steps: list[Step]) -> dict[str, Any] | None:
        """Setup times between the setups that the steps of a family need; a step's own time goes before the table's."""
        tables = self.tables
        needed = by((step.row for step in steps if step.row["SETUP"]), "SETUP")
        for step in (step for step in steps if step.row["STIME"] and not step.row["SETUP"]):
            tables.wrong(step.row.place, "a setup takes time, but none is named", "PW1406", "STIME", step.row["STIME"])
        if not needed:
            return None
        between: dict[str, dict[str, str]] = {}
        into: dict[str, str] = {}
        for name, rows in needed.items():
            own = [
                (step, f"{plain(tables.number(step, 'STIME'))} {tables.unit(step, 'STUNITS')}")
                for step in rows
                if step["STIME"]
            ]
            if own and len(own) < len(rows):
                bare = next(step for step in rows if not step["STIME"])
                tables.wrong(
                    bare.place,
                    f"the setup {name!r} takes {own[0][1]} in another step, and says no time here",
                    "PW1406",
                    "STIME",
                )
            if own:
                into[name] = agreeing(tables, own, "STIME", f"the setup {name!r} at {family!r}")
                continue
            known = [setup for setup in self.setups if setup["NEWSETUP"] == name]
            if not known:
                tables.wrong(
                    rows[0].place, f"how long the setup {name!r} takes is said nowhere", "PW1407", "SETUP", name
                )
            for setup in known:
                time = f"{plain(tables.number(setup, 'STIME'))} {tables.unit(setup, 'STUNITS')}"
                if setup["CURSETUP"]:
                    between.setdefault(setup["CURSETUP"], {})[name] = time
                else:
                    into[name] = time
        words: dict[str, Any] = {"from": between, "into": into, "minimum run": self._minimum_run(row, needed)}
        return {word: value for word, value in words.items() if value}

    def _minimum_run(self, row: Row, needed: dict[str, list[Row]]) -> str | dict[str, str]:
        """How many lots a setup is kept for at least, by the group that the family names: of all its setups, or of each."""
        if not row["SETUPGRP"]:
            return ""
        group, found = "", {}
        for setup in self.groups:
            group = setup["SETUPGRP"] or group
            if group == row["SETUPGRP"] and setup["SETUP"] in needed and setup["MINRUN"]:
                found[setup["SETUP"]] = f"{plain(self.tables.number(setup, 'MINRUN', 1))} lots"
        if not found:
            reason = f"the group {row['SETUPGRP']!r} holds none of its setups"
            self.tables.wrong(row.place, reason, "PW1407", "SETUPGRP", row["SETUPGRP"])
        alike = len(set(found.values())) == 1 and found.keys() == needed.keys()
        return next(iter(found.values())) if alike else found

    def _stops(self) -> tuple[dict[str, list[tuple[Row, Any]]], dict[str, list[tuple[Row, Any]]]]:
        """Failures by the group of tools that they are attached to, and maintenance by family."""
        tables = self.tables
        down = by(tables.table("downcal.txt", DOWN), "DOWNCALNAME")
        care = by(tables.table("pmcal.txt", CARE), "PMCALNAME")
        failures: dict[str, list[tuple[Row, Any]]] = {}
        maintenance: dict[str, list[tuple[Row, Any]]] = {}
        for row in tables.table("attach.txt", ATTACH):
            fails = tables.one_of(row, "CALTYPE", ["down", "pm"]) == "down"
            tables.one_of(row, "RESTYPE", ["stngrp"] if fails else ["stnfam"])
            calendars = (down if fails else care).get(row["CALNAME"], [])
            if len(calendars) != 1:
                reason = (
                    f"there are {len(calendars)} calendars {row['CALNAME']!r} in {'downcal' if fails else 'pmcal'}.txt"
                )
                tables.wrong(row.place, reason, "PW1407", "CALNAME", row["CALNAME"], down if fails else care)
            elif fails:
                failures.setdefault(row["RESNAME"], []).append((row, self._failure(row, calendars[0])))
            else:
                maintenance.setdefault(row["RESNAME"], []).append((row, self._maintenance(row, calendars[0])))
        return failures, maintenance

    def _failure(self, attached: Row, row: Row) -> dict[str, str]:
        """A failure: by the calendar, from the end of a repair to the next."""
        tables = self.tables
        tables.one_of(row, "DOWNCALTYPE", ["mttf_by_cal"])
        every = tables.chance(row, "MTTFDIST", "MTTF", "MTTFUNITS")
        first = tables.chance(attached, "FOADIST", "FOA", "FOAUNITS")
        if first != every:
            reason = f"the first failure comes after {first}, and the others after {every}"
            tables.wrong(attached.place, reason, "PW1404", "FOA", attached["FOA"])
        return {
            "every": every,
            "clock": "calendar",
            "repair": tables.chance(row, "MTTRDIST", "MTTR", "MTTRUNITS", "MTTR2"),
        }

    def _maintenance(self, attached: Row, row: Row) -> dict[str, str]:
        """Maintenance by the calendar, or by pieces; the first of alike machines are spread evenly."""
        tables = self.tables
        lasts = tables.chance(row, "MTTRDIST", "MTTR", "MTTRUNITS", "MTTR2")
        tables.one_of(attached, "FOADIST", ["constant"], "constant")
        kinds = ["mtbpm_by_cal", "mtbpm_by_pieces"]
        kind = tables.one_of(row, "PMCALTYPE", kinds)
        if row["PMCALTYPE"].lower() not in kinds:
            return {}
        if kind == "mtbpm_by_cal":
            every = f"{plain(tables.number(row, 'MTBPM'))} {tables.unit(row, 'MTBPMUNITS')}"
            first = f"{plain(tables.number(attached, 'FOA'))} {tables.unit(attached, 'FOAUNITS')}"
            return {"every": every, "lasts": lasts, "first": f"spread {first}"}
        tables.one_of(row, "MTBPMUNITS", ["pieces"], "pieces")
        tables.one_of(attached, "FOAUNITS", ["pieces"], "pieces")
        every, first = (
            f"{plain(number)} pieces" for number in (tables.number(row, "MTBPM"), tables.number(attached, "FOA"))
        )
        return {"every": every, "clock": "count", "lasts": lasts, "first": f"spread {first}"}


def _choice(cascades: bool, wakes_by_setup: bool, setup: dict[str, Any] | None) -> str:
    """Which of several free tools is taken: one that is set up, by the shortest setup where these differ, else the place that is free longest."""
    if wakes_by_setup and setup and (not cascades or "from" in setup):
        return "least setup"
    return "longest idle place" if cascades else ""

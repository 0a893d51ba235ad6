"""Families of tools as work centers of the plant file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plantwright.exchange.smt2020.cells import number_of
from plantwright.exchange.smt2020.families import Families, tools_in
from plantwright.exchange.smt2020.routes import Batch, Step
from plantwright.exchange.smt2020.setups import Setups
from plantwright.exchange.smt2020.stops import Stops
from plantwright.exchange.smt2020.tables import Row, Tables

PLANT_RULE = ["priority", "FIFO at step"]
"""Which lot goes next, where a family says nothing else."""
_RULES: dict[str, list[str]] = {"rule_HotLotFIRST": [], "rule_LSSU": ["least setup"]}
_RANKS: dict[str, list[str]] = {"rank_HP": ["priority"], "rank_RSETUP": [], "rank_FIFO": ["FIFO at step"]}
"""Highest priority; what needs no setup, which counts where a lot that comes chooses its tool; first come."""
_LOADED = "Custom_actlist_ASISemiOpersDuringSetupAndAdditionalLoadUnload"


class Machines:
    """Families of tools as work centers.

    Parameters
    ----------
    tables : Tables
    families : mapping
    steps : sequence of Step
        All that they do.
    setups : Setups
    """

    def __init__(self, tables: Tables, families: Families, steps: Sequence[Step], setups: Setups) -> None:
        self.tables, self.families, self.setups = tables, families, setups
        self.stops = Stops(tables, families)
        self.steps: dict[str, list[Step]] = {family: [] for family in families}
        for step in steps:
            self.steps[step.center].append(step)
        self.batches = {family: _largest(own) for family, own in self.steps.items()}

    def own_batch(self, step: Step) -> Batch | None:
        """The batch of a step, if that is another than its work center's."""
        usual = self.batches[step.center]
        return step.batch if usual is not None and step.batch != usual else None

    def to_words(self) -> dict[str, dict[str, Any]]:
        """The work centers in the words of the plant file."""
        found: dict[str, dict[str, Any]] = {}
        for family, rows in self.families.items():
            number = tools_in(self.tables, rows)
            if not number and not self.steps[family]:
                self.tables.pass_over(rows[0].place, f"{family!r} has no tools, and no step needs them")
                continue
            if not number:
                reason = f"{family!r} has no tools, but steps need them"
                self.tables.wrong(rows[0].place, reason, "PW1406", "STNQTY", rows[0]["STNQTY"])
            found[family] = self._center(family, rows[0], number)
        return found

    def groups(self) -> dict[str, str]:
        """By the first of several families in a row that are of one group, that group."""
        found: dict[str, str] = {}
        before = ""
        for family, rows in self.families.items():
            if rows[0]["STNGRP"] != before:
                before = found[family] = rows[0]["STNGRP"]
        return found

    def _center(self, family: str, row: Row, number: int) -> dict[str, Any]:
        tables = self.tables
        tables.one_of(row, "STNFAMSTEP_ACTLIST", [_LOADED, ""], "")
        tables.one_of(row, "PRERULERWL", ["no"], "no")
        wakes = tables.one_of(row, "WAKERESRANK", ["wake_LeastSetupTime", ""], "")
        places = tables.whole(row, "STNCAP", 1, "1")
        for step in self.steps[family] if places == 1 else ():
            for column in ("PartInterval", "BatchInterval"):
                if number_of(step.row[column] or "0"):
                    reason = f"an interval, but a tool of {family!r} takes one lot at a time (STNCAP)"
                    tables.wrong(step.row.place, reason, "PW1406", column, step.row[column])
        setup, batch = self.setups.to_words(row, family), self.batches[family]
        words: dict[str, Any] = {
            "machines": str(number),
            "luck": f"row {row.place.line}",
            "location": row["STNFAMLOC"],
            "places": str(places) if places > 1 else "",
            "batch": batch and batch.to_words(),
            "setup": setup,
            "rule": self._rule(row, places > 1 and setup is not None),
            "choose": _choice(places > 1, wakes != "", setup),
            "failures": self.stops.failures.get(family),
            "maintenance": self.stops.maintenance.get(family),
        }
        return {word: value for word, value in words.items() if value}

    def _rule(self, row: Row, ranks_setups: bool) -> list[str] | None:
        """Which lot goes next, where that is not as in all the plant; a tool with several places ranks lots by the setup that they need."""
        tables = self.tables
        order = list(_RANKS)
        ranks = [rank.strip() for rank in (row["FWLRANK"] or ";".join(order)).split(";") if rank.strip()]
        spelt = {rank.lower(): rank for rank in order}
        known = [spelt[rank.lower()] for rank in ranks if rank.lower() in spelt]
        if len(known) < len(ranks) or known != [rank for rank in order if rank in known]:
            reason = f"{row['FWLRANK']!r} is not understood; what is: {';'.join(order)}, or without some of them"
            tables.wrong(row.place, reason, "PW1404", "FWLRANK", row["FWLRANK"])
        rule = list(_RULES[tables.one_of(row, "RULE", _RULES, "rule_hotlotfirst")])
        for rank in (*known, "rank_FIFO"):
            by_setup = ["least setup"] if ranks_setups and rank == "rank_RSETUP" else []
            rule += [word for word in (*_RANKS[rank], *by_setup) if word not in rule]
        return rule if rule != PLANT_RULE else None


def _largest(steps: Sequence[Step]) -> Batch | None:
    """The largest of the batches of some steps; none where each is of one lot."""
    batches = [step.batch for step in steps if step.batch is not None and step.batch.most > 1]
    return max(batches, key=lambda batch: (batch.most, batch.least), default=None)


def _choice(cascades: bool, wakes_by_setup: bool, setup: dict[str, Any] | None) -> str:
    """Which of several free tools is taken: of those that are asleep by the setup, else the place that is free longest."""
    if wakes_by_setup and setup:
        return "empty machine" if cascades else "least setup"
    return "longest idle place" if cascades else ""

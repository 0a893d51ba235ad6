"""The mapping file: which column of a log is what, and how its cells are written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from plantwright.errors import LogError, Place, PlantError, Problem
from plantwright.events import EventLog
from plantwright.exchange.columns import ROLES
from plantwright.exchange.text import refuse
from plantwright.exchange.zones import zone_problem
from plantwright.plant.document import Entries, Node, Scalar, parse
from plantwright.plant.readers import nearest

KINDS = ("work", "setup", "breakdown", "idle")
"""What a state of a machine, or a type of report, can be; reports are never idle."""

_LARGEST = 1_000_000
_TEXTS, _TABLES = ("zone", "time format", "sheet"), ("columns", "states", "types", "downtime", "work centers")
_KEYS = ("format", *_TABLES, *_TEXTS)


@dataclass(frozen=True)
class LogMapping:
    """What is known of a log before it is read; all else is guessed.

    Parameters
    ----------
    columns : mapping
        Column by role, as in `plantwright.exchange.columns.ROLES`.
    zone : str, optional
        Where the plant stands.
    time_format : str, optional
        How times are written, with the codes of ``strftime``.
    states, types : mapping
        What a state of a machine, or a type of report, is: one of `KINDS`.
    sheet : str, optional
        The sheet of a workbook.
    downtime : mapping
        Columns of an export of downtime, by role.
    centers : mapping
        The work center of a station: stations of the same one are interchangeable.
    places : mapping
        Where in the mapping file each role of ``columns`` stands.
    problems : tuple of Problem
        What is wrong with the file; told together with what is wrong with its columns.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    zone: str | None = None
    time_format: str | None = None
    states: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    sheet: str | None = None
    downtime: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    centers: Mapping[str, str] = field(default_factory=dict)


def as_mapping(given: Mapping[str, str] | LogMapping | None) -> LogMapping:
    """What a caller gave, whichever way."""
    return given if isinstance(given, LogMapping) else LogMapping(dict(given or {}))


def read_mapping(path: str | Path) -> LogMapping:
    """The mapping in a YAML file. Raises LogError where it cannot be read at all; what is wrong in it waits for the log."""
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise refuse(path.name, "PW3004", "is larger than 1 MB; a mapping file is not")
        text = path.read_text("utf-8")
    except OSError as error:
        raise refuse(path.name, "PW3005", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise refuse(path.name, "PW3006", "is not text in UTF-8") from error
    try:
        root, problems = parse(text, path.name)
    except PlantError as error:
        raise LogError(error.problems) from error
    found = _Found(list(problems))
    for key, node in root:
        found.take(key, node)
    return LogMapping(
        found.tables["columns"], found.texts.get("zone"), found.texts.get("time format"), found.tables["states"], found.tables["types"],
        found.texts.get("sheet"), found.tables["downtime"], found.places, tuple(found.problems), found.tables["work centers"],
    )  # fmt: skip


@dataclass
class _Found:
    """What was found in a mapping file so far, and what is wrong with it."""

    problems: list[Problem]
    texts: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, str]] = field(default_factory=lambda: {name: {} for name in _TABLES})
    places: dict[str, Place] = field(default_factory=dict)

    def take(self, key: Scalar, node: Node) -> None:
        """Take a key of the file and what stands there."""
        name = key.text
        if name not in _KEYS:
            reason = f"{name!r} is no part of a mapping file; known are {', '.join(_KEYS)}"
            self._wrong("PW3060", key.place, "", reason, name, nearest(name, _KEYS))
        elif name in _TABLES:
            self._table(name, key, node)
        elif not isinstance(node, Scalar):
            self._wrong("PW3061", key.place, name, "one text belongs here")
        elif name == "format":
            if node.text != "1":
                self._wrong("PW3061", node.place, name, "this version reads format 1", node.text)
        elif node.text:
            self.texts[name] = node.text
            if name == "zone" and (wrong := zone_problem(node.text, node.place)) is not None:
                self.problems.append(wrong)

    def _table(self, name: str, key: Scalar, node: Node) -> None:
        if isinstance(node, Scalar) and not node.text:
            return
        if not isinstance(node, Entries):
            self._wrong("PW3061", key.place, name, "names and what they are belong here, such as case: Order No.")
            return
        for what, value in node:
            if not isinstance(value, Scalar) or not value.text:
                self._wrong("PW3061", what.place, f"{name} > {what.text}", "one text belongs here")
                continue
            self.tables[name][what.text.lower() if name in ("states", "types") else what.text] = value.text
            if name == "columns":
                self.places[what.text] = value.place
            elif name == "work centers":
                self.places[f"{name} > {what.text}"] = what.place
            known = KINDS if name == "states" else KINDS[:3] if name == "types" else ()
            if known and value.text not in known:
                reason = f"{value.text!r} is none of {', '.join(known)}"
                self._wrong(
                    "PW3062", value.place, f"{name} > {what.text}", reason, value.text, nearest(value.text, known)
                )

    def _wrong(
        self, code: str, place: Place, path: str, reason: str, value: str | None = None, hint: str | None = None
    ) -> None:
        self.problems.append(Problem(code, place, path, reason, value, hint))


def mapping_text(log: EventLog, zone: str | None = None) -> str:
    """The mapping of a log as a file, with the evidence for each guess as a comment; what was not found stands there to be filled in."""
    lines = [
        f"# Which column of {log.name} is what. Each was guessed as its comment says: change what is wrong, then",
        "# plantwright inspect LOG --map THIS.yaml",
        "format: 1",
        "columns:",
    ]
    chosen = {choice.what: choice for choice in log.mapping}
    for role in (role for role in ROLES if role != "reason"):
        if role in chosen:
            lines.append(f"  {role}: {_quoted(chosen[role].column)}  # {_one_line(chosen[role].evidence)}")
        else:
            lines.append(f"  # {role}:  # no column was found for it")
    if "not used" in log.notes:
        lines.append(f"# not used: {_one_line(log.notes['not used'])}")
    lines.append(
        f"zone: {_quoted(zone)}"
        if zone
        else "# zone: Europe/Berlin  # where the plant stands; not said: each clock is taken as it is"
    )
    lines.append(f'# time format: "%Y-%m-%d %H:%M"  # found: {_one_line(log.notes.get("times", ""))}')
    for name, label in (("states", "states"), ("types", "types")):
        if label in log.notes:
            lines.append(f"# {name}: {{WORD: breakdown}}  # found: {_one_line(log.notes[label])}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return " ".join(text.split())

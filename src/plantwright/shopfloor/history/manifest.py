"""The manifest of a history in a folder: which files hold what, up to which segment. It is replaced at once, so that all readers agree."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from plantwright.shopfloor.history import HistoryError
from plantwright.shopfloor.readings import Tag

NAME = "manifest.json"
SCHEMA = "plantwright.history/1"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the history: readings of one kind and one day (UTC), sorted by tag, time and arrival.

    ``first`` and ``last`` are the instants between which its readings lie; ``order`` is its place in the order of arrival; minutes
    have the order of the samples that they sum up.
    """

    name: str
    kind: Literal["samples", "events", "minutes"]
    day: int
    rows: int
    bytes: int
    first: int
    last: int
    order: int
    made: int = 0


@dataclass(frozen=True)
class Manifest:
    """What a history in a folder consists of, its newest segments apart.

    Parameters
    ----------
    sealed : int
        All segments up to this number are in the files.
    made : int
        Counts the files ever made, so that no name comes twice.
    parts : tuple of Part
    tags : str
        The file that holds the tags, empty where there are none.
    positions : mapping
        The last position of each source in what is sealed.
    counts : mapping of str to int
        Readings by kind that retention has removed.
    """

    sealed: int = 0
    made: int = 0
    parts: tuple[Part, ...] = ()
    tags: str = ""
    positions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    def encode(self) -> bytes:
        """Its bytes, with a checksum."""
        body = json.dumps(asdict(self), separators=(",", ":")).encode()
        return json.dumps({"schema": SCHEMA, "crc": zlib.crc32(body)}).encode() + b"\n" + body + b"\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder; an empty one where nothing is sealed yet. Raises HistoryError where it is damaged."""
    try:
        data = (folder / NAME).read_bytes()
    except FileNotFoundError:
        return Manifest()
    front, _, rest = data.partition(b"\n")
    body = rest.rstrip(b"\n")
    try:
        known = json.loads(front)
        if known["schema"] != SCHEMA:
            raise HistoryError(
                f"{folder}: is of another version ({known['schema']}); use the Plantwright that wrote it [PW5100]"
            )
        if known["crc"] != zlib.crc32(body):
            raise ValueError
        read = json.loads(body)
        return Manifest(**{**read, "parts": tuple(Part(**part) for part in read["parts"])})
    except (ValueError, KeyError, TypeError) as error:
        raise HistoryError(f"{folder / NAME}: is damaged; restore it from a backup of the folder [PW5102]") from error


def encode_tags(tags: Mapping[int, Tag]) -> bytes:
    """Tags as the bytes of a file."""
    return json.dumps([[number, asdict(tag)] for number, tag in tags.items()], separators=(",", ":")).encode()


def read_tags(folder: Path, manifest: Manifest) -> dict[int, Tag]:
    """The tags of a manifest, by id."""
    if not manifest.tags:
        return {}
    return {number: Tag(**tag) for number, tag in json.loads((folder / manifest.tags).read_bytes())}


def in_order(tags: Mapping[int, Tag]) -> list[Tag]:
    """Tags by their ids; what a damaged segment held of them has a name that says so."""
    return [tags.get(number, Tag(f"lost tag {number}", "sample", "")) for number in range(max(tags, default=-1) + 1)]

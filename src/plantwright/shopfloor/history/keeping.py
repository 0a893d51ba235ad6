"""Retention: how long samples, events and minutes are kept. Samples may go while their minutes stay: then the past is coarser, not gone."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from plantwright.shopfloor.history import HistoryError
from plantwright.shopfloor.history.disk import Disk

NAME = "keep.json"


@dataclass(frozen=True, slots=True)
class Keep:
    """Days for which each kind is kept, None for ever. A day (UTC) goes when all of it is older."""

    samples: float | None = None
    events: float | None = None
    minutes: float | None = None

    def is_over(self, kind: str, age: int) -> bool:
        """Whether a day that began `age` days before today may go."""
        days: float | None = getattr(self, kind)
        return days is not None and age > days


def read_keep(folder: Path) -> Keep:
    """What a folder's history keeps. Raises HistoryError where that cannot be read."""
    try:
        return Keep(**json.loads((folder / NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return Keep()
    except (ValueError, TypeError) as error:
        raise HistoryError(
            f"{folder / NAME}: cannot be read; 'plantwright history keep' writes it anew [PW5100]"
        ) from error


def write_keep(folder: Path, keep: Keep, disk: Disk | None = None) -> None:
    """Say what a folder's history keeps; the sealer heeds it from its next round on."""
    (disk or Disk()).write_whole(folder / NAME, json.dumps(asdict(keep)).encode())

"""Whatever people do to a log: it is told with the rows that have it and mended as far as it can be, or refused with the cause."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from plantwright.calibration.cleaning import clean
from plantwright.calibration.quality import CleanLog, Quality
from plantwright.errors import LogError
from plantwright.exchange import read_log
from tests.calibration.damages import DAMAGES, STATION, Damage, Rows, text
from tests.calibration.logs import real_log
from tests.calibration.small_shop import simulated


def hours_by_station(cleaned: CleanLog) -> dict[str, float]:
    """Hours that each station worked: a report without a time of its own has the median of its operation's."""
    rows = (
        cleaned.table.filter(cleaned.table["type"] != "breakdown")
        .select("station", "operation", "timed", "seconds")
        .rows()
    )
    own: dict[str, list[float]] = {}
    for _, operation, timed, seconds in rows:
        if timed and seconds > 0:
            own.setdefault(operation, []).append(seconds)
    usual = {operation: median(values) for operation, values in own.items()}
    made: dict[str, float] = {}
    for station, operation, timed, seconds in rows:
        made[station] = made.get(station, 0.0) + (seconds if timed else usual.get(operation, 0.0)) / 3600
    return made


@dataclass(frozen=True)
class Sound:
    rows: Rows
    hours: Mapping[str, float]
    quality: Quality


def sound_of(rows: Rows, folder: Path) -> Sound:
    path = folder / "sound.csv"
    path.write_bytes(text(rows))
    cleaned = clean(read_log(path))
    return Sound(rows, hours_by_station(cleaned), cleaned.quality)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A shop of five stations, one of them with a letter that code pages differ about."""
    rows = [
        cells | {STATION: cells[STATION].replace("Packing", "Versand Süd ä")} for cells in simulated(orders=220, seed=3)
    ]
    return sound_of(rows, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    with real_log().open(encoding="utf-8", newline="") as file:
        return sound_of(list(csv.DictReader(file)), tmp_path_factory.mktemp("real"))


def test_nothing_is_said_of_the_sound_log(small: Sound) -> None:
    assert small.quality.defects == ()
    assert small.quality.warnings == ()
    assert (small.quality.kept, small.quality.left_out) == (len(small.rows), 0)


def damaged(damage: Damage, sound: Sound, folder: Path) -> None:
    data, touched = damage.make(sound.rows, random.Random(5))
    path = folder / "log.csv"
    path.write_bytes(data)
    if damage.refused:
        with pytest.raises(LogError) as refused:
            clean(read_log(path))
        assert damage.refused in {problem.code for problem in refused.value.problems}
        assert "xport" in str(refused.value)  # what mends it
        return
    cleaned = clean(read_log(path))
    quality = cleaned.quality
    assert quality.rows_read == quality.kept + quality.repaired + quality.joined + quality.left_out
    if damage.kind:
        named = set(quality.defect(damage.kind).rows)
        before = sound.quality.count(damage.kind)  # the published log has some of its own
        hit = named & set(touched)
        assert touched, "the damage touched nothing"
        assert len(hit) >= damage.lines[0] * len(touched), f"{len(hit)} of {len(touched)} are named"
        assert len(hit) + before >= damage.lines[1] * len(named), f"{len(named)} are named, {len(hit)} rightly"
        effect = quality.defect(damage.kind).effect
        assert effect is not None
        assert effect.words
    elif not damage.aside:
        kinds = {defect.kind for defect in quality.defects}
        assert kinds <= {defect.kind for defect in sound.quality.defects} | set(damage.also)
    if damage.aside:
        assert quality.set_aside[damage.aside] == tuple(touched)
    hours = hours_by_station(cleaned)
    mean = sum(sound.hours.values()) / len(sound.hours)
    for station, before in sound.hours.items():
        assert abs(hours.get(station, 0.0) - before) <= damage.hours * mean, (
            f"{station}: {hours.get(station, 0.0):.1f} h, not {before:.1f} h"
        )


@pytest.mark.parametrize("name", [name for name, damage in DAMAGES.items() if not damage.real_only])
def test_a_damaged_small_shop(name: str, small: Sound, tmp_path: Path) -> None:
    damaged(DAMAGES[name], small, tmp_path)


@pytest.mark.parametrize("name", [name for name, damage in DAMAGES.items() if not damage.small_only])
def test_the_published_log_damaged(name: str, real: Sound, tmp_path: Path) -> None:
    damaged(DAMAGES[name], real, tmp_path)

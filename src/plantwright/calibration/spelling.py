"""One thing under several spellings: capitals, accents, slips of the pen, characters read in the wrong code page."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plantwright.calibration.names import tidy
from plantwright.calibration.quality import Defect
from plantwright.events import each

if TYPE_CHECKING:
    import polars

NAMED = {"station": "stations", "activity": "activities", "product": "products", "worker": "people", "order": "orders"}
"""The columns of an event log that hold names, and what several of each are called."""

_SLIPS = ("activity", "station")
"""Where a slip of the pen is looked for. Names of people, products and orders may differ by one letter and be others."""

_MANY = 20_000

_SLIP_LENGTH, _SLIP_SHARE, _SLIP_ROWS = 6, 0.05, 3
_MOJIBAKE = re.compile(r"[ÃÂâÄÅ][\u0080-\u00bf\u20ac\u201a-\u203a\u0152-\u0178\u02c6\u02dc\u2122]")
_BETWEEN = re.compile(r"[\s_.,:;/()-]+")


@dataclass(frozen=True)
class Spelling:
    """What each spelling of a name is taken for, and why that was seen."""

    names: Mapping[str, str]
    why: Mapping[str, str]


def respelt(table: polars.DataFrame) -> tuple[polars.DataFrame, Defect, dict[str, tuple[int, int]]]:
    """The rows with one spelling for each thing, ``respelt`` where it was another, the report on it, and of each column of names how
    many there were and are.
    """
    import polars

    changed = polars.repeat(False, table.height, dtype=polars.Boolean, eager=True)
    counts: dict[str, tuple[int, int]] = {}
    examples: dict[str, list[str]] = {}
    for what in NAMED:
        found = spellings(table[what], slips=what in _SLIPS)
        if not found.names:
            continue
        before = table[what]
        after = each(before, lambda name, taken=found.names: taken.get(name, name), before.dtype)  # type: ignore[misc]
        changed = changed | (before != after).fill_null(False)
        counts[what] = before.n_unique(), after.n_unique()
        table = table.with_columns(after.alias(what))
        for name, taken in found.names.items():
            examples.setdefault(found.why[name], []).append(f"{name!r} for {taken!r}")
    table = table.with_columns(changed.alias("respelt"))
    rows = tuple(table.filter("respelt")["row"].to_list())
    said = "; ".join(f"{why} ({', '.join(own[:2])}{', ...' if len(own) > 2 else ''})" for why, own in examples.items())
    cause = f"one thing under several names: {said}: typed by hand, or put together from several programs"
    return (
        table,
        Defect("several spellings", len(rows), rows, cause, "repaired: the most frequent spelling stands for all"),
        counts,
    )


def spellings(names: polars.Series, *, slips: bool) -> Spelling:
    """Which spellings of a column mean the same name; the most frequent of them is taken.

    Spellings are one where they differ by capitals, accents, or blanks and marks between words; where one is the other in a wrong code
    page; and with `slips`, where one that is rare differs by one letter within a word of six letters or more without a digit.
    """
    counts = _counts(names, slips)
    if counts is None:
        return Spelling({}, {})
    why: dict[str, str] = {}
    groups: dict[str, Counter[str]] = {}
    for name, number in counts.items():
        whole = tidy(unspoiled(name))
        if whole != tidy(name):
            why[name] = "read in another code page"
        groups.setdefault(folded(whole), Counter())[whole] += number
    joined = _slips({key: sum(own.values()) for key, own in groups.items()}) if slips else {}
    best = {key: max(own.items(), key=lambda pair: (pair[1], pair[0]))[0] for key, own in groups.items()}
    taken = {}
    for name in counts:
        key = folded(tidy(unspoiled(name)))
        canonical = best[joined.get(key, key)]
        if canonical != tidy(name):
            taken[name] = canonical
            why.setdefault(name, "slips of the pen" if key in joined else "capitals or accents")
    return Spelling(taken, {name: why[name] for name in taken})


def _counts(names: polars.Series, slips: bool) -> dict[str, int] | None:
    """How often each spelling stands there; None where, at a glance, no two can be one."""
    import polars

    unique = names.drop_nulls().unique().cast(polars.String)
    if unique.len() > _MANY:
        # So many names are numbers of orders: their capitals are all that is looked at.
        return _many(names, unique)
    rough = unique.str.normalize("NFKD").str.replace_all(r"[\p{M}\W_]", "").str.to_lowercase()
    spoiled = unique.str.contains(r"[\x{fffd}ÃÂâÄÅ]").any()
    if rough.n_unique() == unique.len() and not spoiled and not (slips and unique.len() <= 5000):
        return None
    return {str(name): int(number) for name, number in names.drop_nulls().value_counts().iter_rows()}


def _many(names: polars.Series, unique: polars.Series) -> dict[str, int] | None:
    low = unique.str.to_lowercase()
    if low.n_unique() == unique.len():
        return None
    some = unique.filter(low.is_duplicated())
    return {
        str(name): int(number) for name, number in names.filter(names.is_in(some.implode())).value_counts().iter_rows()
    }


def folded(name: str) -> str:
    """A name without capitals, accents, and what stands between its words: ``Fräsen -  M4`` to ``frasen m 4``."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", name) if not unicodedata.combining(mark))
    plain = plain.replace("ß", "ss").casefold()
    return " ".join(_BETWEEN.sub(" ", re.sub(r"(?<=[^\W\d])(?=\d)", " ", plain)).split())


def unspoiled(name: str) -> str:
    """A name whose UTF-8 was read in another code page, as it was: ``FrÃ¤sen`` to ``Fräsen``."""
    if _MOJIBAKE.search(name) is None:
        return name
    for page in ("cp1252", "latin-1"):
        try:
            return name.encode(page).decode("utf-8")
        except (UnicodeEncodeError, UnicodeDecodeError):
            continue  # not spoiled by this code page
    return name


def _slips(counts: Mapping[str, int]) -> dict[str, str]:
    """Rare names that are a frequent one with one letter wrong, missing, too many, or two turned round."""
    found = {}
    frequent = sorted(counts, key=lambda name: -counts[name])
    for rare in counts:
        if counts[rare] > max(counts.values()) * _SLIP_SHARE and counts[rare] > _SLIP_ROWS:
            continue
        for usual in frequent:
            few = counts[rare] <= _SLIP_ROWS or counts[rare] <= _SLIP_SHARE * counts[usual]
            if few and counts[usual] >= 5 * counts[rare] and _is_slip(rare, usual):
                found[rare] = usual
                break
    return found


def _is_slip(rare: str, usual: str) -> bool:
    words, others = rare.split(), usual.split()
    if len(words) != len(others):
        return False
    differ = [(one, other) for one, other in zip(words, others, strict=True) if one != other]
    if len(differ) != 1:
        return False
    one, other = differ[0]
    if min(len(one), len(other)) < _SLIP_LENGTH - 1 or max(len(one), len(other)) < _SLIP_LENGTH:
        return False
    # Another first letter is mostly another word: lapping, tapping.
    return one.isalpha() and other.isalpha() and one[0] == other[0] and _one_edit(one, other)


def _one_edit(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two neighbours are turned round."""
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((k for k, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    if len(a) == len(b):
        return a[1:] == b[1:] or (len(a) > 1 and a[:2] == b[1::-1] and a[2:] == b[2:])
    return a[1:] == b if len(a) > len(b) else a == b[1:]

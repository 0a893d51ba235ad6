"""Show what new records change in a plant: as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plantwright.units import show_duration

if TYPE_CHECKING:
    from plantwright.calibration.renewing import Renewed
    from plantwright.calibration.updating import Update

MOST_UNKNOWN = 8


def update_dict(update: Update) -> dict[str, Any]:
    """The update as JSON shows it."""
    return {
        "schema": "plantwright.update/1",
        "since": f"{update.since:%Y-%m-%d %H:%M}",
        "rows": update.rows,
        "orders": update.orders,
        "numbers": [
            {
                "path": number.path, "before": number.before, "after": number.after, "was": number.was, "found": number.found,
                "interval": [number.low, number.high], "unit": number.unit, "records": number.records, "verdict": number.verdict,
                "why": number.why,
            }
            for number in update.numbers
        ],
        "not in the plant": dict(update.unknown),
        "left out": update.left_out,
        "quality": update.quality.to_dict(),
    }  # fmt: skip


def update_text(update: Update) -> str:
    """What moved beyond noise, what was guessed and is measured now, and what stays."""
    lines = [
        f"{update.plant.name}: {update.rows:,} rows of {update.orders} orders since {update.since:%Y-%m-%d %H:%M}.",
        "",
    ]
    for title, verdict in (
        ("MOVED BEYOND NOISE", "moved"),
        ("GUESSED, AND MEASURED NOW", "measured now"),
    ):
        own = [number for number in update.numbers if number.verdict == verdict]
        if verdict == "moved":
            own += [
                number for number in update.numbers if number.verdict == "within noise" and number.after is not None
            ]
        if own:
            lines += [title, *(line for number in own for line in _lines(number)), ""]
    counts = [
        f"{len(own)} {words}"
        for verdict, words in (
            ("within noise", "within noise"),
            ("too few records", "with too few records to tell"),
        )
        if (own := [number for number in update.numbers if number.verdict == verdict and number.after is None])
    ]
    if counts:
        lines.append("As it was: " + ", ".join(counts) + ".")
    lines += _not_told(update)
    if update.left_out:
        several = "time" if update.left_out == 1 else "times"
        lines.append(
            f"Left out, for no law of the others makes them likely: {update.left_out} {several}; plantwright inspect names them."
        )
    lines += _unknown(list(update.unknown.items()))
    if not update.numbers:
        lines.append("No number of the plant is spoken of: are products and steps called alike in both?")
    lines.append("Intervals hold all at once with 95 %.")
    return "\n".join(lines)


def _lines(number: Renewed) -> list[str]:
    interval = f"{_amount(number.low, number)} to {_amount(number.high, number)}"
    said = f"   {_amount(number.was, number)} -> {_amount(number.found, number)} ({interval}, {number.records} records)"
    change = f"; {number.before or 'nothing'} -> {number.after}" if number.after is not None else f"; {number.why}"
    return [f" {number.path}", said + change]


def _amount(value: float, number: Renewed) -> str:
    if number.unit == "pieces/day":
        return f"{value:.3g} a day"
    return f"{100 * value:.3g} %" if number.unit == "share" else show_duration(value)


def _not_told(update: Update) -> list[str]:
    """What stays because records do not tell it, by name, with the reason."""
    reasons: dict[str, list[str]] = {}
    for number in update.numbers:
        if number.verdict == "not changed":
            reasons.setdefault(number.why, []).append(number.path)
    lines = ["", "NOT CHANGED, AS THE RECORDS DO NOT TELL IT"] if reasons else []
    for why, paths in reasons.items():
        more = [f"   and {len(paths) - MOST_UNKNOWN} more (--json names them)"] if len(paths) > MOST_UNKNOWN else []
        lines += [*(f" {path}" for path in paths[:MOST_UNKNOWN]), *more, f"   {why}"]
    return [*lines, ""] if lines else []


def _unknown(found: Sequence[tuple[str, int]]) -> list[str]:
    if not found:
        return []
    named = ", ".join(f"{name} ({count} visits)" for name, count in found[:MOST_UNKNOWN])
    more = f" and {len(found) - MOST_UNKNOWN} more" if len(found) > MOST_UNKNOWN else ""
    return [f"Not in the plant, so not used: {named}{more}."]

"""Numbers in the words that a plant manager uses, with as many figures as the interval knows."""

from __future__ import annotations

import math

from plantwright.plant.quantities import several as plural_of
from plantwright.simulation.run import Estimate

DAY = 86400.0


def decimals(half_width: float) -> int:
    """How many places behind the point an interval of that half-width knows, at least none and at most four."""
    if half_width <= 0 or not math.isfinite(half_width):
        return 0
    return min(4, max(0, -math.floor(math.log10(2 * half_width))))


def plain(value: float, places: int) -> str:
    """A number with so many places; no minus before a zero, no needless zeros."""
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def figures(value: float, count: int = 3) -> str:
    """A number with so many figures, never in powers of ten."""
    if value == 0 or not math.isfinite(value):
        return "0"
    places = max(0, count - 1 - math.floor(math.log10(abs(value))))
    return plain(value, places)


def change(estimate: Estimate) -> str:
    """A difference with its interval: ``+21 (20-21)``, ``0 (-0.5-0)``."""
    half = estimate.half_width
    if half <= 1e-9 * max(1.0, abs(estimate.mean)):
        return signed(figures(estimate.mean))
    places = decimals(half)
    mean = plain(estimate.mean, places)
    low, high = plain(estimate.low, places), plain(estimate.high, places)
    return f"{signed(mean)} ({low}{' to ' if high.startswith('-') else '-'}{high})"


def signed(text: str) -> str:
    """With a plus before a number above zero."""
    return text if text == "0" or text.startswith("-") else f"+{text}"


def money_scale(*amounts: float) -> tuple[float, str]:
    """The divisor and the prefix in which amounts are shown: thousands, or millions where they are large."""
    largest = max((abs(amount) for amount in amounts), default=0.0)
    if largest >= 2e7:
        return 1e6, "M"
    return (1e3, "k") if largest >= 2e3 else (1.0, "")


def amount(value: float, currency: str) -> str:
    """An amount of money: ``650 kUSD``."""
    divisor, prefix = money_scale(value)
    return f"{figures(value / divisor)} {prefix}{currency}"


def time_unit(seconds: float) -> tuple[float, str]:
    """The unit in which a cycle time is shown: days from two days on, else hours, else minutes."""
    if seconds >= 2 * DAY:
        return DAY, "days"
    return (3600.0, "h") if seconds >= 7200 else (60.0, "min")


def long(seconds: float) -> str:
    """A cycle time: ``3.4 days``."""
    size, name = time_unit(seconds)
    return f"{figures(seconds / size, 2 if seconds / size < 100 else 3)} {name}"


def from_to(before: float, after: float) -> str:
    """``3.4 -> 2.2 days``."""
    size, name = time_unit(before)
    for count in (2, 3):
        first, second = figures(before / size, count), figures(after / size, count)
        if first != second:
            return f"{first} -> {second} {name}"
    return ""


def sureness(chance: float) -> str:
    """A chance in percent, never quite sure: ``>99 %``."""
    if chance > 0.99:
        return ">99 %"
    return "<1 %" if chance < 0.01 else f"{100 * chance:.0f} %"


def payback(capital: float, yearly: float) -> str:
    """``pays back in 7 months``."""
    if yearly <= 0:
        return "never pays back"
    months = 12 * capital / yearly
    if months < 1:
        return "pays back in weeks"
    if round(months) == 1:
        return "pays back in a month"
    return f"pays back in {months:.0f} months" if months < 36 else f"pays back in {months / 12:.1f} years"


def plural(count: int, word: str) -> str:
    """``1 value``, ``9 values``."""
    return f"{count} {word}" if count == 1 else f"{count} {several(word)}"


def several(unit: str) -> str:
    """The plural of a unit, as `plantwright.plant` knows it; times come as several already."""
    return unit if unit in ("days", "h", "min") else plural_of(unit)


def shortened(text: str, width: int) -> str:
    """A text cut at a width, with three dots where it was cut."""
    return text if len(text) <= width else text[: max(0, width - 3)].rstrip() + "..."


def wrapped(text: str, width: int, most: int) -> list[str]:
    """A text over at most so many lines, broken between words; the last is cut where it does not fit."""
    import textwrap

    lines = textwrap.wrap(text, width, subsequent_indent=" ", break_long_words=True) or [""]
    if len(lines) > most:
        lines = [
            *lines[: most - 1],
            shortened(" ".join([lines[most - 1].rstrip(), *map(str.strip, lines[most:])]), width),
        ]
    return lines


def packed(sentences: list[str], width: int, most: int) -> list[str]:
    """Whole sentences, as many to a line as fit, on at most so many lines; one that is too long is broken between words."""
    lines: list[str] = []
    for sentence in filter(None, sentences):
        if lines and len(lines[-1]) + 1 + len(sentence) <= width:
            lines[-1] += f" {sentence}"
        else:
            lines += wrapped(sentence, width, 2)
    return lines if len(lines) <= most else [*lines[: most - 1], shortened(" ".join(lines[most - 1 :]), width)]

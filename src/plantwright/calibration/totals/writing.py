"""Write the plant file with its guesses moved: their numbers change, each with a comment that says why; every other byte stays."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plantwright.calibration.totals.result import MatchedGuess, TotalsMatch
from plantwright.calibration.totals.show import allowed
from plantwright.plant.document import Scalar, find, parse_yaml
from plantwright.plant.writing import edited, plant_text

MARK = "# matched to totals: "
"""How the comments begin that this program writes, and takes away again before it writes new ones."""


def matched_text(match: TotalsMatch) -> str:
    """The text of the plant file with the guesses as they are now, and above each line with one that moved a comment with the evidence."""
    text = edited(_without_comments(plant_text(match.plant), match), match.edits)
    root = parse_yaml(text, "plant.yaml")
    newline = "\r\n" if "\r\n" in text else "\n"
    lines: dict[int, list[str]] = {}
    for one in match.guesses:
        node = find(root, one.guess.path)
        if one.moved and isinstance(node, Scalar) and node.start >= 0:
            lines.setdefault(text.rfind("\n", 0, node.start) + 1, []).append(comment(match, one))
    for start in sorted(lines, reverse=True):
        indent = re.match(r"[ ]*", text[start:])
        pad = indent[0] if indent else ""
        written = "".join(f"{pad}{MARK}{said}{newline}" for said in lines[start])
        text = text[:start] + written + text[start:]
    return text


def comment(match: TotalsMatch, one: MatchedGuess) -> str:
    """``cut > time was 60 min; 52 to 71 min would do as well (throughput 120 lots/mo)``."""
    given = {total.name: total.now.shown[1] for total in match.totals}
    aim = ", ".join(f"{name} {given[name]}" for name in one.by if name in given)
    apart = ", where others make up for it" if one.verdict == "not told apart" else ""
    missed = "" if match.matches else "; not all totals are matched"
    return f"{one.guess.label} was {one.guess.shown(one.guess.value)}; {allowed(one, match.matches)}{apart} ({aim}{missed})"


def _without_comments(text: str, match: TotalsMatch) -> str:
    """The text without the comments of an earlier match on the numbers that move now."""
    starts: Sequence[str] = tuple(f"{MARK}{one.guess.label} was " for one in match.guesses if one.moved)
    kept = [line for line in text.splitlines(keepends=True) if not line.lstrip(" ").startswith(tuple(starts))]
    return "".join(kept) if starts else text

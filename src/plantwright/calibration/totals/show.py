"""Guesses held against totals, as people read it on a screen of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from plantwright.calibration.totals.movable import Fixed
from plantwright.calibration.totals.result import MatchedGuess, MatchedTotal, Together, TotalsMatch
from plantwright.simulation.trust import TOLERANCE
from plantwright.units import figures

WIDTH = 80
MOST_SHOWN = 4
_TIMES = 3.0


def match_text(match: TotalsMatch) -> str:
    """What became of the totals, what was moved, and what could not be told apart."""
    free = len(match.guesses)
    lines = _wrapped(
        f"{match.plant.name}: {_count(free, 'guess')} with {'a range' if free == 1 else 'ranges'} against {_count(len(match.totals), 'total')}; "
        f"{match.tried} plants simulated, {match.run.replications} runs each.", "", ""
    )  # fmt: skip
    lines += ["", _headline(match), *_totals(match.totals)]
    for reason in match.why:
        lines += _wrapped(reason, " why: ", "      ")
    for name in match.passed_over:
        told = "no due dates" if name == "share late" else "simulation does not tell it"
        lines += _wrapped(f"{name}: {told}; not compared.", " ", " ")
    lines += _guesses(match.guesses, match.matches)
    for one in match.together:
        lines += ["", "NOT TOLD APART", *_together(one, match.guesses)]
    untold = [one for one in match.guesses if one.verdict == "not told"]
    if untold:
        lines += ["", "NOT TOLD BY ANY TOTAL: LEFT AS THEY ARE"]
        for each in untold:
            guess = each.guess
            lines += _wrapped(f"{guess.label}: {guess.shown(guess.value)}, anything in {guess.range_text}", " ", "   ")
    lines += _fixed(match.fixed)
    return "\n".join(lines)


def _headline(match: TotalsMatch) -> str:
    if match.matches:
        return f"TOTALS MATCHED: all within {100 * TOLERANCE:.0f} %, and within what is known of them"
    if all(total.now.agrees for total in match.totals):
        return f"TOTALS WITHIN {100 * TOLERANCE:.0f} %, BUT NOT WITHIN WHAT IS KNOWN OF THEM"
    return "TOTALS NOT MATCHED: WITHIN THESE RANGES THE GUESSES CANNOT DO IT"


def _totals(totals: Sequence[MatchedTotal]) -> Iterator[str]:
    rows = [("", "before", "now", "yours", "")]
    rows += [
        (total.name, total.before.shown[0], total.now.shown[0], total.now.shown[1], f"{off_text(total)}{'' if total.fits and total.now.agrees else '  <-- off'}")
        for total in totals
    ]  # fmt: skip
    widths = [max(len(row[k]) for row in rows) for k in range(4)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(row[k].rjust(widths[k]) for k in (1, 2, 3)), row[4]]
        yield (" " + "  ".join(cells)).rstrip()


def off_text(total: MatchedTotal) -> str:
    """``+3 +- 3 %``: by how much a total is off, and how sure that is (95 %)."""
    unit = "points" if total.name == "share late" else "%"
    error = 1.96 * total.error
    sure = f" +- {100 * error:.0f}" if error >= 0.005 else ""
    if total.off >= _TIMES - 1:
        return f"{figures(total.off + 1)} times"
    off = f"{100 * total.off:+.0f}"
    return f"{'0' if off == '-0' else off}{sure} {unit}"


def _fixed(fixed: Sequence[Fixed]) -> Iterator[str]:
    without = [one for one in fixed if one.example]
    others = [one for one in fixed if not one.example]
    if without:
        yield from ("", "WITHOUT A RANGE, SO NOT MOVED: WRITE ONE")
        for one in without:
            yield from _wrapped(f"{one.label}: {one.example}", " ", "   ")
    if others:
        yield from ("", "NOT MOVED")
        for one in others:
            yield from _wrapped(f"{one.label}: {one.why}", " ", "   ")


def _guesses(guesses: Sequence[MatchedGuess], matches: bool) -> Iterator[str]:
    for title, own in (
        ("MOVED", [one for one in guesses if one.moved]),
        ("AS GUESSED", [one for one in guesses if one.verdict != "not told" and not one.moved]),
    ):
        if own:
            yield ""
            yield title
        for one in own:
            yield from _wrapped(one.guess.label, " ", "   ")
            yield from _wrapped(_evidence(one, matches), "   ", "   ")


def _evidence(one: MatchedGuess, matches: bool) -> str:
    """What a guess is now, and what would do as well."""
    guess = one.guess
    now = f"{guess.shown(guess.value)} -> {guess.shown(one.value)}" if one.moved else guess.shown(one.value)
    return f"{now}; {allowed(one, matches)} (guess {guess.range_text}; seen in {_joined(one.by)})" if one.by else now


def allowed(one: MatchedGuess, matches: bool) -> str:
    """Between which values totals allow it to be; where they are not matched, which come as near."""
    guess = one.guess
    does = "would do as well" if matches else "would come as near"
    if one.low <= guess.low * (1 + 1e-9) and one.high >= guess.high * (1 - 1e-9):
        return f"all of its range {does}"
    low, high = guess.shown(one.low), guess.shown(one.high)
    if low == high:
        return "no other would do" if matches else "no other comes as near"
    return f"{low.partition(' ')[0]} to {high} {does}"


def _together(one: Together, guesses: Sequence[MatchedGuess]) -> Iterator[str]:
    of = {each.guess.path: each.guess for each in guesses}
    yield from _wrapped(f"{_joined([repr(of[path].label) for path in one.paths])} make up for each other.", " ", "   ")
    first, second = one.ways
    differ = [path for path in one.paths if of[path].shown(first[path]) != of[path].shown(second[path])]
    differ.sort(key=lambda path: -abs(of[path].coordinate(first[path]) - of[path].coordinate(second[path])))
    others = f"; {len(differ) - MOST_SHOWN} others" if len(differ) > MOST_SHOWN else ""
    for way, opening in ((first, " this fits:     "), (second, " and this does: ")):
        said = "; ".join(f"{of[path].label} {of[path].shown(way[path])}" for path in differ[:MOST_SHOWN])
        yield from _wrapped(f"{said}{others}", opening, " " * len(opening))
    named = [repr(of[path].label) for path in one.measure[:MOST_SHOWN]]
    more = len(one.measure) - len(named)
    measure = _joined([*named, f"{more} more (--json has them)"] if more else named)
    rest = "the totals then tell the other" + ("" if len(one.paths) - len(one.measure) == 1 else "s")
    yield from _wrapped(f"measure {measure}; {rest}.", " ", "   ")


def _joined(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _wrapped(text: str, first: str, then: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )


def _count(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number} {word}es" if word.endswith("s") else f"{number} {word}s"

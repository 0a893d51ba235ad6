"""The first screen of a study: an answer in 30 lines of 80 columns, not a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plantwright.improvement.ended import ENDED_EARLY
from plantwright.improvement.study import MONEY, Flip, RankedMove, Study
from plantwright.plant.plant import Plant
from plantwright.report import advice, words
from plantwright.report.advice import best_of, mean_of, output_unit, price, spared, why_not
from plantwright.report.limits import bars, headline, time_said, time_spent
from plantwright.report.summary import first_flips
from plantwright.simulation.economics import YEAR
from plantwright.simulation.run import Estimate

GRADES = {
    "sketch": "SKETCH: nobody has measured it yet",
    "totals matched": "TOTALS MATCHED: agrees with your own",
    "weeks predicted": "WEEKS PREDICTED: unseen weeks came true",
    "move verified": "MOVE VERIFIED: a move brought its promise",
}
NAME, EFFECT, SECOND = 34, 18, 16
"""Widths of the columns of moves."""
MOSTLY = 0.5
"""Where lots spend more than this share of their time waiting, it is said where."""


@dataclass(frozen=True)
class Block:
    """Lines that belong together, and how dear they are: the least dear go first where the screen is full."""

    lines: tuple[str, ...]
    worth: int


def first_screen(study: Study, plant: Plant, *, width: int = 80, lines: int = 30, command: str = "PLANT") -> str:
    """What holds the plant back, why, what costs nothing, what to spend on, what not to buy, what would change it, what next.

    Parameters
    ----------
    study : Study
    plant : Plant
        The plant that was studied.
    width, lines : int
        At most so many columns and lines.
    command : str
        How the plant was named on the command line.

    Returns
    -------
    str
        Without a newline at its end.
    """
    screen = _Screen(study, plant, width, command)
    blocks = screen.blocks()
    while sum(len(block.lines) for block in blocks) > lines:
        least = min(range(len(blocks)), key=lambda i: (blocks[i].worth, -i))
        block = blocks[least]
        kept = block.lines[:-1] if len(block.lines) > 1 and block.worth else ()
        blocks[least : least + 1] = [Block(kept, block.worth)] if kept else []
    shown = [words.shortened(line.rstrip(), width) for block in blocks for line in block.lines]
    return "\n".join(shown)


class _Screen:
    def __init__(self, study: Study, plant: Plant, width: int, command: str) -> None:
        self.study, self.plant, self.width, self.command = study, plant, width, command
        self.run = study.baseline
        self.unit, self.per = output_unit(self.run)
        self.money = mean_of(self.run, "contribution") is not None
        self.shown: list[RankedMove] = []
        shown = [gain.mean for item in study.moves if (gain := self.gain(item)) is not None]
        self.divisor, self.prefix = words.money_scale(*shown)

    def blocks(self) -> list[Block]:
        opening = [Block((self.title(),), 99)]
        opening += [Block(tuple(words.wrapped(warning, self.width, 2)), 95) for warning in self.loud()]
        blank = Block(("",), 0)
        limit = headline(self.study, self.plant, self.width)
        parts = [
            *opening,
            Block(tuple(words.wrapped(advice.verdict(self.study, self.plant), self.width, 2)), 98),
            blank,
            Block(tuple(limit), 97),
            Block(tuple(bars(self.study, self.plant)), 30),
            *self.waiting(),
            blank,
        ]
        parts += self.moves()
        parts.append(blank)
        changes = self.changes()
        if changes:
            parts.append(Block(tuple(changes), 60))
        if self.study.reaction is not None:
            parts.append(
                Block(
                    tuple(words.wrapped(self.study.reaction.words, self.width, 3)),
                    61 if self.study.reaction.differs else 24,
                )
            )
        if self.study.guarantee is not None:
            parts.append(Block(tuple(words.wrapped(self.sure(), self.width, 2)), 25))
        parts.append(Block(tuple(self.next_steps()), 50))
        parts.append(Block(tuple(self.footnotes()), 70))
        return parts

    def title(self) -> str:
        grade = GRADES.get(self.run.trust, self.run.trust.upper())
        room = self.width - len(grade) - 2
        return words.shortened(self.run.name, room).ljust(room + 2) + grade

    def loud(self) -> list[str]:
        found = []
        for warning in self.study.warnings:
            if warning.startswith("this model does not reproduce your shop"):
                said, _, why = warning.partition(": ")
                found.append(f"{said.upper()}: {why}")
            elif warning.startswith("work in process keeps growing") or warning.endswith(ENDED_EARLY):
                found.append(warning[0].upper() + warning[1:] + ".")
        return found

    def waiting(self) -> list[Block]:
        """Where the time goes, where most of it is spent in waiting."""
        spent = time_spent(self.run, self.plant)
        said = time_said(self.run, self.plant)
        if not said or sum(share for _, share in spent) < MOSTLY:
            return []
        return [Block(tuple(words.wrapped(f" {said}", self.width, 2)), 58)]

    def moves(self) -> list[Block]:
        done = best_of(self.study, "do now", 3)
        spent = best_of(self.study, "if you spend", 3)
        avoided = spared(self.study)
        header = self.header()
        found: list[Block] = []
        titles = (("DO NOW, NO CAPITAL", done), ("IF YOU SPEND", spent))
        for title, listed in titles:
            if not listed:
                continue
            head = title.ljust(NAME) + header if not found else title
            rows: list[str] = []
            for k, item in enumerate(listed):
                rows.append(self.row(item, spending=title == "IF YOU SPEND"))
                if title == "IF YOU SPEND" and k == 0:
                    rows += self.consequence(item)
            found.append(Block((head, *rows), 80 if title == "DO NOW, NO CAPITAL" else 79))
        if not found:
            found.append(
                Block(
                    (f"NO MOVE TRIED HERE IS BETTER ({len(self.study.moves)} simulated, by {self.study.by})",),
                    80,
                )
            )
        ties = self.ties([*done, *spent])
        if ties:
            found.append(Block((ties,), 65))
        if avoided:
            found.append(Block(("DO NOT BUY", *(self.spared_row(item) for item in avoided)), 55))
        return found

    @property
    def years(self) -> str:
        """Over how many years cash counts."""
        return words.figures(float(self.study.options["horizon of money"]) / YEAR)

    def header(self) -> str:
        per = "day" if self.per.endswith("day") else self.per
        first = "on time, points" if self.study.by == "on-time" else f"{words.several(self.unit)}/{per}"
        if self.study.by in ("capacity", "cycle-time"):
            first = f"{words.several(self.unit)}/{per} max"
        if self.money:
            sketch = "sketch " if self.run.trust == "sketch" else ""
            over = "*" if self.study.by == "cash" else "/yr*"
            second = f"{sketch}{self.prefix}{self.plant.currency or ''}{over}"
        else:
            second = "cycle time"
        return first.ljust(EFFECT) + second.ljust(SECOND) + "sure?"

    def row(self, item: RankedMove, spending: bool) -> str:
        name = words.shortened(f"{item.rank:>2} {item.move.title}", NAME - 1)
        last = words.sureness(item.sure)
        if spending:
            last = price(item, self.plant.currency or "")
        second = self.second(item)
        if len(second) >= SECOND:
            second = second.replace(" days", " d")
        return name.ljust(NAME) + self.effect(item).ljust(EFFECT) + second.ljust(SECOND) + last

    def effect(self, item: RankedMove) -> str:
        shown = self.output(item)
        return "" if shown is None else words.shortened(words.change(shown), EFFECT - 1)

    def output(self, item: RankedMove) -> Estimate | None:
        """The effect that the first column shows."""
        if self.study.by == "on-time" and "on-time share" in item.released:
            share = item.released["on-time share"]
            from dataclasses import replace

            return replace(share, mean=100 * share.mean, low=100 * share.low, high=100 * share.high)
        if self.study.by in MONEY:
            return item.released.get("sales") or item.released.get("throughput")
        return item.saturated.get("throughput") or item.released.get("throughput")

    def second(self, item: RankedMove) -> str:
        main = self.gain(item)
        time = item.released.get("cycle time")
        before = mean_of(self.run, "cycle time")
        shorter = "" if time is None or before is None else words.from_to(before, before + time.mean)
        if main is None:
            return shorter
        if item.verdict == "do now" and main.low <= 0 and shorter:
            return shorter
        return words.signed(words.figures(main.mean / self.divisor))

    def gain(self, item: RankedMove) -> Estimate | None:
        """The money that a move brings: over the years where cash ranks, else a year."""
        return item.cash if self.study.by == "cash" else item.released.get("contribution")

    def consequence(self, item: RankedMove) -> list[str]:
        """What stops the first move worth spending on, and what binds next."""
        said = advice.consequence(item, self.plant)
        return [f"    {line}" for line in words.wrapped(f" {said}", self.width - 4, 2)] if said else []

    def ties(self, listed: Sequence[RankedMove]) -> str:
        names = {item.move.name: item.rank for item in listed}
        for item in listed:
            equal = sorted(names[name] for name in item.tied_with if name in names)
            if equal:
                ranks = ", ".join(str(rank) for rank in sorted([item.rank, *equal]))
                return f"   {ranks} cannot be told apart: a tie"
        return ""

    def spared_row(self, item: RankedMove) -> str:
        capital = item.move.capital
        price = f", {words.amount(capital, self.plant.currency or '')}" if capital is not None else ""
        name = words.shortened(f"   {item.move.title}{price}", NAME - 1)
        return name.ljust(NAME) + self.effect(item).ljust(EFFECT) + why_not(self.study, item)

    def changes(self) -> list[str]:
        def line(flip: Flip) -> str:
            said = f"{flip.what} {flip.threshold}".strip()
            extra = flip.measure_by or flip.then
            return f"{said}  ({extra})" if extra else said

        flips = first_flips(self.study)
        lines = []
        for i, flip in enumerate(flips):
            lines.append(("ANSWER CHANGES IF  " if i == 0 else " " * 19) + line(flip))
        return lines

    def sure(self) -> str:
        """What is promised of the first move."""
        said = self.study.guarantee.text if self.study.guarantee is not None else ""
        return f"{said[:1].upper()}{said[1:]}."

    def next_steps(self) -> list[str]:
        best = next((item.rank for item in self.study.moves if item.verdict in ("do now", "if you spend")), None)
        plant = self.command
        next_ones = [f"plantwright improve {plant} -o report.html"]
        together = self.together()
        if together:
            next_ones.insert(0, f"plantwright simulate {plant} --with {together}")
        if best is not None:
            next_ones.append(f"plantwright improve {plant} --save-move {best} better.yaml")
        if max(map(len, next_ones)) > self.width - 6:
            # A command that is cut cannot be copied; one with PLANT in it can be completed.
            next_ones = [command.replace(plant, "PLANT") for command in next_ones]
        return [("NEXT  " if i == 0 else "      ") + command for i, command in enumerate(next_ones)]

    def together(self) -> str:
        """The numbers of the first moves without capital that can be made together, if there are two."""
        chosen: list[RankedMove] = []
        for item in best_of(self.study, "do now", 3):
            if not any(item.move.edits.keys() & other.move.edits.keys() for other in chosen):
                chosen.append(item)
        return ",".join(str(item.rank) for item in chosen[:2]) if len(chosen) > 1 else ""

    def money_said(self) -> str:
        if self.study.by != "cash":
            return "after wages, before the price of the move"
        discount = 100 * float(self.study.options["discount"])
        return f"over {self.years} years, {words.figures(discount)} % a year off, after wages and a known price"

    def footnotes(self) -> list[str]:
        run, study = self.run, self.study
        said = f"{run.replications} runs, paired, {100 * float(study.options.get('level', run.level)):.3g} %."
        paid = f"* {self.money_said()}." if self.money else ""
        if study.partial:
            said += f" Stopped early: {words.plural(len(study.moves), 'move')} tried."
        lines: list[str] = []
        missing = "; ".join(f"{what}: {why}" for what, why in run.unknown.items())
        left = f"Not simulated: {', '.join(run.not_simulated)}." if run.not_simulated else ""
        unknown = f"{missing[:1].upper()}{missing[1:]}." if missing else ""
        lines += words.packed([part for part in (paid, said, unknown, left) if part], self.width, 4)
        from plantwright.plant import default_kinds

        guesses, defaults = len(self.plant.guesses), len(default_kinds(self.plant))
        told = f"{words.plural(guesses, 'guess')} of yours, " if guesses else ""
        lines.append(f"Guessed: {told}{words.plural(defaults, 'kind')} of value by us (check --explain)")
        return lines

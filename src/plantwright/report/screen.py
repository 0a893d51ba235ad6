"""The first screen of a study: an answer in 30 lines of 80 columns, not a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plantwright.improvement.study import Flip, RankedMove, Study
from plantwright.plant.plant import Plant
from plantwright.report import words
from plantwright.report.limits import bars, headline, the
from plantwright.simulation.run import Estimate, Run

GRADES = {
    "sketch": "SKETCH: nobody has measured it yet",
    "totals matched": "TOTALS MATCHED: agrees with your own",
    "weeks predicted": "WEEKS PREDICTED: unseen weeks came true",
    "move verified": "MOVE VERIFIED: a move brought its promise",
}
NAME, EFFECT, SECOND = 34, 18, 16
"""Widths of the columns of moves."""
PAID = ("one more person", "another shift")
"""Families whose price is a wage."""


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


def output_unit(run: Run) -> tuple[str, str]:
    """What is counted and per what: ``cell``, ``working day``."""
    unit, _, per = run.estimate("throughput").unit.partition("/")
    return unit, per


def _mean(run: Run, name: str) -> float | None:
    try:
        return run.estimate(name).mean
    except KeyError:
        return None


class _Screen:
    def __init__(self, study: Study, plant: Plant, width: int, command: str) -> None:
        self.study, self.plant, self.width, self.command = study, plant, width, command
        self.run = study.baseline
        self.unit, self.per = output_unit(self.run)
        self.money = _mean(self.run, "contribution") is not None
        self.shown: list[RankedMove] = []
        contributions = [item.released["contribution"].mean for item in study.moves if "contribution" in item.released]
        self.divisor, self.prefix = words.money_scale(*contributions)

    def blocks(self) -> list[Block]:
        opening = [Block((self.title(),), 99)]
        opening += [Block(tuple(words.wrapped(warning, self.width, 2)), 95) for warning in self.loud()]
        blank = Block(("",), 0)
        limit = headline(self.study, self.plant, self.width)
        parts = [
            *opening,
            Block(tuple(words.wrapped(self.verdict(), self.width, 2)), 98),
            blank,
            Block(tuple(limit), 97),
            Block(tuple(bars(self.study, self.plant)), 30),
            blank,
        ]
        parts += self.moves()
        parts.append(blank)
        changes = self.changes()
        if changes:
            parts.append(Block(tuple(changes), 60))
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
            elif warning.startswith("work in process keeps growing"):
                found.append(warning[0].upper() + warning[1:] + ".")
        return found

    def verdict(self) -> str:
        """What is sold or made, and how long it takes."""
        run, per = self.run, self.per
        made, sales, time = _mean(run, "throughput") or 0.0, _mean(run, "sales"), _mean(run, "cycle time")
        unit = f"{self.unit}s"
        from plantwright.improvement.limits import asked

        wanted = asked(self.plant)
        if sales is not None and wanted is not None:
            said = f"Sells {words.figures(sales)} of {words.figures(wanted, 4)} {unit} asked per {per}."
            if made > 1.02 * sales and self.study.limit.kind == "demand":
                said = said[:-1] + f", makes {words.figures(made)}."
        else:
            said = f"Finishes {words.figures(made)} {unit} per {per}."
        if time is not None:
            said += f" Cycle time {words.long(time)}."
        kept, held = _mean(run, "on-time share"), _mean(run, "work in process")
        if kept is not None:
            said += f" On time {100 * kept:.0f} %."
        elif sales is None and held is not None:
            said += f" {words.figures(held)} lots in process."
        return said

    def moves(self) -> list[Block]:
        done = self.first_of("do now", 3)
        spent = self.first_of("if you spend", 3)
        spared = self.spared()
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
        if spared:
            found.append(Block(("DO NOT BUY", *(self.spared_row(item) for item in spared)), 55))
        return found

    def first_of(self, verdict: str, most: int) -> list[RankedMove]:
        """The best of each family, so that the screen shows different ideas."""
        found: dict[str, RankedMove] = {}
        for item in self.study.moves:
            if item.verdict == verdict:
                key = item.move.name if item.move.family == "own move" else item.move.family
                found.setdefault(key, item)
        return list(found.values())[:most]

    def spared(self) -> list[RankedMove]:
        listed = [item for item in self.study.moves if item.verdict == "do not buy"]
        worth = {
            "own move": 1,
            "add a machine": 2,
            "one more person": 3,
            "faster machine": 4,
            "another shift": 5,
        }
        ordered = sorted(
            listed, key=lambda item: (item.move.capital is None, worth.get(item.move.family, 6), item.rank)
        )
        found: dict[str, RankedMove] = {}
        for item in ordered:
            found.setdefault(item.move.family, item)
        return list(found.values())[:2]

    def header(self) -> str:
        per = "day" if self.per.endswith("day") else self.per
        first = "on time, points" if self.study.by == "on-time" else f"{self.unit}s/{per}"
        if self.study.by in ("capacity", "cycle-time"):
            first = f"{self.unit}s/{per} max"
        if self.money:
            sketch = "sketch " if self.run.trust == "sketch" else ""
            second = f"{sketch}{self.prefix}{self.plant.currency or ''}/yr*"
        else:
            second = "cycle time"
        return first.ljust(EFFECT) + second.ljust(SECOND) + "sure?"

    def row(self, item: RankedMove, spending: bool) -> str:
        name = words.shortened(f"{item.rank:>2} {item.move.title}", NAME - 1)
        last = words.sureness(item.sure)
        if spending:
            last = self.price(item)
        return name.ljust(NAME) + self.effect(item).ljust(EFFECT) + self.second(item).ljust(SECOND) + last

    def effect(self, item: RankedMove) -> str:
        shown = self.output(item)
        return "" if shown is None else words.shortened(words.change(shown), EFFECT - 1)

    def output(self, item: RankedMove) -> Estimate | None:
        """The effect that the first column shows."""
        if self.study.by == "on-time" and "on-time share" in item.released:
            share = item.released["on-time share"]
            from dataclasses import replace

            return replace(share, mean=100 * share.mean, low=100 * share.low, high=100 * share.high)
        if self.study.by == "contribution":
            return item.released.get("sales") or item.released.get("throughput")
        return item.saturated.get("throughput")

    def second(self, item: RankedMove) -> str:
        main = item.released.get("contribution")
        time = item.released.get("cycle time")
        before = _mean(self.run, "cycle time")
        shorter = "" if time is None or before is None else words.from_to(before, before + time.mean)
        if main is None:
            return shorter
        if item.verdict == "do now" and main.low <= 0 and shorter:
            return shorter
        return words.signed(words.figures(main.mean / self.divisor))

    def price(self, item: RankedMove) -> str:
        capital, currency = item.move.capital, self.plant.currency or ""
        if capital is not None:
            return words.amount(capital, currency)
        if item.wages:
            return words.amount(item.wages, currency) + "/yr"
        return "no wage" if item.wages is None and item.move.family in PAID else "no price"

    def consequence(self, item: RankedMove) -> list[str]:
        """What stops the first move worth spending on, and what binds next."""
        said = []
        if item.meets_demand and item.capacity is not None:
            said.append("stops at demand")
        if item.next_limit and item.capacity is not None:
            then = "nothing alone" if item.next_limit == "several together" else the(item.next_limit, self.plant)
            said.append(f"with it {then} binds ({words.figures(item.capacity)})")
        gain = item.released.get("contribution")
        if item.move.capital and gain is not None:
            said.append(words.payback(item.move.capital, gain.mean))
        if item.move.lead_time:
            said.append(f"takes {words.long(item.move.lead_time)}")
        return [f"     {'; '.join(said)}"] if said else []

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
        return name.ljust(NAME) + self.effect(item).ljust(EFFECT) + self.why_not(item)

    def why_not(self, item: RankedMove) -> str:
        limit = self.study.limit
        subject = item.move.subject.get("work center") or item.move.subject.get("crew")
        if limit.kind == "demand":
            return "demand is met"
        if limit.kind == "release":
            return "not while release binds"
        gained, whole = item.saturated.get("throughput"), self.study.saturated.estimate("throughput").mean
        lifts = gained is not None and gained.low > 0 and gained.mean > 0.01 * whole
        if subject == limit.subject or limit.kind == "unknown" or lifts:
            return "costs more than it brings" if self.money else "brings too little"
        return f"not while {limit.subject} binds"

    def changes(self) -> list[str]:
        def line(flip: Flip) -> str:
            said = f"{flip.what} {flip.threshold}".strip()
            extra = flip.measure_by or flip.then
            return f"{said}  ({extra})" if extra else said

        flips = [*self.study.measure_first, *self.study.flips][:3]
        lines = []
        for i, flip in enumerate(flips):
            lines.append(("ANSWER CHANGES IF  " if i == 0 else " " * 19) + line(flip))
        return lines

    def next_steps(self) -> list[str]:
        best = next((item.rank for item in self.study.moves if item.verdict in ("do now", "if you spend")), None)
        plant = self.command
        lines = [f"NEXT  plantwright improve {plant} -o report.html"]
        if best is not None:
            saved = f"plantwright improve {plant} --save-move {best} better.yaml"
            lines.append(f"      {saved}")
        return lines

    def footnotes(self) -> list[str]:
        run, study = self.run, self.study
        said = f"{run.replications} runs, paired, {100 * float(study.options.get('level', run.level)):.3g} %."
        if self.money:
            said = f"* after wages, before the price of the move. {said}"
        if study.partial:
            said += f" Stopped early: {words.plural(len(study.moves), 'move')} tried."
        lines: list[str] = []
        missing = "; ".join(f"{what}: {why}" for what, why in run.unknown.items())
        left = f"Not simulated: {', '.join(run.not_simulated)}." if run.not_simulated else ""
        unknown = f"{missing[:1].upper()}{missing[1:]}." if missing else ""
        lines += words.packed([said, unknown, left], self.width, 4)
        from plantwright.plant import explain

        guesses, defaults = len(self.plant.guesses), len(explain(self.plant))
        told = f"{words.plural(guesses, 'guess').replace('guesss', 'guesses')} of yours, " if guesses else ""
        lines.append(f"Guessed: {told}{words.plural(defaults, 'value')} by us (plantwright check --explain)")
        return lines

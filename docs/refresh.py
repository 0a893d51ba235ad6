"""Fill the zones of the pages that a program writes: real output, and tables of what the code itself says.

    python docs/refresh.py                every zone of every page that is quick to write
    python docs/refresh.py README.md ...  those of these pages only
    python docs/refresh.py --slow         the tables of truths and intervals too, which take half an hour

A zone lies between ``<!-- name: argument -->`` and ``<!-- /name -->``. `tests/test_docs.py` holds every quick zone against
what would be written now.
"""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
ZONE = re.compile(r"<!-- (?P<name>[a-z ]+)(?:: (?P<of>[^\n]+?))? -->\n(?P<text>.*?)<!-- /(?P=name) -->", re.S)
SLOW = ("truths", "intervals", "round trip")

MONEY = "currency | money | money > energy | wage | work centers > * > price | products > * > price | cost | pay | materials > * > price"
KEPT = "measures"
NOW = {
    **dict.fromkeys(MONEY.split(" | "), "money"),
    **dict.fromkeys(KEPT.split(" | "), "kept"),
    "totals": "grade",
    "hold-out": "grade",
    "moves": "improve",
    **dict.fromkeys(("limits", "people > * > learns", "money > discount", "money > horizon"), "improve"),
    "products > * > routing": "yes",
    "format": "",
    "machines > name": "kept",
}
"""Words, by the end of their path, that are not simply simulated: what holds for a word holds for those below it."""


def pages() -> list[Path]:
    """All pages of the documentation."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def refreshed(page: Path, text: str, slow: bool = True) -> str:
    """The text of a page with its zones filled anew; without `slow`, the slow ones stay as they are."""

    def fill(match: re.Match[str]) -> str:
        name, of = match["name"], match["of"] or ""
        if name not in WRITERS or (name in SLOW and not slow):
            return match[0]
        opening = match[0][: match.start("text") - match.start()]
        return f"{opening}{WRITERS[name](of, page).strip()}\n<!-- /{name} -->"

    return ZONE.sub(fill, text)


def first_screen(of: str, page: Path) -> str:
    """What ``plantwright improve`` prints for an example, or for the plant file of that name on the page itself."""
    with tempfile.TemporaryDirectory() as folder:
        where = ROOT
        for name, text in named_files(page.read_text("utf-8")):
            if name == of:
                where = Path(folder)
                (where / name).write_text(text, "utf-8")
        told = output(["improve", of], where) if of else first_screen_of_the_example()
    return f"```text\n{told}\n```"


@cache
def first_screen_of_the_example() -> str:
    return output(["improve", "examples/pouch-cell-pilot.yaml"], ROOT)


def named_files(text: str) -> Iterator[tuple[str, str]]:
    """The files that a page shows: blocks whose first line is a comment with the file's name."""
    for block in re.findall(r"^```(?:yaml|csv)\n(.*?)^```", text, re.M | re.S):
        match = re.match(r"# ([\w./-]+\.(?:yaml|csv))\n", block)
        if match:
            yield match[1], block[match.end() :] if match[1].endswith(".csv") else block


def output(arguments: list[str], folder: Path) -> str:
    """What the program prints."""
    code = "from plantwright.cli import main; main()"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLANTWRIGHT_")}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    return done.stdout.rstrip()


def truths(of: str, page: Path) -> str:
    """The engine against answers that are known exactly."""
    return benchmark("truths")


def intervals(of: str, page: Path) -> str:
    """How often intervals hold the truth."""
    return benchmark("intervals")


def benchmark(name: str) -> str:
    """What a benchmark prints; it must be content with it."""
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode:
        raise SystemExit(f"benchmarks.{name}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A table of a page."""
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def word_tables() -> dict[str, Any]:
    """The words of the plant file by the path of what they describe; each table of words once."""
    from plantwright.plant.structures import Keys
    from plantwright.plant.words import moves, operations, plant

    found: dict[str, Any] = {}
    hidden = {"RoutingOf": operations.OPERATION, "MovesOf": moves.MOVE}

    def walk(reader: Any, path: str) -> None:
        kind = type(reader).__name__
        if kind in hidden:
            walk(hidden[kind], f"{path} > *")
        elif isinstance(reader, Keys):
            if not any(known is reader for known in found.values()):
                found[path] = reader
                for word in reader.words:
                    walk(word.reader, f"{path} > {word.name}" if path else word.name)
        else:
            deeper = f"{path} > *" if kind in ("Named", "MapOf") else path
            for inner in ("item", "keys", "scalar", "entries", "items", "inner"):
                if getattr(reader, inner, None) is not None:
                    walk(getattr(reader, inner), deeper)

    walk(plant.PLANT, "")
    return found


def now(path: str) -> str:
    """Whether a word is simulated now; what holds for a word holds for the words below it."""
    parts = path.split(" > ")
    for end in range(len(parts), 0, -1):
        for start in range(end):
            tail = " > ".join(parts[start:end])
            # Of what is simulated in part, the words below may be simulated in full.
            if tail in NOW and (end == len(parts) or NOW[tail] != "in part"):
                return NOW[tail]
    return "yes"


def round_trip(of: str, page: Path) -> str:
    """How often the intervals of calibrated numbers hold, over as many drawn shops as `of` says."""
    sys.path.insert(0, str(ROOT))
    from concurrent.futures import ProcessPoolExecutor

    from tests.calibration.round_trip import judging

    with ProcessPoolExecutor() as several:
        trips = list(several.map(judging.round_trip, range(1, int(of) + 1)))
    judged = [own for trip in trips for own in trip.judged]
    made = ["| | intervals | hold the true number | width |", "| --- | --- | --- | --- |"]
    by_what, by_kind = (judging.table(judged, by) for by in ("what", "kind"))
    for row in [*by_what, *by_kind[1:]]:
        width = "" if row["width"] != row["width"] else f"{row['width']:.2f}"
        made.append(f"| {row['name']} | {row['intervals']:,} | {100 * row['hold']:.1f} % | {width} |")
    return "\n".join(made)


def words(of: str, page: Path) -> str:
    """The words under a path of the plant file."""
    path = "" if of == "the top" else of
    rows = []
    for word in word_tables()[path].words:
        default = "needed" if word.needed else word.default
        example = f"`{word.example}`" if word.example else ""
        rows.append(
            (f"`{word.name}`", example, word.meaning, default, now(f"{path} > {word.name}" if path else word.name))
        )
    return table(("word", "example", "meaning", "if not given", "now"), rows)


def sheet(of: str, page: Path) -> str:
    """The columns of a sheet of the workbook."""
    from plantwright.plant.sheets import SHEETS

    rows = []
    for column in SHEETS[of]:
        also = ", ".join(column.also)
        rows.append((column.name, column.help, "needed" if column.needed else "", column.unit, also))
    return table(("column", "what to write", "", "a bare number is in", "may also be called"), rows)


def options(of: str, page: Path) -> str:
    """The arguments and options of a command."""
    import click

    from plantwright.cli.main import group

    context = click.Context(group, **group.context_settings)
    name, _, under = of.partition(" ")
    command = group.get_command(context, name) if name != "plantwright" else group
    if under:
        assert isinstance(command, click.Group)
        command = command.commands[under]
    assert command is not None
    rows = []
    for parameter in command.get_params(click.Context(command, parent=context)):
        default = parameter.default if isinstance(parameter.default, str | int | float) else ""
        said = "needed" if parameter.required else "" if isinstance(default, bool) else str(default)
        metavar = parameter.make_metavar(context)
        if isinstance(parameter, click.Option):
            takes = "" if parameter.is_flag else f" {metavar}"
            rows.append((f"`{', '.join(parameter.opts)}{takes}`", said, parameter.help or ""))
        else:
            rows.append((f"`{metavar}`", said, ARGUMENTS.get(metavar.strip("[]"), "")))
    return table(("option", "default", "meaning"), rows)


def signature(of: str, page: Path) -> str:
    """How a function of the public API is called, or what a class holds and does."""
    import plantwright

    thing = getattr(plantwright, of)
    if not inspect.isclass(thing):
        return f"```text\n{_called(of, thing)}\n```"
    if issubclass(thing, Exception):
        parents = [parent.__name__ for parent in thing.__mro__[1:] if parent.__module__.startswith("plantwright")]
        return f"`{thing.code}`" + (f", a kind of `{parents[0]}`." if parents else ".")
    rows = []
    if dataclasses.is_dataclass(thing):
        rows = [(f"`{f.name}`", f"`{f.type}`") for f in dataclasses.fields(thing) if not f.name.startswith("_")]
    elif issubclass(thing, tuple):
        types = inspect.get_annotations(thing)
        rows = [(f"`{name}`", f"`{getattr(types[name], '__forward_arg__', types[name])}`") for name in thing._fields]
    for name, member in vars(thing).items():
        if name.startswith("_") or any(f"`{name}`" == row[0] for row in rows):
            continue
        said = (inspect.getdoc(member) or "").splitlines()[:1]
        if inspect.isfunction(member):
            rows.append((f"`{_called(name, member)}`", "".join(said)))
        elif isinstance(member, property):
            rows.append((f"`{name}`", "".join(said)))
    return table(("member", "what it is"), rows)


def _called(name: str, function: Any) -> str:
    """A function with its parameters, their types as they are written in the source, and their defaults."""
    parts, keywords = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not keywords:
            parts.append("*")
            keywords = True
        stars = "**" if parameter.kind is parameter.VAR_KEYWORD else ""
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}".replace("'", '"')
        parts.append(f"{stars}{parameter.name}: {parameter.annotation}{default}")
    gives = f" -> {inspect.signature(function).return_annotation}"
    line = f"{name}({', '.join(parts)}){gives}"
    if len(line) <= 100:
        return line
    return f"{name}(\n    " + ",\n    ".join(parts) + f",\n){gives}"


def families(of: str, page: Path) -> str:
    """The families of moves, with what each proposes, and when it is looked at (Goldratt's five steps)."""
    from plantwright.improvement import all_families

    rows = []
    for family in all_families().values():
        said = " ".join((inspect.getdoc(family.propose) or "").split())
        rows.append(
            (
                f"[{family.name}](#{family.name.lower().replace(' ', '-')})",
                said,
                family.stage,
                "yes" if family.spends or family.usual.cost or family.usual.yearly else "",
            )
        )
    return table(("family", "what it proposes", "step", "costs money"), rows)


def usual(of: str, page: Path) -> str:
    """What moves of each family usually cost and bring, and where that comes from."""
    from plantwright.improvement import all_families
    from plantwright.plant.quantities import distribution_text

    rows = []
    for family in all_families().values():
        of_family = family.usual
        effect = "" if of_family.effect is None else distribution_text(of_family.effect.times(100), "share", " %")
        rows.append(
            (
                family.name,
                *("" if cost is None else f"{cost:,.0f} USD" for cost in (of_family.cost, of_family.yearly)),
                *("" if time is None else _span(time) for time in (of_family.lead_time, of_family.ramp_up)),
                effect,
                of_family.source,
            )
        )
    return table(("family", "cost once", "cost per year", "lead time", "ramp-up", "effect", "source"), rows)


def _span(seconds: float) -> str:
    """A time in months where it is some, else in weeks or days."""
    month, week, day = 365.25 / 12 * 86400.0, 7 * 86400.0, 86400.0
    for unit, length in (("mo", month), ("wk", week), ("d", day)):
        if seconds >= length and abs(seconds / length - round(seconds / length)) < 1e-6:
            return f"{seconds / length:.0f} {unit}"
    return "none" if seconds == 0 else f"{seconds / day:.3g} d"


ARGUMENTS = {
    "PLANT": "A plant file or workbook.",
    "LOG|PLANT": "An event log, as for `inspect`; or a plant file or workbook with totals.",
    "LOG": "An event log: CSV, Excel, Parquet, XES, OCEL 2.0, or the URL of a database.",
    "FILE": "The file to write: .yaml or .xlsx.",
}


def stories(of: str, page: Path) -> str:
    """Each word of the plant file, and the test that tells what difference it makes."""
    sys.path.insert(0, str(ROOT))
    from tests.simulation import test_every_word as every

    rows = ["| Word | Its test |", "| --- | --- |"]
    told = {story.key: story for story in every.STORIES}
    of_schema = every.keys
    rows += [f"| `{key}` | {_told_of(key, told, every)} |" for key in of_schema()]
    return "\n".join(rows)


def _told_of(key: str, told: dict[str, Any], every: Any) -> str:
    if key in told:
        story = told[key]
        old, new = (" ".join(text.split()).replace("|", "\\|") or "nothing" for text in (story.old, story.new))
        return f"`{old}` or `{new}`: first {_event(story.one)} or {_event(story.other)}"
    if key in every.ELSEWHERE:
        return str(every.ELSEWHERE[key])
    for word, reason in every.NO_EVENT.items():
        if key == word or key.startswith(f"{word} > "):
            return str(reason)
    for place, same in every.SAME_AS.items():
        if key.startswith(f"{place} > "):
            return f"as `{same}{key.removeprefix(place)}`"
    return "those of the words below it"


def _event(event: tuple[object, ...] | None) -> str:
    return " ".join(str(word) for word in event if word not in ("", None)) if event else "nothing"


WRITERS: dict[str, Callable[[str, Path], str]] = {
    "first screen": first_screen,
    "truths": truths,
    "intervals": intervals,
    "round trip": round_trip,
    "words": words,
    "sheet": sheet,
    "options": options,
    "signature": signature,
    "families": families,
    "usual": usual,
    "stories": stories,
}


def main(arguments: list[str]) -> None:
    """Refresh the pages named, or all."""
    names = [Path(name).resolve() for name in arguments if name != "--slow"]
    for page in names or pages():
        before = page.read_text("utf-8")
        after = refreshed(page, before, slow="--slow" in arguments)
        if after != before:
            page.write_text(after, "utf-8")
            print(f"refreshed {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Ways in which people damage logs, each done to a sound one: what it does to rows, and what must come of it.

A damage gives the bytes of the damaged file and the lines that it touched. `Damage` says what must follow: a kind of defect that names these
lines, a refusal, or nothing at all; and by how much hours of work by station may differ from those of the sound log.
"""

from __future__ import annotations

import csv
import io
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Rows = list[dict[str, str]]
Made = tuple[bytes, list[int]]

CASE, ACTIVITY, STATION, WORKER = "Case ID", "Activity", "Resource", "Worker ID"
START, END, SPAN, TYPE = "Start Timestamp", "Complete Timestamp", "Span", "Report Type"
ORDERED, GOOD, BAD, PRODUCT = "Work Order  Qty", "Qty Completed", "Qty Rejected", "Part Desc."
FORM = "%Y/%m/%d %H:%M:%S.%f"


@dataclass(frozen=True)
class Damage:
    """``kind`` is the defect that must name the lines (``lines``: how many of those touched it must name, and how many of those that it
    names must be touched), ``refused`` the code of a refusal, ``aside`` a reason for rows to be set aside; ``hours`` by how much the
    hours of a station may be off, relative to the mean of all; ``also`` other kinds that may be told of where none must be.
    """

    make: Callable[[Rows, random.Random], Made]
    kind: str = ""
    refused: str = ""
    aside: str = ""
    hours: float = 0.01
    lines: tuple[float, float] = (0.95, 0.95)
    small_only: bool = False
    real_only: bool = False
    also: tuple[str, ...] = ()


def moment(text: str) -> datetime:
    return datetime.strptime(text, FORM)


def stamp(at: datetime) -> str:
    return f"{at:%Y/%m/%d %H:%M:%S}.000"


def text(rows: Rows, header: Sequence[str] | None = None, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", delimiter=delimiter)
    writer.writerow(header or list(rows[0]))
    writer.writerows([list(cells.values()) for cells in rows])
    return out.getvalue().encode()


def every(change: Callable[[dict[str, str]], dict[str, str]]) -> Callable[[Rows, random.Random], Made]:
    """The same change to all rows; those that it changes are touched."""

    def make(rows: Rows, chance: random.Random) -> Made:
        changed = [cells | change(cells) for cells in rows]
        return text(changed), [line for line, (a, b) in enumerate(zip(rows, changed, strict=True), 2) if a != b]

    return make


def some(
    share: float,
    change: Callable[[dict[str, str], random.Random], dict[str, str]],
    fit: Callable[[dict[str, str]], bool] = lambda cells: True,
) -> Callable[[Rows, random.Random], Made]:
    """A change to a share of the rows that are fit for it."""

    def make(rows: Rows, chance: random.Random) -> Made:
        touched = {k for k, cells in enumerate(rows) if fit(cells) and chance.random() < share}
        changed = [cells | change(cells, chance) if k in touched else cells for k, cells in enumerate(rows)]
        return text(changed), sorted(k + 2 for k in touched)

    return make


def times(write: Callable[[datetime], str]) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda cells: {name: write(moment(cells[name])) for name in (START, END)}


def minutes(cells: dict[str, str]) -> float:
    return (moment(cells[END]) - moment(cells[START])).total_seconds() / 60


def excel(at: datetime) -> str:
    return f"{(at - datetime(1899, 12, 30)).total_seconds() / 86400:.9f}"


def confused(at: datetime) -> str:
    return stamp(at.replace(month=at.day, day=at.month) if at.day <= 12 else at)


def rounded(at: datetime, step: int) -> str:
    whole = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return stamp(whole + timedelta(seconds=step * round((at - whole).total_seconds() / step)))


def measured(cells: dict[str, str]) -> bool:
    """Whether a report has a time that is taken as measured, of more than three minutes; the published log has others."""
    return minutes(cells) > 3 and cells[SPAN] != "000:00"


def doubled(change: Callable[[dict[str, str], random.Random], dict[str, str]]) -> Callable[[Rows, random.Random], Made]:
    """One in twenty reports stands there twice, the second time changed."""

    def make(rows: Rows, chance: random.Random) -> Made:
        made, touched = [], []
        for cells in rows:
            made.append(cells)
            if measured(cells) and float(cells[GOOD] or 0) > 0 and chance.random() < 0.05:
                made.append(cells | change(cells, chance))
                touched.append(len(made) + 1)
        return text(made), touched

    return make


def later(seconds: int) -> Callable[[dict[str, str], random.Random], dict[str, str]]:
    return lambda cells, chance: {
        name: stamp(moment(cells[name]) + timedelta(seconds=seconds)) for name in (START, END)
    }


def misspelt(cells: dict[str, str], chance: random.Random) -> dict[str, str]:
    name = chance.choice((STATION, ACTIVITY))
    ways = (str.upper, str.lower, lambda word: word.replace(" - ", "-"), lambda word: word.replace("ing", "íng"))
    return {name: chance.choice(ways)(cells[name])}


def next_start(rows: Rows, chance: random.Random) -> Made:
    """Only starts were known: each end is the start of the order's next report."""
    own: dict[str, list[int]] = {}
    for k in sorted(range(len(rows)), key=lambda k: (rows[k][START], rows[k][END])):
        own.setdefault(rows[k][CASE], []).append(k)
    ends = {a: rows[b][START] for order in own.values() for a, b in itertools.pairwise(order)}
    changed = [cells | ({END: ends[k], SPAN: ""} if k in ends else {SPAN: ""}) for k, cells in enumerate(rows)]
    return text(changed), sorted(k + 2 for k in ends)


def cut(rows: Rows, chance: random.Random) -> Made:
    """The middle half of the log: orders that began before it have lost their beginning, those that went on after it their end."""
    starts = sorted(moment(cells[START]) for cells in rows)
    low, high = starts[len(starts) // 4], starts[3 * len(starts) // 4]
    kept = [cells for cells in rows if low <= moment(cells[START]) < high]
    whole = {}
    for cells in rows:
        whole[cells[CASE]] = min(whole.get(cells[CASE], cells[START]), cells[START])
    seen: dict[str, int] = {}
    for line, cells in enumerate(kept, 2):
        seen.setdefault(cells[CASE], line)
    return text(kept), sorted(line for order, line in seen.items() if moment(whole[order]) < low)


def merged(rows: Rows, chance: random.Random) -> Made:
    """Sorted by order, and the order only in the first row of each."""
    ordered = sorted(rows, key=lambda cells: cells[CASE])
    changed, before, touched = [], None, []
    for line, cells in enumerate(ordered, 2):
        if cells[CASE] == before:
            touched.append(line)
            changed.append(cells | {CASE: "", PRODUCT: "", ORDERED: ""})
        else:
            changed.append(cells)
        before = cells[CASE]
    return text(changed), touched


def shuffled(rows: Rows, chance: random.Random) -> Made:
    return text(chance.sample(rows, len(rows))), []


def headed(*names: str) -> Callable[[Rows, random.Random], Made]:
    """Other names of the columns, in the order in which they stand; what has no name here is left out."""

    def make(rows: Rows, chance: random.Random) -> Made:
        kept = (CASE, ACTIVITY, STATION, START, END, SPAN, TYPE, ORDERED, PRODUCT, WORKER, GOOD, BAD)
        return text([{name: cells[name] for name in kept} for cells in rows], names), []

    return make


def header_again(rows: Rows, chance: random.Random) -> Made:
    header = {name: name for name in rows[0]}
    at = range(100, len(rows), 400)
    made: Rows = []
    for k, cells in enumerate(rows):
        made += [header, cells] if k in at else [cells]
    return text(made), [line for line, cells in enumerate(made, 2) if cells is header]


def totals(rows: Rows, chance: random.Random) -> Made:
    made: Rows = []
    touched = []
    for k, cells in enumerate(rows):
        made.append(cells)
        if k % 300 == 299:
            made.append(dict.fromkeys(cells, "") | {CASE: "Total", GOOD: "1234"})
            touched.append(len(made) + 1)
    return text(made), touched


def mark(rows: Rows, chance: random.Random) -> Made:
    return b"\xef\xbb\xbf" + text(rows), []


def only_starts(rows: Rows, chance: random.Random) -> Made:
    return text([{name: value for name, value in cells.items() if name not in (END, SPAN)} for cells in rows]), []


def in_another_zone(rows: Rows, chance: random.Random) -> Made:
    """One station's clock shows two hours more."""
    return some(1.0, later(7200), lambda cells: cells[STATION] == "Inspection")(rows, chance)


def summer_time(rows: Rows, chance: random.Random) -> Made:
    """From a day on all clocks show an hour more."""
    day = "2026/02/16"
    return some(1.0, later(3600), lambda cells: cells[START][:10] >= day)(rows, chance)


def month_first_here(rows: Rows, chance: random.Random) -> Made:
    """Half of the people write the month first, the others the day; touched are those of the day that can be read both ways."""
    made, touched = [], []
    for line, cells in enumerate(rows, 2):
        month = sum(map(ord, cells[WORKER])) % 3 < 2
        made.append(
            cells | times(lambda at, month=month: at.strftime("%m/%d/%Y %H:%M" if month else "%d/%m/%Y %H:%M"))(cells)
        )
        at = moment(cells[START])
        if not month and at.day <= 12 and at.day != at.month:
            touched.append(line)
    return text(made), touched


def old_year(rows: Rows, chance: random.Random) -> Made:
    """In the first fortnight three in ten reports have the year before."""
    first = min(moment(cells[START]) for cells in rows)
    change = some(
        0.3,
        lambda cells, chance: times(lambda at: stamp(at.replace(year=at.year - 1)))(cells),
        lambda cells: moment(cells[END]) - first < timedelta(days=14) and moment(cells[START]).year == first.year,
    )
    return change(rows, chance)


def merged_throughout(rows: Rows, chance: random.Random) -> Made:
    """Sorted by order; order, activity and machine stand only where they, or what stands before them, change."""
    ordered = sorted(rows, key=lambda cells: (cells[CASE], cells[START]))
    changed, touched = [], []
    for line, (before, cells) in enumerate(zip([None, *ordered], ordered, strict=False), 2):
        new, same = dict(cells), before is not None
        for name in (CASE, ACTIVITY, STATION):
            same = same and before is not None and before[name] == cells[name]
            new[name] = "" if same else cells[name]
        changed.append(new)
        if not new[CASE]:
            touched.append(line)
    return text(changed), touched


def subtotals(rows: Rows, chance: random.Random) -> Made:
    """A line for each order, as a spreadsheet makes it."""
    made: Rows = []
    touched = []
    ordered = sorted(rows, key=lambda cells: cells[CASE])
    for cells, after in zip(ordered, [*ordered[1:], None], strict=True):
        made.append(cells)
        if after is None or after[CASE] != cells[CASE]:
            made.append(dict.fromkeys(cells, "") | {CASE: f"{cells[CASE]} Total", GOOD: "12"})
            touched.append(len(made) + 1)
    return text(made), touched


def printed(rows: Rows, chance: random.Random) -> Made:
    """A report as it is printed: two lines of title, and the number of each page."""
    lines = text(rows).decode().splitlines()
    made, touched = ["Production report", "Printed 2026-04-01 07:00", ""], []
    for number, line in enumerate(lines):
        if number and number % 300 == 0:
            made.append(f"Page {number // 300}")
            touched.append(len(made))
        made.append(line)
    return ("\n".join(made) + "\n").encode(), touched


def sorted_alone(*names: str) -> Callable[[Rows, random.Random], Made]:
    """Some columns, together, sorted by themselves."""

    def make(rows: Rows, chance: random.Random) -> Made:
        values = sorted(tuple(cells[name] for name in names) for cells in rows)
        return text([cells | dict(zip(names, own, strict=True)) for cells, own in zip(rows, values, strict=True)]), []

    return make


def numbered(cells: dict[str, str], chance: random.Random) -> dict[str, str]:
    """The number of an order as spreadsheets and programs write it."""
    number = "".join(filter(str.isdigit, cells[CASE])).lstrip("0") or "0"
    return {CASE: chance.choices((number, f"{number}.0", number.zfill(6)), (8, 1, 1))[0]}


def as_numbers(rows: Rows, chance: random.Random) -> Made:
    changed = [cells | numbered(cells, chance) for cells in rows]
    return text(changed), [line for line, cells in enumerate(changed, 2) if "." in cells[CASE] or len(cells[CASE]) == 6]


def spoiled(cells: dict[str, str], chance: random.Random) -> dict[str, str]:
    """UTF-8 that was read in another code page."""
    return {STATION: cells[STATION].encode("utf-8").decode("cp1252")}


def ten_times(name: str) -> Callable[[dict[str, str], random.Random], dict[str, str]]:
    return lambda cells, chance: {name: str(10 * int(float(cells[name])))}


DAMAGES: dict[str, Damage] = {
    "day and month confused up to the twelfth": Damage(every(times(confused)), "day and month confused"),
    "times of one station two hours late": Damage(in_another_zone, "shifted clocks", small_only=True),
    "all times an hour late from a day on": Damage(summer_time, "hours that moved", small_only=True),
    "times cut to the hour": Damage(every(times(lambda at: f"{at:%Y/%m/%d %H}:00:00.000")), "rounded times", hours=0.4, lines=(0.5, 0.7)),
    "times cut to the date": Damage(every(times(lambda at: f"{at:%Y/%m/%d}")), refused="PW3064"),
    "times cut to minutes and seconds": Damage(every(times(lambda at: f"{at:%M:%S}.0")), refused="PW3021"),
    "times rounded to a quarter of an hour": Damage(every(times(lambda at: rounded(at, 900))), "rounded times", hours=0.05, lines=(0.8, 0.75)),
    "times rounded to five minutes": Damage(every(times(lambda at: rounded(at, 300))), "rounded times", hours=0.02, lines=(0.8, 0.75)),
    "seconds lost": Damage(every(times(lambda at: f"{at:%Y-%m-%d %H:%M}")), hours=0.03, also=("zero durations",)),
    "ends that are starts": Damage(some(0.05, lambda cells, chance: {END: cells[START]}, measured), "zero durations", hours=0.1),
    "start and end in each other's place": Damage(
        some(0.05, lambda cells, chance: {START: cells[END], END: cells[START]}, measured), "swapped intervals", hours=0.06, lines=(0.75, 0.95)
    ),
    "rows twice": Damage(doubled(lambda cells, chance: {}), "surplus copies"),
    "rows twice, some seconds later": Damage(doubled(later(17)), "near copies"),
    "rows twice, in capitals": Damage(doubled(lambda cells, chance: {STATION: cells[STATION].upper()}), "near copies", hours=0.02, lines=(0.9, 0.95)),
    "no machine in one row of five": Damage(some(0.2, lambda cells, chance: {STATION: ""}), "missing resources", hours=0.2),
    "no product in one row of five": Damage(some(0.2, lambda cells, chance: {PRODUCT: ""}), "missing products"),
    "no person in one row of ten": Damage(some(0.1, lambda cells, chance: {WORKER: ""}), "missing people"),
    "names in other spellings": Damage(some(0.05, misspelt), "several spellings", lines=(0.6, 0.95)),
    "blanks around and within names": Damage(
        some(0.05, lambda cells, chance: {STATION: f"  {cells[STATION].replace(' - ', '  -  ')} "}, lambda cells: " - " in cells[STATION]), "irregular names",
        lines=(0.95, 0.4),
    ),
    "names in a wrong code page": Damage(some(0.1, spoiled, lambda cells: "ä" in cells[STATION]), "several spellings", small_only=True),
    "dates as numbers of days": Damage(every(times(excel))),
    "dates as numbers of days in one row of ten": Damage(
        some(0.1, lambda cells, chance: times(excel)(cells)), "dates as day numbers"
    ),
    "dates in another form in one row of ten": Damage(
        some(0.1, lambda cells, chance: times(lambda at: f"{at:%d.%m.%Y %H:%M:%S}")(cells)), "mixed date formats"
    ),
    "years of two digits": Damage(every(times(lambda at: f"{at:%d.%m.%y %H:%M:%S}"))),
    "decimal commas": Damage(every(lambda cells: {name: f"{cells[name]},0" for name in (ORDERED, GOOD, BAD)})),
    "ends that are the next start": Damage(next_start, "ends taken from the next start", hours=float("inf")),
    "ends of 1970": Damage(some(0.05, lambda cells, chance: {END: "1970/01/01 00:00:00.000"}, measured), "placeholder dates", hours=0.1),
    "orders cut off at both ends": Damage(cut, "orders begun before the log", hours=float("inf"), lines=(0.3, 0.8)),
    "order quantities with a digit too many": Damage(some(0.03, ten_times(ORDERED)), "order quantities that differ"),
    "pieces with a digit too many": Damage(
        some(0.05, ten_times(GOOD), lambda cells: float(cells[GOOD]) >= 0.8 * float(cells[ORDERED])), "more pieces than ordered", lines=(0.95, 0.3)
    ),
    "pieces below nothing": Damage(
        some(0.03, lambda cells, chance: {GOOD: f"-{cells[GOOD]}"}, lambda cells: float(cells[GOOD]) > 0), "quantities below nothing"
    ),
    "numbers with words": Damage(some(0.03, lambda cells, chance: {GOOD: f"{cells[GOOD]} pcs"}), "unreadable numbers"),
    "rows shuffled": Damage(shuffled),
    "a German header": Damage(headed("Auftrag", "Arbeitsgang", "Maschine", "Beginn", "Ende", "Dauer", "Art", "Auftragsmenge", "Artikel", "Mitarbeiter", "Gutmenge", "Ausschuss"), hours=0.01),
    "a Spanish header": Damage(
        headed("Orden de trabajo", "Operación", "Máquina", "Inicio", "Fin", "Duración", "Tipo", "Cantidad orden", "Pieza", "Operario", "Cantidad", "Rechazado"), hours=0.01
    ),
    "a Chinese header": Damage(headed("工单号", "工序", "设备", "开始时间", "结束时间", "时长", "类型", "订单数量", "产品", "操作员", "合格数量", "不良数量"), hours=0.01),
    "starts only": Damage(only_starts, refused="PW3063"),
    "the header again": Damage(header_again, aside="the header again"),
    "totals between the rows": Damage(totals, aside="a total, no report"),
    "a byte order mark": Damage(mark),
    "orders in merged cells": Damage(merged, "blank below"),
    "orders, activities and machines in merged cells": Damage(merged_throughout, "blank below"),
    "a line of subtotals for each order": Damage(subtotals, aside="a total, no report"),
    "a report as it is printed": Damage(printed, aside="a total, no report"),
    "the month first with some people": Damage(month_first_here, "day or month first", hours=0.15, lines=(0.8, 0.8), also=("mixed date formats",)),
    "the old year in January": Damage(old_year, "dates of another year", hours=0.02),
    "midnight as 24:00": Damage(
        some(1.0, lambda cells, chance: {END: f"{moment(cells[END]) - timedelta(days=1):%Y/%m/%d} 24:00:00.000"}, lambda cells: cells[END][11:16] == "00:00"),
        "midnight as 24:00", hours=0.02,
        real_only=True,
    ),
    "AM and PM lost": Damage(every(times(lambda at: f"{at:%Y/%m/%d %I:%M:%S}")), refused="PW3069"),
    "starts sorted by themselves": Damage(sorted_alone(START), refused="PW3070", real_only=True),
    "starts and ends sorted by themselves": Damage(sorted_alone(START, END), refused="PW3070", real_only=True),
    "NULL where nothing is": Damage(
        some(0.2, lambda cells, chance: {STATION: chance.choice(("NULL", "N/A", "#REF!", "-"))}), "words for nothing", hours=0.2
    ),
    "names as a web page writes them": Damage(
        some(0.3, lambda cells, chance: {name: cells[name].replace(" &", " &amp;").replace(" - ", " &#45; ") for name in (ACTIVITY, STATION)},
             lambda cells: " - " in cells[STATION]), "characters written as HTML", hours=0.02,
    ),
    "blanks that do not break": Damage(
        some(0.3, lambda cells, chance: {name: cells[name].replace(" ", "\u00a0") for name in (CASE, ACTIVITY)}, lambda cells: " " in cells[CASE]),
        "blanks that are none", hours=0.02,
    ),
    "orders as numbers of a spreadsheet": Damage(as_numbers, "numbers in several ways", hours=0.02),
    "days and months in words": Damage(every(times(lambda at: f"{('Mo', 'Di', 'Mi', 'Do', 'Fr', 'Sa', 'So')[at.weekday()]}, {at:%d}. "
        f"{('Jan', 'Feb', 'März', 'April', 'Mai', 'Juni', 'Juli', 'Aug', 'Sept', 'Okt', 'Nov', 'Dez')[at.month - 1]} {at:%Y %H:%M:%S}"))),
    "AM and PM with points": Damage(every(times(lambda at: f"{at:%d/%m/%Y %I:%M:%S} {'a' if at.hour < 12 else 'p'}. m."))),
    "times without marks": Damage(every(times(lambda at: f"{at:%Y%m%d%H%M%S}"))),
    "an Italian header": Damage(headed("Commessa", "Fase", "Macchina", "Inizio", "Fine", "Durata", "Tipo", "Quantità ordine", "Articolo", "Operatore", "Quantità buona", "Scarto"), hours=0.01),
    "a Polish header": Damage(headed("Zlecenie", "Operacja", "Maszyna", "Początek", "Koniec", "Czas trwania", "Typ", "Ilość zlecenia", "Wyrób", "Pracownik", "Ilość dobra", "Braki"), hours=0.01),
    "a Turkish header": Damage(headed("İş emri", "İşlem", "Makine", "Başlangıç", "Bitiş", "Süre", "Tip", "İş emri miktarı", "Ürün", "Operatör", "Sağlam miktar", "Hurda"), hours=0.01),
    "a Japanese header": Damage(headed("製造番号", "工程", "設備", "開始日時", "終了日時", "所要時間", "種別", "指図数量", "品名", "作業者", "良品数", "不良数"), hours=0.01),
}  # fmt: skip

"""The rows of a workbook's sheets as the tree of a plant file, every value at the place of its cell."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from plantwright.errors import Place
from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.moments import read_instant
from plantwright.plant.readers import CURRENCY
from plantwright.plant.sheets import SHEETS
from plantwright.plant.words.orders import read_pieces
from plantwright.plant.workbook import Book, Row
from plantwright.units import read

_HOURS = re.compile(
    r"^\s*(?:(?P<days>[A-Za-z ,-]+?)\s+)?(?P<first>\d{1,2}:\d{2})\s*-\s*(?P<last>\d{1,2}:\d{2})(?P<rest>.*)$"
)
_BREAK = re.compile(r"(\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})")
_BARE = re.compile(r"[-+]?\d+(?:\.\d+)?")
_ORDER_CELLS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("release", read_instant),
    ("quantity", read_pieces),
    ("due", read_instant),
    ("priority", lambda text: read(text, "number")),
)


def tree_of(book: Book, name: str) -> tuple[Entries, dict[str, str]]:
    """The tree of a workbook, and the order lists that would lie beside a plant file; what is wrong is noted in the book."""
    return _Builder(book).root(name)


def _pair(word: str, value: Node) -> tuple[Scalar, Node]:
    return Scalar(word, value.place), value


class _Builder:
    def __init__(self, book: Book) -> None:
        self.book = book
        self.shifts: dict[str, Node] = {}
        self.setups: dict[str, list[tuple[Scalar, Node]]] = {}
        self.currency = self._currency()

    def rows(self, sheet: str) -> list[Row]:
        return self.book.rows.get(sheet, [])

    def root(self, name: str) -> tuple[Entries, dict[str, str]]:
        """The tree and the order lists."""
        place = Place(self.book.name)
        orders = self._orders()
        products = self._products(orders)
        people = self._named("people", "person or crew", self._person)
        centers = self._named("machines", "work center", self._center)
        entries = [(Scalar("plant", place), Scalar(name, place))]
        if self.currency is not None:
            entries.append((Scalar("currency", place), self.currency))
        if (start := self._start()) is not None:
            entries.append((Scalar("start", place), start))
        tree: list[tuple[Scalar, Node]] = [*entries]
        if self.shifts:
            shifts = tuple((Scalar(shift, node.place), node) for shift, node in self.shifts.items())
            tree.append((Scalar("shifts", place), Entries(shifts, place)))
        for word, found in (("people", people), ("work centers", centers), ("products", products)):
            if found:
                tree.append((Scalar(word, place), Entries(tuple(found), place)))
        totals = [
            (row.cells["what"], row.cells["value"])
            for row in self.rows("totals")
            if {"what", "value"} <= set(row.cells)
        ]
        if totals:
            tree.append((Scalar("totals", place), Entries(tuple(totals), place)))
        return Entries(tuple(tree), place), dict(orders.values())

    def _named(self, sheet: str, column: str, make: Callable[[Row], Entries]) -> list[tuple[Scalar, Node]]:
        found: list[tuple[Scalar, Node]] = []
        seen: dict[str, Place] = {}
        for row in self.rows(sheet):
            if column not in row.cells:
                continue
            name = row.cells[column]
            if name.text in seen:
                first = seen[name.text].cell
                self.book.wrong(
                    "PW1210", name.place, f"{name.text!r} is given twice (first in {first}); keep one", name.text
                )
                continue
            seen[name.text] = name.place
            found.append((name, make(row)))
        return found

    def _hours(self, cell: Scalar) -> Node:
        """The shifts of a cell such as ``Mon-Fri 07:00-15:00, break 11:00-11:30``; several are separated by semicolons."""
        names = [self._shift(part, cell.place) for part in cell.text.split(";")]
        return names[0] if len(names) == 1 else Items(tuple(names), cell.place)

    def _shift(self, text: str, place: Place) -> Scalar:
        match = _HOURS.match(re.sub(r"\s+(to|until)\s+", "-", text))
        name = " ".join(text.replace(",", "").split())
        if match is None:
            reason = f"{text!r} is not hours such as 'Mon-Fri 07:00-15:00, break 11:00-11:30'"
            self.book.wrong("PW1309", place, reason, text)
        elif name not in self.shifts:
            breaks = tuple(Scalar(found.replace(" ", ""), place) for found in _BREAK.findall(match["rest"]))
            words = {"days": (match["days"] or "Mon-Fri").strip(" ,"), "from": match["first"], "to": match["last"]}
            entries: list[tuple[Scalar, Node]] = [(Scalar(w, place), Scalar(t, place)) for w, t in words.items()]
            if breaks:
                entries.append((Scalar("breaks", place), Items(breaks, place)))
            self.shifts[name] = Entries(tuple(entries), place)
        return Scalar(name, place)

    def _entries(self, row: Row, words: dict[str, str]) -> list[tuple[Scalar, Node]]:
        """The cells of a row under the words of the plant file."""
        return [_pair(word, row.cells[column]) for column, word in words.items() if column in row.cells]

    def _money(self, row: Row, sheet: str, column: str, word: str) -> list[tuple[Scalar, Node]]:
        """A cell of money; a bare number is in the currency of the others."""
        if column not in row.cells:
            return []
        cell = row.cells[column]
        if _BARE.fullmatch(cell.text) and self.currency is not None:
            per = next(found.per for found in SHEETS[sheet] if found.name == column)
            cell = Scalar(f"{cell.text} {self.currency.text}{per}", cell.place)
        return [_pair(word, cell)]

    def _person(self, row: Row) -> Entries:
        entries = self._entries(row, {"how many": "count", "absence": "absence"})
        entries += self._money(row, "people", "wage per hour", "wage")
        if "hours" in row.cells:
            entries.append(_pair("shift", self._hours(row.cells["hours"])))
        if "skills" in row.cells:
            cell = row.cells["skills"]
            skills: list[tuple[Scalar, Node]] = []
            for part in filter(None, (part.strip() for part in re.split(r"[,;]", cell.text))):
                name, _, level = part.rpartition(" ")
                if not level.isdigit() or not name:
                    name, level = part, "2"
                skills.append((Scalar(name, cell.place), Scalar(level, cell.place)))
            entries.append(_pair("skills", Entries(tuple(skills), cell.place)))
        return Entries(tuple(entries), row.place)

    def _center(self, row: Row) -> Entries:
        words = {"how many": "machines", "places in front": "buffer", "which lot next": "rule"}
        entries = [*self._entries(row, words), *self._money(row, "machines", "price of one more", "price")]
        if "hours" in row.cells:
            entries.append(_pair("shift", self._hours(row.cells["hours"])))
        setups = self.setups.get(row.text("work center"))
        if setups:
            into = Entries(tuple(setups), row.place)
            entries.append(_pair("setup", Entries((_pair("into", into),), row.place)))
        failure = self._entries(row, {"runs between failures": "every", "repair": "repair"})
        if len(failure) == 2:
            entries.append(_pair("failures", Items((Entries(tuple(failure), row.place),), row.place)))
        elif failure:
            reason = "'runs between failures' and 'repair' go together; give both or none"
            self.book.wrong("PW1306", failure[0][0].place, reason)
        return Entries(tuple(entries), row.place)

    def _products(self, orders: dict[str, tuple[str, str]]) -> list[tuple[Scalar, Node]]:
        routings: dict[str, list[Node]] = {}
        first: dict[str, Scalar] = {}
        for row in self.rows("routings"):
            if "product" not in row.cells or "step" not in row.cells:
                continue
            product = row.cells["product"]
            first.setdefault(product.text, product)
            step = Entries(((row.cells["step"], self._step(row)),), row.place)
            routings.setdefault(product.text, []).append(step)
            self._only_an_example("machines", "work center", row.cells.get("work center"))
        found: list[tuple[Scalar, Node]] = []
        for name, steps in routings.items():
            place = first[name].place
            entries: list[tuple[Scalar, Node]] = []
            if name in orders:
                entries.append(_pair("release", Entries((_pair("orders", Scalar(orders[name][0], place)),), place)))
            entries.append(_pair("routing", Items(tuple(steps), place)))
            found.append((first[name], Entries(tuple(entries), place)))
        for row in self.rows("orders"):
            cell = row.cells.get("product")
            if (
                cell is not None
                and cell.text not in routings
                and not self._only_an_example("routings", "product", cell)
            ):
                self.book.wrong("PW1310", cell.place, f"no routing makes {cell.text!r}", cell.text, routings)
        return found

    def _only_an_example(self, sheet: str, column: str, cell: Scalar | None) -> bool:
        """Note a name that stands nowhere but in a grey example, which is not read beside rows of one's own."""
        if cell is None or any(row.text(column) == cell.text for row in self.rows(sheet)):
            return False
        examples = [row for row in self.book.examples.get(sheet, ()) if row.text(column) == cell.text]
        if examples:
            reason = (
                f"{cell.text!r} stands on the sheet {sheet!r} only as a grey example ({examples[0].place.cell}); "
                "make that row black, or change it, if it is yours"
            )
            self.book.wrong("PW1312", cell.place, reason, cell.text)
        return bool(examples)

    def _step(self, row: Row) -> Entries:
        entries = self._entries(row, {"work center": "at", "yield": "yield"})
        if "minutes per piece" in row.cells:
            cell = row.cells["minutes per piece"]
            time, guess, its_range = cell.text.partition(" guess")
            text = time if "/" in time else f"{time}/piece"
            entries.append(_pair("time", Scalar(f"{text}{guess}{its_range}", cell.place)))
        if "setup minutes" in row.cells:
            cell = row.cells["setup minutes"]
            name = f"{row.text('product')} {row.text('step')}"
            entries.append(_pair("setup", Scalar(name, cell.place)))
            self.setups.setdefault(row.text("work center"), []).append((Scalar(name, cell.place), cell))
        if "skill" in row.cells:
            skill = row.cells["skill"]
            entries.append(_pair("staff", Items((skill,), skill.place)))
        return Entries(tuple(entries), row.place)

    def _currency(self) -> Scalar | None:
        for sheet, column in (("people", "wage per hour"), ("machines", "price of one more")):
            for row in self.rows(sheet):
                match = CURRENCY.search(row.text(column))
                if match:
                    return Scalar(match[1], row.cells[column].place)
        return None

    def _start(self) -> Scalar | None:
        """The day of the first release."""
        days = []
        for row in self.rows("orders"):
            if "release" in row.cells:
                try:
                    days.append((read_instant(row.text("release")), row.cells["release"].place))
                except ValueError:
                    continue  # noted with the order
        if not days:
            return None
        first, place = min(days, key=lambda day: day[0])
        return Scalar(f"{first:%Y-%m-%d}", place)

    def _orders(self) -> dict[str, tuple[str, str]]:
        """For each product with orders: the name and text of the list that a plant file would have beside it."""
        tables: dict[str, io.StringIO] = {}
        seen: dict[str, Place] = {}
        for row in self.rows("orders"):
            sound = {"product", "quantity", "release"} <= set(row.cells)
            for column, check in _ORDER_CELLS:
                if column in row.cells:
                    try:
                        check(row.text(column))
                    except ValueError as error:
                        self.book.wrong("PW1222", row.cells[column].place, str(error), row.text(column))
                        sound = False
            if "order" in row.cells:
                number = row.cells["order"]
                if number.text in seen:
                    reason = f"order {number.text!r} is given twice (first in {seen[number.text].cell})"
                    self.book.wrong("PW1210", number.place, reason, number.text)
                seen.setdefault(number.text, number.place)
            if sound:
                columns = ("order", "release", "quantity", "due", "priority")
                table = tables.setdefault(row.text("product"), io.StringIO())
                write = csv.writer(table, lineterminator="\n")
                if not table.tell():
                    write.writerow(columns)
                write.writerow([row.text(column) for column in columns])
        names = {product: f"orders {re.sub(r'[^A-Za-z0-9 _-]', '_', product)}.csv" for product in tables}
        if len(set(names.values())) < len(names):  # names that differ only in signs
            names = {product: f"orders {number}.csv" for number, product in enumerate(tables, 1)}
        return {product: (names[product], table.getvalue()) for product, table in tables.items()}

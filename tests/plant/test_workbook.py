"""A workbook is a plant: read as Excel types it, refused by sheet and cell, and written so that a shop knows what to fill in."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from plantwright.distributions import Distribution
from plantwright.errors import PlantError, Problem
from plantwright.plant import Plant, read_plant
from plantwright.plant.calendar import Span
from plantwright.plant.products import Order
from plantwright.plant.resources import Amount, Failure, SetupTimes, Staffing

HOUR = 3600.0
DAY = "Mon-Fri 07:00-15:00, break 11:00-11:30"
EXAMPLES = Path(__file__).parents[2] / "examples"


class Shop:
    """A small workbook of plain cells, in which a story changes one or two: ``shop["routings", "E2"] = 12``."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "my-shop.xlsx"
        self.book = openpyxl.Workbook()
        self.book.remove(self.book.active)
        for name, rows in {
            "machines": [["work center", "how many", "hours", "places in front", "runs between failures", "repair", "price of one more"],
                         ["lathe", 2, DAY], ["mill", 1, DAY]],
            "people": [["person or crew", "how many", "hours", "skills", "wage per hour", "absence"], ["turners", 2, DAY, "turning 3, milling 2"]],
            "routings": [["product", "step", "work center", "setup minutes", "minutes per piece", "skill", "yield"],
                         ["shaft", "turn", "lathe", 75, 12, "turning 2"], ["shaft", "mill", "mill", None, 7]],
            "orders": [["order", "product", "quantity", "release", "due", "priority"],
                       ["A-1", "shaft", 25, datetime(2026, 1, 6, 7), datetime(2026, 1, 16)], ["A-2", "shaft", 10, datetime(2026, 1, 5, 7)]],
        }.items():  # fmt: skip
            sheet = self.book.create_sheet(name)
            for row in rows:
                sheet.append(row)

    def __setitem__(self, at: tuple[str, str], value: Any) -> None:
        self.book[at[0]][at[1]] = value

    def form(self, sheet: str, cell: str, number_format: str) -> None:
        self.book[sheet][cell].number_format = number_format

    def read(self) -> Plant:
        self.book.save(self.path)
        return read_plant(self.path)

    def problems(self) -> list[Problem]:
        with pytest.raises(PlantError) as caught:
            self.read()
        return list(caught.value.problems)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


class TestWhatItSays:
    def test_the_whole_of_it(self, shop: Shop) -> None:
        plant = shop.read()
        assert plant.name == "My shop"
        assert plant.start == datetime(2026, 1, 5)
        (shift,) = plant.shifts.values()
        assert (shift.days, shift.span, shift.breaks) == (
            (0, 1, 2, 3, 4),
            Span(7 * HOUR, 15 * HOUR),
            (Span(11 * HOUR, 11.5 * HOUR),),
        )
        lathe = plant.work_centers["lathe"]
        assert (lathe.machines, lathe.shift, lathe.setup) == (
            2,
            (shift.name,),
            SetupTimes(into={"shaft turn": Distribution.constant(75 * 60)}),
        )
        crew = plant.people["turners"]
        assert (crew.count, crew.skills) == (2, {"turning": 3, "milling": 2})
        turn, mill = plant.products["shaft"].routing
        assert turn.time is not None
        assert (turn.center, turn.time.per, turn.time.distribution.mean, turn.setup) == (
            "lathe",
            "piece",
            720,
            "shaft turn",
        )
        assert turn.staff == (Staffing("turning", 2),)
        assert (mill.name, mill.center, mill.staff) == ("mill", "mill", ())
        assert plant.products["shaft"].releases[0].orders == (
            Order("A-1", datetime(2026, 1, 6, 7), 25, datetime(2026, 1, 16)), Order("A-2", datetime(2026, 1, 5, 7), 10),
        )  # fmt: skip

    def test_totals_are_a_fifth_sheet(self, shop: Shop) -> None:
        sheet = shop.book.create_sheet("totals")
        for row in (["what", "value"], ["throughput", "120 jobs/mo"], ["late", 0.2]):
            sheet.append(row)
        sheet["B3"].number_format = "0%"
        totals = shop.read().totals
        assert totals is not None
        assert totals.throughput is not None
        assert (totals.throughput[:2], totals.late) == ((120, "lot"), 0.2)

    def test_several_products_each_take_their_orders(self, shop: Shop) -> None:
        shop.book["routings"].append(["hub, large", "turn", "lathe", None, 3])
        shop.book["orders"].append(["A-3", "hub, large", 5, datetime(2026, 1, 7)])
        plant = shop.read()
        assert [order.name for order in plant.products["shaft"].releases[0].orders] == ["A-1", "A-2"]
        assert [order.name for order in plant.products["hub, large"].releases[0].orders] == ["A-3"]

    def test_an_order_number_may_hold_commas_and_quotes(self, shop: Shop) -> None:
        shop["orders", "A2"] = 'A,1 "new"'
        assert shop.read().products["shaft"].releases[0].orders[0].name == 'A,1 "new"'

    def test_two_shifts_in_one_cell(self, shop: Shop) -> None:
        shop["machines", "C2"] = "Mon-Fri 06:00-14:00; Mon-Thu 14:00 to 22:00, break 18:00–18:30"
        plant = shop.read()
        first, second = (plant.shifts[name] for name in plant.work_centers["lathe"].shift)
        assert (first.span, second.span) == (Span(6 * HOUR, 14 * HOUR), Span(14 * HOUR, 22 * HOUR))
        assert (second.days, second.breaks) == ((0, 1, 2, 3), (Span(18 * HOUR, 18.5 * HOUR),))

    def test_headings_as_shops_write_them(self, shop: Shop) -> None:
        for cell, heading in {
            "A1": "Part *",
            "B1": " OPERATION",
            "C1": "Machine",
            "D1": "Set-up  minutes",
            "E1": "Standard time (s)",
        }.items():
            shop["routings", cell] = heading
        turn = shop.read().products["shaft"].operation("turn")
        assert turn.time is not None
        assert turn.time.distribution.mean == 12, "the unit behind the heading counts"

    def test_columns_in_any_order_with_gaps_and_remarks(self, shop: Shop) -> None:
        sheet = shop.book["routings"]
        sheet.insert_cols(3)
        sheet.insert_rows(1, 2)
        sheet["A1"] = "Standard times of the shop, as of spring"
        sheet.insert_rows(5)
        sheet["A5"] = "# the mill is new"
        assert [operation.name for operation in shop.read().products["shaft"].routing] == ["turn", "mill"]


class TestCellsAsExcelTypesThem:
    def minutes(self, shop: Shop, value: Any) -> float:
        shop["routings", "E2"] = value
        time = shop.read().products["shaft"].operation("turn").time
        assert time is not None
        return time.distribution.mean / 60

    @pytest.mark.parametrize(
        ("value", "minutes"),
        [(12, 12), (12.5, 12.5), ("12", 12), ("12,5", 12.5), ("30 s", 0.5), ("0,5 h", 30), ("1 h", 60), (1.0, 1), (time(1, 15), 75), (time(0, 0, 30), 0.5),
         (timedelta(hours=26), 1560), ("triangular 8..10..15 min", 11), ("uniform 1,5..2,5 min", None), (1 / 3, 1 / 3)],
    )  # fmt: skip
    def test_a_time(self, shop: Shop, value: Any, minutes: float | None) -> None:
        if minutes is None:
            shop["routings", "E2"] = value
            (problem,) = shop.problems()
            assert (problem.place.cell, "has a comma" in problem.reason) == ("E2", True)
        else:
            assert self.minutes(shop, value) == pytest.approx(minutes, rel=1e-9)

    @pytest.mark.parametrize(
        ("value", "form", "share"),
        [(0.98, "0%", 0.98), (0.985, "0.0%", 0.985), (98, "General", 0.98), (0.98, "General", 0.98), ("98 %", "General", 0.98), ("98%", "@", 0.98),
         ("97,5", "@", 0.975), (1, "0%", 1.0)],
    )  # fmt: skip
    def test_a_yield(self, shop: Shop, value: Any, form: str, share: float) -> None:
        shop["routings", "G2"] = value
        shop.form("routings", "G2", form)
        assert shop.read().products["shaft"].operation("turn").yield_ == pytest.approx(share)

    @pytest.mark.parametrize(
        ("cell", "value", "path", "guessed"),
        [
            ("E2", "12 guess 8..20", "products > shaft > routing > turn > time", (720, 480, 1200)),
            ("E2", "12,5 guess 8..20", "products > shaft > routing > turn > time", (750, 480, 1200)),
            ("E2", "12 min guess 0.1..0.5 h", "products > shaft > routing > turn > time", (720, 360, 1800)),
            ("E2", "12 guess", "products > shaft > routing > turn > time", (720, None, None)),
            ("G2", "97 guess 90..99", "products > shaft > routing > turn > yield", (0.97, 0.90, 0.99)),
            ("D2", "75 guess 50..90", "work centers > lathe > setup > into > shaft turn", (4500, 3000, 5400)),
        ],
    )
    def test_a_guess(self, shop: Shop, cell: str, value: str, path: str, guessed: tuple[float | None, ...]) -> None:
        """Bare numbers of a guess are in the unit of their column, as those of any other cell; a time is still one of a piece."""
        shop["routings", cell] = value
        plant = shop.read()
        (guess,) = plant.guesses
        assert (guess.path, (guess.value, guess.low, guess.high)) == (path, pytest.approx(guessed))
        time = plant.products["shaft"].operation("turn").time
        assert time is not None
        assert time.per == "piece"

    def test_a_yield_of_one_may_be_one_percent(self, shop: Shop) -> None:
        shop["routings", "G2"] = 1
        (problem,) = shop.problems()
        assert str(problem) == "my-shop.xlsx:routings!G2  1 may be 1 % or 100 %; write it with a percent sign [PW1308]"

    @pytest.mark.parametrize(
        ("value", "form", "wage", "currency"),
        [("29 USD/h", "General", 29, "USD"), ("29 USD", "General", 29, "USD"), ("€ 29,50", "General", 29.5, "EUR"), ("29 €/h", "General", 29, "EUR"),
         (29, '"$"#,##0.00', 29, "USD"), (29, "#,##0.00 [$€-407]", 29, "EUR"), (29, '#,##0.00 "CHF"', 29, "CHF"), (29, "[$USD] #,##0", 29, "USD"),
         ("£29", "General", 29, "GBP")],
    )  # fmt: skip
    def test_a_wage(self, shop: Shop, value: Any, form: str, wage: float, currency: str) -> None:
        shop["people", "E2"] = value
        shop.form("people", "E2", form)
        plant = shop.read()
        assert plant.people["turners"].wage == pytest.approx(wage / HOUR)
        assert plant.currency == currency

    def test_money_without_a_currency_is_in_that_of_the_others(self, shop: Shop) -> None:
        shop["people", "E2"] = 29
        shop["machines", "G2"] = "85 kEUR"
        plant = shop.read()
        assert plant.people["turners"].wage == pytest.approx(29 / HOUR)
        assert plant.work_centers["lathe"].price == 85e3
        shop["machines", "G2"] = None
        (problem,) = shop.problems()
        assert (problem.place.cell, problem.value) == ("E2", "29")
        assert "is not an amount of money, such as '34 USD/h'" in problem.reason

    @pytest.mark.parametrize(
        ("value", "expected"),
        [(datetime(2026, 1, 6, 7, 30), datetime(2026, 1, 6, 7, 30)), (date(2026, 1, 6), datetime(2026, 1, 6)), ("2026-01-06", datetime(2026, 1, 6)),
         ("2026-01-06 07:30", datetime(2026, 1, 6, 7, 30)), ("6.1.2026 07:30", datetime(2026, 1, 6, 7, 30))],
    )  # fmt: skip
    def test_a_date(self, shop: Shop, value: Any, expected: datetime) -> None:
        shop["orders", "D2"] = value
        assert shop.read().products["shaft"].releases[0].orders[0].release == expected

    def test_the_start_is_the_day_of_the_first_release_whatever_its_form(self, shop: Shop) -> None:
        shop["orders", "D2"] = "3.1.2026 07:30"
        assert shop.read().start == datetime(2026, 1, 3)

    def test_places_and_failures(self, shop: Shop) -> None:
        for cell, value in {"D2": 4, "E2": 80, "F2": "lognormal 2 h cv 1", "D3": "30 pieces"}.items():
            shop["machines", cell] = value
        centers = shop.read().work_centers
        assert (centers["lathe"].buffer, centers["mill"].buffer) == (Amount(4), Amount(30, "piece", "piece"))
        assert centers["lathe"].failures == (
            Failure(Distribution.constant(80 * HOUR), Distribution("lognormal", (2 * HOUR, 1))),
        )


CELLS = [
    ("machines", "B2", "two", "'two' does not begin with a number"),
    ("machines", "C2", "early", "'early' is not hours such as 'Mon-Fri 07:00-15:00, break 11:00-11:30'"),
    ("machines", "C2", "Mon-Fri 07:00-07:00", "a shift whose from and to are the same: it has no length"),
    ("machines", "C2", time(7), "07:00 is a time of day; days, from-to, breaks; empty: always is wanted"),
    ("machines", "E2", 80, "'runs between failures' and 'repair' go together; give both or none"),
    ("people", "D2", "turning 7", "'7' must be from 0 to 4"),
    ("people", "E2", "much", "'much' does not begin with a number"),
    ("routings", "C2", "lath", "unknown work center 'lath'; there is lathe, mill (did you mean 'lathe'?)"),
    ("routings", "E2", "-12", "'-12 min' is below zero"),
    ("routings", "E2", "12 kg", "'kg' is a unit of mass, but a duration is wanted, such as '45 min'"),
    ("routings", "E2", "#DIV/0!", "the formula gives #DIV/0!"),
    ("routings", "F2", "turnig 2", "nobody has the skill 'turnig' (did you mean 'turning'?)"),
    ("routings", "G2", "130 %", "'130 %' must not be over 100 %"),
    ("routings", "B3", "turn", "two steps are called 'turn'; give each its own name"),
    ("routings", "H2", "why?", "'why?' stands in a column without a heading"),
    ("orders", "B2", "shat", "no routing makes 'shat' (did you mean 'shaft'?)"),
    ("orders", "C2", -5, "quantity '-5' must be above zero"),
    ("orders", "D2", "5th of May", "'5th of May' is not a date and time such as '2026-01-05 06:00'"),
    ("orders", "E2", "05/01/2026", "'05/01/2026' is not a date"),
    ("orders", "F2", "high", "'high' does not begin with a number"),
    ("orders", "A3", "A-1", "order 'A-1' is given twice (first in A2)"),
]  # fmt: skip


class TestErrorsByCell:
    @pytest.mark.parametrize(("sheet", "cell", "value", "reason"), CELLS)
    def test_one_wrong_cell(self, shop: Shop, sheet: str, cell: str, value: Any, reason: str) -> None:
        shop[sheet, cell] = value
        problem, *others = shop.problems()
        assert others == []
        assert str(problem).startswith(f"my-shop.xlsx:{sheet}!{cell}  ")
        assert reason in str(problem)

    def test_a_group_given_twice(self, shop: Shop) -> None:
        shop.book["machines"].append(["lathe", 4, DAY])
        assert [str(p) for p in shop.problems()] == [
            "my-shop.xlsx:machines!A4  'lathe' is given twice (first in A2); keep one [PW1210]"
        ]

    def test_all_of_them_at_once(self, shop: Shop) -> None:
        wrong = {("machines", "B2"): "two", ("people", "D2"): "turning 7", ("routings", "E3"): "12 kg", ("routings", "G2"): "130 %",
                 ("orders", "C2"): -5, ("orders", "D3"): "soon", ("orders", "E2"): "05/01/2026"}  # fmt: skip
        for at, value in wrong.items():
            shop[at] = value
        at_once = {(problem.place.sheet, problem.place.cell) for problem in shop.problems()}
        assert {("orders", "C2"), ("orders", "D3"), ("orders", "E2")} <= at_once
        assert at_once == set(wrong)

    def test_a_needed_cell_that_is_empty(self, shop: Shop) -> None:
        shop["routings", "E2"] = None
        problem, *_ = shop.problems()
        assert str(problem) == "my-shop.xlsx:routings!A2  row 2 has no 'minutes per piece' [PW1306]"

    def test_a_heading_that_is_unknown_or_missing(self, shop: Shop) -> None:
        shop["routings", "E1"] = "minutes per pece"
        assert [str(problem) for problem in shop.problems()] == [
            "my-shop.xlsx:routings!A1  the column 'minutes per piece' is missing [PW1305]",
            "my-shop.xlsx:routings!E1  unknown column 'minutes per pece' (did you mean 'minutes per piece'?) [PW1304]",
        ]

    def test_a_sheet_that_is_called_otherwise(self, shop: Shop) -> None:
        shop.book["routings"].title = "Routing"
        said = {str(problem) for problem in shop.problems()}
        assert any(
            "has no sheet 'routings'; there is machines, people, Routing, orders (did you mean 'routing'?)" in line
            for line in said
        )
        assert any(
            "my-shop.xlsx:Routing  is not a sheet of a plant" in line and "did you mean 'routings'?" in line
            for line in said
        )

    def test_a_workbook_of_something_else(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active["A1"] = "hello"
        book.save(tmp_path / "x.xlsx")
        with pytest.raises(PlantError) as caught:
            read_plant(tmp_path / "x.xlsx")
        assert {problem.code for problem in caught.value.problems} == {"PW1302"}

    def test_far_below_stands_nothing(self, shop: Shop) -> None:
        """A cell that was coloured in the last row of Excel makes the sheet a million rows long, and no slower."""
        shop.book["routings"]["A1048576"].font = Font(bold=True)
        assert len(shop.read().products["shaft"].routing) == 2

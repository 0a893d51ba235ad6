"""What a working day is, and what is counted in a window that cuts one: rates are the same. Stories worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant
from plantwright.simulation import Run
from tests.simulation.plants import exactly, shop, tell


def clerk(
    start: str = "2026-01-05 00:00", zone: str = "UTC", more: str = "", rate: str = "1000 pieces/working day"
) -> Plant:
    """Ten minutes a piece from 08:00 to 16:00 of five days: 48 on each; the first day is a Monday unless told otherwise."""
    return shop(f"""
plant: Clerk
start: {start}
time zone: {zone}
shifts: {{day: {{days: Mon-Fri, from: "08:00", to: "16:00"{more}}}}}
work centers: {{desk: {{machines: 1, shift: day}}}}
products: {{part: {{demand: {{rate: {rate}}}, release: saturated, routing: [work: {{at: desk, time: 10 min}}]}}}}
""")


@pytest.mark.parametrize(
    ("horizon", "days"),
    [("36 h", 1.5), ("12 h", 0.5), ("24 h", 1), ("7 d", 5), ("14 d", 10), ("6 d", 5), ("9 h", 1 / 8), ("100 h", 4.0)],
)
def test_a_day_that_is_cut_counts_by_its_open_hours(horizon: str, days: float) -> None:
    """36 h end on Tuesday at noon, after half its shift; 9 h after one hour of it; 100 h on Friday at 04:00."""
    run = tell(clerk(), horizon)
    assert run.working_days == pytest.approx(days)
    assert exactly(run, "throughput") == pytest.approx(48)


@pytest.mark.parametrize("warmup", ["0 s", "7 d", "1 h", "60 h"])
def test_wherever_the_window_begins(warmup: str) -> None:
    """From Monday at noon on, and after so long a warm-up: 60 h end on Wednesday at midnight."""
    run = tell(clerk("2026-01-05 12:00"), "7 d", warmup)
    assert run.working_days == pytest.approx(5)
    assert exactly(run, "throughput") == pytest.approx(48)


def test_over_the_night_on_which_clocks_change() -> None:
    """Clocks go back in New York on 2 November 2025: 89 d of 24 h from Monday 27 October end on a Friday at 23:00."""
    run = tell(clerk("2025-10-20 00:00", "America/New_York"), "89 d", "7 d")
    assert run.working_days == pytest.approx(65)
    assert exactly(run, "throughput") == pytest.approx(48)


@pytest.mark.filterwarnings("error")
def test_of_a_window_without_open_hours_no_rate_is_known() -> None:
    run = tell(clerk(), "7 h")
    assert not run.named("throughput")
    assert run.unknown["throughput"] == "no open hours in the time counted"


class TestSales:
    """Customers come at midnight: what is sold is counted over the days whose midnight lies in the window."""

    def test_over_the_days_that_were_served(self) -> None:
        """In 36 h Monday's customers came, and found 48; Tuesday's did not come yet."""
        assert exactly(tell(clerk(), "36 h"), "sales") == 48

    def test_of_a_window_without_a_midnight_nothing_is_known(self) -> None:
        run = tell(clerk(), "12 h")
        assert not run.named("sales")
        assert run.unknown["sales"] == "no day of demand ends in the time counted"

    def test_days_off_do_not_count_where_demand_is_by_the_working_day(self) -> None:
        """From Friday to Sunday: Friday's customers alone, who take 40 of 48."""
        run = tell(clerk("2026-01-09 00:00", rate="40 pieces/working day"), "3 d")
        assert exactly(run, "sales") == 40

    def test_over_the_night_on_which_clocks_change(self) -> None:
        """The window ends at 23:00 on Friday: 64 midnights of working days, each with 48."""
        run = tell(clerk("2025-10-20 00:00", "America/New_York"), "89 d", "7 d")
        assert exactly(run, "sales") == pytest.approx(48)


class TestOvertime:
    SATURDAY = ', overtime: [{days: Sat, from: "08:00", to: "12:00"}]'

    def test_adds_hours_to_the_week_and_no_day(self) -> None:
        """Five days of 48 and 24 on Saturday: 264 over five working days."""
        run = tell(clerk(more=self.SATURDAY), "14 d")
        assert run.working_days == pytest.approx(10)
        assert exactly(run, "throughput") == pytest.approx(264 / 5)

    def test_asks_for_no_more(self) -> None:
        """Customers ask for 50 on five days, of which 48 are made; the 24 of the Saturday before make up for it."""
        run = tell(clerk(more=self.SATURDAY, rate="50 pieces/working day"), "7 d", "7 d")
        assert exactly(run, "sales") == 50


def test_the_gain_of_overtime_is_seen_in_the_rate() -> None:
    """An hour more on each day is an eighth more a day."""
    hour = ', overtime: [{days: Mon-Fri, from: "16:00", to: "17:00"}]'

    def rate(run: Run) -> float:
        return exactly(run, "throughput")

    assert rate(tell(clerk(more=hour), "7 d")) == pytest.approx(rate(tell(clerk(), "7 d")) * 9 / 8)

"""Queue times that must not be passed. Stories worked out by hand, in minutes."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant
from tests.simulation.plants import exactly, first_difference, log_of, shop, tell

ORDERS = ("part 00:00", "part 00:01", "part 00:02")


def line(limit: str, *orders: str, form: str = "machines: 1", more: str = "") -> Plant:
    """Coated in 10 min, formed in 60: three lots that come at once leave the coater at 10, 20 and 30 and wait 0, 50 and 100 min."""
    return shop(
        f"plant: Limits\nwork centers: {{coater: {{machines: 1}}, former: {{{form}}}}}\n"
        "products: {part: {release: {orders: orders.csv}, routing: ["
        f"coat: {{at: coater, time: 10 min{limit}}}, form: {{at: former, time: 60 min{more}}}]}}}}\n",
        *(orders or ORDERS),
    )


def limit(within: str, past: str) -> str:
    return f", queue time: {{until: form, within: {within}, past: {past}}}"


class TestPast:
    def test_reported_it_is_counted_and_goes_on(self) -> None:
        """Of waits of 0, 50 and 100 min two are longer than 40; all are formed."""
        plant = line(limit("40 min", "report"))
        assert log_of(plant, "5 h", "queue time passed", "completed") == [
            (70, "completed", "part 1", "form", "former", 1),
            (70, "queue time passed", "part 2", "form", "former", "coat"),
            (130, "completed", "part 2", "form", "former", 1),
            (130, "queue time passed", "part 3", "form", "former", "coat"),
            (190, "completed", "part 3", "form", "former", 1),
        ]
        assert exactly(tell(plant, "1 d"), "queue time passed share") == pytest.approx(2 / 3)

    def test_scrapped_when_work_could_start(self) -> None:
        """At 70 the second has waited for 50 min and the third for 40, which is not too long: it starts."""
        plant = line(limit("40 min", "scrap"))
        assert log_of(plant, "5 h", "queue time passed", "scrapped", "completed") == [
            (70, "completed", "part 1", "form", "former", 1),
            (70, "queue time passed", "part 2", "form", "former", "coat"),
            (70, "scrapped", "part 2", "form", "former", 1),
            (130, "completed", "part 3", "form", "former", 1),
        ]
        run = tell(plant, "1 d")
        assert exactly(run, "scrap share") == pytest.approx(1 / 3)
        assert exactly(run, "queue time passed share") == pytest.approx(1 / 3)

    def test_all_that_are_too_late_go_at_once(self) -> None:
        """Within 30 min neither the second nor the third can start at 70."""
        plant = line(limit("30 min", "scrap"))
        assert [event[:3] for event in log_of(plant, "5 h", "scrapped")] == [
            (70, "scrapped", "part 2"),
            (70, "scrapped", "part 3"),
        ]

    def test_sent_back_it_is_coated_again(self) -> None:
        """The second goes back at 70, is coated till 80, and formed behind the third, at 130: now it has waited for 50 min, again."""
        plant = line(limit("40 min", "rework"))
        log = log_of(plant, "6 h", "queue time passed", "started", "completed")
        assert log[4:] == [
            (70, "completed", "part 1", "form", "former", 1),
            (70, "queue time passed", "part 2", "form", "former", "coat"),
            (70, "started", "part 3", "form", "former"),
            (70, "started", "part 2", "coat", "coater"),
            (130, "completed", "part 3", "form", "former", 1),
            (130, "queue time passed", "part 2", "form", "former", "coat"),
            (130, "started", "part 2", "coat", "coater"),
            (140, "started", "part 2", "form", "former"),
            (200, "completed", "part 2", "form", "former", 1),
        ]

    def test_where_the_logs_part(self) -> None:
        report, gone = (line(limit("40 min", past)) for past in ("report", "scrap"))
        assert first_difference(report, gone, "5 h", "started", "scrapped", "completed") == (
            (70, "started", "part 2", "form", "former"),
            (70, "scrapped", "part 2", "form", "former", 1),
        )
        none, report = line(""), line(limit("40 min", "report"))
        assert first_difference(none, report, "5 h", "started", "queue time passed") == (
            (70, "started", "part 2", "form", "former"),
            (70, "queue time passed", "part 2", "form", "former", "coat"),
        )

    def test_just_in_time_is_not_too_late(self) -> None:
        """Waits of 0, 50 and 100 min within 50 and 100 min."""
        assert exactly(tell(line(limit("50 min", "report")), "1 d"), "queue time passed share") == pytest.approx(1 / 3)
        assert exactly(tell(line(limit("100 min", "report")), "1 d"), "queue time passed share") == 0


class TestBatches:
    def test_who_is_too_late_is_not_in_the_batch(self) -> None:
        """Three to a batch: the first two are too old when the third comes at 90; it waits for two others that never come."""
        orders = ("part 00:00", "part 00:20", "part 01:20")
        form = "batch: {max: 3 lots, min: 3 lots}"
        plant = line(limit("40 min", "scrap"), *orders, form=form)
        assert log_of(plant, "5 h", "scrapped", "completed") == [
            (90, "scrapped", "part 1", "form", "former", 1),
            (90, "scrapped", "part 2", "form", "former", 1),
        ]


class TestParts:
    def test_merged_the_first_clock_counts(self) -> None:
        """Two lots leave the coater at 10 and 20 and are formed as one at 20: the clock of the first is 10 min old."""
        within = {
            minutes: line(limit(f"{minutes} min", "report"), *ORDERS[:2], more=", merge: 2 lots") for minutes in (9, 10)
        }
        shares = {minutes: exactly(tell(plant, "1 d"), "queue time passed share") for minutes, plant in within.items()}
        assert shares == {9: 1, 10: 0}


class TestDelay:
    def test_at_unlimited_machines_it_is_counted(self) -> None:
        """Nobody waits there: no limit is passed, however short."""
        assert (
            exactly(tell(line(limit("1 s", "report"), form="machines: unlimited"), "1 d"), "queue time passed share")
            == 0
        )

    def test_and_cannot_be_kept_from_starting(self) -> None:
        with pytest.raises(PlantError, match="has unlimited machines, where every lot starts at once"):
            line(limit("1 h", "scrap"), form="machines: unlimited")

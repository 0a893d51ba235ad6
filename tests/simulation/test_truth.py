"""The engine against answers that are known exactly: queues, networks, and lines solved as Markov chains.

Every interval holds together with the others at 99.9 % (Bonferroni), with fixed seeds. Here a sixteenth of each case is run;
`python -m benchmarks.truths` runs all of it, to intervals of half a percent to each side (one percent for waits).
"""

from __future__ import annotations

import pytest

from tests.simulation import exact
from tests.simulation.truths import CASES, Case, data, run

PART = 16
"""The share of a case that is run here; its intervals are wider by the square root of it, and those of some seeds a bit more."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_truth(case: Case) -> None:
    result = run(case, 1 / PART)
    for truth in case.truths:
        mean, low, high = truth.found(result)
        assert low <= truth.value <= high, f"{truth.name}: {truth.value:.7g} lies outside {low:.6g} to {high:.6g}"
        half = (high - low) / 2 / truth.value
        assert half <= 1.25 * truth.within * PART**0.5, f"{truth.name}: {mean:.6g}, half-width {half:.2%}"


class TestExact:
    """What the engine is held against, by two ways that have nothing in common, or by numbers that others printed."""

    @pytest.mark.parametrize(
        ("found", "printed"),
        [
            (exact.wait_of_servers(10, 9), 0.6687315),
            (exact.wait_of_servers(3, 2.7), 2.7235367),
            (exact.wait_of_one_server(0.9, 0.5), 6.75),
            (exact.wait_of_one_server(0.8, 4), 10.0),
            (exact.waits_by_class([0.4, 0.4])[0], 1.3333333),
            (exact.waits_by_class([0.4, 0.4])[1], 6.6666667),
            (exact.lost_share(0.9, 5), 0.1260225),
            (exact.rate_of_closed_network([1, 0.8, 0.5], 10), 0.9678530),
            (exact.running_share(10, 0.1), 0.7854177),
            (exact.deterministic_line(0.01, 0.1, 4), 0.8409361),
            (exact.deterministic_line(0.01, 0.1, 10), 0.8561749),
            (exact.deterministic_line(0.01, 0.1, 20), 0.8705407),
            (exact.deterministic_line(0.01, 0.1, 50), 0.8878447),
        ],
    )
    def test_printed(self, found: float, printed: float) -> None:
        assert found == pytest.approx(printed, abs=6e-8)

    def test_one_server_by_either_formula(self) -> None:
        assert exact.wait_of_servers(1, 0.9) == pytest.approx(exact.wait_of_one_server(0.9, 1), rel=1e-12)

    def test_classes_share_the_wait_of_all(self) -> None:
        """Kleinrock's conservation law: waits weighed by their loads are those of first come first served."""
        waits = exact.waits_by_class([0.4, 0.3, 0.2])
        weighed = sum(load * wait for load, wait in zip((0.4, 0.3, 0.2), waits, strict=True))
        assert weighed == pytest.approx(0.9 * exact.wait_of_servers(1, 0.9), rel=1e-12)

    def test_equal_stations_in_a_loop(self) -> None:
        """w lots and n stations: w / (w + n - 1) (Hopp and Spearman's practical worst case)."""
        assert exact.rate_of_closed_network([1] * 10, 20) == pytest.approx(20 / 29, rel=1e-12)

    def test_a_closed_network_as_a_line_with_room_for_all(self) -> None:
        """Two stations and three lots in a loop: a saturated line with so many places that three lie before or on each."""
        rate, _ = exact.exponential_line([1, 0.8], [0, 0], [1, 1], [1])
        assert rate == pytest.approx(exact.rate_of_closed_network([1, 1.25], 3), rel=1e-12)

    def test_two_bernoulli_machines_in_closed_form(self) -> None:
        """A chain that moves by one is balanced across each cut."""
        p, q, levels = 0.8, 0.7, 3
        shares = [1.0]
        for level in range(levels):
            up = p * (1 - q if level else 1)
            down = q * (1 - p if level + 1 < levels else 1)
            shares.append(shares[-1] * up / down)
        formula = q * (1 - shares[0] / sum(shares))
        before = exact.bernoulli_line([p, q], lambda between: exact.at_work_before(between, [levels]))
        after = exact.bernoulli_line([p, q], lambda between: exact.at_work_after(between, [levels - 2]))
        assert before == pytest.approx(formula, rel=1e-12)
        assert after == pytest.approx(formula, rel=1e-12)

    def test_a_slot_in_which_nothing_fails_is_full(self) -> None:
        assert exact.deterministic_line(1e-12, 0.5, 4) == pytest.approx(1, abs=1e-9)

    @pytest.mark.skipif(not data(), reason="the lines that others solved are not here (PLANTWRIGHT_TEST_DATA)")
    def test_lines_that_others_solved(self) -> None:
        for case in data():
            rate, lots = exact.exponential_line(
                case["mu"],
                case["p"],
                case["r"],
                [int(places) for places in case["cap"]],  # type: ignore[arg-type, attr-defined]
            )
            assert rate == pytest.approx(case["th"], abs=2e-8), case["case"]
            assert lots == pytest.approx(case["wip"], abs=2e-6), case["case"]

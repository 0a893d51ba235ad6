"""What is written can be read, and is what was meant: quantities, distributions, whole mappings."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantwright.distributions import PARAMETERS, Distribution
from plantwright.plant import build_plant, distribution_text, mapping_text, read_text, value_at
from plantwright.plant.document import node_of, parse_yaml, plain
from plantwright.plant.quantities import read_distribution
from plantwright.units import UNITS, UnitError, read, read_money, show_duration, write_duration
from tests.plant.test_writing import EXAMPLES, same

seconds = (
    st.floats(1e-3, 1e9) | st.integers(1, 10**7).map(float) | st.sampled_from([60.0, 3600.0, 5400.0, 86400.0, 100800.0])
)
shapes = st.floats(0.05, 50)


def rising(count: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.lists(seconds, min_size=count, max_size=count).map(lambda values: tuple(sorted(values)))


distributions = st.one_of(
    seconds.map(Distribution.constant),
    seconds.map(lambda mean: Distribution("exponential", (mean,))),
    st.builds(
        lambda kind, mean, cv: Distribution(kind, (mean, cv)), st.sampled_from(["lognormal", "gamma"]), seconds, shapes
    ),
    st.builds(lambda mean, sd: Distribution("normal", (mean, sd)), seconds, seconds),
    st.builds(lambda stages, mean: Distribution("erlang", (float(stages), mean)), st.integers(1, 200), seconds),
    st.builds(lambda shape, scale: Distribution("weibull", (shape, scale)), shapes, seconds),
    rising(2).map(lambda ends: Distribution("uniform", ends)),
    st.builds(lambda kind, ends: Distribution(kind, ends), st.sampled_from(["triangular", "pert"]), rising(3)),
    st.builds(
        lambda mean, unit: Distribution("geometric", (mean * unit, unit)),
        st.integers(1, 10**4),
        st.sampled_from([1.0, 60.0, 3600.0, 86400.0]),
    ),
)


class TestDistributions:
    @settings(deadline=None)
    @given(distributions)
    def test_written_and_read(self, distribution: Distribution) -> None:
        again = read_distribution(distribution_text(distribution), "duration")
        assert again.kind == distribution.kind
        assert again.parameters == pytest.approx(distribution.parameters, rel=1e-9)

    @settings(deadline=None)
    @given(distributions, st.sampled_from(["lot", "piece", "batch"]))
    def test_with_what_it_counts(self, distribution: Distribution, per: str) -> None:
        from plantwright.plant.quantities import read_work_time

        time, word = read_work_time(distribution_text(distribution, per=f"/{per}"), None)
        assert (time.per, word) == (per, per)
        assert time.distribution.parameters == pytest.approx(distribution.parameters, rel=1e-9)

    @settings(deadline=None)
    @given(distributions)
    def test_written_twice_is_the_same_text(self, distribution: Distribution) -> None:
        text = distribution_text(distribution)
        assert distribution_text(read_distribution(text, "duration")) == text

    @given(st.integers(1, 10**6))
    def test_counts(self, mean: int) -> None:
        distribution = Distribution("geometric", (float(mean),))
        assert read_distribution(distribution_text(distribution), "count") == distribution

    def test_every_kind_is_written(self) -> None:
        """All but the empirical one, which is a file."""
        made = {d.kind for d in (Distribution.constant(1), Distribution("geometric", (2,)))}
        made |= {"exponential", "lognormal", "gamma", "normal", "erlang", "weibull", "uniform", "triangular", "pert"}
        assert made | {"empirical"} == set(PARAMETERS)
        with pytest.raises(ValueError, match="a file beside the plant"):
            distribution_text(Distribution("empirical", (), (1.0, 2.0)))

    @pytest.mark.parametrize(
        "text",
        [
            "45 s", "45 min", "2.5 h", "3 d", "exponential 40 h", "lognormal 1.5 h cv 0.8", "gamma 21 d cv 0.4", "uniform 40..60 min",
            "triangular 50..60..80 min", "pert 50..60..80 min", "erlang 3 12 min", "weibull shape 1.7 scale 25 d", "normal 12 min sd 2 min",
            "geometric 10 min",
        ],
    )  # fmt: skip
    def test_what_a_person_writes_stays_as_it_is(self, text: str) -> None:
        assert distribution_text(read_distribution(text, "duration")) == text


class TestMoments:
    """The mean and variance of what was read, against formulas of others."""

    @pytest.mark.parametrize(
        ("text", "name", "parameters"),
        [
            ("exponential 40 s", "expon", {"scale": 40}),
            ("gamma 30 s cv 0.5", "gamma", {"a": 4, "scale": 7.5}),
            ("lognormal 30 s cv 0.5", "lognorm", {"s": 0.22314355131420976**0.5, "scale": 30 / 1.25**0.5}),
            ("erlang 3 12 s", "erlang", {"a": 3, "scale": 4}),
            ("weibull shape 1.7 scale 600 s", "weibull_min", {"c": 1.7, "scale": 600}),
            ("normal 12 s sd 2 s", "norm", {"loc": 12, "scale": 2}),
            ("uniform 40..60 s", "uniform", {"loc": 40, "scale": 20}),
            ("triangular 50..60..80 s", "triang", {"c": 1 / 3, "loc": 50, "scale": 30}),
            ("pert 50..60..80 s", "beta", {"a": 1 + 4 / 3, "b": 1 + 8 / 3, "loc": 50, "scale": 30}),
            ("geometric 100 pieces", "geom", {"p": 0.01}),
            ("geometric 100 s", "geom", {"p": 0.01}),
        ],
    )
    def test_against_scipy(self, text: str, name: str, parameters: dict[str, float]) -> None:
        import scipy.stats

        mean, variance = getattr(scipy.stats, name).stats(**parameters, moments="mv")
        read_one = read_distribution(text, "count" if "pieces" in text else "duration")
        assert read_one.mean == pytest.approx(float(mean), rel=1e-12)
        assert read_one.variance == pytest.approx(float(variance), rel=1e-9)
        assert read_one.cv == pytest.approx(float(variance) ** 0.5 / float(mean), rel=1e-9)

    @given(distributions, st.floats(0.1, 10))
    def test_twice_as_long_is_twice_the_mean_and_the_same_variation(
        self, distribution: Distribution, factor: float
    ) -> None:
        longer = distribution.times(factor)
        assert longer.mean == pytest.approx(factor * distribution.mean, rel=1e-9)
        assert longer.cv == pytest.approx(distribution.cv, rel=1e-6, abs=1e-5)


class TestQuantities:
    @given(seconds)
    def test_a_duration_written_in_full_is_read_as_it_was(self, value: float) -> None:
        assert read(write_duration(value), "duration") == pytest.approx(value, rel=1e-11)

    @given(seconds)
    def test_a_duration_as_a_person_says_it_is_right_to_three_figures(self, value: float) -> None:
        assert read(show_duration(value), "duration") == pytest.approx(value, rel=5e-3)

    @pytest.mark.parametrize(
        ("text", "kind", "value"),
        [
            # Exact by definition: the international yard and pound (1959), the US gallon of 231 cubic inches, the mile of 1,760 yards,
            # the horsepower of 550 foot-pounds a second.
            ("1 in", "length", 0.0254), ("1 ft", "length", 0.3048), ("1 yd", "length", 0.9144), ("1 lb", "mass", 0.45359237),
            ("1 oz", "mass", 0.45359237 / 16), ("1 gal", "volume", 231 * 0.0254**3), ("1 mph", "speed", 1760 * 0.9144 / 3600),
            ("1 hp", "power", 550 * 0.3048 * 0.45359237 * 9.80665), ("1 ft2", "area", 0.3048**2),
            ("90 min", "duration", 5400), ("2.5 h", "duration", 9000), ("1 wk", "duration", 604800), ("1 y", "duration", 365.25 * 86400),
            ("12 mo", "duration", 365.25 * 86400), ("500 ms", "duration", 0.5), ("12 kW", "power", 12e3), ("1 kWh", "energy", 3.6e6),
            ("120 um", "length", 120e-6), ("120 µm", "length", 120e-6), ("1.5 t", "mass", 1500), ("60 m/min", "speed", 1), ("97 %", "share", 0.97),
            (".5 h", "duration", 1800), ("1e3 s", "duration", 1000), ("90d", "duration", 90 * 86400), ("5 l", "volume", 0.005),
        ],
    )  # fmt: skip
    def test_units(self, text: str, kind: str, value: float) -> None:
        assert read(text, kind) == pytest.approx(value, rel=1e-12)

    @pytest.mark.parametrize(("kind", "unit"), [(kind, unit) for kind, units in UNITS.items() for unit in units])
    def test_a_unit_is_of_one_kind_alone(self, kind: str, unit: str) -> None:
        assert read(f"2 {unit}", kind) == 2 * UNITS[kind][unit]
        for other in UNITS:
            if other != kind:
                with pytest.raises(UnitError, match=f"is a unit of {kind}, but a {other} is wanted"):
                    read(f"2 {unit}", other)

    @pytest.mark.parametrize(
        ("text", "per", "value"),
        [("650 kUSD", None, 650e3), ("1.2 MEUR", None, 1.2e6), ("36 USD/h", "duration", 0.01), ("28 USD/kg", "any", 28), ("28 USD/t", "any", 0.028),
         ("38 USD", "any", 38), ("2 USD/board", "any", 2)],
    )  # fmt: skip
    def test_money(self, text: str, per: str | None, value: float) -> None:
        assert read_money(text, None, per) == pytest.approx(value)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "min",
            "1,5 min",
            "1.000,5 min",
            "1..2 min",
            "1 2 min",
            "--1 min",
            "1e999 min",
            "nan min",
            "inf min",
            "0x10 min",
        ],
    )
    def test_what_is_no_number(self, text: str) -> None:
        with pytest.raises(UnitError):
            read(text, "duration")


keys = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn"), blacklist_characters="\ufeff\u2028\u2029\x85"),
    min_size=1,
    max_size=12,
)
trees = st.recursive(
    keys
    | st.sampled_from(
        ["", "07:00", "yes", "1.50", "a: b", "# x", "- x", "~", "null", "x #y", "'", "{a}", "50..60 min", "[", "C:\\x"]
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=25,
)


class TestMappings:
    @settings(max_examples=300, deadline=None)
    @given(st.dictionaries(keys, trees, min_size=1, max_size=5))
    def test_any_mapping_is_read_as_it_was(self, mapping: dict[str, Any]) -> None:
        assert plain(parse_yaml(mapping_text(mapping), "x.yaml")) == mapping

    @settings(max_examples=100, deadline=None)
    @given(st.dictionaries(keys, st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9), min_size=1))
    def test_numbers_become_text_that_is_the_number(self, mapping: dict[str, float]) -> None:
        again = plain(parse_yaml(mapping_text(mapping), "x.yaml"))
        assert {key: float(text) for key, text in again.items()} == pytest.approx(mapping, rel=1e-11)

    @pytest.mark.parametrize("name", sorted(EXAMPLES))
    def test_the_examples(self, name: str) -> None:
        """Written anew, without their remarks, they are the same plants."""
        tree = plain(parse_yaml(EXAMPLES[name], name))
        text = mapping_text(tree)
        assert same(read_text(text), read_text(EXAMPLES[name]))
        assert same(build_plant(tree), read_text(EXAMPLES[name]))
        assert max(map(len, text.splitlines())) < 200

    def test_remarks_stand_above_what_they_speak_of(self) -> None:
        text = mapping_text(
            {
                "plant": "Shop",
                "work centers": {"saw": {"machines": 1}},
                "products": {"a": {"routing": [{"cut": {"at": "saw", "time": "1 h"}}]}},
            },
            {
                "plant": "Ours.\nSince spring.",
                "work centers > saw": "old",
                "products > a > routing > cut > time": "measured",
            },
        )
        assert text == (
            "# Ours.\n# Since spring.\nplant: Shop\nwork centers:\n  # old\n  saw: {machines: 1}\nproducts:\n  a:\n    routing:\n"
            "      - cut:\n          at: saw\n          # measured\n          time: 1 h\n"
        )  # fmt: skip
        assert value_at(read_text(text), "products > a > routing > cut > time") == "1 h"

    def test_a_tree_of_numbers_and_lists(self) -> None:
        assert plain(node_of({"a": [1, 2.5, "x"], "b": {"c": 1e-7}})) == {"a": ["1", "2.5", "x"], "b": {"c": "1e-07"}}

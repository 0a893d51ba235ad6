"""The KPIs of ISO 22400-2: a shift by hand, the identities, and the formulas of the ontology."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantwright.monitoring import kpis
from plantwright.monitoring.kpis import KPIS, Elements, together

SHIFT = Elements(
    planned_operation=8 * 3600, planned_busy=7.5 * 3600, production=5 * 3600, setup=1 * 3600, delay=0.5 * 3600,
    planned_production=90 * 180.0, produced=90, good=81, scrapped=6, reworked=3, failures=2, corrective_maintenance=1200,
    preventive_maintenance=1800,
)  # fmt: skip
"""A shift of eight hours with half an hour planned down: 5 h production, 1 h setup, 0.5 h delays, so 1 h without an order; 90 pieces planned
at 3 minutes each."""


def test_a_shift_by_hand() -> None:
    assert SHIFT.processing == 6 * 3600
    assert SHIFT.busy == 6.5 * 3600
    assert SHIFT.down == 1 * 3600
    assert kpis.allocation_efficiency(SHIFT) == pytest.approx(6.5 / 7.5)
    assert kpis.utilisation_efficiency(SHIFT) == pytest.approx(5 / 6.5)
    assert kpis.availability(SHIFT) == pytest.approx(5 / 7.5)
    assert kpis.technical_efficiency(SHIFT) == pytest.approx(5 / 5.5)
    assert kpis.setup_ratio(SHIFT) == pytest.approx(1 / 6)
    assert kpis.effectiveness(SHIFT) == pytest.approx(4.5 / 5)
    assert kpis.quality_ratio(SHIFT) == pytest.approx(0.9)
    assert kpis.oee_index(SHIFT) == pytest.approx(4.5 * 0.9 / 7.5)
    assert kpis.nee_index(SHIFT) == pytest.approx(6 / 7.5 * 0.9 * 0.9)
    assert kpis.corrective_maintenance_ratio(SHIFT) == pytest.approx(0.4)
    assert kpis.mean_operating_time_between_failures(SHIFT) == pytest.approx(3 * 3600)
    assert kpis.mean_operating_time_between_failures(SHIFT, "failures + 1") == pytest.approx(2 * 3600)
    assert kpis.mean_time_to_restoration(SHIFT) == pytest.approx(600)


def test_what_is_not_known_is_none() -> None:
    assert kpis.first_pass_yield(SHIFT) is None
    assert kpis.throughput_rate(SHIFT) is None
    uncounted = replace(SHIFT, produced=None)
    assert kpis.oee_index(uncounted) is None
    assert kpis.availability(uncounted) is not None
    assert kpis.availability(replace(SHIFT, planned_busy=0.0)) is None
    assert kpis.mean_operating_time_between_failures(replace(SHIFT, failures=0)) is None


def test_effectiveness_is_never_clipped() -> None:
    fast = replace(SHIFT, planned_production=6 * 3600)
    assert kpis.effectiveness(fast) == pytest.approx(1.2)


def test_machines_add_up_and_what_one_does_not_know_none_knows() -> None:
    both = together([SHIFT, SHIFT])
    assert both.production == 10 * 3600
    assert kpis.oee_index(both) == pytest.approx(kpis.oee_index(SHIFT))
    assert (SHIFT + replace(SHIFT, good=None)).good is None
    with pytest.raises(ValueError, match="no work unit"):
        together([])


hours = st.floats(0.01, 1000)


@given(
    production=hours,
    setup=hours,
    delay=hours,
    down=hours,
    planned=hours,
    produced=st.integers(1, 1000),
    share=st.floats(0, 1),
)
def test_identities(
    production: float, setup: float, delay: float, down: float, planned: float, produced: int, share: float
) -> None:
    e = Elements(
        production=production, setup=setup, delay=delay, planned_busy=production + setup + delay + down,
        planned_production=planned, produced=produced, good=produced * share,
    )  # fmt: skip
    allocation, utilisation = kpis.allocation_efficiency(e), kpis.utilisation_efficiency(e)
    assert allocation is not None
    assert utilisation is not None
    assert kpis.availability(e) == pytest.approx(allocation * utilisation)
    oee, nee, effectiveness = kpis.oee_index(e), kpis.nee_index(e), kpis.effectiveness(e)
    assert oee is not None
    assert nee is not None
    assert effectiveness is not None
    assert oee <= nee * (1 + 1e-12)
    assert effectiveness == pytest.approx(planned / production)


def test_formulas_are_those_of_the_ontology() -> None:
    folder = os.environ.get("PLANTWRIGHT_TEST_DATA")
    if not folder or not (Path(folder) / "iso22400").is_dir():
        pytest.skip("PLANTWRIGHT_TEST_DATA has no iso22400")
    text = (Path(folder) / "iso22400" / "iso22400-2.owl").read_text(encoding="utf-8")
    formulas = re.findall(r"formula>([^<=]+)=([^<]+)<", text)
    theirs = {_plain(right) for _, right in formulas} | {"PQ/AOET"}
    told_otherwise = {
        "allocation ratio", "production process ratio", "fall-off ratio", "inventory turns", "energy per piece", "MTBF", "MTTR",
    }  # fmt: skip
    ours = {kpi.name: _plain(kpi.formula) for kpi in KPIS if kpi.name not in told_otherwise}
    assert len(formulas) > 20
    missing = {name: formula for name, formula in ours.items() if formula not in theirs}
    assert missing == {}


def _plain(formula: str) -> str:
    """A formula without what differs in writing only."""
    text = formula.lower().replace("ˆ", "")
    for ours, theirs in (("aust", "asut"), ("pri ", "pru "), ("quality ratio", "quality rate"), (" x ", " * ")):
        text = text.replace(theirs, ours)
    return re.sub(r"\s", "", text.replace(" x ", "*").replace(" * ", "*"))

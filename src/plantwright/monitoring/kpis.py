"""The key performance indicators of ISO 22400-2, as pure functions of its elements.

Formulas and element names are those of ISO 22400-2:2014 as the ontology of the University of the Federal Armed Forces Hamburg gives them
(w3id.org/hsu-aut/ISO22400-2), with the sums of times that OPC 40001-1 and OPC 40501 state. "TEEP" and "performance" are not among them.
A KPI whose elements are not known, or whose divisor is zero, is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from typing import Literal

Divisor = Literal["failures", "failures + 1"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """What was planned and what happened at a work unit, or at several together (they add up). None is what is not known.

    Times are in seconds, quantities in pieces.

    Parameters
    ----------
    planned_operation : float, optional
        POT: in which the work unit can be used, as scheduled.
    planned_busy : float, optional
        PBT: planned operation time less planned down time.
    production : float, optional
        APT: in which it produces; value-adding functions only.
    setup : float, optional
        AUST: preparation of orders.
    delay : float, optional
        ADET: malfunctions, minor stoppages and other unplanned times while orders are carried out.
    order_execution : float, optional
        AOET: from start to end of the orders, waiting and transport included.
    busy_of_orders : float, optional
        The busy times (AUBT) at all work units that these orders met.
    production_of_orders : float, optional
        The production times (APT) at all work units that these orders met.
    planned_production : float, optional
        PRI x PQ: the planned run time per item times the quantity, summed over products.
    produced, good, scrapped, reworked : float, optional
        PQ, GQ, SQ, RQ.
    planned_scrap : float, optional
        PSQ.
    first_produced, first_scrapped : float, optional
        PQ and SQ of the first operation of the orders.
    good_parts, inspected_parts : float, optional
        GP, IP: parts that carry an identity; GP are good without rework. Not to be told from quantities.
    failures : float, optional
        Failure events.
    corrective_maintenance, preventive_maintenance : float, optional
        CMT, PMT.
    personnel_work, personnel_attendance : float, optional
        APWT, APAT.
    consumed_material, integrated_good, production_loss, storage_loss, other_loss : float, optional
        CM, IGQ, PL, STL, OL; in one unit of material.
    production_capacity : float, optional
        EPC: the quantity that the equipment can produce.
    energy : float, optional
        Of all kinds, in joules.
    inventory : float, optional
        The average stock, in the unit of the throughput.
    """

    planned_operation: float | None = None
    planned_busy: float | None = None
    production: float | None = None
    setup: float | None = None
    delay: float | None = None
    order_execution: float | None = None
    busy_of_orders: float | None = None
    production_of_orders: float | None = None
    planned_production: float | None = None
    produced: float | None = None
    good: float | None = None
    scrapped: float | None = None
    reworked: float | None = None
    planned_scrap: float | None = None
    first_produced: float | None = None
    first_scrapped: float | None = None
    good_parts: float | None = None
    inspected_parts: float | None = None
    failures: float | None = None
    corrective_maintenance: float | None = None
    preventive_maintenance: float | None = None
    personnel_work: float | None = None
    personnel_attendance: float | None = None
    consumed_material: float | None = None
    integrated_good: float | None = None
    production_loss: float | None = None
    storage_loss: float | None = None
    other_loss: float | None = None
    production_capacity: float | None = None
    energy: float | None = None
    inventory: float | None = None

    @property
    def processing(self) -> float | None:
        """AUPT = APT + AUST."""
        return _sum(self.production, self.setup)

    @property
    def busy(self) -> float | None:
        """AUBT = AUPT + ADET: in which the work unit is used for orders."""
        return _sum(self.processing, self.delay)

    @property
    def down(self) -> float | None:
        """ADOT = PBT - AUBT: in which the work unit runs no order, although it is available."""
        return None if self.planned_busy is None or self.busy is None else self.planned_busy - self.busy

    def __add__(self, other: Elements) -> Elements:
        """Of both together; what is not known of one is not known of both."""
        return Elements(**{f.name: _sum(getattr(self, f.name), getattr(other, f.name)) for f in fields(self)})


def together(several: Iterable[Elements]) -> Elements:
    """The elements of several work units, such as all of a work center. Raises ValueError where there are none."""
    parts = list(several)
    if not parts:
        raise ValueError("there is no work unit")
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def allocation_efficiency(e: Elements) -> float | None:
    """AUBT / PBT."""
    return _ratio(e.busy, e.planned_busy)


def utilisation_efficiency(e: Elements) -> float | None:
    """APT / AUBT."""
    return _ratio(e.production, e.busy)


def availability(e: Elements) -> float | None:
    """APT / PBT; allocation efficiency x utilisation efficiency."""
    return _ratio(e.production, e.planned_busy)


def technical_efficiency(e: Elements) -> float | None:
    """APT / (APT + ADET)."""
    return _ratio(e.production, _sum(e.production, e.delay))


def setup_ratio(e: Elements) -> float | None:
    """AUST / AUPT."""
    return _ratio(e.setup, e.processing)


def allocation_ratio(e: Elements) -> float | None:
    """Sum of AUBT / AOET, of orders."""
    return _ratio(e.busy_of_orders, e.order_execution)


def production_process_ratio(e: Elements) -> float | None:
    """Sum of APT / AOET, of orders."""
    return _ratio(e.production_of_orders, e.order_execution)


def worker_efficiency(e: Elements) -> float | None:
    """APWT / APAT."""
    return _ratio(e.personnel_work, e.personnel_attendance)


def throughput_rate(e: Elements) -> float | None:
    """PQ / AOET: pieces a second of order execution time, not of machine hours."""
    return _ratio(e.produced, e.order_execution)


def effectiveness(e: Elements) -> float | None:
    """PRI x PQ / APT. It may pass 1 where the planned run time is too long; it is never clipped."""
    return _ratio(e.planned_production, e.production)


def quality_ratio(e: Elements) -> float | None:
    """GQ / PQ."""
    return _ratio(e.good, e.produced)


def oee_index(e: Elements) -> float | None:
    """Availability x effectiveness x quality ratio."""
    return _product(availability(e), effectiveness(e), quality_ratio(e))


def nee_index(e: Elements) -> float | None:
    """AUPT / PBT x effectiveness x quality ratio: setup is no loss in it."""
    return _product(_ratio(e.processing, e.planned_busy), effectiveness(e), quality_ratio(e))


def first_pass_yield(e: Elements) -> float | None:
    """GP / IP; only where parts are identified."""
    return _ratio(e.good_parts, e.inspected_parts)


def scrap_ratio(e: Elements) -> float | None:
    """SQ / PQ."""
    return _ratio(e.scrapped, e.produced)


def rework_ratio(e: Elements) -> float | None:
    """RQ / PQ."""
    return _ratio(e.reworked, e.produced)


def actual_to_planned_scrap_ratio(e: Elements) -> float | None:
    """SQ / PSQ."""
    return _ratio(e.scrapped, e.planned_scrap)


def fall_off_ratio(e: Elements) -> float | None:
    """SQ / PQ of the first operation."""
    return _ratio(e.first_scrapped, e.first_produced)


def finished_goods_ratio(e: Elements) -> float | None:
    """GQ / CM."""
    return _ratio(e.good, e.consumed_material)


def integrated_goods_ratio(e: Elements) -> float | None:
    """IGQ / CM."""
    return _ratio(e.integrated_good, e.consumed_material)


def production_loss_ratio(e: Elements) -> float | None:
    """PL / CM."""
    return _ratio(e.production_loss, e.consumed_material)


def storage_and_transport_loss_ratio(e: Elements) -> float | None:
    """STL / CM."""
    return _ratio(e.storage_loss, e.consumed_material)


def other_loss_ratio(e: Elements) -> float | None:
    """OL / CM."""
    return _ratio(e.other_loss, e.consumed_material)


def equipment_load_ratio(e: Elements) -> float | None:
    """PQ / EPC."""
    return _ratio(e.produced, e.production_capacity)


def inventory_turns(e: Elements) -> float | None:
    """Throughput / average inventory: how often the stock went round in the window."""
    return _ratio(e.good, e.inventory)


def energy_per_piece(e: Elements) -> float | None:
    """Energy / PQ, in joules."""
    return _ratio(e.energy, e.produced)


def corrective_maintenance_ratio(e: Elements) -> float | None:
    """CMT / (CMT + PMT)."""
    return _ratio(e.corrective_maintenance, _sum(e.corrective_maintenance, e.preventive_maintenance))


def mean_operating_time_between_failures(e: Elements, divisor: Divisor = "failures") -> float | None:
    """Operating time (setup and production, no delays) / failures, or / (failures + 1): no public text found says which; in seconds."""
    count = None if e.failures is None else e.failures + (divisor == "failures + 1")
    return _ratio(e.processing, count)


def mean_time_to_restoration(e: Elements) -> float | None:
    """Corrective maintenance time / failures, in seconds."""
    return _ratio(e.corrective_maintenance, e.failures)


@dataclass(frozen=True, slots=True)
class Kpi:
    """A KPI: its name, formula, unit (``share``, ``s``, ``1/s``, ``J``, ``1``), whether more of it is better, and its function."""

    name: str
    formula: str
    unit: str
    better: Literal["more", "less"]
    of: Callable[[Elements], float | None]


KPIS: tuple[Kpi, ...] = (
    Kpi("allocation efficiency", "AUBT / PBT", "share", "more", allocation_efficiency),
    Kpi("utilisation efficiency", "APT / AUBT", "share", "more", utilisation_efficiency),
    Kpi("availability", "APT / PBT", "share", "more", availability),
    Kpi("technical efficiency", "APT / (APT + ADET)", "share", "more", technical_efficiency),
    Kpi("setup ratio", "AUST / AUPT", "share", "less", setup_ratio),
    Kpi("allocation ratio", "AUBT / AOET", "share", "more", allocation_ratio),
    Kpi("production process ratio", "APT / AOET", "share", "more", production_process_ratio),
    Kpi("worker efficiency", "APWT / APAT", "share", "more", worker_efficiency),
    Kpi("throughput rate", "PQ / AOET", "1/s", "more", throughput_rate),
    Kpi("effectiveness", "PRI x PQ / APT", "share", "more", effectiveness),
    Kpi("quality ratio", "GQ / PQ", "share", "more", quality_ratio),
    Kpi("OEE index", "availability x effectiveness x quality ratio", "share", "more", oee_index),
    Kpi("NEE index", "AUPT / PBT x effectiveness x quality ratio", "share", "more", nee_index),
    Kpi("first-pass yield", "GP / IP", "share", "more", first_pass_yield),
    Kpi("scrap ratio", "SQ / PQ", "share", "less", scrap_ratio),
    Kpi("rework ratio", "RQ / PQ", "share", "less", rework_ratio),
    Kpi("actual to planned scrap ratio", "SQ / PSQ", "share", "less", actual_to_planned_scrap_ratio),
    Kpi("fall-off ratio", "SQ / PQ of the first operation", "share", "less", fall_off_ratio),
    Kpi("finished goods ratio", "GQ / CM", "share", "more", finished_goods_ratio),
    Kpi("integrated goods ratio", "IGQ / CM", "share", "more", integrated_goods_ratio),
    Kpi("production loss ratio", "PL / CM", "share", "less", production_loss_ratio),
    Kpi("storage and transport loss ratio", "STL / CM", "share", "less", storage_and_transport_loss_ratio),
    Kpi("other loss ratio", "OL / CM", "share", "less", other_loss_ratio),
    Kpi("equipment load ratio", "PQ / EPC", "share", "more", equipment_load_ratio),
    Kpi("inventory turns", "throughput / average inventory", "1", "more", inventory_turns),
    Kpi("energy per piece", "energy / PQ", "J", "less", energy_per_piece),
    Kpi("corrective maintenance ratio", "CMT / (CMT + PMT)", "share", "less", corrective_maintenance_ratio),
    Kpi("MTBF", "(APT + AUST) / failures", "s", "more", mean_operating_time_between_failures),
    Kpi("MTTR", "CMT / failures", "s", "less", mean_time_to_restoration),
)
"""All of them. Those of capability (Cm, Cmk, Cp, Cpk) are told of measurements, not of these elements."""


def _sum(*parts: float | None) -> float | None:
    return None if any(part is None for part in parts) else sum(part for part in parts if part is not None)


def _product(*parts: float | None) -> float | None:
    total = 1.0
    for part in parts:
        if part is None:
            return None
        total *= part
    return total


def _ratio(above: float | None, below: float | None) -> float | None:
    return None if above is None or not below else above / below

"""One machine of a virtual plant: what it says as the log goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from plantwright.plant.plant import Plant
from plantwright.shopfloor.virtual.devices import Device
from plantwright.shopfloor.virtual.observations import UNAVAILABLE, Observations, amount_text, listed
from plantwright.shopfloor.virtual.pieces import MOST, deviations
from plantwright.shopfloor.virtual.states import STATES, STOPPED, WEARING
from plantwright.simulation.streams import entity_key

EVERY = 300.0
"""Seconds of the plant between two samples of wear while a machine works."""

NORMAL = "NORMAL\t\t"


class Row(NamedTuple):
    """A row of the log."""

    time: float
    what: str
    lot: int | None
    product: str | None
    operation: str | None
    work_center: str | None
    machine: str | None
    detail: str | None
    amount: float | None


class _Job(NamedTuple):
    product: str
    operation: str
    quantity: float


class Machine:
    """What a machine shows, and has said."""

    def __init__(
        self, plant: Plant, device: Device, numbers: Mapping[str, int], key: int, micros: Callable[[float], int]
    ) -> None:
        self._plant, self._device, self._numbers, self._key, self._micros = plant, device, numbers, key, micros
        self._shown: dict[str, str] = {}
        self._last, self._time = 0, -1.0
        self._jobs: dict[int, _Job] = {}
        self._people: dict[str, list[str]] = {"operator": [], "repairer": []}
        self._tools: list[str] = []
        self._counts = {"all": 0.0, "good": 0.0, "bad": 0.0}
        self._state = "not there"
        self._since, self._wear, self._changes = 0.0, 0.0, 0
        self._seen = self._left = False

    def tells(self, row: Row) -> bool:
        """Whether a row can be told by what the machine shows: a lot begins, or has begun there; people or tools come, or go that are
        there. What a lot carries is not the machine's.
        """
        if self._left and row.what != "state":
            return False
        match row.what:
            case "state":
                return True
            case "started":
                return row.lot not in self._jobs
            case "ended":
                return row.lot in self._jobs
            case "people seized" | "tool seized":
                return row.lot is None
            case "people let go" | "tool let go":
                held = self._tools if row.what == "tool let go" else self._people[_role(row)]
                return row.lot is None and held.count(row.detail or "") >= round(row.amount or 1.0)
        return False

    def see(self, said: Observations, row: Row, why: str) -> None:
        """Say a row; `why` is the state for which it waits where it waits for repair."""
        if row.what != "state" and not self._seen:
            self._come(said, row.time)
        match row.what:
            case "state":
                self._turn(said, row, why)
            case "started":
                assert row.lot is not None
                self._jobs[row.lot] = _Job(row.product or "", row.operation or "", row.amount or 0.0)
                self._say(said, row.time, {"program": row.operation or "", **self._job_texts()})
            case "people seized" | "people let go":
                role = _role(row)
                _change(self._people[role], row.detail or "", row.amount or 1.0, row.what == "people seized")
                self._say(said, row.time, self._program(row) | {role: listed(self._people[role])})
            case _:
                _change(self._tools, row.detail or "", row.amount or 1.0, row.what == "tool seized")
                self._say(said, row.time, self._program(row) | {"tool": listed(self._tools)})

    def end(self, said: Observations, row: Row, bad: float) -> None:
        """Say that a lot's operation is done, with so many bad pieces."""
        assert row.lot is not None
        job = self._jobs.pop(row.lot)
        made = row.amount or 0.0
        for key, count in (("all", made), ("good", made - bad), ("bad", bad)):
            self._counts[key] += count
        counts = {key: amount_text(count) for key, count in self._counts.items()}
        at = self._say(said, row.time, counts | self._job_texts())
        if "deviation" in self._numbers:
            self._measure(said, at, row.lot, job, made, bad)

    def lose(self, said: Observations, row: Row) -> None:
        """A lot that is scrapped while it is worked on is no longer here; nothing is counted."""
        if row.lot in self._jobs:
            del self._jobs[row.lot]
            self._say(said, row.time, self._job_texts())

    def tick(self, said: Observations, until: float) -> None:
        """Say how far it is worn, up to an instant."""
        if self._device.life is None or self._state not in WEARING:
            return
        number = self._numbers["wear"]
        step = self._since - self._since % EVERY + EVERY
        while step <= until:
            said.add(self._micros(step) * 1000, number, f"{self._wear + step - self._since:.3f}")
            step += EVERY
        self._wear += until - self._since
        self._since = until

    def _turn(self, said: Observations, row: Row, why: str) -> None:
        """It is in another state."""
        before, state = self._state, row.detail or ""
        self.tick(said, row.time)
        if before in WEARING and self._device.life is not None:
            self._worn(said, row.time)
        self._state, self._since = state, row.time
        if state == "not there":
            self._leave(said, row.time)
            return
        shown = STATES[state]
        if not self._seen:
            self._come(said, row.time)
        texts = {
            "execution": shown.execution,
            "wait state": shown.waits or UNAVAILABLE,
            "functional mode": shown.mode,
            "controller mode": shown.controller,
            "power": shown.power,
            "alarm": self._alarm(state, why),
        }
        if self._device.watts is not None:
            texts["watts"] = f"{self._device.watts[state]:g}"
        if before in STOPPED and state not in STOPPED and state != "off shift" and self._device.life is not None:
            self._wear, self._changes = 0.0, self._changes + 1
            self._worn(said, row.time)
            texts["asset changed"] = self.asset()
        self._say(said, row.time, texts, with_last=True)

    def _alarm(self, state: str, why: str) -> str:
        """The condition: a fault until the machine is repaired, be it off shift meanwhile."""
        if state == "in repair" or (state == "waiting for repair" and why != "maintenance"):
            return f"FAULT\tF1\t{'is repaired' if state == 'in repair' else 'failed, waits for repair'}"
        if state == "waiting for repair":
            return "WARNING\tM1\twaits for maintenance"
        if state == "off shift" and self._shown.get("alarm", "").startswith(("FAULT", "WARNING")):
            return self._shown["alarm"]
        return NORMAL

    def asset(self) -> str:
        """The name of the tool whose wear it shows."""
        return f"{self._device.name}.{self._changes + 1}"

    def _come(self, said: Observations, time: float) -> None:
        """It is there from now on, without a state as yet."""
        self._seen, self._left = True, False
        texts = {"available": "AVAILABLE", "work center": self._device.center, "program": "", **self._job_texts()}
        texts |= {role: listed(people) for role, people in self._people.items()} | {"tool": listed(self._tools)}
        texts |= {key: amount_text(count) for key, count in self._counts.items()}
        if self._device.life is not None:
            self._worn(said, time)
            texts |= {"asset changed": self.asset(), "asset removed": UNAVAILABLE}
        self._say(said, time, texts)

    def _leave(self, said: Observations, time: float) -> None:
        self._seen, self._left = False, True
        texts = dict.fromkeys(self._numbers, UNAVAILABLE) | {
            "alarm": "UNAVAILABLE\t\t",
            "work center": self._device.center,
        }
        self._say(said, time, texts)

    def _worn(self, said: Observations, time: float) -> None:
        said.add(self._micros(time) * 1000, self._numbers["wear"], f"{self._wear:.3f}")

    def _program(self, row: Row) -> dict[str, str]:
        return {} if row.operation is None else {"program": row.operation}

    def _job_texts(self) -> dict[str, str]:
        jobs = self._jobs.values()
        return {
            "product": listed([job.product for job in jobs]),
            "operation": listed([job.operation for job in jobs]),
            "quantity": listed([amount_text(job.quantity) for job in jobs]),
            "lot": listed([str(lot) for lot in self._jobs]),
        }

    def _measure(self, said: Observations, at: int, lot: int, job: _Job, made: float, bad: float) -> None:
        """Say the deviations of its pieces, a microsecond apart."""
        count = min(MOST, round(made))
        share = count / made if made else 0.0
        entity = entity_key(self._device.name, job.product, job.operation)
        yield_ = self._yield(job, 1.0 - bad / made if made else 1.0)
        found = deviations(self._key, entity, lot, count, min(count, round(bad * share)), yield_)
        for place, deviation in enumerate(found, 1):
            said.add((at + place) * 1000, self._numbers["deviation"], f"{deviation:.4f}")

    def _yield(self, job: _Job, here: float) -> float:
        """The yield of an operation; of one that a dated change brings, what it was `here`."""
        product = self._plant.products.get(job.product)
        operation = next((one for one in product.routing if one.name == job.operation), None) if product else None
        if operation is None:
            return here
        own = next((at.yield_ for at in operation.at if at.center == self._device.center), None)
        return operation.yield_ if own is None else own

    def _say(self, said: Observations, time: float, texts: Mapping[str, str], with_last: bool = False) -> int:
        """Say what is another than before, at an instant of its own, or with what was said last if that was just now; when that was."""
        if not (with_last and time == self._time):
            self._last, self._time = max(self._micros(time), self._last + 1), time
        at = self._last
        for key, text in texts.items():
            if self._shown.get(key) != text and key in self._numbers:
                self._shown[key] = text
                said.add(at * 1000, self._numbers[key], text)
        return at


def _role(row: Row) -> str:
    return "repairer" if row.operation is None else "operator"


def _change(held: list[str], name: str, amount: float, more: bool) -> None:
    for _ in range(round(amount)):
        if more:
            held.append(name)
        elif name in held:
            held.remove(name)

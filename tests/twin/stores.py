"""Stores (section 6): materials and finished stock, orders and deliveries."""

from __future__ import annotations

from tests.twin.base import Base
from tests.twin.luck import LEAD_TIME, OUTAGE, entity
from tests.twin.things import OUTAGES, SUPPLY, Center, Delivery, Lot, Machine, Store
from tests.twin.units import sold_of_one


class Stores(Base):
    def open_stores(self) -> None:
        """Let all that is stored be there: what is there already keeps its level."""
        taken = {name for p in self.plant.products.values() for o in p.routing for name in o.takes}
        known = self.stores
        self.stores = {}
        for name, product in self.plant.products.items():
            self.stores[name] = known.get(name) or Store(name, False, 0.0)
            self.stores[name].counted = name in taken or product.demand is not None or product.stock is not None
        for name, material in self.plant.materials.items():
            self.stores[name] = known.get(name) or Store(name, material.on_hand is not None, material.on_hand or 0.0)
            self.stores[name].material = material
        self.outages = {name: self.outages.get(name, 0) for name in self.plant.suppliers}

    def fits(self, center: Center, pieces: float) -> bool:
        """Whether a finished lot of so many pieces finds a place in the stock of its product."""
        product = center.stock
        assert product
        assert product.stock
        capacity = product.stock.value * (product.lot * sold_of_one(product) if product.stock.of == "lot" else 1.0)
        return self.stores[product.name].level + pieces <= capacity * (1 + 1e-9)

    def made_room(self, name: str) -> None:
        """Something was taken from a stock: who waits to come in may."""
        if f"stock of {name}" in self.centers:
            self.mark(self.centers[f"stock of {name}"])

    def materials_for(self, lots: list[Lot]) -> dict[str, float]:
        """What a job of these lots takes."""
        wanted: dict[str, float] = {}
        for lot in lots:
            for name, usage in lot.operation.takes.items():
                count = {"piece": lot.pieces, "lot": 1.0, "batch": float(lot is lots[0])}[usage.per]
                wanted[name] = wanted.get(name, 0.0) + usage.amount * count
        return wanted

    def are_there(self, wanted: dict[str, float]) -> bool:
        return all(
            not store.counted or amount <= store.level * (1 + 1e-9) + 1e-9
            for store, amount in ((self.stores[name], amount) for name, amount in wanted.items())
        )

    def take_materials(self, wanted: dict[str, float], machine: Machine, lot: Lot | None) -> None:
        for name, amount in reversed(wanted.items()):
            store = self.stores[name]
            self.note("material taken", lot, machine, name, amount)
            if store.counted:
                store.level = max(0.0, store.level - amount)
                self.made_room(name)
                self.see_low(store)

    def put(self, store: Store, amount: float) -> None:
        if store.counted:
            store.level += amount
            self.came_free(store.name)

    def see_low(self, store: Store) -> None:
        words = store.material
        if words is None or words.reorder_at is None or words.reorder_up_to is None or store in self.low:
            return
        position = store.level + store.on_order
        if position <= words.reorder_at and position < words.reorder_up_to:
            self.low.append(store)

    def place_order(self) -> None:
        store = self.low.pop(0)
        assert store.material
        assert store.material.reorder_up_to is not None
        delivery = Delivery(store, store.orders, store.material.reorder_up_to - store.level - store.on_order)
        store.on_order += delivery.amount
        store.orders += 1
        self.note("material ordered", None, None, store.name, delivery.amount)
        if store.material.supplier in self.out:
            self.out[store.material.supplier].append(delivery)
        else:
            self.send(delivery)

    def send(self, delivery: Delivery) -> None:
        store, time = delivery.store, 0.0
        supplier = self.plant.suppliers.get(store.material.supplier or "") if store.material else None
        if supplier and supplier.lead_time:
            time = self.luck.draw(supplier.lead_time, LEAD_TIME, entity("material", store.name), delivery.number)
        self.agenda.put(delivery, SUPPLY, self.now + time)

    def on_delivery(self, delivery: Delivery) -> None:
        self.note("material delivered", None, None, delivery.store.name, delivery.amount)
        delivery.store.on_order -= delivery.amount
        self.put(delivery.store, delivery.amount)

    def await_outages(self) -> None:
        """Put the next outage of each supplier into the agenda who has none there; those that are no more come no more."""
        for name, words in self.plant.suppliers.items():
            if words.outage_every is None and name not in self.out:
                self.agenda.drop(name, OUTAGES)
            elif not self.agenda.awaits(name, OUTAGES):
                self.await_outage(name)

    def await_outage(self, name: str) -> None:
        every = self.plant.suppliers[name].outage_every
        if every:
            time = self.luck.draw(every, OUTAGE, entity("supplier", name), self.outages[name])
            self.agenda.put(name, OUTAGES, self.now + time)

    def on_outage(self, name: str) -> None:
        if name not in self.out:
            self.out[name] = []
            lasts = self.plant.suppliers[name].outage_lasts
            assert lasts
            time = self.luck.draw(lasts, OUTAGE, entity("supplier", name), self.outages[name], 1 << 21)
            self.agenda.put(name, OUTAGES, self.now + time)
            return
        self.outages[name] += 1
        for delivery in self.out.pop(name):
            self.send(delivery)
        self.await_outage(name)

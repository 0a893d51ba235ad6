"""Places (3.4): who finds room, who waits for it, and lines up."""

from __future__ import annotations

from plantwright.plant.products import Product
from tests.twin import hours
from tests.twin.luck import DELAY, entity
from tests.twin.things import LEAVES, Center, Lot
from tests.twin.units import lot_at
from tests.twin.ways import Ways


class Rooms(Ways):
    def spend(self, lot: Lot, center: Center) -> None:
        raise NotImplementedError

    def into_stock(self, lot: Lot) -> None:
        raise NotImplementedError

    def come_nearer(self, lot: Lot) -> None:
        raise NotImplementedError

    def batch_lots(self, center: Center) -> int:
        batch = center.words.batch
        if batch is None:
            return 1
        smallest = min(
            lot_at(product, step, self.usual_lot(product))
            for product in self.plant.products.values()
            for step, operation in enumerate(product.routing)
            if any(choice.center == center.name for choice in operation.at)
        )
        return max(1, int(batch.largest.value // (smallest if batch.largest.of == "piece" else 1)))

    def usual_lot(self, product: Product) -> float:
        """Pieces of a lot as it comes: the product's, or the mean order where orders are not split."""
        orders = [order.quantity for release in product.releases for order in release.orders]
        if product.lot > 1 or not orders:
            return product.lot
        mean = sum(orders) / len(orders)
        return round(mean) if all(order.is_integer() for order in orders) else mean

    def waiting(self, center: Center) -> list[Lot]:
        """The lots that have their place here, those on their way included."""
        return [lot for lot in [*center.queue, *center.coming] if lot.stands is center]

    def beyond(self, center: Center, in_pieces: bool, pieces: float, more: int) -> float:
        """How much waits here, with `more` lots of so many pieces, beyond one job for each empty machine."""
        lots = self.waiting(center)
        jobs = center.empty * self.batch_lots(center)
        if in_pieces:
            return max(0.0, sum(lot.pieces for lot in lots) + more * pieces - jobs * pieces)
        return float(max(0, len(lots) + more - jobs))

    def has_room(self, center: Center, pieces: float) -> bool:
        if center.stock is not None:
            return self.fits(center, pieces)
        lane = self.lane_of(center)
        places = lane.capacity if lane else center.words.buffer
        if places is None:
            return True
        in_pieces = places.of == "piece"
        own = self.beyond(center, in_pieces, pieces, 1)
        if lane and own > 1e-9:
            fed = [self.centers[name] for name in lane.feeds if name != center.name]
            own += sum(self.beyond(other, in_pieces, pieces, 0) for other in fed)
        return own <= 1e-9 or own <= places.value + 1e-9

    def is_open_to(self, center: Center, pieces: float, behind: bool) -> bool:
        if center.words.machines is None:
            return True
        overtakes = center.blocked or (behind and center.outside)
        return not overtakes and self.has_room(center, pieces)

    def choices(self, lot: Lot) -> list[Center]:
        return [self.centers[choice.center] for choice in lot.operation.at]

    # Coming.
    def come_in(self, lot: Lot, behind: bool) -> bool:
        if not self.gathers(lot):
            return self.is_delayed(lot) or self.find_place(lot, behind)
        whole = self.meet(lot)
        if whole and not self.is_delayed(whole) and not self.find_place(whole, True):
            self.wait_outside(whole)
        return True

    def is_delayed(self, lot: Lot) -> bool:
        """Let a lot that comes from another step lie for the delay of its work center, if that has one (6.7)."""
        center = self.choices(lot)[0]
        if lot.where is None or lot.released >= self.now or center.stock is not None or center.words.delay is None:
            return False
        key = entity("operation", lot.product.name, lot.operation.name)
        lot.lies = True
        lies = self.luck.draw(center.words.delay, DELAY, key, lot.count)
        self.agenda.put(lot, LEAVES, hours.after(self.opening(center.words.delay_shift), self.now, lies))
        return True

    def is_over(self, lot: Lot) -> bool:
        """Whether a lot that leaves something has lain long enough; it looks for a place then."""
        if not lot.lies:
            return False
        lot.lies = False
        if not self.find_place(lot, True):
            self.wait_outside(lot)
        return True

    def find_place(self, lot: Lot, behind: bool) -> bool:
        for center in self.choices(lot):
            if self.is_open_to(center, lot.pieces, behind):
                self.settle_in(lot, center)
                return True
        return False

    def come_or_wait(self, lot: Lot) -> None:
        if not self.come_in(lot, True):
            self.wait_outside(lot)

    def wait_outside(self, lot: Lot) -> None:
        for center in self.choices(lot):
            center.outside.append(lot)

    def settle_in(self, lot: Lot, center: Center) -> None:
        """A lot takes its place at a work center: it is carried there, goes through a buffer, lines up."""
        lot.stands = center
        if center.stock is not None:
            self.into_stock(lot)
        elif not self.is_carried(lot, center):
            self.pass_through(lot, center)

    def enqueue(self, lot: Lot) -> None:
        """Put a lot in the queues of all work centers that can do its step."""
        lot.came = self.now
        self.come_nearer(lot)
        for center in self.choices(lot):
            rank = self.rank(lot, center)
            place = len(center.queue)
            while place and rank < self.rank(center.queue[place - 1], center):
                place -= 1
            center.queue.insert(place, lot)
            self.mark(center)
        self.note("queued", lot, None, None, lot.pieces)

    def dequeue(self, lot: Lot, starts: Center) -> None:
        for center in self.choices(lot):
            center.queue.remove(lot)
            if center is not starts:
                self.mark(center)
        lot.stands = starts

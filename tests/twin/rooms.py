"""Places (3.4): who finds room, who waits for it, and lines up."""

from __future__ import annotations

from plantwright.plant.products import Product
from tests.twin.ranking import Ranking
from tests.twin.things import Center, Lot


class Rooms(Ranking):
    def spend(self, lot: Lot, center: Center) -> None:
        raise NotImplementedError

    def size(self, center: Center, pieces: float) -> float:
        buffer = center.words.buffer
        return pieces if buffer and buffer.of == "piece" else 1.0

    def batch_lots(self, center: Center) -> int:
        batch = center.words.batch
        if batch is None:
            return 1
        smallest = min(self.usual_lot(product) for product in self.plant.products.values())
        return max(1, int(batch.largest.value // (smallest if batch.largest.of == "piece" else 1)))

    def usual_lot(self, product: Product) -> float:
        """Pieces of a lot as it comes: the product's, or the mean order where orders are not split."""
        orders = [order.quantity for release in product.releases for order in release.orders]
        if product.lot > 1 or not orders:
            return product.lot
        mean = sum(orders) / len(orders)
        return round(mean) if all(order.is_integer() for order in orders) else mean

    def has_room(self, center: Center, pieces: float) -> bool:
        buffer = center.words.buffer
        if buffer is None:
            return True
        here = [lot for lot in center.queue if lot.stands is center]
        machines = center.empty * self.batch_lots(center)
        if buffer.of == "piece":
            return sum(lot.pieces for lot in here) + pieces <= buffer.value + machines * pieces
        return len(here) < buffer.value + machines

    def is_open_to(self, center: Center, pieces: float, behind: bool) -> bool:
        if center.words.machines is None:
            return True
        overtakes = center.blocked or (behind and center.outside)
        return not overtakes and self.has_room(center, pieces)

    def choices(self, lot: Lot) -> list[Center]:
        return [self.centers[choice.center] for choice in lot.operation.at]

    # Coming.
    def come_in(self, lot: Lot, behind: bool) -> bool:
        if lot.operation.merge is None or lot.came_back:
            return self.find_place(lot, behind)
        whole = self.gather(lot)
        if whole and not self.find_place(whole, True):
            self.wait_outside(whole)
        return True

    def find_place(self, lot: Lot, behind: bool) -> bool:
        for center in self.choices(lot):
            if self.is_open_to(center, lot.pieces, behind):
                if center.words.machines is None:
                    self.spend(lot, center)
                else:
                    self.enqueue(lot, center)
                return True
        return False

    def come_or_wait(self, lot: Lot) -> None:
        if not self.come_in(lot, True):
            self.wait_outside(lot)

    def wait_outside(self, lot: Lot) -> None:
        for center in self.choices(lot):
            center.outside.append(lot)

    def enqueue(self, lot: Lot, stands: Center) -> None:
        """Put a lot in the queues of all work centers that can do its step; it stands at one."""
        lot.came, lot.stands = self.now, stands
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

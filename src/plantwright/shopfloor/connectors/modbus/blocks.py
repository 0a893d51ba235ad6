"""Blocks: neighbouring registers that are read with one request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

MOST = {"holding": 125, "input": 125, "coil": 2_000, "discrete": 2_000}
"""How many addresses one request may read (MODBUS Application Protocol 1.1b3, 6.1 to 6.4)."""


class Placed(Protocol):
    """Something at an address of a device's table."""

    @property
    def unit_id(self) -> int: ...
    @property
    def table(self) -> str: ...
    @property
    def at(self) -> int: ...
    @property
    def cells(self) -> int: ...


Item = TypeVar("Item", bound=Placed)


@dataclass(frozen=True)
class Block(Generic[Item]):
    """One request: ``count`` addresses of a table from ``start`` on, and the items that stand there."""

    unit_id: int
    table: str
    start: int
    count: int
    items: tuple[Item, ...]

    def cells(self, item: Item, read: Sequence[int]) -> Sequence[int]:
        """What was read of an item."""
        begin = item.at - self.start
        return read[begin : begin + item.cells]


def blocks(items: Sequence[Item], holes: int = 0, most: int = 125) -> list[Block[Item]]:
    """The fewest requests that read all items.

    Parameters
    ----------
    items : sequence
    holes : int
        So many addresses in a row that nobody asked for may be read along.
    most : int
        Registers in one request at most; of coils and discrete inputs 16 times as many.
    """
    found: list[Block[Item]] = []
    run: list[Item] = []
    end = 0
    for item in sorted(items, key=lambda item: (item.unit_id, item.table, item.at, item.cells)):
        limit = min(MOST[item.table], most * (16 if MOST[item.table] > 125 else 1))
        if run:
            first = run[0]
            together = (first.unit_id, first.table) == (item.unit_id, item.table) and item.at <= end + holes
            if together and max(end, item.at + item.cells) - first.at <= limit:
                run.append(item)
                end = max(end, item.at + item.cells)
                continue
            found.append(_block(run))
        run, end = [item], item.at + item.cells
    return [*found, _block(run)] if run else found


def divided(block: Block[Item]) -> list[Block[Item]]:
    """Two blocks that read what one does: apart at its widest hole, else in its middle. The block alone where it cannot be divided."""
    gaps = []
    end = block.start
    for number, item in enumerate(block.items):
        gaps.append((item.at - end, -abs(2 * number - len(block.items)), number))
        end = max(end, item.at + item.cells)
    # what stands at the same addresses stays together
    places = [(item.at, item.cells) for item in block.items]
    ways = [gap for gap in gaps[1:] if places[gap[2]] != places[gap[2] - 1]]
    if not ways:
        return [block]
    at = max(ways)[2]
    return [_block(block.items[:at]), _block(block.items[at:])]


def _block(items: Sequence[Item]) -> Block[Item]:
    first = items[0]
    end = max(item.at + item.cells for item in items)
    return Block(first.unit_id, first.table, first.at, end - first.at, tuple(items))

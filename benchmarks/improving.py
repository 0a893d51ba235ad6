"""How long 200 moves take on each of the four examples, and how many replications against the same number for every move.

``python -m benchmarks.improving [--moves 200] [--only NAME]``

The moves are those that the families propose; where they are fewer than asked, faster machines are added, by other shares than the family's, until
they are as many: most of them noise, as in practice. CPU time is that of the whole study on one thread, with all that it asks after the
ranking; the last columns say what a Monte Carlo ranking with equal shares would have taken, at this study's own speed of a replication.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

from plantwright.improvement import Move, improve, propose
from plantwright.plant import Plant, read_plant
from plantwright.plant.texts import scaled, text_at

EXAMPLES = (
    "pouch-cell-pilot.yaml",
    "precision-machine-shop.xlsx",
    "electronics-assembly.yaml",
    "weaving-dyeing-mill.yaml",
)
SHARES = tuple(1 + k / 1000 * sign for k in range(1, 41) for sign in (-1, 1))


def more(plant: Plant) -> Iterator[Move]:
    """Operations a little faster or slower, one by one."""
    for share in SHARES:
        for product in plant.products.values():
            for operation in product.routing:
                path = f"products > {product.name} > routing > {operation.name} > time"
                text = text_at(plant, path)
                new = scaled(text, share) if text is not None else None
                if new is not None:
                    name = f"{product.name} {operation.name} x {share:g}"
                    yield Move(name, "own move", name, {path: new}, subject={"work center": operation.center})


def moves_of(plant: Plant, count: int) -> list[Move]:
    found = list(propose(plant))
    for move in more(plant):
        if len(found) >= count:
            break
        found.append(move)
    return found[:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=200)
    parser.add_argument("--only", help="one example, by a part of its name")
    given = parser.parse_args()
    root = Path(__file__).parent.parent / "examples"
    improve(read_plant(root / EXAMPLES[0]), moves=(), replications=2, horizon="7 d", warmup="1 d")
    print(f"{'plant':28} {'moves':>6} {'CPU s':>7} {'replications':>13} {'equal':>7} {'fewer':>6}  promise")
    for name in EXAMPLES:
        if given.only and given.only not in name:
            continue
        plant = read_plant(root / name)
        moves = moves_of(plant, given.moves)
        began = time.process_time()
        study = improve(plant, moves=moves, threads=1)
        spent = time.process_time() - began
        told = study.guarantee
        assert told is not None
        print(
            f"{name:28} {len(moves):6} {spent:7.1f} {told.simulations:13} {told.equal:7} {told.equal / told.simulations:6.1f}"
            f"  {told.text}"
        )


if __name__ == "__main__":
    main()

"""Features of random plants: rules that look ahead, sequences, a user's own rule, release by demand and by drum, seasons."""

from __future__ import annotations

from tests.twin.drawing import Draft, Draw, a_center, a_product, feature, name_of, pick, words_of


def due_times(draw: Draw, draft: Draft) -> None:
    for product in draft["products"].values():
        release = product.get("release")
        if isinstance(release, dict) and "orders" not in release:
            release["due"] = pick(draw, ["2 h", "18003 s", "32411 s"])  # ratios differ where times do not


@feature("slack and critical ratio")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft)["rule"] = pick(
        draw, ["slack", "CR", ["priority", "slack"], ["CR", "LIFO"], ["priority", "CR"]]
    )
    due_times(draw, draft)


@feature("a rule of a user's own")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft)["rule"] = pick(draw, ["twin urgency", ["priority", "twin urgency"], ["twin size", "LIFO"]])
    due_times(draw, draft)


@feature("a given sequence")
def _(draw: Draw, draft: Draft) -> None:
    single = [center for name, center in draft["work centers"].items() if name != "rest" and "batch" not in center]
    if not single:
        return
    if not any("orders" in product["release"] for product in draft["products"].values()):
        day = draft.get("start", "2026-01-05")[:10]
        rows = [f"o{i},q,{day} {pick(draw, range(20)):02d}:00,{pick(draw, [1, 4])}" for i in range(7)]
        draft["files"]["orders.csv"] = "\n".join(["order,product,release,quantity", *rows]) + "\n"
        draft["products"]["q"]["release"] = {"orders": "orders.csv"}
    center = pick(draw, single)
    where = next(name for name, words in draft["work centers"].items() if words is center)
    turns = list(dict.fromkeys(drawn_turns(draw, draft, where)))
    if pick(draw, [True, False, False]):
        turns = [turns[0]] * pick(draw, [2, 65]) + turns  # who comes again waits for another turn
    draft["files"]["sequence.csv"] = "\n".join(["order,product,step", *turns]) + "\n"
    center["sequence"] = "sequence.csv"


def drawn_turns(draw: Draw, draft: Draft, where: str) -> list[str]:
    """Some turns of orders at a work center."""
    lines = [line.split(",") for line in draft["files"]["orders.csv"].splitlines()[1:]]
    turns = []
    chosen = [pick(draw, lines) for _ in range(5)]
    if pick(draw, [True, False]):
        chosen.sort(key=lambda line: line[2])  # as they come, so that many turns are taken
    for order, product, *_ in chosen:
        steps = [
            name_of(step)
            for step in draft["products"][product]["routing"]
            if words_of(step)["at"] == where and "share" not in words_of(step)
        ]
        turns.append(f"{order},{pick(draw, ['', product])},{pick(draw, ['', *steps])}")
    return turns


# Releases.
@feature("release at the demand's rate")
def _(draw: Draw, draft: Draft) -> None:
    product = a_product(draw, draft)
    product["release"] = pick(draw, [{"priority": "1", "due": "3 h"}, {"due": "9 h"}])
    product["demand"] = {"rate": pick(draw, ["61 pieces/day", "89 pieces/working day", "53 pieces/working day"])}


@feature("drum and rope")
def _(draw: Draw, draft: Draft) -> None:
    for product in pick(draw, [[draft["products"]["q"]], list(draft["products"].values())]):
        where = [words_of(step)["at"] for step in product["routing"]]
        drums = [at if isinstance(at, str) else pick(draw, at)["center"] for at in where if at != "rest"]
        product["release"] = {"drum": pick(draw, drums), "rope": pick(draw, ["25 min", "1 h", "2 h"])}


@feature("a season")
def _(draw: Draw, draft: Draft) -> None:
    if "start" not in draft:
        draft["start"] = pick(draw, ["2026-03-31", "2026-03-31 06:00", "2026-03-31 17:30"])
        for name, text in draft["files"].items():
            draft["files"][name] = text.replace("2026-01-05", "2026-03-31").replace("2026-01-06", "2026-04-01")
    asked = [product for product in draft["products"].values() if "demand" in product]
    for product in asked or [draft["products"]["p"]]:
        demand = product.setdefault("demand", {"rate": "40 pieces/day", "unmet": "backlog"})
        before, then = pick(draw, ["140 %", "30 %"]), pick(draw, ["60 %", "0 %", "200 %"])
        demand["season"] = {"Mar": before, "Apr": then, "Oct": before, "Nov": then}

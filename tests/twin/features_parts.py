"""Features of random plants: parts that go side by side, queue times, changes of unit."""

from __future__ import annotations

from tests.twin.drawing import Draft, Draw, a_product, feature, name_of, pick, words_of


def not_branched(draw: Draw, draft: Draft) -> Draft | None:
    """A product whose lots all go the same way."""
    plain = [
        product
        for product in draft["products"].values()
        if not any({"next", "after"} & set(words_of(step)) for step in product["routing"])
    ]
    return pick(draw, plain) if plain else None


def leave_to(steps: list[Draft], join: Draft) -> None:
    """What parts of a lot cannot do is done before the fork, or where they are together again."""
    names = [name_of(step) for step in steps]
    for step in steps:
        words = words_of(step)
        for word in ("split", "merge"):
            if word in words:
                words_of(join).setdefault(word, words.pop(word))
        if "finds" in words:
            words_of(join)["finds"] = dict(words["finds"])
        words.pop("transfer", None)
        if "rework" in words and words["rework"]["back to"] not in names:
            words["rework"]["back to"] = name_of(step)


def turn_outside(product: Draft, outside: Draft, join: Draft) -> None:
    """Lots whose parts go side by side turn into another unit before the fork, or where they are together again."""
    turns = {}
    for step in product["routing"]:
        words = words_of(step)
        turns |= {name: amount for name, amount in words.get("gives", {}).items() if name != "chips"}
        words["gives"] = {name: amount for name, amount in words.get("gives", {}).items() if name == "chips"}
    if "web" in turns and outside is not join:
        words_of(outside)["gives"]["web"] = turns.pop("web")
        words_of(join)["gives"] = turns
    elif "web" in turns:
        words_of(join)["gives"] = {"cells": "3.4 cells/kg"}
    else:
        words_of(outside)["gives"] = words_of(outside).get("gives", {}) | turns


@feature("queue times")
def _(draw: Draw, draft: Draft) -> None:
    for past in pick(draw, [["report"], ["scrap"], ["rework"], ["scrap", "rework"]]):
        routing = a_product(draw, draft)["routing"]
        first = pick(draw, range(len(routing) - 1))
        last = pick(draw, range(first + 1, len(routing)))
        past = "report" if words_of(routing[last])["at"] == "rest" else past
        words_of(routing[first])["queue time"] = {
            "until": name_of(routing[last]),
            "within": pick(draw, ["5 min", "20 min", "1 h"]),
            "past": past,
        }


@feature("changes of unit")
def _(draw: Draw, draft: Draft) -> None:
    product = a_product(draw, draft)
    routing = product["routing"]
    branches = "next" in words_of(routing[0])
    steps = [routing[0], pick(draw, routing[1:])]
    turns = [{"web": "2.3 m/kg"}, {"cells": "1.5 cells/m"}]
    if branches or pick(draw, [True, False]):
        steps = [routing[0] if branches else pick(draw, routing)]
        turns = [{"cells": pick(draw, ["2 cells/piece", "1.4 cells/piece", "9 cells/lot"])}]
    else:
        product["lot"] = product["lot"].replace("pieces", "kg")
    for step, turn in zip(steps, turns, strict=True):
        words = words_of(step)
        words.pop("share", None)
        words["gives"] = words.get("gives", {}) | turn
    product["unit"] = "cell"
    # Lots of an order come to each step in the unit that it counts, so that none of these is left out.
    name = next(name for name, words in draft["products"].items() if words is product)
    if "orders.csv" in draft["files"]:
        rows = [row.split(",") for row in draft["files"]["orders.csv"].splitlines()]
        rows = [[*row[:-1], ""] if row[1] == name and len(row) > 6 else row for row in rows]
        draft["files"]["orders.csv"] = "\n".join(",".join(row) for row in rows) + "\n"


@feature("parts side by side")
def _(draw: Draw, draft: Draft) -> None:
    product = not_branched(draw, draft)
    if product is None:
        return
    first, *rest = product["routing"]
    place = pick(draw, range(1, len(rest)))
    join: Draft = {f"{name_of(first)[0]}j": {"at": pick(draw, ["c0", "c1", "c2"]), "time": "5 min/lot"}}
    words_of(rest[0])["after"] = [name_of(first)]
    words_of(rest[place])["after"] = [name_of(first)]
    words_of(join)["after"] = [name_of(rest[place - 1]), name_of(rest[-1])]
    if len(rest) - place > 1 and pick(
        draw, [True, False]
    ):  # a fork in the second part, whose parts meet at the join too
        words_of(rest[place + 1])["after"] = [name_of(rest[place])]
        extra: Draft = {f"{name_of(first)[0]}x": {"at": "c1", "time": "9 min/lot", "after": [name_of(rest[place])]}}
        words_of(join)["after"] = [name_of(rest[place - 1]), name_of(rest[-1]), name_of(extra)]
        rest.append(extra)
    if "share" in words_of(first):
        words_of(rest[0])["share"] = words_of(first).pop("share")
    leave_to(rest, join)
    turn_outside(product, first, join)
    kept = words_of(pick(draw, rest))["at"]
    if kept in ("c0", "c1", "c2") and pick(draw, [True, False]):
        words_of(join)["at"] = kept
        draft["work centers"][kept].setdefault("machines", "2")
        words_of(join)["same machine as"] = name_of(next(step for step in rest if words_of(step)["at"] == kept))
    product["routing"] = [first, *rest, join]


@feature("parts from the start")
def _(draw: Draw, draft: Draft) -> None:
    product = not_branched(draw, draft)
    if product is None:
        return
    steps = product["routing"]
    join: Draft = {f"{name_of(steps[0])[0]}k": {"at": pick(draw, ["c0", "c1", "c2"]), "time": "7 min/lot"}}
    words_of(join)["after"] = [name_of(steps[-2]), name_of(steps[-1])]
    side = words_of(steps[-1])
    side["after"] = []
    leave_to(steps, join)
    turn_outside(product, join, join)
    product["routing"] = [*steps, join]


@feature("steps left out together")
def _(draw: Draw, draft: Draft) -> None:
    product = not_branched(draw, draft)
    if product is None or any(set(words_of(step).get("gives", {})) - {"chips"} for step in product["routing"]):
        return
    first = pick(draw, range(len(product["routing"]) - 1))
    last = pick(draw, range(first, len(product["routing"])))
    words_of(product["routing"][first]).update({"share": "55 %", "share until": name_of(product["routing"][last])})
    if last + 1 < len(product["routing"]) and pick(draw, [True, False]):
        words_of(product["routing"][last])["next"] = {name_of(product["routing"][last + 1]): "60 %", "end": "40 %"}

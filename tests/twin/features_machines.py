"""Features of random plants: machines, their setups and stops, places, batches, rules."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.twin.drawing import Draft, Draw, a_center, a_product, a_step, at, feature, pick, words_of

ON_A_GRID = {"8 min/lot": "4 min", "16 min/lot": "12 min", "20 min/lot": "12 min"}
"""Times, and the interval after which the next run may begin beside them."""


# Machines and their times.
@feature("times on a grid")
def _(draw: Draw, draft: Draft) -> None:
    """All that a plant has without other features takes so many times 4 minutes, so that much falls on one instant."""
    for product in draft["products"].values():
        product["release"] = {"every": pick(draw, ["8 min", "16 min"])}
        for step in product["routing"]:
            words_of(step)["time"] = pick(draw, ON_A_GRID)


@feature("several machines")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft)["machines"] = pick(draw, "23")


@feature("load")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["load"] = pick(draw, ["4 min/lot", "uniform 1..5 min/lot", "1 min/piece"])


@feature("unload")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["unload"] = pick(draw, ["2 min/lot", "exponential 2 min/lot"])


@feature("time by the piece")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["time"] = pick(draw, ["6 min/piece", "uniform 2..8 min/piece", "lognormal 5 min cv 0.5/piece"])


@feature("pure delay")
def _(draw: Draw, draft: Draft) -> None:
    draft["work centers"]["rest"] = {"machines": "unlimited"} | pick(draw, [{}, {"shift": "late"}])
    product = a_product(draw, draft)
    product["routing"].insert(
        pick(draw, [1, 2, 3]), {"dry": {"at": "rest", "time": pick(draw, ["30 min/lot", "exponential 1 h/lot"])}}
    )


@feature("alternatives")
def _(draw: Draw, draft: Draft) -> None:
    step = a_step(draw, draft)
    other = pick(draw, [name for name in ("c0", "c1", "c2") if name != step["at"]])
    own = pick(draw, [{}, {"time": "9 min/lot"}, {"yield": "80 %"}])
    step["at"] = [{"center": step["at"]}, {"center": other} | own]


@feature("luck by another name")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft)["luck"] = pick(draw, ["once", "7"])


@feature("shifts")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft)["shift"] = pick(draw, ["day", ["day", "late"]])


# Setups.
@feature("setups")
def _(draw: Draw, draft: Draft) -> None:
    draft["products"]["p"]["family"] = "x"
    draft["products"]["q"]["family"] = pick(draw, "xy")
    a_center(draw, draft)["setup"] = pick(
        draw,
        [
            "10 min",
            {"default": "exponential 9 min", "minor": "3 min"},
            {"default": "8 min", "from": {"x": {"y": "25 min"}}},
        ],
    )


# Stops.
def a_failure(draw: Draw, draft: Draft, words: Draft) -> None:
    by = pick(draw, [{}, {}, {"by": "mend"}])
    a_center(draw, draft).setdefault("failures", []).append(
        {"repair": pick(draw, ["40 min", "exponential 1 h"])} | by | words
    )


@feature("failures by work")
def _(draw: Draw, draft: Draft) -> None:
    a_failure(draw, draft, {"every": pick(draw, ["173 min", "exponential 4 h"])})


@feature("failures by the calendar")
def _(draw: Draw, draft: Draft) -> None:
    a_failure(draw, draft, {"every": "exponential 7 h", "clock": "calendar"})


@feature("failures by count")
def _(draw: Draw, draft: Draft) -> None:
    a_failure(draw, draft, {"every": pick(draw, ["9 pieces", "geometric 12 pieces"]), "clock": "count"})


@feature("work restarts")
def _(draw: Draw, draft: Draft) -> None:
    a_failure(draw, draft, {"every": "exponential 5 h", "then": "restart"})


@feature("a failure scraps")
def _(draw: Draw, draft: Draft) -> None:
    a_failure(draw, draft, {"every": "exponential 6 h", "then": "scrap"})


@feature("maintenance by the calendar")
def _(draw: Draw, draft: Draft) -> None:
    words = {"every": "9 h", "lasts": "30 min"} | pick(draw, [{}, {"by": "mend"}, {"first": "2 h"}])
    a_center(draw, draft).setdefault("maintenance", []).append(words)


@feature("maintenance by work")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft).setdefault("maintenance", []).append(
        {"every": "227 min", "clock": "working", "lasts": "20 min"}
    )


@feature("maintenance by count")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft).setdefault("maintenance", []).append(
        {"every": "20 pieces", "clock": "count", "lasts": "20 min"}
    )


@feature("the first maintenance spread over a time of its own")
def _(draw: Draw, draft: Draft) -> None:
    words = [
        {"every": "9 h", "first": "spread 5 h"},
        {"every": "20 pieces", "clock": "count", "first": "spread 11 pieces"},
    ]
    a_center(draw, draft).setdefault("maintenance", []).append({"lasts": "20 min"} | pick(draw, words))


@feature("maintenance of a work center")
def _(draw: Draw, draft: Draft) -> None:
    words = {"every": "8 h", "lasts": "25 min", "per": "work center"} | pick(draw, [{}, {"by": "mend"}])
    center = a_center(draw, draft)
    center.setdefault("machines", "2")
    center.setdefault("maintenance", []).append(words)


@feature("areas")
def _(draw: Draw, draft: Draft) -> None:
    area: Draft = {"work centers": pick(draw, [["c0", "c1"], ["c1", "c2"]])}
    if draw(st.booleans()):
        area["failures"] = [
            {"every": "exponential 9 h", "repair": "50 min"} | pick(draw, [{}, {"by": "mend"}, {"then": "scrap"}])
        ]
    if draw(st.booleans()):
        area["maintenance"] = [{"every": "10 h", "lasts": "20 min"}]
    draft["areas"] = {"hall": area}


@feature("start-up")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft)["start-up"] = {
        "after": pick(draw, ["15 min", "2 h"]),
        "lasts": pick(draw, ["10 min", "exponential 8 min"]),
    }


# Places and batches.
@feature("a buffer of lots")
def _(draw: Draw, draft: Draft) -> None:
    draft["work centers"][pick(draw, ["c1", "c2"])]["buffer"] = pick(draw, ["0 lots", "1 lots", "3 lots"])


@feature("a buffer of pieces")
def _(draw: Draw, draft: Draft) -> None:
    draft["work centers"]["c2"]["buffer"] = "9 pieces"


@feature("batches")
def _(draw: Draw, draft: Draft) -> None:
    center = a_center(draw, draft)
    center["batch"] = pick(
        draw,
        [
            {"max": "3 lots"},
            {"max": "3 lots", "min": "2 lots", "wait": "25 min"},
            {"max": "10 pieces", "wait": "9 min"},
        ],
    )
    center["batch with"] = pick(draw, ["same operation", "any"])


@feature("batches of a step's own")
def _(draw: Draw, draft: Draft) -> None:
    step = a_step(draw, draft)
    own = [
        ({"max": "3 lots", "min": "2 lots", "wait": "25 min"}, {"max": "4 lots", "min": "3 lots"}),
        ({"max": "9 pieces"}, {"max": "4 pieces"}),
    ]
    of_center, of_step = pick(draw, own)
    at(draft, step)["batch"] = of_center
    at(draft, step).pop("batch with", None)
    step["batch"] = of_step


@feature("time by the batch")
def _(draw: Draw, draft: Draft) -> None:
    step = a_step(draw, draft)
    at(draft, step).setdefault("batch", {"max": "2 lots"})
    step["time"] = "30 min/batch"


# Rules.
@feature("rules of dispatch")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft)["rule"] = pick(
        draw, ["EDD", "SPT", "LIFO", "FIFO by release", ["priority", "SPT"], ["EDD", "LIFO"]]
    )
    draft["products"]["p"]["release"] |= {"due": "5 h", "priority": "1"}


@feature("least setup")
def _(draw: Draw, draft: Draft) -> None:
    center = a_center(draw, draft)
    center.setdefault("setup", {"default": "12 min", "minor": "2 min"})
    center["rule"] = pick(draw, ["least setup", ["priority", "least setup"]])

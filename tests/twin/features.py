"""The features that random plants may have, each as a change of a draft."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.twin.drawing import Draft, Draw, a_center, a_product, a_step, feature, name_of, pick, words_of


def at(draft: Draft, step: Draft) -> Draft:
    """The work center of a step's words."""
    where = step["at"][0]["center"] if isinstance(step["at"], list) else step["at"]
    return draft["work centers"][where]  # type: ignore[no-any-return]


# Machines and their times.
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
    a_failure(draw, draft, {"every": pick(draw, ["3 h", "exponential 4 h"])})


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
    a_center(draw, draft).setdefault("maintenance", []).append({"every": "4 h", "clock": "working", "lasts": "20 min"})


@feature("maintenance by count")
def _(draw: Draw, draft: Draft) -> None:
    a_center(draw, draft).setdefault("maintenance", []).append(
        {"every": "20 pieces", "clock": "count", "lasts": "20 min"}
    )


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


# People and tools.
@feature("staff")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["staff"] = [
        {"skill": "run"} | pick(draw, [{}, {"for": ["run", "unload"]}, {"count": "2", "for": "run"}])
    ]


@feature("staff for setups")
def _(draw: Draw, draft: Draft) -> None:
    step = a_step(draw, draft)
    at(draft, step).setdefault("setup", "10 min")
    step.setdefault("staff", []).append({"skill": "set", "for": "setup"})


@feature("shifts of people")
def _(draw: Draw, draft: Draft) -> None:
    draft["people"]["team"]["shift"] = pick(draw, [["day", "late"], "day"])


@feature("tools")
def _(draw: Draw, draft: Draft) -> None:
    draft.setdefault("tools", {})["die"] = {"count": pick(draw, "12")}
    for _ in range(2):
        a_step(draw, draft)["uses"] = [{"tool": "die"} | pick(draw, [{}, {"for": ["setup", "run"]}])]


@feature("tools until a step")
def _(draw: Draw, draft: Draft) -> None:
    draft.setdefault("tools", {})["pallet"] = {"count": pick(draw, "579")}
    name, product = pick(draw, draft["products"].items())
    first, last = pick(draw, [(0, 1), (0, 2), (1, 2)])
    words_of(next(s for s in product["routing"] if name_of(s) == f"{name}{first}")).setdefault("uses", []).append(
        {"tool": "pallet", "until": f"{name}{last}"}
    )


@feature("loops of cards")
def _(draw: Draw, draft: Draft) -> None:
    name = pick(draw, draft["products"])
    draft["loops"] = {
        "cards": {
            "cards": pick(draw, ["5 lots", "17 pieces"]),
            "from": f"{name}0",
            "until": f"{name}{pick(draw, '12')}",
        }
    }


# Flow of lots.
@feature("yield")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["yield"] = pick(draw, ["90 %", "40 %"])


@feature("lots scrapped whole")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft).update({"yield": "85 %", "scrap": "lot"})


@feature("rework")
def _(draw: Draw, draft: Draft) -> None:
    name, product = pick(draw, draft["products"].items())
    k = pick(draw, [0, 1, 2])
    step = words_of(next(s for s in product["routing"] if name_of(s) == f"{name}{k}"))
    back = f"{name}{draw(st.integers(0, k))}"
    step["rework"] = {"share": "25 %", "back to": back} | pick(draw, [{}, {"at most": "2"}, {"then": "scrap"}])


@feature("optional steps")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["share"] = "60 %"


@feature("branches")
def _(draw: Draw, draft: Draft) -> None:
    name, product = pick(draw, draft["products"].items())
    words_of(product["routing"][0])["next"] = {f"{name}1": "50 %", f"{name}2": "30 %", "end": "20 %"}


@feature("split")
def _(draw: Draw, draft: Draft) -> None:
    product = a_product(draw, draft)
    product["lot"] = "6 pieces"
    words_of(product["routing"][0])["split"] = pick(draw, ["2 lots", "4 lots", "4 pieces"])


@feature("merge")
def _(draw: Draw, draft: Draft) -> None:
    words_of(pick(draw, a_product(draw, draft)["routing"][1:]))["merge"] = pick(draw, ["2 lots", "7 pieces"])


@feature("transfer")
def _(draw: Draw, draft: Draft) -> None:
    product = a_product(draw, draft)
    product["lot"] = "6 pieces"
    step = a_step(draw, draft, product)
    if "batch" not in at(draft, step):
        step["time"] = pick(draw, ["5 min/piece", "uniform 2..6 min/piece", "30 min/lot"])
        step["transfer"] = pick(draw, ["2 pieces", "4 pieces"])


# Releases.
@feature("order list")
def _(draw: Draw, draft: Draft) -> None:
    rows = ["order,product,release,quantity,due,priority,routing"]
    steps = {name: ["", "", f"{name}0 > {name}2", f"{name}1 > {name}0 > {name}1"] for name in draft["products"]}
    for name in pick(draw, [["q"], ["p", "q"]]):
        for i, hour in enumerate(draw(st.lists(st.integers(0, 20), min_size=1, max_size=9))):
            route = pick(draw, steps[name])
            rows.append(
                f"{name}{i},{name},2026-01-05 {hour:02d}:10,{pick(draw, [1, 4, 7])},2026-01-06,{pick(draw, [0, 2])},{route}"
            )
        draft["products"][name]["release"] = {"orders": "orders.csv"}
    draft["files"]["orders.csv"] = "\n".join(rows) + "\n"


@feature("conwip")
def _(draw: Draw, draft: Draft) -> None:
    a_product(draw, draft)["release"] = {"conwip": pick(draw, ["3 lots", "11 pieces"])}


@feature("saturated")
def _(draw: Draw, draft: Draft) -> None:
    draft["products"]["q"]["release"] = "saturated"


@feature("lost where full")
def _(draw: Draw, draft: Draft) -> None:
    draft["work centers"]["c0"]["buffer"] = "1 lots"
    draft["products"]["p"]["release"] = {"every": "exponential 15 min", "when full": "lost"}


@feature("lots at start")
def _(draw: Draw, draft: Draft) -> None:
    name, product = pick(draw, draft["products"].items())
    rows = ["operation,quantity,priority"] + [f"{name}{pick(draw, '012')},{pick(draw, '124')},0" for _ in range(3)]
    draft["files"]["wip.csv"] = "\n".join(rows) + "\n"
    product["at start"] = "wip.csv"


# Unlike machines and their setups.
@feature("unlike machines")
def _(draw: Draw, draft: Draft) -> None:
    center = a_center(draw, draft)
    only = pick(draw, [{}, {"only": [pick(draw, "pq")]}])
    draft["products"]["p"].setdefault("family", "p")
    draft["products"]["q"].setdefault("family", "q")
    if only:
        only = {"only": [draft["products"][only["only"][0]]["family"]]}
    number = len([c for c in draft["work centers"].values() if isinstance(c.get("machines"), list)])
    center["machines"] = [{"name": f"M{number}"}, {"name": f"N{number}", "speed": pick(draw, ["200 %", "80 %"])} | only]
    center["choose"] = pick(draw, ["longest idle", "fastest", "least setup"])


@feature("same machine")
def _(draw: Draw, draft: Draft) -> None:
    name, product = pick(draw, draft["products"].items())
    first, last = (
        words_of(product["routing"][0]),
        next(words_of(s) for s in product["routing"] if name_of(s) == f"{name}2"),
    )
    if isinstance(first["at"], str):
        at(draft, first).setdefault("machines", "2")
        last["at"] = first["at"]
        last["same machine as"] = name_of(product["routing"][0])


@feature("minimum run")
def _(draw: Draw, draft: Draft) -> None:
    center = a_center(draw, draft)
    setup = center.get("setup", "6 min")
    center["setup"] = (setup if isinstance(setup, dict) else {"default": setup}) | {
        "minimum run": pick(draw, ["3 lots", "5 pieces"])
    }


@feature("campaigns")
def _(draw: Draw, draft: Draft) -> None:
    center = a_center(draw, draft)
    setup = center.get("setup", "6 min")
    center["setup"] = (setup if isinstance(setup, dict) else {"default": setup}) | {
        "campaign": pick(draw, ["4 lots", "9 pieces", "2 batches"]),
        "cleaning": "exponential 30 min",
    }


# People who tend and walk.
@feature("tending")
def _(draw: Draw, draft: Draft) -> None:
    for _ in range(2):
        a_step(draw, draft)["staff"] = [
            {"skill": "run", "tends": "3 machines", "for": "run"} | pick(draw, [{}, {"count": "2"}])
        ]


@feature("walking")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["staff"] = [{"skill": "run", "walk": "3 min"} | pick(draw, [{}, {"for": ["load", "run"]}])]


@feature("finish the piece")
def _(draw: Draw, draft: Draft) -> None:
    step = a_step(draw, draft)
    at(draft, step).update({"shift": "day", "shift end": "finish piece"})
    step["time"] = pick(draw, ["7 min/piece", "uniform 3..9 min/piece", "25 min/lot"])


@feature("people finish the piece")
def _(draw: Draw, draft: Draft) -> None:
    draft["people"]["ana"].update({"shift": ["day", "late"], "shift end": "finish piece"})
    step = a_step(draw, draft)
    step["staff"] = [{"skill": "run"}]
    step["time"] = pick(draw, ["7 min/piece", "25 min/lot"])


@feature("absence")
def _(draw: Draw, draft: Draft) -> None:
    draft["people"][pick(draw, ["ana", "team"])]["absence"] = {
        "share": "20 %",
        "spell": pick(draw, ["3 h", "exponential 4 h"]),
    }
    a_step(draw, draft)["staff"] = [{"skill": "run"}]


# Stores.
@feature("materials")
def _(draw: Draw, draft: Draft) -> None:
    draft["materials"] = {
        "steel": {
            "on hand": "60 kg",
            "from": "mill",
            "reorder": {"at": "40 kg", "up to": pick(draw, ["80 kg", "120 kg"])},
        }
    }
    draft["suppliers"] = {"mill": {"lead time": pick(draw, ["3 h", "exponential 5 h"])}}
    for _ in range(2):
        a_step(draw, draft)["takes"] = {"steel": pick(draw, ["2 kg/piece", "5 kg/lot", "0.5 kg/piece"])}


@feature("outages of a supplier")
def _(draw: Draw, draft: Draft) -> None:
    if "suppliers" in draft:
        draft["suppliers"]["mill"]["outage"] = {"every": "exponential 9 h", "lasts": "exponential 5 h"}


# Quality.
@feature("hidden defects")
def _(draw: Draw, draft: Draft) -> None:
    routing = a_product(draw, draft)["routing"]
    words_of(routing[0])["defects"] = {"scratch": "30 %"} | pick(draw, [{}, {"dent": "10 %"}])
    words_of(routing[-1])["finds"] = {"scratch": pick(draw, ["50 %", "95 %"])}


@feature("sampling")
def _(draw: Draw, draft: Draft) -> None:
    a_step(draw, draft)["sample"] = "40 %"


@feature("parts")
def _(draw: Draw, draft: Draft) -> None:
    words_of(draft["products"]["q"]["routing"][-1])["takes"] = {"p": pick(draw, ["1 pieces/lot", "1 piece/piece"])}


@feature("co-products")
def _(draw: Draw, draft: Draft) -> None:
    draft.setdefault("materials", {})["chips"] = {"on hand": "0 kg"}
    a_step(draw, draft)["gives"] = {"chips": pick(draw, ["2 kg/lot", "0.3 kg/piece", "1 kg/batch"])}


@feature("demand")
def _(draw: Draw, draft: Draft) -> None:
    a_product(draw, draft)["demand"] = {
        "rate": pick(draw, ["9 pieces/day", "20 pieces/working day"]),
        "unmet": pick(draw, ["lost", "backlog"]),
    }

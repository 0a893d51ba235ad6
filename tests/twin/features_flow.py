"""Features of random plants: people and tools, the flow of lots, releases."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.twin.drawing import Draft, Draw, a_product, a_step, at, feature, name_of, pick, words_of


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
    draft["products"]["p"]["release"] = {"every": "exponential 15 min", "when full": "lost"} | pick(
        draw, [{}, {"first": "0 s"}, {"first": "40 min"}, {"at most": "7 lots"}]
    )


@feature("lots at start")
def _(draw: Draw, draft: Draft) -> None:
    name, product = pick(draw, draft["products"].items())
    rows = ["operation,quantity,priority"] + [f"{name}{pick(draw, '012')},{pick(draw, '124')},0" for _ in range(3)]
    draft["files"]["wip.csv"] = "\n".join(rows) + "\n"
    product["at start"] = "wip.csv"

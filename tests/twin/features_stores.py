"""Features of random plants: unlike machines, people who tend and walk, stores, quality."""

from __future__ import annotations

from tests.twin.drawing import FEATURES, Draft, Draw, a_center, a_product, a_step, at, feature, name_of, pick, words_of


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
    center["choose"] = pick(draw, ["longest idle", "longest idle place", "empty machine", "fastest", "least setup"])


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
        "minimum run": pick(draw, ["3 lots", "5 pieces", {"x": "3 lots", "p": "2 lots"}])
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


@feature("several people")
def _(draw: Draw, draft: Draft) -> None:
    """Several at a step, from different places, for different phases, or who all tend several machines."""
    ways = [
        [{"skill": "run", "walk": "3 min"}, {"skill": "mend", "walk": "8 min"}],
        [{"skill": "mend", "walk": "9 min"}, {"skill": "run", "walk": "2 min", "for": ["load", "run"]}],
        [{"skill": "set", "walk": "6 min", "for": ["setup", "load"]}, {"skill": "run", "walk": "1 min", "count": "2"}],
        [{"skill": "run", "tends": "2 machines"}, {"skill": "run", "tends": "2 machines", "walk": "4 min"}],
        [{"skill": "run", "tends": "3 machines", "for": "load"}, {"skill": "run", "tends": "3 machines", "for": "run"}],
        [{"skill": "set", "for": "load"}, {"skill": "run", "tends": "2 machines", "count": "2"}],
    ]
    for _ in range(2):
        step = a_step(draw, draft)
        step["load"] = pick(draw, ["4 min/lot", "uniform 2..6 min/lot"])
        step["staff"] = pick(draw, ways)


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
    if "suppliers" not in draft:
        FEATURES["materials"](draw, draft)
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

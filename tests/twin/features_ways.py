"""Features of random plants: shared buffers, stocks with a limit, spare parts, vehicles."""

from __future__ import annotations

from tests.twin.drawing import FEATURES, Draft, Draw, a_center, a_product, feature, pick


@feature("limited stock")
def _(draw: Draw, draft: Draft) -> None:
    product = a_product(draw, draft)
    product["stock"] = {"capacity": pick(draw, ["2 lots", "3 lots", "7 pieces", "14 pieces"])}
    product.setdefault("demand", {"rate": pick(draw, ["9 pieces/day", "30 pieces/day"])})


@feature("a shared buffer")
def _(draw: Draw, draft: Draft) -> None:
    feeds = pick(draw, [["c1", "c2"], ["c2", "c1"], ["c0", "c2"], ["c1"], ["c0", "c1", "c2"]])
    for name in feeds:
        draft["work centers"][name].pop("buffer", None)
    capacity = pick(draw, ["1 lot", "2 lots", "4 lots", "9 pieces", "0 lots"])
    draft["buffers"] = {"lane": {"capacity": capacity, "feeds": feeds}}


@feature("transit")
def _(draw: Draw, draft: Draft) -> None:
    if "buffers" not in draft:
        FEATURES["a shared buffer"](draw, draft)
    draft["buffers"]["lane"]["transit"] = pick(draw, ["4 min", "30 min"])


@feature("delays")
def _(draw: Draw, draft: Draft) -> None:
    delays = ["7 min", "exponential 20 min", "0 min", "uniform 5..10 min"]
    alike = pick(draw, [pick(draw, delays), None])
    hours = pick(draw, [[], sorted(draft.get("shifts", {}))[:1]])
    for words in draft["work centers"].values():
        if words.get("machines") != "unlimited" and (alike or pick(draw, [True, False])):
            words["delay"] = alike or pick(draw, delays)
            if hours:
                words["delay shift"] = hours


@feature("spare parts")
def _(draw: Draw, draft: Draft) -> None:
    draft.setdefault("materials", {})["bearing"] = {
        "on hand": pick(draw, ["1 piece", "2 pieces"]),
        "from": "maker",
        "reorder": {"at": "1 piece", "up to": "2 pieces"},
    }
    draft.setdefault("suppliers", {})["maker"] = {"lead time": pick(draw, ["exponential 4 h", "6 h"])}
    wanted = pick(draw, ["1 piece", "2 pieces"])
    stops = [center["failures"] for center in draft["work centers"].values() if center.get("failures")]
    stops += [area["failures"] for area in draft.get("areas", {}).values() if area.get("failures")]
    if stops:
        pick(draw, stops)[0]["takes"] = {"bearing": wanted}
    words = {"every": "exponential 5 h", "repair": "30 min"} | pick(draw, [{}, {"by": "mend"}, {"clock": "calendar"}])
    a_center(draw, draft).setdefault("failures", []).append(words | {"takes": {"bearing": wanted}})


@feature("vehicles")
def _(draw: Draw, draft: Draft) -> None:
    pairs = {"c0,c1": "300 m", "c1,c2": "240 m", "c0,c2": "600 m", "c2,c0": "480 m"}
    if "rest" in draft["work centers"]:
        pairs |= {"c1,rest": "180 m", "rest,c2": "180 m"}
    chosen = [pair for pair in pairs if pick(draw, [True, True, True, False])] or ["c0,c1"]
    rows = ["from,to,distance", *(f"{pair},{pairs[pair]}" for pair in chosen)]
    draft["files"]["ways.csv"] = "\n".join(rows) + "\n"
    speed = pick(draw, ["1 m/s", "0.5 m/s"])
    draft["transport"] = {"AGV": {"count": pick(draw, "12"), "speed": speed, "distances": "ways.csv"}}
    if pick(draw, [True, False]):
        draft["files"]["more.csv"] = "from,to,distance\nc1,c0,200 m\nc2,c0,300 m\nc1,c2,100 m\n"
        draft["transport"]["cart"] = {"count": "1", "speed": "0.7 m/s", "distances": "more.csv"}


@feature("ways that take a time")
def _(draw: Draw, draft: Draft) -> None:
    for name, center in draft["work centers"].items():
        if name == "rest" or pick(draw, [True, True, False]):
            center["location"] = pick(draw, ["hall", "yard"])
    there = {center["location"] for center in draft["work centers"].values() if "location" in center}
    for name, time in (("porter", "uniform 2..9 min"), ("cart pusher", "8 min")):
        if there:
            words = {"time": time, "from": pick(draw, sorted(there)), "to": sorted(there)}
            draft.setdefault("transport", {})[name] = words

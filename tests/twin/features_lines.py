"""Features of random plants: machines with several places, paced lines."""

from __future__ import annotations

from tests.twin.drawing import Draft, Draw, feature, pick, words_of
from tests.twin.features_machines import ON_A_GRID


def may_have_places(center: Draft) -> bool:
    """What stops a machine with several places goes by the calendar, maintenance by count too."""
    own = [machine for machine in center.get("machines", []) if isinstance(machine, dict)]
    failures = [failure for words in (center, *own) for failure in words.get("failures", [])]
    cares = [care for words in (center, *own) for care in words.get("maintenance", [])]
    return (
        all(failure.get("clock") == "calendar" for failure in failures)
        and all(care.get("clock") != "working" for care in cares)
        and "start-up" not in center
        and "shift end" not in center
    )


@feature("places")
def _(draw: Draw, draft: Draft) -> None:
    steps = [words_of(step) for product in draft["products"].values() for step in product["routing"]]
    at = {name: [s for s in steps if name in str(s["at"])] for name in ("c0", "c1", "c2")}
    able = [
        name
        for name in at
        if may_have_places(draft["work centers"][name]) and not any("transfer" in step for step in at[name])
    ]
    if not able:
        return
    name = pick(draw, able)
    draft["work centers"][name]["places"] = pick(draw, "23")
    for step in at[name]:
        only = isinstance(step["at"], str) or len(step["at"]) == 1
        per = str(step["time"]).rpartition("/")[2]
        interval = ON_A_GRID.get(str(step["time"])) or pick(draw, ["", "3 min", "exponential 5 min"])
        if interval and only and per in ("lot", "piece", "batch"):
            step["interval"] = f"{interval}/{pick(draw, ['lot', 'piece']) if per == 'piece' else per}"


@feature("a paced line")
def _(draw: Draw, draft: Draft) -> None:
    centers, steps = draft["work centers"], [s for p in draft["products"].values() for s in p["routing"]]
    able = [
        name
        for name in ("c0", "c1", "c2")
        if centers[name].get("machines", "1") == "1"
        and "places" not in centers[name]
        and not any("transfer" in words_of(step) and name in str(words_of(step)["at"]) for step in steps)
    ]
    if able:
        stations = able if len(able) < 3 else pick(draw, [["c0", "c1", "c2"], ["c1", "c2"], ["c0", "c1"], ["c0", "c2"]])
        draft["lines"] = {"final": {"index": pick(draw, ["10 min", "25 min", "3 min"]), "stations": stations}}

"""Features of random plants: clock changes, dated changes."""

from __future__ import annotations

from tests.twin.drawing import Draft, Draw, feature, pick


@feature("clock changes")
def _(draw: Draw, draft: Draft) -> None:
    zone, start, following = pick(
        draw,
        [
            ("America/New_York", "2026-03-07", "2026-03-08"),
            ("America/New_York", "2026-10-31", "2026-11-01"),
            ("Europe/Berlin", "2026-03-28", "2026-03-29"),
            ("Europe/Berlin", "2026-10-24", "2026-10-25"),
        ],
    )
    draft["time zone"] = zone
    draft["start"] = f"{start} {pick(draw, ['00:00', '09:10', '20:00'])}"
    for name, text in draft["files"].items():
        draft["files"][name] = text.replace("2026-01-05", start).replace("2026-01-06", following)
    draft["shifts"]["day"] = {"days": "Mon-Sun", "to": "14:00"} | pick(
        draw,
        [
            {"from": "01:30", "breaks": ["01:50-02:20", "10:00-10:20"]},
            {"from": "01:30", "breaks": ["02:40-03:10"]},
            {"from": "02:30"},
            {"from": "06:00", "breaks": ["10:00-10:20"]},
        ],
    )
    draft["shifts"]["late"] = {
        "days": "Mon-Sun",
        "from": pick(draw, ["14:00", "22:00"]),
        "to": pick(draw, ["23:00", "02:30"]),
    }
    if pick(draw, [True, False]):
        draft["shifts"]["late"]["overtime"] = [{"days": "Sun", "from": "02:15", "to": pick(draw, ["03:05", "05:00"])}]
    if all("shift" not in center for center in draft["work centers"].values()):
        draft["work centers"]["c1"]["shift"] = pick(draw, ["day", ["day", "late"]])


def may_change(draw: Draw, draft: Draft) -> list[tuple[str, str]]:
    """Words of the plant that may change, each with what it becomes."""
    center = pick(draw, ["c0", "c1", "c2"])
    words = draft["work centers"][center]
    name, product = pick(draw, draft["products"].items())
    step = pick(draw, product["routing"])
    found = [("people > team > count", pick(draw, "13"))]
    alone = "areas" not in draft and not any("per" in care for care in words.get("maintenance", []))
    alike = "places" not in words and not isinstance(words.get("machines"), list)
    if alone and alike and "lines" not in draft:
        found.append((f"work centers > {center} > machines", pick(draw, "123")))
    if "buffer" in words:
        found.append((f"work centers > {center} > buffer", pick(draw, ["0 lots", "2 lots", "5 lots"])))
    if "least setup" not in str(words.get("rule")):
        found.append((f"work centers > {center} > rule", pick(draw, ["LIFO", "SPT", "EDD"])))
    if "die" in draft.get("tools", {}):
        found.append(("tools > die > count", pick(draw, "123")))
    if str(next(iter(step.values()))["time"]).endswith("/lot"):
        found.append(
            (f"products > {name} > routing > {next(iter(step))} > time", pick(draw, ["4 min/lot", "25 min/lot"]))
        )
    if "conwip" in product["release"]:
        unit = product["release"]["conwip"].split()[1]
        found.append((f"products > {name} > release > conwip", f"{pick(draw, '29')} {unit}"))
    return found


@feature("dated changes")
def _(draw: Draw, draft: Draft) -> None:
    day = str(draft.get("start", "2026-01-05"))[:10]
    draft["changes"] = []
    for clock in pick(draw, [["10:07"], ["06:33", "15:11"], ["09:09", "09:09", "21:41"]]):
        path, to = pick(draw, may_change(draw, draft))
        draft["changes"].append({"on": f"{day} {clock}", "set": path, "to": to})

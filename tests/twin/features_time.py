"""Features of random plants: clocks that are changed."""

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

"""Build the example `precision-machine-shop.xlsx`: a shop that turns, grinds and inspects parts to order. Not a real company.

Times are those of a real factory's published records: Levy, "Production Analysis with Process Mining Technology", 4TU 2014,
DOI 10.4121/uuid:68726926-5ac5-4fab-b873-ee76ea412399. Over the rows whose end time was recorded: turning and milling 271,942 min for
14,026 pieces completed (19.4 min a piece), set-up median 232 min over 402 reports; round grinding 118,961 min for 8,181 pieces (14.5);
quality control after turning 41,614 min for 10,492 pieces (4.0); final inspection 58,844 min for 10,191 pieces (5.8). Six machines
turn and mill. All else (numbers of grinders and inspectors, hours, orders, dates, yields) is assumed.

    python examples/build_precision_machine_shop.py
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from plantwright.plant.workbook import write_workbook

TWO_SHIFTS = "Mon-Fri 06:00-22:00, break 10:00-10:30, break 18:00-18:30"
DAY = "Mon-Fri 06:00-14:00, break 10:00-10:30"

MACHINES = [
    {"work center": "turning and milling", "how many": 6, "hours": TWO_SHIFTS, "runs between failures": "exponential 120 h guess",
     "repair": "lognormal 3 h cv 1 guess", "which lot next": "EDD"},
    {"work center": "quality control", "how many": 1, "hours": TWO_SHIFTS},
    {"work center": "grinding", "how many": 2, "hours": TWO_SHIFTS, "which lot next": "EDD"},
    {"work center": "final inspection", "how many": 2, "hours": DAY},
]  # fmt: skip
PEOPLE = [
    {"person or crew": "turners", "how many": 5, "hours": TWO_SHIFTS, "skills": "turning 3"},
    {"person or crew": "grinders", "how many": 2, "hours": TWO_SHIFTS, "skills": "grinding 3"},
    {"person or crew": "inspectors", "how many": 2, "hours": TWO_SHIFTS, "skills": "inspection 3"},
]
PARTS = {"cable head": True, "spur gear": True, "plug": False, "hub": False}


def routings() -> list[dict[str, object]]:
    """Turn, check, (grind,) inspect."""
    rows: list[dict[str, object]] = []
    for part, ground in PARTS.items():
        steps = [
            ("turn", "turning and milling", 232, 19.4, "turning 2"),
            ("check", "quality control", None, 4.0, "inspection 2"),
        ]
        if ground:
            steps.append(("grind", "grinding", 90, 14.5, "grinding 2"))
        steps.append(("inspect", "final inspection", None, 5.8, "inspection 2"))
        for step, center, setup, minutes, skill in steps:
            rows.append({"product": part, "step": step, "work center": center, "setup minutes": setup,
                         "minutes per piece": minutes, "skill": skill, "yield": "98 %" if step == "turn" else None})  # fmt: skip
    return rows


def orders() -> list[dict[str, object]]:
    """A hundred and forty-four orders over twelve weeks, twelve a week, promised after two weeks."""
    rows: list[dict[str, object]] = []
    names = list(PARTS)
    for k in range(144):
        release = datetime(2026, 1, 5, 6) + timedelta(days=7 * (k // 12) + (k % 12) * 5 // 12)
        rows.append({"order": f"A-{1001 + k}", "product": names[(k * 3 + k // 4) % 4], "quantity": 30 + 15 * (k % 4),
                     "release": release, "due": release + timedelta(days=14)})  # fmt: skip
    return rows


def build(path: Path) -> None:
    """Write the workbook."""
    write_workbook(path, {"machines": MACHINES, "people": PEOPLE, "routings": routings(), "orders": orders()})


if __name__ == "__main__":
    build(Path(__file__).with_name("precision-machine-shop.xlsx"))

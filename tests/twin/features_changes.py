"""Features of random plants: dated changes, of what is there and by what comes new."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

from tests.twin.drawing import FEATURES, Draft, Draw, feature, name_of, pick, words_of
from tests.twin.features_rules import drawn_turns

Edit = tuple[str, Any]


def change(draw: Draw, draft: Draft, *edits: Edit) -> None:
    """Make these edits at once, at some time of the first day."""
    day = str(draft.get("start", "2026-01-05"))[:10]
    clock = pick(draw, ["06:00", "06:33", "09:09", "10:07", "14:00", "15:11", "18:20", "21:41", "22:00"])
    draft.setdefault("changes", [])
    draft["changes"] += [{"on": f"{day} {clock}", "set": path, "to": deepcopy(to)} for path, to in edits]


def a_name(draw: Draw, draft: Draft) -> tuple[str, Draft]:
    name = pick(draw, ["c0", "c1", "c2"])
    return name, draft["work centers"][name]


def may_change(draw: Draw, draft: Draft) -> list[Edit]:
    """Words of the plant that may change, each with what it becomes."""
    center, words = a_name(draw, draft)
    name, product = pick(draw, draft["products"].items())
    step = pick(draw, product["routing"])
    found: list[Edit] = [("people > team > count", pick(draw, "13"))]
    if not isinstance(words.get("machines"), list):
        found.append((f"work centers > {center} > machines", pick(draw, "123")))
    else:
        more = [*words["machines"], {"name": f"{center} more", "speed": "150 %"}]
        found.append((f"work centers > {center} > machines", pick(draw, [words["machines"][:1], more])))
    if "buffer" in words:
        found.append((f"work centers > {center} > buffer", pick(draw, ["0 lots", "2 lots", "5 lots"])))
    if "least setup" not in str(words.get("rule")):
        found.append((f"work centers > {center} > rule", pick(draw, ["LIFO", "SPT", "EDD", "slack", "CR"])))
    if "die" in draft.get("tools", {}):
        found.append(("tools > die > count", pick(draw, "123")))
    if "loops" in draft:
        unit = draft["loops"]["cards"]["cards"].split()[1]
        found.append(("loops > cards > cards", f"{pick(draw, ['4', '30'])} {unit}"))
    if str(words_of(step)["time"]).endswith("/lot"):
        found.append((f"products > {name} > routing > {name_of(step)} > time", pick(draw, ["4 min/lot", "25 min/lot"])))
    found.append((f"products > {name} > routing > {name_of(step)} > yield", "70 %"))
    if "AGV" in draft.get("transport", {}):
        found.append(("transport > AGV > count", "3"))
    return found


@feature("dated changes")
def _(draw: Draw, draft: Draft) -> None:
    for _ in range(pick(draw, [1, 2, 3])):
        change(draw, draft, pick(draw, may_change(draw, draft)))


@feature("changes of hours")
def _(draw: Draw, draft: Draft) -> None:
    center, words = a_name(draw, draft)
    if all("shift" not in other for other in draft["work centers"].values()):
        words["shift"] = pick(draw, ["day", ["day", "late"]])
    for _ in range(pick(draw, [1, 2])):
        edit = pick(
            draw,
            [
                (f"work centers > {center} > shift", pick(draw, ["day", "late", ["day", "late"]])),
                ("people > team > shift", pick(draw, ["day", ["day", "late"]])),
                ("people > ana > shift", pick(draw, ["day", "late"])),
                ("shifts > day > to", pick(draw, ["11:30", "14:00", "16:00"])),
                ("shifts > day > breaks", [pick(draw, ["09:00-09:30", "10:00-11:00", "13:30-13:50"])]),
                ("shifts > late > from", pick(draw, ["13:00", "15:30", "18:20"])),
                ("shifts > late > to", pick(draw, ["21:41", "23:30"])),
                (f"work centers > {center} > shift end", pick(draw, ["finish piece", "pause"])),
                ("people > ana > shift end", pick(draw, ["finish piece", "pause"])),
                ("people > team > absence", {"share": "30 %", "spell": "exponential 3 h"}),
            ],
        )
        change(draw, draft, edit)


def other_stops(draw: Draw, draft: Draft) -> tuple[str, Any]:
    """A word for what stops machines, and what it becomes."""
    by = pick(draw, [{}, {"by": "mend"}])
    failures = [
        {"every": pick(draw, ["127 min", "exponential 3 h"]), "repair": "30 min"} | by,
        {"every": "exponential 5 h", "clock": "calendar", "repair": pick(draw, ["20 min", "exponential 1 h"])} | by,
        {"every": "7 pieces", "clock": "count", "repair": "25 min", "then": pick(draw, ["resume", "restart", "scrap"])},
    ]
    cares = [
        {"every": "3 h", "lasts": "25 min"} | pick(draw, [{}, {"first": "40 min"}]) | by,
        {"every": "113 min", "clock": "working", "lasts": "20 min"},
        {"every": "8 pieces", "clock": "count", "lasts": "15 min"},
        {"every": "4 h", "lasts": "20 min", "per": "work center"} | by,
    ]
    start_up = {"after": pick(draw, ["10 min", "1 h"]), "lasts": pick(draw, ["6 min", "exponential 9 min"])}
    word, listed = pick(draw, [("failures", failures), ("maintenance", cares), ("start-up", [])])
    if not listed:
        return word, start_up
    number = pick(draw, [0, 1, 1, 2])
    first = pick(draw, range(len(listed)))
    return word, [*listed[first:], *listed[:first]][:number]


@feature("changes of times")
def _(draw: Draw, draft: Draft) -> None:
    """All steps of a product take another time from then on."""
    times = {
        "lot": ["4 min/lot", "25 min/lot", "uniform 2..30 min/lot"],
        "piece": ["9 min/piece", "uniform 1..9 min/piece"],
        "batch": ["12 min/batch", "40 min/batch"],
    }
    for _ in range(pick(draw, [1, 2, 3])):
        name, product = pick(draw, draft["products"].items())
        steps = [(name_of(step), str(words_of(step)["time"]).rpartition("/")[2]) for step in product["routing"]]
        edits = [(f"products > {name} > routing > {step} > time", pick(draw, times[per])) for step, per in steps]
        change(draw, draft, *edits)


@feature("changes of people")
def _(draw: Draw, draft: Draft) -> None:
    """Who is needed at a step, how many there are, and who is away."""
    name, product = pick(draw, draft["products"].items())
    step = pick(draw, [step for step in product["routing"] if words_of(step)["at"] != "rest"])
    words_of(step).setdefault("staff", [{"skill": "run"}])
    needs: list[Any] = [
        [],
        [{"skill": "run", "walk": "3 min"}],
        [{"skill": "run"}, {"skill": "mend", "for": "run"}],
        [{"skill": "set", "count": "2"}],
        [{"skill": "run", "tends": "2 machines"}],
    ]
    for _ in range(pick(draw, [1, 2, 3])):
        away = {"share": "40 %", "spell": pick(draw, ["1 h", "exponential 2 h"])}
        edits: list[Edit] = [
            (f"products > {name} > routing > {name_of(step)} > staff", pick(draw, needs)),
            (f"people > {pick(draw, ['ana', 'team'])} > absence", pick(draw, [away, away, None])),
            ("people > team > count", pick(draw, "13")),
        ]
        change(draw, draft, pick(draw, edits))


@feature("machines that come back")
def _(draw: Draw, draft: Draft) -> None:
    """Machines leave, with what stops them, and are there again later on the day."""
    center, words = a_name(draw, draft)
    if isinstance(words.get("machines"), list):
        return
    words["machines"] = pick(draw, "23")
    stops = [
        [{"every": "exponential 3 h", "clock": "calendar", "repair": "20 min"}],
        [{"every": "70 min", "repair": "exponential 15 min"}],
        # So often that one falls due while another is repaired, also on a machine that is to leave.
        [
            {"every": f"exponential {often}", "clock": "calendar", "repair": "exponential 50 min"}
            for often in ("1 h", "2 h")
        ],
    ]
    words["failures"] = [*words.get("failures", []), *pick(draw, stops)]
    day = str(draft.get("start", "2026-01-05"))[:10]
    clocks = pick(draw, [("02:00", "05:00"), ("06:30", "10:07"), ("09:09", "16:40"), ("03:00", "20:00")])
    draft.setdefault("changes", [])
    for clock, count in zip(clocks, ["1", words["machines"]], strict=True):
        draft["changes"].append({"on": f"{day} {clock}", "set": f"work centers > {center} > machines", "to": count})


@feature("changes of stops")
def _(draw: Draw, draft: Draft) -> None:
    center, words = a_name(draw, draft)
    if not words.get("failures") and not words.get("maintenance"):
        word, listed = other_stops(draw, draft)
        words[word] = words.get(word) or listed
    for _ in range(pick(draw, [1, 2, 3])):
        word, to = other_stops(draw, draft)
        change(draw, draft, (f"work centers > {center} > {word}", to))


@feature("changes of areas")
def _(draw: Draw, draft: Draft) -> None:
    if "areas" not in draft and pick(draw, [True, False]):
        draft["areas"] = {
            "yard": {
                "work centers": pick(draw, [["c0", "c1"], ["c1"]]),
                "failures": [{"every": "4 h", "repair": "40 min"}],
            }
        }
    failures = [{"every": "exponential 3 h", "repair": "1 h"} | pick(draw, [{}, {"by": "mend"}, {"then": "scrap"}])]
    cares = [{"every": pick(draw, ["3 h", "5 h"]), "lasts": "20 min"}]
    centers = pick(draw, [["c0", "c1"], ["c1", "c2"], ["c2"]])
    for _ in range(pick(draw, [1, 2, 3])):
        for name in draft.get("areas", {}):
            edit = pick(
                draw,
                [
                    (f"areas > {name} > failures", pick(draw, [failures, []])),
                    (f"areas > {name} > maintenance", pick(draw, [cares, []])),
                    (f"areas > {name} > work centers", centers),
                ],
            )
            change(draw, draft, edit)
        if "areas" not in draft:
            words = {"work centers": centers} | pick(draw, [{"failures": failures}, {"maintenance": cares}])
            change(draw, draft, ("areas > wing", words))
    if "lines" in draft:
        change(draw, draft, ("lines > final > index", pick(draw, ["4 min", "17 min"])))


def starts_unasked(release: Any) -> bool:
    """Whether lots start by a rule of their own, and not at the rate of the demand."""
    return isinstance(release, str) or not set(release) <= {"due", "priority"}


@feature("changes of releases")
def _(draw: Draw, draft: Draft) -> None:
    """Other release rules, and another demand; or customers who do not come before the change."""
    for _ in range(pick(draw, [1, 2])):
        name, product = pick(draw, draft["products"].items())
        where = [words_of(step)["at"] for step in product["routing"]]
        drums = [at for at in where if isinstance(at, str) and at != "rest"]
        every = {"every": pick(draw, ["17 min", "exponential 40 min"])}
        kinds: list[Any] = [
            every,
            every | {"when full": "lost", "due": "4 h"},
            [every, {"every": "90 min", "priority": "2"}],
            {"conwip": pick(draw, ["2 lots", "6 lots", "9 pieces"])},
            "saturated",
        ]
        kinds += [{"drum": drums[-1], "rope": pick(draw, ["30 min", "2 h"])}] if drums else []
        kinds += [{"orders": "orders.csv"}] if "orders.csv" in draft["files"] else []
        change(draw, draft, (f"products > {name} > release", pick(draw, kinds)))
    if "demand" in product:
        change(
            draw, draft, (f"products > {name} > demand > rate", pick(draw, ["31 pieces/day", "83 pieces/working day"]))
        )
    for name, product in draft["products"].items():
        if "stock" in product and starts_unasked(product["release"]) and pick(draw, [True, False]):
            asked = product.pop("demand")
            draft["changes"] = [
                edit for edit in draft["changes"] if edit["set"] != f"products > {name} > demand > rate"
            ]
            change(draw, draft, (f"products > {name} > demand", asked))


def what_may_come(draw: Draw, draft: Draft) -> list[tuple[Edit, ...]]:
    """What a plant may have that it does not have yet."""
    name, product = pick(draw, draft["products"].items())
    step = name_of(pick(draw, [s for s in product["routing"] if words_of(s)["at"] != "rest"]))
    at = f"products > {name} > routing > {step}"
    routing = list(product["routing"])
    fresh = {"at": pick(draw, ["c1", "new"]), "time": pick(draw, ["6 min/lot", "exponential 9 min/lot"])}
    routing.insert(pick(draw, range(len(routing) + 1)), {f"{name} new": fresh})
    other = {
        "lot": "2 pieces",
        "release": {"every": "45 min"},
        "routing": [{"z0": {"at": "c1", "time": "8 min/lot"}}, {"z1": {"at": "c0", "time": "3 min/piece"}}],
    }
    new_center = {"machines": pick(draw, "12")} | pick(draw, [{}, {"shift": "late"}])
    steel = {"on hand": pick(draw, ["12 kg", "5 kg"]), "from": "forge", "reorder": {"at": "9 kg", "up to": "30 kg"}}
    return [
        (("work centers > new", new_center), (f"products > {name} > routing", routing)),
        (("products > z", other),),
        (("people > eva", {"count": "2", "skills": {"run": "2", "mend": "1"}, "shift": pick(draw, ["day", "late"])}),),
        ((f"{at} > staff", [{"skill": "run"} | pick(draw, [{}, {"for": ["load", "run"]}, {"walk": "2 min"}])]),),
        (("tools > jig", {"count": "1"}), (f"{at} > uses", [{"tool": "jig"} | pick(draw, [{}, {"for": "run"}])])),
        (
            ("tools > box", {"count": "4"}),
            (f"{at} > uses", [{"tool": "box", "until": name_of(product["routing"][-1])}]),
        ),
        (("loops > kanban", {"cards": "6 lots", "from": step, "until": name_of(product["routing"][-1])}),),
        (
            ("suppliers > forge", {"lead time": "2 h", "outage": {"every": "exponential 4 h", "lasts": "2 h"}}),
            ("materials > wire", steel),
            (f"{at} > takes", {"wire": "2 kg/lot"}),
        ),
        ((f"products > {name} > demand", {"rate": "20 pieces/day", "unmet": "backlog"}),),
        (("work centers > c1 > setup", {"default": "7 min", "minor": "2 min"}),),
        (("work centers > c2 > batch", {"max": "2 lots", "wait": "15 min"}),),
        ((f"{at} > rework", {"share": "30 %", "back to": step, "at most": "2"}),),
        ((f"{at} > split", "2 lots"),),
        ((f"{at} > queue time", {"until": name_of(product["routing"][-1]), "within": "40 min", "past": "scrap"}),),
        (("buffers > shelf", {"capacity": "3 lots", "feeds": ["c1", "c2"]} | pick(draw, [{}, {"transit": "5 min"}])),),
        (("lines > band", {"index": "12 min", "stations": ["c1", "c2"]}),),
        (
            (f"{at} > defects", {"crack": "20 %"}),
            (f"products > {name} > routing > {name_of(product['routing'][-1])} > finds", {"crack": "90 %"}),
        ),
    ]


@feature("what comes new")
def _(draw: Draw, draft: Draft) -> None:
    for _ in range(pick(draw, [1, 2])):
        change(draw, draft, *pick(draw, what_may_come(draw, draft)))


@feature("changes of sequences")
def _(draw: Draw, draft: Draft) -> None:
    """Turns are put in another order, come, or are no more; and so are the orders of which they are."""
    if all("sequence" not in words for words in draft["work centers"].values()):
        FEATURES["a given sequence"](draw, draft)
    for where, words in list(draft["work centers"].items()):
        if "sequence" not in words:
            continue
        before = draft["files"]["sequence.csv"].splitlines()[1:][-6:]
        again = [f"{row.split(',')[0]},," for row in before[:2]]  # so that turns of one order change places
        turns = draw(st.permutations([*before, *again, *drawn_turns(draw, draft, where)]))[: pick(draw, [3, 6, 9])]
        draft["files"]["turns.csv"] = "\n".join(["order,product,step", *turns]) + "\n"
        change(draw, draft, (f"work centers > {where} > sequence", "turns.csv"))
    head, *rows = draft["files"]["orders.csv"].splitlines()
    kept = [row for row in rows if pick(draw, [True, True, False])] or rows[:1]
    draft["files"]["orders again.csv"] = "\n".join([head, *kept, *rows[:2]]) + "\n"
    for product, words in draft["products"].items():
        listed = isinstance(words["release"], dict) and "orders" in words["release"]
        if listed and f",{product}," in "".join(kept) and pick(draw, [True, False]):
            change(draw, draft, (f"products > {product} > release", {"orders": "orders again.csv"}))

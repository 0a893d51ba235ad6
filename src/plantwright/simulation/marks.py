"""What of a running world is its state, and what each field of it points to.

Every field that the engine writes while it runs is state, and stands here; all others are parameters, written once when the world
is built. ``head>lot`` means that the field holds the row of a lot: carried over into the world of a changed plant it becomes the
row that this lot has there. ``cards+`` means that the field begins with an amount that the plant file gives: a change of that amount is
added. The test of this file (`tests/simulation/test_marks.py`) reads the engine's source and says what is missing here.
"""

from __future__ import annotations

STATE: dict[str, str] = {
    "run": (
        "now events sequence heap gap lots_made logged log_missed free_lot>lot free_lots free_carry>carry free_carries free_holding>holding short wanted_head>store low_head>store low_tail>store dirty_head>center dirty_tail>center pull serve told>team asked>team lines_left "
        "missing waiting round looked_at looks seizures wip wip_area "
        "wip_since done done_time sales_before income_before spent_before fixed_before priced_since begun day buckets changed job_gives kept question answered reordered look lot_margin+ carry_margin+ most_parts most_carries stretched"
    ),
    "lot": (
        "product>product release>release operation>operation pieces released due priority arrived machine>machine serial number turn "
        "sequenced>sequenced carries>carry tried weighs cards here>center on_way vehicle>vehicle route>route passes ahead sibling>lot fewest joins_at>operation at_start next>lot"
    ),
    "ticket": "operation>operation key second_key third_key next>ticket previous>ticket",
    "carry": "holding>holding until>operation next>carry",
    "holding": "pool>crew count release>release cards parts next>holding",
    "need": "covered",
    "tended": "claims",
    "turn": "left",
    "drum": "work",
    "absence": "count away",
    "store": ("level on_order orders wanted next_wanted>store low next_low>store short short_time taken area since"),
    "mover": "head>lot tail>lot busy empty busy_area empty_area since",
    "vehicle": "at>center lot>lot",
    "supplier": "out outages held_head>lot held_tail>lot",
    "product": (
        "made backlog released_lots done_lots done_pieces timed_lots scrapped_pieces timed_queues late_queues escaped_pieces started_pieces lost_lots sold time on_time with_due "
        "wip wip_area wip_since"
    ),
    "release": "cursor count fresh",
    "lot_class": "done_lots done_pieces timed_lots time on_time with_due",
    "loop": "cards+",
    "operation": "tried too_many gathered gathered_head>lot gathered_tail>lot",
    "team": (
        "freed given told next_told>team asked next_asked>team at since heap>team machine_helpers center_helpers "
        "wait_head>machine wait_tail>machine wait_first_center>center wait_last_center>center"
    ),
    "crew": "busy free away planned busy_area since",
    "hold": "need>need crew>crew count order phases tends",
    "center": (
        "turn>turn head>ticket tail>ticket queue coming visiting queue_pieces empty idle_head>machine idle_tail>machine blocked_head>ticket blocked_tail>ticket "
        "outside_head>ticket outside_tail>ticket chosen>ticket asked_from stirred reordered dirty next_dirty>center missing lacking waits wait_next>center wait_previous>center news "
        "waiting_since opened owed delayed delay_area delay_since queue_area queue_since wait waits_counted joules setups"
    ),
    "machine": (
        "state since job stop stop_left stop_mode>mode on running resumed fails>mode head>lot operation>operation phase left setup_time "
        "load_time run_time unload_time pieces counted setup>setup last_product>product staffed wants wants_since helpers team>team wait_next>machine "
        "wait_previous>machine news holds idle_next>machine idle_previous>machine in_idle lacks blocked_by>center "
        "sends walk walking parts closing since_setup since_cleaning fresh gone away_since turn waits interval entered next_run next_end holding held down"
    ),
    "line": "due at",
    "mode": "left first count pending fresh",
    "calendar": "cursor on turned",
    "record": "wip_area done done_time time",
}
"""The fields of state of each concept."""

ARRAYS: dict[str, str] = {
    "state_time": "machine",
    "histogram": "product",
    "wait_histogram": "center",
    "class_histogram": "lot_class",
    "reworks": "lot",
    "defects": "lot",
    "drum_work": "lot",
    "clocks": "lot",
    "took": "lot",
    "machines_of_lots": "lot",
}
"""Arrays of state, and whose rows they have. The agenda's ``heap``, its times and ``slot`` are carried over on their own."""

COLUMNS: dict[str, str] = {
    "reworks": "operation.rework_place",
    "machines_of_lots": "operation.binds",
    "drum_work": "drum",
    "defects": "defect",
    "clocks": "operation.clock",
    "took": "turn.place",
}
"""What the columns of the arrays of lots are: of an operation, by a field of it, or by name."""
VALUES: dict[str, str] = {"machines_of_lots": "machine"}
"""What the values of an array point to."""

NAMES = ("setup", "defect", "sequenced")
"""What has names, and rows in nothing."""

SCRATCH = frozenset(
    {
        "plan",
        "roll",
        "group",
        "log",
        "slot",
        "heap",
        "heap_time",
        "heap_key",
        "cancel",
        "watch",
        "seen",
        "offered",
        "may_go",
    }
)
"""Concepts and arrays that mean nothing between two events, or that are carried over on their own."""

POOLS = frozenset({"lot", "ticket", "carry", "holding"})
"""Concepts whose rows come and go while a world runs, so that each keeps its row."""


def fields_of(concept: str) -> dict[str, tuple[str, bool]]:
    """The fields of state of a concept: what each points to (``""`` for nothing), and whether a changed amount is added."""
    found: dict[str, tuple[str, bool]] = {}
    for mark in STATE.get(concept, "").split():
        field, _, target = mark.partition(">")
        found[field.removesuffix("+")] = (target, field.endswith("+"))
    return found


_STATE = {concept: frozenset(fields_of(concept)) for concept in STATE}


def is_given(concept: str, field: str | None) -> bool:
    """Whether a field of a concept, or a plain array (`field` is None), is a parameter, which the engine never writes."""
    if concept in SCRATCH or concept in ARRAYS:
        return False
    return field not in _STATE.get(concept, ())

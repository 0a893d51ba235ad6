"""Everything that a user can do, one function each, with the permission that it needs. The faces call only this."""

from __future__ import annotations

from plantwright.actions.demo import demo_loop
from plantwright.actions.history import (
    describe_history,
    export_history,
    history_tags,
    mend_history,
    seal_history,
)
from plantwright.actions.imports import check_import_output, import_plant, save_import
from plantwright.actions.logs import (
    calibrate_log,
    check_update_output,
    inspect_event_log,
    query_event_log,
    read_event_log,
    read_log_mapping,
    save_calibration,
    save_log_mapping,
    save_update,
    stated_purpose,
    update_plant,
)
from plantwright.actions.machines import (
    check_timeline_output,
    history_log,
    is_shop_floor,
    look_at_machines,
    machine_accounts,
    machine_stops,
    machine_timelines,
    name_stop,
    open_floor,
    save_timelines,
)
from plantwright.actions.plants import check_plant, new_plant, plant_schema, problems_document
from plantwright.actions.registry import ACTIONS, action
from plantwright.actions.roadmaps import plan_roadmap
from plantwright.actions.shopfloor import collect, discover, draft_collector, read_collector
from plantwright.actions.studies import (
    apply_moves,
    compare_plants,
    improve_plant,
    read_roadmap,
    read_two_plants,
    save_card,
    save_move,
    save_result,
    simulate_plant,
    study_document,
)
from plantwright.actions.totals import check_match_output, is_plant, match_plant_totals, save_match
from plantwright.actions.virtual import read_virtual_scenario, serve_virtual

__all__ = [
    "ACTIONS",
    "action",
    "apply_moves",
    "calibrate_log",
    "check_import_output",
    "check_match_output",
    "check_plant",
    "check_timeline_output",
    "check_update_output",
    "collect",
    "compare_plants",
    "demo_loop",
    "describe_history",
    "discover",
    "draft_collector",
    "export_history",
    "history_log",
    "history_tags",
    "import_plant",
    "improve_plant",
    "inspect_event_log",
    "is_plant",
    "is_shop_floor",
    "look_at_machines",
    "machine_accounts",
    "machine_stops",
    "machine_timelines",
    "match_plant_totals",
    "mend_history",
    "name_stop",
    "new_plant",
    "open_floor",
    "plan_roadmap",
    "plant_schema",
    "problems_document",
    "query_event_log",
    "read_collector",
    "read_event_log",
    "read_log_mapping",
    "read_roadmap",
    "read_two_plants",
    "read_virtual_scenario",
    "save_calibration",
    "save_card",
    "save_import",
    "save_log_mapping",
    "save_match",
    "save_move",
    "save_result",
    "save_timelines",
    "save_update",
    "seal_history",
    "serve_virtual",
    "simulate_plant",
    "stated_purpose",
    "study_document",
    "update_plant",
]

"""Faults to be planted in what the engine does when the plant changes while it runs; see `tests.twin.faults`."""

from __future__ import annotations

OF_CHANGES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("what newly stops a machine never counts", "adapting", "            start_clock(w, k)\n", "", ("changes of stops",)),
    ("who has other hours stays as before", "adapting", "    look_at_hours(w)\n", "", ("changes of hours", "staff")),
    ("an area's failure is forgotten by a change", "stops", "strikes = 1 if w.machine.stop[q] == REPAIR else 0", "strikes = 0",
     ("areas", "changes of areas", "changes of areas")),
    ("a machine waits for maintenance that is no more", "stops", "            w.machine.holding[q] = 0\n    for m in", "            pass\n    for m in",
     ("maintenance of a work center", "changes of stops", "areas", "changes of areas")),
    ("a release of another kind never begins", "adapting", "            start_release(w, r)\n", "", ("changes of releases",)),
    ("new cards count no lot that is there", "carrying", "-= lot[\"cards\"][mine].sum()", "-= 0.0", ("changes of releases",)),
    ("lots wait in the order of the old rule", "adapting", "        sort_queue(w, c)\n", "", ("dated changes", "shifts", "failures by work", "order list")),
    ("turns keep the places that they had", "sequence_rows", "started, after[\"place\"][other]] = TAKEN",
     "started, min(before[\"place\"][one], took.shape[1] - 1)] = TAKEN", ("changes of sequences", "order list", "rework")),
    ("turns are for as many lots as before a change", "sequence_rows", "= here + _to_start(new, row)", "+= 0",
     ("changes of sequences", "order list")),
    ("a turn that is new waits for those in process in vain", "sequence_rows", "= here + _to_start(new, row)", "= _to_start(new, row)",
     ("changes of sequences", "order list")),
    ("pieces of a job begin where they did, whatever the times are now", "carrying", "            self.new.run.stretched[0] = 1\n", "            pass\n",
     ("changes of times", "transfer")),
    ("who is let go by a change is still at work", "carrying", "                crew[\"busy\"][who] -= freed\n", "", ("changes of people",)),
    ("a new list of orders begins with what is past", "carrying", "np.searchsorted(times, self.now) if new[\"rule\"][r] == codes.BY_ORDERS else 0",
     "0", ("changes of releases", "order list")),
    ("absences that are new are not drawn", "adapting", "    look_at_absences(w)\n", "", ("changes of people",)),
    ("vehicles that come take no requests", "adapting", "    look_at_movers(w)\n", "", ("dated changes", "vehicles")),
    ("a store that is new is not looked at", "adapting", "        note_low(w, s)\n", "        pass\n", ("what comes new",)),
    ("a line that is new does not index", "adapting", "    start_lines(w)\n", "", ("what comes new",)),
    ("a machine that comes back goes on with its clocks", "carrying", "            if k in known and not left:\n", "            if k in known:\n",
     ("machines that come back",)),
    ("machines that come do nothing", "adapting", "            _arrive(w, m)\n", "            pass\n", ("dated changes", "several machines")),
)  # fmt: skip

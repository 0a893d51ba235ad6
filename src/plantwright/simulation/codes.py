"""The numbers by which compiled code tells states, events and rules apart."""

from __future__ import annotations

import math

STATES = (
    "starved", "working", "setup", "load", "unload", "blocked", "no staff", "no tool", "no material", "waiting for repair",
    "in repair", "maintenance", "off shift",
)  # fmt: skip
(STARVED, WORKING, IN_SETUP, IN_LOAD, IN_UNLOAD, BLOCKED, NO_STAFF, NO_TOOL, NO_MATERIAL, WAITING_FOR_REPAIR, REPAIR,
 MAINTENANCE, OFF_SHIFT) = range(13)  # fmt: skip
STATE_COUNT = 13
NOT_THERE = STATE_COUNT
"""What the log says of a machine that has left the plant; no time is booked for it."""

# What work lacks; a machine's state is then NO_STAFF, NO_TOOL or NO_MATERIAL, which stand in the same order.
LACKS_NOTHING, LACKS_PEOPLE, LACKS_TOOL, LACKS_MATERIAL = range(4)

# What a phase or stop asks for.
NOBODY_ASKED, ONE_PERSON, MORE = range(3)

# A machine's job.
EMPTY, IN_PROCESS, DONE = range(3)

# Why a job in its run does not run, in a machine with several places.
NOT_YET_RUN, NOT_YET_ENDED = 1, 2

# Phases of an operation.
SETUP_PHASE, LOAD_PHASE, RUN_PHASE, UNLOAD_PHASE = range(4)

# Kinds of event; at one instant the smaller goes first. None is negative: compiled, times and kinds are compared as one number without sign.
(PAUSE_EVENT, MACHINE_EVENT, DELAY_EVENT, STRIKE_EVENT, CALENDAR_EVENT, ABSENCE_EVENT, DELIVERY_EVENT, OUTAGE_EVENT, RELEASE_EVENT, TIMER_EVENT,
 DEMAND_EVENT, RECORD_EVENT, WARM_EVENT, END_EVENT) = range(14)  # fmt: skip

# Why the compiled loop returned.
FINISHED, NEEDS_LOTS, CANCELLED, LOG_FULL, PAUSED, ENDLESS, ASKED = range(7)

# Dispatch rules that give a lot's place in the queue when it comes.
FIFO, FIFO_BY_RELEASE, EDD, SPT, LIFO, BY_PRIORITY, SLACK, CRITICAL_RATIO, OWN_RULE = range(9)
# From OWN_RULE on: a user's own, of row 0, 1, ... of `own_rule`.

# The lines in which a lot can wait at a work center.
QUEUE_LINE, BLOCKED_LINE, OUTSIDE_LINE = range(3)

# Rules of release.
BY_ORDERS, EVERY, LOOP, SATURATED, DRUM = range(5)

# What becomes of a lot that has passed a queue-time limit.
PAST_REPORT, PAST_SCRAP, PAST_REWORK = range(3)

PER_PIECE, PER_LOT, PER_BATCH = range(3)

# In what a minimum run or a campaign counts jobs.
IN_LOTS, IN_PIECES, IN_BATCHES = range(3)

# Which of several free machines.
LONGEST_IDLE, LEAST_SETUP, FASTEST, LONGEST_IDLE_PLACE, EMPTY_MACHINE = range(5)

WORKING_CLOCK, CALENDAR_CLOCK, COUNT_CLOCK = range(3)

# Why a machine stops when its piece is done, as bits; the last: its next event is the end of the piece, not of the phase.
SHIFT_OVER, PEOPLE_OFF, PIECE_ENDS = 1, 2, 4

# What becomes of the work that a failure stops.
RESUME, RESTART, SCRAP = range(3)

# What a run writes into its log, and the word for each in the readable log.
LOG_WORDS = (
    "released", "lost", "queued", "started", "ended", "completed", "scrapped", "state", "people seized", "people let go",
    "split", "merged", "joined", "reworked", "found", "tool seized", "tool let go", "material ordered",
    "material delivered", "material taken", "queue time passed", "vehicle left", "vehicle came", "given",
)  # fmt: skip
(LOG_RELEASED, LOG_LOST, LOG_QUEUED, LOG_STARTED, LOG_ENDED, LOG_COMPLETED, LOG_SCRAPPED, LOG_STATE, LOG_SEIZED, LOG_LET_GO,
 LOG_SPLIT, LOG_MERGED, LOG_JOINED, LOG_REWORKED, LOG_FOUND, LOG_TOOL_SEIZED, LOG_TOOL_LET_GO, LOG_ORDERED,
 LOG_DELIVERED, LOG_TAKEN, LOG_TOO_LATE, LOG_VEHICLE_LEFT, LOG_VEHICLE_CAME, LOG_GIVEN) = range(24)  # fmt: skip

LOG_DETAILS = {
    LOG_LOST: "product",
    LOG_STATE: "state",
    LOG_SEIZED: "crew",
    LOG_LET_GO: "crew",
    LOG_TOOL_SEIZED: "crew",
    LOG_TOOL_LET_GO: "crew",
    LOG_REWORKED: "operation",
    LOG_ORDERED: "store",
    LOG_DELIVERED: "store",
    LOG_TAKEN: "store",
    LOG_FOUND: "defect",
    LOG_TOO_LATE: "operation",
    LOG_GIVEN: "store",
    LOG_VEHICLE_LEFT: "mover",
    LOG_VEHICLE_CAME: "mover",
}
"""Of what the detail of a row of the log is the row, for the kinds that have one."""

NOT_CARRIED, UNTIL_IT_LEAVES = -1, -2
"""What stands for the operation until which a need is carried, where there is none."""
AS_AFTER_IT = -2
"""What stands for the row to which lots go on that do not need an operation, where they go on as those that have done it."""
CARDS = -1
"""What stands for the pool of a holding of cards of a loop."""
PARTS_OF_A_PIECE = 1_000_000
"""Cards by the piece are counted so finely, as a lot may hold a part of a piece."""

KIND_SHIFT = 48
"""The number by which events of one instant go has the kind of the event from this bit on, and below it the order of scheduling."""
CHILDREN = 4
"""So many events lie below each in the agenda."""
PAST_END_TIME, PAST_END_KEY = math.inf, (1 << 63) - 1
"""What stands at each place past the last event, of which there are some always: the last of those below another need not be looked for."""

AHEAD, TAKEN, MISSED = range(3)
"""What is kept of a lot for each turn of its order."""

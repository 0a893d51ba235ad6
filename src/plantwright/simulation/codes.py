"""The numbers by which compiled code tells states, events and rules apart."""

from __future__ import annotations

STATES = ("starved", "working", "setup", "blocked", "no staff", "in repair", "maintenance", "off shift")
STARVED, WORKING, IN_SETUP, BLOCKED, NO_STAFF, REPAIR, MAINTENANCE, OFF_SHIFT = range(8)

# A machine's job.
EMPTY, IN_PROCESS, DONE = range(3)

# Phases of an operation.
SETUP_PHASE, LOAD_PHASE, RUN_PHASE, UNLOAD_PHASE = range(4)

# Kinds of event; at one instant the smaller goes first.
(MACHINE_EVENT, DELAY_EVENT, STRIKE_EVENT, CALENDAR_EVENT, RELEASE_EVENT, TIMER_EVENT, DEMAND_EVENT,
 RECORD_EVENT, WARM_EVENT, END_EVENT) = range(10)  # fmt: skip

# Why the compiled loop returned.
FINISHED, NEEDS_LOTS, CANCELLED = range(3)

# Dispatch rules that give a lot's place in the queue when it comes.
FIFO, FIFO_BY_RELEASE, EDD, SPT, LIFO, BY_PRIORITY = range(6)

# Rules of release.
BY_ORDERS, EVERY, LOOP, SATURATED = range(4)

PER_PIECE, PER_LOT, PER_BATCH = range(3)
WORKING_CLOCK, CALENDAR_CLOCK = range(2)

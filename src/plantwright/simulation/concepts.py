"""What the engine keeps in mind: each concept with its fields.

``i`` is int64, ``f`` is float64. One row of a concept is one of its kind: one lot, one machine. An index of -1 means none.
Times are seconds from the start of the run. The six ideas of the kernel are here by name: lot, operation, claim (``need``,
``crew``, ``hold``), store (``center``'s places, ``loop``'s cards, ``product``'s stock), rule (``center.rule``, ``release``), timeline
(``calendar``, ``mode``, ``slot``).
"""

from __future__ import annotations

CONCEPTS: dict[str, dict[str, str]] = {
    # The run itself: one row.
    "run": {
        "now": "f",
        "end": "f",
        "stop": "f",  # the run comes back before anything happens at this instant, unless its end lies before it
        "warmup": "f",
        "sales_before": "f",  # money at prices that a dated change has changed since: simulation/ledger.py
        "income_before": "f",
        "spent_before": "f",
        "fixed_before": "f",
        "priced_since": "f",
        "bucket": "f",
        "buckets": "i",
        "most_buckets": "i",
        "lot_classes": "i",
        "key": "i",  # of the random draws: a hash of seed and replication
        "sequence": "i",
        "events": "i",
        "heap": "i",  # events in the agenda
        "gap": "i",  # 1: the first of them has been taken, and its place is free
        "lots_made": "i",
        "logging": "i",  # 1: what happens is written down
        "logged": "i",  # rows of the log that wait to be fetched
        "log_limit": "i",  # so many, and they are fetched
        "log_rows": "i",
        "log_missed": "i",  # rows for which there was no room
        "free_lot": "i",
        "free_lots": "i",
        "lot_margin": "i",
        "lot_reserve": "i",  # lots that one release may make, and rows of what they carry
        "carry_reserve": "i",
        "most_parts": "i",  # lots that may come of one event, which the margins take into account
        "most_carries": "i",
        "free_carry": "i",
        "free_carries": "i",
        "carry_margin": "i",
        "free_holding": "i",
        "seizures": "i",
        "absences": "i",
        "short": "i",  # the lots of the job that is being planned lack what they must carry (bit 1) or material (bit 2)
        "changed": "i",  # 1: the plant was changed while the run went on
        "stretched": "i",  # 1: and so were times of jobs that may be in process
        "dirty_head": "i",
        "dirty_tail": "i",
        "pull": "i",  # 1: a loop may have a card for a new lot
        "serve": "i",  # who of those that wait for people is to be asked: nobody, everybody, some
        "told": "i",  # the first of the teams of which somebody came free, or in whose line something is new
        "asked": "i",  # the first of the teams whose lines are looked through just now
        "lines_left": "i",  # and how many of these are not at their end, in the heap that `team.heap` is
        "missing": "i",  # what the last claim that was refused lacked first
        "waiting": "i",  # machines and centers that wait for people
        "round": "i",
        "looked_at": "f",  # when it was looked last at whether time goes on
        "looks": "i",  # so often in a row it did not
        "wip": "i",
        "wip_area": "f",
        "wip_since": "f",
        "done": "i",
        "done_time": "f",
        "first_slot_of_lots": "i",
        "job_gives": "i",  # 1: what the job that ends gives by the batch is not given yet
        "wanted_head": "i",  # stores of which the job that asks just now wants something
        "low_head": "i",  # stores for which an order is to be placed
        "low_tail": "i",
        "hold_width": "i",
        "width": "i",  # tickets of a lot
        "rework_width": "i",
        "defect_width": "i",
        "clock_width": "i",
        "took_width": "i",
        "bound_width": "i",
        "machines": "i",
        "keepers": "i",
        "lines": "i",
        "kept": "i",  # 1: machines that are to be stopped together may all be empty
        "centers": "i",
        "crews": "i",
        "teams": "i",
        "loops": "i",
        "releases": "i",
        "products": "i",
        "stores": "i",
        "movers": "i",
        "suppliers": "i",
        "modes": "i",
        "initials": "i",
        "turns": "i",
        "drums": "i",
        "calendars": "i",
        "setup_names": "i",
        "days": "i",
        "day": "i",
        "begun": "i",
        "question": "i",  # the work center for which the caller is asked which lot goes first, from 1 on; 0: none
        "answered": "i",  # and the one for which it has said so
        "answer": "i",  # the place of the lot that goes first among those that it was told of; beyond them: the rules decide
        "rest": "f",  # so long the work center that was answered asks no more
        "look": "i",  # 1: nothing is to happen, the caller only looks
        "watched": "i",  # so many work centers the caller looks at whenever the run comes back; 0: it does not look
        "by_lot": "i",  # 1: it sees the lots of the work center that asks, and not those of each
        "shown": "i",  # so many lots of a queue it is told of
        "reordered": "i",  # 1: the caller has given a work center other rules
        "slot_demand": "i",
        "slot_record": "i",
        "slot_warm": "i",
        "slot_end": "i",
    },
    # The agenda: a slot for each thing that can happen, in an indexed binary heap.
    "slot": {"time": "f", "kind": "i", "key": "i", "entity": "i", "place": "i"},
    "lot": {
        "product": "i",
        "release": "i",
        "operation": "i",
        "pieces": "f",
        "released": "f",
        "due": "f",
        "priority": "f",
        "arrived": "f",
        "machine": "i",  # that it blocks, where it waits there for a place
        "serial": "i",  # of its product
        "number": "i",  # of all lots of the run, from 1 on: its name in the log
        "turn": "i",  # grows at each rework, so that every visit has its own draws
        "carries": "i",  # the first row of what it carries, or -1
        "tried": "i",
        "sequenced": "i",  # its order, or -1
        "cards": "f",  # of the loop of its release, which it gives back when it leaves
        "route": "i",  # where it stands in the routing of its order, or -1
        "passes": "i",  # 1: it comes back to an operation, and does not gather there again
        "ahead": "f",  # pieces of it that went on before it is done here
        "sibling": "i",  # the next of the parts into which it was forked, in a circle; itself where it is whole
        "fewest": "f",  # pieces that the part has which has lost most; -1 where it is whole
        "joins_at": "i",  # the operation before which it waits for other parts, or -1
        "at_start": "i",  # 1: it stood at its step when the run began, so that nobody knows when it was released
        "here": "i",  # the work center where it was worked on last, or was carried to; -1 before the first
        "on_way": "i",  # what it does between two work centers, as `movers` numbers it
        "vehicle": "i",
        "weighs": "i",  # 1: work of it is on its way to a drum
        "next": "i",
    },
    # A lot in one of the lines in which it waits: `run.width` for each lot, one for each work center that can do its operation.
    "ticket": {
        "lot": "i",
        "operation": "i",  # as that work center does it
        "key": "f",  # its place in the queue: smaller goes first; the others break ties
        "second_key": "f",
        "third_key": "f",
        "next": "i",
        "previous": "i",
    },
    "product": {
        "first_operation": "i",
        "last_operation": "i",  # coming into finished stock, where there may be no room; else -1
        "first_start": "i",  # of rows of forks: the operations with which a lot begins, where there are several
        "starts": "i",
        "first_drum": "i",
        "drums": "i",
        "made": "i",
        "backlog": "f",
        "demand": "f",
        "demand_rule": "i",  # 0 none, 1 per day, 2 per working day
        "backlogged": "i",
        "released_lots": "i",
        "done_lots": "i",
        "done_pieces": "f",
        "timed_lots": "i",  # of those done, the ones whose release is known
        "scrapped_pieces": "f",
        "timed_queues": "i",  # queue times that ended, and those that ended too late
        "late_queues": "i",
        "escaped_pieces": "f",  # of those done, the ones with a defect that nobody found
        "started_pieces": "f",
        "lost_lots": "i",
        "sold": "f",
        "time": "f",  # sum of cycle times
        "on_time": "i",
        "with_due": "i",
        "wip": "i",
        "wip_area": "f",
        "wip_since": "f",
    },
    # A rule that starts lots.
    "release": {
        "rule": "i",
        "product": "i",
        "key": "i",
        "stream": "i",  # of the draws between its lots
        "every": "i",
        "first": "f",  # when its first lot starts; -1: after one interval
        "most": "f",  # so many lots start by intervals
        "loop": "i",
        "drum": "i",
        "rope": "f",
        "due": "f",
        "priority": "f",
        "pieces": "f",
        "first_order": "i",
        "orders": "i",
        "cursor": "i",
        "lost": "i",  # 1: a lot that finds no place is lost
        "slot": "i",
        "fresh": "i",  # 1: to be begun, as the plant was changed
        "weight": "f",
        "count": "i",
        "operation": "i",
        "lot_class": "i",
    },
    # What lots are called by the rules that start them.
    "lot_class": {
        "done_lots": "i",
        "done_pieces": "f",
        "timed_lots": "i",
        "time": "f",
        "on_time": "i",
        "with_due": "i",
    },
    # A work center where a release starts lots as soon as a machine stands idle.
    "source": {"release": "i", "next": "i"},
    "order": {
        "time": "f",
        "pieces": "f",
        "due": "f",
        "priority": "f",
        "route": "i",
        "sequenced": "i",  # which order it is, by its name, or -1
    },
    # A work center to which ropes are tied: the mean work there of all lots on their way to it.
    "drum": {"work": "f", "longest": "f", "first_tied": "i", "tied": "i"},
    # The rules whose rope is tied to each drum, of which it knows the longest.
    "tied": {"release": "i"},
    # The drums to which lots of a product may bring work.
    "product_drum": {"drum": "i"},
    # Of each operation and drum of its product: the mean work there of a lot and of each of its pieces, from it on and once it has begun.
    "on_way": {"of_lot": "f", "of_piece": "f", "later_of_lot": "f", "later_of_piece": "f"},
    # A turn of a work center's given sequence: so many lots of that order, of that product and at that operation (-1: any).
    # It has a place among the turns of its order.
    "turn": {"center": "i", "sequenced": "i", "product": "i", "operation": "i", "left": "f", "place": "i"},
    # A dispatch rule of a user's own, and where its compiled function lies.
    "own_rule": {"address": "i"},
    # The steps of orders' own routings, one after the other.
    "route": {"operation": "i", "last": "i"},
    # A lot that stands at its step when the run begins; `release` is the loop's rule that counts it, or -1.
    "initial": {"product": "i", "operation": "i", "release": "i", "pieces": "f", "due": "f", "priority": "f"},
    # Cards of a CONWIP loop, the least with which it starts a lot.
    # `listed`: 1 if it starts the orders of lists in turn.
    "loop": {"cards": "f", "least": "f", "pieces": "i", "first_release": "i", "releases": "i", "listed": "i"},
    "operation": {
        "center": "i",
        "key": "i",
        "stream": "i",  # of the draws of its time
        "time": "i",
        "time_per": "i",  # 0 piece, 1 lot, 2 batch
        "load": "i",
        "load_per": "i",
        "unload": "i",
        "unload_per": "i",
        "interval": "i",
        "interval_per": "i",
        "delay": "i",  # of its work center: how long a lot from another step lies before it comes
        "cascades": "i",  # 1: pieces of one lot begin one after the other, an interval apart
        "setup": "i",
        "group": "i",  # lots of one group may share a batch
        "batch_most": "f",  # of its own batches; 0: as its work center says
        "batch_least": "f",
        "family": "i",  # as machines are qualified for it
        "lines_up": "i",  # 1: its lots just line up before its work center; see `short_ways`
        "goes_on": "i",  # 1: its lots just go on when it is done
        "judged": "i",  # 1: it spoils pieces, makes defects or finds them
        "good": "f",
        "scrap_lot": "i",
        # Parts: how many lots, or of how many pieces each, it is split into; how many go on as one; how many pieces go on at a time.
        "split": "f",
        "split_lots": "i",
        "split_whole": "i",  # 1: the parts are whole pieces
        "merge": "f",
        "merge_lots": "i",
        "transfer": "f",
        "makes_lots": "i",  # 1: more lots may go on than came
        "gathers": "i",  # 1: lots wait for others before they come in
        "gathered": "f",  # what waits to be merged: how much of it, and which lots
        "gathered_head": "i",
        "gathered_tail": "i",
        "first_defect": "i",
        "defects": "i",
        "first_find": "i",
        "finds": "i",
        "sample": "f",  # of the pieces, how many are inspected
        "share": "f",
        "behind": "i",  # the row to which lots go on that do not need it, -1 at the end, -2 as after it
        "rework": "f",
        "rework_to": "i",
        "rework_most": "i",
        "rework_place": "i",  # its column in the table of reworks
        "binds": "i",  # the column of `machines_of_lots` in which its machine is noted, or -1
        "bound": "i",  # the column of the operation whose machine must do it, or -1
        "tried": "i",
        "too_many": "f",  # lots of so many pieces lacked material when it was tried
        "rework_scrap": "i",
        "first_branch": "i",
        "branches": "i",
        "following": "i",
        "first_fork": "i",
        "forks": "i",  # more than one: a lot is forked behind it, into so many parts
        "clock": "i",  # the column of `clocks` of the queue time that begins when it is done, or -1
        "within": "f",
        "first_limit": "i",  # the queue times that end when it starts
        "limits": "i",
        "joins": "i",  # 1: parts of a lot wait for each other before it
        "join_place": "i",  # its column of `reaches`
        "first_need": "i",
        "needs": "i",
        "tools": "i",  # 1: there are tools among its needs
        "carries": "i",  # 1: its lots take something with them
        "returns": "i",  # 1: something may be carried until it is done
        "people": "i",  # the bits of the crews that can help, as of a center and a mode
        "first_take": "i",
        "takes": "i",
        "makes": "i",  # 1: it gives something to a store, or turns its lots into another unit
        "first_give": "i",  # rows of `take`, the other way round
        "gives": "i",
        "factor": "f",  # so much of the new unit comes of one of the old
        "whole": "i",  # 1: lots are counted in whole pieces when they come
        "whole_after": "i",
        "worth": "f",  # so many of the units that are sold come of one of the units here, if none is lost
        "work": "f",  # mean time of a piece or lot, for the rule SPT
        "drums": "i",  # 1: it, or what follows it, brings work to a drum
        "first_on_way": "i",  # where its rows of `on_way` begin, one for each drum of its product
        "ahead_of_lot": "f",  # mean work of it and all that follows, for each lot, and for each piece of it
        "ahead_of_piece": "f",
        # Alternatives: a row for each further work center that can do it, alike but for center, time, yield and group.
        "choices": "i",  # rows in all, this one counted
        "main": "i",  # the row of the first
        "first_choice": "i",  # the row of the second; the others follow
    },
    # A defect that an operation makes, or finds, and with which share of the pieces.
    "flaw": {"defect": "i", "share": "f"},
    # A queue time: its clock, what becomes of who passes it, and the operation that began it.
    "limit": {"clock": "i", "past": "i", "back": "i"},
    # The first operations of the parts into which a lot is forked.
    "fork": {"operation": "i"},
    "branch": {"share": "f", "operation": "i"},
    # What is on hand: of each product its finished stock (in the order of the products), then each material.
    "store": {
        "counted": "i",  # 0: always there; only what is taken of it is counted
        "center": "i",  # the row that stands for the places of a finished stock, or -1: there is room for all
        "level": "f",
        "on_order": "f",
        "reorder_at": "f",  # -1: never ordered
        "reorder_to": "f",
        "supplier": "i",
        "key": "i",
        "orders": "i",
        "team": "i",
        "bit": "i",
        "wanted": "f",  # by the job that asks just now
        "next_wanted": "i",
        "low": "i",  # 1: in the line of those for which an order is to be placed
        "next_low": "i",
        "short": "i",  # 1: work waits for it
        "short_time": "f",
        "taken": "f",
        "area": "f",
        "since": "f",
    },
    # A buffer that several work centers share.
    "lane": {"first_center": "i", "centers": "i"},
    "lane_center": {"center": "i"},
    # A fleet of vehicles that are alike; lots wait for one in a line.
    "mover": {
        "first_vehicle": "i",
        "vehicles": "i",
        "stops": "i",
        "first_travel": "i",
        "head": "i",
        "tail": "i",
        "busy": "i",
        "empty": "i",  # vehicles that drive to a lot
        "busy_area": "f",
        "empty_area": "f",
        "since": "f",
    },
    "mover_at": {"mover": "i"},
    "vehicle": {"mover": "i", "at": "i", "lot": "i"},
    # What an operation or repair takes of a store, for each piece, lot or job.
    "take": {"store": "i", "amount": "f", "per": "i"},
    # Who delivers. An order on its way is a row of `lot` without a product: its operation is the store, its pieces the amount.
    "supplier": {
        "lead": "i",
        "out": "i",
        "outage_every": "i",
        "outage_lasts": "i",
        "outages": "i",
        "key": "i",
        "slot": "i",
        "held_head": "i",  # orders that wait until its outage ends
        "held_tail": "i",
    },
    # What an operation or a repair seizes: `count` people of any crew in `skill`'s list, in the phases of `phases`' bits; or so
    # many tools of a pool.
    "need": {
        "skill": "i",
        "count": "i",
        "phases": "i",
        "pool": "i",  # the crew that stands for a pool of tools, or -1: people
        "until": "i",  # each lot carries it until that operation is done; -2 until it leaves, -1 the job holds it
        "tends": "i",  # one person serves so many claims of this kind
        "first_tended": "i",  # where the claims of its kind are counted, for each crew of its skill's list
        "walk": "f",
        "by_piece": "i",  # 1: as many as the lot has pieces
        "borrows": "i",  # 1: lots may carry it already
        "covered": "i",  # so many the lots of the job that is being planned carry
    },
    # What lots carry: rows of their lists, and so many tools of a pool each, which the parts of a lot share.
    "carry": {"holding": "i", "until": "i", "next": "i"},
    "holding": {"pool": "i", "count": "i", "release": "i", "cards": "f", "parts": "i", "next": "i"},
    # What a machine asks for: four rows for each operation, one for each of its phases, and after them one for each way to stop.
    "claim": {
        "kind": "i",  # NOBODY_ASKED, ONE_PERSON, MORE
        "need": "i",  # of the one person: its row, the crews that can help, how long they walk
        "first": "i",
        "crews": "i",
        "walk": "f",
        "tool": "i",  # the row of what it needs of one pool of tools beside, or -1
        "pool": "i",
        "tools": "i",
    },
    "skill": {"first": "i", "crews": "i"},
    # How many claims of one kind a crew serves, each of its people several at a time.
    "tended": {"claims": "i"},
    "eligible": {"crew": "i"},
    # People who are alike, and after them the pools of tools: they differ in that only one of them can be what is needed.
    "crew": {
        "count": "i",
        "team": "i",
        "bit": "i",  # in its team
        "scale": "f",  # cards by the piece are counted in small parts of a piece
        "busy": "i",
        "free": "i",  # who is there and has no work; less than none where more are at work than are there
        "away": "i",  # who should be there and does not come
        "finishes": "i",  # 1: who is at work when the shift ends stays until the piece is done
        "planned": "i",  # of it in the match that is being looked for
        "calendar": "i",
        "busy_area": "f",
        "since": "f",
    },
    # People, tools and materials that are claimed together, or for each other's work, directly or by way of others: who waits for
    # one of them waits in the line of their team, where no other team can help him.
    "team": {
        "freed": "i",  # the bits of what came free since who waits was asked last
        "given": "i",  # and of what had come free when it was begun to ask
        "told": "i",  # 1: in the list of `run.told`
        "next_told": "i",
        "asked": "i",  # 1: in the list of `run.asked`
        "next_asked": "i",
        "at": "i",  # who of its line is the next to be asked, or -1
        "since": "f",  # and since when he waits
        "heap": "i",  # at this place of the heap: the team in whose line the next waits longer than in those of the teams below
        "machine_helpers": "i",  # the bits of what can help one of the machines that wait, and of news for one
        "center_helpers": "i",  # the same of work centers
        "wait_head": "i",
        "wait_tail": "i",
        "wait_first_center": "i",
        "wait_last_center": "i",
    },
    # People or tools that a machine holds; `phases` and `tends` are those of the need.
    "hold": {"need": "i", "crew": "i", "count": "i", "order": "i", "phases": "i", "tends": "i"},
    # The rows of `hold` in which people of one calendar are held: of each crew (by its row) the first, of each row of `hold` the next.
    "roll": {"first": "i", "next": "i"},
    # One person who is away at times.
    "absence": {"crew": "i", "between": "i", "spell": "i", "key": "i", "count": "i", "away": "i", "slot": "i"},
    # The match of the people that a phase asks for to crews: a row for each person asked for.
    "plan": {
        "need": "i",
        "crew": "i",
        "tended": "i",  # 1: by somebody who tends others already
        "reached": "i",
        "before": "i",
        "line": "i",
    },
    "center": {
        "first_machine": "i",
        "machines": "i",  # -1: unlimited, a pure delay
        "calendar": "i",
        "delay_calendar": "i",  # in whose hours the delay of lots passes
        "places": "f",  # -1: unlimited
        "places_in_pieces": "i",
        "rule": "i",
        "usual": "i",  # 1: its rules are those where none is given, by priority and as lots come
        "second_rule": "i",
        "third_rule": "i",
        "moving": "i",  # 1: its rules look at the clock, so that lots are put in order whenever one is chosen
        "first_turn": "i",
        "turns": "i",
        "turn": "i",  # the row of the turn that it is at
        "put_to_caller": "i",  # 1: before work starts here the caller is asked which lot goes first
        "asked_from": "f",  # but not before this instant
        "chosen": "i",  # what it has chosen to go first, whatever the rules say
        "stirred": "i",  # 1: a machine has come into another state since the caller looked here last
        "reordered": "i",  # 1: the caller has given it other rules, by which its lots are not in order yet
        "least_setup": "i",  # 0: not a rule here; else its place among the rules, from 1 on
        "setup_offset": "i",  # -1: no setups
        "minor": "i",
        "minimum_run": "f",  # of the setup that is kept for longest; 0: none is
        "minimum_offset": "i",  # where its rows of `minimum_runs` begin, one for each setup
        "minimum_unit": "i",
        "campaign": "f",  # 0: no campaigns
        "campaign_unit": "i",
        "cleaning": "i",
        "choose": "i",
        "short": "i",  # 1: it goes the short way, see `short_ways`
        "picky": "i",  # 1: not every idle machine may take every lot, or the choice is not the usual one
        "batch": "i",
        "batch_most": "f",
        "batch_least": "f",
        "least_in_pieces": "i",
        "batch_wait": "f",
        "batch_in_pieces": "i",
        "batch_lots": "i",  # most lots of one job
        "slot": "i",
        "head": "i",
        "tail": "i",
        "queue": "i",
        "beside": "i",  # places in a machine
        "coming": "i",  # lots of its queue that are on their way, and cannot start
        "lane": "i",  # the shared buffer that feeds it, or -1
        "transit": "f",  # how long a lot takes through it
        "location": "i",  # 0: nowhere in particular
        "reached": "i",  # 1: a way from some location to this takes time
        "fetched": "i",  # so many movers may carry lots here, in `mover_at` from there on
        "first_mover_at": "i",
        "line": "i",  # the paced line of which it is a station, or -1
        "opened": "f",  # when its line indexed, if it has taken no lot since then
        "owed": "i",  # 1: its line has given it a lot that has not started yet
        "visiting": "i",  # lots that wait for its machines and stand before another work center
        "queue_pieces": "f",
        "empty": "i",  # machines without a job, whatever their state
        "idle_head": "i",
        "idle_tail": "i",
        "blocked_head": "i",
        "blocked_tail": "i",
        "outside_head": "i",
        "outside_tail": "i",
        "first_source": "i",
        "stock": "i",  # 1: no work center, but the places of a finished stock; its pieces count as its queue
        "looped": "i",  # 1: a loop's lots start here
        "dirty": "i",
        "next_dirty": "i",
        "limited": "i",  # 1: lots that come too late cannot start here
        "asks": "i",  # 1: an operation here needs people
        "missing": "i",  # what the first lot here that could start but for a claim lacks
        "lacking": "i",  # 1: one of its idle machines may lack a claim
        "finishes": "i",  # 1: a piece that was begun is done when the shift ends
        "carries": "i",  # 1: what lots carry counts here; 2: and so do their pieces
        "waits": "i",  # 1: work and an idle machine are here, people are not
        "wait_next": "i",
        "wait_previous": "i",
        "news": "i",  # 1: something is new here since it was refused people, so that it is asked again
        "people": "i",
        "team": "i",
        "waiting_since": "f",
        "queue_area": "f",
        "delayed": "i",  # lots that lie before they come
        "delay_area": "f",
        "delay_since": "f",
        "queue_since": "f",
        "wait": "f",
        "waits_counted": "i",
        "run_watts": "f",  # of each lot at a pure delay
        "load_watts": "f",
        "unload_watts": "f",
        "joules": "f",  # what they used, each lot's counted as it comes
        "setups": "i",
    },
    "machine": {
        "center": "i",
        "state": "i",
        "since": "f",
        "job": "i",  # EMPTY, IN_PROCESS, DONE
        "stop": "i",  # 0, REPAIR or MAINTENANCE
        "stop_left": "f",
        "stop_mode": "i",
        "warm_up": "i",  # how it warms up after it has stood for long, a mode, or -1
        "cold_after": "f",
        "away_since": "f",  # it has been off shift or stopped since then; -1: it has not
        # Keepers stop several machines together: rows behind those of all machines, in no work center's list.
        "first_member": "i",
        "members": "i",  # 0: it is a machine
        "first_kept_by": "i",
        "kept_by": "i",
        "holding": "i",  # 1: maintenance is due, and the members take no new jobs
        "open_always": "i",  # 1: a keeper without hours of its own
        # Several places in one machine: a row for each, the first of which leads.
        "lead": "i",
        "beside": "i",  # places of its machine
        "whole": "i",  # the keeper that stops them together, or -1
        "turn": "i",  # of its job, among those that came into the machine
        "waits": "i",  # NOT_YET_RUN, NOT_YET_ENDED
        "interval": "f",  # after the start of its run the next may begin; infinity: when it is over
        "entered": "i",  # jobs that have come in, as the leading place counts them
        "next_run": "i",  # whose turn it is to run next
        "next_end": "i",
        "held": "i",  # keepers for which it takes no new job
        "down": "i",  # of these, the ones that have stopped its work
        "on": "i",
        "running": "i",
        "resumed": "f",
        "fails": "i",  # the mode that strikes before the phase ends, or -1
        "head": "i",
        "operation": "i",
        "phase": "i",
        "left": "f",
        "setup_time": "f",
        "load_time": "f",
        "run_time": "f",
        "unload_time": "f",
        "pieces": "f",  # of the job
        "counted": "f",  # pieces of the job that have started to run, as far as clocks have counted them
        "sends": "i",  # 1: when its clock stops next, pieces of its lot go on
        "counts": "i",  # 1: a clock of it counts pieces
        "setup": "i",
        "last_product": "i",
        "since_setup": "f",  # lots, pieces or batches that were started with this setup
        "since_cleaning": "f",
        "speed": "f",
        "only": "i",  # where its row of `qualified` begins; -1: it can do everything
        "staffed": "i",
        "walk": "f",  # how long its people still walk before work begins
        "walking": "i",
        "parts": "i",  # 1: its repair has the spare parts that it takes
        "closing": "i",  # why it stops when its piece is done, as bits
        "wants": "i",
        "wants_since": "f",
        "helpers": "i",  # while it waits: the bits of the crews that can help it
        "team": "i",  # and in whose line
        "wait_next": "i",
        "wait_previous": "i",
        "news": "i",
        "holds": "i",  # rows in which it holds people or tools
        "first_mode": "i",
        "modes": "i",
        "may_be_due": "i",  # 1: a stop may wait until it is empty
        "idle_next": "i",
        "idle_previous": "i",
        "in_idle": "i",
        "lacks": "i",  # what keeps a job, or one that could begin here, from going on: LACKS_PEOPLE, ... or nothing
        "blocked_by": "i",  # the center that has no place for its lot, or -1
        "gone": "i",  # 1: no more in the plant, and leaves when it is empty; 2: it has left
        "fresh": "i",  # 1: new in the plant; 2: what stops it has changed
    },
    # A way to stop: a failure or maintenance of one machine.
    "mode": {
        "machine": "i",
        "kind": "i",
        "clock": "i",  # 0 working, 1 calendar, 2 pieces that start
        "then": "i",  # what becomes of the work: 0 resume, 1 restart, 2 scrap
        "every": "i",
        "lasts": "i",
        "left": "f",
        "first": "f",
        "first_drawn": "i",  # the distribution of the first, or -1
        "key": "i",
        "stream": "i",  # of the draws between its strikes
        "count": "i",
        "pending": "i",
        "slot": "i",
        "fresh": "i",
        "first_need": "i",
        "needs": "i",
        "first_take": "i",
        "takes": "i",
        "people": "i",
        "team": "i",
        "claim": "i",
    },
    "member": {"machine": "i"},
    # The keepers that may stop a machine, in the order of their rows.
    "kept_by": {"keeper": "i"},
    # Stations that take and give lots all at once, `index` after the last time at the soonest.
    "line": {
        "index": "f",
        "first_station": "i",
        "stations": "i",
        "due": "i",  # 1: so long has passed
        "at": "i",  # the station whose lot is to go next; -1: none is on its way
        "slot": "i",
    },
    "station": {"center": "i"},
    "calendar": {
        "first": "i",
        "rows": "i",
        "cursor": "i",
        "on": "i",
        "turned": "i",
        "slot": "i",
        "centers": "i",  # how many work centers keep these hours
    },
    "calendar_row": {"time": "f", "on": "i"},
    "distribution": {"kind": "i", "mean": "f", "a": "f", "b": "f", "c": "f", "first": "i", "values": "i"},
    "group": {"stamp": "i", "size": "f", "lots": "f", "pieces": "f", "oldest": "f", "full": "i"},
    "day": {"time": "f", "working": "i", "month": "i"},
    # What happened; what `detail` and `amount` are depends on the kind. A row without a lot, an operation or a machine has -1 there.
    "log": {
        "time": "f",
        "kind": "i",
        "lot": "i",
        "product": "i",
        "operation": "i",
        "center": "i",
        "machine": "i",
        "detail": "i",
        "amount": "f",
    },
    "record": {"wip_area": "f", "done": "i", "done_time": "f", "time": "f"},
}

ARRAYS: dict[str, tuple[str, int]] = {
    "heap": ("i", 1),
    "heap_time": ("f", 1),
    "heap_key": ("i", 1),
    "setup_matrix": ("i", 1),
    "sample": ("f", 1),
    "stop_of": ("i", 2),  # of each mover, which of its stops each work center is; -1: none
    "travel": (
        "f",
        1,
    ),  # of each mover from its first_travel on, a table of the seconds between its stops; -1: no distance
    "minimum_runs": ("f", 1),
    "way_of": ("i", 2),  # the distribution of how long lots are carried from one location to another; -1: no time
    "season": ("f", 2),  # of each product, its demand in each month, 1.0 being the rate
    "state_time": ("f", 2),
    "histogram": ("i", 2),
    "wait_histogram": ("i", 2),
    "class_histogram": ("i", 2),
    "drum_work": ("f", 2),  # of each lot, its mean work at each drum that is still to come
    "defects": ("f", 2),  # of each lot, how many pieces carry each defect unseen
    "reworks": ("i", 2),  # of each lot, how often each operation has sent it back
    "took": ("i", 2),  # of each lot, 1 for each turn of its order in which it has started, 2 where it never will
    "clocks": ("f", 2),  # of each lot, the instant at which each queue time that it has begun is over; 0 for none
    "reaches": ("i", 2),  # of each operation, 1 for each join to which a lot may still come from there
    "qualified": ("i", 1),  # for each machine that cannot do everything: 1 for each family of operations that it can do
    "machines_of_lots": ("i", 2),  # of each lot, the machine that did an operation which others must follow, or -1
    "cancel": ("i", 1),
    "watch": ("i", 1),  # the work centers that the caller looks at
    "seen": ("f", 1),  # what it sees: simulation/observing.py
    "offered": ("i", 1),  # the lots that it is told of where it is asked, and for each 1 if it may go
    "may_go": ("i", 1),
}

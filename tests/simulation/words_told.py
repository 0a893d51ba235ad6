"""Every word of the plant file that makes a difference to a run, told by two plants that differ in it alone.

A story has a plant, what stands in its text and what instead, the kinds of event to look at, and the event of each in which their
logs differ first, worked out by hand. Minutes count from Monday 5 January 2026, midnight.
"""

from __future__ import annotations

from typing import NamedTuple

Told = tuple[object, ...]


class Story(NamedTuple):
    key: str
    plant: str
    old: str
    new: str
    kinds: tuple[str, ...]
    one: Told
    other: Told
    hours: int = 4
    orders: tuple[str, ...] = ()


# A lot every 10 minutes: cut 4 minutes, then fit 12, so that a second lot waits before b from minute 24 to 26.
TWO = """
plant: Two steps
work centers: {a: {}, b: {}}
products:
  p: {release: {every: 10 min}, routing: [cut: {at: a, time: 4 min}, fit: {at: b, time: 12 min}]}
"""
# Two products by turns, x at 10, 30, ..., y at 20, 40, ..., on one machine that is set up for 3 minutes between them.
MIX = """
plant: Mix
work centers: {a: {setup: 3 min}}
products:
  x: {release: {every: 20 min}, routing: [do: {at: a, time: 4 min}]}
  y: {release: {every: 25 min}, routing: [do: {at: a, time: 4 min}]}
"""
# Lots of four pieces, each 5 minutes, every hour.
LOTS = """
plant: Lots
work centers: {a: {}, b: {}}
products:
  p: {lot: 4 pieces, release: {every: 1 h}, routing: [cut: {at: a, time: 5 min/piece}, fit: {at: b, time: 3 min/lot}]}
"""
SHIFT = """
plant: A shift
shifts: {day: {days: Mon-Fri, from: "01:00", to: "02:00"}}
people: {Ana: {skills: {cutting: 2}}}
work centers: {a: {shift: day}}
products:
  p: {release: {every: 50 min}, routing: [cut: {at: a, time: 25 min, staff: [{skill: cutting}]}]}
"""
FAILS = """
plant: Fails
people: {Tom: {skills: {repair: 2}}}
materials: {bearing: {on hand: 0 pieces, reorder: {at: 0 pieces, up to: 1 pieces}, from: maker}}
suppliers: {maker: {lead time: 1 h}}
work centers: {a: {failures: [{every: 30 min, repair: 8 min}]}}
products:
  p: {release: {every: 20 min}, routing: [cut: {at: a, time: 15 min}]}
"""
CARE = """
plant: Care
people: {Tom: {skills: {repair: 2}}}
work centers: {a: {machines: 2, maintenance: [{every: 60 min, lasts: 8 min}]}}
products:
  p: {release: {every: 20 min}, routing: [cut: {at: a, time: 15 min}]}
"""
STORE = """
plant: Store
materials: {steel: {on hand: 5 kg, from: mill, reorder: {at: 2 kg, up to: 9 kg}}}
suppliers: {mill: {lead time: 30 min}}
work centers: {a: {}}
products:
  p: {release: {every: 10 min}, routing: [cut: {at: a, time: 4 min, takes: {steel: 2 kg/piece}}]}
"""
TOOLS = """
plant: Tools
tools: {die: {}}
people: {Ana: {skills: {cutting: 2}}, Ben: {skills: {cutting: 1}}}
work centers: {a: {machines: 3}, b: {}}
products:
  p: {release: {every: 10 min}, routing: [cut: {at: a, time: 14 min, uses: [{tool: die}], staff: [{skill: cutting}]}, fit: {at: b, time: 2 min}]}
"""
MAKE = """
plant: Make
work centers: {a: {}, b: {}}
products:
  p: {lot: 4 pieces, demand: {rate: 3 pieces/day}, release: {every: 20 h}, routing: [cut: {at: a, time: 5 min/piece}]}
  q: {release: {every: 25 h}, routing: [fit: {at: b, time: 1 h, takes: {p: 1 pieces/lot}}]}
"""


STARTS, STATES, ENDS = ("started",), ("state",), ("completed", "scrapped")

STORIES = (
    Story('work centers > * > machines', TWO, 'b: {}', 'b: {machines: 2}', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (14.0, 'started', 'p 1', 'fit', 'b 1')),
    Story('work centers > * > buffer', TWO, 'b: {}', 'b: {buffer: 0 lots}', STATES, (24.0, 'state', 'a', 'starved'), (24.0, 'state', 'a', 'blocked')),
    Story('work centers > * > batch', TWO, 'b: {}', 'b: {batch: {max: 2 lots, wait: 5 min}}', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (19.0, 'started', 'p 1', 'fit', 'b')),
    Story('work centers > * > batch > min', TWO, 'b: {}', 'b: {batch: {max: 3 lots, min: 2 lots}}', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (20.0, 'started', 'p 2', 'cut', 'a')),
    Story('work centers > * > batch > wait', TWO, 'b: {}', 'b: {batch: {max: 3 lots, wait: 2 min}}', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (16.0, 'started', 'p 1', 'fit', 'b')),
    Story('work centers > * > shift', SHIFT, '{a: {shift: day}}', '{a: {}}', STARTS, (60.0, 'started', 'p 1', 'cut', 'a'), (50.0, 'started', 'p 1', 'cut', 'a')),
    Story('work centers > * > shift end', SHIFT, 'a: {shift: day}', 'a: {shift: day, shift end: finish piece}', STATES, (120.0, 'state', 'a', 'off shift'), (125.0, 'state', 'a', 'off shift')),
    Story('work centers > * > start-up', SHIFT, 'a: {shift: day}', 'a: {shift: day, start-up: {after: 30 min, lasts: 5 min}}', STATES, (60.0, 'state', 'a', 'working'), (60.0, 'state', 'a', 'setup')),
    Story('work centers > * > start-up > after', SHIFT.replace("a: {shift: day}","a: {shift: day, start-up: {after: 30 min, lasts: 5 min}}"), 'after: 30 min', 'after: 2 h', STATES, (60.0, 'state', 'a', 'setup'), (60.0, 'state', 'a', 'working')),
    Story('work centers > * > start-up > lasts', SHIFT.replace("a: {shift: day}","a: {shift: day, start-up: {after: 30 min, lasts: 5 min}}"), 'lasts: 5 min', 'lasts: 7 min', STATES, (65.0, 'state', 'a', 'working'), (67.0, 'state', 'a', 'working')),
    Story('work centers > * > places', TWO, 'b: {}', 'b: {places: 2}', STARTS, (26.0, 'started', 'p 2', 'fit', 'b'), (24.0, 'started', 'p 2', 'fit', 'b')),
    Story('work centers > * > setup', MIX, '{a: {setup: 3 min}}', '{a: {}}', STATES, (20.0, 'state', 'a', 'setup'), (20.0, 'state', 'a', 'working')),
    Story('work centers > * > setup > default', MIX, 'setup: 3 min', 'setup: {default: 5 min}', STATES, (23.0, 'state', 'a', 'working'), (25.0, 'state', 'a', 'working')),
    Story('work centers > * > setup > from', MIX, 'setup: 3 min', 'setup: {default: 3 min, from: {x: {y: 6 min}}}', STATES, (30.0, 'state', 'a', 'working'), (33.0, 'state', 'a', 'working')),
    Story('work centers > * > setup > into', MIX, 'setup: 3 min', 'setup: {default: 3 min, into: {y: 6 min}}', STATES, (30.0, 'state', 'a', 'working'), (33.0, 'state', 'a', 'working')),
    Story('work centers > * > setup > minor', MIX.replace("x: {release","x: {family: f, release").replace("y: {release","y: {family: f, release"), 'setup: 3 min', 'setup: {default: 3 min, minor: 1 min}', STATES, (31.0, 'state', 'a', 'starved'), (27.0, 'state', 'a', 'setup')),
    Story('work centers > * > setup > minimum run', MIX, 'setup: 3 min', 'setup: {default: 3 min, minimum run: {y: 2 lots}}', STARTS, (40.0, 'started', 'x 3', 'do', 'a'), (50.0, 'started', 'y 4', 'do', 'a')),
    Story('work centers > * > setup > minimum run', MIX, 'setup: 3 min', 'setup: {default: 3 min, minimum run: 2 lots}', STARTS, (27.0, 'started', 'y 2', 'do', 'a'), (40.0, 'started', 'x 3', 'do', 'a')),
    Story('work centers > * > setup > campaign', MIX, 'setup: 3 min', 'setup: {default: 3 min, campaign: 1 lots, cleaning: 2 min}', STATES, (30.0, 'state', 'a', 'working'), (32.0, 'state', 'a', 'working')),
    Story('work centers > * > setup > cleaning', MIX.replace("setup: 3 min","setup: {default: 3 min, campaign: 1 lots, cleaning: 2 min}"), 'cleaning: 2 min', 'cleaning: 6 min', STATES, (32.0, 'state', 'a', 'working'), (36.0, 'state', 'a', 'working')),
    Story('work centers > * > rule', MIX.replace("time: 4 min","time: 14 min"), 'setup: 3 min', 'setup: 3 min, rule: LIFO', STARTS, (54.0, 'started', 'x 3', 'do', 'a'), (54.0, 'started', 'y 4', 'do', 'a'), hours=8),
    Story('rule', MIX.replace("time: 4 min","time: 14 min"), 'plant: Mix', 'plant: Mix\nrule: LIFO', STARTS, (54.0, 'started', 'x 3', 'do', 'a'), (54.0, 'started', 'y 4', 'do', 'a'), hours=8),
    Story('work centers > * > choose', TWO, 'b: {}', 'b: {machines: [{name: b1}, {name: b2, speed: 200 %}], choose: fastest}', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (14.0, 'started', 'p 1', 'fit', 'b2')),
    Story('work centers > * > machines > name', TWO.replace("b: {}","b: {machines: [{name: b1}]}"), 'name: b1', 'name: b9', STARTS, (14.0, 'started', 'p 1', 'fit', 'b1'), (14.0, 'started', 'p 1', 'fit', 'b9')),
    Story('work centers > * > machines > speed', TWO.replace("b: {}","b: {machines: [{name: b1}]}"), '{name: b1}', '{name: b1, speed: 200 %}', STATES, (20.0, 'state', 'a', 'working'), (20.0, 'state', 'b1', 'starved')),
    Story('work centers > * > machines > only', MIX.replace("setup: 3 min","machines: [{name: m1}, {name: m2}]"), '{name: m1}', '{name: m1, only: [y]}', STARTS, (20.0, 'started', 'x 1', 'do', 'm1'), (20.0, 'started', 'x 1', 'do', 'm2')),
    Story('work centers > * > machines > failures', TWO.replace("b: {}","b: {machines: [{name: b1}]}"), '{name: b1}', '{name: b1, failures: [{every: 20 min, repair: 5 min}]}', STATES, (34.0, 'state', 'a', 'starved'), (34.0, 'state', 'b1', 'in repair')),
    Story('work centers > * > machines > maintenance', TWO.replace("b: {}","b: {machines: [{name: b1}]}"), '{name: b1}', '{name: b1, maintenance: [{every: 25 min, lasts: 5 min}]}', STATES, (30.0, 'state', 'a', 'working'), (26.0, 'state', 'b1', 'maintenance')),
    Story('work centers > * > failures', TWO, 'b: {}', 'b: {failures: [{every: 20 min, repair: 5 min}]}', STATES, (34.0, 'state', 'a', 'starved'), (34.0, 'state', 'b', 'in repair')),
    Story('work centers > * > failures > every', FAILS, 'every: 30 min, repair', 'every: 20 min, repair', STATES, (55.0, 'state', 'a', 'starved'), (45.0, 'state', 'a', 'in repair')),
    Story('work centers > * > failures > clock', FAILS, 'repair: 8 min', 'repair: 8 min, clock: calendar', STATES, (35.0, 'state', 'a', 'starved'), (30.0, 'state', 'a', 'in repair')),
    Story('work centers > * > failures > repair', FAILS, 'repair: 8 min', 'repair: 9 min', STATES, (68.0, 'state', 'a', 'working'), (69.0, 'state', 'a', 'working')),
    Story('work centers > * > failures > by', FAILS.replace("{Tom: {skills: {repair: 2}}}","{Tom: {shift: late, skills: {repair: 2}}}").replace("plant: Fails","plant: Fails\nshifts: {late: {days: Mon-Fri, from: \"02:00\", to: \"10:00\"}}"), 'repair: 8 min', 'repair: 8 min, by: repair 2', STATES, (60.0, 'state', 'a', 'in repair'), (60.0, 'state', 'a', 'waiting for repair')),
    Story('work centers > * > failures > takes', FAILS, 'repair: 8 min', 'repair: 8 min, takes: {bearing: 1 piece}', STATES, (100.0, 'state', 'a', 'in repair'), (100.0, 'state', 'a', 'waiting for repair')),
    Story('work centers > * > failures > then', FAILS.replace("every: 30 min, repair","every: 20 min, repair"), 'repair: 8 min', 'repair: 8 min, then: restart', ENDS, (63.0, 'completed', 'p 2', 'cut', 'a', 1.0), (68.0, 'completed', 'p 2', 'cut', 'a', 1.0)),
    Story('work centers > * > maintenance', TWO, 'b: {}', 'b: {maintenance: [{every: 25 min, lasts: 5 min}]}', STATES, (30.0, 'state', 'a', 'working'), (26.0, 'state', 'b', 'maintenance')),
    Story('work centers > * > maintenance > every', CARE, 'every: 60 min', 'every: 50 min', STATES, (55.0, 'state', 'a 2', 'starved'), (55.0, 'state', 'a 2', 'maintenance')),
    Story('work centers > * > maintenance > clock', CARE, 'lasts: 8 min', 'lasts: 8 min, clock: working', STATES, (35.0, 'state', 'a 1', 'maintenance'), (35.0, 'state', 'a 1', 'starved')),
    Story('work centers > * > maintenance > lasts', CARE, 'lasts: 8 min', 'lasts: 9 min', STATES, (43.0, 'state', 'a 1', 'starved'), (44.0, 'state', 'a 1', 'starved')),
    Story('work centers > * > maintenance > by', CARE.replace("{Tom: {skills","{Tom: {shift: late, skills").replace("plant: Care","plant: Care\nshifts: {late: {days: Mon-Fri, from: \"02:00\", to: \"10:00\"}}"), 'lasts: 8 min', 'lasts: 8 min, by: repair', STATES, (35.0, 'state', 'a 1', 'maintenance'), (35.0, 'state', 'a 1', 'waiting for repair')),
    Story('work centers > * > maintenance > per', CARE, 'lasts: 8 min', 'lasts: 8 min, per: work center', STATES, (35.0, 'state', 'a 1', 'maintenance'), (35.0, 'state', 'a 1', 'starved')),
    Story('work centers > * > maintenance > first', CARE, 'lasts: 8 min', 'lasts: 8 min, first: 7 min', STATES, (20.0, 'state', 'a 1', 'working'), (7.0, 'state', 'a 1', 'maintenance')),
    Story('work centers > * > maintenance > first', CARE, 'lasts: 8 min', 'lasts: 8 min, first: spread 40 min', STATES, (20.0, 'state', 'a 1', 'working'), (20.0, 'state', 'a 1', 'maintenance')),
    Story('areas', TWO, 'plant: Two steps', 'plant: Two steps\nareas: {hall: {work centers: [a, b], failures: [{every: 21 min, repair: 4 min}]}}', STATES, (24.0, 'state', 'a', 'starved'), (21.0, 'state', 'a', 'in repair')),
    Story('areas > * > work centers', TWO.replace("plant: Two steps","plant: Two steps\nareas: {hall: {work centers: [a, b], failures: [{every: 21 min, repair: 4 min}]}}"), 'work centers: [a, b]', 'work centers: [b]', STATES, (21.0, 'state', 'a', 'in repair'), (21.0, 'state', 'b', 'in repair')),
    Story('areas > * > maintenance', TWO.replace("plant: Two steps","plant: Two steps\nareas: {hall: {work centers: [a, b], failures: [{every: 21 min, repair: 4 min}]}}"), 'failures: [{every: 21 min, repair: 4 min}]', 'maintenance: [{every: 21 min, lasts: 4 min}]', STATES, (21.0, 'state', 'a', 'in repair'), (24.0, 'state', 'a', 'waiting for repair')),
    Story('people > * > count', TOOLS.replace("tools: {die: {}}","tools: {die: {count: 9}}").replace("Ben: {skills: {cutting: 1}}","Ben: {skills: {x: 1}}"), 'Ana: {', 'Ana: {count: 2, ', STARTS, (24.0, 'started', 'p 1', 'fit', 'b'), (20.0, 'started', 'p 2', 'cut', 'a 2')),
    Story('people > * > shift', SHIFT.replace("{a: {shift: day}}","{a: {}}"), 'Ana: {', 'Ana: {shift: day, ', STATES, (50.0, 'state', 'a', 'working'), (50.0, 'state', 'a', 'no staff'), hours=8),
    Story('people > * > skills', TOOLS.replace("tools: {die: {}}","tools: {die: {count: 9}}"), 'Ben: {skills: {cutting: 1}}', 'Ben: {skills: {x: 1}}', STARTS, (20.0, 'started', 'p 2', 'cut', 'a 2'), (24.0, 'started', 'p 1', 'fit', 'b')),
    Story('people > * > shift end', SHIFT.replace("Ana: {","Ana: {shift: day, ").replace("{a: {shift: day}}","{a: {}}").replace("from: \"01:00\"","from: \"00:30\""), 'Ana: {shift: day, ', 'Ana: {shift: day, shift end: finish piece, ', STATES, (120.0, 'state', 'a', 'no staff'), (125.0, 'state', 'a', 'starved')),
    Story('people > * > absence', SHIFT.replace("{a: {shift: day}}","{a: {}}"), 'Ana: {', 'Ana: {absence: {share: 50 %, spell: 3 h}, ', STATES, (225.0, 'state', 'a', 'starved'), (202.910851, 'state', 'a', 'no staff'), hours=48),
    Story('products > * > routing > * > staff', SHIFT.replace("{a: {shift: day}}","{a: {}}").replace("Ana: {","Ana: {shift: day, "), ', staff: [{skill: cutting}]', '', STARTS, (60.0, 'started', 'p 1', 'cut', 'a'), (50.0, 'started', 'p 1', 'cut', 'a')),
    Story('work centers > * > machines > failures > by > skill', TOOLS.replace("tools: {die: {}}","tools: {die: {count: 9}}"), 'staff: [{skill: cutting}]', 'staff: [{skill: cutting 2}]', STARTS, (20.0, 'started', 'p 2', 'cut', 'a 2'), (24.0, 'started', 'p 1', 'fit', 'b')),
    Story('work centers > * > machines > failures > by > count', TOOLS.replace("tools: {die: {}}","tools: {die: {count: 9}}"), 'staff: [{skill: cutting}]', 'staff: [{skill: cutting, count: 2}]', STARTS, (20.0, 'started', 'p 2', 'cut', 'a 2'), (24.0, 'started', 'p 1', 'fit', 'b')),
    Story('work centers > * > machines > failures > by > for', TOOLS.replace("tools: {die: {}}","tools: {die: {count: 9}}"), 'staff: [{skill: cutting}]', 'staff: [{skill: cutting, for: setup}]', ("people seized","people let go"), (10.0, 'people seized', 'cut', 'a 1', 'Ana'), ()),
    Story('work centers > * > machines > failures > by > tends', TOOLS.replace("tools: {die: {}}","tools: {die: {count: 9}}"), 'staff: [{skill: cutting}]', 'staff: [{skill: cutting, tends: 2 machines}]', ("people seized","people let go"), (20.0, 'people seized', 'cut', 'a 2', 'Ben'), (20.0, 'people seized', 'cut', 'a 2', 'Ana')),
    Story('work centers > * > machines > failures > by > walk', TOOLS.replace("tools: {die: {}}","tools: {die: {count: 9}}"), 'staff: [{skill: cutting}]', 'staff: [{skill: cutting, walk: 1 min}]', STATES, (10.0, 'state', 'a 1', 'working'), (10.0, 'state', 'a 1', 'no staff')),
    Story('tools', TOOLS, ', uses: [{tool: die}]', ' ', STARTS, (24.0, 'started', 'p 1', 'fit', 'b'), (20.0, 'started', 'p 2', 'cut', 'a 2')),
    Story('tools > * > count', TOOLS, 'die: {}', 'die: {count: 2}', STARTS, (24.0, 'started', 'p 1', 'fit', 'b'), (20.0, 'started', 'p 2', 'cut', 'a 2')),
    Story('products > * > routing > * > uses > count', TOOLS.replace("die: {}","die: {count: 2}"), '{tool: die}', '{tool: die, count: 2}', STARTS, (20.0, 'started', 'p 2', 'cut', 'a 2'), (24.0, 'started', 'p 1', 'fit', 'b')),
    Story('products > * > routing > * > uses > for', TOOLS, '{tool: die}', '{tool: die, for: setup}', STARTS, (24.0, 'started', 'p 1', 'fit', 'b'), (20.0, 'started', 'p 2', 'cut', 'a 2')),
    Story('products > * > routing > * > uses > until', TOOLS, '{tool: die}', '{tool: die, until: fit}', STARTS, (24.0, 'started', 'p 2', 'cut', 'a 2'), (26.0, 'started', 'p 2', 'cut', 'a 2')),
    Story('loops', TWO, 'plant: Two steps', 'plant: Two steps\nloops: {cards: {cards: 1 lots, from: cut, until: fit}}', STARTS, (20.0, 'started', 'p 2', 'cut', 'a'), (26.0, 'started', 'p 2', 'cut', 'a')),
    Story('loops > * > cards', TWO.replace("plant: Two steps","plant: Two steps\nloops: {cards: {cards: 1 lots, from: cut, until: fit}}"), 'cards: 1 lots', 'cards: 2 lots', STARTS, (26.0, 'started', 'p 2', 'cut', 'a'), (20.0, 'started', 'p 2', 'cut', 'a')),
    Story('loops > * > from', TWO.replace("plant: Two steps","plant: Two steps\nloops: {cards: {cards: 1 lots, from: cut, until: fit}}"), 'from: cut', 'from: fit', STARTS, (26.0, 'started', 'p 2', 'cut', 'a'), (20.0, 'started', 'p 2', 'cut', 'a')),
    Story('loops > * > until', TWO.replace("plant: Two steps","plant: Two steps\nloops: {cards: {cards: 1 lots, from: cut, until: fit}}"), 'until: fit', 'until: cut', STARTS, (26.0, 'started', 'p 2', 'cut', 'a'), (20.0, 'started', 'p 2', 'cut', 'a')),
    Story('materials', STORE, ', takes: {steel: 2 kg/piece}', '', STARTS, (50.0, 'started', 'p 3', 'cut', 'a'), (30.0, 'started', 'p 3', 'cut', 'a')),
    Story('materials > * > on hand', STORE, 'on hand: 5 kg', 'on hand: 9 kg', ("material ordered",), (20.0, 'material ordered', 'steel', 8.0), (40.0, 'material ordered', 'steel', 8.0)),
    Story('materials > * > from', STORE, 'from: mill, ', '', ("material delivered",), (50.0, 'material delivered', 'steel', 8.0), (20.0, 'material delivered', 'steel', 8.0)),
    Story('materials > * > reorder > at', STORE, 'at: 2 kg', 'at: 4 kg', ("material ordered",), (20.0, 'material ordered', 'steel', 8.0), (10.0, 'material ordered', 'steel', 6.0)),
    Story('materials > * > reorder > up to', STORE, 'up to: 9 kg', 'up to: 8 kg', ("material ordered",), (20.0, 'material ordered', 'steel', 8.0), (20.0, 'material ordered', 'steel', 7.0)),
    Story('suppliers > * > lead time', STORE, 'lead time: 30 min', 'lead time: 35 min', ("material delivered",), (50.0, 'material delivered', 'steel', 8.0), (55.0, 'material delivered', 'steel', 8.0)),
    Story('suppliers > * > outage', STORE, 'lead time: 30 min', 'lead time: 30 min, outage: {every: 15 min, lasts: 1 h}', ("material delivered",), (50.0, 'material delivered', 'steel', 8.0), (105.0, 'material delivered', 'steel', 8.0)),
    Story('suppliers > * > outage > every', STORE.replace("lead time: 30 min","lead time: 30 min, outage: {every: 15 min, lasts: 1 h}"), 'every: 15 min', 'every: 5 min', ("material delivered",), (105.0, 'material delivered', 'steel', 8.0), (95.0, 'material delivered', 'steel', 8.0)),
    Story('suppliers > * > outage > lasts', STORE.replace("lead time: 30 min","lead time: 30 min, outage: {every: 15 min, lasts: 1 h}"), 'lasts: 1 h', 'lasts: 50 min', ("material delivered",), (105.0, 'material delivered', 'steel', 8.0), (95.0, 'material delivered', 'steel', 8.0)),
    Story('buffers', TWO, 'plant: Two steps', 'plant: Two steps\nbuffers: {lane: {capacity: 1 lots, feeds: [b]}}', STATES, (84.0, 'state', 'a', 'starved'), (84.0, 'state', 'a', 'blocked')),
    Story('buffers > * > capacity', TWO.replace("plant: Two steps","plant: Two steps\nbuffers: {lane: {capacity: 1 lots, feeds: [b]}}"), 'capacity: 1 lots', 'capacity: 2 lots', STATES, (84.0, 'state', 'a', 'blocked'), (84.0, 'state', 'a', 'starved')),
    Story('work centers > * > delay', TWO, 'b: {}', 'b: {delay: 3 min}', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (17.0, 'started', 'p 1', 'fit', 'b')),
    Story('work centers > * > delay shift', TWO.replace("plant: Two steps","plant: Two steps\nshifts: {day: {days: Mon-Fri, from: '01:00', to: '02:00'}}").replace("b: {}","b: {delay: 3 min}"), 'b: {delay: 3 min}', 'b: {delay: 3 min, delay shift: day}', STARTS, (17.0, 'started', 'p 1', 'fit', 'b'), (20.0, 'started', 'p 2', 'cut', 'a')),
    Story('work centers > * > staff', SHIFT.replace("{a: {shift: day}}","{a: {staff: [{skill: cutting}]}}").replace("Ana: {","Ana: {shift: day, ").replace(', staff: [{skill: cutting}]', ''), '{a: {staff: [{skill: cutting}]}}', '{a: {}}', STARTS, (60.0, 'started', 'p 1', 'cut', 'a'), (50.0, 'started', 'p 1', 'cut', 'a')),
    Story('buffers > * > transit', TWO.replace("plant: Two steps","plant: Two steps\nbuffers: {lane: {capacity: 1 lots, feeds: [b]}}"), 'capacity: 1 lots', 'capacity: 1 lots, transit: 3 min', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (17.0, 'started', 'p 1', 'fit', 'b')),
    Story('buffers > * > feeds', TWO.replace("plant: Two steps","plant: Two steps\nbuffers: {lane: {capacity: 1 lots, feeds: [b]}}"), 'feeds: [b]', 'feeds: [a]', STATES, (84.0, 'state', 'a', 'blocked'), (84.0, 'state', 'a', 'starved')),
    Story('lines', TWO, 'plant: Two steps', 'plant: Two steps\nlines: {final: {index: 15 min, stations: [a, b]}}', STARTS, (10.0, 'started', 'p 1', 'cut', 'a'), (15.0, 'started', 'p 1', 'cut', 'a')),
    Story('lines > * > index', TWO.replace("plant: Two steps","plant: Two steps\nlines: {final: {index: 15 min, stations: [a, b]}}"), 'index: 15 min', 'index: 16 min', STARTS, (15.0, 'started', 'p 1', 'cut', 'a'), (16.0, 'started', 'p 1', 'cut', 'a')),
    Story('lines > * > stations', TWO.replace("plant: Two steps","plant: Two steps\nlines: {final: {index: 15 min, stations: [a, b]}}"), 'stations: [a, b]', 'stations: [a]', ENDS, (45.0, 'completed', 'p 1', 'fit', 'b', 1.0), (42.0, 'completed', 'p 1', 'fit', 'b', 1.0)),
    Story('products > * > lot', LOTS, 'lot: 4 pieces', 'lot: 2 pieces', ENDS, (83.0, 'completed', 'p 1', 'fit', 'b', 4.0), (73.0, 'completed', 'p 1', 'fit', 'b', 2.0)),
    Story('products > * > family', MIX, 'x: {release', 'x: {family: y, release', STATES, (27.0, 'state', 'a', 'setup'), (31.0, 'state', 'a', 'starved')),
    Story('products > * > routing > * > setup', MIX, 'x: {release: {every: 20 min}, routing: [do: {at: a, time: 4 min}]}', 'x: {release: {every: 20 min}, routing: [do: {at: a, time: 4 min, setup: y}]}', STATES, (27.0, 'state', 'a', 'setup'), (31.0, 'state', 'a', 'starved')),
    Story('products > * > release > conwip', TWO, '{every: 10 min}', '{conwip: 1 lots}', STARTS, (10.0, 'started', 'p 1', 'cut', 'a'), (0.0, 'started', 'p 1', 'cut', 'a')),
    Story('products > * > release > every', TWO, 'every: 10 min', 'every: 11 min', STARTS, (10.0, 'started', 'p 1', 'cut', 'a'), (11.0, 'started', 'p 1', 'cut', 'a')),
    Story('products > * > release > priority', MIX.replace("time: 4 min","time: 14 min"), '{every: 25 min}', '{every: 25 min, priority: 5}', STARTS, (54.0, 'started', 'x 3', 'do', 'a'), (54.0, 'started', 'y 4', 'do', 'a'), hours=8),
    Story('products > * > release > due', MIX.replace("time: 4 min","time: 14 min").replace("setup: 3 min","setup: 3 min, rule: EDD"), '{every: 25 min}', '{every: 25 min, due: 1 h}', STARTS, (54.0, 'started', 'x 3', 'do', 'a'), (54.0, 'started', 'y 4', 'do', 'a'), hours=8),
    Story('products > * > release > first', TWO, 'every: 10 min', 'every: 10 min, first: 3 min', STARTS, (10.0, 'started', 'p 1', 'cut', 'a'), (3.0, 'started', 'p 1', 'cut', 'a')),
    Story('products > * > routing > * > batch', TWO.replace("b: {}","b: {batch: {max: 3 lots, wait: 60 min}}"), 'time: 12 min', 'time: 12 min, batch: {max: 2 lots}', STARTS, (30.0, 'started', 'p 3', 'cut', 'a'), (24.0, 'started', 'p 1', 'fit', 'b')),
    Story('products > * > routing > * > batch > max', TWO.replace("b: {}","b: {batch: {max: 3 lots, wait: 60 min}}").replace("time: 12 min","time: 12 min, batch: {max: 2 lots}"), 'max: 2 lots', 'max: 3 lots', STARTS, (24.0, 'started', 'p 1', 'fit', 'b'), (30.0, 'started', 'p 3', 'cut', 'a')),
    Story('products > * > routing > * > batch > min', TWO.replace("b: {}","b: {batch: {max: 4 lots, min: 3 lots}}").replace("time: 12 min","time: 12 min, batch: {max: 3 lots, min: 3 lots}"), 'max: 3 lots, min: 3 lots', 'max: 3 lots, min: 2 lots', STARTS, (30.0, 'started', 'p 3', 'cut', 'a'), (24.0, 'started', 'p 1', 'fit', 'b')),
    Story('products > * > release > at most', TWO, 'every: 10 min', 'every: 10 min, at most: 2 lots', STARTS, (30.0, 'started', 'p 3', 'cut', 'a'), ()),
    Story('products > * > release > when full', TWO.replace("a: {}","a: {buffer: 0 lots}").replace("time: 4 min","time: 14 min"), 'every: 10 min', 'every: 10 min, when full: lost', ("released","lost"), (20.0, 'released', 'p 2', 'cut', 'a', 1.0), (20.0, 'lost', 'p', 1.0)),
    Story('products > * > release > drum', TWO, '{every: 10 min}', '{drum: b, rope: 13 min}', STARTS, (10.0, 'started', 'p 1', 'cut', 'a'), (0.0, 'started', 'p 1', 'cut', 'a')),
    Story('products > * > release > rope', TWO.replace("{every: 10 min}","{drum: b, rope: 13 min}"), 'rope: 13 min', 'rope: 25 min', STARTS, (16.0, 'started', 'p 2', 'fit', 'b'), (12.0, 'started', 'p 4', 'cut', 'a')),
    Story('products > * > stock > capacity', MAKE.replace("20 h","2 h"), 'p: {lot: 4 pieces,', 'p: {lot: 4 pieces, stock: {capacity: 7 pieces},', STATES, (260.0, 'state', 'a', 'starved'), (260.0, 'state', 'a', 'blocked'), hours=12),
    Story('products > * > demand > rate', MAKE, 'rate: 3 pieces/day', 'rate: 4 pieces/day', STARTS, (1500.0, 'started', 'q 2', 'fit', 'b'), (2400.0, 'started', 'p 3', 'cut', 'a'), hours=48),
    Story('products > * > demand > season', MAKE.replace("rate: 3","rate: 4"), 'rate: 4 pieces/day', 'rate: 4 pieces/day, season: {Jan: 0 %}', STARTS, (2400.0, 'started', 'p 3', 'cut', 'a'), (1500.0, 'started', 'q 2', 'fit', 'b'), hours=48),
    Story('products > * > demand', MAKE.replace("rate: 3","rate: 4"), 'demand: {rate: 4 pieces/day}, ', '', STARTS, (2400.0, 'started', 'p 3', 'cut', 'a'), (1500.0, 'started', 'q 2', 'fit', 'b'), hours=48),
    Story('products > * > demand > unmet', MAKE.replace("20 h","30 h").replace("25 h","50 h"), 'rate: 3 pieces/day', 'rate: 3 pieces/day, unmet: backlog', STARTS, (3000.0, 'started', 'q 2', 'fit', 'b'), (3600.0, 'started', 'p 3', 'cut', 'a'), hours=96),
    Story('products > * > routing > * > at', TWO, 'fit: {at: b', 'fit: {at: a', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (14.0, 'started', 'p 1', 'fit', 'a')),
    Story('products > * > routing > * > at > time', TWO, 'fit: {at: b,', 'fit: {at: [{center: b, time: 9 min}],', STATES, (24.0, 'state', 'a', 'starved'), (23.0, 'state', 'b', 'starved')),
    Story('products > * > routing > * > at > yield', TWO, 'fit: {at: b,', 'fit: {at: [{center: b, yield: 0 %}],', ENDS, (26.0, 'completed', 'p 1', 'fit', 'b', 1.0), (26.0, 'scrapped', 'p 1', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > time', TWO, 'time: 4 min', 'time: 5 min', STATES, (14.0, 'state', 'a', 'starved'), (15.0, 'state', 'a', 'starved')),
    Story('products > * > routing > * > load', TWO, 'time: 4 min', 'time: 4 min, load: 1 min', STATES, (10.0, 'state', 'a', 'working'), (10.0, 'state', 'a', 'load')),
    Story('products > * > routing > * > unload', TWO, 'time: 4 min', 'time: 4 min, unload: 1 min', STATES, (14.0, 'state', 'a', 'starved'), (14.0, 'state', 'a', 'unload')),
    Story('products > * > routing > * > interval', TWO.replace("b: {}","b: {places: 2}"), 'time: 12 min', 'time: 12 min, interval: 3 min', ENDS, (38.0, 'completed', 'p 2', 'fit', 'b', 1.0), (36.0, 'completed', 'p 2', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > yield', TWO, 'time: 12 min', 'time: 12 min, yield: 0 %', ENDS, (26.0, 'completed', 'p 1', 'fit', 'b', 1.0), (26.0, 'scrapped', 'p 1', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > scrap', LOTS.replace("5 min/piece","5 min/piece, yield: 50 %"), 'yield: 50 %', 'yield: 50 %, scrap: lot', ("scrapped",), (80.0, 'scrapped', 'p 1', 'cut', 'a', 3.0), (80.0, 'scrapped', 'p 1', 'cut', 'a', 4.0), hours=48),
    Story('products > * > routing > * > takes', MAKE.replace("25 h","19 h"), ', takes: {p: 1 pieces/lot}', '', STARTS, (1200.0, 'started', 'p 2', 'cut', 'a'), (1140.0, 'started', 'q 1', 'fit', 'b'), hours=48),
    Story('products > * > routing > * > gives', MAKE, 'time: 5 min/piece', 'time: 5 min/piece, gives: {q: 1 pieces/lot}', ("given",), (), (1220.0, 'given', 'p 1', 'cut', 'a', 'q'), hours=48),
    Story('products > * > routing > * > split', LOTS, 'time: 5 min/piece', 'time: 5 min/piece, split: 2 lots', STARTS, (120.0, 'started', 'p 2', 'cut', 'a'), (83.0, 'started', 'p 2', 'fit', 'b')),
    Story('products > * > routing > * > merge', LOTS, 'time: 3 min/lot', 'time: 3 min/lot, merge: 2 lots', STARTS, (80.0, 'started', 'p 1', 'fit', 'b'), (120.0, 'started', 'p 2', 'cut', 'a')),
    Story('products > * > routing > * > transfer', LOTS, 'time: 5 min/piece', 'time: 5 min/piece, transfer: 2 pieces', STARTS, (80.0, 'started', 'p 1', 'fit', 'b'), (70.0, 'started', 'p 2', 'fit', 'b')),
    Story('products > * > routing > * > next', TWO, 'time: 4 min', 'time: 4 min, next: end', ENDS, (26.0, 'completed', 'p 1', 'fit', 'b', 1.0), (14.0, 'completed', 'p 1', 'cut', 'a', 1.0)),
    Story('products > * > routing > * > after', TWO, 'time: 12 min}', 'time: 12 min}, test: {at: b, time: 1 min, after: [cut]}', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (14.0, 'started', 'p 1', 'test', 'b')),
    Story('products > * > routing > * > share', TWO, 'time: 12 min', 'time: 12 min, share: 0 %', ENDS, (26.0, 'completed', 'p 1', 'fit', 'b', 1.0), (14.0, 'completed', 'p 1', 'cut', 'a', 1.0)),
    Story('products > * > routing > * > share until', TWO.replace("time: 4 min","time: 4 min, share: 0 %").replace("time: 12 min}","time: 12 min}, pack: {at: a, time: 2 min}"), 'share: 0 %', 'share: 0 %, share until: fit', ENDS, (24.0, 'completed', 'p 1', 'pack', 'a', 1.0), (12.0, 'completed', 'p 1', 'pack', 'a', 1.0)),
    Story('products > * > routing > * > rework', TWO, 'time: 12 min', 'time: 12 min, rework: {share: 100 %, back to: cut}', STARTS, (26.0, 'started', 'p 2', 'fit', 'b'), (26.0, 'started', 'p 1', 'cut', 'a')),
    Story('products > * > routing > * > rework > back to', TWO.replace("time: 12 min","time: 12 min, rework: {share: 100 %, back to: cut}"), 'back to: cut', 'back to: fit', STARTS, (26.0, 'started', 'p 1', 'cut', 'a'), (26.0, 'started', 'p 2', 'fit', 'b')),
    Story('products > * > routing > * > rework > share', TWO.replace("time: 12 min","time: 12 min, rework: {share: 100 %, back to: cut}"), 'share: 100 %', 'share: 0 %', STARTS, (26.0, 'started', 'p 1', 'cut', 'a'), (26.0, 'started', 'p 2', 'fit', 'b')),
    Story('products > * > routing > * > rework > at most', TWO.replace("time: 12 min","time: 12 min, rework: {share: 100 %, back to: fit}"), 'back to: fit', 'back to: fit, at most: 2', ENDS, (50.0, 'completed', 'p 1', 'fit', 'b', 1.0), (98.0, 'completed', 'p 1', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > rework > then', TWO.replace("time: 12 min","time: 12 min, rework: {share: 100 %, back to: fit}"), 'back to: fit', 'back to: fit, then: scrap', ENDS, (50.0, 'completed', 'p 1', 'fit', 'b', 1.0), (50.0, 'scrapped', 'p 1', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > defects', TWO.replace("time: 12 min","time: 12 min, finds: {scratch: 100 %}").replace("time: 4 min","time: 4 min, defects: {scratch: 0 %}"), 'defects: {scratch: 0 %}', 'defects: {scratch: 100 %}', ENDS, (26.0, 'completed', 'p 1', 'fit', 'b', 1.0), (26.0, 'scrapped', 'p 1', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > finds', TWO.replace("time: 12 min","time: 12 min, finds: {scratch: 100 %}").replace("time: 4 min","time: 4 min, defects: {scratch: 100 %}"), 'finds: {scratch: 100 %}', 'finds: {scratch: 0 %}', ENDS, (26.0, 'scrapped', 'p 1', 'fit', 'b', 1.0), (26.0, 'completed', 'p 1', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > sample', LOTS, 'time: 5 min/piece', 'time: 5 min/piece, sample: 50 %', STATES, (80.0, 'state', 'a', 'starved'), (70.0, 'state', 'a', 'starved')),
    Story('products > * > routing > * > queue time', TWO, 'time: 4 min', 'time: 4 min, queue time: {until: fit, within: 1 min, past: scrap}', ("scrapped","completed"), (38.0, 'completed', 'p 2', 'fit', 'b', 1.0), (26.0, 'scrapped', 'p 2', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > queue time > within', TWO.replace("time: 4 min","time: 4 min, queue time: {until: fit, within: 1 min, past: scrap}"), 'within: 1 min', 'within: 3 min', ("scrapped","completed"), (26.0, 'scrapped', 'p 2', 'fit', 'b', 1.0), (38.0, 'completed', 'p 2', 'fit', 'b', 1.0)),
    Story('products > * > routing > * > queue time > past', TWO.replace("time: 4 min","time: 4 min, queue time: {until: fit, within: 1 min, past: scrap}"), 'past: scrap', 'past: rework', ("scrapped","started"), (26.0, 'scrapped', 'p 2', 'fit', 'b', 1.0), (26.0, 'started', 'p 2', 'cut', 'a')),
    Story('products > * > routing > * > same machine as', TWO.replace("a: {}","a: {machines: 2}").replace("at: b, time: 12 min","at: a, time: 12 min"), 'time: 12 min', 'time: 12 min, same machine as: cut', STARTS, (14.0, 'started', 'p 1', 'fit', 'a 2'), (14.0, 'started', 'p 1', 'fit', 'a 1')),
    Story('shifts > * > days', SHIFT, 'days: Mon-Fri', 'days: Tue-Fri', STARTS, (60.0, 'started', 'p 1', 'cut', 'a'), (1500.0, 'started', 'p 1', 'cut', 'a'), hours=30),
    Story('shifts > * > from', SHIFT, 'from: "01:00"', 'from: "00:55"', STARTS, (60.0, 'started', 'p 1', 'cut', 'a'), (55.0, 'started', 'p 1', 'cut', 'a')),
    Story('shifts > * > to', SHIFT, 'to: "02:00"', 'to: "01:10"', STATES, (85.0, 'state', 'a', 'starved'), (70.0, 'state', 'a', 'off shift')),
    Story('shifts > * > breaks', SHIFT, 'to: "02:00"', 'to: "02:00", breaks: ["01:05-01:10"]', STATES, (85.0, 'state', 'a', 'starved'), (65.0, 'state', 'a', 'off shift')),
    Story('shifts > * > except', SHIFT, 'to: "02:00"', 'to: "02:00", except: {2026-01-05: closed}', STARTS, (60.0, 'started', 'p 1', 'cut', 'a'), (1500.0, 'started', 'p 1', 'cut', 'a'), hours=30),
    Story('shifts > * > overtime', SHIFT, 'to: "02:00"', 'to: "02:00", overtime: [{days: Mon, from: "03:00", to: "04:00"}]', STATES, (), (180.0, 'state', 'a', 'working'), hours=6),
    Story('start', SHIFT, 'plant: A shift', 'plant: A shift\nstart: 2026-01-05 00:20', STARTS, (60.0, 'started', 'p 1', 'cut', 'a'), (50.0, 'started', 'p 1', 'cut', 'a')),
    Story('time zone', SHIFT.replace("A shift","A shift\nstart: 2026-03-29 00:00\ntime zone: UTC").replace("Mon-Fri","Sun").replace("01:00","03:00").replace("02:00","04:00"), 'time zone: UTC', 'time zone: Europe/Berlin', STARTS, (180.0, 'started', 'p 1', 'cut', 'a'), (120.0, 'started', 'p 1', 'cut', 'a'), hours=6),
    Story('changes', TWO, 'plant: Two steps', 'plant: Two steps\nchanges: [{on: 2026-01-05 00:20, set: work centers > b > machines, to: 2}]', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (14.0, 'started', 'p 1', 'fit', 'b 1')),
    Story('changes > on', TWO.replace("plant: Two steps","plant: Two steps\nchanges: [{on: 2026-01-05 00:20, set: work centers > b > machines, to: 2}]"), 'on: 2026-01-05 00:20', 'on: 2026-01-05 00:25', STARTS, (24.0, 'started', 'p 2', 'fit', 'b 2'), (25.0, 'started', 'p 2', 'fit', 'b 2')),
    Story('products > * > release > orders', TWO, '{every: 10 min}', '{orders: orders.csv}', STARTS, (10.0, 'started', 'p 1', 'cut', 'a'), (3.0, 'started', 'p 1', 'cut', 'a'), hours=4, orders=('p 00:03',)),
    Story('work centers > * > batch > max', TWO.replace("b: {}","b: {batch: {max: 2 lots, wait: 30 min}}"), 'max: 2 lots', 'max: 3 lots', STARTS, (24.0, 'started', 'p 1', 'fit', 'b'), (30.0, 'started', 'p 3', 'cut', 'a')),
    Story('work centers > * > batch with', MIX.replace("setup: 3 min","batch: {max: 2 lots, min: 2 lots}").replace("time: 4 min","time: 4 min/batch"), 'batch: {max', 'batch with: any, batch: {max', STARTS, (40.0, 'started', 'x 1', 'do', 'a'), (25.0, 'started', 'x 1', 'do', 'a')),
    Story('shifts > * > overtime > days', SHIFT.replace('to: "02:00"','to: "02:00", overtime: [{days: Mon, from: "03:00", to: "04:00"}]'), 'days: Mon, from', 'days: Tue, from', STATES, (180.0, 'state', 'a', 'working'), (), hours=6),
    Story('shifts > * > overtime > from', SHIFT.replace('to: "02:00"','to: "02:00", overtime: [{days: Mon, from: "03:00", to: "04:00"}]'), 'from: "03:00"', 'from: "02:55"', STATES, (180.0, 'state', 'a', 'working'), (175.0, 'state', 'a', 'working'), hours=6),
    Story('shifts > * > overtime > to', SHIFT.replace('to: "02:00"','to: "02:00", overtime: [{days: Mon, from: "03:00", to: "04:00"}]'), 'to: "04:00"', 'to: "03:04"', STATES, (235.0, 'state', 'a', 'starved'), (184.0, 'state', 'a', 'off shift'), hours=6),
    Story('people > * > absence > share', SHIFT.replace("{a: {shift: day}}","{a: {}}").replace("Ana: {","Ana: {absence: {share: 50 %, spell: 3 h}, "), 'share: 50 %', 'share: 75 %', STATES, (75.0, 'state', 'a', 'starved'), (67.63695, 'state', 'a', 'no staff'), hours=48),
    Story('people > * > absence > spell', SHIFT.replace("{a: {shift: day}}","{a: {}}").replace("Ana: {","Ana: {absence: {share: 50 %, spell: 3 h}, "), 'spell: 3 h', 'spell: 90 min', STATES, (125.0, 'state', 'a', 'starved'), (101.455425, 'state', 'a', 'no staff'), hours=48),
    Story('changes > set', TWO.replace("plant: Two steps","plant: Two steps\nchanges: [{on: 2026-01-05 00:20, set: work centers > b > machines, to: 2}]"), 'set: work centers > b > machines', 'set: work centers > a > machines', STARTS, (10.0, 'started', 'p 1', 'cut', 'a'), (10.0, 'started', 'p 1', 'cut', 'a 1')),
    Story('changes > to', TWO.replace("plant: Two steps","plant: Two steps\nchanges: [{on: 2026-01-05 00:20, set: work centers > b > machines, to: 1}]"), 'to: 1', 'to: 2', STARTS, (14.0, 'started', 'p 1', 'fit', 'b'), (14.0, 'started', 'p 1', 'fit', 'b 1')),
)  # fmt: skip

"""The twin: a second engine, slow and plain, written from ``docs/semantics.md`` alone; see `tests.twin.engine`.

It shares no code with the engine but what `plantwright.plant` reads and the mix of the demand. Of dated changes it covers those of
machines, people, tools, cards, buffers, rules and times, not those of shifts, of what stops machines, of
releases, of machines that stop together with others, and what comes new.
"""

"""The twin: a second engine, slow and plain, written from ``docs/semantics.md`` alone; see `tests.twin.engine`.

It shares no code with the engine but what `plantwright.plant` reads and the mix of the demand.
"""

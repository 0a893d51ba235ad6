"""The twin: a second engine, slow and plain, written from ``docs/semantics.md`` alone; see `tests.twin.engine`."""

"""The plants that the engine's speed is measured on: one server and a line of ten; `full_shop.py` has a shop with everything on."""

from __future__ import annotations

STATIONS, PLACES = 10, 2
BETWEEN, SERVICE, UP, DOWN = 66.5, 60.0, 3600.0, 360.0
"""Mean seconds: between arrivals, of a step, to a failure, to the end of its repair."""

QUEUE = f"""
plant: M/M/1
work centers: {{desk: {{machines: 1}}}}
products:
  job:
    release: {{every: exponential {BETWEEN} s}}
    routing: [serve: {{at: desk, time: exponential {SERVICE} s}}]
"""


def line() -> str:
    """Ten exponential stations that fail while they work, two places between them, always work at the first."""
    failures = f"failures: [{{every: exponential {UP} s, clock: working, repair: exponential {DOWN} s}}]"
    centers, steps = [], []
    for k in range(STATIONS):
        buffer = f", buffer: {PLACES} lots" if k else ""
        centers.append(f"  m{k}: {{machines: 1, {failures}{buffer}}}")
        steps.append(f"      - s{k}: {{at: m{k}, time: exponential {SERVICE} s}}")
    return "\n".join(
        [
            "plant: line",
            "work centers:",
            *centers,
            "products:",
            "  part:",
            "    release: saturated",
            "    routing:",
            *steps,
        ]
    )

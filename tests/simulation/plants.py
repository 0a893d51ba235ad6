"""Small plants whose answer is known, as texts of plant files. Times are in minutes."""

from __future__ import annotations

from collections.abc import Sequence

from plantwright.plant import Plant, read_text


def queue(time: str, every: str, machines: int = 1, center: str = "", release: str = "") -> Plant:
    """One work center with random arrivals."""
    return read_text(f"""
plant: queue
work centers:
  desk: {{machines: {machines}{center}}}
products:
  job:
    release: {{every: {every}{release}}}
    routing: [serve: {{at: desk, time: {time}}}]
""")


def line(
    mu: Sequence[float],
    p: Sequence[float] | None = None,
    r: Sequence[float] | None = None,
    places: Sequence[int] | None = None,
    release: str = "saturated",
) -> Plant:
    """A serial line of exponential machines: rates of work per minute, of failure while working, of repair; places between."""
    centers, steps = [], []
    for k, rate in enumerate(mu):
        words = ["machines: 1"]
        if places is not None and k > 0:
            words.append(f"buffer: {places[k - 1]} lots")
        if p is not None and r is not None and p[k] > 0:
            words.append(f"failures: [{{every: exponential {1 / p[k]!r} min, repair: exponential {1 / r[k]!r} min}}]")
        centers.append(f"  m{k + 1}: {{{', '.join(words)}}}")
        steps.append(f"      - s{k + 1}: {{at: m{k + 1}, time: exponential {1 / rate!r} min}}")
    return read_text(
        "plant: line\nwork centers:\n"
        + "\n".join(centers)
        + f"\nproducts:\n  part:\n    release: {release}\n    routing:\n"
        + "\n".join(steps)
        + "\n"
    )

"""A roadmap as a page shows it: moves on an axis of time, money out and in, value against budget."""

from __future__ import annotations

from typing import Any


def roadmap_view(roadmap: Any, currency: str) -> dict[str, Any] | None:
    """What the template draws of a roadmap, or of its document; None where there is none."""
    return None


def roadmap_rows(roadmap: Any) -> list[dict[str, Any]]:
    """The steps of a roadmap as rows; none where there is none."""
    return []

"""Numbers of tags: each has its own for good, by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plantwright.shopfloor.readings import Tag

Numbered = dict[str, tuple[int, Tag]]


def numbered(known: Mapping[str, tuple[int, Tag]], tags: Sequence[Tag]) -> tuple[Numbered, Numbered]:
    """All tags with their numbers, and of these the ones that are new or tell something else than before."""
    found, new = dict(known), {}
    for tag in tags:
        number = found[tag.name][0] if tag.name in found else len(found)
        if tag.name not in found or found[tag.name][1] != tag:
            found[tag.name] = new[tag.name] = number, tag
    return found, new

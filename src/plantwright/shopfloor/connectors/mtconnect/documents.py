"""MTConnect's documents: bytes into a tree that cannot do harm, and what stands in every header.

A document is not validated: the reference agent's own are not valid. What is no XML, or larger than a document of a machine can be, is
refused before it costs anything: entities, DTDs and the network are off, depth and texts are bounded by libxml2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from lxml import etree

from plantwright.errors import PlantwrightError
from plantwright.shopfloor.connectors.mtconnect.texts import instant, whole

Element: TypeAlias = Any
"""An element of lxml, which has no types."""

MOST_BYTES = 16_000_000
"""Of a document: some 100,000 observations."""

LESS, EQUALS = b"<="

MOST_ELEMENTS = 400_000
MOST_ATTRIBUTES = 2_500_000


class Malformed(PlantwrightError):  # noqa: N818  (a state of an answer)
    """A document that cannot be read."""

    code = "PW5050"


PARSER = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    no_network=True,
    huge_tree=False,
    recover=False,
    remove_blank_text=True,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)


def parse(data: bytes) -> Element:
    """The root of a document. Raises Malformed."""
    if len(data) > MOST_BYTES:
        raise Malformed(f"a document of {len(data):,} bytes; at most {MOST_BYTES:,} are read")
    octets = np.frombuffer(data, np.uint8)
    elements, attributes = int(np.count_nonzero(octets == LESS) // 2), int(np.count_nonzero(octets == EQUALS))
    if elements > MOST_ELEMENTS or attributes > MOST_ATTRIBUTES:
        raise Malformed(f"a document of {elements:,} elements and {attributes:,} attributes; that is no machine's")
    if attributes > 40 * elements + 10_000:
        raise Malformed(f"a document of {attributes:,} attributes in {elements:,} elements; that is no machine's")
    if b"<!DOCTYPE" in data:
        raise Malformed("a document with a DTD; MTConnect has none")
    try:
        root = etree.fromstring(data, PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise Malformed(f"no XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Malformed("a document with a DTD; MTConnect has none")
    return root


def local(tag: object) -> str:
    """An element's name without its namespace."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: Element, name: str) -> Element | None:
    """The first child of a name, in whatever namespace."""
    return next((one for one in element if local(one.tag) == name), None)


@dataclass(frozen=True, slots=True)
class Header:
    """A document's header: who says it, when, and which sequence numbers it has.

    ``instance`` changes when the agent starts anew. ``created`` is in nanoseconds. What is not there is None.
    """

    instance: str = ""
    created: int | None = None
    first: int | None = None
    last: int | None = None
    next: int | None = None
    buffer: int | None = None
    assets: int | None = None
    version: str = ""


def header(root: Element) -> Header:
    """The header of a document; an empty one where there is none."""
    found = child(root, "Header")
    if found is None:
        return Header()
    get = found.get
    return Header(
        get("instanceId") or "",
        instant(get("creationTime") or ""),
        whole(get("firstSequence")),
        whole(get("lastSequence")),
        whole(get("nextSequence")),
        whole(get("bufferSize")),
        whole(get("assetCount")),
        get("version") or "",
    )


def errors(root: Element) -> list[tuple[str, str]]:
    """The errors of an MTConnectError document as (code, text); empty where it is another."""
    if local(root.tag) != "MTConnectError":
        return []
    found = [
        (one.get("errorCode") or local(one.tag), " ".join("".join(map(str, one.itertext())).split())[:300])
        for group in root
        if local(group.tag) in ("Errors", "Error")
        for one in (group if local(group.tag) == "Errors" else [group])
    ]
    return found or [("", "an error without a code")]

"""Rubbish: documents spoilt in the ways in which machines spoil them."""

from __future__ import annotations

import re

KINDS = ("markup", "text", "values", "huge")
"""Broken markup; a text that is none; wrong values in place of right ones; a text of a megabyte."""

_VALUE = re.compile(r"(<(?:Length|EquipmentTimer|Wattage|PartCount) [^>]*>)[^<]*(<)")
_TEXT = re.compile(r"(<(?:Program|Variable|Execution) [^>]*>)[^<]*(<)")


def spoilt(document: str, kind: str) -> str:
    """A document with rubbish of a kind in it; as it is where there is none."""
    match kind:
        case "markup":
            return document.replace("</", "<", 3)
        case "text":
            return "<html><body>Service temporarily unavailable</body></html>"
        case "values":
            return _TEXT.sub(r"\1\\u0000 NaN;;-1e999\2", _VALUE.sub(r"\1NaN!\2", document))
        case "huge":
            return _TEXT.sub(lambda found: found[1] + "x" * 1_000_000 + found[2], document, count=3)
    return document

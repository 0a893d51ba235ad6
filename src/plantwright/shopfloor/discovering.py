"""Discovering: ask a host, by every connector that can, what it offers; and write the collector's file for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any

from plantwright.shopfloor.connectors import ConnectorKind, ConnectorMissing, Draft, kind, kind_names


def discover_sources(host: str, kinds: Sequence[str] = (), timeout: float = 3.0) -> Iterator[Draft]:
    """Sources that answer, as they do. Raises KeyError for a kind that is not there; kinds whose package is not installed are left out."""
    asked = [found for name in (kinds or kind_names()) if (found := _installed(name, bool(kinds))) and found.discover]
    with ThreadPoolExecutor(max(1, len(asked))) as pool:
        for answer in as_completed([pool.submit(_ask, one, host, timeout) for one in asked]):
            yield from answer.result()


def _installed(name: str, wanted: bool) -> ConnectorKind | None:
    try:
        return kind(name)
    except ConnectorMissing:
        if wanted:
            raise
        return None


def _ask(one: ConnectorKind, host: str, timeout: float) -> list[Draft]:
    assert one.discover is not None
    try:
        return list(one.discover(host, timeout))
    except ConnectorMissing:
        return []


def draft_text(drafts: Sequence[Draft]) -> str:
    """A collector's file that reads what was found."""
    lines = ["format: 1", "history: history", "sources:"]
    names: dict[str, int] = {}
    for draft in drafts:
        names[draft.name] = names.get(draft.name, 0) + 1
        name = draft.name if names[draft.name] == 1 else f"{draft.name} {names[draft.name]}"
        lines += [f"  # {_one_line(note)}" for note in draft.notes]
        lines.append(f"  {_text(name)}:")
        lines += [f"    {word}: {_value(value)}" for word, value in draft.words.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(str(value))


def _text(text: str) -> str:
    """A text as YAML writes it: plain where that reads back as the same, whatever a machine calls itself."""
    plain = text and text == text.strip() and not set(text) & set(":{}[],&*#?|<>=!%@\\\"'`\n") and text[0] != "-"
    url = text.count("://") == 1 and text[0].isalpha() and text[-1] != ":" and not set(text) & set(" {}[],#\"'")
    if (plain or url) and text.isprintable():
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else f"\\U{ord(letter):08X}"


def _one_line(text: str) -> str:
    """A note on one line: what stands on another would be a word of the file."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())

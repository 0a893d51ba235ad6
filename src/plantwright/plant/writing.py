"""Write a plant file, and change one so that every byte that need not change stays."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from plantwright.errors import PlantError, Problem
from plantwright.plant.beside import text_of
from plantwright.plant.document import Entries, Items, Node, Scalar, find, node_of, parse_yaml, segments, step
from plantwright.plant.plant import Plant

_PLAIN = re.compile(r"^[A-Za-z0-9_+°(µ][^\n\"'#{}\[\],&*!|>`@]*$")
_WIDTH = 100
_WIDTH_OF_STEP = 140
"""Steps of a routing, and what follows them, stand on one line each, as in a table, where they can."""


def scalar_text(text: str, flow: bool = True) -> str:
    """A value as YAML writes it: plain where that is safe, else in double quotes."""
    plain = _PLAIN.match(text) and ": " not in text and not text.endswith((":", " ")) and " #" not in text
    clock = re.match(r"^\d{1,2}:\d{2}", text)
    if plain and not clock and (not flow or ":" not in text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def flow_text(node: Node) -> str:
    """A value on one line, with braces and brackets."""
    if isinstance(node, Scalar):
        return scalar_text(node.text)
    if isinstance(node, Items):
        return "[" + ", ".join(flow_text(item) for item in node.items) + "]"
    return "{" + ", ".join(f"{scalar_text(key.text)}: {flow_text(value)}" for key, value in node.entries) + "}"


def block_text(node: Node, indent: int = 0, comments: Mapping[str, str] | None = None, path: str = "") -> str:
    """A value over several lines; what fits on one goes there. `comments` are written above the path that they belong to."""
    comments = comments or {}
    pad = " " * indent
    lines: list[str] = []
    if isinstance(node, Entries):
        for key, value in node.entries:
            at = f"{path} > {key.text}" if path else key.text
            lines += [f"{pad}# {line}" for line in comments.get(at, "").splitlines()]
            lines += _entry(pad, scalar_text(key.text, False), value, indent, comments, at)
    elif isinstance(node, Items):
        for number, item in enumerate(node.items, 1):
            name = item.entries[0][0].text if isinstance(item, Entries) and len(item.entries) == 1 else str(number)
            at = f"{path} > {name}"
            lines += [f"{pad}# {line}" for line in comments.get(at, "").splitlines()]
            if isinstance(item, Entries) and len(item.entries) == 1:
                key, value = item.entries[0]
                lines += _entry(pad + "- ", scalar_text(key.text, False), value, indent + 2, comments, at)
            else:
                lines.append(f"{pad}- {flow_text(item)}")
    return "\n".join(lines)


def _entry(pad: str, key: str, value: Node, indent: int, comments: Mapping[str, str], at: str) -> list[str]:
    if isinstance(value, Scalar):
        return [f"{pad}{key}: {scalar_text(value.text, False)}"]
    inside = any(name.startswith(f"{at} > ") for name in comments)
    line = f"{pad}{key}: {flow_text(value)}"
    top = indent == 0 and isinstance(value, Entries) and any(not isinstance(v, Scalar) for _, v in value.entries)
    steps = at.endswith(" > routing") and isinstance(value, Items) and value.items
    width = _WIDTH_OF_STEP if " > routing > " in at else _WIDTH
    if not inside and not top and not steps and len(line) <= width:
        return [line]
    return [f"{pad}{key}:", block_text(value, indent + 2, comments, at)]


def mapping_text(mapping: Mapping[str, Any], comments: Mapping[str, str] | None = None) -> str:
    """Nested dicts and lists as the text of a plant file."""
    return block_text(node_of(mapping), 0, comments) + "\n"


def edited(text: str, edits: Mapping[str, Any], name: str = "plant.yaml") -> str:
    """The text of a plant file with values changed, added or (None) taken away; every other byte stays.

    Paths are those of `plantwright.plant.changed`. Raises PlantError where a path leads nowhere.
    """
    for path, value in edits.items():
        text = _edit(text, parse_yaml(text, name), path, value)
    return text


def _edit(text: str, root: Entries, path: str, value: Any) -> str:
    words = segments(path)
    at: Node = root
    for depth, word in enumerate(words):
        inner = step(at, word)
        if inner is None:
            if value is None:
                return text
            rest = words[depth + 1 :]
            for outer in reversed(rest):
                value = {outer: value}
            return _insert(text, root, words[:depth], at, word, value, path)
        at = inner
    if value is None:
        return _remove(text, root, words)
    return _replace(text, at, value)


def _replace(text: str, node: Node, value: Any) -> str:
    new = node_of(value)
    written = flow_text(new)
    if isinstance(node, Scalar) or node.flow:
        start, end = node.start, node.end
        gap = " " if start == end and start > 0 and text[start - 1] == ":" else ""
        return text[:start] + gap + written + text[end:]
    # A block that stood below its key becomes one line behind it.
    start = node.start
    while start > 0 and text[start - 1] in " \n\r":
        start -= 1
    return text[:start] + " " + written + text[node.end :]


def _insert(text: str, root: Entries, words: list[str], at: Node, word: str, value: Any, path: str) -> str:
    new = node_of(value)
    if isinstance(at, Items):
        if word != str(len(at.items) + 1):
            raise PlantError([Problem("PW1211", at.place, path, f"there is no {word!r} to change here", word)])
        if at.flow:
            return text[: at.end - 1].rstrip() + (", " if at.items else "") + flow_text(new) + text[at.end - 1 :]
        indent = text.rfind("\n", 0, at.start) + 1
        pad = text[indent : at.start]
        return text[: at.end] + f"\n{pad}- {flow_text(new)}" + text[at.end :]
    entry = f"{scalar_text(word)}: {flow_text(new)}"
    if isinstance(at, Scalar):
        if at.text:
            raise PlantError(
                [Problem("PW1211", at.place, path, f"{at.text!r} stands where keys would have to", at.text)]
            )
        gap = " " if at.start > 0 and text[at.start - 1] == ":" else ""
        return text[: at.start] + gap + "{" + entry + "}" + text[at.end :]
    if at.flow:
        inside = text[at.start + 1 : at.end - 1].rstrip()
        closing = text[at.start + 1 + len(inside) : at.end]
        comma = ", " if at.entries and not inside.endswith(",") else ""
        return text[: at.start + 1] + inside + comma + entry + closing + text[at.end :]
    column = at.entries[0][0].place.column or 1
    newline = "\r\n" if "\r\n" in text else "\n"
    end = _line_end(text, at.end)
    return text[:end] + newline + " " * (column - 1) + entry + text[end:]


def _line_end(text: str, at: int) -> int:
    """The end of the line on which a value ends, so that a comment behind it stays with it."""
    found = text.find("\n", at)
    if found < 0:
        return len(text)
    return found - 1 if text[found - 1 : found] == "\r" else found


def _remove(text: str, root: Entries, words: list[str]) -> str:
    parent = find(root, " > ".join(words[:-1])) if len(words) > 1 else root
    if isinstance(parent, Entries):
        pairs = parent.entries
        index = next(i for i, (key, _) in enumerate(pairs) if key.text == words[-1])
        start, end = pairs[index][0].start, pairs[index][1].end
        flow, count = parent.flow, len(pairs)
        following = pairs[index + 1][0].start if index + 1 < count else -1
        before = pairs[index - 1][1].end if index > 0 else -1
    elif isinstance(parent, Items):
        index = next(i for i, item in enumerate(parent.items) if item is step(parent, words[-1]) or str(i + 1) == words[-1]
                     or (isinstance(item, Entries) and item.entries[0][0].text == words[-1]))  # fmt: skip
        start, end = parent.items[index].start, parent.items[index].end
        flow, count = parent.flow, len(parent.items)
        following = parent.items[index + 1].start if index + 1 < count else -1
        before = parent.items[index - 1].end if index > 0 else -1
        if not flow:
            start = text.rfind("-", 0, start)
    else:
        return text
    if flow:
        if following >= 0:
            return text[:start] + text[following:]
        return text[: before if before >= 0 else start] + text[end:]
    if count == 1:
        return text[:start] + ("{}" if isinstance(parent, Entries) else "[]") + text[end:]
    line = text.rfind("\n", 0, start) + 1
    if text[line:start].strip():  # the first key behind a dash: the next one takes its place
        return text[:start] + text[following:]
    after = text.find("\n", end)
    return text[:line] + (text[after + 1 :] if after >= 0 else "")


def plant_text(plant: Plant) -> str:
    """The text of a plant's file: as it was written, or written anew where it came from a workbook or a program."""
    if plant.document is None:
        raise ValueError(f"{plant.name} was not read from a file or mapping")
    if plant.document.source is not None:
        return plant.document.source
    return block_text(plant.document.root) + "\n"


def save_plant(plant: Plant, path: str | Path, edits: Mapping[str, Any] | None = None, text: str | None = None) -> None:
    """Write a plant file, with values changed, and the files beside it that it uses; all or nothing of each file.

    `text` is written in place of the plant's own, where a program wrote one with comments.
    """
    path = Path(path)
    written = edited(text if text is not None else plant_text(plant), edits or {})
    files = plant.document.files if plant.document else {}
    for name, content in files.items():
        beside = path.parent / name
        if _said(beside) != content:
            beside.parent.mkdir(parents=True, exist_ok=True)
            write_whole(beside, content)
    encoding = plant.document.encoding if plant.document else "utf-8"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""  # the others bring their own
    write_whole(path, (mark + written).encode(encoding))


def _said(path: Path) -> str | None:
    """The text of a file, None where there is none."""
    try:
        return text_of(path)
    except PlantError:
        return None


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    data = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise

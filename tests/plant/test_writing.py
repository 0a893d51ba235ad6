"""A program's edit replaces the text of the value that changes; every other byte stays, and the file reads as the changed plant."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from plantwright.errors import PlantError
from plantwright.plant import Plant, changed, edited, plant_text, read_plant, save_plant
from plantwright.plant.document import Entries, Items, Node, Scalar, find, parse_yaml, plain
from tests.plant.shop import SHOP, read, shop
from tests.plant.test_every_word import FILES, of_bracket

EXAMPLES = {
    path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
}
TEXTS = [*EXAMPLES.values(), SHOP]
texts = st.sampled_from([*TEXTS, *(text.replace("\n", "\r\n") for text in TEXTS)])


def leaves(node: Node, path: str = "") -> Iterator[tuple[str, Scalar]]:
    """Every value of a tree with its path: steps of a routing by name, items of a list by number."""
    if isinstance(node, Scalar):
        yield path, node
    elif isinstance(node, Entries):
        for key, value in node:
            yield from leaves(value, f"{path} > {key.text}" if path else key.text)
    else:
        for number, item in enumerate(node.items, 1):
            named = path.endswith(" > routing")
            yield from leaves(item, path if named else f"{path} > {number}")


def parents(node: Node, path: str = "") -> Iterator[tuple[str, Entries]]:
    """Every mapping of a tree with its path."""
    if isinstance(node, Entries):
        yield path, node
        for key, value in node:
            yield from parents(value, f"{path} > {key.text}" if path else key.text)
    elif isinstance(node, Items):
        for number, item in enumerate(node.items, 1):
            if path.endswith(" > routing"):
                assert isinstance(item, Entries)
                yield from parents(item.entries[0][1], f"{path} > {item.entries[0][0].text}")
            else:
                yield from parents(item, f"{path} > {number}")


def said(text: str) -> Any:
    return plain(parse_yaml(text, "shop.yaml"))


def said_of(root: Node) -> dict[str, str]:
    return {path: leaf.text for path, leaf in leaves(root)}


TREES = {text: parse_yaml(text, "shop.yaml") for text in [*TEXTS, *(text.replace("\n", "\r\n") for text in TEXTS)]}
words = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Co", "Cn"), blacklist_characters="\ufeff\u2028\u2029\x85"),
    max_size=20,
)


class TestOneValue:
    @settings(max_examples=300, deadline=None)
    @given(
        data=st.data(),
        text=texts,
        value=st.one_of(
            words,
            st.sampled_from(["", "yes", "07:00", "a: b", "# no", "- x", "1.50", "'", '"', "~", "{}", "&a", "%", " x "]),
        ),
    )
    def test_any_text_in_any_place(self, data: st.DataObject, text: str, value: str) -> None:
        """Only the characters of the old value go; what is read again is the new value, and all others are as they were."""
        root = TREES[text]
        path, leaf = data.draw(st.sampled_from(list(leaves(root))))
        after = edited(text, {path: value})
        assert after.startswith(text[: leaf.start])
        assert after.endswith(text[leaf.end :])
        assert said_of(parse_yaml(after, "shop.yaml")) == said_of(root) | {path: value}

    @settings(max_examples=100, deadline=None)
    @given(data=st.data(), text=texts)
    def test_a_value_put_back_gives_the_same_file_but_for_its_quotes(self, data: st.DataObject, text: str) -> None:
        path, leaf = data.draw(st.sampled_from(list(leaves(TREES[text]))))
        there = edited(text, {path: "something else"})
        back = edited(there, {path: leaf.text})
        assert said(back) == said(text)
        assert len(back) - len(text) in (-2, 0, 2)

    @settings(max_examples=100, deadline=None)
    @given(data=st.data(), text=texts)
    def test_a_list_or_mapping_may_take_its_place(self, data: st.DataObject, text: str) -> None:
        path, leaf = data.draw(st.sampled_from(list(leaves(TREES[text]))))
        value = data.draw(
            st.sampled_from(
                [["a", "b, c"], {"default": "25 min", "from": {"NMC": {"LFP": "2 h"}}}, [{"every": "40 h"}]]
            )
        )
        after = edited(text, {path: value})
        assert after.startswith(text[: leaf.start])
        assert after.endswith(text[leaf.end :])
        found = find(parse_yaml(after, "shop.yaml"), path)
        assert found is not None
        assert plain(found) == value


class TestWordsThatComeAndGo:
    @settings(max_examples=200, deadline=None)
    @given(data=st.data(), text=texts)
    def test_a_word_that_is_added(self, data: st.DataObject, text: str) -> None:
        """Nothing that stood there goes: taking the new word away by hand gives the old bytes back."""
        path, parent = data.draw(st.sampled_from([(p, e) for p, e in parents(TREES[text]) if p]))
        at = f"{path} > new word"
        after = edited(text, {at: "4 lots"})
        assert said_of(parse_yaml(after, "shop.yaml")) == said_of(TREES[text]) | {at: "4 lots"}
        start = after.index("new word: 4 lots")
        before, behind = after[:start], after[start + len("new word: 4 lots") :]
        if parent.flow:
            assert before.removesuffix(", ") + behind == text
        else:
            assert before.rstrip(" ").removesuffix("\n").removesuffix("\r") + behind == text

    @settings(max_examples=200, deadline=None)
    @given(data=st.data(), text=texts)
    def test_a_word_that_is_taken_away(self, data: st.DataObject, text: str) -> None:
        """The others stay, with their order and the remarks beside them."""
        path, leaf = data.draw(
            st.sampled_from([(p, e) for p, e in leaves(TREES[text]) if not p.rpartition(" > ")[2].isdigit()])
        )
        after = edited(text, {path: None})
        kept = said_of(TREES[text])
        del kept[path]
        assert said_of(parse_yaml(after, "shop.yaml")) == kept
        line = text.count("\n", 0, leaf.start)
        lines, left = text.split("\n"), after.split("\n")
        assert left[:line] == lines[:line]
        assert left[line + 1 - (len(lines) - len(left)) :] == lines[line + 1 :]

    def test_a_whole_section(self) -> None:
        after = edited(SHOP, {"materials": None})
        assert after == SHOP.replace("materials:\n  bar: {price: 2 USD/kg}\n  bearing: {price: 9 USD}\n", "")

    def test_what_is_not_there_cannot_be_taken_away(self) -> None:
        assert edited(SHOP, {"work centers > saw > buffer": None}) == SHOP

    def test_a_path_that_leads_nowhere(self) -> None:
        with pytest.raises(PlantError, match="there is no '9' to change here"):
            edited(SHOP, {"products > bracket > routing > 9 > time": "1 min"})
        with pytest.raises(PlantError, match="stands where keys would have to"):
            edited(SHOP, {"currency > code": "EUR"})


NOTED = """\
# Our shop, as of spring.
plant: Small shop   # two steps

work centers:

  # the old one
  saw:   {machines: 1,    buffer: 4 lots}     # to be replaced
  mill:
    machines: 2       # alike

    setup: 25 min     # measured


products:
  bracket:
    release: saturated
    routing:
      # first
      - cut:  {at: saw,  time: "2 min"}
      - mill: {at: mill, time: 4 min}   # last
"""


class TestRemarksAndBlankLines:
    @pytest.mark.parametrize("ends", ["\n", "\r\n"])
    @pytest.mark.parametrize(
        ("edits", "old", "new"),
        [
            ({"work centers > saw > machines": 2}, "{machines: 1,    buffer", "{machines: 2,    buffer"),
            ({"work centers > saw > buffer": "6 lots"}, "buffer: 4 lots}     #", "buffer: 6 lots}     #"),
            ({"work centers > mill > machines": 3}, "machines: 2       #", "machines: 3       #"),
            ({"work centers > mill > setup": {"default": "9 min"}}, "setup: 25 min     #", "setup: {default: 9 min}     #"),
            ({"work centers > mill > buffer": "4 lots"}, "setup: 25 min     # measured\n", "setup: 25 min     # measured\n    buffer: 4 lots\n"),
            ({"work centers > saw > price": "85 kUSD"}, "buffer: 4 lots}", "buffer: 4 lots, price: 85 kUSD}"),
            ({"products > bracket > routing > cut > time": "3 min"}, 'time: "2 min"}', "time: 3 min}"),
            ({"products > bracket > routing > mill > yield": "97 %"}, "time: 4 min}", "time: 4 min, yield: 97 %}"),
            ({"work centers > saw > buffer": None}, "{machines: 1,    buffer: 4 lots}", "{machines: 1}"),
            ({"work centers > mill > machines": None}, "    machines: 2       # alike\n", ""),
            ({"products > bracket > lot": "20 pieces"}, "time: 4 min}   # last\n", "time: 4 min}   # last\n    lot: 20 pieces\n"),
        ],
    )  # fmt: skip
    def test_nothing_else_moves(self, ends: str, edits: dict[str, Any], old: str, new: str) -> None:
        text = NOTED.replace("\n", ends)
        old, new = old.replace("\n", ends), new.replace("\n", ends)
        assert text.count(old) == 1
        assert edited(text, edits) == text.replace(old, new)


MOVES: list[dict[str, Any]] = [
    {"work centers > saw > machines": 2},
    {"work centers > saw > setup": "12 min", "work centers > mill > buffer": "3 lots"},
    {"work centers > mill > failures": [{"every": "exponential 40 h", "repair": "lognormal 1.5 h cv 0.8"}]},
    {"people > Ana > skills": {"sawing": 3, "fitting": 2}},
    {"people > Ana > skills > fitting": 2},
    {"people > new": {"count": 2, "shift": "day", "skills": {"sawing": 2}}},
    {"shifts > day > breaks": []},
    {
        "shifts > late": {"days": "Mon-Fri", "from": "15:00", "to": "23:00"},
        "work centers > saw > shift": ["day", "late"],
    },
    {"products > bracket > release": {"conwip": "6 lots"}},
    {"products > bracket > routing > cut > yield": "95 %", "products > bracket > lot": "10 pieces"},
    {"products > bracket > routing > cut > staff": None},
    {"products > bracket > family": None, "materials": None},
]


@pytest.mark.parametrize("edits", MOVES, ids=lambda edits: ", ".join(edits))
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_file_reads_as_the_changed_plant(tmp_path: Path, edits: dict[str, Any], ends: str) -> None:
    path = tmp_path / "shop.yaml"
    path.write_bytes(SHOP.replace("\n", ends).encode())
    plant = read_plant(path)
    save_plant(plant, tmp_path / "better.yaml", edits)
    assert same(read_plant(tmp_path / "better.yaml"), changed(plant, edits))
    assert path.read_bytes() == SHOP.replace("\n", ends).encode()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le"])
def test_an_edit_keeps_the_encoding(tmp_path: Path, encoding: str) -> None:
    def bytes_of(text: str) -> bytes:
        return (("\ufeff" if encoding in ("utf-16-be", "utf-16-le") else "") + text).encode(encoding)

    (tmp_path / "shop.yaml").write_bytes(bytes_of(SHOP.replace("Small", "Größe")))
    plant = read_plant(tmp_path / "shop.yaml")
    save_plant(plant, tmp_path / "shop.yaml", {"plant": "Größer", "products > axle > routing > turn > time": "13 min"})
    assert (tmp_path / "shop.yaml").read_bytes() == bytes_of(
        SHOP.replace("Small shop", "Größer").replace("12 min", "13 min")
    )


def same(one: Plant, other: Plant) -> bool:
    return dataclasses.replace(one, document=None) == dataclasses.replace(other, document=None)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(EXAMPLES)), times=st.integers(1, 3))
def test_edits_of_the_examples(data: st.DataObject, name: str, times: int) -> None:
    """Any number of the examples changed a little: the plant of the new text is the changed plant."""
    text = EXAMPLES[name]
    plant = read(text)
    numbers = [
        (path, leaf)
        for path, leaf in leaves(parse_yaml(text, name))
        if leaf.text[:1].isdigit() and not leaf.text.startswith("0") and ":" not in leaf.text
    ]
    edits: dict[str, Any] = {}
    for path, leaf in data.draw(
        st.lists(st.sampled_from(numbers), min_size=times, max_size=times, unique_by=lambda pair: pair[0])
    ):
        digits = len(leaf.text) - len(leaf.text.lstrip("0123456789"))
        edits[path] = f"{data.draw(st.integers(1, 9))}{leaf.text[1:digits]}{leaf.text[digits:]}"
    try:
        expected = changed(plant, edits)
    except PlantError:
        assume(False)
    assert same(read(edited(text, edits)), expected)


class TestSaving:
    def test_without_an_edit_it_is_the_same_bytes(self, tmp_path: Path) -> None:
        for content in (SHOP.encode(), SHOP.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + SHOP.encode(), SHOP.encode("utf-16"),
                        b"\xfe\xff" + SHOP.encode("utf-16-be"), NOTED.encode()):  # fmt: skip
            path = tmp_path / "shop.yaml"
            path.write_bytes(content)
            save_plant(read_plant(path), tmp_path / "copy.yaml")
            assert (tmp_path / "copy.yaml").read_bytes() == content

    def test_files_beside_it_go_with_it_as_they_are(self, tmp_path: Path) -> None:
        orders = ("\ufeff" + FILES["orders_csv"].replace("\n", "\r\n")).encode()
        (tmp_path / "orders.csv").write_bytes(orders)
        (tmp_path / "shop.yaml").write_text(shop(of_bracket("release: {orders: orders.csv}")))
        plant = read_plant(tmp_path / "shop.yaml")
        written = (tmp_path / "orders.csv").stat().st_mtime_ns
        save_plant(plant, tmp_path / "better.yaml", {"work centers > saw > machines": 2})
        assert (tmp_path / "orders.csv").read_bytes() == orders
        assert (tmp_path / "orders.csv").stat().st_mtime_ns == written, "a file that need not change is not written"
        (tmp_path / "elsewhere").mkdir()
        save_plant(plant, tmp_path / "elsewhere" / "better.yaml")
        assert same(read_plant(tmp_path / "elsewhere" / "better.yaml"), plant)

    def test_a_workbook_becomes_a_plant_file(self, tmp_path: Path) -> None:
        from plantwright.plant.workbook import write_workbook

        write_workbook(tmp_path / "shop.xlsx")
        plant = read_plant(tmp_path / "shop.xlsx")
        save_plant(plant, tmp_path / "shop.yaml")
        assert same(read_plant(tmp_path / "shop.yaml"), plant)
        assert "routing:\n      - turn: {at: lathe, " in plant_text(plant)

    def test_nothing_is_left_where_nothing_can_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import os

        path = tmp_path / "shop.yaml"
        path.write_text(SHOP)

        def no_room(source: str, target: str) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", no_room)
        with pytest.raises(OSError, match="No space"):
            save_plant(read_plant(path), path, {"work centers > saw > machines": 2})
        assert path.read_text() == SHOP
        assert [found.name for found in tmp_path.iterdir()] == ["shop.yaml"]

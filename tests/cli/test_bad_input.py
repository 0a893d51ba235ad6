"""Bad input through the command line: read rightly, or one clear error for each thing that is wrong, and exit code 2."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Plantwright
from tests.plant.shop import SHOP, shop
from tests.plant.test_every_word import at_cut, at_saw, of_bracket, time_of

Written = Callable[..., Path]

CONTENT = [
    # the file with one thing wrong, and the whole line that tells it
    ("a wrong unit", time_of("2 kg/piece"),
     "shop.yaml:22  products > bracket > routing > cut > time: 'kg' is a unit of mass, but a duration is wanted, such as '45 min' [PW1221]"),
    ("a negative time", time_of("-2 min/piece"), "shop.yaml:22  products > bracket > routing > cut > time: '-2 min' is below zero [PW1221]"),
    ("a routing to a work center that is not there", "at: saw -> at: sww",
     "shop.yaml:22  products > bracket > routing > cut > at: unknown work center 'sww'; there is saw, mill, bench (did you mean 'saw'?) [PW1246]"),
    ("a skill that nobody has", at_cut("staff: [{skill: sawin}]"),
     "shop.yaml:22  products > bracket > routing > cut > staff: nobody has the skill 'sawin' (did you mean 'sawing'?) [PW1242]"),
    ("a yield over 100 %", at_cut("yield: 103 %"), "shop.yaml:22  products > bracket > routing > cut > yield: '103 %' must not be over 100 % [PW1222]"),
    ("a shift of zero length", 'to: "15:00" -> to: "07:00"', "shop.yaml:5  shifts > day: a shift whose from and to are the same: it has no length [PW1226]"),
    ("a key given twice", "currency: USD -> currency: USD\ncurrency: EUR", "shop.yaml:4  currency: 'currency' is given twice (first in line 3); keep one [PW1210]"),
    ("a name given twice", "  mill: {machines: 2 ->   saw: {machines: 2}\n  mill: {machines: 2",
     "shop.yaml:11  work centers > saw: 'saw' is given twice (first in line 10); keep one [PW1210]"),
    ("a tab", "  saw: -> \tsaw:", "shop.yaml:10  a tab; YAML is indented with spaces [PW1204]"),
    ("a distribution with commas", time_of("triangular(3, 4, 7) min/piece"),
     "shop.yaml:22  products > bracket > routing > cut > time: 'triangular(3, 4, 7) min' has a comma; distributions are written without: "
     "'triangular 50..60..80 min' [PW1221]"),
    ("a decimal comma", time_of("2,5 min/piece"),
     "shop.yaml:22  products > bracket > routing > cut > time: '2,5 min' has a comma in its number; write a point for decimals and nothing for thousands [PW1221]"),
    ("a plain number where a unit is needed", at_saw("setup: 25"), "shop.yaml:10  work centers > saw > setup: '25' needs a unit of duration, such as '45 min' [PW1221]"),
    ("an unknown key", at_saw("bufer: 4 lots"), "shop.yaml:10  work centers > saw > bufer: unknown word 'bufer' (did you mean 'buffer'?) [PW1224]"),
    ("a tag", "Small shop -> !!python/name:os.system hacked", "tags (tag:yaml.org,2002:python/name:os.system) are not used here"),
    ("a second document", "+---\nplant: other", "shop.yaml:30  a second document (---); a plant file holds one [PW1209]"),
    ("a key that is a list", "+? [a, b]\n: c", "shop.yaml:30  a key must be a plain word [PW1205]"),
    ("a colon too many", "Small shop -> Small: shop", "shop.yaml:2  not YAML: mapping values are not allowed in this context; a value with a colon"),
    ("an open brace", "bar: {price: 2 USD/kg} -> bar: {price: 2 USD/kg", "not YAML: did not find expected ',' or '}'; a brace or bracket is not closed"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "line"), [pytest.param(*rest, id=name) for name, *rest in CONTENT])
def test_one_thing_wrong(plantwright: Plantwright, written: Written, change: str, line: str) -> None:
    told = plantwright("check", written(shop(change)))
    assert told.code == 2
    assert told.out == ""
    assert len(told.lines) == 1, told.err
    assert line in told.lines[0]


@pytest.mark.parametrize("command", ["check", "simulate", "improve"])
def test_every_command_refuses_it_alike(plantwright: Plantwright, written: Written, command: str) -> None:
    told = plantwright(command, written(shop("at: saw -> at: swa", time_of("2 kg/piece"))))
    assert told.code == 2
    assert [line.partition("  ")[0] for line in told.lines] == ["shop.yaml:22", "shop.yaml:22"]


def test_all_that_is_wrong_at_once(plantwright: Plantwright, written: Written) -> None:
    text = shop(
        "currency: USD -> currency: USD\ncurrency: EUR",
        "days: Mon-Fri -> days: Mon-Fry",
        "at: saw -> at: swa",
        at_saw("setup: 25"),
    )
    told = plantwright("check", written(text))
    assert told.code == 2
    assert [line.partition(":")[2].partition(" ")[0] for line in told.lines] == ["4", "6", "11", "23"]


def test_a_flood_is_counted(plantwright: Plantwright, written: Written) -> None:
    told = plantwright("check", written(SHOP + "".join(f"word{number}: 1\n" for number in range(300))))
    assert told.code == 2
    assert told.lines[-1] == "... and 100 more"
    assert len(told.lines) == 201


FILES: list[tuple[str, str | bytes, str]] = [
    ("random bytes", bytes(range(128, 256)) * 10, "shop.yaml  is not text in UTF-8 (byte 0); save it as UTF-8 [PW1202]"),
    ("Latin-1", SHOP.replace("Small", "Größe").encode("latin-1"), "is not text in UTF-8"),
    ("a NUL", SHOP.replace("Small", "Sm\0all"), "shop.yaml  is not a text file [PW1202]"),
    ("UTF-16 without its mark", SHOP.encode("utf-16-le"), "shop.yaml  is not a text file [PW1202]"),
    ("half of a UTF-16 sign", SHOP.encode("utf-16") + b"\x00", "is not text in UTF-16"),
    ("nothing", "", "shop.yaml  is empty; 'plantwright new' starts a plant file [PW1205]"),
    ("blank lines", "\n \n", "shop.yaml  is empty"),
    ("a remark alone", "# my shop\n", "shop.yaml:1  a plant file is keys with values, such as 'plant: My plant' [PW1205]"),
    ("a list", "- a\n- b\n", "shop.yaml:1  a plant file is keys with values"),
    ("a word", "hello\n", "shop.yaml:1  a plant file is keys with values"),
    ("a number", "42\n", "shop.yaml:1  a plant file is keys with values"),
    ("brackets a hundred thousand deep", "plant: " + "[" * 100_000 + "]" * 100_000, "shop.yaml:1  "),
    ("braces five thousand deep", "plant: " + "{a: " * 5_000 + "}" * 5_000, "shop.yaml:1  nested too deep [PW1208]"),
    ("indented forty deep", "".join(f"{' ' * depth}a{depth}:\n" for depth in range(40)), "nested too deep [PW1208]"),
    ("millions of values", "plant: [" + "x," * 1_200_000 + "]", "shop.yaml:1  too many values [PW1208]"),
    ("aliases", "a: &a [x]\nplant: *a\n",
     "shop.yaml:2  plant: anchors and aliases (& and *) are not used here; write the value out [PW1206]"),
    ("nine times nine laughs", "a0: &a0 [ha]\n" + "".join(f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 12)),
     "shop.yaml:2  a1 > 9: anchors and aliases"),
    ("two thousand aliases", "a: &a x\nplant: [" + "*a, " * 2_000 + "]\n", "more"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "line"), [pytest.param(*rest, id=name) for name, *rest in FILES])
def test_a_file_that_is_no_plant(plantwright: Plantwright, written: Written, content: str | bytes, line: str) -> None:
    told = plantwright("check", written(content))
    assert told.code == 2
    assert told.out == ""
    assert any(line in said for said in told.lines), told.err[:2000]


class TestReadRightly:
    """What looks odd and is sound."""

    @pytest.mark.parametrize(
        "content",
        [
            pytest.param(SHOP.replace("\n", "\r\n").encode(), id="Windows line ends"),
            pytest.param(b"\xef\xbb\xbf" + SHOP.encode(), id="a byte order mark"),
            pytest.param(SHOP.encode("utf-16"), id="UTF-16 with its mark"),
            pytest.param(SHOP.rstrip("\n").encode(), id="no line end at the end"),
            pytest.param(SHOP.replace("Small shop", "Größe 小さな工場 🏭").encode(), id="names in any script"),
            pytest.param(b"%YAML 1.2\n---\n" + SHOP.encode(), id="a YAML heading"),
            pytest.param(
                SHOP.replace("plant: Small shop", "plant:   Small shop   # ours").encode(), id="spaces and remarks"
            ),
        ],
    )
    def test_the_same_plant(self, plantwright: Plantwright, written: Written, content: bytes) -> None:
        told = plantwright("check", written(content))
        assert told.code == 0, told.err
        assert "3 work centers with 4 machines, 4 people, 2 products, 4 operations." in told.out

    def test_a_table_with_semicolons_and_decimal_commas(self, plantwright: Plantwright, written: Written) -> None:
        """As Excel writes it in half of Europe: dates with points and the day first."""
        written(
            "order;product;release;quantity;due;priority\n"
            "A1;bracket;05.01.2026 07:00;12,5;16.01.2026;1,5\n"
            "B1;axle, long;2026-01-06 08:00;3;;\n".encode("utf-8-sig"),
            "orders.csv",
        )
        text = shop(of_bracket("release: {orders: orders.csv}"), "  axle: ->   axle, long:",
                    "    family: LFP ->     release: {orders: orders.csv}\n    family: LFP")  # fmt: skip
        told = plantwright("check", written(text))
        assert told.code == 0, told.err

        from datetime import datetime

        from plantwright.plant import read_plant

        products = read_plant(written(text)).products
        (order,) = products["bracket"].releases[0].orders
        assert (order.quantity, order.priority) == (12.5, 1.5)
        assert (order.release, order.due) == (datetime(2026, 1, 5, 7), datetime(2026, 1, 16))
        assert [order.quantity for order in products["axle, long"].releases[0].orders] == [3]

    def test_times_with_decimal_commas(self, plantwright: Plantwright, written: Written) -> None:
        written("sep=;\ncoat;note\n1,5 min;slow, but good\n2,25 min;\n", "times.csv")
        told = plantwright("check", written(shop(time_of("empirical times.csv:coat/lot"))))
        assert told.code == 0, told.err


def sparse(path: Path) -> None:
    """Fifty megabytes that take no room on the disk."""
    path.touch()
    os.truncate(path, 50_000_000)


class TestTooLarge:
    def test_fifty_megabytes_are_refused_before_they_are_read(
        self, plantwright: Plantwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("shop.yaml", "shop.xlsx"):
            sparse(tmp_path / name)
        monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("it was read"))
        monkeypatch.setattr(zipfile, "ZipFile", lambda *args: pytest.fail("it was read"))
        for name in ("shop.yaml", "shop.xlsx"):
            told = plantwright("check", tmp_path / name)
            assert told.code == 2
            assert told.lines == [f"{name}  is 50 MB; at most 10 MB are read [PW1201]"]

    def test_so_is_a_file_beside_it(self, plantwright: Plantwright, written: Written, tmp_path: Path) -> None:
        sparse(tmp_path / "orders.csv")
        told = plantwright("check", written(shop(of_bracket("release: {orders: orders.csv}"))))
        assert told.code == 2
        assert told.lines == [
            "shop.yaml:19  products > bracket > release > orders: 'orders.csv' is 50 MB; at most 10 MB are read [PW1201]"
        ]


class TestFilesBeside:
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("/etc/passwd", "leads out of the plant's folder; a file beside it is named by its path inside"),
            ("../orders.csv", "leads out of the plant's folder"),
            ("lists/../../orders.csv", "leads out of the plant's folder"),
            ("..\\orders.csv", "leads out of the plant's folder"),
            ("C:\\orders.csv", "leads out of the plant's folder"),
            ("C:orders.csv", "leads out of the plant's folder"),
            ("link.csv", "is a link out of the plant's folder"),
            ("lists", "is not in the plant's folder"),
            ("order.csv", "is not in the plant's folder (did you mean 'orders.csv'?)"),
            ("x" * 5000 + ".csv", "is not in the plant's folder"),
        ],
    )
    def test_only_its_own_folder_is_read(
        self, plantwright: Plantwright, written: Written, tmp_path: Path, name: str, reason: str
    ) -> None:
        outside = written("order,release,quantity\nA,2026-01-05,5\n", "orders.csv")
        folder = tmp_path / "plant"
        (folder / "lists").mkdir(parents=True)
        (folder / "orders.csv").write_text("order,release,quantity\nA,2026-01-05,5\n")
        if name == "link.csv":
            try:
                (folder / name).symlink_to(outside)
            except OSError:
                pytest.skip("this system lets nobody make links")
        path = folder / "shop.yaml"
        path.write_text(shop(of_bracket(f"release: {{orders: '{name}'}}")))
        told = plantwright("check", path)
        assert told.code == 2
        assert len(told.lines) == 1
        assert told.lines[0].startswith("shop.yaml:19  products > bracket > release > orders: ")
        assert reason in told.lines[0]

    def test_a_link_to_a_file_in_the_folder_is_read(
        self, plantwright: Plantwright, written: Written, tmp_path: Path
    ) -> None:
        inside = written("order,release,quantity\nA,2026-01-05,5\n", "lists/orders.csv")
        try:
            (tmp_path / "link.csv").symlink_to(inside)
        except OSError:
            pytest.skip("this system lets nobody make links")
        assert plantwright("check", written(shop(of_bracket("release: {orders: link.csv}")))).code == 0
        assert plantwright("check", written(shop(of_bracket("release: {orders: 'lists\\orders.csv'}")))).code == 0

    def test_every_wrong_row_of_a_table_at_its_line(self, plantwright: Plantwright, written: Written) -> None:
        written(
            "order,product,release,quantity,due,priority\n"
            "A1,bracket,2026-01-05,40,,\n"
            "A2,bracket,5th of May,40,,\n"
            "A3,bracket,2026-01-05,-4,,\n"
            "A4,bracket,2026-01-05,,,\n"
            "A5,bracket,2026-01-05,4,soon,\n"
            "A6,bracket,2026-01-05,4,,high\n",
            "orders.csv",
        )
        told = plantwright("check", written(shop(of_bracket("release: {orders: orders.csv}"))))
        assert told.code == 2
        assert [line.partition("  ")[0] for line in told.lines] == [f"orders.csv:{number}" for number in range(3, 8)]
        for line, word in zip(told.lines, ("5th of May", "-4", "quantity missing", "soon", "high"), strict=True):
            assert word in line
            assert "products > bracket > release > orders" in line

    def test_a_column_that_is_called_otherwise(self, plantwright: Plantwright, written: Written) -> None:
        written("order,release,quantiy\nA1,2026-01-05,40\n", "orders.csv")
        told = plantwright("check", written(shop(of_bracket("release: {orders: orders.csv}"))))
        assert told.lines == [
            "orders.csv:1  products > bracket > release > orders: there is no column 'quantity'; there is order, release, quantiy "
            "(did you mean 'quantiy'?) [PW1225]"
        ]

    def test_every_wrong_cell_of_a_routing_at_its_line(self, plantwright: Plantwright, written: Written) -> None:
        written(
            'step,at,time,yeld\nface,bnch,3 min,\nbore,bench,3 kg,\n,bench,3 min,\npack,bench,"{inter",\n',
            "routes/axle.csv",
        )
        told = plantwright(
            "check", written(shop("routing:\n      - turn: {at: bench, time: 12 min} -> routing: routes/axle.csv"))
        )
        assert told.code == 2
        said = "\n".join(told.lines)
        assert "routes/axle.csv:1  products > axle > routing: unknown column 'yeld' (did you mean 'yield'?)" in said
        assert "routes/axle.csv:2  products > axle > routing > face > at: unknown work center 'bnch'" in said
        assert "routes/axle.csv:3  products > axle > routing > bore > time: 'kg' is a unit of mass" in said
        assert "routes/axle.csv:4  products > axle > routing: the step has no name" in said
        assert "routes/axle.csv:5  products > axle > routing: not YAML" in said

    def test_a_routing_given_in_both_places(self, plantwright: Plantwright, written: Written) -> None:
        written("step,at,time\nface,bench,3 min\n", "routes/axle.csv")
        told = plantwright("check", written(shop("      - turn: ->       - routes/axle.csv\n      - turn:")))
        assert told.code == 2
        assert "a routing is given here or in a file, not in both" in told.err
        told = plantwright("check", written(shop("  axle: ->   axle:\n    routing: routes/axle.csv")))
        assert "'routing' is given twice" in told.err


class TestPaths:
    def test_a_folder(self, plantwright: Plantwright, tmp_path: Path) -> None:
        for name in ("shop.yaml", "shop.xlsx"):
            (tmp_path / name).mkdir()
            told = plantwright("check", tmp_path / name)
            assert told.code == 2
            assert told.lines[0].startswith(f"{name}  is a folder")

    def test_a_file_that_is_not_there(self, plantwright: Plantwright, written: Written, tmp_path: Path) -> None:
        written(SHOP)
        told = plantwright("check", tmp_path / "shpo.yaml")
        assert (told.code, told.lines) == (2, ["shpo.yaml  is not there (did you mean 'shop.yaml'?) [PW1200]"])
        told = plantwright("check", tmp_path / "shop.xlsx")
        assert (told.code, told.lines) == (2, ["shop.xlsx  is not there (did you mean 'shop.yaml'?) [PW1200]"])

    @pytest.mark.skipif(sys.platform == "win32", reason="pipes have no names there")
    def test_a_pipe_is_not_waited_for(self, plantwright: Plantwright, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "shop.yaml")
        told = plantwright("check", tmp_path / "shop.yaml")
        assert (told.code, told.lines) == (2, ["shop.yaml  is not a file [PW1200]"])


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return buffer.getvalue()


class TestWorkbooksThatAreNone:
    def test_a_zip_bomb(self, plantwright: Plantwright, written: Written) -> None:
        bomb = zipped({"xl/worksheets/sheet1.xml": b"0" * 300_000_000})
        assert len(bomb) < 1_000_000
        told = plantwright("check", written(bomb, "shop.xlsx"))
        assert (told.code, told.lines) == (2, ["shop.xlsx  would unpack to 300 MB; it is not read [PW1303]"])

    def test_a_zip_that_lies_about_its_size(self, plantwright: Plantwright, written: Written) -> None:
        """The size that it tells is what is unpacked at most."""
        bomb = bytearray(zipped({"[Content_Types].xml": b"0" * 50_000_000}))
        at = bomb.rindex(b"PK\x01\x02") + 24
        bomb[at : at + 4] = (1000).to_bytes(4, "little")
        told = plantwright("check", written(bytes(bomb), "shop.xlsx"))
        assert told.code == 2
        assert "[PW1301]" in told.err

    def test_an_xml_bomb_inside(self, plantwright: Plantwright, written: Written) -> None:
        entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{k} "{f"&a{k - 1};" * 20}">' for k in range(1, 12))
        types = f"<?xml version='1.0'?><!DOCTYPE x [{entities}]><Types>&a11;</Types>"
        told = plantwright("check", written(zipped({"[Content_Types].xml": types.encode()}), "shop.xlsx"))
        assert told.code == 2
        assert "[PW1301]" in told.err

    @pytest.mark.parametrize(
        "content", [b"", b"PK\x03\x04 cut off", SHOP.encode(), zipped({}), zipped({"a.txt": b"hello"})]
    )
    def test_what_is_no_workbook(self, plantwright: Plantwright, written: Written, content: bytes) -> None:
        told = plantwright("check", written(content, "shop.xlsx"))
        assert told.code == 2
        assert "[PW1301]" in told.err

    def test_an_old_kind_of_workbook(self, plantwright: Plantwright, written: Written) -> None:
        told = plantwright("check", written(b"\xd0\xcf\x11\xe0", "shop.xls"))
        assert (told.code, told.lines) == (2, ["shop.xls  .xls is not read; save it as .xlsx [PW1301]"])


def test_a_time_limit_in_which_nothing_is_simulated_says_so(plantwright: Plantwright, written: Written) -> None:
    told = plantwright("improve", written(shop()), "--time-limit", "1us", "--horizon", "900d", "--warmup", "0d")
    assert (told.code, told.out) == (130, "")
    assert told.lines == [
        "Stopped: in 0.000001 s the plant as it is was not simulated; give it more time, or a shorter horizon."
    ]

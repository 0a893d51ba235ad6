"""check, new and schema: what is in a plant, what was assumed, how one is started."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
import yaml

from plantwright.plant import explain, read_plant
from plantwright.plant.templates import template_names
from tests.cli.conftest import Plantwright
from tests.plant.shop import SHOP, shop
from tests.plant.test_every_word import at_cut, at_saw, of_bracket, time_of

Written = Callable[..., Path]
EXAMPLES = Path(__file__).parents[2] / "examples"


class TestCheck:
    def test_a_sound_plant_in_three_lines(self, plantwright: Plantwright, written: Written) -> None:
        told = plantwright("check", written(SHOP))
        assert told.code == 0
        assert told.err == ""
        name, counted, taken = told.out.splitlines()
        assert name == "Small shop: sound."
        assert counted == "3 work centers with 4 machines, 4 people, 2 products, 4 operations."
        assert re.fullmatch(r"\d+ defaults of \d+ kinds taken, 0 guesses \(--explain lists them\)\.", taken)

    def test_nothing_is_passed_over(self, plantwright: Plantwright, written: Written) -> None:
        written("order\nA1\n", "order.csv")
        text = shop(
            at_cut("yield: uniform 95..99 %"), at_saw("sequence: order.csv"), "+tools: {die: {count: 2}}",
            "+limits: {hires: 2 people/y, overtime: 4 h/wk}", "+money: {discount: 12 %}",
            "+moves: {faster machine: {cost: 5 kUSD, not with: [x]}, x: {set: {rule: SPT}}}",
        )  # fmt: skip
        told = plantwright("check", written(text))
        assert told.code == 0, told.err
        assert "Not simulated" not in told.out

    def test_explain_prints_every_kind_of_default_with_its_first_path_value_reason_and_how_many(
        self, plantwright: Plantwright
    ) -> None:
        path = EXAMPLES / "pouch-cell-pilot.yaml"
        told = plantwright("check", path, "--explain")
        assert told.code == 0
        defaults = explain(read_plant(path))
        listed = told.out.partition("Defaults, taken where the file says nothing:")[2].splitlines()[1:]
        counted = [int(more[1]) if (more := re.search(r", and (\d+) more like it$", line)) else 0 for line in listed]
        assert sum(counted) + len(listed) == len(defaults)
        assert len(listed) < len(defaults)
        opening = [re.sub(r", and \d+ more like it$", "", line) for line in listed]
        assert len(set(opening)) == len(opening)
        for default in defaults:
            assert default.why
            alike = [d for d in defaults if (d.value, d.why) == (default.value, default.why)]
            assert any(f"  {d.path}: {d.value}   ({d.why})" in opening for d in alike)
        unlimited = [d for d in defaults if d.path.startswith("work centers > ") and d.path.endswith(" > buffer")]
        first = f"  {unlimited[0].path}: unlimited   (lots can wait anywhere)"
        assert f"{first}, and {len(unlimited) - 1} more like it" in listed

    def test_json_holds_every_default(self, plantwright: Plantwright) -> None:
        path = EXAMPLES / "pouch-cell-pilot.yaml"
        told = plantwright("check", path, "--json").json["defaults"]
        assert told == [{"path": d.path, "value": d.value, "why": d.why} for d in explain(read_plant(path))]

    def test_explain_prints_every_guess_with_its_value(self, plantwright: Plantwright, written: Written) -> None:
        told = plantwright("check", written(shop(time_of("2 min/piece guess 1..3 min"))), "--explain")
        assert "  products > bracket > routing > cut > time: 2 min/piece guess 1..3 min" in told.out.splitlines()

    def test_what_is_given_is_no_default(self, plantwright: Plantwright, written: Written) -> None:
        before = plantwright("check", written(SHOP), "--explain").out.splitlines()
        after = plantwright("check", written(shop(at_saw("buffer: 4 lots"))), "--explain").out.splitlines()
        # Saw, mill and bench have no limit; then the saw has one.
        unlimited = "buffer: unlimited   (lots can wait anywhere), and"
        assert set(before) - set(after) == {f"  work centers > saw > {unlimited} 2 more like it"}
        assert set(after) - set(before) == {f"  work centers > mill > {unlimited} 1 more like it"}

    def test_json_of_a_sound_plant(self, plantwright: Plantwright, written: Written) -> None:
        told = plantwright("check", written(shop(time_of("2 min/piece guess"))), "--json")
        document = told.json
        assert (told.code, told.err) == (0, "")
        assert document["schema"] == "plantwright.check/1"
        assert document["sound"] is True
        assert re.fullmatch(r"[0-9a-f]{64}", document["plant"])
        counted = {word: document[word] for word in ("work centers", "machines", "people", "products", "operations")}
        assert counted == {"work centers": 3, "machines": 4, "people": 4, "products": 2, "operations": 4}
        assert document["guesses"] == ["products > bracket > routing > cut > time"]
        assert {"path": "time zone", "value": "UTC", "why": "no summer time"} in document["defaults"]
        assert document["problems"] == []

    def test_json_of_a_wrong_plant(self, plantwright: Plantwright, written: Written) -> None:
        told = plantwright("check", written(shop("at: saw -> at: swa", at_saw("buffer: 4"))), "--json")
        assert (told.code, told.err) == (2, "")
        assert told.json["sound"] is False
        assert told.json["problems"] == [
            {"code": "PW1221", "file": "shop.yaml", "line": 10, "column": 42, "sheet": None, "cell": None,
             "path": "work centers > saw > buffer", "value": "4", "suggestion": None,
             "reason": "'4' does not say of what; write '4 lots' or '4 pieces'"},
            {"code": "PW1246", "file": "shop.yaml", "line": 22, "column": 19, "sheet": None, "cell": None,
             "path": "products > bracket > routing > cut > at", "value": "swa", "suggestion": "saw",
             "reason": "unknown work center 'swa'; there is saw, mill, bench"},
        ]  # fmt: skip

    def test_a_remark_does_not_change_the_fingerprint_and_a_value_does(
        self, plantwright: Plantwright, written: Written
    ) -> None:
        written("order,product,release,quantity\nA1,bracket,2026-01-05,40\n", "orders.csv")
        text = shop(of_bracket("release: {orders: orders.csv}"))
        first = plantwright("check", written(text), "--json").json["plant"]
        assert plantwright("check", written("# ours\n" + text), "--json").json["plant"] == first
        assert plantwright("check", written(text.replace("12 min", "13 min")), "--json").json["plant"] != first
        written("order,product,release,quantity\nA1,bracket,2026-01-05,41\n", "orders.csv")
        assert plantwright("check", written(text), "--json").json["plant"] != first


class TestNew:
    def test_a_plant_file_that_is_sound(self, plantwright: Plantwright, tmp_path: Path) -> None:
        told = plantwright("new", tmp_path / "shop.yaml")
        assert told.code == 0
        assert "Next: plantwright check" in told.out
        assert plantwright("check", tmp_path / "shop.yaml").code == 0

    @pytest.mark.parametrize("template", template_names())
    def test_every_template(self, plantwright: Plantwright, tmp_path: Path, template: str) -> None:
        path = tmp_path / "line.yaml"
        assert plantwright("new", path, "--template", template).code == 0
        assert plantwright("check", path).code == 0
        if template != "blank":
            assert path.read_bytes() == (EXAMPLES / f"{template}.yaml").read_bytes()

    def test_list(self, plantwright: Plantwright) -> None:
        told = plantwright("new", "--list")
        assert told.out.split() == ["blank", "electronics-assembly", "pouch-cell-pilot", "weaving-dyeing-mill"]

    def test_nothing_is_overwritten(self, plantwright: Plantwright, written: Written) -> None:
        for name in ("shop.yaml", "shop.xlsx"):
            path = written("mine", name)
            told = plantwright("new", path)
            assert told.code == 2
            assert "is there already; choose another name" in told.err
            assert path.read_text() == "mine"

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            (["shop.txt"], "a plant is a .yaml file or a .xlsx workbook"),
            (["shop"], "a plant is a .yaml file or a .xlsx workbook"),
            (["nowhere/shop.yaml"], "the folder"),
            (["shop.yaml", "--template", "pouch"], "no template 'pouch'; there is blank, electronics-assembly"),
            (["shop.yaml", "--template", "pouch"], "(did you mean 'pouch-cell-pilot'?)"),
            (["shop.xlsx", "--template", "pouch-cell-pilot"], "a workbook has no templates"),
            ([], "Missing argument 'FILE', such as 'shop.yaml' or 'shop.xlsx'."),
        ],
    )
    def test_what_cannot_be(
        self,
        plantwright: Plantwright,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        arguments: list[str],
        reason: str,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        told = plantwright("new", *arguments)
        assert told.code == 2
        assert reason in told.err
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_is_no_file(self, plantwright: Plantwright, tmp_path: Path) -> None:
        told = plantwright("new", tmp_path)
        assert told.code == 2
        assert "is a folder; name the file in it, such as 'shop.yaml'" in told.err


class TestWorkbookEverywhere:
    """Every command that takes a plant takes the workbook."""

    @pytest.fixture
    def workbook(self, plantwright: Plantwright, tmp_path: Path) -> Path:
        path = tmp_path / "shop.xlsx"
        assert plantwright("new", path).code == 0
        return path

    def test_as_written_it_is_sound_and_says_that_it_is_an_example(
        self, plantwright: Plantwright, workbook: Path
    ) -> None:
        told = plantwright("check", workbook)
        assert told.code == 0, told.err
        assert told.out.startswith(
            "Shop (the grey examples): sound.\n3 work centers with 4 machines, 3 people, 2 products, 5 operations."
        )
        assert "Not simulated" not in told.out

    def test_as_written_it_simulates(self, plantwright: Plantwright, workbook: Path) -> None:
        """Two orders a week, of 140 and 130 pieces, less the scrap of 2 and 3 %: 52.7 pieces a working day at most."""
        told = plantwright("simulate", workbook, "--horizon", "84d", "--replications", "3", "--json")
        assert told.code == 0, told.err
        (made,) = [e for e in told.json["estimates"] if e["name"] == "throughput" and not e["of"]]
        assert 40 < made["mean"] < (140 * 0.98 + 130 * 0.97) / 5
        assert told.json["not simulated"] == []

    def test_it_becomes_a_plant_file(self, plantwright: Plantwright, workbook: Path, tmp_path: Path) -> None:
        told = plantwright("improve", workbook, "--replications", "2", "--horizon", "28d", "--family", "faster machine",
                           "--save-move", "1", tmp_path / "better.yaml")  # fmt: skip
        assert told.code == 0, told.err
        assert plantwright("check", tmp_path / "better.yaml").code == 0
        before, after = read_plant(workbook), read_plant(tmp_path / "better.yaml")
        assert after.work_centers.keys() == before.work_centers.keys()
        assert after.products["shaft"].releases == before.products["shaft"].releases
        assert after != before


class TestSchema:
    def test_it_is_what_an_editor_takes(self, plantwright: Plantwright, written: Written) -> None:
        told = plantwright("schema")
        assert told.code == 0
        schema = json.loads(told.out)
        jsonschema.Draft202012Validator.check_schema(schema)
        check = jsonschema.Draft202012Validator(schema)
        assert check.is_valid(yaml.load(SHOP, Loader=yaml.BaseLoader))
        assert not check.is_valid(yaml.load(shop("work centers: -> work centres:"), Loader=yaml.BaseLoader))

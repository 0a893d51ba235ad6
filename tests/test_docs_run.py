"""Every example of the documentation runs: its Python, its plant and collectors' files, its commands. What needs machines runs in
`tests/shopfloor/test_first_hour.py`.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.test_docs import PAGES, ROOT, named, refresh

pytestmark = pytest.mark.docs

QUICK = {
    "PLANTWRIGHT_IMPROVE_REPLICATIONS": "2",
    "PLANTWRIGHT_IMPROVE_HORIZON": "28d",
    "PLANTWRIGHT_IMPROVE_FAMILIES": "overtime yield",
    "PLANTWRIGHT_SIMULATE_REPLICATIONS": "2",
}
"""What the commands of the pages are run with, so that they take seconds; the pages' own options go before it."""


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(page, text, id=f"{named(page)}-{number}")
        for page in PAGES
        for number, text in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S), 1
        )
    ]


@pytest.mark.parametrize(("page", "code"), blocks("python"))
def test_python_runs(page: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, named(page), "exec"), {"__name__": "documentation"})


DEVICES = """<MTConnectDevices xmlns="urn:mtconnect.org:MTConnectDevices:1.3"><Devices><Device id="d" name="mill" uuid="u"><DataItems>
<DataItem category="EVENT" id="a" name="avail" type="AVAILABILITY"/></DataItems></Device></Devices></MTConnectDevices>"""


@pytest.mark.parametrize(("page", "text"), blocks("yaml"))
def test_plant_and_collectors_files_are_sound(page: Path, text: str, tmp_path: Path) -> None:
    from plantwright.plant import read_text
    from plantwright.shopfloor.config import parse_config
    from plantwright.shopfloor.virtual.scenario import parse_scenario

    for name, content in refresh.named_files(page.read_text("utf-8")):
        (tmp_path / name).write_text(content, "utf-8")
    (tmp_path / "Devices.xml").write_text(DEVICES)
    keys = set(re.findall(r"^([a-z -]+):", text, re.M))
    if {"cuts", "rubbish"} & keys:
        assert parse_scenario(text).changes
    elif {"sources", "machines", "history"} & keys:
        more = "" if "sources" in keys else "sources: {any: {connector: files, folder: drop}}\n"
        secrets = dict.fromkeys(re.findall(r"env: (\w+)", text), "sqlite:///any.db")
        assert parse_config(text + more, named(page), secrets, tmp_path).sources
    else:
        assert read_text(text, name=named(page), folder=tmp_path).name


def commands(page: Path) -> list[str]:
    found = re.findall(r"^```console\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)
    return [line.removeprefix("$ ") for block in found for line in block.splitlines() if line.startswith("$ ")]


@pytest.mark.parametrize("page", [pytest.param(page, id=named(page)) for page in PAGES if commands(page)])
def test_commands_run_in_the_order_of_the_page(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from plantwright.cli import main

    for name, value in QUICK.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    for name, content in refresh.named_files(page.read_text("utf-8")):
        Path(name).write_text(content, "utf-8")
    for command in commands(page):
        program, *arguments = shlex.split(command)
        assert program == "plantwright"
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        told = capsys.readouterr()
        assert stop.value.code == 0, f"{command}\n{told.err}"
        if "--json" in arguments or arguments[0] == "schema":
            json.loads(told.out)

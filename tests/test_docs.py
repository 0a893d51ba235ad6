"""Every Python block of the documentation runs, every plant file in it is sound, and every command in it is one."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

pytestmark = pytest.mark.docs


def blocks(language: str) -> list[tuple[str, str]]:
    found = []
    for page in PAGES:
        for number, text in enumerate(
            re.findall(rf"^```{language}\n(.*?)^```", page.read_text("utf-8"), re.M | re.S), 1
        ):
            found.append((f"{page.relative_to(ROOT)}-{number}", text))
    return found


@pytest.mark.parametrize(("name", "code"), blocks("python"), ids=lambda value: value if "\n" not in value else "")
def test_python_block(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    exec(compile(code, name, "exec"), {"__name__": "documentation"})


@pytest.mark.parametrize(("name", "text"), blocks("yaml"), ids=lambda value: value if "\n" not in value else "")
def test_plant_file_block(name: str, text: str) -> None:
    from plantwright.plant import read_text

    assert read_text(text, name=name).name


def test_commands_of_the_readme_exist() -> None:
    from plantwright.cli.main import _COMMANDS

    named = set(re.findall(r"^plantwright (\w+)", (ROOT / "README.md").read_text("utf-8"), re.M))
    assert named
    assert named <= set(_COMMANDS)


def test_links_between_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert os.path.exists(page.parent / target), f"{page.relative_to(ROOT)}: {target}"

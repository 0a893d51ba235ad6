"""The command line itself: help with examples, nearest words, completion, its version."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import plantwright as package
from plantwright.cli.main import _COMMANDS
from tests.cli.conftest import Plantwright


def test_version(plantwright: Plantwright) -> None:
    told = plantwright("--version")
    assert (told.code, told.out) == (0, f"plantwright, version {package.__version__}\n")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_names_every_command_and_begins_with_examples(plantwright: Plantwright, flag: str) -> None:
    told = plantwright(flag)
    assert told.code == 0
    assert "plantwright improve examples/pouch-cell-pilot.yaml" in told.out
    for name in _COMMANDS:
        assert f"\n  {name} " in told.out


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_help_of_every_command_has_examples(plantwright: Plantwright, name: str) -> None:
    told = plantwright(name, "--help")
    assert told.code == 0
    examples = [line for line in told.out.splitlines() if line.startswith(f"  plantwright {name}")]
    alone = told.out.startswith(f"Usage: plantwright {name} [OPTIONS]\n")  # then its usage is all that can be said
    assert examples or alone, told.out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["chek", "shop.yaml"], "No such command 'chek'. Did you mean 'check'?"),
        (["improv", "shop.yaml"], "No such command 'improv'. Did you mean 'improve'?"),
        (["frobnicate"], "No such command 'frobnicate'."),
        (["check", "--explian", "shop.yaml"], "No such option '--explian'. Did you mean '--explain'?"),
        (["simulate", "shop.yaml", "--horizn", "9d"], "No such option '--horizn'. Did you mean '--horizon'?"),
        (["new", "shop.yaml", "--templat", "blank"], "No such option '--templat'. Did you mean '--template'?"),
        (["check"], "Missing argument 'PLANT'"),
        (["check", "a.yaml", "b.yaml"], "Got unexpected extra argument"),
        (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    ],
)
def test_a_slip_gives_the_nearest_word(plantwright: Plantwright, arguments: list[str], hint: str) -> None:
    told = plantwright(*arguments)
    assert told.code == 2
    assert told.out == ""
    assert hint in told.err
    assert "--help' for help." in told.err


def test_without_a_command_it_shows_its_help(plantwright: Plantwright) -> None:
    told = plantwright()
    assert told.code == 2
    assert "improve" in told.err + told.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_a_script_that_the_shell_takes(plantwright: Plantwright, shell: str, tmp_path: Path) -> None:
    told = plantwright("completion", shell)
    assert told.code == 0
    assert "_PLANTWRIGHT_COMPLETE" in told.out
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "completion"
    script.write_text(told.out)
    subprocess.run([program, "-n", str(script)], check=True)


def completed(line: str) -> list[str]:
    """What bash would offer at the end of a line."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_PLANTWRIGHT_COMPLETE": "bash_complete"}
    code = "import sys; sys.argv[0] = 'plantwright'; from plantwright.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | asked, capture_output=True, text=True, check=False
    )
    return [offered.partition(",")[2] for offered in done.stdout.splitlines()]


def test_completion_offers_commands_options_and_templates() -> None:
    assert completed("plantwright ch") == ["check"]
    assert "--explain" in completed("plantwright check --e")
    assert completed("plantwright new shop.yaml --template po") == ["pouch-cell-pilot"]

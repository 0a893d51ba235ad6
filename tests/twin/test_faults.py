"""Faults planted in the engine: the twin finds each of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

import plantwright
from tests.twin.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
WHOLE = "PLANTWRIGHT_STUDIES" in os.environ
IN_CI = 6
"""Every so many faults are planted where studies are not run whole."""


@pytest.fixture(scope="session")
def copy_of_sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    copytree(Path(plantwright.__file__).parent, folder / "plantwright", ignore=ignore_patterns("__pycache__"))
    return folder


@pytest.mark.study
@pytest.mark.parametrize("fault", FAULTS if WHOLE else FAULTS[::IN_CI], ids=lambda fault: fault.name)
def test_the_twin_finds_a_planted_fault(fault: Fault, copy_of_sources: Path) -> None:
    file = copy_of_sources / "plantwright" / "simulation" / f"{fault.file}.py"
    source = file.read_text(encoding="utf-8")
    assert source.count(fault.old) == 1, f"{fault.old!r} does not stand once in {fault.file}.py"
    file.write_text(source.replace(fault.old, fault.new), encoding="utf-8")
    paths = os.pathsep.join([str(copy_of_sources), str(ROOT)])
    try:
        hunt = subprocess.run(
            [sys.executable, "-m", "tests.twin.hunt", *fault.features],
            env=os.environ | {"PYTHONPATH": paths, "NUMBA_DISABLE_JIT": "1"},
            cwd=copy_of_sources,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    finally:
        file.write_text(source, encoding="utf-8")
    assert hunt.returncode == 0, hunt.stdout + hunt.stderr


def test_there_are_enough_faults_of_many_kinds() -> None:
    assert len(FAULTS) >= 30
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert len({fault.file for fault in FAULTS}) >= 12


def test_each_fault_can_be_planted_in_one_place() -> None:
    """So that an edit of the engine which moves one of them is seen at once, not when the study is run whole."""
    folder = Path(plantwright.__file__).parent / "simulation"
    sources = {fault.file: (folder / f"{fault.file}.py").read_text(encoding="utf-8") for fault in FAULTS}
    assert [fault.name for fault in FAULTS if sources[fault.file].count(fault.old) != 1] == []

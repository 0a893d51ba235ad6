"""The command line as a person meets it: what is printed, where, and the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plantwright.cli import main


@dataclass(frozen=True)
class Told:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of what went wrong."""
        return self.err.splitlines()


Plantwright = Callable[..., Told]


@pytest.fixture
def plantwright(capfd: pytest.CaptureFixture[str]) -> Plantwright:
    """Runs a command line: ``plantwright("check", path)``."""

    def run(*arguments: str | Path) -> Told:
        capfd.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        code = stopped.value.code
        return Told(code if isinstance(code, int) else int(bool(code)), out, err)

    return run


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file into the plant's folder: text as UTF-8, or bytes as they are."""

    def write(content: str | bytes, name: str = "shop.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write

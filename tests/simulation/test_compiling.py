"""The compiled engine is kept in the user's cache folder: by what it is made of, safe from others, and never in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from numba import int64

from plantwright.cli import main
from plantwright.folders import cache_folder
from plantwright.simulation import compiling, keeping
from plantwright.simulation.draws import compiled, seldom
from plantwright.simulation.keeping import is_kept, kept_at
from plantwright.simulation.linking import machine_code
from plantwright.simulation.machine_code import MachineCode, laid_out
from plantwright.simulation.world import PLAIN

SOURCE = Path(compiling.__file__).parent

pytestmark = pytest.mark.skipif(PLAIN, reason="as plain Python nothing is compiled")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLANTWRIGHT_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def double(number: Any) -> Any:
    return 2 * number


class Small:
    """A small function in the place of the engine, and how often it was compiled."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch, self.compiled = patch, 0
        patch.setattr(compiling, "_compiled", self._compile)

    def _compile(self) -> MachineCode:
        self.compiled += 1
        return machine_code(double, int64)

    def found(self, sources: str = "1") -> bool:
        """Whether a process that starts with these sources finds it on disk; it doubles either way."""
        self._patch.setattr(compiling, "source_hash", lambda: sources)
        before = self.compiled
        self.engine = compiling._load_or_compile(quiet=True)
        assert self.engine.run(21) == 42
        return self.compiled == before

    @property
    def path(self) -> Path:
        return self.engine.kept.path


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Small:
    return Small(monkeypatch)


def test_what_one_process_compiled_the_next_one_loads(folder: Path, small: Small) -> None:
    assert not small.found()
    assert small.found()
    assert [path.suffix for path in folder.iterdir()] == [".bin"]


LOADING = """
import sys
from plantwright.simulation import compiling, histories, replicate, state
compiling.source_hash = lambda: "1"
print(compiling.entry()(21), "numba" in sys.modules)
"""


def test_who_loads_it_does_without_the_compiler(small: Small) -> None:
    assert not small.found()
    assert subprocess.check_output([sys.executable, "-c", LOADING], text=True, timeout=600) == "42 False\n"


def test_what_was_loaded_raises_its_errors() -> None:
    def third_of(number: Any) -> Any:
        if number > 3:
            raise IndexError("no such row")
        return number // 3

    run = laid_out(machine_code(third_of, int64))
    assert run(3) == 1
    with pytest.raises(IndexError, match="no such row"):
        run(4)


@seldom
def rare(number: Any) -> Any:
    return 2 * number


@compiled
def usual(number: Any) -> Any:
    return 3 * number


def test_what_is_seldom_lies_apart_and_what_is_usual_in_its_caller() -> None:
    def both(number: Any) -> Any:
        return rare(number) + usual(number)

    made = machine_code(both, int64)
    assert laid_out(made)(2) == 10
    package = "_ZN5tests10simulation14test_compiling"
    assert f"{package}4rare".encode() in made.code
    assert f"{package}5usual".encode() not in made.code


def test_it_lets_other_threads_run() -> None:
    """Python's lock is free meanwhile: a second thread counts on while the first waits for a long loop."""

    def long(number: Any) -> Any:
        found = 1
        for step in range(number):
            found = found * 6364136223846793005 + step
        return found

    run = laid_out(machine_code(long, int64))
    counted, done = [0], threading.Event()

    def count() -> None:
        while not done.is_set():
            counted[0] += 1

    other = threading.Thread(target=count)
    other.start()
    while counted[0] == 0:
        time.sleep(0.001)
    before = counted[0]
    run(300_000_000)
    after = counted[0]
    done.set()
    other.join()
    assert after > before + 1000


def test_other_sources_are_another_engine(folder: Path, small: Small) -> None:
    assert not small.found("1")
    assert not small.found("2")
    assert small.found("1")
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("change", ["numba", "llvmlite", "processor", "settings"])
def test_so_is_another_numba_or_processor(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept_at("1")
    if change == "processor":
        monkeypatch.setattr(keeping.llvm, "get_host_cpu_name", lambda: "z80")
    elif change == "settings":
        monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    else:
        monkeypatch.setattr(keeping, "version", lambda package: "99.0" if package == change else version(package))
    assert kept_at("1") != before


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def flip(content: bytes) -> bytes:
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


@pytest.mark.parametrize("damage", [cut, flip, lambda _: b""])
def test_a_damaged_file_is_made_anew(damage: Callable[[bytes], bytes], small: Small) -> None:
    assert not small.found()
    small.path.write_bytes(damage(small.path.read_bytes()))
    assert not is_kept(small.path)
    assert not small.found()
    assert small.found()


def test_where_nothing_can_be_written_it_is_compiled_in_memory(folder: Path, small: Small) -> None:
    folder.write_text("a file in the place of the folder")
    assert not small.found()
    assert str(folder) in small.engine.kept.problem
    assert not small.found()


def test_what_is_kept_is_read_where_nothing_can_be_written(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not small.found()

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    for name in ("utime", "replace"):
        monkeypatch.setattr(os, name, refuse)
    assert small.found()


def test_a_file_that_another_process_holds_open_is_left_as_it_is(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where an open file cannot be replaced: both have compiled the same."""
    assert not small.found()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(PermissionError(13, "in use")))
    assert keeping.keep(small.path, machine_code(double, int64)) == ""
    assert is_kept(small.path)
    assert [path.suffix for path in small.path.parent.iterdir()] == [".bin"]


def test_old_versions_go(folder: Path, small: Small) -> None:
    now = time.time()
    folder.mkdir()
    ages = {f"engine-{days:032}.bin": days for days in (0, 1, 2, 3, 4, 5, 6, 7, 8, 40)}
    for name, days in (ages | {"engine-x.part": 50, "engine-y.part": 0, "notes.txt": 99}).items():
        (folder / name).write_bytes(b"")
        os.utime(folder / name, (now - days * 86400,) * 2)
    assert not small.found()
    left = {path.name for path in folder.iterdir()} - {small.path.name}
    assert left == {name for name, days in ages.items() if days < 7} | {"engine-y.part", "notes.txt"}


def test_an_edit_anywhere_in_the_engine_is_another_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (*SOURCE.glob("*.py"), SOURCE / "branches.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(compiling, "__file__", str(tmp_path / "compiling.py"))
    before = compiling.source_hash.__wrapped__()
    with_code = [path for path in tmp_path.glob("*.py") if "@compiled" in path.read_text(encoding="utf-8")]
    assert len(with_code) > 8
    for path in [
        *with_code,
        tmp_path / "codes.py",
        tmp_path / "concepts.py",
        tmp_path / "world.py",
        tmp_path / "pointers.py",
        tmp_path / "branches.json",
    ]:
        content = path.read_bytes()
        path.write_bytes(content + b"\n# edited\n")
        assert compiling.source_hash.__wrapped__() != before, f"an edit in {path.name} goes unnoticed"
        path.write_bytes(content)
    assert compiling.source_hash.__wrapped__() == before
    (tmp_path / "show.py").write_bytes(b"")
    assert compiling.source_hash.__wrapped__() == before


def test_the_folder_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PLANTWRIGHT_CACHE_DIR")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for platform, expected in {
        "linux": ".cache/plantwright",
        "darwin": "Library/Caches/plantwright",
        "win32": "AppData/Local/plantwright/cache",
    }.items():
        monkeypatch.setattr(sys, "platform", platform)
        assert cache_folder() == tmp_path / expected
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "plantwright" / "cache"
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert cache_folder() == tmp_path / ".cache" / "plantwright"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "plantwright"


AT_ONCE = """
import sys, time
from pathlib import Path
from numba import int64
from plantwright.cli import main
from plantwright.simulation import compiling
from plantwright.simulation.linking import machine_code

me, other = map(Path, sys.argv[1:])

def both_at_work():
    me.touch()
    until = time.monotonic() + 300
    while not other.exists() and time.monotonic() < until:
        time.sleep(0.01)
    return machine_code(lambda number: 2 * number, int64)

compiling.source_hash = lambda: "1"
compiling._compiled = both_at_work
try:
    main(["compile", "--json"])
finally:
    assert compiling.entry()(21) == 42
"""
"""A process that compiles a small function in the place of the engine, and waits until the other is compiling it, too."""


def begin(*arguments: str) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, "-c", AT_ONCE, *arguments], stdout=pipe, stderr=pipe, text=True, encoding="utf-8"
    )


def test_two_that_start_at_once_are_both_right(folder: Path, tmp_path: Path) -> None:
    """Each begins to compile before the other is done."""
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    both = [begin(one, other), begin(other, one)]
    for process in both:
        told, errors = process.communicate(timeout=600)
        assert process.returncode == 0, errors
        assert json.loads(told)["compiled now"]
        assert errors.count("Compiling the simulation engine") == 1
    (kept,) = folder.iterdir()
    assert is_kept(kept)

    third = begin(one, other)
    told, errors = third.communicate(timeout=600)
    assert (third.returncode, errors) == (0, "")
    assert json.loads(told) == {
        "schema": "plantwright.compiled/1",
        "path": str(kept),
        "kept": True,
        "problem": None,
        "compiled now": False,
    }


def test_compile_says_that_it_cannot_be_kept(
    folder: Path, small: Small, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder.write_text("a file in the place of the folder")
    monkeypatch.setattr(compiling, "_ready", [])
    with pytest.raises(SystemExit) as stop:
        main(["compile", "--json"])
    told, errors = capfd.readouterr()
    assert (stop.value.code, small.compiled) == (1, 1)
    document = json.loads(told)
    assert (document["kept"], document["compiled now"]) == (False, True)
    assert str(folder) in document["problem"]
    assert errors.count("Compiling the simulation engine") == 1
    assert "could not be kept" in errors

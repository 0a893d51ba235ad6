"""The stores on which the same tests run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from plantwright.shopfloor.history import History, Recorder
from plantwright.shopfloor.history.folder import FolderRecorder
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.history.reading import FolderHistory
from plantwright.shopfloor.history.sealing import Sealer


@dataclass
class Store:
    """A history to test: `settle` is called after each step of a test, and may bring what is kept into another form."""

    recorder: Recorder

    def history(self) -> History:
        raise NotImplementedError

    def settle(self) -> None:
        return

    def reopen(self) -> None:
        """As after a restart."""


class InMemory(Store):
    def history(self) -> History:
        assert isinstance(self.recorder, MemoryHistory)
        return self.recorder


class InFolder(Store):
    def history(self) -> History:
        assert isinstance(self.recorder, FolderRecorder)
        return FolderHistory(self.recorder.folder)

    def reopen(self) -> None:
        assert isinstance(self.recorder, FolderRecorder)
        self.recorder.close()
        self.recorder = FolderRecorder(self.recorder.folder, reserve=0)


class Sealed(InFolder):
    """Each step is sealed, so that there are as many parts as steps."""

    settled = 600.0

    def settle(self) -> None:
        assert isinstance(self.recorder, FolderRecorder)
        self.recorder.roll()
        sealer = Sealer(self.recorder.folder, grace=0, settled=self.settled)
        sealer.run()
        sealer.close()


class Compacted(Sealed):
    """Each step is sealed, and the parts of past days are one."""

    settled = 0.0


FOLDERS = {"folder": InFolder, "sealed": Sealed, "compacted": Compacted}


@pytest.fixture(params=["memory", *FOLDERS])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield InMemory(MemoryHistory())
        return
    made = FOLDERS[request.param](FolderRecorder(tmp_path / "history", reserve=0))
    yield made
    made.recorder.close()

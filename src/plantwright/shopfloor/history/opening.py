"""Where a history lies: a folder, or a database by its URL."""

from __future__ import annotations

from pathlib import Path

from plantwright.shopfloor.history import History, HistoryError, Recorder
from plantwright.shopfloor.history.keeping import Keep, write_keep
from plantwright.shopfloor.history.memory import MemoryHistory
from plantwright.shopfloor.history.places import without_password

POSTGRES = ("postgresql", "postgres")
CLICKHOUSE = ("clickhouse", "clickhouses")


def open_recorder(place: str | Path, keep: Keep | None = None) -> Recorder:
    """Open a history for writing; made if it is not there. In a folder another process is started that seals it.

    Parameters
    ----------
    place : str or Path
        A folder, or a database's URL.
    keep : Keep, optional
        How long readings are kept; None leaves what was said before.

    Raises
    ------
    HistoryError
        It cannot be written, or another process writes it.
    """
    scheme = _scheme(place)
    if scheme == "memory":
        return MemoryHistory()
    if not scheme:
        from plantwright.shopfloor.history.folder import FolderRecorder
        from plantwright.shopfloor.history.sealer_process import SealerProcess

        recorder = FolderRecorder(place, sealer=SealerProcess(Path(place)))
        if keep is not None:
            write_keep(Path(place), keep)
        return recorder
    if scheme in POSTGRES:
        from plantwright.shopfloor.history.postgres import PostgresRecorder

        return PostgresRecorder(str(place), keep)
    if scheme in CLICKHOUSE:
        from plantwright.shopfloor.history.clickhouse import ClickHouseRecorder

        return ClickHouseRecorder(str(place), keep)
    raise _unknown(place)


def open_history(place: str | Path) -> History:
    """Open a history for reading. Raises HistoryError where there is none."""
    if not _scheme(place):
        from plantwright.shopfloor.history.reading import FolderHistory

        return FolderHistory(place)
    if _scheme(place) in POSTGRES:
        from plantwright.shopfloor.history.postgres import PostgresHistory

        return PostgresHistory(str(place))
    if _scheme(place) in CLICKHOUSE:
        from plantwright.shopfloor.history.clickhouse import ClickHouseHistory

        return ClickHouseHistory(str(place))
    raise _unknown(place)


def _scheme(place: str | Path) -> str:
    return str(place).partition("://")[0] if "://" in str(place) else ""


def _unknown(place: str | Path) -> HistoryError:
    return HistoryError(
        f"{without_password(place)}: there is no history of this kind; give a folder, postgresql://... or clickhouse://... [PW5100]"
    )

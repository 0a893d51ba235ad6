"""Actions that answer: simulate a plant, rank its moves, keep the result."""

from __future__ import annotations

import threading
import time
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.actions.clusters import workers_at
from plantwright.actions.registry import action
from plantwright.errors import InputError, Interrupted, Place, PlantError, Problem
from plantwright.plant import Plant, read_plant, save_plant
from plantwright.units import show_duration

if TYPE_CHECKING:
    from plantwright.improvement import PlantComparison, Study
    from plantwright.plant.card import DeploymentCard
    from plantwright.simulation import Run

ENDINGS = (".json", ".csv", ".parquet", ".xlsx", ".html", ".svg")
"""What the ending of an output file may be."""
SEARCH, LAST = 0.65, 0.92
"""Shares of a time limit: when the search ends, and when the last simulation does."""
LOG_ENDINGS = (".parquet", ".csv", ".xes")
"""What the ending of a log of a run may be."""


class OutputError(InputError):
    """An output that cannot be written where and as it is wanted."""

    code = "PW1900"


def check_output(path: str | Path, endings: Sequence[str] = ENDINGS) -> Path:
    """The path of an output if it can be written; OutputError before any work is done if not."""
    path = Path(path)
    if path.suffix.lower() not in endings:
        raise _refuse(path, f"the ending says what is written; it may be {', '.join(endings)}")
    if not path.parent.is_dir():
        raise _refuse(path, f"the folder {str(path.parent)!r} does not exist")
    if path.is_dir():
        raise _refuse(path, "is a folder")
    return path


def _refuse(path: Path, reason: str) -> OutputError:
    return OutputError([Problem("PW1900", Place(str(path)), "", reason)])


@action("plant.simulate")
def simulate_plant(
    path: str | Path | Plant,
    *,
    moves: Sequence[str] = (),
    log: str | Path | None = None,
    cluster: str | None = None,
    insecure_cluster: bool = False,
    **options: Any,
) -> Run:
    """Simulate the plant in a file, or one that was read from it, with moves made if any are named; options are those of `plantwright.simulate`.

    A move is named, or numbered by its rank in the study with the same options. The log of one replication goes to the file
    `log`, whose ending says what it is; the file is whole or not there. `cluster` is the address of a Dask cluster that runs the
    replications, as `clusters.cluster_executor` takes it.
    """
    plant = path if isinstance(path, Plant) else read_plant(path)
    with workers_at(cluster, insecure_cluster) as executor:
        return _simulated(plant, moves, log, options | {"executor": executor})


def _simulated(plant: Plant, moves: Sequence[str], log: str | Path | None, options: dict[str, Any]) -> Run:
    from plantwright.simulation import simulate

    ranked = any(part.strip().isdigit() for given in moves for part in given.split(","))
    study = _study_for(plant, options) if ranked else None
    plant = apply_moves(plant, moves, study)
    if log is None:
        return simulate(plant, **options)
    from plantwright.exchange.run_log import log_file

    path = check_output(log, LOG_ENDINGS)
    try:
        with log_file(path, plant.name) as file:
            return simulate(plant, log=file, **options)
    except OSError as error:
        raise _refuse(path, f"cannot be written: {error.strerror or error}") from error


def _study_for(plant: Plant, options: Mapping[str, Any]) -> Study:
    from plantwright.improvement import improve

    shared = ("horizon", "warmup", "replications", "seed", "level", "threads", "progress", "executor")
    return improve(plant, **{word: options[word] for word in shared if word in options})


@action("plant.read")
def apply_moves(plant: Plant, names: Sequence[str], study: Study | None = None) -> Plant:
    """The plant with moves made that `improve` proposes, by name, or by their rank in a study; several with commas between.

    Raises OutputError for those that it does not propose, and for two that change the same word.
    """
    if not names:
        return plant
    from plantwright.improvement import propose
    from plantwright.plant import changed
    from plantwright.plant.readers import nearest

    proposed = {move.name: move for move in propose(plant)}
    if study is not None:
        proposed |= {str(item.rank): item.move for item in study.moves}
    problems = []
    taken: dict[str, str] = {}
    edits: dict[str, Any] = {}
    for name in _told_apart(names, proposed):
        if name not in proposed:
            reason = "no such move; 'improve PLANT --all' lists them"
            problems.append(Problem("PW1910", Place(), f"--with {name}", reason, name, nearest(name, proposed)))
            continue
        for path, value in proposed[name].edits.items():
            if path in taken and edits[path] != value:
                reason = f"changes {path}, and so does {taken[path]!r}; only one of them can be made"
                problems.append(Problem("PW1911", Place(), f"--with {name}", reason, name))
            taken[path], edits[path] = name, value
    if problems:
        raise OutputError(problems)
    return changed(plant, edits)


def _told_apart(given: Sequence[str], known: Container[str]) -> list[str]:
    """The names in texts with commas between them, where a name may hold a comma of its own."""
    names = []
    for text in given:
        parts = text.split(",")
        while any(part.strip() for part in parts):
            longest = next((k for k in range(len(parts), 0, -1) if ",".join(parts[:k]).strip() in known), 1)
            names.append(",".join(parts[:longest]).strip())
            parts = parts[longest:]
    return [name for name in names if name]


@action("plant.simulate")
def improve_plant(
    path: str | Path | Plant,
    *,
    resume: str | Path | None = None,
    time_limit: float | None = None,
    cluster: str | None = None,
    insecure_cluster: bool = False,
    **options: Any,
) -> tuple[Plant, Study]:
    """Rank the moves of the plant in a file, or of one that was read from it; options are those of `plantwright.improve`.

    Parameters
    ----------
    resume : path, optional
        The JSON file of an earlier study of it; what that simulated is not simulated again.
    time_limit : float, optional
        Seconds in which there is to be an answer: the search ends after two thirds of them, and at the last of them nothing more is
        simulated.
    cluster : str, optional
        The address of a Dask cluster that runs the replications, as `clusters.cluster_executor` takes it; `insecure_cluster` as there.
    """
    from plantwright.improvement import improve

    plant = path if isinstance(path, Plant) else read_plant(path)
    if resume is not None:
        options["resume"] = read_study(resume)
    with workers_at(cluster, insecure_cluster) as executor:
        if time_limit is None:
            return plant, improve(plant, executor=executor, **options)
        with Deadline(time_limit) as deadline:
            try:
                return plant, improve(
                    plant, enough=deadline.search_is_over, cancel=deadline.cancel, executor=executor, **options
                )
            except Interrupted as stopped:
                if not deadline.is_over():
                    raise
                reason = f"stopped: in {show_duration(time_limit)} the plant as it is was not simulated; give it more time, or a shorter horizon"
                raise Interrupted(reason) from stopped


@action("plant.compare")
def compare_plants(
    before: str | Path, after: str | Path, *, cluster: str | None = None, insecure_cluster: bool = False, **options: Any
) -> PlantComparison:
    """What differs between the plants in two files, and what that does; options are those of `plantwright.compare`.
    `cluster` is the address of a Dask cluster that runs the replications, as `clusters.cluster_executor` takes it.

    Raises PlantError with everything that is wrong with either.
    """
    from plantwright.improvement import compare

    plants = read_two_plants(before, after)
    with workers_at(cluster, insecure_cluster) as executor:
        return compare(*plants, executor=executor, **options)


@action("plant.read")
def read_two_plants(before: str | Path, after: str | Path) -> tuple[Plant, Plant]:
    """The plants in two files. Raises PlantError with everything that is wrong with both."""
    plants: list[Plant] = []
    problems: list[Problem] = []
    for path in (before, after):
        try:
            plants.append(read_plant(path))
        except PlantError as error:
            problems += error.problems
    if problems:
        raise PlantError(dict.fromkeys(problems))
    return plants[0], plants[1]


class Deadline:
    """A time limit: when to end the search, and a word that stops every simulation at the end."""

    def __init__(self, seconds: float) -> None:
        from plantwright.simulation import Cancel

        self.cancel = Cancel()
        self._search, self._last = SEARCH * seconds, LAST * seconds
        self._timer = threading.Timer(self._last, self.cancel.stop)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._began = time.monotonic()
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()

    def is_over(self) -> bool:
        """Whether nothing more is simulated."""
        return time.monotonic() - self._began >= self._last

    def search_is_over(self) -> bool:
        """Whether what is left of the time should go into telling what was found."""
        return time.monotonic() - self._began > self._search


def read_study(path: str | Path) -> dict[str, Any]:
    """The document of a study that was written as JSON. Raises OutputError where it cannot be read."""
    import json

    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refuse(path, f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise _refuse(path, f"is no JSON file: {error}") from error
    if not isinstance(document, dict) or not str(document.get("schema", "")).startswith("plantwright.study/"):
        raise _refuse(path, "is no study; 'plantwright improve PLANT -o STUDY.json' writes one")
    return document


@action("plant.write")
def save_move(plant: Plant, study: Study, number: int, path: str | Path) -> Path:
    """Write the plant file with the move of that rank made. Raises OutputError if there is none or it cannot be written."""
    path = check_output(path, (".yaml", ".yml"))
    for ranked in study.moves:
        if ranked.rank == number:
            save_plant(plant, path, ranked.move.edits)
            return path
    raise _refuse(path, f"there is no move {number}; the study has {len(study.moves)}")


CARD_ENDINGS = (".html", ".json", ".yaml", ".yml")
"""What the ending of a deployment card may be."""


@action("plant.simulate")
def save_card(
    plant: Plant,
    study: Study,
    number: int,
    path: str | Path,
    *,
    cluster: str | None = None,
    insecure_cluster: bool = False,
    **options: Any,
) -> DeploymentCard:
    """Write the deployment card of the move of that rank; the file is whole or not there. `cluster` is the address of a Dask cluster that
    runs the replications, as `clusters.cluster_executor` takes it. Raises InputError if there is no such move.
    """
    from plantwright.improvement import deployment_card

    path = check_output(path, CARD_ENDINGS)
    with workers_at(cluster, insecure_cluster) as executor:
        card = deployment_card(study, plant, number, executor=executor, **options)
    write_output(path, _card_text(card, path.suffix.lower()))
    return card


def _card_text(card: DeploymentCard, ending: str) -> str:
    import json

    if ending == ".html":
        from plantwright.report import card_html

        page: str = card_html(card)
        return page
    if ending == ".json":
        return json.dumps(card.to_dict(), ensure_ascii=False, indent=2) + "\n"
    import yaml

    return str(yaml.safe_dump(card.to_dict(), sort_keys=False, allow_unicode=True, width=100))


@action("plant.read")
def read_roadmap(path: str | Path) -> dict[str, Any]:
    """The document of a roadmap in a JSON file, to stand in a report. Raises InputError where it is none."""
    import json

    from plantwright.report.roadmap_view import roadmap_view

    try:
        document: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
        if document["schema"] != "plantwright.roadmap/1":
            raise ValueError(f"its schema is {document['schema']!r}")
        roadmap_view(document, "")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        reason = "is no roadmap; 'plantwright roadmap PLANT --budget MONEY -o ROADMAP.json' writes one"
        raise InputError([Problem("PW1922", Place(str(path)), "", reason)]) from error
    return document


@action("plant.read")
def study_document(plant: Plant, study: Study, roadmap: Any = None) -> dict[str, Any]:
    """The JSON document of a study, with the content of its report, a roadmap among it if there is one."""
    from plantwright.report import study_document as document

    made: dict[str, Any] = document(study, plant, roadmap)
    return made


@action("plant.read")
def save_result(result: Any, path: str | Path, plant: Plant | None = None, roadmap: Any = None) -> Path:
    """Write a run or a study as the file's ending says, a roadmap with a study's report; the file is whole or not there."""
    path = check_output(path)
    return write_output(path, _content(result, path.suffix.lower(), plant, roadmap))


def write_output(path: Path, content: str | bytes) -> Path:
    """Write a file whole, or not at all. Raises OutputError."""
    from plantwright.plant.writing import write_whole

    try:
        write_whole(path, content)
    except OSError as error:
        raise _refuse(path, f"cannot be written: {error.strerror or error}") from error
    return path


def _content(result: Any, ending: str, plant: Plant | None, roadmap: Any = None) -> str | bytes:
    import io
    import json

    from plantwright.improvement import PlantComparison, Study
    from plantwright.improvement.roadmap import Roadmap
    from plantwright.simulation import Run

    if ending == ".json":
        whole = study_document(plant, result, roadmap) if plant and isinstance(result, Study) else result.to_dict()
        shown = json.dumps(whole, ensure_ascii=False, indent=2)
        if kept := getattr(result, "kept", None):
            # One long line: nobody reads it, and it is most of the file.
            shown = f'{shown[:-2]},\n  "kept": {json.dumps(kept, ensure_ascii=False)}\n}}'
        return f"{shown}\n"
    if ending == ".xlsx" and plant and isinstance(result, Study):
        from plantwright.report import study_workbook

        book: bytes = study_workbook(result, plant, roadmap)
        return book
    if ending == ".html":
        from plantwright.report import comparison_html, roadmap_html, run_html, study_html

        if isinstance(result, PlantComparison):
            compared: str = comparison_html(result)
            return compared
        if isinstance(result, Roadmap):
            planned: str = roadmap_html(result)
            return planned
        page: str = run_html(result, plant) if isinstance(result, Run) else study_html(result, plant, roadmap=roadmap)
        return page
    if ending == ".svg":
        import vl_convert

        chart = result.chart("state share") if isinstance(result, Run) else result.chart()
        return str(vl_convert.vegalite_to_svg(chart.to_json()))
    if ending == ".xlsx" and isinstance(result, PlantComparison):
        from plantwright.report.workbook import frames_workbook

        return frames_workbook({name: result.table(name) for name in ("effects", "differs", "states")})
    if ending == ".xlsx" and isinstance(result, Roadmap):
        from plantwright.report.workbook import frames_workbook

        return frames_workbook({name: result.table(name) for name in ("steps", "cash", "frontier", "rounds")})
    frame = result.table("") if isinstance(result, Run) else result.table()
    buffer = io.BytesIO()
    if ending == ".parquet":
        frame.write_parquet(buffer)
    elif ending == ".csv":
        frame.write_csv(buffer)
    else:
        from plantwright.report.workbook import frame_workbook

        return frame_workbook(frame)
    return buffer.getvalue()

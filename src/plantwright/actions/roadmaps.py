"""The action that plans which moves to make when."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.actions.clusters import workers_at
from plantwright.actions.registry import action
from plantwright.errors import InputError, Place, Problem
from plantwright.plant import Plant, read_plant

if TYPE_CHECKING:
    from plantwright.improvement.roadmap import Roadmap

ROADMAP_ENDINGS = (".json", ".csv", ".parquet", ".xlsx", ".html", ".svg")
"""What the ending of a roadmap's output may be."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@action("plant.simulate")
def plan_roadmap(
    path: str | Path,
    *,
    budget: str,
    by_quarter: str | None = None,
    least: str | None = None,
    resume: str | Path | None = None,
    time_limit: float | None = None,
    cluster: str | None = None,
    insecure_cluster: bool = False,
    **options: Any,
) -> Roadmap:
    """Which moves of the plant in a file to make in which quarter; options are those of `plantwright.roadmap`.

    Parameters
    ----------
    budget, by_quarter, least : str
        Amounts of money; ``unlimited`` is a budget without a limit, and `by_quarter` holds for each quarter.
    resume : path, optional
        The JSON file of a study of the plant; what that simulated is not simulated again.
    time_limit : float, optional
        Seconds in which there is to be an answer: after two thirds of them no other round is begun, and at the last of them nothing more
        is simulated.
    cluster : str, optional
        The address of a Dask cluster that runs replications, as `clusters.cluster_executor` takes it; `insecure_cluster` as there.

    Raises
    ------
    InputError
        With all amounts that are none.
    """
    from plantwright.improvement.roadmap import roadmap

    plant = read_plant(path)
    problems: list[Problem] = []
    amounts = {
        name: _amount(name, text, plant, problems)
        for name, text in (("budget", budget), ("by-quarter", by_quarter), ("least", least))
        if text is not None
    }
    if problems:
        raise InputError(problems)
    if resume is not None:
        from plantwright.actions.studies import read_study

        options["resume"] = read_study(resume)
    each = (amounts["by-quarter"],) * options.get("quarters", 12) if "by-quarter" in amounts else None
    options |= {"budget": amounts["budget"], "by_quarter": each, "least": amounts.get("least")}
    with workers_at(cluster, insecure_cluster) as executor:
        options["executor"] = executor
        if time_limit is None:
            return roadmap(plant, **options)
        from plantwright.actions.studies import Deadline

        with Deadline(time_limit) as deadline:
            # A round ends in time where the solver has no more than a part of the whole.
            return roadmap(
                plant,
                enough=deadline.search_is_over,
                cancel=deadline.cancel,
                time_limit=min(30.0, time_limit / 2),
                **options,
            )


def _amount(name: str, text: str, plant: Plant, problems: list[Problem]) -> float:
    from plantwright.units import UnitError, read_money

    text = text.strip()
    if name != "least" and text in ("unlimited", "no limit"):
        return float("inf")
    try:
        return float(text) if _NUMBER.fullmatch(text) else read_money(text, plant.currency)
    except UnitError as error:
        problems.append(Problem("PW4070", Place(), f"--{name}", str(error), text))
        return 0.0

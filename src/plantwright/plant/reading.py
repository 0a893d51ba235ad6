"""Read a plant: file, workbook, text or mapping to a validated `Plant`, or all that is wrong with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from plantwright.distributions import Distribution
from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.beside import Beside, decoded
from plantwright.plant.changing import cannot_become
from plantwright.plant.checks import check
from plantwright.plant.conversions import with_conversions
from plantwright.plant.document import (
    Document,
    Entries,
    Luck,
    Node,
    Scalar,
    collector_paused,
    find,
    in_order,
    node_of,
    parse,
    plain,
    segments,
    with_value,
)
from plantwright.plant.edits import check_edits
from plantwright.plant.factored import SHARES, with_even_shares
from plantwright.plant.factored import with_factors as times_multiplied
from plantwright.plant.once import Once, OnceFor
from plantwright.plant.plant import FamilyDefault, OwnMove, Plant
from plantwright.plant.posterior import Posterior
from plantwright.plant.products import Product
from plantwright.plant.readers import CURRENCY, Context
from plantwright.plant.staffing import with_staff
from plantwright.plant.words.plant import PLANT


@dataclass(frozen=True, slots=True)
class Default:
    """A value that was taken because nothing is said: its path, the value, and why it is that."""

    path: str
    value: str
    why: str


def read_plant(path: str | Path) -> Plant:
    """The plant in a YAML file or a workbook (``.xlsx``). Raises PlantError with everything that is wrong with it."""
    path = Path(path)
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        from plantwright.plant.workbook import read_workbook

        document, of_cells = read_workbook(path)
        return from_document(document, of_cells)
    text, encoding = decoded(path)
    root, problems = _parsed(text, path.name)
    return from_document(Document(root, path.name, text, path.parent, encoding=encoding), problems)


def read_text(text: str, *, name: str = "plant.yaml", folder: Path | None = None) -> Plant:
    """The plant in a YAML text; files beside it are looked for in `folder`."""
    root, problems = _parsed(text, name)
    return from_document(Document(root, name, text, folder), problems)


def _parsed(text: str, name: str) -> tuple[Entries, list[Problem]]:
    root, problems = parse(text, name)
    if any(problem.code == "PW1206" for problem in problems):
        raise PlantError(problems)  # what an alias stands for is not known, so nothing can be said of the rest
    return root, problems


def build_plant(
    mapping: Mapping[str, Any],
    *,
    name: str = "plant.yaml",
    folder: Path | None = None,
    files: Mapping[str, str] | None = None,
) -> Plant:
    """A plant from nested dicts and lists in the words of the plant file; `files` are texts of files beside it."""
    root = node_of(mapping, Place(name))
    assert isinstance(root, Entries)
    return from_document(Document(root, name, None, folder, dict(files or {})))


def from_document(document: Document, problems: Sequence[Problem] = ()) -> Plant:
    """The plant of a document, or PlantError; `problems` are those of its form, to be told with those of its content."""
    with collector_paused():
        plant, context = _read(document)
    found = context.problems
    if problems and document.source is None:
        from plantwright.plant.workbook import without_consequences

        found = without_consequences(found, problems)
    if problems or found:
        raise PlantError(sorted(dict.fromkeys([*problems, *found]), key=in_order))
    assert plant is not None
    return plant


def _read(document: Document) -> tuple[Plant | None, Context]:
    beside = Beside(document.folder, document.files)
    context = Context(
        beside, luck=document.luck, variability=document.variability, factors=document.factors, kept=document.kept
    )
    currency = document.root.get("currency")
    if isinstance(currency, Scalar) and CURRENCY.fullmatch(currency.text):
        context.currency = currency.text
    values = PLANT.values(document.root, context, "") or {}
    if not {"name", "work_centers", "products"} <= set(values):
        return None, context
    values.pop("format", None)
    values.setdefault("currency", context.currency)
    moves, banned = values.pop("moves", None) or ({}, ())
    own = {name: move for name, move in moves.items() if isinstance(move, OwnMove)}
    defaults = {name: move for name, move in moves.items() if isinstance(move, FamilyDefault)}
    if document.luck is not None:
        values["products"] = _with_rates(values["products"], document.luck)
        values["products"] = _with_even_shares(values["products"], document.luck)
    values["products"] = with_staff(values["products"], values["work_centers"])
    values["products"] = with_conversions(values["products"], values.get("materials") or ())
    plant = Plant(
        **values,
        moves=own,
        banned=banned,
        family_defaults=defaults,
        guesses=tuple(context.guesses),
        spreads=tuple(context.spreads),
        document=document,
    )
    check(plant, context)
    if document.luck is None:
        check_edits(plant, document, context)
        _check_posterior(plant, document, context)
        if plant.changes and not context.problems:
            _check_stages(plant, document, context)
    return plant, context


def ranges_of(plant: Plant) -> dict[str, Distribution]:
    """The chances of the rates of the demands that have a range, by their paths."""
    demands = {name: product.demand for name, product in plant.products.items() if product.demand is not None}
    return {_rate_of(name): demand.range for name, demand in demands.items() if demand.range is not None}


def _rate_of(product: str) -> str:
    return f"products > {product} > demand > rate"


def _with_rates(products: Mapping[str, Product], luck: Luck) -> dict[str, Product]:
    """The products, each with the rate of demand that it has where a range is given."""
    made = dict(products)
    for name, product in products.items():
        if product.demand is not None and product.demand.range is not None:
            rate = luck.value(_rate_of(name), product.demand.range)
            made[name] = replace(product, demand=replace(product.demand, rate=rate))
    return made


def _with_even_shares(products: Mapping[str, Product], luck: Luck) -> dict[str, Product]:
    """The products; where shares of what follows were multiplied, they add up to 1 again."""
    steps: dict[str, set[str]] = {}
    for path in luck.factors:
        if SHARES in path:
            _, product, _, step, *_ = path.split(" > ")
            steps.setdefault(product, set()).add(step)
    return {name: with_even_shares(one, steps[name]) if name in steps else one for name, one in products.items()}


def _check_posterior(plant: Plant, document: Document, context: Context) -> None:
    """Note columns of the posterior that are no path of the plant file."""
    if plant.posterior is None:
        return
    node = context.places.get("posterior", document.root)
    for path in _no_numbers(plant.posterior, document, context):
        reason = f"{plant.posterior.name}: the column {path!r} is no number of this plant file"
        context.problems.append(Problem("PW1211", node.place, "posterior", reason, path))


def _no_numbers(posterior: Posterior, document: Document, context: Context) -> list[str]:
    """The columns of a posterior that are no path of a plant file; of each part that stands as it stood they are known."""
    tabled = context.tabled
    wrong: set[str] = set()
    for whose, paths in posterior.grouped.items():
        part = find(document.root, whose)
        lacking = paths if part is None else _lacking(part, paths)
        wrong |= {f"{whose} > {path}" if path else whose for path in lacking}
    for path in [path for path in wrong if tabled]:
        step = next((at for at in tabled if path.startswith(f"{at} > ")), None)
        if step is not None and isinstance(find(tabled[step], path[len(step) + 3 :]), Scalar):
            wrong.remove(path)
    return [path for path in posterior.paths if path in wrong]


def _lacks(part: Node, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(path for path in paths if not isinstance(find(part, path) if path else part, Scalar))


_lacking = OnceFor(_lacks)


def _check_stages(plant: Plant, document: Document, context: Context) -> None:
    """Note dated changes after which the plant is wrong, or that a run cannot go on in; each is made after those that are right."""
    root: Any = replace(
        document.root, entries=tuple(pair for pair in document.root if pair[0].text not in ("changes", "moves"))
    )
    before = plant
    for number, change in sorted(enumerate(plant.changes, 1), key=lambda pair: pair[1].on):
        at = f"changes > {number} > set"
        node = context.places.get(at, context.places.get(at.rpartition(" > ")[0], document.root))
        try:
            changed_root: Any = with_value(root, segments(change.path), change.to, change.path)
            after, found = _read(replace(document, root=changed_root, source=None))
            problems = [f"{problem.path}: {problem.reason}" for problem in found.problems]
        except PlantError as error:
            after, problems = None, [problem.reason for problem in error.problems]
        if after is not None and not problems:
            problems = cannot_become(before, after)
        context.problems += [Problem("PW1256", node.place, at, problem) for problem in problems]
        if after is not None and not problems:
            root, before = changed_root, after


def changed(plant: Plant, edits: Mapping[str, Any], files: Mapping[str, str] | None = None) -> Plant:
    """The plant with values of its file changed: `edits` maps paths to new values, None takes a word away.

    A path is written as ``work centers > coater > machines``; steps of a routing by name, items of a list by number from 1.
    `files` are texts of further files beside it, by their names. Raises PlantError where a path leads nowhere or the changed plant
    is wrong.
    """
    document = _document(plant)
    root: Any = document.root
    for path, value in edits.items():
        root = with_value(root, segments(path), value, path)
    source = None
    if document.source is not None:
        source = document.source if not edits else None
    if files:
        document = replace(document, files={**document.files, **files}, kept={})
    return from_document(replace(document, root=root, source=source))


def with_variability(plant: Plant, factor: float) -> Plant:
    """The plant with the coefficient of variation of every time in its file multiplied: of work, setups, repairs, times between failures,
    lead times. The means stay as they are. Changed later on, it stays so.
    """
    document = _document(plant)
    return from_document(replace(document, variability=document.variability * factor))


def with_factors(plant: Plant, factors: Mapping[str, float]) -> Plant:
    """The plant with the numbers at some paths of its file multiplied, a distribution with all its values. Changed later on, it stays so."""
    document = _document(plant)
    multiplied = replace(document, factors={**document.factors, **factors})
    if document.variability == 1.0 and document.luck is None and all(path.endswith(_TIME) for path in factors):
        # Of steps alone nothing else hangs on how long they take; to read the file anew takes ten times as long.
        made = times_multiplied(plant, factors)
        if made is not None:
            return replace(made, document=multiplied)
    return from_document(multiplied)


_TIME = " > time"


def _document(plant: Plant) -> Document:
    if plant.document is None:
        raise ValueError(f"{plant.name} was not read from a file or mapping, so its text cannot be changed")
    return plant.document


def value_at(plant: Plant, path: str) -> Any:
    """What is written at a path: text, a list, a dict, or None."""
    node = find(_document(plant).root, path)
    return None if node is None else plain(node)


def explain(plant: Plant) -> list[Default]:
    """Every default that this plant takes: its path, the value, and why."""
    _, context = _read(_document(plant))
    return [Default(*default) for default in context.defaults]


def default_kinds(plant: Plant) -> list[tuple[Default, ...]]:
    """The defaults of a plant, those of one kind together: the same word of the same part of the file, value and reason."""
    kinds: dict[tuple[str, ...], list[Default]] = {}
    for default in explain(plant):
        words = default.path.split(" > ")
        kinds.setdefault((words[0], words[-1], default.value, default.why), []).append(default)
    return [tuple(kind) for kind in kinds.values()]


def fingerprint(plant: Plant) -> str:
    """The SHA-256 of what a plant says: its values and the files beside it, whatever the comments and spaces."""
    if plant.document is None:
        return hashlib.sha256(repr(plant).encode()).hexdigest()
    said = _said(plant.document.root).copy()
    said.update(f", {json.dumps(sorted(plant.document.files.items()), ensure_ascii=False)}]".encode())
    if plant.document.factors:
        said.update(f"factors {sorted(plant.document.factors.items())}".encode())
    if plant.document.variability != 1.0:
        said.update(f"variability {plant.document.variability:g}".encode())
    return str(said.hexdigest())


def _hash(root: Entries) -> Any:
    """The SHA-256 of the first of a list in JSON, its end left open."""
    with collector_paused():
        said = _in_json(
            root, lambda section: _in_json(section, _json_of) if isinstance(section, Entries) else _json_of(section)
        )
    return hashlib.sha256(f"[{said}".encode())


def _in_json(node: Entries, of_value: Callable[[Node], str]) -> str:
    """JSON of keys with values, put together of that of the values."""
    if len({key.text for key, _ in node}) < len(node.entries):
        return _json_of(node)  # of a key that is given twice the last value counts
    return (
        "{" + ", ".join(f"{json.dumps(key.text, ensure_ascii=False)}: {of_value(value)}" for key, value in node) + "}"
    )


@Once
def _json_of(node: Node) -> str:
    return json.dumps(plain(node), ensure_ascii=False)


_said = Once(_hash, most=256)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the plant file, for an editor to complete and check it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plantwright plant file",
        **PLANT.schema,
    }


__all__ = ["Default", "build_plant", "changed", "default_kinds", "explain", "fingerprint", "json_schema", "read_plant"]

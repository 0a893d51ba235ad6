"""Cells that say nothing where others do: the machine, the activity, the product, the person of a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.calibration.quality import Defect

if TYPE_CHECKING:
    import polars

_USUALLY = 0.5
"""An activity of which fewer reports name a person is one that needs none, or where it is named by choice; its blanks are no defect."""

_FROM = {"station": ("order", "activity"), "activity": ("order", "station"), "product": ("order",)}
"""By what the likeliest value is told first: what the order's own other reports say."""

_ELSE = {"station": ("activity",), "activity": ("station",), "product": ()}

_SAID = {
    "station": ("missing resources", "no machine is given, though others have one", "place of its own, called after the activity"),
    "activity": ("missing activities", "no activity is given, though others have one", "activity called 'unnamed'"),
    "product": ("missing products", "no product is given, though others have one", "product called 'order'"),
}  # fmt: skip


def fill_blanks(table: polars.DataFrame, blank: Mapping[str, polars.Series]) -> tuple[polars.DataFrame, list[Defect]]:
    """The rows with the likeliest machine, activity and product where none was given, ``filled`` for these, and the report on them."""
    import polars

    table = table.with_columns(polars.lit(False).alias("filled"))
    defects = []
    for what, rows in blank.items():
        table, defect = _filled(table, what, rows)
        defects.append(defect)
    return table, [*defects, *_people(table)]


def _filled(table: polars.DataFrame, what: str, rows: polars.Series) -> tuple[polars.DataFrame, Defect]:
    import polars

    empty = polars.col("row").is_in(rows.implode())
    kind, cause, alone = _SAID[what]
    table = table.with_columns(empty.alias("empty"))
    known = table.filter(~polars.col("empty"))
    table = table.with_columns(polars.when(~polars.col("empty")).then(what).alias("told"))
    for number, keys in enumerate((_FROM[what], _ELSE[what])):
        name = f"likely {number}"
        if keys:
            table = table.join(_usual(known, what, keys, name), on=list(keys), how="left", maintain_order="left")
        else:
            table = table.with_columns(polars.lit(None, polars.String).alias(name))
    of_order, usual = (int((table["empty"] & table[name].is_not_null()).sum()) for name in ("likely 0", "likely 1"))
    usual = int((table["empty"] & table["likely 0"].is_null() & table["likely 1"].is_not_null()).sum())
    nothing = int(table["empty"].sum()) - of_order - usual
    said = [f"{of_order:,} taken from the order's other reports"] if of_order else []
    said += [f"{usual:,} from where the same is mostly done"] if usual else []
    said += [f"{nothing:,} kept as a {alone}"] if nothing else []
    found = tuple(table.filter("empty")["row"].to_list())
    table = table.with_columns(
        polars.coalesce("told", "likely 0", "likely 1", what).alias(what),
        (polars.col("filled") | polars.col("empty")).alias("filled"),
    ).drop("empty", "told", "likely 0", "likely 1")
    return table, Defect(kind, len(found), found, cause, f"filled: {', '.join(said)}")


def _usual(known: polars.DataFrame, what: str, keys: tuple[str, ...], name: str) -> polars.DataFrame:
    """What stands there most often with the same keys; the first in the alphabet where two are as frequent."""
    import polars

    counts = known.group_by(*keys, polars.col(what).alias(name)).len()
    return counts.sort("len", name, descending=[True, False]).unique(list(keys), keep="first").drop("len")


def _people(table: polars.DataFrame) -> list[Defect]:
    """Reports without a person, of activities for which most reports name one: others may need nobody."""
    import polars

    if not 0 < table["worker"].null_count() < table.height:
        return []
    named = table.group_by("activity").agg(polars.col("worker").is_null().mean().alias("share"))
    usually = named.filter(polars.col("share") <= _USUALLY)["activity"]
    missing = table.filter(polars.col("worker").is_null() & polars.col("activity").is_in(usually.implode()))
    rows = tuple(missing["row"].to_list())
    return [
        Defect("missing people", len(rows), rows, "no person is given, though most reports of that activity have one: forgotten",
               "kept; their hours are no one's, so people are found by the other reports")
    ]  # fmt: skip

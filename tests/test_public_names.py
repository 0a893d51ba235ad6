"""What a program needs from a log to a plant file stands at the top of the package."""

from __future__ import annotations

from pathlib import Path

import plantwright


def test_every_public_name_leads_somewhere() -> None:
    for name in plantwright.__all__:
        assert callable(getattr(plantwright, name)), name


def test_a_log_is_read_by_a_public_name(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = [f"{order},turn,lathe,2026-01-0{day} 08:00,2026-01-0{day} 09:00" for order, day in (("A", 5), ("B", 6))]
    path.write_text("\n".join(["order,operation,machine,start,end", *rows]), "utf-8")
    log = plantwright.read_log(path)
    assert (log.name, log.rows_read, log.table.height) == ("log.csv", 2, 2)

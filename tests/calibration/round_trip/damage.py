"""Logs as people leave them: minutes, copies, names with blanks, ends that were made up."""

from __future__ import annotations

from typing import Any

from tests.calibration.logs import span, stamp
from tests.calibration.round_trip.writing import Rows


def damaged(rows: Rows, random: Any) -> Rows:
    """The rows rounded to minutes in half of all logs, with copies, blanks in names, and reports of a moment."""
    from datetime import datetime

    minutes = random.random() < 0.5
    made = []
    for row in rows:
        begin, end = (
            datetime.strptime(row[name], "%Y/%m/%d %H:%M:%S.000") for name in ("Start Timestamp", "Complete Timestamp")
        )
        if minutes:
            begin, end = (_to_minute(moment) for moment in (begin, end))
        if random.random() < 0.005:
            end = begin
        own = row | {"Start Timestamp": stamp(begin), "Complete Timestamp": stamp(end), "Span": span(begin, end)}
        if random.random() < 0.02:
            own |= {"Activity": own["Activity"].replace(" - ", "  - ")}
        made.append(own)
        if random.random() < 0.01:
            made.append(dict(own))
    return made


def _to_minute(moment: Any) -> Any:
    from datetime import timedelta

    return (moment + timedelta(seconds=30)).replace(second=0)

"""The run's log: what happened, row by row, where somebody asked for it."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import LOG_LET_GO, LOG_SEIZED, LOG_TOOL_LET_GO, LOG_TOOL_SEIZED
from plantwright.simulation.draws import compiled, seldom


@compiled
def note(w: Any, kind: Any, lot: Any, machine: Any, detail: Any, amount: Any) -> None:
    """Write a row into the log, if there is one: of a lot with its present operation, of a machine, or of neither (-1)."""
    if w.run.logging[0] == 1:
        _write(w, kind, lot, machine, detail, amount)


@seldom
def _write(w: Any, kind: Any, lot: Any, machine: Any, detail: Any, amount: Any) -> None:
    row = w.run.logged[0]
    if row == w.run.log_rows[0]:
        w.run.log_missed[0] += 1
        return
    w.run.logged[0] = row + 1
    w.log.time[row] = w.run.now[0]
    w.log.kind[row] = kind
    w.log.lot[row] = -1
    w.log.product[row] = -1
    w.log.operation[row] = -1
    w.log.center[row] = -1
    w.log.machine[row] = machine
    w.log.detail[row] = detail
    w.log.amount[row] = amount
    if lot >= 0:
        w.log.lot[row] = w.lot.number[lot]
        w.log.product[row] = w.lot.product[lot]
        w.log.operation[row] = w.lot.operation[lot]
        w.log.center[row] = w.operation.center[w.lot.operation[lot]]
    elif (LOG_SEIZED <= kind <= LOG_LET_GO or LOG_TOOL_SEIZED <= kind <= LOG_TOOL_LET_GO) and w.machine.stop[
        machine
    ] == 0:
        w.log.operation[row] = w.machine.operation[machine]
    if machine >= 0:
        w.log.center[row] = w.machine.center[machine]

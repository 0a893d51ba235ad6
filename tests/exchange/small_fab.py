"""A made-up fab in the tables of SMT2020: two parts on other routes than the testbed's, four families of tools."""

from __future__ import annotations

from pathlib import Path

TABLES = {
    "tool.txt": """
STNGRP STNFAM STN STNQTY RULE FWLRANK WAKERESRANK BATCHCRITF BATCHPER LTIME LTUNITS ULTIME ULTUNITS STNCAP STNFAMLOC PRERULERWL SETUPGRP
Wet Bench Bench1 2.0 rule_HotLotFIRST rank_HP;rank_RSETUP;rank_FIFO - - - 1.0 min 2.0 min 2.0 Hall no -
Hot Oven Oven1 1.0 rule_HotLotFIRST rank_HP;rank_RSETUP;rank_FIFO - crit_sameroutestep piece 0.0 min 0.0 min - Hall no -
Gas Implanter Impl 3.0 rule_LSSU rank_HP;rank_RSETUP;rank_FIFO wake_LeastSetupTime - - 30 sec 30 sec - Hall no Gases
Litho Stepper Step 2.0 rule_HotLotFIRST rank_HP;rank_RSETUP;rank_FIFO wake_LeastSetupTime - - 0 min 0 min - Yard no -
""",
    "setup.txt": """
CURSETUP NEWSETUP STIME STUNITS IGNORE
- boron 72 min x
- arsenic 1.2 hr x
redmask bluemask 7 min x
bluemask redmask 12 min x
""",
    "setupgrp.txt": """
SETUPGRP SETUP MINRUN
Gases boron 7
- arsenic 7
""",
    "attach.txt": """
CALNAME CALTYPE RESTYPE RESNAME FOADIST FOA FOAUNITS
BREAK_Wet down stngrp Wet exponential 100 hr
Bench_WK pm stnfam Bench constant 400 -
Oven_MN pm stnfam Oven constant 27 day
""",
    "downcal.txt": """
DOWNCALNAME DOWNCALTYPE MTTFDIST MTTF MTTFUNITS MTTRDIST MTTR MTTRUNITS
BREAK_Wet mttf_by_cal exponential 100 hr exponential 35.28 min
""",
    "pmcal.txt": """
PMCALNAME PMCALTYPE MTBPM MTBPMUNITS MTTRDIST MTTR MTTR2 MTTRUNITS
Bench_WK mtbpm_by_pieces 500 pieces uniform 8.74 1.75 hr
Oven_MN mtbpm_by_cal 30 day constant 5 - hr
""",
    "fromto.txt": """
FROMLOC TOLOC DDIST DTIME DTIME2 DUNITS
Hall Hall uniform 7.5 2.5 min
Hall Yard constant 20 - min
""",
    "part.txt": """
PARTGRP PARTFAM PART ROUTEFILE ROUTE
Sold fam wafer_7 route_7.txt r_7
Sold fam wafer_9 route_9.txt r_9
""",
    "order.txt": """
LOT PART PRIOR PIECES START RDIST REPEAT RUNITS RPT# LOTSPERRPT DUE ORDER HOTLOT
Lot_7 wafer_7 10 25 01/01/18 00:00:00 constant 51.69 min 200000 1 01/11/18 12:00:00 O no
Hot_7 wafer_7 20 25 01/02/18 00:00:00 constant 7 day 2000 2 01/07/18 00:00:00 O no
Lot_9 wafer_9 10 10 01/01/18 06:00:00 exponential 2 hr 200000 1 01/04/18 06:00:00 O no
""",
    "WIP.txt": """
LOT PART PRIOR PIECES START CURSTEP DUE ORDER HOTLOT TRACE
W1 wafer_7 10 25 01/01/18 00:00:00 30 01/02/18 06:19:32 O - -
W2 wafer_9 20 10 01/01/18 00:00:00 1 01/03/18 00:00:00 O - -
""",
    "route_7.txt": """
ROUTE STEP DESC STNFAM PDIST PTIME PTIME2 PTUNITS PTPER BATCHMN BATCHMX SETUP WHEN STIME STUNITS SVESTN FORSTEP PartInterval PartIntUnits RWKSTEP REWORK RWKTYPE StepPercent STEP_CQT CQT CQTUNITS
r_7 10 wash Bench uniform 0.852 0.0426 min per_piece - - - - - - - - 0.639 min - - - - 20 2 hr
r_7 20 fire Oven constant 8 - hr per_batch 50 75 - - - - - - - - - - - - - - -
r_7 30 mask Stepper uniform 30 1.5 min per_lot - - redmask need - - yes 50 - - - - - - - - -
r_7 40 implant Implanter constant 12 - min per_lot - - boron need - - - - - - - - - 56 - - -
r_7 50 mask Stepper constant 30 - min per_lot - - bluemask need - - - - - - 30 1.7 lot - - - -
""",
    "route_9.txt": """
ROUTE STEP DESC STNFAM PDIST PTIME PTIME2 PTUNITS PTPER BATCHMN BATCHMX SETUP WHEN STIME STUNITS SVESTN FORSTEP PartInterval PartIntUnits RWKSTEP REWORK RWKTYPE StepPercent STEP_CQT CQT CQTUNITS
r_9 1 wash Bench constant 1 - min per_piece - - - - - - - - 0.5 min - - - - - - -
r_9 2 fire Oven constant 4 - hr per_batch 20 40 - - - - - - - - - - - - - - -
r_9 3 implant Implanter constant 9 - min per_lot - - arsenic need - - - - - - - - - 100 - - -
r_9 4 mask Stepper constant 20 - min per_lot - - - - - - - - - - - - - - - - -
""",
}
"""Its tables; cells are apart by blanks, ``-`` is an empty one."""


def table(text: str) -> str:
    """A table as the testbed writes it: cells apart by tabs, moments with a blank inside."""
    lines = []
    for line in text.strip().splitlines():
        cells = ["" if cell == "-" else cell for cell in line.split(" ")]
        joined: list[str] = []
        for cell in cells:
            if joined and cell.count(":") == 2 and joined[-1].count("/") == 2:
                joined[-1] += f" {cell}"
            else:
                joined.append(cell)
        lines.append("\t".join(joined))
    return "\n".join(lines) + "\n"


def write_fab(folder: Path, **changed: str | None) -> Path:
    """Write its tables into a folder; `changed` has other texts of some, by their names without ending, or None to leave one out."""
    for name, text in TABLES.items():
        own = changed.get(name.partition(".")[0], text)
        if own is not None:
            (folder / name).write_text(table(own), encoding="utf-8")
    return folder

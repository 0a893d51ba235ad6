"""Every kind of file gives the same records; what is no log, or a bomb, is refused."""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import zipfile
from datetime import datetime, time, timedelta
from pathlib import Path

import openpyxl
import polars
import pytest

from plantwright.calibration import Quality, inspect_log
from plantwright.errors import LogError
from plantwright.events import EventLog
from plantwright.exchange import read_log, read_query
from plantwright.exchange.tables import read_cells
from tests.calibration.logs import real_log, run
from tests.exchange.formats import FILES, rows_of, to_database

FIRST_ROW = {"xlsx": 4}
"""Where the first report stands: in a sheet below its header, else it is number 1."""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return rows_of(real_log())


@pytest.fixture(scope="module")
def from_csv() -> tuple[EventLog, Quality]:
    log = read_log(real_log())
    return log, inspect_log(log)


def same(log: EventLog, from_csv: tuple[EventLog, Quality], first: int) -> None:
    """The same events, and the same defects in the same rows."""
    expected, quality = from_csv
    shift = first - 2
    moved = expected.table.with_columns(polars.col("row") + shift, polars.col("copy of") + shift)
    assert log.table.equals(moved)
    found = inspect_log(log)
    assert {d.kind: d.rows for d in found.defects} == {
        d.kind: tuple(row + shift for row in d.rows) for d in quality.defects
    }
    counts = (
        "rows_read",
        "kept",
        "repaired",
        "joined",
        "left_out",
        "orders",
        "stations",
        "workers",
        "first",
        "last",
        "warnings",
    )
    assert [getattr(found, name) for name in counts] == [getattr(quality, name) for name in counts]


@pytest.mark.parametrize("kind", FILES)
def test_the_published_log_is_the_same_in_every_kind_of_file(
    tmp_path: Path, rows: list[dict[str, str]], from_csv: tuple[EventLog, Quality], kind: str
) -> None:
    same(read_log(FILES[kind](rows, tmp_path)), from_csv, FIRST_ROW.get(kind, 1))


def test_the_published_log_is_the_same_from_a_database(
    tmp_path: Path, rows: list[dict[str, str]], from_csv: tuple[EventLog, Quality]
) -> None:
    pytest.importorskip("sqlalchemy")
    same(read_query(to_database(rows, tmp_path), "-- all of them\nselect * from reports"), from_csv, 1)


def test_a_packed_file_is_read(tmp_path: Path, rows: list[dict[str, str]], from_csv: tuple[EventLog, Quality]) -> None:
    path = FILES["xes"](rows, tmp_path)
    packed = tmp_path / "log.xes.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read_log(packed).table.equals(read_log(path).table)
    with pytest.raises(LogError, match="unpacks to more than 1 MB"):
        read_log(packed, largest=1_000_000)
    packed.write_bytes(gzip.compress(packed.read_bytes()))
    with pytest.raises(LogError, match="packed twice"):
        read_log(packed)


XES = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1849-2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">
  <extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
  <global scope="event"><string key="concept:name" value="__INVALID__"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="concept:name" value="Example"/>
  <trace>
    <string key="concept:name" value="Order &quot;1&quot; &amp; more"/>
    <int key="pieces" value="12"/>
    <list key="history"><values><string key="concept:name" value="not the name"/></values></list>
    <event>
      <string key="concept:name" value="s&#228;gen"><string key="concept:name" value="nested"/></string>
      <string key="lifecycle:transition" value="start"/>
      <string key="org:resource" value="Machine 1"/>
      <date key="time:timestamp" value="2026-01-05T07:00:00.000+01:00"/>
    </event>
    <event>
      <string key="concept:name" value="s&#228;gen"/>
      <string key="lifecycle:transition" value="complete"/>
      <string key="org:resource" value="Machine 1"/>
      <date key="time:timestamp" value="2026-01-05T08:30:00.000+01:00"/>
      <id key="identity:id" value="7a0b0d9e-0000-4000-8000-000000000000"/>
    </event>
  </trace>
  <event><string key="concept:name" value="lost"/><string key="lifecycle:transition" value="complete"/></event>
</log>
"""


def saved(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def test_xes_as_the_standard_has_it(tmp_path: Path) -> None:
    """Attributes within attributes, lists and identifiers are not the event's own; an event may stand outside of all traces."""
    log = read_log(saved(tmp_path, "log.xes", XES))
    assert log.table.select("order", "activity", "station", "start", "end").rows() == [
        ('Order "1" & more', "sägen", "Machine 1", datetime(2026, 1, 5, 7), datetime(2026, 1, 5, 8, 30))
    ]
    assert [(row.row, row.reason) for row in log.aside] == [(3, "no order")]
    assert read_cells(tmp_path / "log.xes").frame["case:pieces"].to_list() == ["12", "12", None]


def test_a_prefix_of_the_namespace_does_not_matter(tmp_path: Path) -> None:
    text = (
        XES.replace("xmlns=", "xmlns:x=")
        .replace("</", "</x:")
        .replace("<", "<x:")
        .replace("<x:/x:", "</x:")
        .replace("<x:?", "<?")
    )
    assert read_log(saved(tmp_path, "log.xes", text)).table.height == 1


@pytest.mark.parametrize("tag", ["relationship", "object"])
def test_the_example_of_ocel_2(tmp_path: Path, tag: str) -> None:
    """The first events of the running example of the OCEL 2.0 specification, in JSON and in both ways in which XML is written."""
    kinds = {"PR1": "Purchase Requisition", "PO1": "Purchase Order", "R1": "Invoice"}
    events = [
        ("e1", "Create Purchase Requisition", "2022-01-09T15:00:00Z", ("pr_creator", "Mike"), ["PR1"]),
        ("e2", "Approve Purchase Requisition", "2022-01-09T16:30:00Z", ("pr_approver", "Tania"), ["PR1"]),
        ("e3", "Create Purchase Order", "2022-01-10T09:15:00Z", ("po_creator", "Mike"), ["PR1", "PO1"]),
        ("e4", "Change PO Quantity", "2022-01-13T12:00:00Z", ("po_editor", "Mike"), ["PO1"]),
    ]
    quantities = [("1970-01-01T00:00:00Z", 500), ("2022-01-13T12:00:00Z", 600)]
    document = {
        "objectTypes": [{"name": kind, "attributes": []} for kind in kinds.values()],
        "eventTypes": [{"name": name, "attributes": []} for _, name, *_ in events],
        "objects": [{"id": one, "type": kind, "attributes": [{"name": "po_quantity", "time": at, "value": number}
                     for at, number in quantities] if one == "PO1" else []} for one, kind in kinds.items()],
        "events": [{"id": i, "type": name, "time": at, "attributes": [{"name": what[0], "value": what[1]}],
                    "relationships": [{"objectId": one, "qualifier": "q"} for one in objects]} for i, name, at, what, objects in events],
    }  # fmt: skip
    log = "".join(
        f'<event id="{i}" type="{name}" time="{at}"><attributes><attribute name="{what[0]}">{what[1]}</attribute></attributes><objects>'
        + "".join(f'<{tag} object-id="{one}" qualifier="q"/>' for one in objects) + "</objects></event>"
        for i, name, at, what, objects in events
    )  # fmt: skip
    values = "".join(f'<attribute name="po_quantity" time="{at}">{number}</attribute>' for at, number in quantities)
    things = "".join(
        f'<object id="{one}" type="{kind}"><attributes>{values if one == "PO1" else ""}</attributes>'
        f'<objects><{tag} object-id="R1" qualifier="of another object"/></objects></object>' for one, kind in kinds.items()
    )  # fmt: skip
    xml = f"<?xml version='1.0'?><log><object-types/><event-types/><objects>{things}</objects><events>{log}</events></log>"
    for path in (saved(tmp_path, "log.json", json.dumps(document)), saved(tmp_path, "log.xml", xml)):
        table = read_cells(path)
        assert table.hints["case"][0] == "Purchase Order"
        assert table.frame["Purchase Order"].to_list() == [None, None, "PO1", "PO1"]
        assert table.frame["Purchase Requisition"].to_list() == ["PR1", "PR1", "PR1", None]
        assert table.frame["activity"].to_list() == [name for _, name, *_ in events]
        assert table.frame["pr_creator"].to_list() == ["Mike", None, None, None]
        assert table.frame["Purchase Order: po_quantity"].to_list() == [None, None, "600", "600"]
        assert "Invoice" not in table.frame.columns


def test_an_event_of_several_orders_is_a_row_for_each_and_is_said(tmp_path: Path) -> None:
    document = {
        "objects": [{"id": "A", "type": "order"}, {"id": "B", "type": "order"}, {"id": "M", "type": "oven"}],
        "events": [
            {
                "id": "1",
                "type": "bake",
                "time": "2026-01-05T07:00:00",
                "relationships": [{"objectId": one} for one in "ABM"],
            }
        ],
    }
    table = read_cells(saved(tmp_path, "log.jsonocel", json.dumps(document)))
    assert table.frame.select("order", "oven").rows() == [("A", "M"), ("B", "M")]
    assert table.lines.to_list() == [1, 1]
    assert table.warnings[0].startswith("1 events are about several 'order' at once")


def test_a_workbook_as_people_keep_it(tmp_path: Path) -> None:
    """Times of day and durations as cells of their own kind, a formula's error, a blank row, a note beside the table."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Order", "Step", "Start", "End", "Duration", "Qty"])
    sheet.append(["A", "saw", datetime(2026, 1, 5, 7), datetime(2026, 1, 5, 8), time(1, 0), 3.0])
    sheet.append([])
    sheet.append([4711, "mill", datetime(2026, 1, 5, 8), datetime(2026, 1, 6, 10), timedelta(hours=26), "#N/A"])
    sheet.append(["B", "mill", datetime(2026, 1, 5, 8), datetime(2026, 1, 5, 9), None, 2.5, "see below"])
    book.save(tmp_path / "log.xlsx")
    log = read_log(tmp_path / "log.xlsx")
    assert log.table.select("row", "order", "span", "quantity").rows() == [
        (2, "A", 3600.0, 3.0),
        (4, "4711", 93600.0, None),
    ]
    assert [(row.row, row.reason) for row in log.aside] == [(5, "more cells than the header names columns: 7, not 6")]


@pytest.mark.parametrize(
    ("name", "data", "code", "words"),
    [
        ("a.xes", XES.replace("<log", '<!DOCTYPE log [<!ENTITY a "ha">]>\n<log', 1), "PW3007", "declares a document type"),
        ("a.xes", XES.replace("<log", '<!DOCTYPE log SYSTEM "file:///etc/passwd">\n<log', 1), "PW3007", "declares a document type"),
        ("a.xes", XES[:600], "PW3007", "not well-formed"),
        ("a.xes", XES.split("<trace>")[0] + "<list>" * 99, "PW3007", "nested deeper than 32"),
        ("a.xes", '<?xml version="1.0" encoding="klingon"?><log/>', "PW3007", "encoding"),
        ("a.xml", "<plant><trace/></plant>", "PW3003", "holds no events"),
        ("a.xml", "<html><body/></html>", "PW3007", "neither XES nor OCEL"),
        ("a.xml", "<log/>", "PW3007", "neither XES nor OCEL"),
        ("a.json", "{", "PW3001", "is not JSON"),
        ("a.json", '{"a": 1}', "PW3009", "not OCEL 2.0"),
        ("a.json", '{"ocel:events": {}}', "PW3009", "OCEL 1.0"),
        ("a.json", '{"events": [{"id": 1}]}', "PW3009", "KeyError: 'type'"),
        ("a.json", '{"events": []}', "PW3003", "holds no events"),
    ],
)  # fmt: skip
def test_markup_that_is_no_log_is_refused(tmp_path: Path, name: str, data: str, code: str, words: str) -> None:
    with pytest.raises(LogError, match=words) as refused:
        read_log(saved(tmp_path, name, data))
    assert refused.value.problems[0].code == code


def test_a_workbook_that_would_unpack_to_too_much_is_refused_before_it_is(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    with pytest.raises(LogError, match=r"would unpack to 30 MB, 1,\d+ times its size") as refused:
        read_log(path)
    assert refused.value.problems[0].code == "PW3008"


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "c"])
    book.save(tmp_path / "good.xlsx")
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad:
        for member in good.namelist():
            lead = b'<!DOCTYPE x [<!ENTITY a "b">]>' if member.endswith("sheet1.xml") else b""
            bad.writestr(member, lead + good.read(member))
    with pytest.raises(LogError, match=r"declares a document type in xl/worksheets/sheet1.xml"):
        read_log(tmp_path / "bad.xlsx")
    with pytest.raises(LogError, match="no sheet with a table"):
        read_log(tmp_path / "good.xlsx")


def test_a_parquet_of_too_many_rows_is_refused_before_they_are_read(tmp_path: Path) -> None:
    """200 million equal rows are a file of a few kilobytes."""
    path = tmp_path / "bomb.parquet"
    polars.LazyFrame({"a": [1]}).select(polars.lit(1, polars.Int8).repeat_by(2_000_000).explode()).sink_parquet(path)
    many = [path] * 100
    polars.scan_parquet(many).sink_parquet(tmp_path / "many.parquet")
    with pytest.raises(LogError, match="unpacks to 200,000,000 rows"):
        read_log(tmp_path / "many.parquet")


def test_columns_of_lists_are_left_out_and_said(tmp_path: Path) -> None:
    day = [datetime(2026, 1, 5, 7), datetime(2026, 1, 5, 9)]
    frame = polars.DataFrame({
        "order": ["A", "B"], "operation": polars.Series(["saw", "saw"], dtype=polars.Categorical), "begin": day, "pieces": [[1], [2]],
        "end": [one + timedelta(minutes=30) for one in day], "qty": [3, 4],
    })  # fmt: skip
    frame.write_parquet(tmp_path / "log.parquet")
    log = read_log(tmp_path / "log.parquet")
    assert log.warnings == ("columns that hold no single values are left out: pieces",)
    assert log.table.select("order", "activity", "quantity").rows() == [("A", "saw", 3.0), ("B", "saw", 4.0)]


def test_a_database_that_is_no_ocel_says_how_to_read_it(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "mes.db") as base:
        base.execute("create table reports (a)")
    with pytest.raises(LogError, match="--query"):
        read_log(tmp_path / "mes.db")


def test_a_view_in_the_place_of_a_table_is_not_read(tmp_path: Path) -> None:
    """A view could hold a query that never ends."""
    with sqlite3.connect(tmp_path / "log.sqlite") as base:
        for table in ("event", "object", "event_map_type", "object_map_type"):
            base.execute(f"create table {table} (ocel_id, ocel_type, ocel_type_map)")
        base.execute(
            "create view event_object as with recursive n(i) as (select 1 union all select i from n) select * from n"
        )
    with pytest.raises(LogError, match="it lacks event_object"):
        read_log(tmp_path / "log.sqlite")


@pytest.mark.parametrize(
    ("url", "query", "code", "words"),
    [
        ("sqlite:///{}/absent.db", "select 1", "PW3005", "there is no file"),
        ("sqlite:///{}/mes.db", "delete from reports", "PW3042", "must begin with SELECT"),
        ("sqlite:///{}/mes.db", "select * from report", "PW3041", "no such table: report"),
        ("sqlite:///{}/mes.db", "select * from reports", "PW3003", "gives no rows"),
        ("nonsense", "select 1", "PW3041", "the URL cannot be read"),
        ("nosuch://x/y", "select 1", "PW3041", "not known"),
        ("oracle+cx_oracle://reader:secret@host/mes", "select 1", "PW3040", "pip install cx_Oracle"),
    ],
)
def test_a_query_that_gives_no_log_is_refused(tmp_path: Path, url: str, query: str, code: str, words: str) -> None:
    pytest.importorskip("sqlalchemy")
    with sqlite3.connect(tmp_path / "mes.db") as base:
        base.execute("create table reports (a)")
    with pytest.raises(LogError, match=words) as refused:
        read_query(url.format(tmp_path), query)
    assert refused.value.problems[0].code == code
    assert "secret" not in str(refused.value)


def test_a_query_changes_nothing(tmp_path: Path) -> None:
    """A WITH may end in an INSERT."""
    pytest.importorskip("sqlalchemy")
    path = tmp_path / "mes.db"
    with sqlite3.connect(path) as base:
        base.execute("create table reports (a)")
    base.close()
    with pytest.raises(LogError, match="attempt to write a readonly database"):
        read_query(f"sqlite:///{path}", "with n as (select 1 as a) insert into reports select a from n returning a")
    with sqlite3.connect(path) as base:
        assert base.execute("select count(*) from reports").fetchone() == (0,)


def test_without_sqlalchemy_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(LogError, match=r"pip install 'plantwright\[sql\]'"):
        read_query("sqlite:///x.db", "select 1")


def test_the_command_line_reads_a_query(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sqlalchemy")
    with sqlite3.connect(tmp_path / "mes.db") as base:
        base.execute("create table r (job, step, start, end)")
        base.executemany(
            "insert into r values (?, 'saw', ?, ?)",
            [(k, f"2026-01-0{k} 07:00", f"2026-01-0{k} 08:00") for k in range(1, 6)],
        )
    base.close()
    url = f"sqlite:///{tmp_path}/mes.db"
    code, out, _ = run(capsys, "inspect", url, "--query", "select * from r")
    assert (code, "5 rows, 5 orders" in out) == (0, True)
    code, _, said = run(capsys, "inspect", url)
    assert (code, "say which rows with --query" in said) == (2, True)
    code, _, said = run(capsys, "inspect", "log.csv", "--query", "select 1")
    assert (code, "needs the URL of a database" in said) == (2, True)

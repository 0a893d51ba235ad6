"""Tables of text as people save them: read rightly, or refused with what is wrong and where."""

from __future__ import annotations

from pathlib import Path

import polars
import pytest

from plantwright.errors import LogError
from plantwright.exchange import read_log, text
from plantwright.exchange.columns import choose_columns, plain_name
from plantwright.exchange.numbers import read_numbers
from plantwright.exchange.text import read_table
from plantwright.exchange.times import read_times, span_seconds

TEXT = """order,step,begin,end
A,saw,2026-01-05 07:00,2026-01-05 08:00
A,mill,2026-01-05 08:00,2026-01-05 09:30
B,saw,2026-01-06 07:00,2026-01-06 08:00
"""


def saved(folder: Path, text: str | bytes, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("data", "encoding", "separator"),
    [
        (TEXT.encode(), "UTF-8", "comma"),
        (TEXT.encode("utf-8-sig"), "UTF-8", "comma"),
        (TEXT.replace("saw", "säge").encode("cp1252"), "Windows-1252", "comma"),
        (TEXT.encode("utf-16"), "UTF-16", "comma"),
        (TEXT.encode("utf-16-le"), "UTF-16", "comma"),
        (TEXT.encode("utf-16-be"), "UTF-16", "comma"),
        (TEXT.replace(",", ";").encode(), "UTF-8", "semicolon"),
        (TEXT.replace(",", "\t").encode(), "UTF-8", "tab"),
        (TEXT.replace(",", "|").encode(), "UTF-8", "bar"),
        (TEXT.replace("\n", "\r\n").encode(), "UTF-8", "comma"),
        (TEXT.replace("\n", "\r").encode(), "UTF-8", "comma"),
        (("\n\n" + TEXT + "\n\n").encode(), "UTF-8", "comma"),
        (("sep=;\n" + TEXT.replace(",", ";")).encode(), "UTF-8", "semicolon"),
        (TEXT.replace("\n", ",,\n").encode(), "UTF-8", "comma"),
        (TEXT.replace(",", '","').replace("\n", '"\n"')[:-1].join(['"', ""]).encode(), "UTF-8", "comma"),
    ],
)
def test_code_pages_separators_and_line_ends(tmp_path: Path, data: bytes, encoding: str, separator: str) -> None:
    log = read_log(saved(tmp_path, data))
    assert log.notes["text"] == encoding
    assert log.notes["separator"] == separator
    assert log.rows_read == 3
    assert log.table["order"].to_list() == ["A", "A", "B"]
    assert (log.table["end"] - log.table["start"]).dt.total_minutes().to_list() == [60, 90, 60]


@pytest.mark.parametrize("piece", [3, 1 << 22])
@pytest.mark.parametrize(
    ("data", "at_once"),
    [
        (TEXT.encode(), True),
        (TEXT.removesuffix("\n").encode(), True),
        (TEXT.encode("utf-8-sig"), True),
        (("sep=;\n" + TEXT.replace(",", ";")).encode(), True),
        (TEXT.replace("\n", "\r\n").encode(), True),
        (TEXT.replace("saw", " s\u00e4ge ").replace("mill", '"mill, and wash"').encode(), True),
        (TEXT.replace("mill", '"mill\nand wash"').encode(), False),
        (TEXT.replace("mill", "").replace("A,", "A ,").encode(), True),
        (TEXT.replace("\n", "\r").encode(), False),
        (TEXT.replace("\n", "\n\n", 2).encode(), False),
        (TEXT.replace("\n", "\r\n\r\n", 2).encode(), False),
        (TEXT.replace("saw", "s\u00e4ge").encode("cp1252"), False),
        (TEXT.encode("utf-16"), False),
        ((TEXT + "B,mill,2026-01-06 08:00,2026-01-06 09:00,Smith, John\n").encode(), False),
    ],
)
def test_large_files_are_read_at_once_or_with_care_to_the_same_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, at_once: bool, piece: int
) -> None:
    path = saved(tmp_path, data)
    careful = read_table(path)
    monkeypatch.setattr(text, "LARGE", 1)
    monkeypatch.setattr(text, "PIECE", piece)
    assert (text._at_once(path, 10_000) is not None) == at_once
    table = read_table(path)
    assert table.frame.equals(careful.frame)
    assert table.lines.equals(careful.lines)
    assert (table.uneven, table.twice, table.encoding, table.separator) == (
        careful.uneven,
        careful.twice,
        careful.encoding,
        careful.separator,
    )


def test_rows_are_named_by_the_line_on_which_they_begin(tmp_path: Path) -> None:
    lines = TEXT.splitlines()
    text = "\n".join([*lines[:2], "", 'A,"mill\nand wash",2026-01-05 08:00,2026-01-05 09:30', "", lines[3], ""])
    log = read_log(saved(tmp_path, text))
    assert log.table["row"].to_list() == [2, 4, 7]
    assert log.table["activity"][1] == "mill\nand wash"


def test_a_line_separator_within_a_cell_ends_no_row(tmp_path: Path) -> None:
    log = read_log(saved(tmp_path, TEXT.replace("mill", "mill\u2028and\x0bwash\x85up")))
    assert log.table["activity"][1] == "mill\u2028and\x0bwash\x85up"
    assert log.rows_read == 3


def test_a_row_with_too_many_cells_is_set_aside_with_its_line(tmp_path: Path) -> None:
    log = read_log(saved(tmp_path, TEXT + "B,mill,2026-01-06 08:00,2026-01-06 09:00,Smith, John\n"))
    assert [(row.row, row.reason) for row in log.aside] == [(5, "more cells than the header names columns: 6, not 4")]
    assert (log.rows_read, log.table.height) == (4, 3)


def test_a_row_with_too_few_cells_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    log = read_log(
        saved(tmp_path, TEXT.splitlines()[0] + "\nA,saw,2026-01-05 06:00\n" + "\n".join(TEXT.splitlines()[1:]))
    )
    assert [(row.row, row.reason) for row in log.aside] == [(2, "no time: 2026-01-05 06:00 / None")]
    assert log.rows_read == 4


def test_columns_may_have_names_that_plantwright_uses_itself(tmp_path: Path) -> None:
    text = TEXT.replace("order,step,begin,end", "order,activity,start,end").replace("\n", ",x,y,1\n")
    text = text.replace(",x,y,1", ",row,copy of,turn", 1)
    assert read_log(saved(tmp_path, text)).table["row"].to_list() == [2, 3, 4]


def test_two_columns_of_one_name_are_said(tmp_path: Path) -> None:
    lines = TEXT.splitlines()
    text = "\n".join([lines[0] + ",end", *(line + ",2026-02-01 00:00" for line in lines[1:])])
    log = read_log(saved(tmp_path, text))
    assert log.warnings == ("several columns are called 'end'; the first is taken, the others are not looked at",)
    assert log.table["end"].dt.month().max() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\n \n\n", "is empty"),
        (b"order,step,begin,end\n", "has a header but no rows"),
        (TEXT.encode()[:60], "one row only"),
        (b"order\nA\nB\n", "one column only"),
        (bytes(range(256)) * 9, "is not a text file"),
        (b"PK\x03\x04" + b"x" * 99, "is a workbook or an archive that cannot be opened"),
        (TEXT.encode("utf-16")[:-1], "was it cut?"),
        ((TEXT + 'B,"mill,2026-01-06 08:00,2026-01-06 09:00\nC,saw,1,2\n').encode(), "opens here and never closes"),
        (TEXT.replace("begin", "b").replace(",end", ",e").encode(), "no column of times"),
        (TEXT.replace("2026-01-", "some day ").encode(), "no known way to write a time"),
        (TEXT.replace("order", "what").encode(), "no column is found for 'case'"),
        (b"case,activity,start,end\n" + b"A,saw,,\n" * 3, "no column of times"),
    ],
)  # fmt: skip
def test_what_is_no_log_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(LogError, match=words.replace("?", r"\?")):
        read_log(saved(tmp_path, data))


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("wb") as file:
        file.truncate(2_600_000_000)
    with pytest.raises(LogError, match=r"is 2600 MB; at most 2000 MB are read"):
        read_log(path)
    with path.open("r+b") as file:
        file.write(b"<log>")
        file.truncate(600_000_000)
    with pytest.raises(LogError, match=r"at most 500 MB of XML or JSON are read"):
        read_log(path)
    with pytest.raises(LogError, match="cannot be read"):
        read_log(tmp_path / "absent.csv")
    with pytest.raises(LogError, match="cannot be read"):
        read_log(tmp_path)


def test_every_problem_of_a_mapping_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LogError) as refused:
        read_log(saved(tmp_path, TEXT), {"cas": "order", "start": "begn", "end": "end"})
    assert [(problem.value, problem.suggestion) for problem in refused.value.problems] == [
        ("cas", "case"),
        ("begn", "begin"),
    ]


def test_what_is_needed_and_missing_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(LogError) as refused:
        read_log(saved(tmp_path, "a,b\n1,2\n3,4\n"))
    assert [problem.code for problem in refused.value.problems] == ["PW3012", "PW3012", "PW3013"]
    assert "--map case=COLUMN" in str(refused.value)


@pytest.mark.parametrize(
    ("cells", "commas_divide", "numbers"),
    [
        (["1", "2.5", None, "-3"], True, [1, 2.5, None, -3]),
        (["3,5", "10"], False, [3.5, 10]),
        (["3,5", "10"], True, [3.5, 10]),  # quoted in a file whose commas divide columns
        (["1,250", "2"], True, [1250, 2]),
        (["1,250", "2"], False, [1.25, 2]),
        (["1.250,5", "1.000,00"], False, [1250.5, 1000]),
        (["1,250.5", "1,000,000"], False, [1250.5, 1e6]),
        (["1 250", "1'000", "2\u00a0000"], True, [1250, 1000, 2000]),
        (["12 pcs", "n/a", "1e3", "inf", "nan"], True, [None, None, 1000, None, None]),
    ],
)
def test_numbers_as_people_write_them(
    cells: list[str | None], commas_divide: bool, numbers: list[float | None]
) -> None:
    assert read_numbers(cells, commas_divide)[0] == numbers


@pytest.mark.parametrize(
    ("written", "evidence"),
    [
        (["2026-01-05 14:30", "2026-01-25 14:30:00"], "the year comes first"),
        (["2026/01/05 14:30:00.000", "2026/01/25 14:30:00.000"], "the year comes first"),
        (["2026-01-05T14:30:00", "2026-01-25T14:30:00.000"], "the year comes first"),
        (["2026-01-05T14:30:00+02:00", "2026-01-25T14:30:00.000+0200"], "the local clock is kept"),
        (["05.01.2026 14:30", "25.01.2026 14:30"], "day first"),
        (["5.1.2026 14:30", "25.1.2026 14:30"], "day first"),
        (["05/01/2026 2:30 PM", "25/01/2026 02:30 pm"], "day first"),
        (["01/05/2026 2:30 PM", "01/25/2026 2:30:00 PM"], "month first"),
        (["1/5/26 14:30", "1/25/26 14:30"], "month first"),
        (["05-Jan-2026 14:30", "25-Jan-2026 14:30"], "day first"),
    ],
)
def test_the_same_two_times_written_in_many_ways(written: list[str], evidence: str) -> None:
    found = read_times([polars.Series("t", written)], "log.csv")[0]
    assert [f"{value:%Y-%m-%d %H:%M}" for value in found.values] == ["2026-01-05 14:30", "2026-01-25 14:30"]
    assert evidence in found.evidence


def test_midnight_may_be_written_as_its_date_alone() -> None:
    found = read_times([polars.Series("t", ["05.01.2026 14:30", "25.01.2026", "26.01.2026 07:00:30"])], "log.csv")[0]
    assert [value.hour for value in found.values] == [14, 0, 7]


def test_where_no_day_is_above_twelve_the_shorter_log_tells_the_order() -> None:
    """5 to 9 January is five days; read the other way they are the first of May to September."""
    found = read_times([polars.Series("t", [f"01/0{day}/2026 07:00" for day in range(5, 10)])], "log.csv")[0]
    assert {value.month for value in found.values} == {1}
    assert "month first: so the log spans 4 days, the other way 123" in found.evidence


def test_times_in_utc_are_said_to_be(tmp_path: Path) -> None:
    text = (
        TEXT.replace(":00,", ":00:00Z,")
        .replace(":30,", ":30:00Z,")
        .replace(":00\n", ":00:00Z\n")
        .replace(":30\n", ":30:00Z\n")
    )
    log = read_log(saved(tmp_path, text.replace(" 0", "T0")))
    assert "UTC" in log.warnings[0]
    assert log.table["start"][0].hour == 7


def test_times_that_were_cut_are_refused_with_the_cause(tmp_path: Path) -> None:
    text = "case,activity,start,end\n" + "A,saw,24:00.0,43:00.0\n" * 5
    with pytest.raises(LogError, match="mm:ss") as refused:
        read_log(saved(tmp_path, text))
    assert [problem.path for problem in refused.value.problems] == ["start", "end"]


@pytest.mark.parametrize(
    ("text", "minutes", "seconds"),
    [
        ("006:19", True, 6 * 3600 + 19 * 60), ("1:02:03", True, 3723), ("1899/12/31 01:49:00", True, 6540), ("90", True, 5400),
        ("90", False, 90), ("1,5", True, 90), ("soon", True, None), (None, True, None),
    ],
)  # fmt: skip
def test_durations(text: str | None, minutes: bool, seconds: float | None) -> None:
    assert span_seconds(text, minutes) == seconds


@pytest.mark.parametrize(("unit", "factor"), [("minutes", 1.0), ("hours", 1 / 60), ("seconds", 60.0)])
def test_durations_without_a_unit_take_the_one_that_agrees_with_the_times(
    tmp_path: Path, unit: str, factor: float
) -> None:
    lines = TEXT.splitlines()
    stated = [60 * factor, 90 * factor, 60 * factor]
    text = "\n".join(
        [lines[0] + ",duration", *(f"{line},{value:g}" for line, value in zip(lines[1:], stated, strict=True))]
    )
    log = read_log(saved(tmp_path, text))
    assert log.notes["durations"] == unit
    assert log.table["span"].to_list() == pytest.approx([3600, 5400, 3600])


def test_a_missing_start_is_the_end_less_the_duration_and_is_warned_of(tmp_path: Path) -> None:
    text = "case,activity,end,duration\n" + "".join(f"A{k},saw,2026-01-{k + 10} 09:00,45\n" for k in range(4))
    log = read_log(saved(tmp_path, text))
    assert log.table["start"][0].strftime("%H:%M") == "08:15"
    assert "no column of starts" in log.warnings[0]


def test_what_each_type_of_report_was_read_as(tmp_path: Path) -> None:
    text = "case,activity,type,start,end\n"
    for k, word in enumerate(["S", "S", "D", "B", "work"]):
        text += f"A{k},saw,{word},2026-01-0{k + 1} 07:00,2026-01-0{k + 1} 08:00\n"
    log = read_log(saved(tmp_path, text))
    assert log.table["type"].to_list() == ["setup", "setup", "work", "breakdown", "work"]
    assert (
        log.notes["types"] == "S read as setup (2), D read as work (1), B read as breakdown (1), work read as work (1)"
    )


def columns(*names: str, **cells: str) -> dict[str, str]:
    frame = polars.DataFrame(
        {name: [cells.get(name, "2026-01-05 07:00"), cells.get(name, "2026-01-06 08:00")] for name in names}
    )
    return {what: choice.column for what, choice in choose_columns(frame, None, "log.csv").items()}


def test_columns_are_known_by_many_names() -> None:
    assert columns("Auftrag", "Arbeitsgang", "Beginn", "Ende") == {
        "case": "Auftrag", "activity": "Arbeitsgang", "start": "Beginn", "end": "Ende",
    }  # fmt: skip
    assert columns("case:concept:name", "concept:name", "start_timestamp", "time:timestamp", "org:resource") == {
        "case": "case:concept:name", "activity": "concept:name", "start": "start_timestamp", "end": "time:timestamp",
        "worker": "org:resource",
    }  # fmt: skip
    assert plain_name("Work Order  Qty") == "work order qty"


def test_what_was_planned_is_not_what_was_done() -> None:
    found = columns("Job", "Step", "Planned Start", "Planned End", "Actual Start", "Actual End")
    assert (found["start"], found["end"]) == ("Actual Start", "Actual End")


def test_a_quantity_of_an_order_is_not_an_order() -> None:
    found = columns("Order Qty", "Order Ref", "Step", "Start", "End")
    assert (found["case"], found.get("order quantity")) == ("Order Ref", None)  # its cells are no numbers here


def test_the_column_of_codes_is_the_worker_and_that_of_words_the_station() -> None:
    frame = polars.DataFrame({
        "case": ["A", "B"], "activity": ["saw", "mill"], "start": ["2026-01-05 07:00"] * 2, "end": ["2026-01-05 08:00"] * 2,
        "resource": ["ID4932", "ID4167"], "resource.1": ["Machine 4 - Milling", "Saw"],
    })  # fmt: skip
    found = choose_columns(frame, None, "log.csv")
    assert (found["worker"].column, found["resource"].column) == ("resource", "resource.1")
    assert "ID4932" in found["worker"].evidence


def test_starts_and_ends_in_rows_of_their_own(tmp_path: Path) -> None:
    """Two saws of one order overlap: the first end belongs to the first start."""
    text = """case,activity,lifecycle,time
A,saw,START,2026-01-05 07:00
A,saw,start,2026-01-05 08:00
A,saw,complete,2026-01-05 09:00
A,saw,complete,2026-01-05 09:30
B,saw,start,2026-01-05 10:00
B,saw,complete,2026-01-05 11:00
B,mill,start,2026-01-05 12:00
B,wash,complete,2026-01-05 13:00
C,saw,suspend,2026-01-05 13:00
C,saw,start,soon
,saw,start,2026-01-05 14:00
"""
    log = read_log(saved(tmp_path, text))
    assert [(r["start"].hour, r["end"].hour, r["row"]) for r in log.table.iter_rows(named=True)] == [
        (7, 9, 2),
        (8, 9, 3),
        (10, 11, 6),
    ]
    assert {row.row: row.reason for row in log.aside} == {
        8: "a start without its end", 9: "an end without its start", 10: "an end without its start", 11: "no time: soon",
        12: "no order",
    }  # fmt: skip
    assert log.rows_read == 11 == log.table.height + log.joined + len(log.aside)


def test_a_table_says_how_it_is_written(tmp_path: Path) -> None:
    table = read_table(saved(tmp_path, TEXT))
    assert (table.frame.shape, table.encoding, table.separator, table.uneven, table.twice) == (
        (3, 4),
        "UTF-8",
        "comma",
        (),
        (),
    )

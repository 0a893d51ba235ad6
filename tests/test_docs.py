"""Every zone that a program writes is up to date, nothing named is missing."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"

pytestmark = pytest.mark.docs


def _refresh() -> Any:
    spec = importlib.util.spec_from_file_location("refresh", DOCS / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


refresh = _refresh()
PAGES: list[Path] = refresh.pages()


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path | str) -> str:
    return (DOCS / page).read_text("utf-8")


def rows(text: str) -> list[list[str]]:
    """The rows of all tables in a text, headings left out."""
    found = re.findall(r"^\| (.*) \|$", text, re.M)
    return [re.split(r" ?(?<!\\)\| ?", row) for row in found if not set(row) <= set("-| ")]


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of the same rank."""
    level = heading.partition(" ")[0]
    begin = re.search(rf"^{re.escape(heading)}$", text, re.M)
    assert begin, f"no heading {heading!r}"
    end = re.search(rf"^#{{1,{len(level)}}} ", text[begin.end() :], re.M)
    return text[begin.end() : begin.end() + end.start() if end else len(text)]


def test_every_command_that_is_named_exists_with_its_options() -> None:
    import click

    from plantwright.cli.main import group

    context = click.Context(group, **group.context_settings)
    for page in PAGES:
        for line in re.findall(r"^(?:\$ )?plantwright ([^\n`]+)", page.read_text("utf-8"), re.M):
            if line.startswith("-") or page.name == "errors.md":
                continue
            words = re.split(r"\s{2,}", line)[0].split()
            command = group.get_command(context, words[0])
            assert command is not None, f"{named(page)}: {line}"
            if isinstance(command, click.Group) and len(words) > 1:
                command = command.commands[words[1]]
            known = {o for p in command.get_params(click.Context(command, parent=context)) for o in p.opts}
            used = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
            assert used <= known, f"{named(page)}: {line}"


@pytest.mark.parametrize("page", [pytest.param(page, id=named(page)) for page in PAGES])
def test_zones_hold_what_the_program_writes_now(page: Path) -> None:
    """If this fails: python docs/refresh.py PAGE."""
    text = page.read_text("utf-8")
    openings = set(re.findall(r"<!-- ([a-z ]+?)(?:: [^\n]+?)? -->", text))
    assert openings <= set(refresh.WRITERS), f"a zone of no known kind: {openings}"
    assert len(refresh.ZONE.findall(text)) == len(re.findall(r"<!-- [a-z]", text)), "a zone has no end"
    assert text == refresh.refreshed(page, text, slow=False)


def test_the_table_of_truths_is_filled_in_and_holds_the_truth() -> None:
    zone = next(match["text"] for match in refresh.ZONE.finditer(text_of("concepts/simulation.md")))
    told = re.search(r"(\d+) of (\d+) intervals hold the truth", zone)
    assert told
    assert told[1] == told[2]
    assert len(rows(zone)) - 1 == int(told[2])


def test_the_table_of_intervals_holds_the_truth_as_often_as_it_should() -> None:
    zones = {match["name"]: match["text"] for match in refresh.ZONE.finditer(text_of("concepts/simulation.md"))}
    shares = [float(cell.removesuffix(" %")) for row in rows(zones["intervals"])[1:] for cell in row[2:]]
    assert len(shares) == 2 * 15
    assert all(93 <= share <= 97 for share in shares)


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.S)):
            path, _, anchor = target.partition("#")
            there = (page.parent / path).resolve() if path else page
            assert not re.match(r"[a-z]+:|/", target), f"{named(page)}: {target} is not relative"
            assert there.exists(), f"{named(page)}: {target}"
            if anchor:
                headings = re.findall(r"^#+ (.+)$", there.read_text("utf-8"), re.M)
                known = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert anchor in known, f"{named(page)}: {target}"


def test_every_page_is_reached_from_the_index() -> None:
    reached, waiting = set(), [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in re.findall(r"\]\(([^)#]+\.md)", page.read_text("utf-8")):
            waiting.append((page.parent / target).resolve())
    assert {page for page in PAGES if page.is_relative_to(DOCS)} <= reached


def test_every_word_of_the_plant_file_has_its_table() -> None:
    zones = {match["of"] for match in refresh.ZONE.finditer(text_of("reference/plant-file.md"))}
    assert zones == {path or "the top" for path in refresh.word_tables()}


def test_every_word_says_rightly_whether_it_is_simulated() -> None:
    """Each word of the plant file is put into a plant in which nothing is passed over: then only those are that say so."""
    from plantwright.plant import build_plant, changed
    from plantwright.simulation import not_simulated

    base = build_plant(SIMULATED, files=BESIDE)
    assert not_simulated(base) == ()
    wrong = []
    for path, value in WORDS_IN_PLACE.items():
        said = refresh.now(path)
        where = IN_PLACE.get(path.rpartition(" > ")[0], path.rpartition(" > ")[0])
        at = f"{where} > {path.rpartition(' > ')[2]}" if where else path
        with_it = {f"{where} > every": "900 pieces"} if value == "count" else COMPANIONS.get(path, {})
        passed_over = not_simulated(changed(base, {**with_it, at: value})) != ()
        if passed_over != (said in ("not yet", "in part")):
            wrong.append(f"{path}: {value}: said {said!r}, passed over: {passed_over}")
    assert not wrong, "\n".join(wrong)


def test_every_command_has_its_section() -> None:
    from plantwright.cli.main import group

    text = text_of("reference/command-line.md")
    commands: set[str] = set()
    for name in group.list_commands(None):  # type: ignore[arg-type]
        command = group.get_command(None, name)  # type: ignore[arg-type]
        commands |= {f"{name} {under}" for under in getattr(command, "commands", ())} or {name}
    assert {match["of"] for match in refresh.ZONE.finditer(text)} == commands | {"plantwright"}
    for command in commands:
        assert f"<!-- options: {command} -->" in section(text, f"## {command}")


def test_every_public_name_has_its_section() -> None:
    import plantwright

    text = text_of("reference/python.md")
    assert set(re.findall(r"^### (\w+)$", text, re.M)) == set(plantwright.__all__)
    for name in plantwright.__all__:
        assert f"<!-- signature: {name} -->" in section(text, f"### {name}")


def test_every_error_code_is_explained_and_no_other() -> None:
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    raised = set(re.findall(r"\bPW\d{4}\b", sources))
    explained = [row[0] for row in rows(text_of("reference/errors.md")) if row[0].startswith("PW")]
    assert sorted(explained) == sorted(raised)
    assert all(len(row) == 3 and all(row) for row in rows(text_of("reference/errors.md")))


def test_every_family_has_its_section() -> None:
    from plantwright.improvement import all_families

    headings = set(re.findall(r"^### (.+)$", text_of("reference/families.md"), re.M))
    assert headings == set(all_families())


def test_figures_that_the_pages_quote_are_those_of_the_code() -> None:
    from plantwright.improvement import arithmetic, limits, ranking
    from plantwright.improvement.families import hours, learning, mix, reliability, sound, stopping
    from plantwright.simulation import trust
    from plantwright.units import show_duration

    def percent(share: float) -> str:
        return f"{100 * share:.3g} %"

    improvement, families = text_of("concepts/improvement.md"), text_of("reference/families.md")
    for page, figure in (
        (improvement, f"{percent(limits.MET)} or more of what is asked is sold"),
        (improvement, f"the plant would do over {percent(limits.SLACK - 1)} more"),
        (improvement, f"differ by more than {percent(arithmetic.DISAGREES)}"),
        (improvement, f"shortens the cycle time by over {percent(ranking.SHORTER)}"),
        (text_of("concepts/trust.md"), f"| `throughput` | within {percent(trust.TOLERANCE)} |"),
        (families, f"to level 2, {learning.HOURS_TO_LEVEL[3]:g} h to level 3"),
        (families, f"At most {percent(sound.MOST_LESS)} go"),
        (families, f"busy for {percent(stopping.AT_THE_LIMIT)} of its time"),
        (families, f"at {hours.OVERTIME_PAY} of the wage"),
    ):
        assert figure in page, figure
    assert ranking.NEGLIGIBLE == 1e-3
    assert ranking.HARMLESS == 0.005
    assert (stopping.LATER, stopping.SOONER, reliability.LONGER, reliability.MORE_SPARES) == (1.5, 0.75, 1.5, 1.5)
    assert (mix.DEARER, mix.FEWER, stopping.MOST_DROPPED) == (0.05, 0.75, 3)
    assert show_duration(hours.OVERTIME) == "60 min"


def fields_of(heading: str, level: str = "##") -> set[str]:
    return {row[0].strip("`") for row in rows(section(text_of("reference/json.md"), f"{level} {heading}"))} - {"field"}


def test_every_field_of_an_import_is_explained(tmp_path: Path) -> None:
    from plantwright.actions import import_plant
    from tests.exchange.small_fab import write_fab

    assert set(import_plant("smt2020", write_fab(tmp_path)).to_dict([])) == fields_of("plantwright.import/1")


def test_every_field_of_a_run_a_study_and_a_check_is_explained() -> None:
    from plantwright import improve, read_plant, simulate
    from plantwright.actions import check_plant

    example = ROOT / "examples" / "pouch-cell-pilot.yaml"
    plant = read_plant(example)
    run = simulate(plant, horizon="28 d", warmup="7 d", replications=2)
    names = {row[0].strip("`") for row in rows(section(text_of("reference/json.md"), "## plantwright.run/1"))}
    assert set(run.to_dict()) <= names
    assert {estimate.name for estimate in run.estimates} <= names
    study = improve(plant, horizon="28 d", warmup="7 d", replications=2, families=["overtime"]).to_dict()
    explained = fields_of("plantwright.study/1")
    assert set(study) | set(study["moves"][0]) == explained
    assert set(check_plant(example).to_dict()) == fields_of("plantwright.check/1")


def test_every_field_of_a_calibration_is_explained(tmp_path: Path) -> None:
    from plantwright import calibrate
    from plantwright.exchange import read_log

    lines = ["order,operation,machine,start,end"]
    for day in range(1, 27):
        for k in range(2):
            lines.append(
                f"A{day}-{k},turn,lathe,2026-01-{day:02} {8 + 3 * k:02}:00,2026-01-{day:02} {10 + 3 * k:02}:{day:02}"
            )
            lines.append(f"A{day}-{k},grind,grinder,2026-01-{day:02} {11 + 3 * k:02}:00,2026-01-{day:02} {12 + 3 * k:02}:{day:02}")  # fmt: skip
    (tmp_path / "log.csv").write_text("\n".join(lines), "utf-8")
    made = calibrate(read_log(tmp_path / "log.csv"), replications=2)
    assert set(made.to_dict()) == fields_of("plantwright.calibration/1")
    assert set(made.quality.to_dict()) == fields_of("plantwright.quality/1")


SIMULATED: dict[str, Any] = {
    "plant": "All simulated",
    "shifts": {"day": {"from": "07:00", "to": "15:00", "overtime": [{"days": "Sat", "from": "07:00", "to": "12:00"}]}},
    "people": {"Ana": {"shift": "day", "skills": {"mixing": "3", "repair": "3"}}},
    "work centers": {
        "coater": {
            "machines": [{"name": "M1"}],
            "shift": "day",
            "setup": {"default": "25 min"},
            "failures": [{"every": "40 h", "repair": "1 h", "by": [{"skill": "repair 2"}]}],
            "maintenance": [{"every": "500 h", "lasts": "4 h"}],
            "batch": {"max": "8 lots"},
        },
        "lathe": {"machines": "1"},
    },
    "products": {
        "cell": {
            "lot": "16 cells",
            "unit": "cell",
            "demand": {"rate": "40 cells/working day"},
            "release": {"conwip": "4 lots"},
            "routing": [
                {"mix": {"at": [{"center": "lathe"}], "time": "9 min/lot", "staff": [{"skill": "mixing 2"}]}},
                {"coat": {"at": "coater", "time": "9 min/lot", "rework": {"share": "3 %", "back to": "mix"}}},
            ],
        }
    },
    "moves": {"second lathe": {"set": {"work centers > lathe > machines": "2"}}, "other": {"set": {"rule": "SPT"}}},
}
BESIDE = {
    "p.csv": "products > cell > routing > mix > time\n540\n500\n",
    "orders.csv": "order,product,release,quantity\n1,cell,2026-01-05,16\n",
    "turns.csv": "order\n1\n",
    "wip.csv": "operation,quantity\nmix,16\n",
}
IN_PLACE = {
    "shifts > *": "shifts > day",
    "shifts > * > overtime": "shifts > day > overtime > 1",
    "people > *": "people > Ana",
    "work centers > *": "work centers > coater",
    "work centers > * > machines": "work centers > coater > machines > 1",
    "work centers > * > machines > failures": "work centers > coater > failures > 1",
    "work centers > * > machines > failures > by": "products > cell > routing > mix > staff > 1",
    "work centers > * > machines > maintenance": "work centers > coater > maintenance > 1",
    "work centers > * > setup": "work centers > coater > setup",
    "work centers > * > batch": "work centers > coater > batch",
    "products > *": "products > cell",
    "products > * > demand": "products > cell > demand",
    "products > * > release": "products > cell > release",
    "products > * > routing > *": "products > cell > routing > coat",
    "products > * > routing > * > rework": "products > cell > routing > coat > rework",
    "products > * > routing > * > at": "products > cell > routing > mix > at > 1",
    "moves > *": "moves > second lathe",
}
"""Where in that plant the words of a table stand."""
COMPANIONS = {
    "work centers > * > machines > failures > takes": {"materials": {"seal": {"price": "9 USD"}}},
    "work centers > * > setup > campaign": {"work centers > coater > setup > cleaning": "2 h"},
    "work centers > * > setup > cleaning": {"work centers > coater > setup > campaign": "20 lots"},
    "work centers > * > places": {"work centers > coater > failures > 1 > clock": "calendar"},
    "products > * > routing > * > interval": {
        "work centers > coater > failures > 1 > clock": "calendar",
        "work centers > coater > places": "2",
    },
    "products > * > routing > * > transfer": {"products > cell > routing > coat > at": "lathe"},
    "products > * > routing > * > same machine as": {"products > cell > routing > coat > at": "lathe"},
}
"""What a word needs beside it."""
HELD_OUT: Any = {"windows": "1"} | {
    key: {"model": "1", "width": "1", "replay": "2", "replay width": "2"}
    for key in ("n-gram", "absolute", "circadian", "relative", "cycle time")
}
WORDS_IN_PLACE: dict[str, Any] = {
    "time zone": "Europe/Berlin", "start": "2026-01-05 06:00", "currency": "USD", "rule": "CR",
    "areas": {"a": {"work centers": "coater"}}, "tools": {"die": {"count": "1"}},
    "materials": {"powder": {"price": "2 USD/kg"}}, "suppliers": {"Mill": {"lead time": "3 d"}},
    "buffers": {"lane": {"capacity": "4 lots", "feeds": "coater"}},
    "loops": {"cards": {"cards": "4 lots", "from": "mix", "until": "coat"}},
    "lines": {"line": {"index": "45 s", "stations": "coater"}}, "transport": {"AGV": {"count": "1"}},
    "changes": [{"on": "2026-09-01", "set": "work centers > lathe > machines", "to": "2"}],
    "totals": {"work in process": "4 lots"}, "hold-out": HELD_OUT, "money": {"discount": "12 %"}, "limits": {"hires": "2 people/y"},
    "sequence": "turns.csv", "posterior": "p.csv", "money > discount": "12 %", "money > horizon": "5 y", "money > energy": "0.1 USD/kWh",
    "shifts > * > days": "Mon-Thu", "shifts > * > breaks": "11:00-11:30", "shifts > * > except": {"2026-12-25": "closed"},
    "shifts > * > overtime > pay": "200 %",
    "people > * > count": "2", "people > * > wage": "30 USD/h", "people > * > absence": "5 %",
    "people > * > shift end": "finish piece", "people > * > learns": {"mixing 4": "80 h"},
    "work centers > * > sequence": "turns.csv", "work centers > * > places": "2", "work centers > * > start-up": {"after": "2 h", "lasts": "5 min"},
    "work centers > * > batch with": "any", "work centers > * > buffer": "4 lots", "work centers > * > rule": "slack",
    "work centers > * > choose": "fastest", "work centers > * > price": "6 kUSD",
    "work centers > * > cost": "1 kUSD/y", "work centers > * > shift end": "finish piece",
    "work centers > * > machines > speed": "110 %", "work centers > * > machines > only": "cell",
    "work centers > * > machines > failures > clock": "count", "work centers > * > machines > failures > takes": {"seal": "1"},
    "work centers > * > machines > failures > then": "scrap",
    "work centers > * > machines > failures > by > count": "1", "work centers > * > machines > failures > by > for": "load",
    "work centers > * > machines > failures > by > tends": "3 machines",
    "work centers > * > machines > failures > by > walk": "1 min",
    "work centers > * > machines > maintenance > clock": "count", "work centers > * > machines > maintenance > by": "repair 1",
    "work centers > * > machines > maintenance > per": "work center", "work centers > * > machines > maintenance > first": "9 h",
    "work centers > * > setup > minor": "5 min", "work centers > * > setup > minimum run": "4 lots",
    "work centers > * > setup > campaign": "9 lots", "work centers > * > setup > cleaning": "1 h",
    "work centers > * > batch > min": "2 lots", "work centers > * > batch > wait": "1 h",
    "products > * > family": "NMC", "products > * > price": "9 USD", "products > * > stock": {"capacity": "99 cells"},
    "products > * > at start": "wip.csv",
    "products > * > demand > low": "9 cells/working day", "products > * > demand > high": "90 cells/working day",
    "products > * > demand > season": {"Dec": "140 %"}, "products > * > demand > unmet": "backlog",
    "products > * > release > due": "9 d", "products > * > release > priority": "2", "products > * > release > class": "Hot",
    "products > * > release > when full": "lost",
    "products > * > routing > * > load": "1 min/lot", "products > * > routing > * > unload": "1 min/lot",
    "products > * > routing > * > interval": "1 min/lot", "products > * > routing > * > setup": "S1",
    "products > * > routing > * > yield": "97 %", "products > * > routing > * > scrap": "lot",
    "products > * > routing > * > gives": {"cells": "60 cells/lot"}, "products > * > routing > * > split": "2 lots",
    "products > * > routing > * > merge": "2 lots", "products > * > routing > * > transfer": "4 cells",
    "products > * > routing > * > next": "end", "products > * > routing > * > after": "mix",
    "products > * > routing > * > share": "80 %", "products > * > routing > * > share until": "coat", "products > * > routing > * > defects": {"scratch": "2 %"},
    "products > * > routing > * > sample": "20 %",
    "products > * > routing > * > queue time": {"until": "coat", "within": "8 h"},
    "products > * > routing > * > same machine as": "mix",
    "products > * > routing > * > rework > at most": "2", "products > * > routing > * > rework > then": "scrap",
    "products > * > routing > * > at > time": "8 min/lot", "products > * > routing > * > at > yield": "99 %",
    "moves > * > cost": "1 kUSD", "moves > * > lead time": "9 d", "moves > * > only with": "other",
}  # fmt: skip
"""A value for each word, by its path, that shows whether the engine knows it; where it knows some, one that it does not."""

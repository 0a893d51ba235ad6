"""The collector's file: all that is wrong at once, and secrets that are never shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plantwright.plant.readers import Text
from plantwright.plant.structures import Word
from plantwright.shopfloor import config as configs
from plantwright.shopfloor.config import ConfigError, Secret, SecretText, parse_config, read_config
from plantwright.shopfloor.connectors import ConnectorKind, Draft, Inlet
from plantwright.shopfloor.discovering import draft_text
from plantwright.shopfloor.readings import Tag


@dataclass(frozen=True)
class Toy:
    name: str
    url: str
    password: Secret | None = None

    def run(self, inlet: Inlet) -> None:
        raise NotImplementedError


def made(name: str, url: str, **rest: Any) -> Toy:
    if not url.startswith("http"):
        raise ValueError("'url' begins with http:// or https://")
    return Toy(name, url, **rest)


TOY = ConnectorKind(
    "toy",
    "reads a toy",
    (Word("url", Text(), example="http://toy:5000", needed=True), Word("password", SecretText())),
    made,
)


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    def kind(name: str) -> ConnectorKind:
        if name != "toy":
            raise KeyError(name)
        return TOY

    monkeypatch.setattr(configs, "kind", kind)
    monkeypatch.setattr(configs, "kind_names", lambda: ["toy"])


def test_a_file_with_all_common_words() -> None:
    read = parse_config(
        """
history: my history
sources:
  mill 1:
    connector: toy
    url: http://mill:5000
    only: ["mill 1/*", EXECUTION]
    without: [PATH_POSITION]
    deadband: {LOAD: 2 %, "mill 1/speed": 5}
    longest silence: 1 h
    no data after: 2 min
    clock limit: 30 s
    most tags: 50
"""
    )
    source = read.sources["mill 1"]
    assert read.history == "my history"
    assert source.connector == Toy("mill 1", "http://mill:5000")
    assert source.deadbands == {"LOAD": (0.0, 0.02), "mill 1/speed": (5.0, 0.0)}
    assert (source.longest_silence, source.no_data_after, source.clock_limit, source.most_tags) == (3600, 120, 30, 50)
    assert source.wants(Tag("mill 1/x", "sample", "mill 1", type="LOAD"))
    assert source.wants(Tag("mill 2/x", "event", "mill 1", type="EXECUTION"))
    assert not source.wants(Tag("mill 2/x", "sample", "mill 1", type="LOAD"))
    assert not source.wants(Tag("mill 1/x", "sample", "mill 1", type="PATH_POSITION"))


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(
            """
format: 2
histroy: here
sources:
  a: {connector: tyo, url: http://a}
  b: {connector: toy, url: ftp://b}
  c: {connector: toy}
  d: {connector: toy, url: http://d, no data after: 5 kg, colour: red}
  e: {connector: toy, url: http://e, password: {env: NOT_THERE}}
"""
        )
    told = str(caught.value).splitlines()
    assert len(told) == 8
    assert "collect.yaml:2  format: '2' must be from 1 to 1" in told[0]
    assert "unknown word 'histroy' (did you mean 'history'?)" in told[1]
    assert "there is no connector 'tyo'; there are: toy (did you mean 'toy'?) [PW5011]" in told[2]
    assert "'url' begins with http://" in told[3]
    assert "'url' is missing, such as 'url: http://toy:5000'" in told[4]
    assert "no data after" in told[5]
    assert "unknown word 'colour'" in told[6]
    assert "the environment has no 'NOT_THERE' [PW5012]" in told[7]


@pytest.mark.parametrize("text", ["", "sources: {}", "- a", "a: [", "sources: 3", "sources: {a: 3}"])
def test_what_is_no_collectors_file_is_refused(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text)
    assert "plant file" not in str(caught.value)


def test_secrets_come_from_environment_and_files_and_are_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("s3cret\n")
    file = tmp_path / "collect.yaml"
    file.write_text(
        "sources:\n"
        "  a: {connector: toy, url: http://a, password: {file: secret.txt}}\n"
        "  b: {connector: toy, url: http://b, password: {env: B_PASSWORD}}\n"
        "  c: {connector: toy, url: http://c, password: plainly}\n"
    )
    read = read_config(file, {"B_PASSWORD": "hush"})
    secrets = [source.connector.password for source in read.sources.values()]  # type: ignore[attr-defined]
    assert [secret.plain for secret in secrets] == ["s3cret", "hush", "plainly"]
    shown = repr(read) + str(secrets) + f"{secrets[0]} {secrets[1]:>9}" + "%s" % secrets[2]  # noqa: UP031
    assert not any(word in shown for word in ("s3cret", "hush", "plainly"))
    assert read.history == str(tmp_path / "history")


def test_a_draft_reads_back() -> None:
    drafts = [
        Draft("mill: 1", {"connector": "toy", "url": "http://mill:5000/a b?x=#1"}, notes=["nothing is encrypted"]),
        Draft("mill: 1", {"connector": "toy", "url": "http://mill2:5000"}),
    ]
    read = parse_config(draft_text(drafts))
    assert list(read.sources) == ["mill: 1", "mill: 1 2"]
    assert read.sources["mill: 1"].connector.url == "http://mill:5000/a b?x=#1"  # type: ignore[attr-defined]


def test_how_machines_are_understood() -> None:
    floor = parse_config(
        """
sources: {a: {connector: toy, url: http://a}}
time zone: Europe/Berlin
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}
machines:
  mill 1: {work center: milling, states: {STOPPED: idle}, run time: {gear: 4 min, "*": 5 min}, shifts: day}
  saw:
    rules: [{production: [load > 5, door is not OPEN]}, {setup: door is OPEN}]
    signals: {parts: counter 3}
    run time: 90 s
reasons: {coffee: planned}
micro-stop: 2 min
time between failures: failures + 1
"""
    ).floor
    mill, saw = floor.machine("mill 1"), floor.machine("saw")
    assert (floor.zone, list(floor.shifts), floor.micro_stop, floor.divisor) == (
        "Europe/Berlin",
        ["day"],
        120.0,
        "failures + 1",
    )
    assert (mill.work_center, mill.uses["STOPPED"], mill.uses["ACTIVE"], mill.shifts) == (
        "milling",
        "idle",
        "production",
        ("day",),
    )
    assert mill.run_times == {"gear": 240.0, "*": 300.0}
    assert [rule.use for rule in saw.rules] == ["production", "setup"]
    assert (saw.signals, saw.run_times) == ({"parts": "counter 3"}, {"*": 90.0})
    assert floor.reasons == {"coffee": "planned"}


def test_what_is_wrong_with_machines_is_said_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(
            """
sources: {a: {connector: toy, url: http://a}}
time zone: Europe/Atlantis
machines:
  a: {states: {STOPPED: lazy}, rules: [{production: load == 5}, {dreaming: load > 5}, production]}
  b: {signals: {partz: counter 3}, run time: 3 kg}
reasons: {coffee: break}
"""
        )
    told = str(caught.value)
    for part in (
        "Europe/Atlantis",
        "unknown 'lazy'",
        "is no condition",
        "unknown 'dreaming'",
        "a use of time with conditions",
        "unknown 'partz'",
        "run time",
        "unknown 'break'",
    ):
        assert part in told
    with pytest.raises(ConfigError, match="there is no shift 'night'; there are: day"):
        parse_config("sources: {a: {connector: toy, url: http://a}}\nmachines: {a: {shifts: night}}")


def test_an_editor_checks_the_file_by_its_schema() -> None:
    from copy import deepcopy

    import jsonschema

    from plantwright.shopfloor.config import config_schema

    schema = config_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema).is_valid
    given = {
        "format": "1",
        "sources": {"mill 1": {"connector": "toy", "url": "http://mill:5000", "no data after": "2 min"}},
        "machines": {"mill 1": {"work center": "milling", "run time": "4 min"}},
        "micro-stop": "3 min",
    }  # fmt: skip
    assert valid(given)
    for path, word in (("sources", "ulr"), ("machines", "run tme")):
        wrong = deepcopy(given)
        wrong[path]["mill 1"][word] = "x"  # type: ignore[index]
        assert not valid(wrong), word
    assert not valid({**given, "sources": {"mill 1": {"connector": "telepathy"}}})

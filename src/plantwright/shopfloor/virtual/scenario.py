"""Scenarios: what happens to a virtual plant and its servers, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant import changed, value_at
from plantwright.plant.beside import Beside
from plantwright.plant.document import in_order, parse
from plantwright.plant.plant import Plant
from plantwright.plant.readers import Choice, Context, Number, Quantity, Text
from plantwright.plant.structures import Keys, ListOf, MapOf, Raw, Word
from plantwright.shopfloor.virtual.errors import ScenarioError
from plantwright.shopfloor.virtual.faults import Faults
from plantwright.shopfloor.virtual.observations import Observations
from plantwright.shopfloor.virtual.rubbish import KINDS

if TYPE_CHECKING:
    from plantwright.shopfloor.virtual.running import Sink

LARGEST = 1_000_000
NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Edit:
    """A dated change of the plant; without values nothing changes but what is told of it: a null effect."""

    after: float
    name: str = "a change"
    set: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """The servers are not reached; ``midway``: the first thing that happens is that a document ends in its middle."""

    after: float
    lasts: float
    midway: bool = False


@dataclass(frozen=True, slots=True)
class Lie:
    """The servers' clock is off: by so many seconds, and by so many more in each second."""

    after: float
    lasts: float = float("inf")
    ahead: float = 0.0
    behind: float = 0.0
    drift: float = 0.0
    per: float = 3600.0


@dataclass(frozen=True, slots=True)
class Spoilt:
    """The servers say rubbish of a kind."""

    after: float
    lasts: float
    kind: str = "values"


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens, each after so many seconds of the plant from when it is served."""

    changes: Sequence[Edit] = ()
    cuts: Sequence[Cut] = ()
    clock: Sequence[Lie] = ()
    rubbish: Sequence[Spoilt] = ()


_DURATION = Quantity("duration")
_AFTER = Word("after", _DURATION, "", "2 d", "how long after the plant is served, by its own clock", needed=True)
_LASTS = Word("for", _DURATION, "lasts", "3 min", "how long, by its own clock", needed=True)

CHANGE = (
    _AFTER,
    Word("name", Text(), "", "quick-change jaws", "what it is called", "a change"),
    Word("set", MapOf(Raw()), "", "{work centers > coater > setup > default: 12 min}", "paths of the plant file and their new values", "nothing changes: a null effect"),
)  # fmt: skip
CUT = (
    _AFTER,
    _LASTS,
    Word("how", Choice({"at once": False, "midway": True}), "midway", "midway", "`midway`: a document ends in its middle", "at once"),
)  # fmt: skip
CLOCK = (
    _AFTER,
    Word("for", _DURATION, "lasts", "2 h", "how long, by its own clock", "to the end"),
    Word("ahead", _DURATION, "", "90 s", "it jumps ahead", "0 s"),
    Word("behind", _DURATION, "", "5 min", "it jumps back", "0 s"),
    Word("drift", _DURATION, "", "5 s", "it gains so much", "0 s"),
    Word("per", Quantity("duration", least=1.0), "", "1 h", "in so long", "1 h"),
)
RUBBISH = (_AFTER, _LASTS, Word("kind", Choice({kind: kind for kind in KINDS}), "", "values", "`markup`, `text`, `values` or `huge`", "values"))  # fmt: skip

WORDS = Keys(
    (
        Word("format", Number(least=1, most=1, whole=True), "", "1", "of this file", "1"),
        Word("changes", ListOf(Keys(CHANGE, Edit)), "", "[{after: 2 d, set: {work centers > coater > setup > default: 12 min}}]", "dated changes of the plant"),
        Word("cuts", ListOf(Keys(CUT, Cut)), "", "[{after: 1 h, for: 3 min, how: midway}]", "when the servers are not reached"),
        Word("clock", ListOf(Keys(CLOCK, Lie)), "", "[{after: 1 h, for: 2 h, ahead: 90 s}]", "when the servers' clock lies"),
        Word("rubbish", ListOf(Keys(RUBBISH, Spoilt)), "", "[{after: 1 h, for: 10 min, kind: values}]", "when the servers say rubbish"),
    ),
    lambda format=1, **values: Scenario(**values),
)  # fmt: skip


def read_scenario(path: str | Path) -> Scenario:
    """The scenario at a path. Raises ScenarioError with all that is wrong with it."""
    file = Path(path)
    try:
        if file.stat().st_size > LARGEST:
            raise _refuse(file, "larger than 1 MB; that is no scenario")
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _refuse(file, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise _refuse(file, "is not text in UTF-8; save it as UTF-8") from error
    return parse_scenario(text, str(file))


def parse_scenario(text: str, name: str = "scenario.yaml") -> Scenario:
    """The scenario in a text. Raises ScenarioError with all that is wrong with it."""
    if not text.strip():
        raise _refuse(Path(name), "is empty; a scenario says what happens, such as 'cuts: [{after: 1 h, for: 3 min}]'")
    try:
        root, problems = parse(text, name)
    except PlantError as error:
        raise ScenarioError(error.problems) from error
    context = Context(Beside(None, {}))
    made = WORDS.read(root, context, "")
    found = [*problems, *context.problems]
    if found:
        raise ScenarioError(sorted(dict.fromkeys(found), key=in_order))
    assert isinstance(made, Scenario)
    return made


def _refuse(file: Path, why: str) -> ScenarioError:
    return ScenarioError([Problem("PW5301", Place(str(file)), "", why)])


def with_changes(plant: Plant, scenario: Scenario, skipped: float, name: str = "scenario.yaml") -> Plant:
    """The plant with the dated changes of a scenario. Raises ScenarioError with all that cannot be changed."""
    edits = [(change, path, value) for change in scenario.changes for path, value in change.set.items()]
    if not edits:
        return plant
    zone = ZoneInfo(plant.time_zone)
    begin = plant.start.replace(tzinfo=zone).astimezone(UTC)
    found, dated = [], []
    for change, path, value in edits:
        on = (begin + timedelta(seconds=round(skipped + change.after))).astimezone(zone)
        dated.append({"on": f"{on:%Y-%m-%d %H:%M:%S}", "set": path, "to": value})
        try:
            changed(plant, {path: value})
        except PlantError as error:
            found += [
                replace(one, place=Place(name), path=f"changes > {change.name} > {path}") for one in error.problems
            ]
    if found:
        raise ScenarioError(found)
    try:
        return changed(plant, {"changes": [*(value_at(plant, "changes") or ()), *dated]})
    except PlantError as error:
        raise ScenarioError([replace(one, place=Place(name)) for one in error.problems]) from error


class Conductor:
    """Sets the faults of a scenario as the plant goes on.

    Parameters
    ----------
    scenario : Scenario
    skipped : float
        Seconds of the plant that had passed when it began to be served.
    """

    def __init__(self, scenario: Scenario, skipped: float) -> None:
        self._scenario, self._skipped = scenario, skipped
        self._midway_done: set[Cut] = set()
        self._looked = -1.0
        self.faults = Faults()

    def look(self, position: float, sinks: Sequence[Sink]) -> list[tuple[float, str]]:
        """Set what is wrong after so many seconds of the plant; cut and mend the servers. Returns the changes that have come since,
        each with when and its name.
        """
        scenario, after = self._scenario, position - self._skipped
        told = [(one.after, one.name) for one in scenario.changes if self._looked < one.after <= after]
        self._looked = max(self._looked, after)
        if scenario.cuts or scenario.clock or scenario.rubbish:
            self._set(after, sinks)
        return told

    def _set(self, after: float, sinks: Sequence[Sink]) -> None:
        scenario = self._scenario
        cut = next((one for one in scenario.cuts if one.after <= after < one.after + one.lasts), None)
        if cut is not None and cut.midway and cut not in self._midway_done:
            self._midway_done.add(cut)
            self.faults.cut_midway = True
        was, self.faults.cut = self.faults.cut, cut is not None and not self.faults.cut_midway
        self.faults.ahead = self._ahead(after)
        spoilt = (one.kind for one in scenario.rubbish if one.after <= after < one.after + one.lasts)
        self.faults.rubbish = next(spoilt, "")
        if was != self.faults.cut:
            for sink in sinks:
                sink.cut() if self.faults.cut else sink.mend()
        if cut is None:
            self.faults.cut_midway = False

    def lied(self, said: Observations) -> Observations:
        """Observations with the instants that the servers' clock gives them."""
        ahead = self.faults.ahead
        return Observations([time + ahead for time in said.time], said.item, said.value) if ahead else said

    def _ahead(self, after: float) -> int:
        seconds = sum(
            one.ahead - one.behind + one.drift * (after - one.after) / one.per
            for one in self._scenario.clock
            if one.after <= after < one.after + one.lasts
        )
        return round(seconds * NANOSECONDS)

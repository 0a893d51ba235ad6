"""A wrong value of each word: where it stands, which it is, why it is wrong, and the word that was most likely meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plantwright.errors import Place
from plantwright.plant.beside import Beside
from plantwright.plant.document import Entries, Items, Scalar
from plantwright.plant.readers import Context, Reader, Text
from plantwright.plant.structures import Keys, ListOf, Made, MapOf, Named, OneOf, Raw
from plantwright.plant.words.plant import PLANT
from tests.plant.shop import SHOP, only_problem, problems_of, shop
from tests.plant.test_every_word import FILES, at_cut, at_mill, at_saw, of_bracket, time_of

CUT = "products > bracket > routing > cut"

Story = tuple[str, str, str, str | None]

ONE_WORD: list[Story] = [
    # what is changed, where it is said to be wrong, what is said, what was most likely meant
    ("format: 1 -> format: 2", "format", "'2': this version reads format 1", None),
    ("currency: USD -> currency: dollars", "currency", "'dollars' is not a currency such as USD", None),
    ("+time zone: Mars/Olympus", "time zone", "'Mars/Olympus' is not a time zone", None),
    ("+start: 5th of May", "start", "'5th of May' is not a date and time such as '2026-01-05 06:00'", None),
    ("+start: 05/01/2026", "start", "'05/01/2026' is not a date", None),
    ("days: Mon-Fri -> days: Mon-Fry", "shifts > day > days", "'Fry' is not a day; write Mon, Tue", None),
    ('from: "07:00" -> from: "25:70"', "shifts > day > from", "'25:70' is not a time of day such as 07:00", None),
    ('from: "07:00" -> from: 7 h', "shifts > day > from", "'7 h' is not a time of day", None),
    ('breaks: ["11:00-11:30"] -> breaks: ["16:00-16:30"]', "shifts > day", "a break lies outside the shift", None),
    ('breaks: ["11:00-11:30"] -> breaks: ["11:00-11:30", "11:15-12:00"]', "shifts > day", "two breaks overlap", None),
    ('breaks: ["11:00-11:30"] -> breaks: ["07:00-15:00"]', "shifts > day", "a break takes the whole shift", None),
    ('breaks: ["11:00-11:30"] -> except: {2026-13-01: closed}', "shifts > day > except > 2026-13-01", "'2026-13-01' is not a date", None),
    ('breaks: ["11:00-11:30"] -> overtime: {days: Sat, from: "07:00", to: "07:00"}', "shifts > day > overtime", "it has no length", None),
    ("Ana: {shift: day -> Ana: {shift: dya", "people > Ana > shift", "unknown shift 'dya'; there is day", "day"),
    ("skills: {sawing: 2} -> skills: {sawing: 5}", "people > Ana > skills > sawing", "'5' must be from 0 to 4", None),
    ("Ana: {shift: day, -> Ana: {wage: 36 EUR/h,", "people > Ana > wage", "'36 EUR/h' is in EUR, but this plant counts in USD", None),
    ("Ana: {shift: day, -> Ana: {wage: 36,", "people > Ana > wage", "'36' is not an amount of money, such as '34 USD/h'", None),
    ("Ana: {shift: day, -> Ana: {wage: 36 USD,", "people > Ana > wage", "needs 'per what'", None),
    ("Ana: {shift: day, -> Ana: {absence: 120 %,", "people > Ana > absence", "'120 %' must not be over 100 %", None),
    ("Ana: {shift: day, -> Ana: {count: 1.5,", "people > Ana > count", "'1.5' is not a whole number", None),
    ("saw: {machines: 1 -> saw: {machines: 0", "work centers > saw > machines", "'0' must be at least 1", None),
    ("saw: {machines: 1 -> saw: {machines: two", "work centers > saw > machines", "'two' does not begin with a number", None),
    ("saw: {machines: 1 -> saw: {machines: [{name: M1}, {name: M1}]", "work centers > saw", "two machines are called 'M1'", None),
    (at_saw("bufer: 4 lots"), "work centers > saw > bufer", "unknown word 'bufer'", "buffer"),
    (at_saw("buffer: 4"), "work centers > saw > buffer", "'4' does not say of what; write '4 lots' or '4 pieces'", None),
    (at_saw("buffer: 4 min"), "work centers > saw > buffer", "'4 min' is not a count of lots or pieces", None),
    (at_saw("buffer: 4 cells"), "work centers > saw > buffer", "'cell' is not a unit of what is made here; that is piece", None),
    (at_saw("setup: 25"), "work centers > saw > setup", "'25' needs a unit of duration, such as '45 min'", None),
    (at_saw("setup: 2 m"), "work centers > saw > setup", "'m' is a unit of length, but a duration is wanted", None),
    (at_saw("setup: {into: {NCM: 5 min}}"), "work centers > saw > setup", "unknown family 'NCM'; there is LFP, NMC", "NMC"),
    (at_saw("batch: {max: 2 lots, min: 8 lots}"), "work centers > saw > batch", "min (8) is more than max (2)", None),
    (at_saw("batch with: same recipe"), "work centers > saw", "there is no 'batch'", None),
    (at_saw("choose: fastes"), "work centers > saw > choose", "unknown 'fastes'; known are longest idle, longest idle place, empty machine, least setup, fastest", "fastest"),
    (at_saw("power: {runing: 2 kW}"), "work centers > saw > power > runing", "'runing' is not a state of a machine; did you mean 'run'?", None),
    (at_saw("power: 2 kg"), "work centers > saw > power", "'kg' is a unit of mass, but a power is wanted", None),
    (at_saw("price: 650 k"), "work centers > saw > price", "'650 k' is not an amount of money", None),
    (at_saw("price: 650 kUSD/y"), "work centers > saw > price", "a plain amount is wanted, not one per y", None),
    (at_saw("failures: [{every: exponental 40 h, repair: 1 h}]"), "work centers > saw > failures > 1 > every",
     "'exponental' is not a distribution; did you mean 'exponential'?", None),
    (at_saw("failures: [{every: 40 h}]"), "work centers > saw > failures > 1", "'repair' is missing, such as 'repair: lognormal 1.5 h cv 0.8'", None),
    (at_saw("failures: [{every: 40 h, repair: lognormal 1 h}]"), "work centers > saw > failures > 1 > repair", "needs 'cv', such as 'lognormal 1.5 h cv 0.8'", None),
    (at_saw("failures: [{every: 40 h, repair: normal 1 h}]"), "work centers > saw > failures > 1 > repair", "needs 'sd', such as 'normal 12 min sd 2 min'", None),
    (at_saw("failures: [{every: 40 h, clock: count, repair: 1 h}]"), "work centers > saw > failures > 1", "the clock 'count' does not count", None),
    (at_saw("failures: [{every: 100 pieces, clock: working, repair: 1 h}]"), "work centers > saw > failures > 1", "'every' is a count of pieces", None),
    (at_saw("failures: [{every: 0 h, repair: 1 h}]"), "work centers > saw > failures", "the time between failures must be above zero", None),
    (at_saw("failures: [{every: 40 h, repair: 1 h, by: repairs 2}]"), "work centers > saw > failures", "nobody has the skill 'repairs'", "repair"),
    (at_saw("failures: [{every: 40 h, repair: 1 h, takes: {bering: 1 piece}}]"), "work centers > saw > failures", "unknown material 'bering'", "bearing"),
    ("saw: {machines: 1 -> saw: {machines: [{name: M1, failures: [{every: 9 h, repair: 1 h, by: nothing}]}]",
     "work centers > saw > machines > 1 > failures", "nobody has the skill 'nothing'", None),
    (at_saw("maintenance: [{every: 500 h, lasts: 4 h, per: machin}]"), "work centers > saw > maintenance > 1 > per", "unknown 'machin'", "machine"),
    ("at: saw -> at: swa", f"{CUT} > at", "unknown work center 'swa'; there is saw, mill, bench", "saw"),
    (time_of("2 kg/piece"), f"{CUT} > time", "'kg' is a unit of mass, but a duration is wanted, such as '45 min'", None),
    (time_of("-2 min/piece"), f"{CUT} > time", "'-2 min' is below zero", None),
    (time_of("2 min"), f"{CUT} > time", "'2 min' does not say per what; write '2 min/lot' or '2 min/piece'", None),
    (time_of("2 min/cell"), f"{CUT} > time", "per 'cell': the unit of 'bracket' is 'piece'", None),
    (time_of("triangular 3..4..7/piece"), f"{CUT} > time", "'3' needs a unit of duration", None),
    (time_of("triangular 7..4..3 min/piece"), f"{CUT} > time", "must rise from left to right", None),
    (time_of("triangular 3..4 min/piece"), f"{CUT} > time", "is not a range such as '40..60..80 min'", None),
    (time_of("triangular 3,4,7 min/piece"), f"{CUT} > time", "has a comma; distributions are written without: 'triangular 50..60..80 min'", None),
    (time_of("triangular(3, 4, 7) min/piece"), f"{CUT} > time", "has a comma; distributions are written without", None),
    (time_of("2,5 min/piece"), f"{CUT} > time", "has a comma in its number; write a point for decimals", None),
    (time_of("exponential(40 min)/piece"), f"{CUT} > time", "distributions are written without brackets: 'exponential 40 h'", None),
    (time_of("normal 2 min/piece sd 1 min/lot"), f"{CUT} > time", "is per lot and per piece; it must be per one thing", None),
    (time_of("2 min/piece guess 3..4 min"), f"{CUT} > time", "'guess 3..4 min' does not hold the value that it is a guess of", None),
    (time_of("2 min/piece guess 4..1 min"), f"{CUT} > time", "must rise from left to right", None),
    (time_of("empirical tims.csv:coat/lot"), f"{CUT} > time", "'tims.csv' cannot be found", None),
    (time_of("empirical times.csv:coats/lot"), f"{CUT} > time", "times.csv has no column 'coats'; it has cut, coat", None),
    (at_cut("yield: 103 %"), f"{CUT} > yield", "'103 %' must not be over 100 %", None),
    (at_cut("yield: 0.97"), f"{CUT} > yield", "'0.97' is not a share; write it with a percent sign, such as '97 %'", None),
    (at_cut("scrap: lots"), f"{CUT} > scrap", "unknown 'lots'; known are piece, lot", "lot"),
    (at_cut("staff: [{skill: sawin}]"), f"{CUT} > staff", "nobody has the skill 'sawin'", "sawing"),
    (at_cut("staff: [{skill: sawing 3}]"), f"{CUT} > staff", "nobody has 'sawing' at level 3; the best has 2", None),
    (at_cut("staff: [{skill: sawing 9}]"), f"{CUT} > staff > 1 > skill", "'sawing 9': levels of skill go from 0 to 4", None),
    (at_cut("staff: [{skill: sawing, count: 2}]"), f"{CUT} > staff", "2 people with 'sawing 1' are needed; 1 are there", None),
    (at_cut("staff: [{skill: sawing, for: [runn]}]"), f"{CUT} > staff > 1 > for > 1", "unknown 'runn'", "run"),
    (at_cut("staff: [{skill: sawing, tends: 3 lots}]"), f"{CUT} > staff > 1 > tends", "'3 lots' is not a count such as '3 machines'", None),
    (at_cut("uses: [palet]"), f"{CUT} > uses", "unknown tool 'palet'", None),
    (at_cut("takes: {barr: 2 kg/piece}"), f"{CUT} > takes", "unknown material 'barr'", "bar"),
    (at_cut("takes: {bar: 2 m/piece}"), f"{CUT} > takes > bar", "'bar' is counted in mass, but length of it is taken", None),
    (at_cut("takes: {bar: 2 kg}"), f"{CUT} > takes > bar", "'2 kg' does not say per what", None),
    (at_cut("takes: {bar: 2 min/piece}"), f"{CUT} > takes > bar", "'min' is a unit of duration, but an amount is wanted", None),
    (at_cut("next: {mill: 60 %, form: 30 %}"), f"{CUT} > next", "the shares add up to 90 %, not to 100 %", None),
    (at_cut("next: mil"), f"{CUT} > next", "unknown step 'mil'; there is cut, mill, form", "mill"),
    (at_mill("after: [cutt]"), "products > bracket > routing > mill > after", "unknown step 'cutt'", "cut"),
    (at_mill("same machine as: cutt"), "products > bracket > routing > mill > same machine as", "unknown step 'cutt'", "cut"),
    (at_mill("share: 80 %, share until: cut"), "products > bracket > routing > mill > share until", "lots do not come from 'mill' on to 'cut'", None),
    (at_mill("rework: {share: 3 %, back to: form}"), "products > bracket > routing > mill > rework > back to", "rework goes back, not forward", None),
    (at_mill("rework: {share: 3 %, back to: ctu}"), "products > bracket > routing > mill > rework > back to", "unknown step 'ctu'", "cut"),
    (at_mill("next: mill"), "products > bracket > routing > cut", "from cut, mill no way leads to the end of the routing", None),
    (at_mill("finds: {scratch: 95 %}"), "products > bracket > routing > mill > finds", "unknown defect 'scratch'", None),
    (at_cut("queue time: {until: from, within: 8 h}"), f"{CUT} > queue time > until", "unknown step 'from'", "form"),
    (at_cut("split: 4 min"), f"{CUT} > split", "'4 min' is not a count of lots or pieces", None),
    ("demand: {rate: 160 pieces/working day} -> demand: {rate: 160 pieces/fortnight}", "products > bracket > demand > rate", "per 'fortnight' is not per day", None),
    ("demand: {rate: 160 pieces/working day} -> demand: {rate: 160 pieces/day, low: 1 piece/working day}", "products > bracket > demand",
     "must all be per day or all per working day", None),
    ("demand: {rate: 160 pieces/working day} -> demand: {rate: 160 pieces/day, season: {Decem: 140 %}}", "products > bracket > demand > season > Decem",
     "'Decem' is not a month such as Dec", None),
    (of_bracket("release: {conwip: 12}"), "products > bracket > release > conwip", "'12' does not say of what; write '12 lots'", None),
    (of_bracket("release: saturate"), "products > bracket > release", "'saturate' is not a release; write 'saturated'", None),
    (of_bracket("release: {conwip: 12 lots, every: 1 h}"), "products > bracket > release", "conwip and every: a release has one rule", None),
    (of_bracket("release: {drum: sae, rope: 6 h}"), "products > bracket > release > drum", "unknown work center 'sae'", "saw"),
    (of_bracket("release: {every: 0 min}"), "products > bracket > release", "the time between two lots must be above zero", None),
    (of_bracket("release: {rope: 6 h}"), "products > bracket > release", "'rope' needs a 'drum'", None),
    (of_bracket("price: 38 EUR"), "products > bracket > price", "is in EUR, but this plant counts in USD", None),
    (of_bracket("stock: {capacity: 4000 cells}"), "products > bracket > stock > capacity", "'cell' is not a unit of what is made here", None),
    ("lot: 20 pieces -> lot: 0 pieces", "products > bracket > lot", "a lot holds more than nothing", None),
    ("    lot: 20 pieces ->     unit: cell\n    lot: 20 wafers", "products > bracket", "lot is given in 'wafer', but the unit is 'cell'", None),
    ("routing:\n      - turn: {at: bench, time: 12 min} -> routing: [turn]", "products > axle > routing > 1", "a step is one name with its keys", None),
    ("      - turn: ->       - turn: {at: bench, time: 1 min}\n      - turn:", "products > axle > routing > turn", "two steps are called 'turn'", None),
    ("  bar: {price: 2 USD/kg} ->   bar: {price: 2 USD/kg, on hand: 9 m}", "materials > bar", "its price and amounts are of different kinds: length, mass", None),
    ("  bar: {price: 2 USD/kg} ->   bar: {price: 2 USD/kg, from: Mill}", "materials > bar > from", "unknown supplier 'Mill'", None),
    ("  bar: {price: 2 USD/kg} ->   bar: {reorder: {at: 9 kg, up to: 2 kg}}", "materials > bar > reorder", "'at' (9) is more than 'up to' (2)", None),
    ("+areas: {Litho: {work centers: [swa]}}", "areas > Litho > work centers", "unknown work center 'swa'", "saw"),
    ("+buffers: {lane: {capacity: 40 pieces, feeds: [mil]}}", "buffers > lane > feeds", "unknown work center 'mil'", "mill"),
    ("+loops: {cards: {cards: 12 lots, from: cut, until: forn}}", "loops > cards > until", "unknown step 'forn'", "form"),
    ("+lines: {final: {index: 0 s, stations: [saw]}}", "lines > final > index", "must be above zero", None),
    ("+transport: {AGV: {count: 3, speed: 1 m, distances: d.csv}}", "transport > AGV > speed", "'m' is a unit of length, but a speed is wanted", None),
    ("+totals: {throughput: 120 jobs}", "totals > throughput", "'120 jobs' is not a rate such as '120 jobs/mo'", None),
    ("+totals: {late: 20}", "totals > late", "'20' is not a share; write it with a percent sign, such as '20 %'", None),
    ("+money: {discount: 12}", "money > discount", "'12' is not a share", None),
    ("+limits: {overtime: 4 hx/wk}", "limits > overtime", "unknown unit 'hx'", None),
    ("+changes: [{on: 2026-09-01, set: work centers > swa > machines, to: 2}]", "changes > 1 > set", "leads nowhere: there is no 'swa'", "saw"),
    ("+changes: [{on: 2026-09-01, set: work centers > saw > machines, to: none}]", "changes > 1 > set", "'none' does not begin with a number", None),
    ("+changes: [{on: 2026-09-01, set: work centers > saw > machines, to: unlimited}]", "changes > 1 > set", "a pure delay and machines cannot become each other", None),
    ("+changes: [{on: 2026-09-01, set: start, to: 2026-02-02}]", "changes > 1 > set", "the start of a run cannot change", None),
    ("+changes: [{on: 2026-09-01, set: work centers > saw > shift, to: nigt}]", "changes > 1 > set", "work centers > saw > shift: unknown shift 'nigt'", None),
    ("+moves: {more: {set: {work centers > saw > machins: 2}}}", "moves > more > set", "there is no 'machins'", "machines"),
    ("+moves: {more: {set: {work centers > saw > machines: 2}, only with: [mor]}}", "moves > more > only with", "unknown move 'mor'", None),
    ("+moves: {faster machin: {cost: 5 kUSD}}", "moves > faster machin", "'set' is missing", None),
    ("+posterior: /etc/passwd", "posterior", "leads out of the plant's folder", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "path", "reason", "suggestion"), ONE_WORD, ids=[story[0][:70] for story in ONE_WORD]
)
def test_one_wrong_value(change: str, path: str, reason: str, suggestion: str | None) -> None:
    text = shop(change)
    problem = only_problem(text, **FILES)
    assert problem.path == path
    assert reason in problem.reason
    assert problem.suggestion == suggestion
    assert problem.place.file == "shop.yaml"
    changed = [number for number, line in enumerate(text.split("\n"), 1) if line not in SHOP.split("\n")]
    assert problem.place.line is not None
    assert min(changed) - 1 <= problem.place.line <= max(changed) + 1, "the place is that of what was changed"


class TestAllAtOnce:
    def test_ten_errors_in_ten_places(self) -> None:
        text = shop(
            "currency: USD -> currency: USD\ncurrency: EUR",
            "days: Mon-Fri -> days: Mon-Fry",
            "skills: {sawing: 2} -> skills: {sawing: 7}",
            "saw: {machines: 1 -> saw: {machins: 1",
            "mill: {machines: 2 -> mill: {machines: two",
            "at: saw -> at: swa",
            "time: 4 min/piece -> time: 4 kg/piece",
            "at: bench, time: 30 min/lot -> at: bench, time: 30 min/lot, yield: 130 %",
            "at: bench, time: 12 min -> at: bench, time: -12 min",
            "rate: 10 pieces/working day -> rate: ten",
        )
        found = problems_of(text)
        assert [problem.place.line for problem in found] == sorted(problem.place.line or 0 for problem in found)
        assert {problem.path for problem in found} == {
            "currency", "shifts > day > days", "people > Ana > skills > sawing", "work centers > saw > machins",
            "work centers > mill > machines", "products > bracket > routing > cut > at",
            "products > bracket > routing > mill > time", "products > bracket > routing > form > yield",
            "products > axle > routing > turn > time", "products > axle > demand > rate",
        }  # fmt: skip

    def test_a_shift_that_is_wrong_is_not_also_unknown(self) -> None:
        problem = only_problem(shop('to: "15:00" -> to: "07:00"'))
        assert problem.path == "shifts > day"
        assert "from and to are the same: it has no length" in problem.reason

    def test_a_work_center_that_is_wrong_is_not_also_unknown(self) -> None:
        assert only_problem(shop(at_saw("batch: {max: 0.5 lots}"))).path == "work centers > saw > batch"
        assert only_problem(shop("saw: {machines: 1, shift: day} -> saw: many")).path == "work centers > saw"

    def test_a_step_that_is_wrong_is_not_also_unknown(self) -> None:
        text = shop("at: saw, -> att: saw,", at_mill("rework: {share: 1 %, back to: cut}"))
        assert {p.path for p in problems_of(text)} == {
            "products > bracket > routing > cut",
            "products > bracket > routing > cut > att",
        }

    def test_a_wrong_key_keeps_the_rest_checked(self) -> None:
        text = shop("work centers: -> work centres:", "days: Mon-Fri -> days: Fry")
        assert [p.suggestion for p in problems_of(text) if p.code == "PW1224"] == ["work centers"]
        assert any(p.path == "shifts > day > days" for p in problems_of(text))


def words(keys: Keys, path: str) -> Iterator[tuple[str, Reader]]:
    """Every word of the plant file, with its reader."""
    for word in keys.words:
        at = f"{path} > {word.name}" if path else word.name
        yield at, word.reader
        for inner in inner_keys(word.reader):
            yield from words(inner, at)


def inner_keys(reader: Reader) -> Iterator[Keys]:
    if isinstance(reader, Keys):
        yield reader
    elif isinstance(reader, Named):
        yield reader.keys
    elif isinstance(reader, ListOf | MapOf):
        yield from inner_keys(reader.item)
    elif isinstance(reader, Made):
        yield from inner_keys(reader.inner)
    elif isinstance(reader, OneOf):
        for way in (reader.scalar, reader.entries, reader.items):
            if way is not None:
                yield from inner_keys(way)
    elif type(reader).__name__ == "RoutingOf":
        yield from reader.inside("")  # type: ignore[misc]


ALL = dict(words(PLANT, ""))


def takes_any_text(reader: Reader) -> bool:
    """Names, rules and what is kept as it stands may be any word."""
    if isinstance(reader, ListOf):
        return takes_any_text(reader.item)
    if isinstance(reader, OneOf):
        return reader.scalar is not None and takes_any_text(reader.scalar)
    free = ("a skill with its level, such as 'mixing 2'", "a work center", "a tool")
    return isinstance(reader, Text | Raw) or type(reader).__name__ in ("NextOf", "MeasuresOf") or reader.kind in free


@pytest.mark.parametrize("path", list(ALL))
def test_no_word_takes_nonsense(path: str) -> None:
    reader = ALL[path]
    place = Place("shop.yaml", 7)
    context = Context(Beside())
    reader.read(Scalar("@ nonsense", place), context, path)
    if takes_any_text(reader):
        assert not context.problems
    else:
        assert context.problems, f"{path} takes any text"
        assert all(problem.place.line == 7 and problem.path.startswith(path) for problem in context.problems)


@pytest.mark.parametrize("path", [path for path, reader in ALL.items() if not isinstance(reader, Raw)])
def test_no_word_takes_a_wrong_shape_without_a_problem_or_a_crash(path: str) -> None:
    place = Place("shop.yaml", 7)
    odd = Entries(((Scalar("odd", place), Items((Scalar("x", place), Entries(place=place)), place)),), place)
    for node in (odd, Items((odd, Items((odd,), place)), place)):
        context = Context(Beside())
        ALL[path].read(node, context, path)
        assert context.problems
        assert all(problem.place == place for problem in context.problems)


def test_every_word_says_what_it_means_and_has_an_example() -> None:
    lacking = [at for keys, at in all_keys(PLANT, "") for word in keys.words if not (word.meaning and word.example)
               for at in [f"{at} > {word.name}"]]  # fmt: skip
    assert lacking == []


def test_every_default_says_why() -> None:
    lacking = [
        f"{at} > {word.name}"
        for keys, at in all_keys(PLANT, "")
        for word in keys.words
        if word.default and not word.why
    ]
    assert lacking == []


def all_keys(keys: Keys, path: str) -> Iterator[tuple[Keys, str]]:
    yield keys, path
    for word in keys.words:
        for inner in inner_keys(word.reader):
            yield from all_keys(inner, f"{path} > {word.name}")

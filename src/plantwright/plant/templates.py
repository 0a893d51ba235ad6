"""What `plantwright new` starts from: a blank plant, and the worked examples."""

from __future__ import annotations

from pathlib import Path

BLANK = """\
# A plant in a few words. Change every line until it is yours; 'plantwright check FILE --explain' tells what is assumed.
format: 1
plant: My plant
currency: USD
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:30", breaks: ["11:00-11:30"]}
people:
  operators: {count: 2, shift: day, skills: {machining: 2}, wage: 28 USD/h}
work centers:
  saw: {machines: 1, shift: day}
  mill:                           # two alike; 25 min to set up for another product
    machines: 2
    shift: day
    setup: 25 min guess 15..40 min
    failures: [{every: exponential 60 h guess, repair: lognormal 2 h cv 1 guess}]
    price: 85 kUSD                # of one more
products:
  bracket:
    lot: 20 pieces                # what moves together
    price: 19 USD
    demand: {rate: 135 pieces/working day}
    release: {conwip: 8 lots}     # so many are in the shop; one that is done lets the next in
    routing:
      - cut: {at: saw, time: 1.5 min/piece}
      - mill: {at: mill, time: triangular 3..4..7 min/piece, staff: [{skill: machining 2}], yield: 97 %}
  flange:
    lot: 10 pieces
    price: 34 USD
    demand: {rate: 45 pieces/working day}
    release: {conwip: 5 lots}
    routing:
      - cut: {at: saw, time: 2 min/piece}
      - mill: {at: mill, time: triangular 4..5..9 min/piece, staff: [{skill: machining 2}], yield: 98 %}
"""


def _folder() -> Path:
    """Where the examples are: beside the sources in a checkout, inside the package once installed."""
    inside = Path(__file__).parent / "examples"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "examples"


def template_names() -> list[str]:
    """The names that `template_text` knows."""
    folder = _folder()
    found = sorted(path.stem for path in folder.glob("*.yaml")) if folder.is_dir() else []
    return ["blank", *found]


def template_text(name: str) -> str:
    """The text of a template. KeyError for a name that is not in `template_names`."""
    if name == "blank":
        return BLANK
    if name not in template_names():
        raise KeyError(name)
    return (_folder() / f"{name}.yaml").read_text(encoding="utf-8")

"""Small plants whose next move can be worked out by hand."""

from __future__ import annotations

from plantwright.plant import Plant, build_plant, read_text

POUCH = """\
format: 1
plant: Pouch-cell pilot line
currency: USD
time zone: America/New_York
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}   # the shop's hours
people:
  Ana:         {shift: day, skills: {coating: 3, mixing: 2}, wage: 36 USD/h}
  coating:     {count: 2, shift: day, skills: {coating: 2, mixing: 2}, wage: 34 USD/h}
work centers:
  mixer: {machines: 1, shift: day}
  coater:
    machines: 1
    shift: day
    failures:
      - {every: exponential 40 h, clock: working, repair: lognormal 1.5 h cv 0.8}
    buffer: 4 lots
    price: 650 kUSD
  formation: {machines: 4, batch: {max: 8 lots, min: 2 lots, wait: 30 min}}
products:
  NMC pouch:
    unit: cell
    lot: 64 cells
    price: 38 USD
    demand: {rate: 400 cells/working day, unmet: lost}
    release: {conwip: 12 lots}
    routing:
      - mix:  {at: mixer, time: 90 min/lot, staff: [{skill: mixing 2, for: [load, run]}]}
      - coat: {at: coater, time: triangular 50..60..80 min/lot, staff: [{skill: coating 2}], yield: 97 %}
      - form: {at: formation, time: 11 h/batch}
"""
"""A pilot line whose mixer holds it back: 7.5 h / 1.5 h = 5 lots of 64 cells, 97 % of them good."""


def pouch(**replaced: str) -> Plant:
    """The pilot line with texts replaced: ``pouch(mix="90 min/lot")`` gives the words of `SLOTS` other values."""
    text = POUCH
    for slot, value in replaced.items():
        assert SLOTS[slot] in text
        text = text.replace(SLOTS[slot], value)
    return read_text(text)


SLOTS = {
    "coat": "triangular 50..60..80 min/lot",
    "mix": "90 min/lot",
    "demand": "400 cells/working day",
    "cards": "12 lots",
    "price": "    price: 38 USD\n",
    "wanted": "    demand: {rate: 400 cells/working day, unmet: lost}\n",
    "name": "Pouch-cell pilot line",
}
"""The texts of the pilot line that a test may replace."""


def two_steps(first: str = "10 min", second: str = "6 min", release: str = "saturated") -> Plant:
    """A cutter and a sewer in a row without any randomness, open day and night."""
    return build_plant(
        {
            "plant": "Two steps",
            "work centers": {"cutter": {"machines": "1"}, "sewer": {"machines": "1"}},
            "products": {
                "bag": {
                    "release": release,
                    "routing": [
                        {"cut": {"at": "cutter", "time": first}},
                        {"sew": {"at": "sewer", "time": second}},
                    ],
                }
            },
        }
    )


def one_pair_of_hands() -> Plant:
    """Two benches and one person, half an hour at each: 8 h / 1 h = 8 bags a day."""
    return read_text("""
plant: One pair of hands
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00"}
people:
  Ben: {shift: day, skills: {sewing: 2}}
work centers:
  left: {machines: 1, shift: day}
  right: {machines: 1, shift: day}
products:
  bag:
    release: {conwip: 6 lots}
    routing:
      - cut: {at: left, time: 30 min/lot, staff: [{skill: sewing 2}]}
      - sew: {at: right, time: 30 min/lot, staff: [{skill: sewing 2}]}
""")


def exact_line() -> Plant:
    """Four stations in a line, solved exactly as a Markov chain: base .5502328 pieces per minute."""
    work, every, repair = (1.0, 0.9, 1.0, 1.0), (0.01, 0.005, 0.02, 0.01), (0.1, 0.05, 0.2, 0.1)
    centers, steps = {}, []
    for k in range(4):
        centers[f"station {k + 1}"] = {
            "machines": "1",
            "failures": [
                {
                    "every": f"exponential {1 / every[k]:.12g} min",
                    "repair": f"exponential {1 / repair[k]:.12g} min",
                }
            ],
        } | ({"buffer": "2 lots"} if k else {})
        steps.append({f"work {k + 1}": {"at": f"station {k + 1}", "time": f"exponential {1 / work[k]:.12g} min"}})
    return build_plant(
        {
            "plant": "Exact line",
            "work centers": centers,
            "products": {"part": {"release": "saturated", "routing": steps}},
        }
    )

"""Lines of those who wait for people: one for each team, who are asked as if they stood in one line (docs/semantics.md, 5.3)."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant
from plantwright.simulation.blueprint import Blueprint
from tests.simulation.plants import log_of, shop

DAY = '{days: Mon-Sun, from: "07:00", to: "15:00"}'


def desks(people: str, skills: dict[str, str], *orders: str, more: str = "", materials: str = "") -> Plant:
    """A desk for each product, where somebody with its skill does an hour's work."""
    centers = ", ".join(f"at {name}: {{machines: 1, shift: day}}" for name in skills)
    products = "".join(
        f"  {name}: {{release: {{orders: orders.csv}}, routing: [work {name}: {{at: at {name}, time: 1 h, staff: [{{skill: {skill}}}]{more}}}]}}\n"
        for name, skill in skills.items()
    )
    return shop(
        f"plant: Desks\nshifts: {{day: {DAY}}}\npeople: {{{people}}}\n{materials}work centers: {{{centers}}}\nproducts:\n{products}",
        *orders,
    )


def teams(plant: Plant) -> dict[str, int]:
    """The team in whose line each work center stands."""
    blueprint = Blueprint(plant, 86400.0, 0.0, 0.0, False)
    rows = blueprint.template.records["center"]["team"].tolist()
    return dict(zip(blueprint.names["center"], rows, strict=False))


SKILLS = {"a": "cut", "b": "drill", "c": "paint", "d": "pack"}
ORDERS = ("a 01:00", "b 02:00", "c 03:00", "d 04:00")


class TestTeams:
    def test_who_can_stand_in_for_each_other_is_one_team(self) -> None:
        """Ann and Ben both drill, and Ben paints, so that Ann and who only paints are of one team; Dan packs, and nobody else does."""
        people = (
            "Ann: {shift: day, skills: {cut: 1, drill: 1}}, Ben: {shift: day, skills: {drill: 1, paint: 1}}, "
            "Cid: {shift: day, skills: {paint: 1}}, Dan: {shift: day, skills: {pack: 1}}"
        )
        found = teams(desks(people, SKILLS, *ORDERS))
        assert found["at a"] == found["at b"] == found["at c"] != found["at d"]

    def test_who_shares_nothing_is_a_team_of_its_own(self) -> None:
        people = ", ".join(f"P{k}: {{shift: day, skills: {{{skill}: 1}}}}" for k, skill in enumerate(SKILLS.values()))
        found = teams(desks(people, SKILLS, *ORDERS))
        assert len({found[f"at {name}"] for name in SKILLS}) == 4

    def test_what_they_take_makes_them_one_team(self) -> None:
        """Two people who share no skill both need steel: whoever gets the last of it keeps the other waiting."""
        people = ", ".join(f"P{k}: {{shift: day, skills: {{{skill}: 1}}}}" for k, skill in enumerate(SKILLS.values()))
        plant = desks(
            people,
            SKILLS,
            *ORDERS,
            more=", takes: {steel: 1 kg/lot}",
            materials="materials: {steel: {on hand: 9 kg}}\n",
        )
        assert len({teams(plant)[f"at {name}"] for name in SKILLS}) == 1


@pytest.mark.parametrize(
    "order", [("a", "b", "c", "d"), ("d", "b", "c", "a"), ("c", "d", "a", "b"), ("b", "c", "a", "d")]
)
def test_who_has_waited_longest_in_any_line_is_asked_first(order: tuple[str, ...]) -> None:
    """Everybody comes at 07:00, and there are two teams, of a and c and of b and d: work starts in the order in which it came."""
    people = "Ann: {count: 2, shift: day, skills: {cut: 1, paint: 1}}, Ben: {count: 2, shift: day, skills: {drill: 1, pack: 1}}"
    plant = desks(people, SKILLS, *(f"{name} 0{k}:00" for k, name in enumerate(order, 1)))
    assert len(set(teams(plant).values())) == 2
    started = [row[2] for row in log_of(plant, "1 d", "started") if row[0] == 7 * 60]
    assert started == [f"{name} {k}" for k, name in enumerate(order, 1)]

"""The gym: what is decided is done, what is left to the plant's rules is the plain run to the bit, and Gymnasium's checker is content."""

from __future__ import annotations

import copy
import importlib.util
import os
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

from plantwright.gym import DispatchEnv
from plantwright.plant import Plant, changed, read_plant
from plantwright.simulation import begin
from plantwright.simulation.observing import OF_A_LOT
from tests.simulation.plants import shop
from tests.twin.own_rules import offered

EXAMPLES = Path(__file__).parents[2] / "examples"
FAB, PILOT = EXAMPLES / "dispatching" / "due-date-fab.yaml", EXAMPLES / "pouch-cell-pilot.yaml"
DAY = 86400.0


def said(estimates: Any) -> list[str]:
    """What estimates say, to the bit."""
    return [repr((e.name, e.of, e.quantile, e.values)) for e in estimates]


def plain(plant: Plant, horizon: str, seed: int = 3, **options: Any) -> list[str]:
    state = begin(plant, horizon=horizon, seed=seed, **options)
    return said(state.run_until(state.end).estimates())


def play(env: DispatchEnv, action: Callable[[Any, dict[str, Any]], Any], seed: int | None = 3) -> tuple[float, int]:
    """The sum of rewards of an episode, and its steps."""
    seen, told = env.reset(seed=seed)
    total, steps, over = 0.0, 0, False
    while not over:
        seen, reward, over, _, told = env.step(action(seen, told))
        total, steps = total + reward, steps + 1
    return total, steps


def value(env: DispatchEnv, name: str) -> float:
    return next(e.mean for e in env.estimates() if e.name == name and not e.of and e.quantile is None)


@pytest.mark.parametrize("mode", ["rule", "lot"])
def test_gymnasiums_checker_is_content(mode: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        env = gymnasium.make("plantwright/Dispatch-v0", plant=FAB, mode=mode, horizon="10 d", disable_env_checker=True)
        check_env(env.unwrapped)


@pytest.mark.parametrize("rule", ["FIFO", "EDD", "SPT", "CR", "slack", ["least setup", "EDD"], ["priority", "LIFO"]])
def test_a_rule_that_stays_is_the_plain_run_with_it(rule: Any) -> None:
    env = DispatchEnv(FAB, rules=["as in the plant", rule], every="7 h", horizon="30 d")
    play(env, lambda *_: np.ones(3, np.int64))
    assert said(env.estimates()) == plain(
        changed(read_plant(FAB), {"rule": [rule] if isinstance(rule, str) else rule}), "30 d"
    )


@pytest.mark.parametrize("mode", ["rule", "lot"])
def test_people_setups_batches_and_buffers_go_on_as_in_the_plain_run(mode: Any) -> None:
    plant = read_plant(PILOT)
    env = DispatchEnv(plant, mode=mode, horizon="60 d", warmup="5 d", every="9 h" if mode == "rule" else None)
    leave = np.zeros(len(env.centers), np.int64) if mode == "rule" else 5
    assert play(env, lambda *_: leave)[1] > 100
    assert said(env.estimates()) == plain(plant, "60 d", warmup="5 d")


def test_dated_changes_are_made_on_the_way() -> None:
    plant = changed(
        read_plant(FAB), {"changes": [{"on": "2026-01-12", "set": "work centers > litho > machines", "to": "3"}]}
    )
    for mode, leave in (("rule", np.zeros(3, np.int64)), ("lot", 5)):
        env = DispatchEnv(plant, mode=mode, horizon="30 d")  # type: ignore[arg-type]
        play(env, lambda *_, leave=leave: leave)
        assert said(env.estimates()) == plain(plant, "30 d")
    assert said(env.estimates()) != plain(read_plant(FAB), "30 d")


def test_who_takes_the_lot_that_is_due_first_gets_the_run_by_due_dates() -> None:
    """The features tell slack and work ahead: their sum is the time until a lot is due."""
    env = DispatchEnv(FAB, mode="lot", lots=60, horizon="60 d")
    slack, ahead = (OF_A_LOT.index(word) for word in ("slack", "work ahead"))
    first = len(env.labels) - 60 * len(OF_A_LOT)

    def due_first(seen: Any, told: Any) -> int:
        lots = seen[first:].reshape(60, -1)
        until_due = np.where(told["action_mask"][:-1] == 1, lots[:, slack] + lots[:, ahead], np.inf)
        return int(until_due.argmin()) if told["center"] else 60

    play(env, due_first)
    assert said(env.estimates()) == plain(changed(read_plant(FAB), {"rule": ["EDD"]}), "60 d")


THREE = """
plant: One saw
rule: {rule}
work centers: {{saw: {{machines: 1}}}}
products:
  part:
    release: {{orders: orders.csv}}
    routing: [cut: {{at: saw, time: 60 min}}]
"""


@pytest.mark.parametrize("rule", ["FIFO", "CR", "[least setup, EDD]"])
def test_a_lot_that_is_chosen_goes_first(rule: str) -> None:
    """At 1:00 the saw is free, one lot is done and two wait. Who then takes the one that is due at 4:00 has the other late, which was due at
    2:30."""
    plant = shop(THREE.format(rule=rule), "part 00:00 due=23:00", "part 00:10 due=02:30", "part 00:20 due=04:00")
    for due, rewards in ((2.5, 3.0), (4.0, 1.0)):
        env = DispatchEnv(plant, mode="lot", lots=2, horizon="1 d", reward="on time")
        seen, told = env.reset(seed=1)
        assert (told["time"], told["center"], told["action_mask"].tolist()) == (3600.0, "saw", [1, 1, 1])
        lots = seen[-2 * len(OF_A_LOT) :].reshape(2, -1)
        assert sorted(lots[:, 2].tolist()) == [0.5, 2.0]  # hours of slack: until due, less the hour of work
        place = int(np.argmin(np.abs(lots[:, 2] + lots[:, 3] + 1 - due)))
        _, reward, over, _, _ = env.step(place)
        assert (reward, over) == (rewards, True)


def test_a_work_center_that_was_answered_rests_for_as_long_as_is_said() -> None:
    env = DispatchEnv(FAB, mode="lot", every="6 h", horizon="20 d")
    _, told = env.reset(seed=2)
    asked: dict[str, list[float]] = {}
    over = False
    while not over:
        asked.setdefault(told["center"], []).append(told["time"])
        _, _, over, _, told = env.step(0)
    spans = np.concatenate([np.diff(times) for times in asked.values()])
    assert (len(asked), len(spans) > 20, bool((spans >= 6 * 3600).all())) == (3, True, True)


def test_rewards_add_up_to_what_was_counted() -> None:
    """Lot-days in process are their mean times the days; finished on time less late is what the on-time share says."""
    env = DispatchEnv(FAB, horizon="40 d", warmup="2 d")
    total, steps = play(env, lambda *_: env.action_space.sample())
    assert steps == 40 * 3
    assert -total / 40 == pytest.approx(value(env, "work in process"), rel=1e-9)
    on_time, finished = (DispatchEnv(FAB, horizon="40 d", reward=reward) for reward in ("on time", "finished"))
    by_lot = DispatchEnv(FAB, mode="lot", horizon="40 d", warmup="2 d")
    assert -play(by_lot, lambda *_: 1)[0] / 40 == pytest.approx(value(by_lot, "work in process"), rel=1e-9)
    net, lots = (play(one, lambda *_: np.zeros(3, np.int64))[0] for one in (on_time, finished))
    assert net / lots == pytest.approx(2 * value(on_time, "on-time share") - 1)


def test_the_seed_is_the_luck_and_the_next_episode_is_the_next_replication() -> None:
    plant = read_plant(FAB)
    env = DispatchEnv(plant, horizon="10 d")
    as_planned = lambda *_: np.zeros(3, np.int64)  # noqa: E731
    play(env, as_planned, seed=7)
    one = said(env.estimates())
    play(env, as_planned, seed=None)
    two = said(env.estimates())
    play(env, as_planned, seed=7)
    assert (said(env.estimates()), one == two) == (one, False)
    assert two == plain(plant, "10 d", seed=7, replication=2)


SHIFT = """
plant: Saws that open at seven
shifts: {{day: {{days: Mon-Sun, from: "07:00", to: "22:00"}}}}
rule: [FIFO]
work centers: {{saw: {{machines: {machines}, shift: day{more}}}}}
products:
  red: {{release: {{orders: orders.csv}}, routing: [cut: {{at: saw, time: 60 min{time}}}]}}
  blue: {{release: {{orders: orders.csv}}, routing: [cut: {{at: saw, time: 60 min{time}}}]}}
"""


def asked(env: DispatchEnv, action: Callable[[Any], int]) -> list[tuple[float, list[int]]]:
    """The hour of each question of an episode, and what might go."""
    found = []

    def answer(_: Any, told: dict[str, Any]) -> int:
        if told["center"]:
            found.append((told["time"] / 3600, told["action_mask"].tolist()))
        return action(told)

    play(env, answer, 1)
    return found


def test_each_of_several_idle_machines_is_a_question() -> None:
    """At 7:00 two saws open and four lots wait; an hour later two wait. What is left to the rule is not asked again."""
    plant = shop(SHIFT.format(machines=2, more="", time=""), "red 01:00", "red 02:00", "red 03:00", "blue 04:00")
    env = DispatchEnv(plant, mode="lot", lots=4, horizon="1 d", reward="finished")
    assert asked(env, lambda _: 0) == [
        (7, [1, 1, 1, 1, 1]),
        (7, [1, 1, 1, 0, 1]),
        (8, [1, 1, 0, 0, 1]),
    ]
    assert asked(env, lambda _: 4) == [(7, [1, 1, 1, 1, 1]), (8, [1, 1, 0, 0, 1])]


def test_lots_that_no_idle_machine_may_take_are_masked() -> None:
    """One saw does red alone and one blue alone: at 7:00 each lot may go, then, one saw being at work, only the lots of the other colour."""
    plant = shop(
        SHIFT.format(machines="[{name: R, only: [red]}, {name: B, only: [blue]}]", more="", time=""),
        *["red 01:00", "blue 02:00", "red 03:00", "blue 04:00"],
    )
    env = DispatchEnv(plant, mode="lot", lots=4, horizon="1 d", reward="finished")
    assert asked(env, lambda _: 2)[:2] == [(7, [1, 1, 1, 1, 1]), (7, [0, 1, 1, 0, 1])]
    assert env.estimates()


def test_batches_are_put_to_the_agent_where_they_differ() -> None:
    """Red and blue do not share a batch of at least two. Two of each are a choice; one blue beside two red is none, as it must wait."""
    words = {"machines": 1, "more": ", batch: {max: 2 lots, min: 2 lots}", "time": "/batch"}
    both = shop(SHIFT.format(**words), "red 01:00", "blue 02:00", "blue 03:00", "red 04:00")
    env = DispatchEnv(both, mode="lot", lots=4, horizon="1 d", reward="finished")
    assert asked(env, lambda _: 1) == [(7, [1, 1, 1, 1, 1])]
    assert (
        asked(
            DispatchEnv(shop(SHIFT.format(**words), *["red 01:00", "blue 02:00", "red 04:00"]), mode="lot"), lambda _: 0
        )
        == []
    )


def test_every_question_has_two_answers_beside_the_rule() -> None:
    for plant in (PILOT, FAB):
        masks = [
            mask
            for _, mask in asked(DispatchEnv(plant, mode="lot", horizon="30 d"), lambda told: int(told["time"]) % 6)
        ]
        assert len(masks) > 50
        assert all(sum(mask[:-1]) >= 2 and mask[-1] == 1 for mask in masks)


def test_rules_of_other_packages_can_be_chosen() -> None:
    with offered():
        for rule in (["twin urgency"], ["least setup", "twin size"]):
            env = DispatchEnv(FAB, rules=["as in the plant", rule], every="7 h", horizon="30 d")
            play(env, lambda *_: np.ones(3, np.int64))
            assert said(env.estimates()) == plain(changed(read_plant(FAB), {"rule": rule}), "30 d")


def test_a_choice_of_rules_holds_when_the_plant_changes() -> None:
    """A change of a price on the way changes nothing of what is made."""
    edits = {"changes": [{"on": "2026-01-08", "set": "products > logic > price", "to": "40 USD"}]}
    plants = [read_plant(FAB), changed(read_plant(FAB), edits)]
    done = []
    for plant in plants:
        env = DispatchEnv(plant, rules=["as in the plant", "SPT"], every="30 d", horizon="30 d", reward="finished")
        play(env, lambda *_: np.ones(3, np.int64))
        done.append((value(env, "cycle time"), value(env, "throughput")))
    assert done[0] == done[1]


def test_a_copy_goes_on_by_itself_and_what_is_pickled_begins_anew() -> None:
    env = DispatchEnv(FAB, mode="lot", horizon="10 d")
    env.reset(seed=4)
    for _ in range(50):
        env.step(0)
    other = copy.deepcopy(env)
    one, two = ([each.step(1) for _ in range(100)] for each in (env, other))
    assert all(np.array_equal(a[0], b[0]) and a[1] == b[1] for a, b in zip(one, two, strict=True))
    anew = pickle.loads(pickle.dumps(env))
    with pytest.raises(ResetNeeded):
        anew.step(0)
    assert np.array_equal(anew.reset(seed=4)[0], env.reset(seed=4)[0])


def test_several_run_side_by_side_as_each_alone() -> None:
    def new() -> DispatchEnv:
        return DispatchEnv(FAB, mode="lot", horizon="5 d")

    alone = new()
    for kind in (SyncVectorEnv, AsyncVectorEnv):
        envs = kind([new, new])
        _, told = envs.reset(seed=[3, 8])
        seen = [[], []]
        for _ in range(60):
            now, _, _, _, told = envs.step(told["action_mask"].argmax(axis=1))
            for k in range(2):
                seen[k].append(now[k].copy())
        envs.close()
        for k, seed in enumerate((3, 8)):
            _, one = alone.reset(seed=seed)
            for row in seen[k]:
                now, _, _, _, one = alone.step(int(one["action_mask"].argmax()))
                assert np.array_equal(now, row)


def test_it_is_made_by_its_name_and_shows_itself() -> None:
    env = gymnasium.make("plantwright/Dispatch-v0", plant=FAB, mode="lot", horizon="5 d", render_mode="ansi")
    _, told = env.reset(seed=1)
    assert np.array_equal(env.get_wrapper_attr("action_masks")(), told["action_mask"])
    text = str(env.render())
    assert text.splitlines()[0].endswith(f"{told['center']} asks")
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["litho", "etch", "furnace"]


def test_what_is_asked_for_wrongly_is_refused_with_what_there_is() -> None:
    for options, words in (
        ({"centers": ["lito"], "reward": "gold"}, "(?s)'lito'.*did you mean 'litho'.*'gold'.*'on time'"),
        ({"rules": ["FIFO", "LUCK", []]}, "(?s)'LUCK'.*EDD.*empty"),
        ({"rules": [["as in the plant", "EDD"]]}, "alone"),
        ({"mode": "both"}, "'rule', 'lot'"),
        ({"every": "0 h"}, "longer"),
        ({"mode": "lot", "lots": 1}, "at least 2"),
        ({"centers": []}, "nothing to decide"),
        ({"render_mode": "human"}, "ansi"),
    ):
        with pytest.raises(ValueError, match=words):
            DispatchEnv(FAB, **options)  # type: ignore[arg-type]
    for mode, good, wrong in (("rule", [0, 0, 0], [0, 5, 0]), ("rule", [0, 0, 0], 1), ("lot", 5, 6), ("lot", 5, 0.5)):
        env = DispatchEnv(FAB, mode=mode, horizon="1 d")  # type: ignore[arg-type]
        with pytest.raises(ResetNeeded):
            env.step(good)
        env.reset(seed=1)
        with pytest.raises(ValueError, match="whole number"):
            env.step(wrong)
        while not env.step(good)[2]:
            pass
        with pytest.raises(ResetNeeded):
            env.step(good)


def test_where_nothing_is_to_be_chosen_the_run_is_one_step() -> None:
    plant = shop(THREE.format(rule="FIFO"), "part 00:00 due=23:00", "part 05:00 due=05:30")
    env = DispatchEnv(plant, mode="lot", horizon="1 d", reward="on time")
    assert env.reset(seed=1)[1]["center"] is None
    assert env.step(5)[1:3] == (0.0, True)  # one is on time and one late


def test_the_policy_of_the_examples_beats_fifo_on_seeds_that_it_was_not_tuned_on() -> None:
    spec = importlib.util.spec_from_file_location("dispatch_policy", EXAMPLES / "dispatching" / "policy.py")
    assert spec is not None
    assert spec.loader is not None
    policy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(policy)
    seeds = range(5001, 5007)
    assert not set(seeds) & set(policy.TUNED_ON)
    env = policy.new_env()
    ours = [policy.played(env, policy.TUNED, seed) for seed in seeds]
    mean, low, high = policy.paired(ours, [policy.by_rule("FIFO", seed) for seed in seeds], level=0.99)
    assert 0 < low < mean < high


@pytest.mark.skipif(
    "PLANTWRIGHT_TEST_DATA" not in os.environ, reason="needs the tables of SMT2020; set PLANTWRIGHT_TEST_DATA"
)
def test_a_wafer_fab_runs_in_the_gym_as_it_does_alone() -> None:
    from plantwright.actions import import_plant

    plant = import_plant("smt2020", Path(os.environ["PLANTWRIGHT_TEST_DATA"]) / "smt2020" / "HVLM").plant
    alone = plain(plant, "3 d")
    by_rule = DispatchEnv(plant, horizon="3 d")
    play(by_rule, lambda *_: np.zeros(len(by_rule.centers), np.int64))
    assert said(by_rule.estimates()) == alone
    by_lot = DispatchEnv(
        plant, mode="lot", horizon="3 d", centers=[c for c in by_rule.centers if c.startswith("Litho")]
    )
    assert play(by_lot, lambda *_: 5)[1] > 100
    assert said(by_lot.estimates()) == alone

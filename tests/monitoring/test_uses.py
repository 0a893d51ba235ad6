"""What states count as: every state of PackML by word and number, every one of MTConnect, and no word that means two things."""

from __future__ import annotations

from plantwright.monitoring.uses import EXECUTION, PACKML, PACKML_NUMBERS, USES, USUAL


def test_every_number_of_packml_is_a_state_and_every_state_has_one() -> None:
    assert set(PACKML_NUMBERS.values()) == set(PACKML)
    assert sorted(PACKML_NUMBERS) == list(range(1, 18))
    assert USUAL["6"] == USUAL["EXECUTE"] == "production"
    assert USUAL["9"] == "failure"


def test_a_word_that_both_protocols_have_counts_as_the_same() -> None:
    assert all(PACKML[word] == EXECUTION[word] for word in set(PACKML) & set(EXECUTION))
    assert set(USUAL.values()) <= set(USES)

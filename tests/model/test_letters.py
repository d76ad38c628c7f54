"""A letter stays with its loss while the loss is shown, whatever becomes of the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.losses.formulas import LOSSES
from lossterm.model.rows import add_variant, remove_variant, restored_rows, saved_rows, toggle
from lossterm.model.subject import Subject

STEPS = st.lists(st.tuples(st.sampled_from(["toggle", "add", "remove"]), st.integers(0, 25)), max_size=30)


def named(listed: Subject) -> dict[tuple[object, ...], str]:
    """The letter of each shown loss."""
    return {listed.rows[index].key: letter for index, letter in listed.letters.items()}


def test_hiding_a_loss_leaves_the_others_their_letters() -> None:
    both = Subject()
    assert list(both.letters.values()) == ["a", "b"]
    first, second = both.shown
    one = toggle(both, first)
    assert one.letters == {second: "b"}
    three = toggle(one, list(LOSSES).index("focal"))
    assert three.letters == {second: "b", list(LOSSES).index("focal"): "a"}


@given(STEPS)
def test_a_letter_stays_while_its_loss_is_shown(steps: list[tuple[str, int]]) -> None:
    listed = Subject()
    for what, index in steps:
        before = named(listed)
        change = {"toggle": toggle, "add": add_variant, "remove": remove_variant}[what]
        listed = change(listed, index % len(listed.rows))
        after = named(listed)
        assert all(after[key] == letter for key, letter in before.items() if key in after)
        assert len(set(after.values())) == len(after) == len(listed.shown)
        assert all(row.slot == -1 for row in listed.rows if not row.shown)


@given(STEPS)
def test_letters_are_kept_between_runs(steps: list[tuple[str, int]]) -> None:
    listed = Subject()
    for _, index in steps:
        listed = toggle(listed, index % len(listed.rows))
    assert restored_rows(Subject(), saved_rows(listed)).letters == listed.letters

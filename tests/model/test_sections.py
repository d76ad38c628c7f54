"""The list of losses under its headings: what is in sight, what keys do there, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.losses.formulas import LOSSES, find_loss, names_of
from lossterm.core.losses.labels import Family, family_called
from lossterm.model import subject_actions as act
from lossterm.model.actions import Ask, Tell
from lossterm.model.rows import MAX_SHOWN
from lossterm.model.sections import Heading, lines, restored_folds, row_indices, saved_folds, section_of
from lossterm.model.store import Saved, load, save
from lossterm.model.subject import Subject, is_at_home
from lossterm.model.workspace import SubjectState, Workspace

FIRST = [i for i, loss in enumerate(LOSSES.values()) if loss.in_all]
"""The rows that one begins with."""

STATE = SubjectState()
DPO = list(LOSSES).index("dpo")

FAMILIES = [family.value for family in Family if any(section_of(x) == family.value for x in LOSSES.values())]
"""Those that have a heading."""


def headings(state: SubjectState) -> list[Heading]:
    return [line for line in state.lines if isinstance(line, Heading)]


def at(state: SubjectState, family: str) -> SubjectState:
    """The state at a family's heading."""
    return state.to_line(next(line for line in headings(state) if line.family == family))


def state_of(outcome: Any) -> SubjectState:
    found = outcome[0] if isinstance(outcome, tuple) else outcome
    assert isinstance(found, SubjectState)
    return found


def test_a_new_list_begins_as_it_always_did_and_ends_with_folded_headings() -> None:
    listed = STATE.lines
    assert list(listed[: len(FIRST)]) == FIRST
    assert all(isinstance(line, Heading) and line.folded for line in listed[len(FIRST) :])
    assert [line.family for line in headings(STATE)] == FAMILIES
    assert {"positive", "preference", "ratio"} <= set(FAMILIES)


def test_every_loss_is_in_one_section_and_every_heading_counts_its_own() -> None:
    unfolded = replace(STATE, folds=tuple((name, False) for name in FAMILIES))
    assert sorted(row_indices(unfolded.lines)) == list(range(len(LOSSES)))
    for heading in headings(unfolded):
        assert {LOSSES[STATE.subject.rows[i].loss].family.value for i in heading.rows} == {heading.family}
        more = any(x.in_all and x.family.value == heading.family for x in LOSSES.values())
        assert heading.count == f"{'+' if more else ''}{len(heading.rows)}"


def test_the_keys_go_over_headings_and_stop_at_the_ends() -> None:
    state = STATE.at(FIRST[-1])
    down = act.next_line(state, 1)
    assert down.at_heading is not None and down.at_heading.family == FAMILIES[0]
    assert down.current == state.current  # the readout stays with a loss
    assert act.next_line(down, -1).at_heading is None
    assert act.next_line(state, 999).at_heading == headings(STATE)[-1]
    assert act.next_line(state, -999).current == 0


def test_space_folds_and_unfolds_a_heading() -> None:
    state = at(STATE, "preference")
    opened = state_of(act.show_current(state))
    assert DPO in opened.lines
    assert opened.subject == state.subject  # nothing is shown by that
    inside = act.next_line(opened, 1)
    assert LOSSES[inside.subject.rows[inside.current].loss].family is Family.PREFERENCE
    closed = state_of(act.fold(inside, "preference"))
    assert DPO not in closed.lines and closed.at_heading is not None
    assert closed.place_in(closed.lines) == closed.lines.index(closed.at_heading)


@pytest.mark.parametrize(
    "action",
    [
        lambda s: act.step_parameter(s, which=0, direction=1),
        act.ask_parameters,
        act.refer,
        act.add_variant,
        act.remove_variant,
    ],
)
def test_what_acts_on_a_loss_says_so_at_a_heading(action: Any) -> None:
    told = action(at(STATE, "ratio"))
    assert isinstance(told, Tell) and "heading" in told.text
    assert not isinstance(action(STATE), Tell) or "heading" not in action(STATE).text


def test_a_shown_loss_unfolds_its_family_and_a_hidden_one_stays_in_sight() -> None:
    shown = state_of(act.show_row(STATE, DPO))
    assert DPO in shown.lines
    assert next(line for line in headings(shown) if line.family == "preference").count.startswith("1/")
    hidden = state_of(act.show_row(shown, DPO))
    assert DPO in hidden.lines


def test_a_loss_that_is_at_home_elsewhere_offers_to_go_there() -> None:
    _, told = act.show_row(STATE, DPO)
    assert isinstance(told, Tell) and "identity" in told.text and "βΔ" in told.text and "H" in told.text
    home = state_of(act.go_home(replace(STATE, current=DPO)))
    assert (home.subject.activation, home.subject.label) == ("identity", 1.0)
    assert isinstance(act.go_home(home), Tell)
    assert isinstance(act.show_row(home, DPO), SubjectState)  # nothing to say there
    assert isinstance(act.show_row(STATE, 2), SubjectState)  # nor of one that one begins with


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_is_at_home_where_h_goes(loss: str) -> None:
    smoothed = replace(STATE, subject=replace(Subject(), smoothing=0.2, activation="probit"))
    home = state_of(act.go_home(smoothed.at(list(LOSSES).index(loss))))
    assert is_at_home(home.subject, LOSSES[loss])


@pytest.mark.parametrize("family", [family for family in Family if any(x.family is family for x in LOSSES.values())])
def test_e_shows_all_of_a_family_and_hides_them_again(family: Family) -> None:
    members = [i for i, loss in enumerate(LOSSES.values()) if loss.family is family]
    state = STATE.at(members[0])
    shown = act.show_family(state)
    told = shown[1] if isinstance(shown, tuple) else None
    after = state_of(shown)
    if len(members) + 2 <= MAX_SHOWN:
        assert set(members) <= set(after.subject.shown)
        assert not set(members) & set(state_of(act.show_family(after)).subject.shown)
    else:
        assert len(after.subject.shown) == MAX_SHOWN
        assert isinstance(told, Tell) and str(MAX_SHOWN) in told.text


def test_a_filter_finds_any_name_and_any_family_and_unfolds_them() -> None:
    asked = act.ask_filter(STATE)
    assert isinstance(asked, Ask) and asked.typing is not None and asked.left is not None
    named = asked.typing(STATE, "ranknet")
    assert row_indices(named.lines) == [DPO] and named.current == DPO and named.at_heading is None
    within = asked.typing(asked.typing(STATE, "dp"), "dpo")
    assert len(row_indices(within.lines)) > 1 and within.current == DPO
    family = asked.typing(STATE, "pref")
    assert {LOSSES[family.subject.rows[i].loss].family for i in row_indices(family.lines)} >= {Family.PREFERENCE}
    assert isinstance(act.fold(family, "preference"), Tell)
    assert asked.typing(STATE, "no such loss").lines == ()
    assert act.show_current(asked.typing(STATE, "no such loss")) is None
    left = asked.left(family)
    assert (left.filter_text, left.current, left.lines) == ("", STATE.current, STATE.lines)


def test_a_row_that_is_folded_away_is_at_its_heading() -> None:
    away = replace(STATE, current=DPO, folds=(("preference", True),))
    assert away.at_heading is not None and away.at_heading.family == "preference"
    assert away.lines[away.place_in(away.lines)] == away.at_heading


def test_the_screens_share_what_is_folded() -> None:
    workspace = Workspace()
    opened = state_of(act.show_current(at(STATE, "ratio")))
    workspace.share(opened)
    assert workspace.followed(SubjectState()).folds == opened.folds


def test_what_is_folded_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    folds = (("preference", False), ("ratio", True))
    assert save(Saved(Subject(), folds=folds), path) == ""
    assert load(path).folds == folds


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(["ratio", "preference", "", "none"]), x)))  # fmt: skip
@pytest.mark.exhaustive
def test_what_was_kept_is_distrusted_one_by_one(document: Any) -> None:
    folds = restored_folds(document)
    assert all(family_called(name) and isinstance(folded, bool) for name, folded in folds)
    assert restored_folds(saved_folds(folds)) == folds
    assert row_indices(lines(Subject(), folds))


@pytest.mark.parametrize("family", Family)
def test_no_loss_has_the_name_of_a_family(family: Family) -> None:
    assert family_called(f" {family.value.upper()} ") is family
    assert not any(family.value == name.lower() for loss in LOSSES.values() for name in names_of(loss))
    with pytest.raises(ValueError, match="unknown loss"):
        find_loss(family.value)

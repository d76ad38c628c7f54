"""The line in which a loss of one's own is typed: what follows it, what stays, what is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual import events

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.own.registry import define, own_losses
from lossterm.curves.actions import CurvesState
from lossterm.curves.code import code_sheet
from lossterm.curves.formula import ask_formula
from lossterm.curves.options import view_words
from lossterm.curves.view import View
from lossterm.model.actions import Ask, Forget, Keep, Tell
from lossterm.model.own_losses import keep_loss, losses_file
from lossterm.model.permissions import Permissions
from lossterm.model.rows import set_parameters, toggle
from lossterm.model.subject_actions import remove_variant
from lossterm.tui.widgets.prompt import pointed_out
from tests.curves.program import Explorer, explorer
from tests.harness import NARROW

MINE = "mine(g=2): g*r**2"


def at(loss: str, view: View | None = None) -> CurvesState:
    """The state in which a loss is the current one."""
    view = view or View()
    return replace(CurvesState.of(view), current=[row.loss for row in view.rows].index(loss))


def asked(state: CurvesState) -> Ask:
    question = ask_formula(state)
    assert isinstance(question, Ask)
    return question


def typed(question: Ask, state: CurvesState, text: str) -> CurvesState:
    assert question.typing is not None
    followed: CurvesState = question.typing(state, text)
    return followed


def fault(question: Ask, text: str) -> tuple[int, str] | None:
    assert question.fault is not None
    return question.fault(text)


# ---- actions --------------------------------------------------------------------------------------------------------


def test_every_key_that_makes_a_formula_is_looked_at_and_the_last_good_one_stays() -> None:
    state = start = at("focal")
    question = asked(state)
    seen = []
    for end in range(len(MINE) + 1):
        state = typed(question, state, MINE[:end])
        if end and fault(question, MINE[:end]) is None:
            seen.append(MINE[:end])
            row = state.view.rows[state.current]
            assert (row.loss, row.shown) == ("mine", True) and row.entry.formula == MINE[:end].partition(": ")[2]
    assert seen == ["mine(g=2): g*r", "mine(g=2): g*r**2"]
    assert own_losses() == []  # nothing counts before it is accepted
    assert len(state.view.rows) == len(start.view.rows) + 1 and question.left is not None
    assert question.left(state) == start


@pytest.mark.parametrize("loss", LOSSES)
def test_any_built_in_loss_is_where_one_begins(loss: str) -> None:
    state = at(loss)
    question = asked(state)
    assert question.value.startswith(f"my-{loss}"[:15])
    assert (fault(question, question.value) is None) is bool(LOSSES[loss].expression)


def test_the_parameters_that_there_are_go_along() -> None:
    state = at("huber", set_parameters(View(), list(LOSSES).index("huber"), {"delta": 2.5}))
    assert asked(state).value.startswith("my-huber(delta=2.5(0,inf]): ")


def test_a_name_that_is_there_is_not_taken() -> None:
    define(MINE)
    there = "mine is there already: f on it changes it; take another name here"
    assert fault(asked(at("focal")), "mine: r**4") == (0, there)
    assert fault(asked(at("focal")), "focal: r**4") is not None
    assert fault(asked(at("mine")), "mine: r**4") is None


def test_enter_keeps_what_is_right() -> None:
    state = at("focal")
    question = asked(state)
    keep, then = question.take(typed(question, state, MINE), MINE + " + 1")
    assert keep == Keep("mine(g=2): g*r**2 + 1")
    assert then.view.rows[-1].definition == keep.definition
    with pytest.raises(ValueError, match="'\\)' is expected"):
        question.take(state, "mine: (r")


def test_the_view_of_a_loss_of_ones_own_is_told_with_its_definition() -> None:
    question = asked(at("focal"))
    words = view_words(typed(question, at("focal"), MINE).view)
    assert words[words.index("--define") + 1] == MINE and "mine" in words[words.index("--loss") + 1]


def test_it_is_changed_with_the_values_that_it_has() -> None:
    define(MINE)
    view = toggle(View(), list(LOSSES).index("mine"))
    view = set_parameters(view, list(LOSSES).index("mine"), {"g": 3.5})
    question = asked(at("mine", view))
    assert question.value == "mine(g=3.5): g*r**2"
    state = typed(question, at("mine", view), "mine(g=1): g*r**4")
    assert state.view.rows[state.current].params == (("g", 1.0),)
    assert len(state.view.rows) == len(view.rows)


def test_removing_is_asked_for() -> None:
    define(MINE)
    state = at("mine", toggle(View(), list(LOSSES).index("mine")))
    for question in (remove_variant(state), asked(state).take(state, "  ")):
        assert isinstance(question, Ask) and "remove mine for good?" in question.question
        assert question.take(state, "n") == Tell("mine stays")
        forget, then = question.take(state, "y")
        assert forget == Forget("mine") and "mine" not in [row.loss for row in then.view.rows]
        with pytest.raises(ValueError, match="y removes it"):
            question.take(state, "what")
    assert remove_variant(at("focal")) == at("focal")


@pytest.mark.parametrize("column", [0, 3, 39, 40, 77, 79, 200])
@pytest.mark.parametrize("what", ["x", "a closing bracket is expected, not the end", "y" * 200])
def test_the_caret_is_in_its_column(column: int, what: str) -> None:
    line = pointed_out(what, column, 80)
    assert len(line) <= 80 and line.index("^") == min(column, 79)


# ---- the screen -----------------------------------------------------------------------------------------------------


def shown(ui: Explorer) -> list[str]:
    return [ui.view.rows[i].loss for i in ui.view.shown]


def last_lines(ui: Explorer) -> list[str]:
    return [line.rstrip() for line in ui.text.splitlines()[-2:]]


async def test_what_is_typed_is_seen_kept_undone_and_removed() -> None:
    async with explorer(size=NARROW) as ui:
        ui.screen.workspace.permissions = Permissions()  # as in a terminal of one's own
        await ui.press("f")
        assert last_lines(ui)[1].startswith(" enter keeps it · esc leaves")
        for _ in range(100):
            ui.app.post_message(events.Key("backspace", None))
        await ui.type(MINE)
        assert ui.view.rows[-1].definition == MINE and "c mine" in ui.text
        await ui.type("+lgo(p)")
        line, below = last_lines(ui)
        assert below.index("^") == line.index("lgo") and "did you mean log?" in below
        assert ui.view.rows[-1].definition == MINE
        await ui.press("enter")  # not yet
        assert ui.screen.prompt.is_open and own_losses() == []
        await ui.press("escape")
        assert [row.loss for row in ui.view.rows] == list(LOSSES)
        assert shown(ui) == ["cross-entropy", "squared-error"]
        await ui.press("f")
        await ui.type("*2")
        await ui.press("enter")
        assert [loss.id for loss in own_losses()] == ["my-cross-entropy"]
        assert "my-cross-entropy(pos_weight=1(0,inf]): " in losses_file().read_text()
        await ui.press("U")  # the view of before; the loss is one like the others
        assert shown(ui) == ["cross-entropy", "squared-error"] and ui.view.rows[-1].loss == "my-cross-entropy"
        await ui.press("Y")
        assert shown(ui)[-1] == "my-cross-entropy"
        ui.screen.look_at(replace(ui.screen.state, current=len(ui.view.rows) - 1))
        await ui.press("V", "y", "enter")
        assert own_losses() == [] and "my-cross" not in losses_file().read_text()
        assert [row.loss for row in ui.view.rows] == list(LOSSES)


async def test_a_burst_of_keys_is_typed_and_taken() -> None:
    async with explorer() as ui:
        for key in ["f", *["backspace"] * 100, *MINE, "enter", "right_square_bracket"]:
            ui.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await ui.settle()
        assert ui.view.rows[-1].spec == "mine:g=2.2" and ui.view.rows[-1].shown
        assert not losses_file().exists()  # the program keeps nothing here


async def test_another_screen_sees_the_loss() -> None:
    define(MINE)
    keep_loss(MINE)
    async with explorer() as ui:
        await ui.press("f")
        await ui.type("*2")
        await ui.press("enter")
        subject: Any = ui.app.workspace.subject
        assert [row.loss for row in subject.rows][-2:] == ["mine", "my-cross-entropy"]
        await ui.pilot.press("5")
        await ui.until(lambda: any("my-cross-entropy" in line for line in ui.text.splitlines()))


def test_a_guest_keeps_nothing(tmp_path: Path) -> None:
    from lossterm.model.permissions import guest

    assert not guest(tmp_path).keeps_losses and Permissions().keeps_losses


def test_its_code_is_printed_by_a_command_that_knows_it() -> None:
    define(MINE)
    index = [row.loss for row in View().rows].index("mine")
    view = set_parameters(View(), index, {"g": 3.0})
    sheet = code_sheet(view, index, "numpy")
    assert "--define 'mine(g=2): g*r**2'" in " ".join(line for part in sheet.sections for line in part.text)

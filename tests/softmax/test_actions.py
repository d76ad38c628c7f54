"""What keys do on the Softmax screen, without one: each action is a function of the state."""

from __future__ import annotations

import io
import math
import random
from dataclasses import replace

import pytest

from lossterm.core.softmax.presets import PRESETS
from lossterm.model import rows, subject_actions
from lossterm.model.actions import Ask, Copy, Lay, Tell, Write
from lossterm.softmax import actions as act
from lossterm.softmax import edit
from lossterm.softmax.actions import SoftmaxState
from lossterm.softmax.keys import SOFTMAX
from lossterm.softmax.view import MAX_CLASSES, SoftmaxView

START = SoftmaxState()
FOCAL = 3
"""Index of the focal loss in the usual list."""


def of_view(view: SoftmaxView) -> SoftmaxState:
    """The state that a view opens with."""
    return SoftmaxState.of(view)


def asked(outcome: object) -> Ask:
    """A question."""
    assert isinstance(outcome, Ask)
    return outcome


def told(outcome: object) -> str:
    """What is told."""
    assert isinstance(outcome, Tell)
    return outcome.text


@pytest.mark.parametrize("command", [c for c in SOFTMAX if not isinstance(c.action, str)], ids=lambda c: c.keys[0])
def test_every_action_leaves_the_state_it_was_given(command: object) -> None:
    before = replace(START)
    outcome = command.action(START)  # type: ignore[attr-defined]
    assert before == START
    parts = outcome if isinstance(outcome, tuple) else (outcome,)
    assert all(isinstance(part, SoftmaxState | Tell | Ask | Copy | Lay | Write) for part in parts)


# ---- losses ---------------------------------------------------------------------------------------------------------


def test_a_variant_is_another_curve_and_becomes_the_current_row() -> None:
    state = subject_actions.add_variant(replace(START, current=FOCAL))
    assert isinstance(state, SoftmaxState)
    assert [row.spec for row in state.view.rows if row.loss == "focal"] == ["focal", "focal:gamma=2.5"]
    assert state.current == FOCAL + 1
    assert len({row.key for row in state.view.rows}) == len(state.view.rows)
    again = subject_actions.add_variant(state)
    assert [row.spec for row in again.view.rows if row.loss == "focal"] == ["focal", "focal:gamma=2.5", "focal:gamma=3"]
    assert subject_actions.remove_variant(state).view.rows[FOCAL].spec == "focal"


def test_a_parameter_of_which_all_steps_are_shown_has_no_further_variant() -> None:
    state = subject_actions.add_variant(replace(START, current=1))
    assert [row.spec for row in state.view.rows[1:3]] == ["squared-error", "squared-error:reduction=mean"]
    assert told(subject_actions.add_variant(state)) == "every step of squared-error has its row"
    assert told(subject_actions.add_variant(START)) == "cross-entropy has no parameter to compare"


def test_the_answer_goes_to_the_loss_that_was_asked_for() -> None:
    question = asked(subject_actions.ask_parameters(replace(START, current=FOCAL)))
    assert (question.question, question.value) == ("focal: gamma γ", "gamma=2")
    for moved in (0, 1, len(START.view.rows) - 1):
        answered = question.take(replace(START, current=moved), "5")
        assert answered.view.rows[FOCAL].spec == "focal:gamma=5"
        assert answered.current == moved
    # where a row has come before it meanwhile
    later = START.with_view(rows.add_variant(START.view, 1))
    answered = question.take(later, "γ=5")
    assert [r.spec for r in answered.view.rows if r.params] == [
        "squared-error", "squared-error:reduction=mean", "absolute-error", "focal:gamma=5",
        "generalized-cross-entropy", "poly-1", "arcface", "cosface", "z-loss",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="gamma must be ≥ 0"):
        question.take(START, "-1")


def test_a_parameter_of_words_is_typed_as_a_word() -> None:
    question = asked(subject_actions.ask_parameters(replace(START, current=1)))
    assert question.value == "reduction=sum"
    assert question.take(START, "mean").view.rows[1].spec == "squared-error:reduction=mean"
    with pytest.raises(ValueError, match="sum or mean"):
        question.take(START, "max")


# ---- classes, target, temperature -----------------------------------------------------------------------------------


def test_the_logit_goes_to_the_class_that_was_asked_for() -> None:
    state = act.next_class(START, 1)
    question = asked(act.ask_logits(state))
    assert question.question.startswith("z₁")
    answered = question.take(act.next_class(state, 1), "-2")
    assert (answered.view.logits, answered.view.selected) == ((8, -2, 0), 1)
    fewer = START.with_view(edit.set_logits(START.view, [1, 2]))
    assert asked(act.ask_logits(act.next_class(state, 1))).take(fewer, "5").view.logits == (1, 5)


def test_a_place_goes_to_the_axis_that_was_asked_for() -> None:
    question = asked(act.ask_place(START))
    swept = START.with_view(replace(START.view, sweep="temperature"))
    answered = question.take(swept, "5")
    assert (answered.view.logits[0], answered.view.temperature, answered.view.sweep) == (5, 1, "logit")
    warm = asked(act.ask_place(swept)).take(START, "5")
    assert (warm.view.logits[0], warm.view.temperature, warm.view.sweep) == (8, 5, "temperature")


def test_what_cannot_be_done_is_told() -> None:
    one_left = of_view(edit.set_logits(SoftmaxView(), [1, -math.inf]))
    assert "must stay unmasked" in told(act.toggle_mask(one_left))
    assert "at least two classes" in told(act.remove_class(one_left))
    full = of_view(edit.set_logits(SoftmaxView(), [0.0] * MAX_CLASSES))
    assert told(act.add_class(full)) == f"at most {MAX_CLASSES} classes"
    assert "there is no teacher" in told(act.teach(START))
    taught = act.teach(of_view(edit.set_teacher(SoftmaxView(), [0, 1, 2])))
    assert "the teacher is the target" in told(act.shift_target(taught, 1))
    assert told(act.other_chart(START, both=True)) == "there is room for both charts"


def test_a_preset_tells_what_it_shows_and_the_next_follows_it() -> None:
    state, tell = act.use_preset(replace(START, current=5), "distillation")
    assert told(tell) == PRESETS["distillation"].about
    assert state.current == state.view.reference
    changed = act.step_logit(state, 1)
    assert edit.preset_of(changed.view) is None
    following, _ = act.next_preset(changed, 1)
    assert edit.preset_of(following.view) == "smoothing-2"


def test_dealing_depends_on_the_chance_alone() -> None:
    state = of_view(edit.set_logits(SoftmaxView(), range(9)))
    assert act.shuffle(state, random.Random(4)) == act.shuffle(state, random.Random(4))
    assert act.shuffle(state, random.Random(4)) != state


def test_what_is_pasted_is_logits_or_probabilities_or_refused() -> None:
    state, tell = act.pasted(START, "1\t2\n3 4")
    assert (state.view.logits, told(tell)) == ((1, 2, 3, 4), "4 classes")
    state, _ = act.pasted(START, "p=.25,.75")
    assert state.view.example.point.prediction.p == pytest.approx([0.25, 0.75])
    refused = act.pasted(START, "none of it")
    assert "is not a number" in told(refused)
    assert refused.wrong


def test_a_long_list_is_not_offered_for_editing() -> None:
    assert asked(act.ask_probabilities(of_view(edit.set_logits(SoftmaxView(), range(100))))).value == ""
    assert asked(act.ask_target(START)).value == "1"


# ---- the cursor -----------------------------------------------------------------------------------------------------

STOPS = (-4.0, -2.0, 0.0, 2.0, 4.0)


def test_the_cursor_moves_from_stop_to_stop_and_not_beyond() -> None:
    state = of_view(edit.set_logit(SoftmaxView(), 0.5))
    assert act.move(state, STOPS, 1).view.logits[0] == 2
    assert act.move(state, STOPS, -1).view.logits[0] == 0
    assert act.move(state, STOPS, 10).view.logits[0] == 4
    assert act.move(state, STOPS, -10).view.logits[0] == -4
    assert act.to_edge(state, STOPS, -1).view.logits[0] == -4
    assert act.to_edge(state, STOPS, 1).view.logits[0] == 4
    end = act.to_edge(state, STOPS, 1)
    assert act.move(end, STOPS, 1) is end
    assert act.move(state, (), 1) is state
    masked = of_view(edit.toggle_mask(SoftmaxView()))
    assert act.move(masked, STOPS, 1).view.logits[0] == -4


def test_zooming_in_and_out_comes_back() -> None:
    state = of_view(edit.set_logit(SoftmaxView(), 1))
    assert act.zoom(act.zoom(state, 1), -1).view.window == pytest.approx(state.view.window, abs=1e-4)
    assert act.zoom(state, 1, about=-12).view.window == pytest.approx((-12, -12 + 24 / 1.5), abs=1e-4)


# ---- taking it away -------------------------------------------------------------------------------------------------


def test_the_command_and_the_file_want_a_loss_that_takes_the_target() -> None:
    none = START.with_view(replace(START.view, rows=tuple(replace(r, shown=False) for r in START.view.rows)))
    assert "no loss is shown" in told(act.copy_command(none))
    assert "no loss is shown" in told(act.export(none))
    hinge = tuple(replace(r, shown=r.loss == "hinge") for r in START.view.rows)
    soft = of_view(edit.next_smoothing(replace(START.view, rows=hinge)))
    assert "takes this target" in told(act.copy_command(soft))
    assert "takes this target" in told(act.export(soft))


def test_the_file_has_a_row_a_loss_and_class() -> None:
    outcome = act.export(START)
    assert isinstance(outcome, Write)
    file = io.StringIO()
    outcome.write(file)
    assert len(file.getvalue().splitlines()) == 1 + 2 * 3


def test_the_command_has_the_curves_where_they_are_on_screen() -> None:
    assert act.copy_command(START) == Copy(
        "lossterm softmax --logits=8,0,0 --target=1 --loss cross-entropy,squared-error --class=0"
    )
    outcome = act.copy_command(START, 59, 28)
    assert isinstance(outcome, Copy)
    assert outcome.command.endswith("--sweep=logit --size 59x28")

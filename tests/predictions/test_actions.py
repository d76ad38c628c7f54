"""What keys do on the Data screen, as functions of its state: no app runs here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.model import subject_actions
from lossterm.model.actions import Ask, Copy, Open, Tell
from lossterm.predictions import actions as act
from lossterm.predictions import file_actions, options, place_actions
from lossterm.predictions.asking import Answer
from lossterm.predictions.keys import DATA
from lossterm.predictions.opening import Wanted, open_file
from lossterm.predictions.options import DEMO, demo_choice
from lossterm.predictions.state import Baseline, DataState
from lossterm.predictions.view import FileChoice, Look, unfiltered
from tests.predictions.program import write_classes, write_predictions, write_values


def state_of(path: Path, look: Look | None = None, **choice: Any) -> DataState:
    """The state with the figures of a file."""
    wanted = Wanted(FileChoice((str(path),), **choice))
    state = file_actions.opened(DataState(look=look or Look(), opening=wanted), open_file(wanted))
    return answered(state)


def answered(state: DataState) -> DataState:
    """The state when what it asks has been answered."""
    request, file = state.request, state.file
    assert request is not None
    assert file is not None
    before = replace(request.look, temperature=request.base_temperature)
    now, base = (
        file.survey.ask(options.question_of(look, file.source, criteria))
        for look, criteria in ((request.look, request.criteria), (before, request.base_criteria))
    )
    same = now.question == base.question
    return file_actions.answered(state, Answer(request, now, None if same else base, tuple(file.source.groups)))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> DataState:
    path = tmp_path_factory.mktemp("actions") / "p.csv"
    write_predictions(path)
    return state_of(path, group_column="group")


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> DataState:
    path = tmp_path_factory.mktemp("actions") / "k.csv"
    write_classes(path)
    return state_of(path)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> DataState:
    path = tmp_path_factory.mktemp("actions") / "v.csv"
    write_values(path)
    return state_of(path)


def after(state: DataState, *keys: str) -> DataState:
    """The state after keys whose actions need nothing but it; what they tell is left."""
    for key in keys:
        command = next(c for c in DATA if key in c.keys)
        assert not isinstance(command.action, str)
        outcome = command.action(state)
        parts = outcome if isinstance(outcome, tuple) else (outcome,)
        state = next((part for part in parts if isinstance(part, DataState)), state)
    return state


def told(outcome: object) -> str:
    assert isinstance(outcome, Tell)
    return outcome.text


# ---- files ----------------------------------------------------------------------------------------------------------


def test_a_typed_line_says_what_is_opened() -> None:
    asked = file_actions.ask_file(DataState())
    assert isinstance(asked, Ask)
    state = asked.take(DataState(), "'a b.csv' --bins 7 --skip-bad")
    assert isinstance(state, DataState)
    assert state.opening is not None
    assert state.opening.choice == FileChoice(("a b.csv",), skip_bad=True)
    assert file_actions.ask_file(state).value == "'a b.csv' --bins 7 --skip-bad"
    assert (state.look, state.choice) == (Look(), FileChoice())  # until it is open


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("'a.csv", "quotation mark"), ("--bins 3", "name of a file"), ("-", "standard input"),
        ("a.csv --bins no", "no"),
        ("a.csv --threshold 2", "between 0 and 1"), ("a.csv --loss nope", "nope"), ("a.csv --tresholt 1", "did you"),
    ],
)  # fmt: skip
def test_a_line_that_is_wrong_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        file_actions.open_typed(DataState(), text)


def test_another_file_is_looked_at_whole_and_cold(two: DataState, classes: DataState) -> None:
    state = after(two, ">", "t", "d", "x")
    assert classes.file is not None
    other = file_actions.opened(replace(state, opening=Wanted(classes.choice)), classes.file)
    assert other.look == replace(unfiltered(state.look), temperature=1.0)
    assert (other.answer, other.opening, other.file) == (None, None, classes.file)
    again = file_actions.opened(replace(state, opening=Wanted(state.choice)), two.file)  # type: ignore[arg-type]
    assert again.look == state.look


def test_what_was_looked_at_comes_back_where_another_file_has_no_figures(two: DataState, classes: DataState) -> None:
    assert classes.file is not None
    other = file_actions.opened(replace(two, opening=Wanted(classes.choice)), classes.file)
    other = file_actions.with_request(other, other.request)
    before, said = file_actions.failed(other, "broken")
    assert (before.file, before.answer, before.look, before.choice) == (two.file, two.answer, two.look, two.choice)
    assert (told(said), said.title) == ("broken", "not opened")
    assert before.is_answered
    stopped, said = file_actions.leave(other)
    assert stopped.file is two.file
    assert "from before" in told(said)


def test_esc_gives_up_what_is_opened_first(two: DataState) -> None:
    state = replace(two, opening=Wanted(demo_choice()), asking=two.request)
    first, said = file_actions.leave(state)
    assert (first.opening, first.asking, told(said)) == (None, two.request, "not opened")
    second, _ = file_actions.leave(first)
    assert second.asking is None
    assert file_actions.leave(second) is None


def test_a_filter_that_leaves_nothing_is_taken_off_a_file_without_figures(two: DataState) -> None:
    state = replace(two, answer=None, look=Look(only_range=(2.0, None)))
    open_again, said = file_actions.failed(state, "no example passes the filter")
    assert (open_again.look, said.title) == (Look(), "")
    assert open_again.must_ask(state)


# ---- what is asked --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keys", [(), ("d",), ("x",), ("l",), ("m",), (".", ".", ","), ("d", "x", "I")])
def test_what_is_only_shown_otherwise_asks_nothing(two: DataState, keys: tuple[str, ...]) -> None:
    state = after(two, *keys)
    assert not state.must_ask(two)
    assert state.is_answered


@pytest.mark.parametrize("key", [">", "+", "t", "G", "w"])
def test_what_other_figures_need_asks(two: DataState, key: str) -> None:
    state = after(two, key)
    assert state.must_ask(two)
    assert not state.is_answered
    assert answered(state).is_answered
    assert not answered(state).must_ask(state)


def test_a_hidden_loss_asks_nothing_new(two: DataState) -> None:
    hidden = replace(two, current=2)
    assert not hidden.subject.rows[2].shown
    assert after(hidden, "]").is_answered
    assert not subject_actions.show_current(hidden).is_answered


def test_what_was_given_up_is_looked_at_as_it_was_answered(two: DataState) -> None:
    state = after(two, ">", "t", "+", "d", ".")
    stopped = file_actions.stopped(file_actions.with_request(state, state.request))
    assert stopped.look == replace(two.look, page=state.look.page, threshold=0.51)
    assert stopped.is_answered


def test_changes_are_told_against_the_baseline(two: DataState) -> None:
    hot = answered(after(two, ">", ">"))
    assert hot.base is not None
    compared, said = act.compare(hot)
    assert compared.baseline == Baseline(two.subject.rows, 0.0, 1.25)
    assert "against" in told(said)
    assert answered(compared).base is None
    assert act.reset(after(hot, "w")).look.temperature == 1.0
    assert act.reset(after(compared, ">", "w", "]")).request == compared.request


# ---- what an option means nothing for -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "said"),
    [(">", "no temperature"), ("x", "no bins"), ("+", "no bins"), (".", "no decision"), ("h", "no decision"),
     ("k", "no temperature"), ("w", "not smoothed"), ("t", "no classes"), ("G", "--group-column")],
)  # fmt: skip
def test_plain_values(values: DataState, key: str, said: str) -> None:
    command = next(c for c in DATA if key in c.keys)
    assert not isinstance(command.action, str)
    assert said in told(command.action(values))


@pytest.mark.parametrize("key", [".", "h", ">", "k"])
def test_no_file(key: str) -> None:
    command = next(c for c in DATA if key in c.keys)
    assert not isinstance(command.action, str)
    assert command.action(DataState()) == file_actions.NO_FILE
    to_come = DataState(choice=demo_choice())  # keys that are typed ahead are for the file that will be open
    assert command.action(to_come) != file_actions.NO_FILE


def test_classes_have_no_threshold(classes: DataState) -> None:
    assert "no decision" in told(act.step(classes, options.THRESHOLD, 1))
    assert "no decision" in told(act.step(replace(classes, answer=None), options.THRESHOLD, 1))


def test_parameters_that_classes_do_not_have(classes: DataState) -> None:
    assert told(act.step_parameter(classes, 0, 1)) == "cross-entropy of K classes has no pos_weight"
    focal = replace(classes, current=2)
    assert told(act.step_parameter(focal, 1, 1)) == "focal of K classes has no alpha"
    asked = act.ask_parameters(focal)
    with pytest.raises(ValueError, match="has no alpha"):
        asked.take(focal, "gamma=3 alpha=.25")
    assert dict(asked.take(focal, "gamma=3").subject.rows[2].params)["gamma"] == 3


# ---- going round ----------------------------------------------------------------------------------------------------


def test_labels_and_groups_go_round(two: DataState) -> None:
    labels, groups, state = [], [], two
    for _ in range(3):
        state = after(state, "t")
        labels.append(state.look.only_label)
    for _ in range(4):
        state = after(state, "G")
        groups.append(state.look.only_group)
    assert labels == ["0", "1", None]
    assert groups == ["a", "b", "c", None]


def test_the_fitted_temperature_and_back(two: DataState) -> None:
    assert two.findings is not None
    fitted = act.fitted_temperature(two)
    assert fitted.look.temperature == two.findings.temperature.value
    assert act.fitted_temperature(answered(fitted)).look.temperature == 1.0


ASKED = st.sampled_from([act.ask_threshold, act.ask_temperature, act.ask_range])


@given(ASKED)
def test_what_stands_in_a_prompt_is_what_there_is(ask: Any) -> None:
    state = DataState(choice=demo_choice(), look=Look(threshold=0.123, temperature=1.7, only_range=(0.25, None)))
    asked = ask(state)
    assert asked.take(state, asked.value) == state


# ---- the way to other screens, and away -----------------------------------------------------------------------------


def test_an_example_is_looked_at_on_curves_with_its_label(two: DataState) -> None:
    finding = two.finding
    assert finding is not None
    assert finding.worst is not None
    order = list(range(len(finding.worst)))
    state = place_actions.to_worst(two, order, 2)
    assert state.subject.logit == finding.worst.logit[2]
    changed, opened = place_actions.open_curves(state, order, from_table=False)
    assert isinstance(opened, Open)
    assert (opened.name, opened.setting["label"], opened.setting["activation"]) == (
        "curves", float(finding.worst.label[2]), "sigmoid",
    )  # fmt: skip
    assert changed.subject.label == opened.setting["label"]
    elsewhere = place_actions.go_to_place(state, 0.5)
    assert place_actions.open_curves(elsewhere, order, from_table=False)[1].setting["label"] == two.subject.label
    assert place_actions.open_curves(elsewhere, order, from_table=True)[1].setting["label"] == opened.setting["label"]


def test_the_command_of_a_look(two: DataState) -> None:
    copied = act.copy_command(after(two, "x", ">", "t", "w"))
    assert isinstance(copied, Copy)
    words = copied.command.split()
    assert words[:2] == ["lossterm", "data"]
    assert {"--equal-counts", "--temperature=1.1", "--only-label=0", "--smoothing=0.05"} <= set(words)
    assert act.copy_command(DataState()) == file_actions.NO_FILE
    assert str(DEMO) not in act.figures_command(replace(two, choice=demo_choice()))


KEYS = [key for command in DATA if not isinstance(command.action, str) for key in command.keys]


@given(st.lists(st.sampled_from(KEYS), max_size=12), st.sampled_from(["two", "classes", "values", "none"]))
def test_any_keys_leave_a_state_that_makes_sense(
    two: DataState, classes: DataState, values: DataState, keys: list[str], kind: str
) -> None:
    start = {"two": two, "classes": classes, "values": values, "none": DataState()}[kind]
    state = after(start, *keys)
    assert state.page in state.pages
    assert 0 <= state.current < len(state.subject.rows)
    assert Look(**{name: getattr(state.look, name) for name in Look.__dataclass_fields__}) == state.look
    assert (state.request is None) == (state.file is None)
    assert state.must_ask(start) or state.is_answered or state.file is None

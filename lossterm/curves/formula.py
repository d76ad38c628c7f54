"""The line in which a loss of one's own is typed: the picture follows it, and enter keeps the loss."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from lossterm.core.losses.formulas import LOSSES, Loss
from lossterm.curves.actions import CurvesState
from lossterm.model import rows
from lossterm.model.actions import Ask, Keep, Outcome
from lossterm.model.subject import Row
from lossterm.model.subject_actions import ask_removal

HINT = "enter keeps it · esc leaves · v or p, y, z, r=v−y, s=±1, p_t · a if r>0 else b · "
"""What stands below the line while nothing is wrong, before the names of the functions."""


def ask_formula(state: CurvesState) -> Outcome:
    """Ask for the formula of the current loss, if it is one's own, or for one like that of the current loss."""
    from lossterm.core.losses.own.grammar import FUNCTIONS

    row = state.view.rows[state.current]
    return Ask(
        "formula",
        partial(_kept, before=state),
        _text_of(row),
        typing=partial(_followed, before=state),
        left=lambda then: state,
        fault=partial(_fault, before=state),
        hint=HINT + " ".join(FUNCTIONS),
    )


def _text_of(row: Row) -> str:
    # with the values that the parameters have now
    from lossterm.core.losses.own.examples import example
    from lossterm.core.losses.own.grammar import restarted

    values = {name: value for name, value in row.params if value is not None}
    return restarted(row.definition, values) if row.definition else example(row.loss, values)


def _defined(text: str, before: CurvesState) -> Loss:
    from lossterm.core.losses.own.definition import defined
    from lossterm.core.losses.own.examples import free_name
    from lossterm.core.losses.own.grammar import FormulaError

    row = before.view.rows[before.current]
    loss = defined(text, row.loss if row.definition else free_name(row.loss))
    if loss.id in LOSSES and not (row.definition and loss.id == row.loss):
        raise FormulaError(f"{loss.id} is there already: f on it changes it; take another name here", text, 0)
    return loss


def _fault(text: str, before: CurvesState) -> tuple[int, str] | None:
    from lossterm.core.losses.own.grammar import FormulaError

    try:
        _defined(text, before)
    except FormulaError as problem:
        return problem.at, problem.what
    return None


def _with_loss(before: CurvesState, loss: Loss) -> CurvesState:
    row = Row(loss.id, tuple(loss.defaults.items()), definition=loss.definition)
    view = rows.put(before.view, row)
    changed = replace(before, filter_text="").with_view(view)
    return replace(changed, current=next(i for i, other in enumerate(view.rows) if other.loss == loss.id))


def _followed(then: CurvesState, text: str, before: CurvesState) -> CurvesState:
    # the last one that could be read stays
    from lossterm.core.losses.own.grammar import FormulaError

    try:
        return _with_loss(before, _defined(text, before))
    except FormulaError:
        return then


def _kept(then: CurvesState, text: str, before: CurvesState) -> Outcome:
    row = before.view.rows[before.current]
    if not text.strip() and row.definition:
        return ask_removal(row.loss)
    loss = _defined(text, before)
    return Keep(loss.definition), _with_loss(before, loss)

"""The line on a loss: formula, what it is, and its parameters by name, at every width from 80 columns on."""

from __future__ import annotations

from typing import Any

import pytest

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.model.loss_line import LEAST, loss_line, residual_slope
from lossterm.model.rows import ListRow, set_parameters
from lossterm.model.subject import Subject
from lossterm.softmax.view import SoftmaxView
from lossterm.softmax.words import slope

ROOMS = (78, 98, 118, 198)
EVERY: list[ListRow[Any]] = [*Subject().rows, *SoftmaxView().rows]


@pytest.mark.parametrize("row", EVERY, ids=lambda row: f"{type(row).__name__}-{row.loss}")
def test_it_has_the_formula_a_sentence_and_every_parameter(row: ListRow[Any]) -> None:
    for room in ROOMS:
        line = loss_line(row, "a", "", room)
        assert len(line.text) <= room
        if not line.about:  # the formula and the parameters fill it
            assert room - len(line.text) < 20
            continue
        assert line.formula == row.entry.formula
        assert len(line.about) >= LEAST
        assert row.entry.about.startswith(line.about.rstrip("…"))
        assert line.about == row.entry.about or line.about.endswith("…") or row.entry.about[len(line.about)] in ":;"
        for knob in row.entry.parameters:
            assert knob.name in line.parameters
    whole = loss_line(row, "a", "", 400)
    assert whole.about == row.entry.about


@pytest.mark.parametrize("room", range(10, 60, 7))
@pytest.mark.parametrize("row", EVERY, ids=lambda row: f"{type(row).__name__}-{row.loss}")
def test_what_has_no_room_is_cut_with_a_mark(row: ListRow[Any], room: int) -> None:
    line = loss_line(row, "a", "∂L/∂z = p − y", room)
    assert len(line.text) <= room
    assert line.formula == row.entry.formula or line.formula.endswith("…")


def test_no_parameter_has_the_name_of_a_curve() -> None:
    letters = set("abcdefghijklmnop")
    entries: list[Any] = [*LOSSES.values(), *SOFTMAX_LOSSES.values()]
    for entry in entries:
        assert not {knob.symbol for knob in entry.parameters} & letters


def test_parameters_are_those_of_the_row() -> None:
    subject = set_parameters(Subject(), 2, {"gamma": 5.0, "alpha": 0.25})
    line = loss_line(subject.rows[2], "c", "", 118)
    assert line.parameters == "gamma γ = 5 · alpha α = 0.25"


def test_the_slope_is_the_residual_where_it_is() -> None:
    subject = Subject()
    assert residual_slope(subject, 0) == "∂L/∂z = p − y"
    assert residual_slope(set_parameters(subject, 0, {"pos_weight": 2.0}), 0) == ""
    assert residual_slope(subject, 1) == ""


@pytest.mark.parametrize(("temperature", "said"), [(1.0, "∂L/∂z = p − t"), (2.0, "∂L/∂z = (p − t)/T")])
def test_the_gradient_is_the_residual_where_it_is(temperature: float, said: str) -> None:
    view = SoftmaxView(temperature=temperature)
    found = {row.loss: slope(view, i) for i, row in enumerate(view.rows)}
    assert found.pop("cross-entropy") == found.pop("kl") == found.pop("infonce") == said
    taught = found.pop("distillation")  # without a teacher its target is the same; T² takes the temperature away
    assert taught in ("∂L/∂z = p − t", "")
    assert set(found.values()) == {""}

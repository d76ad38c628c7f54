"""What is shown is whole: pairs of losses, activations, labels and windows against values evaluated apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations_with_replacement, islice, product

import numpy as np
import pytest

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.landmarks import landmarks
from lossterm.core.losses.objective import Objective
from lossterm.curves.figure import draw, landmark_places, scale_of
from lossterm.curves.scene import compose
from lossterm.curves.titles import FIELD
from lossterm.curves.view import QUANTITIES, View
from lossterm.model.subject import Row
from tests.families import AT_PLACES, FIRST, LATER

LABELS = (0.0, 1.0, 0.3, -1.0, 3.5)
WINDOWS = (
    (-8.0, 8.0),
    (-8.0, -4.5),
    (-1.0, 3.0),
    (-40.0, 40.0),
    (30.0, 60.0),
    (-1e6, 1e6),
    (5e5, 1e6),
    (-4 - 5e-9, -4 + 5e-9),
    (-5e-10, 5e-10),
    (0.75, 0.75 + 1e-9),
)
"""Of logits: as at the start, moved, zoomed out up to a million and in down to a billionth."""
LINES = (3, 9, 14)
COMPARABLE, LONGER = 100, 1.5
ROUNDED = 1.8
"""Of a corner that is rounded within a thousandth: its slope is not known between two samples."""
PARTS = 3
"""Into which the cases of all pairs are divided: one is exhaustive, all are `every`."""
A_DOT = 1 / (4 * 58)
"""Of the tallest chart of a terminal of 60 lines, in lengths of its axis: what is less is the same dot."""

Case = tuple[str, str, str, float, tuple[float, float], str]
"""Two losses, an activation, a label, a window and a quantity."""


def cases(losses: Iterable[str] = FIRST, activations: Iterable[str] = ACTIVATIONS) -> Iterator[Case]:
    """Every one that all losses of it take the label of; the first loss is one of some."""
    pairs = [pair for pair in combinations_with_replacement(FIRST, 2) if pair[0] in losses]
    for (one, other), activation, label in product(pairs, activations, LABELS):
        if all(LOSSES[name].label_problem(label) is None for name in (one, other)):
            for window, quantity in product(WINDOWS, QUANTITIES):
                yield one, other, activation, label, window, quantity


@cache
def truth(loss: str, activation: str, label: float, window: tuple[float, float]) -> dict[str, np.ndarray]:
    """Each quantity at a thousand logits of a window and at its landmarks, evaluated apart from any picture."""
    objective = Objective(LOSSES[loss], Row.of(loss).params, label, ACTIVATIONS[activation])
    marks = [mark.logit for mark in landmarks([objective], *window)]
    e = objective.evaluate(np.concatenate((np.linspace(*window, 1001), marks)))
    return {quantity: getattr(e, FIELD[quantity]) for quantity in QUANTITIES}


def view_of(case: Case) -> View:
    one, other, activation, label, window, _ = case
    rows = tuple(Row.of(name, shown=name in (one, other)) for name in LOSSES)
    return View(rows=rows, reference=list(LOSSES).index(one), label=label, activation=activation, logit_range=window)


def assert_shown_whole(case: Case) -> None:
    """Every finite curve is inside, with its landmarks, and the window is not much larger."""
    one, other, activation, label, window, quantity = case
    names = sorted({one, other}, key=list(LOSSES).index)
    scene = compose(view_of(case), 60)
    curves = [truth(name, activation, label, window)[quantity] for name in names]
    sampled = [getattr(e, FIELD[quantity]) for e in scene.samples]
    diverge = [bool(np.isinf(values).any() or np.isinf(y).any()) for values, y in zip(curves, sampled, strict=True)]
    finite = [values[np.isfinite(values)] for values, cut in zip(curves, diverge, strict=True) if not cut]
    for lines in LINES:
        scale = scale_of(scene, quantity, lines)
        lo, hi = scale.window
        assert lo < hi, (case, lines)
        room = A_DOT * (scale.axis.hi - scale.axis.lo)
        for values in finite:
            drawn = scale.drawn(values)
            inside = (scale.axis.lo - room <= drawn) & (drawn <= scale.axis.hi + room)
            assert inside.all(), (case, lines, scale.window, values.min(), values.max())
        heights = [height for _, height in landmark_places(scene, quantity)]
        assert all(lo <= height <= hi for height in heights), (case, lines)
        if any(diverge) or not finite:
            continue
        shown = np.concatenate([*finite, *(y[np.isfinite(y)] for y in sampled)])
        if not shown.size:
            continue
        sizes = [float(np.abs(v).max(initial=0.0)) for v in finite]
        known = [float(np.abs(y[np.isfinite(y)]).max(initial=0.0)) for y in sampled]  # near 0 these are closer together
        sizes = [max(pair) for pair in zip(sizes, known, strict=True)]
        some = [s for s in sizes if s > 0]
        if scale.threshold is not None:
            assert max(some) > 0.99 * COMPARABLE * min(some), (case, lines)
        elif some:
            assert max(some) <= 1.01 * COMPARABLE * min(some), (case, lines)
        length = float(shown.max() - shown.min())
        if length > 1e-9 * float(np.abs(shown).max()) and length > 1e-290:
            most = ROUNDED if one == "charbonnier" else LONGER
            assert hi - lo <= 1.002 * most * length, (case, lines, scale.window, length)


def test_a_sample_of_all_pairs_is_shown_whole() -> None:
    for case in list(cases())[::701]:
        assert_shown_whole(case)


def later_cases() -> Iterator[Case]:
    """Each later loss by itself, where it is at home and at a few other places."""
    for loss, activation, label in AT_PLACES:
        for window, quantity in product(WINDOWS, QUANTITIES):
            yield loss, loss, activation, label, window, quantity


def test_a_sample_of_the_later_losses_is_shown_whole() -> None:
    for case in list(later_cases())[::97]:
        assert_shown_whole(case)


@pytest.mark.exhaustive
@pytest.mark.parametrize("loss", LATER)
def test_the_later_losses_are_shown_whole(loss: str) -> None:
    for case in later_cases():
        if case[0] == loss:
            assert_shown_whole(case)


@pytest.mark.exhaustive
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.every) for part in range(1, PARTS))])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", FIRST)
def test_all_pairs_are_shown_whole(loss: str, activation: str, part: int) -> None:
    for case in islice(cases([loss], [activation]), part, None, PARTS):
        assert_shown_whole(case)


@pytest.mark.parametrize("axis", ["logit", "prediction"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_cursor_is_on_every_curve_that_is_finite_there(activation: str, axis: str) -> None:
    losses = ("cross-entropy", "squared-error", "focal", "exponential")
    rows = tuple(Row.of(name, shown=name in losses) for name in LOSSES)
    for logit in (-7.9, -4.0, -0.5, 0.01, 1.0, 6.3):
        view = View(rows=rows, activation=activation, axis=axis, logit=logit)  # type: ignore[arg-type]
        figure = draw(view, ("loss", "d_logit", "d_prediction"), 80, (12, 9, 9))
        if figure.scene.column(logit) < 0:
            continue
        readings = figure.scene.readings_at(logit)
        for panel, scale in zip(figure.panels, figure.scales, strict=True):
            for reading in readings:
                value = getattr(reading, FIELD[panel.quantity])
                if math.isfinite(value):
                    assert scale.window[0] <= value <= scale.window[1]


def test_a_window_in_which_no_loss_is_defined_has_a_picture() -> None:
    view = View(rows=(Row.of("poisson", shown=True),), activation="identity", label=0.0, logit_range=(-8.0, -4.5))
    assert draw(view, ("loss", "d_logit"), 60, (8, 8)).scene.landmarks == ()

"""What keys do at a place of the Data screen: the cursor, and the worst examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lossterm.core.lazy import np
from lossterm.core.numbers import parse, significant, trimmed
from lossterm.model import subject
from lossterm.model.actions import Ask, Open, Outcome, Tell
from lossterm.model.subject import FARTHEST
from lossterm.model.subject_options import saved_subject
from lossterm.predictions import options, view
from lossterm.predictions.actions import ask_threshold
from lossterm.predictions.figures import told
from lossterm.predictions.file_actions import label_name
from lossterm.predictions.state import COMPARISONS, DataState

if TYPE_CHECKING:
    from lossterm.core.statistics.loss_sums import Worst
    from lossterm.predictions.pictures import PredictionFigure


def sigmoid(z: float) -> float:
    """The probability of a logit."""
    return 1 / (1 + math.exp(-min(max(z, -700.0), 700.0)))


def logit(p: float) -> float:
    """The logit of a probability, kept off 0 and 1."""
    p = min(max(p, 1e-12), 1 - 1e-12)
    return math.log(p) - math.log1p(-p)


# ---- the cursor -----------------------------------------------------------------------------------------------------


def place(state: DataState, figure: PredictionFigure | None) -> float:
    """Where the cursor is on the x axis of the chart."""
    if state.on_point:
        return state.subject.logit if state.page == "curve" else sigmoid(state.subject.logit)
    if figure is not None and figure.thresholds is not None:
        return figure.place_of(state.look.threshold)
    stops = figure.stops if figure is not None else None
    if stops is None or not len(stops):
        return 0.0
    at = state.places.get(state.page, float(stops[len(stops) // 2]))
    return min(max(at, float(stops[0])), float(stops[-1]))


def _at_logit(state: DataState, z: float) -> DataState:
    return state.with_subject(subject.set_logit(state.subject, z))


def go_to_place(state: DataState, x: float, figure: PredictionFigure | None = None) -> DataState:
    """Put the cursor somewhere on the x axis of the chart; where it is the threshold, that at the place."""
    state = replace(state, at_worst=False)
    threshold = None if figure is None else figure.threshold(x)
    if threshold is not None:
        return state.with_look(view.with_threshold(state.look, threshold))
    if not state.on_point:
        return replace(state, places={**state.places, state.page: x})
    return _at_logit(state, x if state.page == "curve" else logit(x))


def move(state: DataState, figure: PredictionFigure | None, by: int) -> DataState:
    """Move the cursor by columns."""
    if figure is None or not len(figure.stops):
        return state
    at = int(np.argmin(np.abs(figure.stops - place(state, figure))))
    return go_to_place(state, float(figure.stops[min(max(at + by, 0), len(figure.stops) - 1)]), figure)


def to_edge(state: DataState, figure: PredictionFigure | None, side: int) -> DataState:
    """Move the cursor to the left (−1) or right (1) edge of the chart."""
    if figure is None or not len(figure.stops):
        return state
    return go_to_place(state, float(figure.stops[0 if side < 0 else -1]), figure)


def ask_place(state: DataState) -> Outcome:
    """Ask for a place on the chart."""
    if state.page in view.THRESHOLD_PAGES:
        return ask_threshold(state)
    questions = {
        "losses": "go to L =", "share": "go to the worst … %", "classes": "go to class", "coverage": "go to the level",
        "pit": "go to the probability", "residuals": "go to v =", "qq": "go to z =",
    }  # fmt: skip
    question = questions.get(state.page, "go to p=… or z=…" if state.on_point else "go to p =")
    return Ask(question, go_to_typed)


def go_to_typed(state: DataState, text: str) -> DataState:
    """Put the cursor at a typed place: a point, a class, a loss, a percentage, a confidence.

    Raises:
        ValueError: it is none that the chart has.
    """
    if state.on_point:
        return _go_to_point(state, text)
    if state.page == "classes" and state.file is not None:
        return go_to_place(state, options.class_label(text.strip(), state.file.source))
    value = parse(text.strip().removesuffix("%").rpartition("=")[2])
    if state.page in ("residuals", "qq"):
        return go_to_place(state, value)
    if value <= 0 or (state.page != "losses" and value > (100 if state.page == "share" else 1)):
        raise ValueError(f"{text.strip()!r} is not on the chart")
    return go_to_place(state, {"losses": math.log10(value), "share": value / 100}.get(state.page, value))


def _go_to_point(state: DataState, text: str) -> DataState:
    name, equals, number = text.strip().replace(" ", "").partition("=")
    value = parse(number if equals else name)
    letter = name.lower() if equals else "p" if 0 <= value <= 1 else "z"
    if letter not in {"p", "z"}:
        raise ValueError(f"{text.strip()!r} is no point: write p=.02 or z=-4")
    if letter == "p" and not 0 <= value <= 1:
        raise ValueError(f"a probability is between 0 and 1, not {trimmed(value)}")
    return replace(_at_logit(state, logit(value) if letter == "p" else value), at_worst=False)


# ---- the worst examples ---------------------------------------------------------------------------------------------


def next_worst(state: DataState, order: Sequence[int], direction: int) -> Outcome:
    """The next of the worst examples, and the cursor at it; first the current one, where the cursor is not.

    Args:
        state: the state.
        order: the indices of the worst examples, as the table has them.
        direction: 1 for the next, −1 for the one before.
    """
    if not order:
        return Tell("no examples yet")
    by = direction if state.at_worst else min(direction, 0)
    return to_worst(state, order, state.worst_row + by)


def to_worst(state: DataState, order: Sequence[int], row: int) -> Outcome:
    """A row of the table of the worst examples, and the cursor at its example, or what is known of that."""
    if not order:
        return replace(state, worst_row=0, at_worst=True)
    row = min(max(row, 0), len(order) - 1)
    if state.page in COMPARISONS and state.comparison is not None:  # the table is of the rows that differ
        return replace(state, worst_row=row, at_worst=False)
    state = replace(state, worst_row=row, at_worst=True)
    finding = state.finding
    return state if finding is None or finding.worst is None else _at_example(state, finding.worst, order[row])


def _at_example(state: DataState, worst: Worst, index: int) -> Outcome:
    row, z = f"row {int(worst.row[index]):,}", float(worst.logit[index])
    value = f"L = {significant(float(worst.value[index]))}"
    if state.class_count:
        label = float(worst.label[index])
        name = label_name(state.file.source, label) if state.file is not None else ""
        p = "exactly 0" if z == -math.inf else told(float(worst.prediction[index]), 3)
        there = replace(state, places={**state.places, "classes": label})
        return there, Tell(f"{row}: {value}, the p of its class {name} is {p}")
    if "curve" not in state.pages:
        return state, Tell(f"{row}: {value}, y = {trimmed(float(worst.label[index]))}, prediction {trimmed(z)}")
    if math.isfinite(z):
        return _at_logit(state, z)
    end = "∞" if z > 0 else "−∞"
    return state, Tell(f"{row} is at z = {end}, beyond the chart: p is exactly {int(z > 0)}, {value}")


def sort_worst(state: DataState, column: int, *, down: bool) -> DataState:
    """Sort the worst examples by a column."""
    return replace(state, sorted_by=(column, down), worst_row=0, at_worst=False)


def sort_by_next(state: DataState, columns: int) -> DataState:
    """Sort the worst examples by the next column of so many."""
    return sort_worst(state, (state.sorted_by[0] + 1) % columns, down=True)


def reverse_sorting(state: DataState) -> DataState:
    """Sort the worst examples the other way round."""
    return sort_worst(state, state.sorted_by[0], down=not state.sorted_by[1])


# ---- taking it away -------------------------------------------------------------------------------------------------


def open_curves(state: DataState, order: Sequence[int], *, from_table: bool) -> Outcome:
    """Look at the point on Curves; at one of the worst examples with its label.

    Args:
        state: the state.
        order: the indices of the worst examples, as the table has them.
        from_table: whether the current one of these is meant, wherever the cursor is.
    """
    looked_at, z, note = state.subject, state.subject.logit, ""
    if state.file is not None:
        looked_at = subject.set_activation(looked_at, "identity" if state.is_of_values else "sigmoid")
    example = _example(state, order) if from_table or state.at_worst else None
    if example is not None:
        z, label = example
        looked_at = subject.set_label(looked_at, label)
        if label not in (0.0, 1.0):
            state = replace(state, typed_label=label)
        note = _beyond(state, order, z) if math.isinf(z) else ""
    looked_at = subject.set_logit(looked_at, z)
    setting = {**saved_subject(looked_at), "eta": None, "both_labels": False, "current": state.current}
    return state.with_subject(looked_at), Open("curves", setting, note)


def _example(state: DataState, order: Sequence[int]) -> tuple[float, float] | None:
    # the logit and the label of the current one of the worst; of K classes those of its class against the rest
    finding = state.finding
    if finding is None or finding.worst is None or state.worst_row >= len(order):
        return None
    worst, index = finding.worst, order[state.worst_row]
    if state.class_count:
        p = float(worst.prediction[index])
        return (logit(p) if p > 0 else -math.inf), 1.0
    return float(worst.logit[index]), float(worst.label[index])


def _beyond(state: DataState, order: Sequence[int], z: float) -> str:
    # what is said of an example that Curves does not reach
    worst = state.finding.worst if state.finding is not None else None
    loss = "" if worst is None else f" and L = {significant(float(worst.value[order[state.worst_row]]))}"
    end = significant(math.copysign(FARTHEST, z), 1)
    return f"in the file p is exactly {int(z > 0)}{loss}; z = {end} is as far as Curves goes"

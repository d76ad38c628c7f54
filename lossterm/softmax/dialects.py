"""What libraries compute for a loss of K classes, as a sheet: numbers, calls, conventions, what is off."""

from __future__ import annotations

from dataclasses import replace

from lossterm.core.numbers import significant
from lossterm.core.softmax.evaluation import evaluate_point
from lossterm.dialects.classes import ClassTold, length, told_of_classes
from lossterm.dialects.report import row_of_classes
from lossterm.model.actions import Lay, Outcome, Section, Tell
from lossterm.model.notation import command_line, row_name
from lossterm.softmax.options import LABEL, LOGITS, SMOOTHING, TEMPERATURE, listed
from lossterm.softmax.view import SoftmaxView

_WEIGHED = (
    "Class weights are left out here: keras multiplies each example by its weight, and so does torch, "
    "whose mean is divided by the sum of the weights."
)


def dialect_sheet(view: SoftmaxView, current: int) -> Outcome:
    """The sheet of the dialects of a row's loss at the example; or why there are none.

    Args:
        view: what is looked at.
        current: index of the row.
    """
    row, example = view.rows[current], replace(view.example, class_weights=None)
    try:
        told = told_of_classes(row.entry, dict(row.params), example)
    except ValueError as problem:
        return Tell(str(problem))
    exact = evaluate_point(example.point, [(row.entry, dict(row.params))])[0]
    head = Section(
        text=(
            f"exact: L = {significant(exact.value)}, ‖∂L/∂z‖ = {significant(length(exact.gradient))}. "
            "Off is a number that differs by more than a millionth of what its library means, "
            "dead a gradient that is exactly 0 and should not be.",
            *([] if view.class_weights is None else [_WEIGHED]),
        )
    )
    sections = (head, *(_section(one, view.classes) for one in told))
    command = command_line(command_words(view, current))
    return Lay(f"{row_name(row)} of libraries", sections, command, "the command is copied")


def _section(told: ClassTold, classes: int) -> Section:
    row = row_of_classes(told, classes)
    numbers = f"L = {row.value} · ‖∂L/∂z‖ = {row.slope}" + (f" · {row.marks}" if row.marks else "")
    return Section(f"{row.name} · {row.dtype}", tuple(text for text in (numbers, row.differs) if text), (row.call,))


def command_words(view: SoftmaxView, current: int) -> list[str]:
    """The command that tells the same."""
    words = ["lossterm", "dialects", view.rows[current].spec, f"{LOGITS.option_string}={listed(view.logits)}"]
    if view.label is None or (view.smoothing and view.over == "others"):
        words.append(f"{LABEL.option_string}={listed(view.example.point.target.p.tolist())}")
    else:
        words.append(f"{LABEL.option_string}={LABEL.form.write(view.label)}")
        words += [f"{SMOOTHING.option_string}={view.smoothing:g}"] if view.smoothing else []
    return [*words, *([f"{TEMPERATURE.option_string}={view.temperature:g}"] if view.temperature != 1 else [])]

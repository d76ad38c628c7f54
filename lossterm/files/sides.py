"""Which of two classes a single column is the prediction of, from its own name and from how it goes with the labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from lossterm.core.jets import Array
from lossterm.files.columns import Columns
from lossterm.files.labels import names_class
from lossterm.files.naming import COUNTED, PAIRS, subject_of, words_of

CLEAR = 0.6
"""Area under the ROC curve from which the rows speak for a reading."""

DOUBTFUL = 0.4
"""Area under the ROC curve below which they speak against one."""

_FEW = 6
"""Rows of either class below which they say nothing."""


def sided(
    columns: Columns, names: Sequence[str], label: Array, prediction: Array, decisions: Sequence[tuple[str, Array]] = ()
) -> Columns:
    """The columns, the one prediction turned round where it is of label 0; and doubts about it.

    Args:
        columns: which are read, one of them the prediction.
        names: of label 0 and label 1.
        label: the first rows, 0 and 1, NaN where there is none.
        prediction: of the same rows, as in the file.
        decisions: columns of decisions and what they decide in these rows, 0 or 1.
    """
    column = columns.predictions[0]
    area = area_under(label, prediction)
    # y_0 and p_0 are of one label among several, and so is what they have in common no class
    of_one_label = bool(subject_of(column)) and subject_of(column) == subject_of(columns.label)
    own = None if of_one_label else _class_of(column, names)
    notes = list(columns.notes)
    certain = own is not None and own[1]
    for name, decided in decisions:
        if not certain and _falls(decided, prediction) and (area is None or area < 0.5):
            own, certain = (0, True), True
            notes.append(f"{name!r} decides for {names[0]} where {column!r} is large")
    if own is not None and own[0] == 0:
        against = area is not None and area > CLEAR
        if certain or not against:
            notes.append(
                f"{column!r} is of label 0, {names[0]}: its complement is read; --positive {names[0]} reads it as it is"
            )
            columns = replace(columns, other=True)
            area = None if area is None else 1 - area
        else:
            notes.append(
                f"{column!r} is called after a class that is mostly label 0, and yet goes with label 1 (AUROC "
                f"{area:.3f}): "
                "it is read as of label 1; --positive 0 turns that"
            )
    elif own is not None and not certain and area is not None and area < DOUBTFUL:
        pass
    if area is not None and area < DOUBTFUL:
        notes.append(
            f"AUROC {area:.3f} in the first rows, well below ½: is {column!r} of the other class? --positive "
            f"{names[0]} "
            "turns that"
        )
    return replace(columns, notes=tuple(notes))


def _falls(decided: Array, prediction: Array) -> bool:
    """Whether it is decided for 1 exactly where the predictions are below some number."""
    one, zero = prediction[decided == 1], prediction[decided == 0]
    enough = min(len(one), len(zero)) > 0 and len(one) + len(zero) == len(prediction) >= _FEW
    return bool(enough and one.max() < zero.min())


def _class_of(column: str, names: Sequence[str]) -> tuple[int, bool] | None:
    """The label that a column is called after, and whether its name alone is enough to say so."""
    texts = [text for text in names if words_of(text)]
    hits = [k for k, text in enumerate(names) if text in texts and names_class(column, text)]
    if len(hits) == 2:  # spam and not spam: the longer one
        hits = [max(hits, key=lambda k: len(names[k]))]
    numbers = [text.lstrip("-").replace(".", "").isdecimal() for text in names]
    words = words_of(column)
    if hits and not all(numbers):
        return hits[0], True
    if hits and (words[-1:] == words_of(names[hits[0]]) or "class" in words or "label" in words):
        return None if words[-2:-1] and words[-2] in COUNTED else (hits[0], False)
    if all(numbers):
        zeros = {zero for zero, _ in PAIRS if len(zero) > 1 and not zero[-1].isdecimal()}
        ones = {one for _, one in PAIRS if len(one) > 1 and not one[-1].isdecimal()}
        if any(word in zeros - ones for word in words):
            return 0, False
        if any(word in ones - zeros for word in words):
            return 1, False
    return None


def area_under(label: Array, prediction: Array) -> float | None:
    """The area under the ROC curve, ties ½; None where a class has too few rows to tell anything."""
    good = np.isfinite(label) & np.isfinite(prediction)
    one, zero = prediction[good & (label == 1)], prediction[good & (label == 0)]
    if min(len(one), len(zero)) < _FEW:
        return None
    zero = np.sort(zero)
    below = np.searchsorted(zero, one, "left") + np.searchsorted(zero, one, "right")
    return float(below.mean() / 2 / len(zero))

"""The current loss by a plain chain rule in a low precision: dots over its curve, and what is said of them."""

from __future__ import annotations

from functools import lru_cache

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.labels import number
from lossterm.curves.dots import Dots
from lossterm.curves.view import View
from lossterm.model.subject_options import subject_words
from lossterm.precision.evaluation import evaluate_plainly, failures, relative_error
from lossterm.precision.reason import reason_at
from lossterm.precision.report import at_point, error_text, failures_text, first_of
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import DOT

LOST = "✗"
"""What stands on the exact curve where the plain number is NaN."""

MANY = 36
"""Dots of a picture."""


@lru_cache(maxsize=8)
def plain_dots(still: View, current: int, dtype: str) -> tuple[Dots, ...]:
    """The dots of a view's current loss: plain numbers, and on the exact curve the places where there are none.

    Args:
        still: the view, without its point.
        current: index of the row.
        dtype: the precision.
    """
    lo, hi = still.window
    at = np.linspace(lo, hi, MANY + 1)[:-1] + (hi - lo) / (2 * MANY)
    with np.errstate(all="ignore"):
        logits = at if still.axis == "logit" else still.link.inverse(at)
    logits = logits[np.isfinite(logits)]
    objective, ink = still.subject.objective(current), max(still.rows[current].slot, 0)
    try:
        plain = evaluate_plainly(objective, dtype, logits)
    except ValueError:
        return ()
    exact = objective.evaluate(logits)
    pairs = (("loss", plain.value, exact.value), ("d_logit", plain.d_logit, exact.d_logit),
             ("d_prediction", plain.d_prediction, exact.d_prediction))  # fmt: skip
    told, lost = [], []
    for quantity, here, there in pairs:
        numbers = np.asarray(here, dtype=float)
        told.append((quantity, _heights(numbers)))
        lost.append((quantity, _heights(np.where(np.isnan(numbers), there, np.nan))))
    places = tuple(logits.tolist())
    return (Dots(dtype, places, tuple(told), ink=ink), Dots("NaN", places, tuple(lost), LOST, ink))


def _heights(numbers: Array) -> tuple[float, ...]:
    return tuple(np.asarray(numbers, dtype=float).tolist())


def said(view: View, current: int, dtype: str, styles: Styles) -> list[Part]:
    """What goes wrong at the cursor, or by how much it is off; and where it fails first."""
    objective = view.subject.objective(current)
    try:
        plain, found = at_point(objective, dtype, view.logit), failures(objective, dtype)
        why = reason_at(objective, dtype, view.logit)
    except ValueError as problem:
        return [(str(problem), styles.accent)]
    exact = objective.evaluate([view.logit]).at(0)
    name = f"{view.letters.get(current, view.rows[current].entry.title)} in {dtype}"
    if why:
        here = f"{name}: {why}"
    else:
        value = error_text(relative_error(first_of(plain.value), exact.value))
        slope = error_text(relative_error(first_of(plain.d_logit), exact.d_logit))
        here = f"{name}: L {value}, ∂L/∂z {slope}"
    fails = failures_text(found) or "fails nowhere within ±700"
    return [(here, styles.accent if why else styles.text), (DOT, styles.muted), (fails, styles.text)]


def command_words(view: View, current: int, dtype: str) -> list[str]:
    """The command that tells the same."""
    setting = subject_words(view, [current])
    return ["lossterm", "precision", *setting, "--dtype", dtype, f"--at={number(view.logit)}"]

"""What each library computes at the cursor, in place of the numbers there; the command that tells more of it."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.core.losses.labels import number
from lossterm.core.numbers import fixed, significant
from lossterm.curves.view import View
from lossterm.dialects.comparison import dialects_for, told_at
from lossterm.dialects.report import row_of
from lossterm.model.subject_options import subject_words
from lossterm.tui.theme import Styles
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import DOT, NumbersRow, shortened

BESIDE, MARKS = 54, 18
"""Columns of a row beside the words, names at their full width; and columns of words that are never taken from them."""

HEADS = ("L", "∂L/∂z", "wrong, and its own")

Shown = tuple[str, Sequence[str], Sequence[NumbersRow], Sequence[Part]]
"""Title, heads, rows and words of the readout."""


def readout(view: View, current: int, styles: Styles, width: int) -> Shown:
    """The dialects of the current loss at the cursor; where no library has it, why.

    Args:
        view: what is looked at; a risk is of no library, its label is.
        current: index of the row.
        styles: of the theme.
        width: cells of a line.
    """
    objective = view.subject.objective(current)
    exact = objective.evaluate([view.logit]).at(0)
    row = view.rows[current]
    title = f"{row.entry.title} of libraries at z = {fixed(view.logit, 5)}"
    try:
        told = told_at(objective, view.logit)
    except ValueError as problem:
        return title, (), (), [(str(problem), styles.text)]
    ink, letter = max(row.slot, 0), view.letters.get(current, "·")
    entries = []
    for one in told:
        shown = row_of(one, objective)
        own = shown.differs.partition(";")[0]
        marks = shown.marks.replace("∂L/∂z ", "∂z ")
        entries.append(
            NumbersRow(
                letter, ink, shown.brief_name, (shown.value, shown.slope),
                shortened(", ".join(t for t in (marks, own) if t), max(width - BESIDE, MARKS), marks),
                brief=marks,
                stands_out=tuple(i for i, off in enumerate((shown.value_is_off, shown.slope_is_off)) if off),
            )
        )  # fmt: skip
    below: list[Part] = [
        (f"exact: L = {significant(exact.value)}, ∂L/∂z = {significant(exact.d_logit)}", styles.text),
        (DOT, styles.muted), ("off: by more than 1e-6 of it", styles.text),
        (DOT, styles.muted), ("y copies the command that tells each call", styles.muted),
    ]  # fmt: skip
    return title, HEADS, entries, below


def count(view: View, current: int) -> int:
    """How many dialects there are of the current loss."""
    try:
        return len(dialects_for(view.subject.objective(current)))
    except ValueError:
        return 0


def command_words(view: View, current: int) -> list[str]:
    """The command that tells the same, with calls and from where on."""
    setting = subject_words(view, [current])[2:]
    return ["lossterm", "dialects", view.rows[current].spec, *setting, f"--at={number(view.logit)}"]

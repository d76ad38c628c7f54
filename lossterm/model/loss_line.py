"""One line on a loss: its formula, what it is, its parameters by name, and what its slope is where that is simple."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from lossterm.core.numbers import trimmed
from lossterm.model.rows import ListRow
from lossterm.model.subject import Subject

DOT = " · "
"""What stands between two pieces."""

LEAST = 12
"""Characters below which a part of a sentence says nothing."""


class LossSentence(NamedTuple):
    """The pieces of the line, each empty where there is no room or nothing to say.

    Attributes:
        letter: of the curve, a blank where it is not shown.
        formula: the formula.
        about: what the loss is, or the beginning of it.
        parameters: each by its name, with its symbol where there is room.
        slope: ∂L/∂z, where it is the residual.
        source: where it comes from.
    """

    letter: str
    formula: str
    about: str
    parameters: str
    slope: str
    source: str

    @property
    def text(self) -> str:
        """The whole line."""
        rest = DOT.join(filter(None, self[1:]))
        return f"{self.letter} {rest}"


def residual_slope(subject: Subject, index: int) -> str:
    """``∂L/∂z = p − y`` where it is so for a row of the subject, found from its numbers.

    Else what is odd about the loss behind its activation, and mostly nothing.
    """
    from lossterm.core.losses.meaning import slope_is_residual
    from lossterm.core.losses.oddity import oddity

    objective = subject.objective(index)
    if slope_is_residual(objective):
        return f"∂L/∂z = {objective.activation.letter} − y"
    return oddity(objective.loss, objective.activation)


@lru_cache(maxsize=16)
def loss_line(row: ListRow[Any], letter: str, slope: str, room: int) -> LossSentence:
    """The line for a row of a list of losses, in so many characters.

    Args:
        row: the loss with its parameters.
        letter: of its curve.
        slope: what is said of its slope.
        room: characters there are.
    """
    entry = row.entry
    named, plain = _parameters(row, symbols=True), _parameters(row, symbols=False)
    source = getattr(entry, "source", "")
    whole = LossSentence(letter or " ", entry.formula, entry.about, named, slope, source)
    shorter = whole._replace(source="", parameters=plain)
    head = entry.about.partition(":")[0].partition(";")[0]
    beginning = shorter._replace(about=head)
    for line in (whole, whole._replace(source=""), shorter, beginning, _cut(shorter, room),
                 _cut(shorter._replace(slope=""), room), shorter._replace(about=""),
                 shorter._replace(about="", slope="")):  # fmt: skip
        if len(line.text) <= room:
            return line
    rest = DOT.join(filter(None, (entry.formula, plain)))
    return LossSentence(whole.letter, f"{rest[: max(room - 3, 0)]}…", "", "", "", "")


def _parameters(row: ListRow[Any], *, symbols: bool) -> str:
    texts = []
    for knob, (name, value) in zip(row.entry.parameters, row.params, strict=True):
        number = "off" if value is None else value if isinstance(value, str) else trimmed(value)
        symbol = f" {knob.symbol} =" if symbols and knob.symbol and knob.symbol != name else ""
        texts.append(f"{name}{symbol} {number}")
    return DOT.join(texts)


def _cut(line: LossSentence, room: int) -> LossSentence:
    # as many words of what it is as there is room for, and a mark; the line as it is where that says nothing
    left = room - len(line._replace(about="").text) - len(DOT) - 1
    words = line.about
    while len(words) > left and words:
        words = words.rpartition(" ")[0].rstrip(",;:")
    return line._replace(about=f"{words}…") if len(words) >= LEAST else line

"""The list of losses as it stands in a pane: those one begins with, then a heading a family that can be folded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from lossterm.core.losses.formulas import Loss, matches
from lossterm.core.losses.labels import Family
from lossterm.core.names import normalise
from lossterm.model.rows import LossList
from lossterm.model.subject import home_words

Folds: TypeAlias = tuple[tuple[str, bool], ...]
"""Families that one has folded (True) or unfolded; of the others those are folded of which no loss is shown."""

YOURS = "yours"
"""The heading of the losses of one's own, whatever their families."""

LEAST = 3
"""Letters from which the beginning of a family's name finds it: fewer are of too many."""


@dataclass(frozen=True)
class Heading:
    """The line over the losses of a family.

    Attributes:
        family: its name.
        rows: indices of the rows below it, whether they are in sight or not.
        shown: how many of them are shown.
        folded: whether they are out of sight.
        more: whether other losses of the family stand among those that one begins with.
    """

    family: str
    rows: tuple[int, ...]
    shown: int
    folded: bool
    more: bool

    @property
    def count(self) -> str:
        """How many there are, and of them are shown: ``9``, ``2/9``; ``+15`` beside those further up."""
        if self.shown:
            return f"{self.shown}/{len(self.rows)}"
        return f"{'+' if self.more else ''}{len(self.rows)}"

    def sentence(self, listed: LossList[Any]) -> str:
        """What the losses of the family are, where they are at home, and what keys do with the heading."""
        first = listed.rows[self.rows[0]].entry
        what = "folds" if not self.folded else "unfolds"
        if first.definition:
            return f"losses of your own · f changes one, V takes it away · space {what}, E shows all"
        return f"{ABOUT[first.family]} · at home {home_words(first)} · space {what}, E shows all"


ABOUT = {
    Family.VALUE: "value losses read the residual r = v − y",
    Family.PROBABILITY: "probability losses read p against a label in [0, 1]",
    Family.MARGIN: "margin losses read m = s·v, s = ±1",
    Family.POSITIVE: "positive losses read a mean v > 0, y ≥ 0",
    Family.PREFERENCE: "preference losses read βΔ: chosen answer against rejected, y = 1",
    Family.RATIO: "ratio losses read π/π_old; the label is the advantage A",
}
"""What the losses of a family read, in a few words."""

Line: TypeAlias = int | Heading
"""A line of the pane: the index of a row, or a heading."""


def section_of(loss: Loss) -> str:
    """The family under whose heading a loss stands; empty for those that one begins with, which have none."""
    if loss.definition:
        return YOURS
    return "" if loss.in_all else loss.family.value


Lines: TypeAlias = tuple[Line, ...]
"""A pane of them, from the top."""

_KNOWN: deque[tuple[tuple[Any, ...], Folds, str, Lines]] = deque(maxlen=4)
"""The last panes, with what they are of: every move of a cursor asks for the same one several times."""


def lines(listed: LossList[Any], folds: Folds = (), filter_text: str = "") -> Lines:
    """The lines of the pane: what a filter leaves is unfolded.

    Args:
        listed: the losses.
        folds: what one has folded and unfolded.
        filter_text: a part of a name of the losses, or the beginning of their family's.
    """
    for rows, *how, known in _KNOWN:
        if rows is listed.rows and how == [folds, filter_text]:
            return known
    found_lines = tuple(_lines(listed, folds, filter_text))
    _KNOWN.append((listed.rows, folds, filter_text, found_lines))
    return found_lines


def _lines(listed: LossList[Any], folds: Folds, filter_text: str) -> list[Line]:
    decided, result, sections = dict(folds), list[Line](), _sections(listed)
    above = {listed.rows[i].entry.family.value for i in sections[""]}
    for family, rows in sections.items():
        kept = [i for i in rows if not filter_text or found(listed.rows[i].entry, filter_text)]
        if not family:
            result += kept
        elif kept:
            shown = sum(listed.rows[i].shown for i in kept)
            folded = not filter_text and decided.get(family, not shown)
            result.append(Heading(family, tuple(kept), shown, folded, family in above))
            result += [] if folded else kept
    return result


def _sections(listed: LossList[Any]) -> Mapping[str, Sequence[int]]:
    # the indices of the rows of each section, in the order of the pane
    result: dict[str, list[int]] = {name: [] for name in ("", *(family.value for family in Family), YOURS)}
    for index, row in enumerate(listed.rows):
        result[section_of(row.entry)].append(index)
    return result


def found(loss: Loss, text: str) -> bool:
    """Whether a filter leaves a loss: a part of any of its names, or the beginning of its family's name."""
    wanted = normalise(text)
    return matches(loss, text) or (len(wanted) >= LEAST and loss.family.value.startswith(wanted))


def row_indices(listed: Sequence[Line]) -> list[int]:
    """The rows among the lines."""
    return [line for line in listed if isinstance(line, int)]


def heading_at(listed: Sequence[Line], family: str) -> int | None:
    """The place of a family's heading; None where it is not among the lines."""
    places = (i for i, line in enumerate(listed) if isinstance(line, Heading) and line.family == family)
    return next(places, None)


def refolded(folds: Folds, family: str, *, folded: bool) -> Folds:
    """The same with a family folded or unfolded."""
    return tuple(sorted({**dict(folds), family: folded}.items()))


def saved_folds(folds: Folds) -> dict[str, bool]:
    """As JSON has them."""
    return dict(folds)


def restored_folds(document: object) -> Folds:
    """Those that a document tells, distrusted one by one."""
    return tuple(sorted(_valid(document))) if isinstance(document, Mapping) else ()


def _valid(document: Mapping[Any, Any]) -> Iterator[tuple[str, bool]]:
    families = {*(family.value for family in Family), YOURS}
    yield from ((name, value) for name, value in document.items() if name in families and isinstance(value, bool))

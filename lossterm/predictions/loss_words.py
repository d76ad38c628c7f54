"""The losses of a file as the Data screen shows them: a row of numbers each, and below it by how much they changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.core.numbers import MINUS, UNDEFINED, fitting, percent, significant, trimmed
from lossterm.predictions import figures
from lossterm.predictions.figure_words import changed
from lossterm.predictions.figures import Statistic, no_less
from lossterm.predictions.losses import ShownLoss
from lossterm.predictions.words import NUMBER
from lossterm.tui.widgets.readout import DOT, NumbersRow

if TYPE_CHECKING:
    from lossterm.core.statistics.criterion import Criterion
    from lossterm.core.statistics.findings import Findings, LossFinding
    from lossterm.core.statistics.question import ClassCriterion, Question

SAME = "·"
"""Instead of a change where there is none."""


def loss_heads(findings: Findings) -> list[str]:
    """The heads of the numbers of the losses: each mean beside its own standard error; the last stands over words."""
    return [*(column.title for column in figures.loss_columns(findings, screen=True)), ""]


def loss_entries(
    shown: Sequence[ShownLoss], findings: Findings, base: Findings | None, current: int
) -> list[NumbersRow]:
    """One row a loss, and where there are changes one for these."""
    result = []
    columns = figures.loss_columns(findings, screen=True)
    before = base.losses if base is not None else [None] * len(findings.losses)
    for who, now, old in zip(shown, findings.losses, before, strict=True):
        cells = tuple(_cell(column, now) for column in columns)
        result.append(NumbersRow(who.letter, who.ink, who.name, cells, _verdict(now), who.row == current))
        if old is not None:
            gaps = tuple(_gap(column, now, old) for column in columns)
            result.append(NumbersRow(" ", who.ink, "change", gaps, ""))
    return result


def _cell(column: Statistic[LossFinding], found: LossFinding) -> str:
    value = column.value(found)
    if column.is_part:  # its error is told in words
        return UNDEFINED if value is None else percent(value)
    if column.name in ("mean", "sum"):
        return fitting(math.nan if value is None else value, NUMBER)
    return column.text(found)


def _gap(column: Statistic[LossFinding], now: LossFinding, old: LossFinding) -> str:
    if column.name.endswith("standard_error"):  # by how much that changes nobody asks, and it would read as an error
        return ""
    pair = [column.value(found) for found in (now, old)]
    if not column.is_part:
        return _change(*pair)
    gap = _change(*(None if value is None else 100 * value for value in pair))
    return gap + "%" if gap[-1].isdigit() else gap


def _change(now: float | None, before: float | None) -> str:
    if now == before or (now is not None and before is not None and math.isnan(now) and math.isnan(before)):
        return SAME
    if now is None or before is None or not (math.isfinite(now) and math.isfinite(before)):
        return UNDEFINED
    return changed(now, before) or SAME


def _verdict(finding: LossFinding) -> str:
    if finding.infinite:
        return f"∞ for {finding.infinite:,}: sure and wrong"
    if finding.undefined:
        return f"undefined for {finding.undefined:,}"
    if finding.share.error:
        return f"share ±{no_less(100 * finding.share.error)}%"
    if _is_surprise(finding.criterion) and finding.mean >= 0:
        return f"e^{MINUS}mean={significant(math.exp(-finding.mean), 3)}"
    return ""


def _is_surprise(criterion: Criterion | ClassCriterion) -> bool:
    # only of −ln p itself is e to minus the mean a probability
    plain = all(name != "pos_weight" or value == 1 for name, value in criterion.params)
    return criterion.loss.id == "cross-entropy" and plain and not criterion.smoothing


def against(now: Question, before: Question, room: int) -> list[str]:
    """What changes are told against, in parts that are left out where room is short: what was otherwise.

    Args:
        now: what is asked.
        before: what was.
        room: characters of the line.
    """
    was = [f"T = {trimmed(before.temperature)}"] if now.temperature != before.temperature else []
    if now.clip != before.clip:
        was.append("no clip" if before.clip is None else f"clip {before.clip.word}")
    pairs = list(zip(now.criteria, before.criteria, strict=False))
    smoothings = [old.smoothing for new, old in pairs if new.smoothing != old.smoothing]
    was += [f"smoothing {trimmed(smoothings[0])}"] if smoothings else []
    was += [name for new, old in pairs for name in _other_parameters(new, old)]
    told_of = len(was)
    while told_of > 1 and len(_listed(was, told_of)) + len(_AGAINST) + 1 > room:
        told_of -= 1
    return [f"{_AGAINST}{_listed(was, told_of)}", DOT, "0 goes back", DOT, "c compares with now"]


_AGAINST = "changes are against "


def _listed(names: Sequence[str], most: int) -> str:
    left = len(names) - most
    return ", ".join([*names[:most], *([f"{left} more"] if left else [])])


def _other_parameters(now: Criterion | ClassCriterion, old: Criterion | ClassCriterion) -> list[str]:
    values = dict(now.params)
    symbols = {p.name: p.symbol or p.name for p in old.loss.parameters}
    title = getattr(old.loss, "title", old.loss.id)
    return [
        f"{title} {symbols[name]} = {'off' if value is None else value if isinstance(value, str) else trimmed(value)}"
        for name, value in old.params
        if values.get(name) != value
    ]

"""The losses of a file as the Data screen shows them: a row of numbers each, and below it by how much they changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from lossterm.data_table import told
from lossterm.numbers import MINUS, UNDEFINED, fitting, significant, trimmed
from lossterm.ui.present_data import NUMBER, ShownLoss
from lossterm.ui.present_figures import changed
from lossterm.ui.widgets.readout import DOT, Entry

if TYPE_CHECKING:
    from lossterm.core.bulk import Criterion
    from lossterm.core.findings import Findings, LossFinding
    from lossterm.core.question import ClassCriterion, Question

SAME = "·"
"""Instead of a change where there is none."""


def loss_heads(findings: Findings) -> list[str]:
    """The heads of the numbers of the losses: each mean beside its own standard error."""
    weighted = findings.weight_sum is not None
    return ["mean", "± s.e.", *(["Σwℓ/Σw", "± s.e.", "Σwℓ/n"] if weighted else ["sum"]), "worst 1%", ""]


def _numbers(found: LossFinding, *, weighted: bool) -> list[float | None]:
    means = [found.weighted_mean, found.weighted_standard_error, found.weighted_per_example]
    share = None if found.share.value is None else 100 * found.share.value
    return [found.mean, found.standard_error, *(means if weighted else [found.total]), share]


def loss_entries(shown: Sequence[ShownLoss], findings: Findings, base: Findings | None, current: int) -> list[Entry]:
    """One row a loss, and where there are changes one for these."""
    result = []
    weighted = findings.weight_sum is not None
    before = base.losses if base is not None else [None] * len(findings.losses)
    for who, now, old in zip(shown, findings.losses, before, strict=True):
        mean, error, *sums, share = _numbers(now, weighted=weighted)
        cells = [fitting(math.nan if mean is None else mean, NUMBER), told(error, 2)]
        if weighted:
            cells += [told(sums[0]), told(sums[1], 2), told(sums[2])]
        else:
            cells.append(fitting(now.total, NUMBER))
        cells.append(UNDEFINED if share is None else f"{share:.1f}%")
        result.append(Entry(who.letter, who.ink, who.name, tuple(cells), _verdict(now), who.row == current))
        if old is not None:
            pairs = zip(_numbers(now, weighted=weighted), _numbers(old, weighted=weighted), strict=True)
            gaps = [_change(*pair) for pair in pairs]
            gaps[-1] += "%" if gaps[-1][-1].isdigit() else ""
            result.append(Entry(" ", who.ink, "change", tuple(gaps), ""))
    return result


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
        return f"share ±{significant(100 * finding.share.error, 1)}%"
    if finding.criterion.loss.id == "cross-entropy" and finding.mean >= 0:
        return f"e^{MINUS}mean={significant(math.exp(-finding.mean), 3)}"
    return ""


def against(now: Question, before: Question, room: int) -> list[str]:
    """What changes are told against, in parts that are left out where room is short: what was otherwise.

    Args:
        now: what is asked.
        before: what was.
        room: characters of the line.
    """
    was = [f"T = {trimmed(before.temperature)}"] if now.temperature != before.temperature else []
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

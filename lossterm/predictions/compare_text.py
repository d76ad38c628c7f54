"""A comparison as lines for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lossterm.core.numbers import MINUS, UNDEFINED, percent, significant, trimmed
from lossterm.core.statistics.pair_figures import Difference
from lossterm.predictions.compare_words import best, interval, loss_title, sentences, signed
from lossterm.predictions.comparing import Comparison
from lossterm.predictions.figures import told
from lossterm.predictions.report import cell_text
from lossterm.predictions.text import table, wrapped

FOREST = 21
"""Columns of the picture of an interval about 0."""

SHOWN_DIFFERING, SHOWN_GROUPS = 10, 20
"""Rows that differ most, and groups, that the text has; JSON has more."""

COSTS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95)
"""The θ of the Murphy diagram that the text tells."""


def lines(comparisons: Sequence[Comparison]) -> list[str]:
    """All comparisons, a table first where there are several."""
    blocks = [several(comparisons)]
    for comparison in comparisons:
        blocks += _blocks(replace(comparison, first=cell_text(comparison.first), second=cell_text(comparison.second)))
    return [line for block in blocks if block for line in ("", *block)]


def _blocks(comparison: Comparison) -> list[list[str]]:
    return [
        [
            *wrapped(title(comparison)),
            *(part for said in sentences(comparison) for part in wrapped(f"  {said}")),
        ],
        *tables(comparison),
        [part for note in comparison.notes for part in wrapped(f"note: {note}")],
    ]


def title(comparison: Comparison) -> str:
    """What is compared with what, and over how many rows."""
    count = comparison.compared.rows
    rows = f"{count:,} row{'' if count == 1 else 's'}"
    return f"B {cell_text(comparison.second)} against A {cell_text(comparison.first)} · {rows}"


def tables(comparison: Comparison) -> list[list[str]]:
    """The figures of a comparison, a block a table; an empty one where there is none."""
    return [
        losses_table(comparison),
        _decisions(comparison),
        _reliability(comparison),
        _costs(comparison),
        _groups(comparison),
        _differing(comparison),
    ]


def several(comparisons: Sequence[Comparison]) -> list[str]:
    """One line a second prediction: the differences of each loss from the first; nothing of one alone."""
    if len(comparisons) < 2:
        return []
    count = len(comparisons[0].compared.losses)
    heads = [
        f"against {cell_text(comparisons[0].first)}",
        *(loss_title(comparisons[0], at) for at in range(count)),
        "AUROC",
    ]
    rows = [heads]
    for comparison in comparisons:
        ranking = comparison.compared.ranking
        cells = [_starred(best(comparison, at), comparison.compared.losses[at].of_one_loss) for at in range(count)]
        cells.append(UNDEFINED if ranking.value is None else _starred(ranking))
        rows.append([cell_text(comparison.second), *cells])
    return [*table(rows), "* surely: the interval of 95% does not hold 0; no correction for how many are compared"]


def _starred(difference: Difference, same: bool = True) -> str:
    return f"{signed(difference.value)} ± {error(difference.standard_error)}{mark(difference.sure if same else 0)}"


def error(x: float | None) -> str:
    """A standard error with two digits."""
    return UNDEFINED if x is None else significant(x, 2)


def mark(sure: int) -> str:
    """A star where a difference is sure."""
    return "*" if sure else " "


def losses_table(comparison: Comparison) -> list[str]:
    """The differences with their intervals, drawn about 0."""
    losses = comparison.compared.losses
    if not losses:
        return []
    weighted = any(loss.weighted is not None for loss in losses)
    by = "weighted " if weighted else ""
    heads = ["loss", f"{by}A", f"{by}B", f"B {MINUS} A", "s.e.", "95%", "B better", "A better"]
    if weighted:
        heads.insert(4, "unweighted")
    rows = [heads]
    for at, loss in enumerate(losses):
        difference = best(comparison, at)
        row = [
            loss_title(comparison, at),
            *map(told, loss.means),
            signed(difference.value),
            error(difference.standard_error),
            interval(difference),
            *(UNDEFINED if x is None or not loss.of_one_loss else percent(x) for x in (loss.better, loss.worse)),
        ]
        if weighted:
            row.insert(4, signed(loss.difference.value))
        rows.append(row)
    return [*table(rows), *_forest(comparison)]


def _forest(comparison: Comparison) -> list[str]:
    """A dot with whiskers about 0 for each loss, on a scale of its own."""
    drawn = []
    for at, loss in enumerate(comparison.compared.losses):
        difference = best(comparison, at)
        if loss.of_one_loss and difference.interval is not None and difference.value is not None:
            reach = max(abs(end) for end in difference.interval)
            drawn.append([loss_title(comparison, at), forest_line(difference.value, difference.interval, reach, FOREST),
                          f"±{told(reach, 2)}"])  # fmt: skip
    if not drawn:
        return []
    heads = ["", "B better".ljust(FOREST // 2) + "0" + "A better".rjust(FOREST // 2), "reach"]
    return table([heads, *drawn], left=2)


def forest_line(value: float, ends: tuple[float, float], reach: float, width: int) -> str:
    """An interval about 0 as characters.

    Args:
        value: the difference.
        ends: of its interval.
        reach: what the first and the last character stand for, below and above 0.
        width: characters, an odd number.
    """
    half = width // 2

    def place(x: float) -> int:
        return half + (round(max(min(x / reach, 1.0), -1.0) * half) if reach else 0)

    cells = [" "] * width
    cells[half] = "│"
    low, high = place(ends[0]), place(ends[1])
    for at in range(low, high + 1):
        cells[at] = "┼" if at == half else "─"
    cells[low], cells[high] = ("├", "┤") if low < high else (cells[low], cells[high])
    cells[place(value)] = "●"
    return "".join(cells)


def _decisions(comparison: Comparison) -> list[str]:
    compared = comparison.compared
    flips, areas = compared.flips, compared.areas
    found = []
    if flips is not None:
        found += table([
            ["decisions", "B right", "B wrong"],
            ["A right", f"{flips.both_right:,}", f"{flips.right_to_wrong:,}"],
            ["A wrong", f"{flips.wrong_to_right:,}", f"{flips.both_wrong:,}"],
        ])  # fmt: skip
        if flips.p is not None:
            found.append(f"McNemar, exact: p = {significant(flips.p, 3) if flips.p else '< 1e-300'}")
    difference = areas.difference
    if difference.value is not None:
        by = "" if difference.standard_error is None else f" ± {error(difference.standard_error)} (DeLong)"
        found.append(f"AUROC: A {told(areas.first.value)} · B {told(areas.second.value)} · B {MINUS} A "
                     f"{signed(difference.value)}{by}")  # fmt: skip
    elif compared.no_areas:
        found.append(f"AUROC: none, {compared.no_areas}")
    return found


def _reliability(comparison: Comparison) -> list[str]:
    if comparison.compared.reliability is None:
        return []
    first, second = comparison.compared.reliability
    rows = [["bin", "A count", "confidence", "frequency", "B count", "confidence", "frequency"]]
    bins: dict[tuple[float, float], list[str]] = {}
    for at, found in enumerate((first, second)):
        for lower, upper, count, confidence, frequency in zip(
            found.lower.tolist(), found.upper.tolist(), found.count.tolist(), found.confidence.tolist(),
            found.frequency.tolist(), strict=True,
        ):  # fmt: skip
            cells = bins.setdefault((lower, upper), [UNDEFINED] * 6)
            cells[3 * at : 3 * at + 3] = [f"{count:,}", told(confidence, 3), told(frequency, 3)]
    for (lower, upper), cells in sorted(bins.items()):
        rows.append([f"{'[' if lower == 0 else '('}{trimmed(lower)}, {trimmed(upper)}]", *cells])
    return [*table(rows), f"ECE: A {told(first.ece)} · B {told(second.ece)}"]


def _costs(comparison: Comparison) -> list[str]:
    costs = comparison.compared.costs
    if costs is None:
        return []
    rows = [["cost θ"], ["A"], ["B"], [f"B {MINUS} A"]]
    for theta in COSTS:
        at = int(abs(costs.theta - theta).argmin())
        a, b = float(costs.first[at]), float(costs.second[at])
        for row, text in zip(rows, (trimmed(theta), told(a, 3), told(b, 3), signed(b - a, 2)), strict=True):
            row.append(text)
    return [*table(rows), "the mean score where acting costs θ and not acting on a 1 costs 1 − θ (Murphy diagram)"]


def _groups(comparison: Comparison) -> list[str]:
    groups = comparison.compared.groups
    if not groups:
        return []
    count = min(len(comparison.compared.losses), 2)
    rows = [["group", "rows"]]
    for at in range(count):
        rows[0] += [f"{loss_title(comparison, at)}: B {MINUS} A", "s.e."]
    ordered = sorted(groups.items(), key=lambda item: -abs(item[1][0].value or 0.0))
    for group, found in ordered[:SHOWN_GROUPS]:
        row = [cell_text(comparison.groups[group]), f"{found[0].count:,}"]
        for at in range(count):
            sure = found[at].sure if comparison.compared.losses[at].of_one_loss else 0
            row += [signed(found[at].value) + mark(sure), error(found[at].standard_error)]
        rows.append(row)
    return [*table(rows), *wrapped("* the interval of 95% does not hold 0; no correction for how many groups there are"
                                   + (f"; {len(groups) - SHOWN_GROUPS:,} more in json"
                                      if len(groups) > SHOWN_GROUPS else ""))]  # fmt: skip


def _differing(comparison: Comparison) -> list[str]:
    found = comparison.compared.differing
    if found is None or not len(found):
        return []
    rows = [["row", f"B {MINUS} A", "label", "A", "B"]]
    for row, difference, label, first, second in zip(
        found.row.tolist(), found.difference.tolist(), found.label.tolist(), found.first.tolist(),
        found.second.tolist(), strict=True,
    ):  # fmt: skip
        rows.append([f"{row:,}", signed(difference), trimmed(label), told(first, 3), told(second, 3)])
    title = f"the rows that differ most by {loss_title(comparison, 0)}"
    return [title, *table(rows[: SHOWN_DIFFERING + 1], left=0)]

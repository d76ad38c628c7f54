"""From the sums of a file to its figures: rankings, temperatures, shares, and what scaling would change."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor

from lossterm.core.jets import Array
from lossterm.core.statistics.assessment import assess
from lossterm.core.statistics.binary_sums import BinarySummary
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.class_sums import ClassSummary
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Calibration, Findings
from lossterm.core.statistics.loss_figures import (
    clip_notes,
    concentration,
    concentration_of_sizes,
    infinite_notes,
    loss_finding,
    with_terms,
)
from lossterm.core.statistics.ordered_figures import of_cells, of_rows
from lossterm.core.statistics.question import log_loss
from lossterm.core.statistics.ranking import Confusion
from lossterm.core.statistics.value_figures import value_finding, value_notes
from lossterm.core.statistics.weighted_figures import PLAIN, weighted_figures


def conclude(
    summary: BinarySummary | ClassSummary, executor: Executor, check: Callable[[], None] = lambda: None
) -> Findings:
    """Every figure of what has been counted.

    Args:
        summary: the sums of all batches; at least one row.
        executor: where figures that do not depend on each other are computed.
        check: called between those that take long: it raises where nobody wants to know any more.
    """
    if isinstance(summary, ClassSummary):
        from lossterm.core.statistics.class_figures import conclude_classes

        return conclude_classes(summary, executor)
    if summary.question.kind == "value":
        return _of_values(summary)
    return _of_probabilities(summary, executor, check)


def _of_values(summary: BinarySummary) -> Findings:
    question, tallies = summary.question, summary.tallies
    if summary.kept is not None:
        slopes = [summary.kept.sizes(i) for i in range(len(question.criteria))]
        found: list[tuple[Estimate, Array | None]] = [(concentration(sizes), sizes) for sizes in slopes]
    else:
        found = [(concentration_of_sizes(sizes), None) for sizes in summary.sizes or ()]
    notes = infinite_notes(question, tallies)
    notes += ["predictions are plain numbers: no temperature divides them"] if question.temperature != 1 else []
    if summary.values is not None:
        notes += value_notes(summary.values)
    return Findings(
        question=question,
        rows=summary.rows,
        label_mean=summary.label_sum.divided_by(summary.rows),
        weight_sum=summary.weight_sum.value if question.weighted else None,
        hard=False,
        decided=None,
        losses=tuple(loss_finding(question, i, tallies[i], *found[i]) for i in range(len(question.criteria))),
        calibration=None,
        auroc=PLAIN,
        temperature=PLAIN,
        tempered=None,
        platt=None,
        scaled=None,
        bars=None,
        ranked=None,
        notes=tuple(notes),
        weighted=weighted_figures(summary),
        values=None if summary.values is None else value_finding(summary.values),
    )


def _of_probabilities(summary: BinarySummary, executor: Executor, check: Callable[[], None]) -> Findings:
    question, tallies, rows = summary.question, summary.tallies, summary.rows
    assert summary.bins is not None
    width = Reliability.of(summary.bins)
    hard = summary.hard
    plain = tallies[question.judged.index(log_loss())]
    every_row = of_rows(summary, executor) if summary.kept is not None else of_cells(summary, executor, check)
    weighing = executor.submit(weighted_figures, summary)
    assessing = executor.submit(assess, summary, width, every_row.ranked, every_row.order)
    ones = int(summary.decided[1].sum()) if hard else None
    notes = [*clip_notes(question, summary.clipped), *infinite_notes(question, tallies)]
    if hard and ones in (0, rows):
        notes.append(f"every label is {int(bool(ones))}: there is nothing to rank")
    notes += [every_row.note] if every_row.note else []
    (true_negative, false_positive), (false_negative, true_positive) = summary.decided.tolist()
    losses = tuple(loss_finding(question, i, tallies[i], *every_row.shares[i]) for i in range(len(question.criteria)))
    assessment, weighted = assessing.result(), weighing.result()
    return Findings(
        question=question,
        rows=rows,
        label_mean=summary.label_sum.divided_by(rows),
        weight_sum=summary.weight_sum.value if question.weighted else None,
        hard=hard,
        decided=Confusion(true_positive, false_positive, true_negative, false_negative) if hard else None,
        losses=with_terms(losses, assessment, None if weighted is None else weighted.assessment),
        calibration=Calibration(plain.moments.mean, width.brier, width, every_row.mass),
        auroc=every_row.auroc,
        temperature=every_row.temperature,
        tempered=every_row.tempered,
        platt=every_row.platt,
        scaled=every_row.scaled,
        bars=summary.bars,
        ranked=every_row.ranked,
        cells=every_row.cells,
        notes=tuple(notes),
        weighted=weighted,
        clipped=summary.clipped,
        assessment=assessment,
    )

"""From the sums of a file with K classes to its figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import Executor

from lossterm.core.exact import ExactSum
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.assessment import assess_classes
from lossterm.core.statistics.calibration import BinCounts, Reliability, equal_mass_of, equal_width
from lossterm.core.statistics.cell_figures import Line, by_mass
from lossterm.core.statistics.class_sums import ClassSummary, judge_classes, predicted, tops
from lossterm.core.statistics.criterion import CHUNK
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Calibration, ClassFinding, Findings, WeightedFindings
from lossterm.core.statistics.loss_figures import (
    class_weight_notes,
    clip_notes,
    concentration,
    concentration_of_sizes,
    infinite_notes,
    loss_finding,
)
from lossterm.core.statistics.ordered_figures import of_file
from lossterm.core.statistics.question import Question, class_criterion
from lossterm.core.statistics.temperature import fit_temperature_classes
from lossterm.core.statistics.weighted import NOTHING, WeightedBins

FEWER = "a filter that leaves fewer examples brings one"
"""What helps where there are too many numbers to keep for a temperature."""

BINARY_ONLY = Estimate(None, reason="only two classes are ranked by one number")


def conclude_classes(summary: ClassSummary, executor: Executor) -> Findings:
    """Every figure of K classes: as for two, of the confidence in the top class, with a table of the classes."""
    question, rows, tallies = summary.question, summary.rows, summary.tallies
    judged = question.judged_classes
    plain = tallies[judged.index(class_criterion("cross-entropy"))].moments.mean
    brier = tallies[judged.index(class_criterion("squared-error"))].moments.mean
    temperature, tempered, mass, note = Estimate(None), None, None, ""
    shares: list[tuple[Estimate, Array | None]]
    if summary.kept is not None:
        given, label = summary.kept.predictions()
        tempering = executor.submit(_tempered, given, label, question)
        massing = executor.submit(_untempered_by_mass, given, label, question)
        slopes = [summary.kept.sizes(i) for i in range(len(question.criteria))]
        shares = [(concentration(sizes), sizes) for sizes in slopes]
        temperature, tempered = tempering.result()
        mass = massing.result()
    else:
        many = f"more than {2 * question.keep:,} numbers"
        temperature = Estimate(None, reason=f"{many} (rows × classes): {FEWER}")
        note = f"{many}: no temperature, {FEWER}; figures with ± come from counts by leading bits"
        assert summary.cells is not None
        mass = by_mass(summary.cells.occupied(), Line(1.0), question.bins)
        shares = [(concentration_of_sizes(sizes), None) for sizes in summary.sizes or ()]
    width = Reliability.of(summary.bins)
    matrix, mass_of = summary.matrix, summary.mass.fractions()
    classes = tuple(
        ClassFinding(int(matrix[k].sum()), int(matrix[:, k].sum()), int(matrix[k, k]), float(mass_of[k] / rows))
        for k in range(len(matrix))
    )
    by_class = summary.by_class
    absent = [k for k, c in enumerate(classes) if not c.count]
    notes = [*clip_notes(question, summary.clipped), *class_weight_notes(question), *infinite_notes(question, tallies)]
    if absent:
        names = question.names or [str(k) for k in range(len(classes))]
        notes.append(f"no example is of class {', '.join(names[k] for k in absent[:10])}")
    return Findings(
        question=question,
        rows=rows,
        label_mean=float("nan"),
        weight_sum=summary.weight_sum.value if question.weighted else None,
        hard=True,
        decided=None,
        losses=tuple(
            loss_finding(question, i, tallies[i], *shares[i], by_class=None if by_class is None else by_class[i])
            for i in range(len(question.criteria))
        ),
        calibration=Calibration(plain, brier, width, mass),
        auroc=BINARY_ONLY,
        temperature=temperature,
        tempered=tempered,
        platt=None,
        scaled=None,
        bars=summary.bars,
        ranked=None,
        matrix=matrix,
        classes=classes,
        notes=tuple([*notes, note] if note else notes),
        weighted=_weighted(summary),
        clipped=summary.clipped,
        assessment=assess_classes(plain, brier, matrix.sum(axis=1), width),
    )


def _weighted(summary: ClassSummary) -> WeightedFindings | None:
    question, sums, total = summary.question, summary.weighted, summary.weight_sum.value
    if sums is None or sums.bins is None:
        return None
    judged, width = question.judged_classes, sums.bins.reliability
    means = []
    for name in ("cross-entropy", "squared-error"):
        tally = summary.tallies[judged.index(class_criterion(name))].by_weight
        means.append(math.nan if tally is None or tally.mean is None else tally.mean)
    if summary.kept is None or not total:
        many = f"weights of more than {2 * question.keep:,} numbers (rows × classes): {FEWER}"
        temperature, mass = Estimate(None, reason=many if total else NOTHING), None
    else:
        given, label = summary.kept.predictions()
        weight, parts = summary.kept.weights(), _parts(given, question.classes)
        held = weight > 0
        logits = np.concatenate([predicted(given[part], question).log for part in parts])[held]
        found = fit_temperature_classes(logits, label[held].astype(np.intp), weight[held])
        temperature = of_file(Estimate(found.value, reason=found.reason), question)
        confidences = [tops(predicted(given[part], question).p, label[part]) for part in parts]
        confidence, right = (np.concatenate(column) for column in zip(*confidences, strict=True))
        counts = WeightedBins(equal_mass_of(confidence, question.bins))
        counts.add(confidence, right, weight)
        mass = counts.reliability
    matrix = sums.counts.matrix
    assessment = assess_classes(means[0], means[1], matrix.sum(axis=1), width) if total else None
    return WeightedFindings(
        total,
        math.nan,
        None,
        Calibration(means[0], means[1], width, mass),
        BINARY_ONLY,
        temperature,
        None,
        matrix=matrix,
        assessment=assessment,
    )


def _parts(given: Array, classes: int) -> list[slice]:
    step = max(1, CHUNK // classes)
    return [slice(start, start + step) for start in range(0, len(given), step)]


def _tempered(given: Array, label: Array, question: Question) -> tuple[Estimate, Calibration | None]:
    logits = np.concatenate([predicted(given[part], question).log for part in _parts(given, question.classes)])
    found = fit_temperature_classes(logits, label.astype(np.intp))
    if found.value is None:
        return Estimate(None, reason=found.reason), None
    hot = Question("logit", (), classes=question.classes, temperature=found.value)
    counts, totals, found_tops = BinCounts(equal_width(question.bins)), [ExactSum(), ExactSum()], []
    criteria = (class_criterion("cross-entropy"), class_criterion("squared-error"))
    for part in _parts(logits, question.classes):
        confidence, right = tops(predicted(logits[part], hot).p, label[part])
        counts.add(confidence, right)
        found_tops.append((confidence, right))
        judged = judge_classes(criteria, logits[part], label[part], hot, slope=False)
        for total, (value, _) in zip(totals, judged, strict=True):
            total.add(value)
    log_loss, brier = (total.divided_by(len(label)) for total in totals)
    calibration = Calibration(log_loss, brier, Reliability.of(counts), _by_mass(found_tops, question.bins))
    return of_file(Estimate(found.value), question), calibration


def _untempered_by_mass(given: Array, label: Array, question: Question) -> Reliability:
    parts = [tops(predicted(given[part], question).p, label[part]) for part in _parts(given, question.classes)]
    return _by_mass(parts, question.bins)


def _by_mass(parts: Sequence[tuple[Array, Array]], bins: int) -> Reliability:
    confidence, right = (np.concatenate(column) for column in zip(*parts, strict=True))
    counts = BinCounts(equal_mass_of(confidence, bins))
    counts.add(confidence, right)
    return Reliability.of(counts)

"""From the sums of examples with weights to their figures, of one prediction an example."""

from __future__ import annotations

import math

from lossterm.core.jets import Array
from lossterm.core.statistics.assessment import assess_weighted
from lossterm.core.statistics.binary_sums import BinarySummary, read_predictions
from lossterm.core.statistics.calibration import equal_mass_of
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Calibration, WeightedFindings
from lossterm.core.statistics.ordered_figures import ONE_CLASS, SOFT, line_of_file, of_file
from lossterm.core.statistics.platt import Platt
from lossterm.core.statistics.question import log_loss
from lossterm.core.statistics.value_figures import value_finding
from lossterm.core.statistics.weighted import (
    NOTHING,
    WeightedBins,
    WeightedRanked,
    confusion_of,
    weighted_platt,
    weighted_temperature,
)

PLAIN = Estimate(None, reason="predictions are plain numbers")


def weighted_figures(summary: BinarySummary) -> WeightedFindings | None:
    """The figures with the weights of the file; None where it has none."""
    question, sums, total = summary.question, summary.weighted, summary.weight_sum.value
    if sums is None:
        return None
    mean = sums.labels.value / total if total else math.nan
    if sums.bins is None:
        values = None if summary.values is None or not total else value_finding(summary.values, weighted=True)
        return WeightedFindings(total, mean, None, None, PLAIN, PLAIN, None, values=values)
    width = sums.bins.reliability
    tally = summary.tallies[question.judged.index(log_loss())].by_weight
    loss = None if tally is None else tally.mean
    decided = confusion_of(sums.counts.matrix) if summary.hard else None
    if summary.kept is None or not total:
        many = f"weights of more than {question.keep:,} rows: a filter that leaves fewer brings it"
        none = Estimate(None, reason=many if total else NOTHING)
        ranked, auroc, temperature, platt, mass = None, none, none, Platt(None, None, none.reason), None
    else:
        given, label = summary.kept.predictions()
        weight = summary.kept.weights()
        _, logit, prediction = read_predictions(given, question)
        unclipped = prediction if question.clip is None else read_predictions(given, question.unclipped())[2]
        counts = WeightedBins(equal_mass_of(prediction, question.bins))
        counts.add(prediction, label, weight)
        mass = counts.reliability
        ranked, auroc = _ranked(unclipped, label, weight, hard=summary.hard)
        hot = weighted_temperature(logit, label, weight)
        temperature = of_file(Estimate(hot.value, reason=hot.reason), question)
        platt = Platt(None, None, SOFT)
        if summary.hard:
            platt = line_of_file(weighted_platt(logit, label, weight), question)
    calibration = Calibration(math.nan if loss is None else loss, width.brier, width, mass)
    assessment = assess_weighted(summary, calibration.log_loss, mean, width, ranked) if total else None
    return WeightedFindings(total, mean, decided, calibration, auroc, temperature, platt, ranked, assessment=assessment)


def _ranked(prediction: Array, label: Array, weight: Array, *, hard: bool) -> tuple[WeightedRanked | None, Estimate]:
    if not hard:
        return None, Estimate(None, reason=SOFT)
    ranked = WeightedRanked(prediction, label, weight)
    return ranked, Estimate(ranked.auroc, reason="" if ranked.auroc is not None else ONE_CLASS)

"""What figures of probabilities are worth: against always saying the base rate, and against chance."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.areas import standard_error
from lossterm.core.statistics.binary_sums import BinarySummary, read_predictions
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.cell_order import CellOrder
from lossterm.core.statistics.chance import Deviation
from lossterm.core.statistics.corp import score_terms
from lossterm.core.statistics.deciding import average_precision
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Assessment, ScoreTerms, Skill
from lossterm.core.statistics.isotonic import IsotonicSteps, isotonic
from lossterm.core.statistics.question import log_loss
from lossterm.core.statistics.ranking import Ranked
from lossterm.core.statistics.weighted import WeightedRanked

SOFT = "labels are not all 0 or 1"
MANY = "too many rows are read to keep their order"
OF_WEIGHTS = "with weights there is no standard error of the AUROC"


def entropy(rates: Sequence[float]) -> float:
    """H in nats: the log loss of always saying the rates of the classes."""
    return -math.fsum(p * math.log(p) for p in rates if p > 0)


def skill_of(loss: float, brier: float, rates: Sequence[float], reliability: Reliability) -> Skill:
    """The skill of predictions.

    Args:
        loss: the log loss.
        brier: the Brier score, of one column where there are two classes.
        rates: of the classes; of two both.
        reliability: over any bins: Σp/Σy is of all of them, of K classes of the confidence and of being right.
    """
    hardest = entropy(rates)
    variance = rates[0] * rates[1] if len(rates) == 2 else 1.0 - math.fsum(p * p for p in rates)
    said = math.fsum((reliability.count * reliability.confidence).tolist())
    happened = math.fsum((reliability.count * reliability.frequency).tolist())
    relative = loss / hardest if hardest > 0 else None
    return Skill(
        relative,
        None if relative is None else 1.0 - relative,
        1.0 - brier / variance if variance > 0 else None,
        said / happened if happened > 0 else None,
    )


def skill_of_two(loss: float, brier: float, rate: float, reliability: Reliability) -> Skill:
    """The skill of predictions of two classes, of which the second has this rate; none where there is no row."""
    return skill_of(loss, brier, (1.0 - rate, rate), reliability)


def surplus_of(reliability: Reliability) -> Deviation | None:
    """Σ(p − y), of K classes of the confidence and of being right; None where its variance comes from cells."""
    if reliability.spread is None:
        return None
    total = math.fsum((reliability.count * reliability.gap).tolist())
    return Deviation(total, math.fsum(reliability.spread.tolist()), reliability.largest)


def assess(
    summary: BinarySummary, reliability: Reliability, ranked: Ranked | None, order: CellOrder | None
) -> Assessment:
    """What the figures without weights are worth.

    Args:
        summary: the sums.
        reliability: over bins of equal width.
        ranked: the predictions in order, where they are kept.
        order: or what counts in cells tell of it.
    """
    question, tallies = summary.question, summary.tallies
    loss = tallies[question.judged.index(log_loss())].moments.mean
    error = average = Estimate(None, reason=SOFT)
    if ranked is not None:
        error, average = standard_error(ranked), average_precision(ranked)
    elif order is not None and summary.hard:
        error, average = order.auroc_standard_error, order.average_precision
    means = [tally.moments.mean if tally.moments.count else math.nan for tally in tallies]
    steps, terms = _recalibrated(summary, means, weighted=False)
    return Assessment(
        skill_of_two(loss, reliability.brier, summary.label_sum.divided_by(summary.rows), reliability),
        summary.spiegelhalter[0].deviation if summary.hard else None,
        surplus_of(reliability) if summary.hard else None,
        error,
        average,
        steps,
        terms,
    )


def assess_weighted(
    summary: BinarySummary, loss: float, rate: float, reliability: Reliability, ranked: WeightedRanked | None
) -> Assessment:
    """The same with weights.

    Args:
        summary: the sums.
        loss: the weighted log loss.
        rate: the weighted mean label.
        reliability: over bins of equal width, with weights.
        ranked: the predictions in order, where they are kept.
    """
    surprise = summary.spiegelhalter[1].deviation
    weighed = [tally.by_weight for tally in summary.tallies]
    means = [math.nan if found is None or found.mean is None else found.mean for found in weighed]
    steps, terms = _recalibrated(summary, means, weighted=True)
    return Assessment(
        skill_of_two(loss, reliability.brier, rate, reliability),
        surprise if summary.hard else None,
        surplus_of(reliability) if summary.hard else None,
        Estimate(None, reason=OF_WEIGHTS),
        average_precision(ranked) if ranked is not None else Estimate(None, reason=MANY if summary.hard else SOFT),
        steps,
        terms,
    )


def _recalibrated(
    summary: BinarySummary, means: Sequence[float], *, weighted: bool
) -> tuple[IsotonicSteps | None, tuple[ScoreTerms | None, ...]]:
    # the isotonic regression of the labels on the predictions, and the terms of each loss that is judged; none where
    # there are too many rows to keep
    question, kept = summary.question, summary.kept
    nothing: tuple[ScoreTerms | None, ...] = (None,) * len(question.judged)
    if kept is None:
        return None, nothing
    given, label = kept.predictions()
    prediction, weight = read_predictions(given, question)[2], None
    if weighted:
        weight = kept.weights()
        held = weight > 0
        if not held.any():
            return None, nothing
        prediction, label, weight = prediction[held], label[held], weight[held]
    steps = isotonic(prediction, label, weight)
    return steps, tuple(score_terms(question.judged, means, steps, label, weight, hard=summary.hard))


def rates_of_classes(count: Sequence[float]) -> list[float]:
    """What part of the examples, or of their weight, each class has."""
    total = math.fsum(count)
    return [c / total for c in count] if total else [math.nan for _ in count]


def assess_classes(loss: float, brier: float, counts: Array, reliability: Reliability) -> Assessment:
    """What the figures of K classes are worth.

    Args:
        loss: the log loss.
        brier: the Brier score, summed over the classes.
        counts: how many examples each class has, or their Σw, ``(K,)``.
        reliability: of the confidence in the top class.
    """
    rates = rates_of_classes(np.asarray(counts, dtype=np.float64).tolist())
    of_one = brier / 2.0 if len(rates) == 2 else brier  # as of one column
    skill = skill_of(loss, of_one, rates, reliability)
    none = Estimate(None, reason="only two classes are ranked by one number")
    return Assessment(skill, None, surplus_of(reliability), none, none)

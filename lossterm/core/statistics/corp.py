"""CORP: what of a mean score is miscalibration, discrimination and uncertainty (Dimitriadis, Gneiting, Jordan, 2021).

Against predictions p stand their own isotonic recalibration c, and the base rate ȳ for every example:
MCB = ℓ(p) − ℓ(c), DSC = ℓ(ȳ) − ℓ(c), UNC = ℓ(ȳ), and so ℓ(p) = MCB − DSC + UNC. For a proper loss none is below 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.formulas import Loss
from lossterm.core.statistics.criterion import CHUNK, Criterion, judge, link_of
from lossterm.core.statistics.findings import ScoreTerms
from lossterm.core.statistics.isotonic import IsotonicSteps

_known: dict[tuple[str, tuple[tuple[str, float | None], ...]], tuple[Loss, bool]] = {}


def is_proper(criterion: Criterion) -> bool:
    """Whether a loss, with its parameters and on the labels as they are, is least on average at the true probability.

    A margin loss scores no probability, and a smoothed label is another one than that of the file.
    """
    if criterion.smoothing or criterion.of_score:
        return False
    key = criterion.loss.id, criterion.params
    if key not in _known or _known[key][0] is not criterion.loss:
        _known[key] = criterion.loss, _is_proper(criterion)
    return _known[key][1]


def _is_proper(criterion: Criterion) -> bool:
    from lossterm.core.properties.sampling import Samples
    from lossterm.core.properties.scoring import Scores, proper

    with np.errstate(all="ignore"):
        samples = Samples(criterion.loss, dict(criterion.params), "sigmoid", (1.0, 0.0))
        return proper(Scores(samples)).value is True


def score_terms(
    criteria: Sequence[Criterion],
    means: Sequence[float],
    steps: IsotonicSteps,
    label: Array,
    weight: Array | None,
    hard: bool,
) -> list[ScoreTerms | None]:
    """The terms of each loss; None of one that is not proper.

    Args:
        criteria: the losses.
        means: of each, of the predictions themselves.
        steps: the isotonic regression of the labels on them.
        label: of each example, ``(n,)``.
        weight: of each, or None.
        hard: whether every label is 0 or 1: then each step is judged as a whole.
    """
    which = [i for i, criterion in enumerate(criteria) if is_proper(criterion)]
    judged = [criteria[i] for i in which]
    found: list[ScoreTerms | None] = [None] * len(criteria)
    if not judged:
        return found
    rate = float(steps.ones.sum() / steps.weight.sum())
    if hard:
        shares = steps.weight - steps.ones, steps.ones
        recalibrated = _of_shares(judged, steps.value, shares)
        constant = _of_shares(judged, np.array([rate]), (shares[0].sum(keepdims=True), shares[1].sum(keepdims=True)))
    else:
        recalibrated = _of_rows(judged, steps.fitted(), label, weight)
        constant = _of_rows(judged, np.full(len(label), rate), label, weight)
    for i, c, unc in zip(which, recalibrated, constant, strict=True):
        found[i] = ScoreTerms(means[i] - c, unc - c, unc)
    return found


def _of_shares(criteria: Sequence[Criterion], p: Array, shares: tuple[Array, Array]) -> list[float]:
    """The mean of each loss of predictions that so much weight of label 0 and of label 1 has."""
    total = math.fsum(part.sum() for part in shares)
    sums = [0.0] * len(criteria)
    for y, share in enumerate(shares):
        held = share > 0  # a loss of ∞ that no example has counts nothing
        for i, value in enumerate(_judged(criteria, p[held], np.full(int(held.sum()), float(y)))):
            sums[i] += math.fsum((value * share[held]).tolist())
    return [found / total for found in sums]


def _of_rows(criteria: Sequence[Criterion], p: Array, label: Array, weight: Array | None) -> list[float]:
    sums: list[list[float]] = [[] for _ in criteria]
    for start in range(0, len(p), CHUNK):
        part = slice(start, start + CHUNK)
        for found, value in zip(sums, _judged(criteria, p[part], label[part]), strict=True):
            found.append(float((value if weight is None else value * weight[part]).sum()))
    total = float(len(p)) if weight is None else float(weight.sum())
    return [math.fsum(found) / total for found in sums]


def _judged(criteria: Sequence[Criterion], p: Array, label: Array) -> list[Array]:
    if not len(p):
        return [np.empty(0) for _ in criteria]
    with np.errstate(divide="ignore"):
        logit = np.log(p) - np.log1p(-p)
    found = judge(criteria, link_of("probability"), logit, label, slope=False, probability=p)
    return [value for value, _ in found]

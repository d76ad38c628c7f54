"""What is told of each loss: its moments, what part of the gradient the worst hold, and where it is ∞ or undefined."""

from __future__ import annotations

import math

from lossterm.core.concentration import share
from lossterm.core.findings import WORST_SHARE, Estimate, LossFinding
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.question import Question
from lossterm.core.size_sketch import SizeSketch
from lossterm.core.tally import LossTally


def loss_finding(
    question: Question, index: int, tally: LossTally, share: Estimate, slopes: Array | None = None
) -> LossFinding:
    """What is told of one loss."""
    weights = tally.by_weight
    count = tally.moments.count
    return LossFinding(
        criterion=question.criteria[index],
        mean=tally.moments.mean if count else math.nan,
        total=tally.moments.total.value,
        standard_error=tally.moments.standard_error,
        weighted_mean=None if weights is None else weights.mean,
        weighted_standard_error=None if weights is None else weights.standard_error,
        weighted_per_example=None if weights is None else weights.mean_per_example,
        infinite=tally.infinite,
        undefined=tally.undefined,
        share=share,
        slopes=slopes,
        counts=tally.counts,
        worst=tally.worst,
    )


def concentration(sizes: Array) -> Estimate:
    """The share of Σ|∂L/∂z| that the worst hold."""
    held = share(sizes, WORST_SHARE)
    if held is None:
        undefined = np.isnan(sizes).any()
        why = "the loss has no slope for some examples" if undefined else "no example has any gradient"
        return Estimate(None, reason=why)
    return Estimate(held)


def sketched_concentration(sizes: SizeSketch) -> Estimate:
    """The same from a sketch."""
    held = sizes.share(WORST_SHARE)
    return Estimate(*held) if held is not None else Estimate(None, reason="the loss has no gradient, or not everywhere")


def infinite_notes(question: Question, tallies: list[LossTally]) -> list[str]:
    """What must be said of losses that are ∞ or undefined."""
    notes = []
    for criterion, tally in zip(question.criteria, tallies, strict=False):
        name = criterion.loss.id
        if tally.infinite:
            notes.append(f"{name} is ∞ for {_examples(tally.infinite)}: sure of what is wrong; nothing is clipped")
        if tally.undefined:
            notes.append(f"{name} means nothing for {_examples(tally.undefined)}: in none of its figures")
    return notes


def _examples(count: int) -> str:
    return f"{count:,} example{'' if count == 1 else 's'}"

"""What is told of each loss: its moments, what part of the gradient the worst hold, and where it is ∞ or undefined."""

from __future__ import annotations

import math
from dataclasses import replace

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.numbers import trimmed
from lossterm.core.softmax.formulas import SoftmaxLoss
from lossterm.core.statistics.cell_figures import share_of_cells
from lossterm.core.statistics.cells import Cells, Occupied
from lossterm.core.statistics.class_sums import has_scores
from lossterm.core.statistics.concentration import share
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import WORST_SHARE, Assessment, LossFinding
from lossterm.core.statistics.loss_sums import LossTally
from lossterm.core.statistics.moments import WeightedMoments
from lossterm.core.statistics.question import ClassCriterion, Question


def loss_finding(
    question: Question,
    index: int,
    tally: LossTally,
    share: Estimate,
    slopes: Array | None = None,
    by_class: WeightedMoments | None = None,
) -> LossFinding:
    """The figures of one loss, from its sums."""
    weights = tally.by_weight
    count = tally.moments.count
    return LossFinding(
        criterion=question.criteria[index],
        mean=tally.moments.mean if count else math.nan,
        total=tally.moments.total.value if count else math.nan,
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
        class_weighted_mean=None if by_class is None else by_class.mean,
        class_weighted_per_example=None if by_class is None else by_class.mean_per_example,
    )


def with_terms(
    losses: tuple[LossFinding, ...], plain: Assessment, weighted: Assessment | None
) -> tuple[LossFinding, ...]:
    """The figures of the losses with the terms of their means."""
    of_weights = (None,) * len(losses) if weighted is None else weighted.terms
    return tuple(
        replace(loss, terms=terms, weighted_terms=more)
        for loss, terms, more in zip(losses, plain.terms, of_weights, strict=False)
    )


def concentration(sizes: Array) -> Estimate:
    """The share of Σ|∂L/∂z| that the worst hold."""
    held = share(sizes, WORST_SHARE)
    if held is None:
        undefined = np.isnan(sizes).any()
        why = "the loss has no slope for some examples" if undefined else "no example has any gradient"
        return Estimate(None, reason=why)
    return Estimate(held)


def counted_concentration(cells: Occupied, sizes: Array) -> Estimate:
    """`concentration` of sizes of the least, the mean and the largest number of each cell, ``(3, m)``."""
    held = share_of_cells(cells, sizes, WORST_SHARE)
    return Estimate(*held) if held is not None else Estimate(None, reason="the loss has no gradient, or not everywhere")


def concentration_of_sizes(sizes: Cells) -> Estimate:
    """`concentration` of sizes that were counted in cells themselves."""
    cells = sizes.occupied()
    return counted_concentration(cells, cells.ends)


def infinite_notes(question: Question, tallies: list[LossTally]) -> list[str]:
    """Sentences about losses that are ∞ or undefined."""
    notes = []
    for criterion, tally in zip(question.criteria, tallies, strict=False):
        name = criterion.loss.id
        if tally.infinite:
            clip = question.clip
            nothing = "nothing is clipped" if clip is None else f"--clip {clip.word} does not reach it"
            notes.append(f"{name} is ∞ for {_examples(tally.infinite)}: sure of what is wrong; {nothing}")
        if tally.undefined:
            notes.append(f"{name} means nothing for {_examples(tally.undefined)}{_why(criterion, question)}: "
                         "in none of its figures")  # fmt: skip
    return notes


def _why(criterion: Criterion | ClassCriterion, question: Question) -> str:
    # why a loss of K classes is undefined
    loss = criterion.loss
    if not isinstance(loss, SoftmaxLoss):
        return ""
    if loss.hard_only and criterion.smoothing:
        return ", whose smoothed labels are no class"
    if loss.needs_scores and not has_scores(question):
        return ", for it needs raw scores, and probabilities or what is clipped do not tell them"
    return ", whose logits are not all cosines between −1 and 1" if loss.reads == "cosines" else ""


def class_weight_notes(question: Question) -> list[str]:
    """Sentences on what the class weights are in, and what libraries make of them."""
    if question.class_weights is None:
        return []
    c, w = ("c·w", "w and the weights c of the classes") if question.weighted else ("c", "the weights c of the classes")
    weights = ",".join(trimmed(weight) for weight in question.class_weights)
    smoothed = any(criterion.smoothing for criterion in question.criteria)
    notes = [
        f"--class-weights {weights}: Σ{c}ℓ/Σ{c} and Σ{c}ℓ/n are with {w}, every other figure is without; "
        "torch's CrossEntropyLoss(weight=…) divides by Σc, class_weight of Keras by n"
    ]
    if smoothed:
        notes.append("c is that of the label before smoothing, as in Keras; torch weighs each class's share of it")
    return notes


def clip_notes(question: Question, clipped: int) -> list[str]:
    """A sentence of what is clipped, and of how many examples."""
    clip = question.clip
    if clip is None:
        return []
    where = "it makes no difference to any example" if not clipped else f"it changes {_examples(clipped)}"
    as_it_is = "; accuracy and AUROC are of p as it is" if clip.log is None else ""
    return [f"--clip {clip.word}: {clip.told}, as a what-if; {where}{as_it_is}"]


def _examples(count: int) -> str:
    return f"{count:,} example{'' if count == 1 else 's'}"

"""What a summary of predictions says: every figure of a file, before and after scaling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.bulk import Criterion
from lossterm.core.calibration import Reliability
from lossterm.core.jets import Array
from lossterm.core.platt import Platt
from lossterm.core.question import ClassCriterion, Question
from lossterm.core.ranking import Confusion, Ranked
from lossterm.core.sketch import Sketch
from lossterm.core.tally import Worst

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WORST_SHARE = 0.01
"""The part of the examples whose share of the gradient is told."""


@dataclass(frozen=True)
class Estimate:
    """A figure that needs every row at once.

    Attributes:
        value: the figure; None where there is none.
        error: by how much it may be off where it comes from a sketch; 0 where it is exact.
        reason: why there is none.
    """

    value: float | None
    error: float = 0.0
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far probabilities can be taken at their word.

    Attributes:
        log_loss: mean cross-entropy, nats; ∞ where one of exactly 0 or 1 is wrong.
        brier: mean (p − y)²; where there are K classes the mean of Σ(p_k − t_k)².
        width: the reliability over bins of equal width.
        mass: the same over bins of equal counts; None where that needs rows that are not kept.
    """

    log_loss: float
    brier: float
    width: Reliability
    mass: Reliability | None


@dataclass(frozen=True, eq=False)
class ClassFinding:
    """What becomes of the examples of one of K classes.

    Attributes:
        count: how many there are.
        decided: for how many examples this class was decided.
        right: how many of both.
        mean_probability: the mean predicted probability of the class, over all examples.
    """

    count: int
    decided: int
    right: int
    mean_probability: float

    @property
    def precision(self) -> float | None:
        """Of those decided for, the part that is right; None where there are none."""
        return self.right / self.decided if self.decided else None

    @property
    def recall(self) -> float | None:
        """Of the class, the part that is found; None where there is none."""
        return self.right / self.count if self.count else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where neither means anything."""
        both = self.count + self.decided
        return 2 * self.right / both if both else None


@dataclass(frozen=True, eq=False)
class LossFinding:
    """What one loss sees in the file.

    Attributes:
        criterion: the loss.
        mean: Σℓ/n; nan where no loss is defined.
        total: Σℓ.
        standard_error: of the mean; None where a loss is ∞.
        weighted_mean: Σwℓ/Σw, or None.
        weighted_standard_error: of that mean, or None.
        weighted_per_example: Σwℓ/n, or None.
        infinite: how many losses are ∞.
        undefined: for how many examples the loss means nothing; they are in no mean.
        share: what part of Σ|∂L/∂z| the worst 1 % of the examples hold.
        slopes: |∂L/∂z| of each example, in the order of the file; None where the rows are not kept.
        counts: the histogram of the values over `lossterm.core.tally.loss_edges`.
        worst: the examples with the largest losses.
    """

    criterion: Criterion | ClassCriterion
    mean: float
    total: float
    standard_error: float | None
    weighted_mean: float | None
    weighted_standard_error: float | None
    weighted_per_example: float | None
    infinite: int
    undefined: int
    share: Estimate
    slopes: Array | None
    counts: NDArray[np.int64]
    worst: Worst | None


@dataclass(frozen=True, eq=False)
class Findings:
    """Everything; what only probabilities have is None for plain values.

    Attributes:
        question: what was asked.
        rows: n.
        label_mean: the base rate, the mean label.
        weight_sum: Σw, or None.
        hard: whether every label is 0 or 1.
        decided: the confusion at the question's threshold; None for soft labels.
        losses: what each loss sees.
        calibration: as the predictions are.
        auroc: the area under the ROC curve, ties ½.
        temperature: the T that minimises the log loss: of the file's own logits, whatever T is applied to them.
        tempered: the calibration at that temperature.
        platt: the a and b of σ(az + b) that minimise it; z are the file's own logits too.
        scaled: the calibration after them.
        bars: predictions by label, ``(2, BARS)``; where there are K classes confidences, by wrong and right.
        ranked: the sorted predictions, for any threshold; None where a sketch replaces them.
        sketch: of hard labels what replaces them.
        matrix: where there are K classes, examples by label and decision, ``(K, K)``.
        classes: each of the K classes.
        notes: what must be said beside the figures.
    """

    question: Question
    rows: int
    label_mean: float
    weight_sum: float | None
    hard: bool
    decided: Confusion | None
    losses: tuple[LossFinding, ...]
    calibration: Calibration | None
    auroc: Estimate
    temperature: Estimate
    tempered: Calibration | None
    platt: Platt | None
    scaled: Calibration | None
    bars: NDArray[np.int64] | None
    ranked: Ranked | None
    sketch: Sketch | None = None
    matrix: NDArray[np.int64] | None = None
    classes: tuple[ClassFinding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def accuracy(self) -> float | None:
        """The part of the decisions that is right; None for soft labels and plain values."""
        if self.matrix is not None:
            return int(self.matrix.trace()) / self.rows
        return None if self.decided is None else self.decided.accuracy

    def confusion(self, threshold: float) -> tuple[Confusion, int] | None:
        """The decisions where a probability above the threshold means class 1, and how many of them may be wrong.

        None may at the question's threshold, nor wherever the rows are kept. None instead of both where there is no
        decision (soft labels, plain values, K classes).
        """
        if self.decided is None:
            return None
        if self.question.threshold == threshold:
            return self.decided, 0
        if self.ranked is not None:
            return self.ranked.confusion(threshold), 0
        return self.sketch.confusion(threshold) if self.sketch is not None else None

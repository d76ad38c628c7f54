"""What a summary of predictions says: every figure of a file, before and after scaling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.cells import Occupied
from lossterm.core.statistics.chance import Deviation
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.isotonic import IsotonicSteps
from lossterm.core.statistics.loss_sums import Worst
from lossterm.core.statistics.platt import Platt
from lossterm.core.statistics.question import ClassCriterion, Question
from lossterm.core.statistics.ranking import Confusion, Ranked
from lossterm.core.statistics.weighted import WeightedRanked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lossterm.core.statistics.value_findings import ValueFinding

WORST_SHARE = 0.01
"""The part of the examples whose share of the gradient is told."""

FIGURES = ("log_loss", "brier", "ece", "mce", "rmsce", "ece_equal_mass", "mce_equal_mass", "rmsce_equal_mass")
"""What is told of a calibration."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How far probabilities can be taken at their word.

    Attributes:
        log_loss: mean cross-entropy, nats; ∞ where one of exactly 0 or 1 is wrong.
        brier: mean (p − y)²; where there are K classes the mean of Σ(p_k − t_k)².
        width: the reliability over bins of equal width.
        mass: the same over bins of equal counts; None for soft labels whose rows are not kept.
        log_loss_error: by how much the log loss may be off where it comes from cells; 0 where it is exact.
        brier_error: the same of the Brier score.
    """

    log_loss: float
    brier: float
    width: Reliability
    mass: Reliability | None
    log_loss_error: float = 0.0
    brier_error: float = 0.0

    @cached_property
    def figures(self) -> Mapping[str, Estimate]:
        """Every figure with its error, by the names of `FIGURES`."""
        found = [Estimate(self.log_loss, self.log_loss_error), Estimate(self.brier, self.brier_error)]
        for bins in (self.width, self.mass):
            found += [
                Estimate(None) if bins is None else Estimate(getattr(bins, name), getattr(bins, f"{name}_error"))
                for name in ("ece", "mce", "rmsce")
            ]
        return dict(zip(FIGURES, found, strict=True))


@dataclass(frozen=True)
class ScoreTerms:
    """The mean of a proper loss as miscalibration − discrimination + uncertainty.

    Attributes:
        mcb: what recalibration would save; ∞ where the mean is.
        dsc: what the order of the predictions is worth against the base rate.
        unc: what always saying the base rate costs.
    """

    mcb: float
    dsc: float
    unc: float


@dataclass(frozen=True)
class Skill:
    """What predictions are worth against always saying the base rate; None where that costs nothing.

    Attributes:
        normalized_entropy: the log loss over that of the base rate.
        d2: 1 − that, the part of the deviance that is explained.
        brier_skill: 1 − Brier/(ȳ(1 − ȳ)).
        calibration_ratio: Σp/Σy: above 1 more is promised than happens.
    """

    normalized_entropy: float | None
    d2: float | None
    brier_skill: float | None
    calibration_ratio: float | None


@dataclass(frozen=True, eq=False)
class Assessment:
    """What figures of probabilities are worth: against the base rate, and against chance.

    Attributes:
        skill: against always saying the base rate.
        surprise: Σ(y − p)(1 − 2p), of Spiegelhalter's test; None for soft labels and K classes.
        surplus: Σ(p − y); of K classes of the confidence against being right; None for soft labels.
        auroc_standard_error: DeLong's.
        average_precision: the area under precision against recall.
        steps: the isotonic regression of the labels on the predictions; None where there is none.
        terms: of the mean of each loss that `Question.judged` has, None of one that is not proper.
    """

    skill: Skill
    surprise: Deviation | None
    surplus: Deviation | None
    auroc_standard_error: Estimate
    average_precision: Estimate
    steps: IsotonicSteps | None = None
    terms: tuple[ScoreTerms | None, ...] = ()

    @property
    def spiegelhalter(self) -> float | None:
        """The statistic of Spiegelhalter's test, standard normal if the predictions are calibrated."""
        return None if self.surprise is None else self.surprise.z


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
        counts: the histogram of the values over `lossterm.core.statistics.loss_sums.loss_edges`.
        worst: the examples with the largest losses.
        terms: of the mean, of a proper loss; None where there are none.
        weighted_terms: of the weighted mean.
        class_weighted_mean: Σcℓ/Σc with the class weights c, times the weights of the examples, or None.
        class_weighted_per_example: Σcℓ/n, or None.
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
    terms: ScoreTerms | None = None
    weighted_terms: ScoreTerms | None = None
    class_weighted_mean: float | None = None
    class_weighted_per_example: float | None = None


@dataclass(frozen=True, eq=False)
class WeightedFindings:
    """The same figures with the weights of the file: counts are Σw, means Σwx/Σw, AUROC over pairs w·w′.

    Attributes:
        weight_sum: Σw.
        label_mean: Σwy/Σw; nan of K classes.
        decided: Σw of the decisions at the question's threshold; None for soft labels, plain values and K classes.
        calibration: as the predictions are; None for plain values.
        auroc: the area under the ROC curve.
        temperature: the T that minimises Σw of the log loss.
        platt: the a and b that do.
        ranked: the predictions in order, for any threshold; None where they are not kept.
        matrix: where there are K classes, Σw by label and decision, ``(K, K)``.
        assessment: what they are worth; None for plain values.
        values: the errors of plain values, and what the distributions that they come with are worth.
    """

    weight_sum: float
    label_mean: float
    decided: Confusion | None
    calibration: Calibration | None
    auroc: Estimate
    temperature: Estimate
    platt: Platt | None
    ranked: WeightedRanked | None = None
    matrix: Array | None = None
    assessment: Assessment | None = None
    values: ValueFinding | None = None

    @property
    def accuracy(self) -> float | None:
        """The part of Σw whose decision is right; None for soft labels and plain values."""
        if self.matrix is not None:
            return float(self.matrix.trace()) / self.weight_sum if self.weight_sum else None
        return None if self.decided is None else self.decided.accuracy

    def confusion(self, threshold: float, asked: float) -> Confusion | None:
        """Σw of the decisions at a threshold, where it is the one that was asked for or the rows are kept."""
        if self.decided is None or threshold == asked:
            return self.decided
        return None if self.ranked is None else self.ranked.confusion(threshold)


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
        ranked: the sorted predictions, for any threshold; None where there are too many to keep.
        cells: of hard labels what their logits are counted in then.
        matrix: where there are K classes, examples by label and decision, ``(K, K)``.
        classes: each of the K classes.
        notes: what must be said beside the figures.
        weighted: the figures with weights, where there are any.
        clipped: to how many examples the question's clip makes a difference.
        assessment: what the figures are worth; None for plain values.
        values: the errors of plain values, and what the distributions that they come with are worth.
        labels: where an example may have several labels, the figures of each; all else is of one of them.
        looked_at: of which of them.
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
    cells: Occupied | None = None
    matrix: NDArray[np.int64] | None = None
    classes: tuple[ClassFinding, ...] = ()
    notes: tuple[str, ...] = ()
    weighted: WeightedFindings | None = None
    clipped: int = 0
    assessment: Assessment | None = None
    values: ValueFinding | None = None
    labels: tuple[LabelFinding, ...] = ()
    looked_at: int = 0

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
        return self.cells.confusion(threshold) if self.cells is not None else None


@dataclass(frozen=True, eq=False)
class LabelFinding:
    """The figures of one label of several.

    Attributes:
        label: its column.
        prediction: that of its predictions.
        found: its figures, without what is kept a row.
    """

    label: str
    prediction: str
    found: Findings

    @classmethod
    def of(cls, label: str, prediction: str, found: Findings) -> LabelFinding:
        """The figures of a label; nothing that is as long as the file is kept of them."""
        weighted, worth = found.weighted, found.assessment
        if weighted is not None:
            own = weighted.assessment
            weighted = replace(
                weighted, ranked=None, assessment=None if own is None else replace(own, steps=None)
            )  # fmt: skip
        losses = tuple(replace(loss, slopes=None) for loss in found.losses)
        worth = None if worth is None else replace(worth, steps=None)
        return cls(label, prediction, replace(found, losses=losses, ranked=None, cells=None, weighted=weighted,
                                              assessment=worth, labels=()))  # fmt: skip

"""The sums of a file with K classes, in parts that add up whatever the batches."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lossterm.core.exact import ExactSum, ManySums, slices
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.softmax.example import SoftmaxPoint, softmax
from lossterm.core.softmax.information import Distribution
from lossterm.core.softmax.inputs import Target
from lossterm.core.statistics.calibration import BinCounts, equal_width, top_label
from lossterm.core.statistics.cells import Cells
from lossterm.core.statistics.criterion import CHUNK
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.kept import Kept
from lossterm.core.statistics.loss_sums import BARS, LossTally, Worst, count_sizes
from lossterm.core.statistics.moments import WeightedMoments
from lossterm.core.statistics.question import ClassCriterion, Question
from lossterm.core.statistics.weighted import WeightedSums

if TYPE_CHECKING:
    from numpy.typing import NDArray


def predicted(column: Array, question: Question) -> Distribution:
    """The probabilities of K classes: as they are in the file, or the softmax of the logits over T.

    A clip is of the file's own probabilities: what T is applied to is clipped already.

    Args:
        column: probabilities or logits, ``(n, K)``.
        question: tells which they are, T, and the clip.
    """
    clip = question.clip
    if clip is not None and clip.eps is not None:
        as_it_is = Distribution(column, column, column) if question.kind == "probability" else softmax(column, 1.0)
        p = clip.probability(as_it_is.p)
        log = np.log(p)
        return Distribution(p, log, 1 - p) if question.temperature == 1 else softmax(log, question.temperature)
    if question.kind == "probability":
        with np.errstate(divide="ignore"):
            log = np.log(column)
        if question.temperature == 1:
            return Distribution(column, log, 1 - column)
        column = log
    return softmax(column, question.temperature)


def has_scores(question: Question) -> bool:
    """Whether the logits are known, and not but for a constant."""
    return question.kind == "logit" and question.clip is None


def tops(probabilities: Array, label: Array) -> tuple[Array, Array]:
    """The confidence in the top class and whether it is right (1 or 0), ``(n,)`` each."""
    confidence, right = top_label(probabilities, label)
    return np.minimum(confidence, 1.0), right


def judge_classes(
    criteria: tuple[ClassCriterion, ...], column: Array, label: Array, question: Question, *, slope: bool = True
) -> list[tuple[Array, Array]]:
    """Several losses of the same examples of K classes.

    Args:
        criteria: the losses.
        column: probabilities or logits, ``(n, K)``.
        label: indices of the classes, ``(n,)``.
        question: tells which they are, and T.
        slope: whether the derivatives are wanted.

    Returns:
        For each loss its values, ``(n,)``, and ``Σ_k |∂L/∂z_k|``, ``(n,)`` or empty; nan where a loss that takes only
        a class as its target is asked for with smoothing, or one that needs raw scores of probabilities.
    """
    n, classes = column.shape
    results = [(np.empty(n), np.empty(n if slope else 0)) for _ in criteria]
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label[order], prepend=-1.0))
    for which in np.split(order, starts[1:]):
        if not len(which):
            continue
        part = column[which]
        prediction, hard = predicted(part, question), int(label[which[0]])
        raw = has_scores(question)
        logits = part if raw else prediction.log * question.temperature
        for criterion, (value, size) in zip(criteria, results, strict=True):
            loss = criterion.loss
            if (loss.hard_only and criterion.smoothing) or (loss.needs_scores and not raw):
                value[which] = size[which if slope else slice(0)] = np.nan
                continue
            target = Target(hard, None, criterion.smoothing, criterion.over).smoothed(classes)
            point = SoftmaxPoint(logits, question.temperature, prediction, target, target)
            with np.errstate(all="ignore"):
                jet, _ = criterion.loss.compute(point, dict(criterion.params))
                value[which] = jet.value[..., 0] + 0.0
                if slope and jet.first is not None:
                    size[which] = np.abs(jet.first / question.temperature).sum(axis=-1)
    return results


@dataclass
class ClassSummary:
    """What is counted of the examples that pass the filter.

    Attributes:
        question: what is asked.
        rows: how many examples there are.
        clipped: of how many a clip changes some probability.
        matrix: examples by label and by the class that was decided for, ``(K, K)``.
        mass: Σp_k, of K sums.
        tallies: the sums of each loss.
        bins: the sums of each bin of confidence in the top class.
        weighted: the sums with weights, or None.
        by_class: of each loss the sums with class weights, or None.
        kept: the columns, or None once there are too many.
        sizes: then the slopes of each loss, counted in cells.
        cells: then the logits of the confidences, by whether the class is right.
    """

    question: Question
    keeping: bool = True
    rows: int = 0
    clipped: int = 0
    weight_sum: ExactSum = field(default_factory=ExactSum)

    def __post_init__(self) -> None:
        question = self.question
        self.tallies = [LossTally(question.worst, question.weighted) for _ in question.judged_classes]
        self.matrix = np.zeros((question.classes, question.classes), np.int64)
        self.mass = ManySums((question.classes,))
        self.bins = BinCounts(equal_width(question.bins))
        self.bars: NDArray[np.int64] = np.zeros((2, BARS), np.int64)
        self.weighted = WeightedSums.of(equal_width(question.bins), question.classes) if question.weighted else None
        weighing = question.class_weights is not None
        self.by_class = [WeightedMoments() for _ in self.tallies] if weighing else None
        self.kept = Kept() if self.keeping else None
        self.sizes = None if self.keeping else [Cells() for _ in self.tallies]
        self.cells = None if self.keeping else Cells()

    could_have_been_kept = False

    def part(self) -> ClassSummary:
        """An empty summary of the same question, to be merged into this one."""
        part = ClassSummary(self.question, keeping=self.kept is not None)
        part.tallies = [tally.part() for tally in self.tallies]
        return part

    def add(self, examples: Examples) -> None:
        """Count a batch of examples."""
        step = max(1, CHUNK // self.question.classes)
        for start in range(0, len(examples), step):
            self._add(examples.take(slice(start, start + step)))

    def _add(self, examples: Examples) -> None:
        question, classes = self.question, self.question.classes
        if not question.only.is_open:
            confidence = predicted(examples.prediction, question.unscaled()).p.max(axis=-1)
            examples = question.only.of(examples, confidence)
        if not len(examples):
            return
        given, label, weight = examples.prediction, examples.label, examples.weight
        n, truth = len(label), label.astype(np.intp)
        prediction = predicted(given, question)
        decided = np.argmax(prediction.p, axis=-1)
        confidence, right = np.take_along_axis(prediction.p, decided[:, None], axis=-1)[:, 0], decided == truth
        self.rows += n
        if question.clip is not None:
            self.clipped += question.clip.beyond(predicted(given, question.unscaled()).p, is_probability=True)
        if weight is not None:
            self.weight_sum.add(weight)
        self.matrix += np.bincount(truth * classes + decided, minlength=classes * classes).reshape(classes, classes)
        for leading in slices(prediction.p):
            self.mass.add(leading.sum(axis=0))
        self.bins.add(confidence, right.astype(float))
        bar = np.minimum((confidence * BARS).astype(np.intp), BARS - 1)
        self.bars += np.bincount(bar + BARS * right, minlength=2 * BARS).reshape(2, BARS)
        if self.weighted is not None and weight is not None and self.weighted.bins is not None:
            self.weighted.bins.add(np.minimum(confidence, 1.0), right.astype(float), weight)
            self.weighted.counts.add(truth, decided, weight)
        judged = judge_classes(question.judged_classes, given, label, question)
        own = np.arange(n), truth
        rows = Worst(examples.row, label, label, prediction.log[own], prediction.p[own])
        for tally, (value, _) in zip(self.tallies, judged, strict=True):
            tally.add(value, rows, weight)
        if self.by_class is not None:
            own_weight = np.array(question.class_weights)[truth] * (1.0 if weight is None else weight)
            for moments, (value, _) in zip(self.by_class, judged, strict=True):
                defined = ~np.isnan(value)
                moments.add(value[defined], own_weight[defined])
        if self.kept is not None:
            self.kept.add(examples, label, [size for _, size in judged])
            self._shrink()
        elif self.sizes is not None and self.cells is not None:
            count_sizes(self.sizes, [size for _, size in judged])
            self.cells.add(*_confidences(given, label, question))

    def merge(self, other: ClassSummary) -> None:
        """Add what another part counted; where the order of rows matters its rows come after these."""
        self.rows += other.rows
        self.clipped += other.clipped
        self.weight_sum.merge(other.weight_sum)
        self.matrix += other.matrix
        self.mass.merge(other.mass)
        self.bars += other.bars
        self.bins.merge(other.bins)
        if self.weighted is not None and other.weighted is not None:
            self.weighted.merge(other.weighted)
        for tally, more in zip(self.tallies, other.tallies, strict=True):
            tally.merge(more)
        for moments, its_moments in zip(self.by_class or (), other.by_class or (), strict=True):
            moments.merge(its_moments)
        if self.kept is not None and other.kept is not None:
            self.kept.merge(other.kept)
            self._shrink()
            return
        self._count_what_is_kept()
        if other.kept is not None:  # which is left as it is
            other = copy(other)
            other._count_what_is_kept()
        assert self.sizes is not None and other.sizes is not None and self.cells is not None and other.cells is not None
        for mine, its in zip([*self.sizes, self.cells], [*other.sizes, other.cells], strict=True):
            mine.merge(its)

    def _shrink(self) -> None:
        if self.kept is not None and self.kept.numbers > 2 * self.question.keep:
            self._count_what_is_kept()

    def _count_what_is_kept(self) -> None:
        kept, self.kept = self.kept, None
        if kept is None:
            return
        self.sizes, self.cells = [Cells() for _ in self.tallies], Cells()
        for given, label, slopes in zip(kept.given, kept.label, kept.slopes, strict=True):
            count_sizes(self.sizes, slopes)
            self.cells.add(*_confidences(given, label.astype(float, copy=False), self.question))


def _confidences(given: Array, label: Array, question: Question) -> tuple[Array, Array]:
    """The logits of the confidence in the top class, and whether it is right, ``(n,)`` each."""
    confidence, right = tops(predicted(given, question).p, label)
    with np.errstate(divide="ignore"):
        return np.log(confidence) - np.log1p(-confidence), right

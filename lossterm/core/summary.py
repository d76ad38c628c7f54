"""The sums of a file with one prediction an example, in parts that add up whatever the batches.

A `Summary` takes batches; two summaries of different rows merge into what one would have been of all. What needs every
row at once (a ranking, a temperature) is found from the columns it keeps, or beyond `Question.keep` rows from a sketch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lossterm.core.activations import logistic
from lossterm.core.bulk import CHUNK, judge
from lossterm.core.calibration import BinCounts, equal_width
from lossterm.core.exact import ExactSum
from lossterm.core.examples import Examples
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.multiclass import ClassSummary
from lossterm.core.question import Question
from lossterm.core.size_sketch import SizeSketch
from lossterm.core.sketch import Sketch
from lossterm.core.tally import BARS, LossTally, Worst

if TYPE_CHECKING:
    from numpy.typing import NDArray


CERTAINLY = 1.5
"""So many times more rows than are kept will be too many, however wrong they are counted beforehand."""


@dataclass
class Kept:
    """Columns that are kept in parts, one after another.

    Attributes:
        given: the predictions as they are in the file.
        label: y; whole numbers take a byte.
        slopes: |∂L/∂z| of each loss.
    """

    given: list[Array] = field(default_factory=list)
    label: list[NDArray[np.float64] | NDArray[np.int8]] = field(default_factory=list)
    slopes: list[list[Array]] = field(default_factory=list)

    def predictions(self) -> tuple[Array, Array]:
        """Predictions and labels, in the order of the file."""
        return _joined(self.given), _joined(self.label).astype(float)

    def sizes(self, loss: int) -> Array:
        """|∂L/∂z| of one of the losses, in the order of the file."""
        return _joined([part[loss] for part in self.slopes])


def _joined(parts: list[Array] | list[NDArray[np.float64] | NDArray[np.int8]]) -> Array:
    joined: Array = np.concatenate(parts) if parts else np.empty(0)
    return joined


@dataclass
class Summary:
    """What is counted of the examples that pass the filter.

    Attributes:
        question: what is asked.
        rows: how many examples there are.
        hard: whether every label is 0 or 1.
        label_sum: Σy.
        weight_sum: Σw.
        decided: examples by label (0, 1) and decision (0, 1), where the labels are hard.
        tallies: the sums of each loss.
        bins: the sums of each bin of the reliability, or None for plain values.
        bars: predictions by label (below ½, from ½), ``(2, BARS)``; None for plain values.
        kept: the columns, or None once there are too many.
        sketch: the sketch, or None while the columns are kept.
        sizes: of plain values instead a sketch of the slopes of each loss.
    """

    question: Question
    sketching: bool = False
    rows: int = 0
    hard: bool = True
    label_sum: ExactSum = field(default_factory=ExactSum)
    weight_sum: ExactSum = field(default_factory=ExactSum)

    def __post_init__(self) -> None:
        question = self.question
        self.tallies = [LossTally(question.worst, question.weighted) for _ in question.judged]
        is_probability = question.kind != "value"
        self.bins = BinCounts(equal_width(question.bins)) if is_probability else None
        self.bars: NDArray[np.int64] | None = np.zeros((2, BARS), np.int64) if is_probability else None
        self.decided = np.zeros((2, 2), np.int64)
        self.kept = None if self.sketching else Kept()
        self.sketch = Sketch() if self.sketching and is_probability else None
        self.sizes = None if is_probability or not self.sketching else [SizeSketch() for _ in self.tallies]

    @property
    def was_sketched_in_vain(self) -> bool:
        """Whether the rows would have been few enough to keep."""
        return self.kept is None and self.rows <= self.question.keep

    def part(self) -> Summary:
        """An empty summary of the same question, to be merged into this one."""
        part = Summary(self.question, sketching=self.kept is None)
        part.tallies = [tally.part() for tally in self.tallies]
        if self.sketch is not None:
            part.sketch = self.sketch.part()
        return part

    # ---- counting -------------------------------------------------------------------------------------------------

    def add(self, examples: Examples) -> None:
        """Count a batch; of a shape and kind that the question is for."""
        for start in range(0, len(examples), CHUNK):
            self._add(examples.take(slice(start, start + CHUNK)))

    def _add(self, examples: Examples) -> None:
        question = self.question
        given, logit, prediction = read_predictions(examples.prediction, question)
        if not question.only.is_open:
            kept = question.only.of(examples, read_predictions(given, question.unscaled())[2])
            if len(kept) < len(examples):
                examples = kept
                given, logit, prediction = read_predictions(examples.prediction, question)
        label, weight = examples.label, examples.weight
        if not len(label):
            return
        n, is_one = len(label), label == 1
        ones = int(np.count_nonzero(is_one))
        hard = question.kind != "value" and np.count_nonzero(label) == ones
        self.rows += n
        self.hard &= hard
        self.label_sum.add([float(ones)] if hard else label)
        if weight is not None:
            self.weight_sum.add(weight)
        if self.bins is not None and self.bars is not None:
            self.bins.add(prediction, label)
            bar = np.minimum((prediction * BARS).astype(np.intp), BARS - 1)
            upper = is_one if hard else label >= 0.5
            bar += BARS * upper
            self.bars += np.bincount(bar, minlength=2 * BARS).reshape(2, BARS)
            above = prediction > question.threshold
            decided, hits = int(np.count_nonzero(above)), int(np.count_nonzero(above & is_one))
            self.decided += [[n - ones - decided + hits, decided - hits], [ones - hits, hits]]
        steep = self.kept is not None or self.sizes is not None
        as_given = given if question.kind == "probability" and question.temperature == 1 else None
        judged = judge(question.judged, question.link, logit, label, slope=steep, probability=as_given)
        rows = Worst(examples.row, label, label, logit, prediction)
        for tally, (value, _) in zip(self.tallies, judged, strict=True):
            tally.add(value, rows, weight)
        if self.kept is not None:
            self.kept.given.append(given)
            self.kept.label.append(label.astype(np.int8) if hard else label)
            self.kept.slopes.append([np.abs(slope) for _, slope in judged])
        elif self.sketch is not None and self.hard:
            self.sketch.add(logit, label)
        elif self.sizes is not None:
            for sizes, (_, slope) in zip(self.sizes, judged, strict=True):
                sizes.add(np.abs(slope))
        self._shrink()

    def merge(self, other: Summary) -> None:
        """Add what another part counted; where the order of rows matters its rows come after these."""
        self.rows += other.rows
        self.hard &= other.hard
        self.label_sum.merge(other.label_sum)
        self.weight_sum.merge(other.weight_sum)
        self.decided += other.decided
        for tally, more in zip(self.tallies, other.tallies, strict=True):
            tally.merge(more)
        if self.bins is not None and other.bins is not None:
            self.bins.merge(other.bins)
        if self.bars is not None and other.bars is not None:
            self.bars += other.bars
        if self.kept is not None and other.kept is not None:
            self.kept.given += other.kept.given
            self.kept.label += other.kept.label
            self.kept.slopes += other.kept.slopes
            self._shrink()
            return
        for part in (self, other):
            part._sketch_what_is_kept()
        if self.sketch is not None and other.sketch is not None:
            self.sketch.merge(other.sketch)
        if self.sizes is not None and other.sizes is not None:
            for mine, its in zip(self.sizes, other.sizes, strict=True):
                mine.merge(its)

    def _shrink(self) -> None:
        if self.kept is not None and self.rows > self.question.keep:
            self._sketch_what_is_kept()

    def _sketch_what_is_kept(self) -> None:
        kept, self.kept = self.kept, None
        if kept is None:
            return
        if self.question.kind == "value":
            self.sizes = [SizeSketch() for _ in self.tallies]
            for slopes in kept.slopes:
                for sizes, slope in zip(self.sizes, slopes, strict=True):
                    sizes.add(slope)
        else:
            self.sketch = Sketch()
            if self.hard:
                for given, label in zip(kept.given, kept.label, strict=True):
                    self.sketch.add(read_predictions(given, self.question)[1], label.astype(float))


def read_predictions(column: Array, question: Question) -> tuple[Array, Array, Array]:
    """The predictions as they are in the file, the logits and the predictions at the question's temperature.

    The logit of a probability is ``ln p − ln(1 − p)``: ±∞ for exactly 0 or 1.
    """
    if question.kind == "value":
        return column, column, column
    with np.errstate(divide="ignore", over="ignore"):
        if question.kind == "probability":
            logit = np.log(column) - np.log1p(-column)
            if question.temperature == 1:
                return column, logit, column
        else:
            logit = column
        if question.temperature != 1:
            logit = logit / question.temperature
        return column, logit, logistic(logit)


def new_summary(question: Question, expected: int = 0) -> Summary | ClassSummary:
    """The summary that a question needs.

    Args:
        question: what is asked.
        expected: how many rows there will be, as far as is known: far more than are kept are sketched from the first.
    """
    if question.classes:
        return ClassSummary(question)
    return Summary(question, sketching=expected > CERTAINLY * question.keep and question.only.is_open)

"""The sums of a file with one prediction an example, in parts that add up whatever the batches.

A `BinarySummary` takes batches; two summaries of different rows merge into what one would have been of all. What needs
every row at once (a ranking, a temperature) is found from the columns it keeps, or beyond `Question.keep` rows from
counts in cells.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lossterm.core.exact import ExactSum
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import logistic
from lossterm.core.statistics.calibration import BinCounts, equal_width
from lossterm.core.statistics.cells import Cells
from lossterm.core.statistics.class_sums import ClassSummary
from lossterm.core.statistics.criterion import CHUNK, judge, logarithms
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.kept import Kept
from lossterm.core.statistics.loss_sums import BARS, LossTally, Worst, count_sizes
from lossterm.core.statistics.question import Question
from lossterm.core.statistics.spiegelhalter import SpiegelhalterSums
from lossterm.core.statistics.value_sums import ValueSums
from lossterm.core.statistics.weighted import WeightedSums

if TYPE_CHECKING:
    from numpy.typing import NDArray


CERTAINLY = 1.2
"""So many times more rows than are kept will be too many; where they were not, they are read again."""


@dataclass
class BinarySummary:
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
        cells: the logits counted in cells, or None while the columns are kept.
        sizes: of plain values instead the slopes of each loss, counted in cells.
        weighted: the sums with weights, or None.
        unclipped: where p is clipped, the logits as they are without that, counted in cells.
        values: of plain values the sums of their errors, and of the distributions that they come with.
        clipped: how many examples a clip makes a difference to.
        spiegelhalter: the sums of Spiegelhalter's test, without weights and with them; empty for plain values.
    """

    question: Question
    counting: bool = False
    rows: int = 0
    hard: bool = True
    clipped: int = 0
    label_sum: ExactSum = field(default_factory=ExactSum)
    weight_sum: ExactSum = field(default_factory=ExactSum)

    def __post_init__(self) -> None:
        question = self.question
        self.tallies = [LossTally(question.worst, question.weighted) for _ in question.judged]
        is_probability = question.kind != "value"
        self.bins = BinCounts(equal_width(question.bins)) if is_probability else None
        self.bars: NDArray[np.int64] | None = np.zeros((2, BARS), np.int64) if is_probability else None
        self.decided = np.zeros((2, 2), np.int64)
        self.spiegelhalter = [SpiegelhalterSums() for _ in range(1 + question.weighted)] if is_probability else []
        edges = equal_width(question.bins) if is_probability else None
        self.weighted = WeightedSums.of(edges, 2) if question.weighted else None
        self.kept = None if self.counting else Kept()
        self.cells = Cells(ordered=not self._clips) if self.counting and is_probability else None
        self.unclipped = Cells(ordered=True) if self.counting and self._clips else None
        self.sizes = None if is_probability or not self.counting else [Cells() for _ in self.tallies]
        self.values = (
            None if is_probability
            else ValueSums(question.forecast, counting=self.counting, weighted=question.weighted)
        )  # fmt: skip

    @property
    def _clips(self) -> bool:
        clip = self.question.clip
        return clip is not None and clip.eps is not None and self.question.kind != "value"

    @property
    def could_have_been_kept(self) -> bool:
        """Whether the rows were few enough to keep, and only counted in cells."""
        return self.kept is None and self.rows <= self.question.keep

    def part(self) -> BinarySummary:
        """An empty summary of the same question, to be merged into this one."""
        part = BinarySummary(self.question, counting=self.kept is None)
        part.tallies = [tally.part() for tally in self.tallies]
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
        as_it_is = read_predictions(given, question.unclipped()) if self._clips else (given, logit, prediction)
        if self.bins is not None and self.bars is not None:
            self.bins.add(prediction, label)
            for sums, of in zip(self.spiegelhalter, (None, weight), strict=False):
                sums.add(prediction, label, of)
            bar = (prediction * BARS).astype(np.intp)
            bar += (BARS + 1) * (is_one if hard else label >= 0.5)
            bars = np.bincount(bar, minlength=2 * (BARS + 1)).reshape(2, BARS + 1)
            bars[:, BARS - 1] += bars[:, BARS]  # an exact 1
            self.bars += bars[:, :BARS]
            above = as_it_is[2] > question.threshold
            decided, hits = int(np.count_nonzero(above)), int(np.count_nonzero(above & is_one))
            self.decided += [[n - ones - decided + hits, decided - hits], [ones - hits, hits]]
        if self.weighted is not None and weight is not None:
            with np.errstate(over="ignore"):
                self.weighted.labels.add(weight * label)
            if self.weighted.bins is not None:
                self.weighted.bins.add(prediction, label, weight)
                decisions = (as_it_is[2] > question.threshold).astype(np.intp)
                self.weighted.counts.add(is_one.astype(np.intp), decisions, weight)
        steep = self.kept is not None or self.sizes is not None
        as_given = prediction if question.kind == "probability" and question.temperature == 1 else None
        judged = judge(
            question.judged, question.link, logit, label, slope=steep, probability=as_given, floor=question.floor,
            score=as_it_is[1] if self._clips else None,
        )  # fmt: skip
        self.clipped += _clipped(question, given, label, (logit, as_given))
        if self.values is not None:
            self.values.add(examples)
        rows = Worst(examples.row, label, label, logit, prediction)
        for tally, (value, _) in zip(self.tallies, judged, strict=True):
            tally.add(value, rows, weight)
        if self.kept is not None:
            slopes = [np.abs(slope) for _, slope in judged]
            self.kept.add(examples, label.astype(np.int8) if hard else label, slopes)
        elif self.cells is not None and self.hard:
            self.cells.add(logit, label)
            if self.unclipped is not None:
                self.unclipped.add(as_it_is[1], label)
        elif self.sizes is not None:
            count_sizes(self.sizes, [slope for _, slope in judged])
        self._shrink()

    def merge(self, other: BinarySummary) -> None:
        """Add what another part counted; where the order of rows matters its rows come after these."""
        self.rows += other.rows
        self.clipped += other.clipped
        self.hard &= other.hard
        self.label_sum.merge(other.label_sum)
        self.weight_sum.merge(other.weight_sum)
        self.decided += other.decided
        if self.weighted is not None and other.weighted is not None:
            self.weighted.merge(other.weighted)
        for tally, more in zip(self.tallies, other.tallies, strict=True):
            tally.merge(more)
        if self.bins is not None and other.bins is not None:
            self.bins.merge(other.bins)
        if self.bars is not None and other.bars is not None:
            self.bars += other.bars
        if self.values is not None and other.values is not None:
            self.values.merge(other.values)
        for mine_of_test, its_of_test in zip(self.spiegelhalter, other.spiegelhalter, strict=True):
            mine_of_test.merge(its_of_test)
        if self.kept is not None and other.kept is not None:
            self.kept.merge(other.kept)
            self._shrink()
            return
        self._count_what_is_kept()
        if other.kept is not None:  # which is left as it is
            other = copy(other)
            other.values = None  # they are merged already
            other._count_what_is_kept()
        if self.cells is not None and other.cells is not None:
            self.cells.merge(other.cells)
        if self.unclipped is not None and other.unclipped is not None:
            self.unclipped.merge(other.unclipped)
        if self.sizes is not None and other.sizes is not None:
            for mine, its in zip(self.sizes, other.sizes, strict=True):
                mine.merge(its)

    def _shrink(self) -> None:
        if self.kept is not None and self.rows > self.question.keep:
            self._count_what_is_kept()

    def _count_what_is_kept(self) -> None:
        kept, self.kept = self.kept, None
        if kept is None:
            return
        if self.question.kind == "value":
            self.sizes = [Cells() for _ in self.tallies]
            if self.values is not None:
                self.values.count_in_cells()
            for slopes in kept.slopes:
                count_sizes(self.sizes, slopes)
        else:
            self.cells = Cells(ordered=not self._clips)
            self.unclipped = Cells(ordered=True) if self._clips else None
            if self.hard:
                for given, label in zip(kept.given, kept.label, strict=True):
                    self.cells.add(read_predictions(given, self.question)[1], label.astype(float))
                    if self.unclipped is not None:
                        self.unclipped.add(read_predictions(given, self.question.unclipped())[1], label.astype(float))


def _clipped(question: Question, given: Array, label: Array, prediction: tuple[Array, Array | None]) -> int:
    """To how many examples the clip makes a difference: to their p, or to their log loss."""
    clip = question.clip
    if clip is None or question.kind == "value":
        return 0
    if clip.log is None:
        return clip.beyond(given, is_probability=question.kind == "probability")
    rising, falling = logarithms(*prediction)
    return int(np.count_nonzero(((label > 0) & (rising < clip.log)) | ((label < 1) & (falling < clip.log))))


def read_predictions(column: Array, question: Question) -> tuple[Array, Array, Array]:
    """The predictions as they are in the file, the logits and the predictions at the question's clip and temperature.

    A clip is of the file's own probabilities: what T is applied to is clipped already. The logit of a probability is
    ``ln p − ln(1 − p)``: ±∞ for exactly 0 or 1.
    """
    if question.kind == "value":
        return column, column, column
    with np.errstate(divide="ignore", over="ignore"):
        clip = question.clip
        if question.kind == "probability":
            p = column if clip is None else clip.probability(column)
            logit = np.log(p) - np.log1p(-p)
            if question.temperature == 1:
                return column, logit, p
        else:
            logit = column if clip is None else clip.logit(column)
        if question.temperature != 1:
            logit = logit / question.temperature
        return column, logit, logistic(logit)


def new_summary(question: Question, expected: int = 0) -> BinarySummary | ClassSummary:
    """The summary that a question needs.

    Args:
        question: what is asked.
        expected: how many rows there will be, as far as is known: far more than are kept are counted in cells at once.
    """
    if question.classes:
        return ClassSummary(question)
    return BinarySummary(question, counting=expected > CERTAINLY * question.keep and question.only.is_open)

"""The sums of two predictions of the same rows, in parts that add up whatever the batches.

Differences are second − first: below 0 the second is better.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from lossterm.core.exact import ExactSum
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.binary_sums import read_predictions
from lossterm.core.statistics.calibration import BinCounts, Binning, equal_width
from lossterm.core.statistics.class_sums import judge_classes, predicted
from lossterm.core.statistics.criterion import CHUNK, Criterion, judge
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.moments import Moments, WeightedMoments
from lossterm.core.statistics.question import ClassCriterion, Question

if TYPE_CHECKING:
    from numpy.typing import NDArray

COSTS = 100
"""Steps of the threshold θ of the Murphy diagram from 0 to 1."""

MOST_GROUPS = 200
"""Groups from which differences are not told by group any more."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Some rows with two predictions.

    Attributes:
        first: the rows, with the first prediction.
        second: the second prediction of each, ``(n,)`` or ``(n, K)``.
    """

    first: Examples
    second: Array

    def __len__(self) -> int:
        return len(self.first)

    def take(self, which: NDArray[np.bool_] | slice) -> Pairs:
        """The rows at some places."""
        return Pairs(self.first.take(which), self.second[which])


@dataclass(frozen=True)
class PairQuestion:
    """What is asked of two predictions.

    Attributes:
        first: of the first, with the filter of both.
        second: of the second; as many losses as the first.
    """

    first: Question
    second: Question


@dataclass(frozen=True, eq=False)
class Differing:
    """Rows where two predictions differ most by a loss, the largest difference first.

    Attributes:
        row: their numbers, ``(k,)``.
        difference: second − first.
        label: y.
        first: the first prediction; of K classes that of the label's class.
        second: the second one.
    """

    row: NDArray[np.int64]
    difference: Array
    label: Array
    first: Array
    second: Array

    def __len__(self) -> int:
        return len(self.row)

    def take(self, which: NDArray[np.intp]) -> Differing:
        """The rows at some places."""
        return Differing(*(getattr(self, name)[which] for name in Differing.__annotations__))

    def and_of(self, other: Differing, most: int) -> Differing:
        """The most different of both."""
        both = Differing(
            *(np.concatenate((getattr(self, name), getattr(other, name))) for name in Differing.__annotations__)
        )
        return both.take(np.lexsort((both.row, -np.abs(both.difference)))[:most])


@dataclass
class DifferenceTally:
    """The sums of the differences of one loss.

    Attributes:
        weighted: whether rows have weights.
        moments: of second − first.
        by_weight: of second − first, of the first and of the second with weights, or None.
        first: Σ of the first loss.
        second: Σ of the second.
        better: rows where the second is better.
        worse: rows where the first is.
        undefined: rows for which either loss means nothing; they are in no figure.
        both_infinite: rows that are ∞ in both: they have no difference.
    """

    weighted: bool
    moments: Moments = field(default_factory=Moments)
    by_weight: tuple[WeightedMoments, WeightedMoments, WeightedMoments] | None = None
    first: ExactSum = field(default_factory=ExactSum)
    second: ExactSum = field(default_factory=ExactSum)
    better: int = 0
    worse: int = 0
    undefined: int = 0
    both_infinite: int = 0
    count: int = 0

    def __post_init__(self) -> None:
        if self.weighted:
            self.by_weight = WeightedMoments(), WeightedMoments(), WeightedMoments()

    def add(self, first: Array, second: Array, weight: Array | None) -> Array:
        """Count a batch, and give the differences back: nan where there is none."""
        with np.errstate(invalid="ignore"):
            difference: Array = second - first
        gone = np.isnan(difference)
        if gone.any():
            undefined = np.isnan(first) | np.isnan(second)
            self.undefined += int(undefined.sum())
            self.both_infinite += int((gone & ~undefined).sum())
            known = ~undefined
            self._add(difference[known], first[known], second[known], None if weight is None else weight[known])
        else:
            self._add(difference, first, second, weight)
        return difference

    def _add(self, difference: Array, first: Array, second: Array, weight: Array | None) -> None:
        self.count += len(difference)
        self.better += int(np.count_nonzero(difference < 0))
        self.worse += int(np.count_nonzero(difference > 0))
        self.moments.add(difference)
        if self.by_weight is not None and weight is not None:
            for moments, values in zip(self.by_weight, (difference, first, second), strict=True):
                moments.add(values, weight)
        self.first.add(first)
        self.second.add(second)

    def merge(self, other: DifferenceTally) -> None:
        """Add the sums of another."""
        self.moments.merge(other.moments)
        if self.by_weight is not None and other.by_weight is not None:
            for mine, its in zip(self.by_weight, other.by_weight, strict=True):
                mine.merge(its)
        self.first.merge(other.first)
        self.second.merge(other.second)
        for name in ("better", "worse", "undefined", "both_infinite", "count"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


@dataclass(frozen=True, eq=False)
class _Judged:
    """What one of two models makes of a batch: its losses, predictions p, decisions, and what ranks the rows."""

    values: Sequence[Array]
    p: Array
    decision: NDArray[np.intp] | NDArray[np.bool_] | None
    rank: Array
    own: Array
    """Of the label: p, or of K classes p of the label's class."""


def _judged(question: Question, prediction: Array, label: Array) -> _Judged:
    if question.classes:
        asked = tuple(c for c in question.criteria if isinstance(c, ClassCriterion))
        values = [value for value, _ in judge_classes(asked, prediction, label, question, slope=False)]
        p = predicted(prediction, question).p
        decision = np.argmax(p, axis=-1)
        own = p[np.arange(len(label)), label.astype(np.intp)]
        confidence = np.minimum(np.take_along_axis(p, decision[:, None], axis=-1)[:, 0], 1.0)
        return _Judged(values, confidence, decision, own, own)
    plain = question.kind == "probability" and question.temperature == 1 and question.clip is None
    # of plain probabilities no loss reads a logit
    given, logit, p = (prediction,) * 3 if plain else read_predictions(prediction, question)
    clips = question.clip is not None and question.clip.eps is not None and question.kind != "value"
    as_it_is = read_predictions(given, question.unclipped()) if clips else (given, logit, p)
    as_given = p if question.kind == "probability" and question.temperature == 1 else None
    values = [
        value
        for value, _ in judge(
            [c for c in question.criteria if isinstance(c, Criterion)], question.link, logit, label, slope=False,
            probability=as_given, floor=question.floor, score=as_it_is[1] if clips else None,
        )
    ]  # fmt: skip
    decision = None if question.kind == "value" else as_it_is[2] > question.threshold
    return _Judged(values, p, decision, given, p)


@dataclass
class PairSummary:
    """What is counted of the rows that pass the filter.

    Attributes:
        question: what is asked.
        rows: how many rows there are.
        hard: whether every label is 0 or 1 (or a class).
        tallies: the differences of each loss.
        right: rows by whether the first (0, 1) and the second (0, 1) are right.
        bins: the reliability of the first and of the second; None for plain values.
        costs: of either, rows by label and by step of the threshold, ``(2, 2, COSTS)``; None where there is no p.
        kept: what ranks the rows, of either, and their labels, in parts; None once there are too many, or no ranks.
        differing: the rows that differ most by the first loss.
        groups: the differences of each loss, by group; None where there are none, or too many.
        keeping: whether rows are kept as long as they are few; else there are too many from the beginning.
    """

    question: PairQuestion
    rows: int = 0
    hard: bool = True
    keeping: bool = True

    def __post_init__(self) -> None:
        first = self.question.first
        self.tallies = [DifferenceTally(first.weighted) for _ in first.criteria]
        self.right = np.zeros((2, 2), np.int64)
        is_probability = first.kind != "value"
        binning = _binning(first.bins)
        self.bins = (
            (BinCounts(binning, has_errors=False), BinCounts(binning, has_errors=False)) if is_probability else None
        )
        self.costs: NDArray[np.int64] | None = None
        self._steps: Binning | None = None
        if is_probability and not first.classes:
            self.costs, self._steps = np.zeros((2, 2, COSTS), np.int64), _binning(COSTS)
        ranks = is_probability and not first.classes and not first.weighted
        self.kept: list[tuple[Array, Array, NDArray[np.int8]]] | None = [] if ranks and self.keeping else None
        self.too_many = ranks and not self.keeping
        self.differing: Differing | None = None
        self.groups: dict[int, list[Moments]] | None = {}

    def part(self) -> PairSummary:
        """An empty summary of the same question, to be merged into this one."""
        return PairSummary(self.question, keeping=not self.too_many)

    @property
    def could_have_been_kept(self) -> bool:
        """Whether the rows were few enough to keep, and were not."""
        return self.too_many and self.hard and self.rows <= self.question.first.keep

    def add(self, pairs: Pairs) -> None:
        """Count a batch."""
        step = max(1, CHUNK // max(self.question.first.classes, 1))
        for start in range(0, len(pairs), step):
            self._add(pairs.take(slice(start, start + step)))

    def _add(self, pairs: Pairs) -> None:
        question = self.question
        if not question.first.only.is_open:
            pairs = _filtered(pairs, question.first)
        if not len(pairs):
            return
        examples, label, weight = pairs.first, pairs.first.label, pairs.first.weight
        first = _judged(question.first, examples.prediction, label)
        second = _judged(question.second, pairs.second, label)
        self.rows += len(label)
        self.hard &= bool(question.first.classes) or bool(((label == 0) | (label == 1)).all())
        differences = [
            tally.add(a, b, weight)
            for tally, a, b in zip(self.tallies, first.values, second.values, strict=True)
        ]  # fmt: skip
        self._decide(first, second, label)
        if differences:
            self._keep_differing(differences[0], examples, first.own, second.own)
            self._group(differences, examples.group)
        if self.kept is not None and self.hard:
            self.kept.append((first.rank, second.rank, label.astype(np.int8)))
            self._shrink()

    def _decide(self, first: _Judged, second: _Judged, label: Array) -> None:
        if first.decision is None or second.decision is None:
            return
        right = [_is_right(decision, label) for decision in (first.decision, second.decision)]
        a, b, both = (int(np.count_nonzero(which)) for which in (*right, right[0] & right[1]))
        self.right += [[len(label) - a - b + both, b - both], [a - both, both]]
        classes = self.question.first.classes
        for n, (each, is_right) in enumerate(zip((first, second), right, strict=True)):
            if self.bins is not None:
                self.bins[n].add(each.p, is_right.astype(float) if classes else label)
            if self.costs is not None and self._steps is not None and self.hard:
                at = self._steps(each.p) + COSTS * (label == 1)
                self.costs[n] += np.bincount(at, minlength=2 * COSTS).reshape(2, COSTS)

    def _keep_differing(self, difference: Array, examples: Examples, first: Array, second: Array) -> None:
        most, size = self.question.first.worst, np.abs(difference)
        floor = 0.0
        if self.differing is not None and len(self.differing) >= most:
            floor = float(np.abs(self.differing.difference[-1]))
        among = np.flatnonzero((size >= floor) & (size > 0))
        if len(among) > 4 * most:
            floor = np.partition(size[among], -most)[-most]
            among = among[size[among] >= floor]
        found = Differing(examples.row, difference, examples.label, first, second).take(among)
        empty = found.take(np.arange(0))
        self.differing = found.and_of(self.differing if self.differing is not None else empty, most)

    def _group(self, differences: Sequence[Array], group: NDArray[np.int32] | None) -> None:
        if group is None or self.groups is None:
            return
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        for which in np.split(order, starts[1:]):
            own = self.groups.setdefault(int(group[which[0]]), [Moments() for _ in differences])
            for moments, difference in zip(own, differences, strict=True):
                values = difference[which]
                moments.add(values[~np.isnan(values)])
        if len(self.groups) > MOST_GROUPS:
            self.groups = None

    def merge(self, other: PairSummary) -> None:
        """Add what another part counted; where the order of rows matters its rows come after these."""
        self.rows += other.rows
        self.hard &= other.hard
        for tally, more in zip(self.tallies, other.tallies, strict=True):
            tally.merge(more)
        self.right += other.right
        if self.bins is not None and other.bins is not None:
            for mine, its in zip(self.bins, other.bins, strict=True):
                mine.merge(its)
        if self.costs is not None and other.costs is not None:
            self.costs += other.costs
        if other.differing is not None:
            mine_ = self.differing
            most = self.question.first.worst
            self.differing = other.differing if mine_ is None else mine_.and_of(other.differing, most)
        self._merge_groups(other)
        self.too_many |= other.too_many
        if self.kept is not None and other.kept is not None:
            self.kept += other.kept
            self._shrink()
        else:
            self.kept = None

    def _merge_groups(self, other: PairSummary) -> None:
        if self.groups is None or other.groups is None:
            self.groups = None
            return
        for group, more in other.groups.items():
            own = self.groups.setdefault(group, [Moments() for _ in more])
            for moments, its in zip(own, more, strict=True):
                moments.merge(its)
        if len(self.groups) > MOST_GROUPS:
            self.groups = None

    def _shrink(self) -> None:
        if self.kept is not None and self.rows > self.question.first.keep:
            self.kept, self.too_many = None, True


@lru_cache(maxsize=4)
def _binning(bins: int) -> Binning:
    # every batch has a part of its own, and its table takes longer than many a batch
    return Binning(equal_width(bins))


def _is_right(decision: NDArray[np.intp] | NDArray[np.bool_], label: Array) -> NDArray[np.bool_]:
    # of two classes, or of more
    right: NDArray[np.bool_] = (
        np.where(decision, label == 1, label == 0) if decision.dtype == np.bool_ else np.equal(decision, label)
    )
    return right


def _filtered(pairs: Pairs, question: Question) -> Pairs:
    """The rows that pass the filter, which is of the first prediction."""
    examples = pairs.first
    if question.classes:
        prediction = predicted(examples.prediction, question.unscaled()).p.max(axis=-1)
    else:
        prediction = read_predictions(examples.prediction, question.unscaled())[2]
    keep = question.only.passes(examples, prediction)
    return pairs.take(keep)

"""From the sums of two predictions of the same rows to what is told of them: who is better, and whether surely.

Differences are second − first: below 0 the second is better; a tie is no better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.areas import Area, AreaDifference, area_difference
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.mcnemar import mcnemar
from lossterm.core.statistics.moments import Moments
from lossterm.core.statistics.murphy import mean_scores
from lossterm.core.statistics.pair_sums import COSTS, DifferenceTally, Differing, PairQuestion, PairSummary
from lossterm.core.statistics.question import ClassCriterion

NORMAL = 1.959964
"""The quantile of the standard normal of a two-sided interval of 95 %."""

FEWEST = 20
"""Of fewer rows no difference is called sure: neither their spread is known nor their mean normal."""

NO_AREAS = AreaDifference(Area(None, None), Area(None, None), Area(None, None))


@dataclass(frozen=True)
class Difference:
    """A mean difference with its paired standard error.

    Attributes:
        value: the mean of second − first; ∞ where one alone is, None where there is none.
        standard_error: None where a loss is ∞, or of fewer than two rows.
        count: rows that it is of.
    """

    value: float | None
    standard_error: float | None
    count: int = 0

    @property
    def interval(self) -> tuple[float, float] | None:
        """Of 95 %; None without a standard error."""
        if self.value is None or self.standard_error is None:
            return None
        return self.value - NORMAL * self.standard_error, self.value + NORMAL * self.standard_error

    @property
    def sure(self) -> int:
        """−1 where the second is better and the interval does not hold 0, 1 where it is worse; 0 not to be told.

        Of fewer than `FEWEST` rows nothing is sure.
        """
        ends = self.interval
        if ends is None or self.count < FEWEST:
            return 0
        return -1 if ends[1] < 0 else 1 if ends[0] > 0 else 0


@dataclass(frozen=True, eq=False)
class LossDifference:
    """What a loss sees of two predictions.

    Attributes:
        first: the loss that the first is put to.
        second: the loss of the second; mostly the same.
        first_mean: of the first; None of no rows.
        second_mean: of the second.
        difference: second − first.
        weighted: the same with weights: Σwd/Σw; None without weights.
        weighted_means: of the first and of the second, Σwℓ/Σw; None without weights.
        better: the share of rows where the second is better; None of no rows.
        worse: where the first is.
        undefined: rows for which either loss means nothing: they are in no figure.
        both_infinite: rows that are ∞ in both, which have no difference.
    """

    first: Criterion | ClassCriterion
    second: Criterion | ClassCriterion
    first_mean: float | None
    second_mean: float | None
    difference: Difference
    weighted: Difference | None
    better: float | None
    worse: float | None
    undefined: int = 0
    both_infinite: int = 0
    weighted_means: tuple[float | None, float | None] | None = None

    @property
    def of_one_loss(self) -> bool:
        """Whether both are put to the same loss: else the scales differ, and neither side of 0 is better."""
        return self.first == self.second or (
            self.first.loss is self.second.loss and self.first.params == self.second.params
        )

    @property
    def means(self) -> tuple[float | None, float | None]:
        """Of the first and of the second: with weights where there are any."""
        return (self.first_mean, self.second_mean) if self.weighted_means is None else self.weighted_means


@dataclass(frozen=True)
class Flips:
    """Decisions that differ.

    Attributes:
        right_to_wrong: rows that the first decides right and the second wrong.
        wrong_to_right: the opposite.
        both_right: rows that both decide right.
        both_wrong: that both decide wrong.
        p: McNemar's, exact and two-sided; None with weights.
    """

    right_to_wrong: int
    wrong_to_right: int
    both_right: int
    both_wrong: int
    p: float | None


@dataclass(frozen=True, eq=False)
class Costs:
    """The Murphy diagram of both: the mean elementary score S_θ at each ratio of costs θ (Ehm et al. 2016).

    Attributes:
        theta: ``(m,)``, between 0 and 1.
        first: of the first, ``(m,)``.
        second: of the second, ``(m,)``.
    """

    theta: Array
    first: Array
    second: Array


@dataclass(frozen=True, eq=False)
class Compared:
    """Two predictions of the same rows.

    Attributes:
        question: what was asked.
        rows: how many rows both have.
        losses: the difference of each loss.
        flips: of the decisions; None where none are made.
        areas: both AUROC and their difference; each None where there is none.
        no_areas: why not.
        reliability: of the first and of the second; None for plain values.
        costs: the Murphy diagram; None where labels are not 0 and 1, or there is not one probability.
        differing: the rows that differ most by the first loss.
        groups: the differences of each loss by the index of the group; None where there are too many.
        notes: what must be said beside the figures.
    """

    question: PairQuestion
    rows: int
    losses: tuple[LossDifference, ...]
    flips: Flips | None
    areas: AreaDifference
    no_areas: str
    reliability: tuple[Reliability, Reliability] | None
    costs: Costs | None
    differing: Differing | None
    groups: Mapping[int, tuple[Difference, ...]] | None
    notes: tuple[str, ...] = ()

    @property
    def ranking(self) -> Difference:
        """Of the AUROC."""
        return Difference(self.areas.difference.value, self.areas.difference.standard_error, self.rows)


def conclude_pairs(summary: PairSummary, run: Callable[..., Iterable[Any]] = map) -> Compared:
    """Every figure of what has been counted, of one row at least; ``run`` is `map`, or that of an executor."""
    question, first = summary.question, summary.question.first
    decides = first.kind != "value" and summary.hard
    areas, why = _areas(summary, run)
    notes = [note for who, tally in zip(first.criteria, summary.tallies, strict=True) for note in _notes(who, tally)]
    if summary.groups is None:
        notes.append("there are too many groups to tell differences by group")
    if first.class_weights is not None:
        notes.append("the weights of the classes are not in the differences")
    if first.weighted:
        notes.append(
            "the means of the losses and their differences are weighted; what else is told counts each row once"
        )
    if first.weighted and decides:
        notes.append("McNemar's test and DeLong's error of the AUROC are not for weighted rows: they are left out")
    return Compared(
        question=question,
        rows=summary.rows,
        losses=tuple(
            _loss(a, b, tally)
            for a, b, tally in zip(first.criteria, question.second.criteria, summary.tallies, strict=True)
        ),
        flips=_flips(summary) if decides else None,
        areas=areas,
        no_areas=why,
        reliability=None
        if summary.bins is None
        else (Reliability.of(summary.bins[0]), Reliability.of(summary.bins[1])),
        costs=_costs(summary) if summary.hard else None,
        differing=summary.differing,
        groups=None
        if summary.groups is None
        else {group: tuple(map(difference_of, moments)) for group, moments in sorted(summary.groups.items())},
        notes=tuple(notes),
    )


def difference_of(moments: Moments) -> Difference:
    """The mean of differences with its standard error."""
    if not moments.count:
        return Difference(None, None)
    mean = moments.mean
    return Difference(None if np.isnan(mean) else mean, moments.standard_error, moments.count)


def _loss(
    first: Criterion | ClassCriterion, second: Criterion | ClassCriterion, tally: DifferenceTally
) -> LossDifference:
    n, by_weight = tally.count, tally.by_weight
    weighted = means = None
    if by_weight is not None:
        mean, *both = (None if m.mean is None or np.isnan(m.mean) else m.mean for m in by_weight)
        weighted, means = Difference(mean, by_weight[0].standard_error, n), (both[0], both[1])
    return LossDifference(
        first,
        second,
        tally.first.divided_by(n) if n else None,
        tally.second.divided_by(n) if n else None,
        difference_of(tally.moments),
        weighted,
        tally.better / n if n else None,
        tally.worse / n if n else None,
        tally.undefined,
        tally.both_infinite,
        means,
    )


def _flips(summary: PairSummary) -> Flips:
    (both_wrong, gained), (lost, both_right) = summary.right.tolist()
    p = None if summary.question.first.weighted else mcnemar(lost, gained)
    return Flips(lost, gained, both_right, both_wrong, p)


def _areas(summary: PairSummary, run: Callable[..., Iterable[Any]]) -> tuple[AreaDifference, str]:
    first = summary.question.first
    if first.kind == "value" or first.classes:
        return NO_AREAS, ""
    if not summary.hard:
        return NO_AREAS, "labels are not all 0 or 1"
    if first.weighted:
        return NO_AREAS, "with weights"
    if summary.kept is None:
        return NO_AREAS, f"of more than {first.keep:,} rows"
    parts = list(zip(*summary.kept, strict=True))
    one, other, label = (np.concatenate(part) for part in parts)
    return area_difference(one, other, label, run), ""


def _costs(summary: PairSummary) -> Costs | None:
    if summary.costs is None:
        return None
    theta = np.arange(1, COSTS) / COSTS
    scores = []
    for zeros, ones in summary.costs:
        missed = np.cumsum(ones)[:-1]  # of label 1, p ≤ θ
        false = zeros.sum() - np.cumsum(zeros)[:-1]  # of label 0, p > θ
        scores.append(mean_scores(theta, missed, false, summary.rows))
    return Costs(theta, *scores)


def _notes(criterion: Criterion | ClassCriterion, tally: DifferenceTally) -> list[str]:
    name, notes = criterion.loss.id, []
    if tally.both_infinite:
        notes.append(f"{name} is ∞ in both for {_rows(tally.both_infinite)}: ∞ − ∞ is no difference, and has no mean")
    if not tally.first.is_finite or not tally.second.is_finite:
        which = [who for who, total in (("first", tally.first), ("second", tally.second)) if not total.is_finite]
        notes.append(
            f"{name} of the {' and the '.join(which)} is ∞: sure of what is wrong; then there is no standard error "
            "(--clip makes a what-if of it)"
        )
    if tally.undefined:
        notes.append(f"{name} means nothing for {_rows(tally.undefined)}: in none of its figures")
    return notes


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"

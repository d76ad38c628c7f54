"""How a question and what was counted for it are carried: as records and bytes, moved, and put together."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.losses.own.definition import defined
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES
from lossterm.core.statistics.binary_sums import BinarySummary
from lossterm.core.statistics.class_sums import ClassSummary
from lossterm.core.statistics.clip import Clip
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import LARGEST_WEIGHT, LEAST_WEIGHT, Examples, RowNumbers
from lossterm.core.statistics.forecast import Forecast
from lossterm.core.statistics.question import ClassCriterion, Filter, Question
from lossterm.core.statistics.sample import Sample

if TYPE_CHECKING:
    from lossterm.core.packing import Packer

Counted: TypeAlias = BinarySummary | ClassSummary
N = TypeVar("N", int, float)
Record: TypeAlias = dict[str, Any]

MOST_CLASSES, MOST_LOSSES, MOST_BINS, MOST_WORST, MOST_KEPT = 10_000, 1_000, 1_000, 10_000, 1 << 28
MOST_LEVELS = 1_000
"""Bounds of a question that is read: nobody asks more, and none takes more memory than there is."""

# ---- the question ---------------------------------------------------------------------------------------------------


def question_record(question: Question) -> Record:
    """A question as JSON has it; equal questions have equal records."""
    clip, only = question.clip, question.only
    return {
        "kind": question.kind,
        "classes": question.classes,
        "names": list(question.names),
        "losses": [_criterion_record(criterion) for criterion in question.criteria],
        "bins": question.bins,
        "threshold": question.threshold,
        "temperature": question.temperature,
        "clip": None if clip is None else [clip.name, clip.eps, clip.log],
        "class_weights": None if question.class_weights is None else list(question.class_weights),
        "weighted": question.weighted,
        "worst": question.worst,
        "keep": question.keep,
        "forecast": None if question.forecast is None else [question.forecast.shape, list(question.forecast.levels)],
        "only": [only.label, only.low, only.high, [condition.text for condition in only.conditions]],
    }


def _criterion_record(criterion: Criterion | ClassCriterion) -> Record:
    loss: Any = criterion.loss
    how = {"of_score": criterion.of_score} if isinstance(criterion, Criterion) else {"over": criterion.over}
    return {
        "loss": loss.id,
        "params": dict(criterion.params),
        "smoothing": criterion.smoothing,
        "definition": getattr(loss, "definition", ""),
        **how,
    }


def question_of_record(record: object) -> Question:
    """The question of a record, which is distrusted.

    Raises:
        ValueError: it is none.
    """
    if not isinstance(record, Mapping):
        raise ValueError("it asks nothing")
    kind, classes = record["kind"], _within(record["classes"], int, 0, MOST_CLASSES)
    if kind not in ("probability", "logit", "value") or classes == 1 or (classes and kind == "value"):
        raise ValueError("its predictions are of no kind")
    losses = record["losses"]
    if not isinstance(losses, list) or len(losses) > MOST_LOSSES:
        raise ValueError("its losses are none")
    clip, weights, only = record["clip"], record["class_weights"], record["only"]
    label, low, high = (None if x is None else _within(x, float, -math.inf, math.inf) for x in only[:3])
    found = Question(
        kind,
        tuple(_criterion(loss, classes) for loss in losses),
        classes,
        _texts(record["names"], MOST_CLASSES),
        bins=_within(record["bins"], int, 1, MOST_BINS),
        threshold=_within(record["threshold"], float, 0.0, 1.0),
        worst=_within(record["worst"], int, 1, MOST_WORST),
        temperature=_within(record["temperature"], float, 1e-6, 1e6),
        clip=None if clip is None else _clip(clip, kind, classes),
        weighted=_flag(record["weighted"]),
        only=Filter(label, None, low, high, tuple(map(Holding, _texts(only[3], MOST_LOSSES)))),
        keep=_within(record["keep"], int, 0, MOST_KEPT),
        class_weights=None if weights is None else tuple(_within(w, float, 0.0, 1e300) for w in weights),
        forecast=None if record["forecast"] is None else _forecast(record["forecast"], kind),
    )
    if found.class_weights is not None and (len(found.class_weights) != classes or not sum(found.class_weights)):
        raise ValueError("its class weights are none")
    if found.names and len(found.names) != classes:
        raise ValueError("its classes have other names")
    return found


def _criterion(record: Mapping[str, Any], classes: int) -> Criterion | ClassCriterion:
    name, params = record["loss"], record["params"]
    smoothing = _within(record["smoothing"], float, 0.0, 1.0)
    if classes:
        if record["over"] not in ("all", "others"):
            raise ValueError("its smoothing is over nothing")
        of_classes = SOFTMAX_LOSSES[name]
        return ClassCriterion(of_classes, tuple(of_classes.complete(params).items()), smoothing, record["over"])
    loss = defined(record["definition"]) if record["definition"] else LOSSES[name]
    if loss.id != name:
        raise ValueError("a loss has two names")
    return Criterion(loss, tuple(loss.complete(params).items()), smoothing, _flag(record["of_score"]))


def _clip(record: Sequence[Any], kind: str, classes: int) -> Clip:
    name, eps, log = record
    clip = Clip(
        None if name is None else _texts([name], 1)[0],
        None if eps is None else _within(eps, float, 0.0, 0.5),
        None if log is None else _within(log, float, -1e6, 0.0),
    )
    if kind == "value" or (classes and (clip.eps is None or clip.eps * classes >= 1)):
        raise ValueError("its clip means nothing")
    return clip


def _forecast(record: Sequence[Any], kind: str) -> Forecast:
    shape, levels = record
    if kind != "value" or shape not in ("quantiles", "normal") or not isinstance(levels, list):
        raise ValueError("its distributions are of no shape")
    found = tuple(_within(level, float, 0.0, 1.0) for level in levels)
    check_levels(found)
    return Forecast(shape, found)


def check_levels(levels: Sequence[float]) -> None:
    """See whether there are levels of quantiles.

    Raises:
        ValueError: there are none, and what would be right.
    """
    good = 2 <= len(levels) <= MOST_LEVELS and all(0 < level < 1 for level in levels)
    if not good or any(a >= b for a, b in pairwise(levels)):
        raise ValueError("levels of quantiles are two or more different numbers between 0 and 1, such as .05 and .95")


def _within(value: Any, kind: type[N], low: float, high: float) -> N:
    is_number = isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    if not is_number or not low <= value <= high:
        raise ValueError("a number of it is out of range")
    found: N = kind(value)
    return found


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("a yes or no of it is neither")
    return value


def _texts(values: object, most: int) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) > most or not all(isinstance(text, str) for text in values):
        raise ValueError("its names are none")
    return tuple(values)


# ---- what is counted ------------------------------------------------------------------------------------------------


def pack_counted(packer: Packer, question: Question, counted: Counted | None) -> Counted:
    """Give what was counted, or take it: rows that are kept are counted anew, so that no sum of theirs is believed.

    Args:
        packer: what writes, or reads.
        question: what was asked.
        counted: what is written.

    Raises:
        ValueError: what is read is none.
    """
    if packer.flag(counted is not None and counted.kept is not None):
        given = None if counted is None else _kept_rows(counted)
        examples = _pack_rows(packer, question, given)
        if counted is None:
            counted = ClassSummary(question) if question.classes else BinarySummary(question)
            counted.add(examples)
        return counted
    if counted is None:
        counted = ClassSummary(question, keeping=False) if question.classes else BinarySummary(question, counting=True)
    counted.rows, counted.clipped = packer.count(counted.rows), packer.count(counted.clipped)
    counted.weight_sum.pack(packer)
    for tally in counted.tallies:
        tally.pack(packer)
        if tally.moments.count + tally.undefined != counted.rows:
            raise ValueError("its sums are of other rows")
    if isinstance(counted, BinarySummary):
        counted.hard = packer.flag(counted.hard)
        counted.label_sum.pack(packer)
        counted.decided = packer.counts(counted.decided, counted.decided.shape)
    else:
        counted.matrix = packer.counts(counted.matrix, counted.matrix.shape)
        counted.mass.pack(packer)
        for moments in counted.by_class or ():
            moments.pack(packer)
    if counted.bins is not None and counted.bars is not None:
        counted.bins.pack(packer)
        counted.bars = packer.counts(counted.bars, counted.bars.shape)
        if int(counted.bins.count.sum()) != counted.rows or int(counted.bars.sum()) != counted.rows:
            raise ValueError("its bins are of other rows")
    if counted.weighted is not None:
        counted.weighted.pack(packer)
    for part in counted.spiegelhalter if isinstance(counted, BinarySummary) else ():
        part.pack(packer)
    if isinstance(counted, BinarySummary) and counted.values is not None:
        counted.values.pack(packer, counted.rows)
    unclipped = counted.unclipped if isinstance(counted, BinarySummary) else None
    ordered = isinstance(counted, ClassSummary) or counted.hard  # soft labels have no cells
    for cells in (*((counted.cells, unclipped) if ordered else ()), *(counted.sizes or ())):
        if cells is not None:
            cells.pack(packer)
    return counted


def _kept_rows(counted: Counted) -> Examples:
    kept: Any = counted.kept
    wide = (0, counted.question.classes) if counted.question.classes else (0,)
    forecast = counted.question.forecast
    rows = [np.asarray(part, np.int64) for part in kept.row]
    return Examples(
        np.concatenate([np.empty(0, np.int64), *rows]),
        np.concatenate([np.empty(0), *kept.label]),
        np.concatenate([np.empty(wide), *kept.given]),
        np.concatenate([np.empty(0), *kept.weight]) if counted.question.weighted else None,
        told=np.concatenate([np.empty((0, _width(forecast))), *kept.told]) if forecast is not None else None,
    )


def _width(forecast: Forecast) -> int:
    # numbers that tell the distribution of a row
    return 1 if forecast.is_normal else len(forecast.levels)


def _pack_rows(packer: Packer, question: Question, given: Examples | None) -> Examples:
    steps = packer.counts(None if given is None else np.diff(given.row, prepend=0))  # of few bytes once compressed
    n = len(steps)
    if steps.sum(dtype=np.float64) > 2**60 or n > 3 * question.keep + 1:
        raise ValueError("its rows are too many")
    with np.errstate(invalid="ignore"):
        whole = packer.flag(given is not None and bool((given.label == given.label.astype(np.int8)).all()))
    label = packer.array(None if given is None else given.label, np.int8 if whole else np.float64, (n,))
    shape = (n, question.classes) if question.classes else (n,)
    prediction = packer.reals(None if given is None else given.prediction, shape)
    weight = packer.reals(None if given is None else given.weight, (n,)) if question.weighted else None
    forecast, told = question.forecast, None
    if forecast is not None:
        told = packer.reals(None if given is None else given.told, (n, _width(forecast)))
    examples = Examples(np.cumsum(steps), label.astype(np.float64), prediction, weight, told=told)
    if packer.reads:
        check_examples(examples, question)
    return examples


def check_examples(examples: Examples, question: Question) -> None:
    """See whether examples are what a question is of.

    Raises:
        ValueError: which is not, and what would be right.
    """
    label, prediction, weight = examples.label, examples.prediction, examples.weight
    k = question.classes
    if k:
        _all(label, (label >= 0) & (label < k) & (label == np.floor(label)), f"a class is 0 to {k - 1}")
    elif question.kind != "value":
        _all(label, (label >= 0) & (label <= 1), "a label of a probability is from 0 to 1")
    else:
        _all(label, np.isfinite(label), "a label is a finite number")
    if question.kind == "probability":
        _all(prediction, (prediction >= 0) & (prediction <= 1), "a probability is from 0 to 1")
    elif question.kind == "value":
        _all(prediction, np.isfinite(prediction), "a value is a finite number")
    else:
        _all(prediction, ~np.isnan(prediction) & ((prediction < np.inf) if k else True), "a logit is a number")
    if question.forecast is not None and examples.told is not None:
        _all(examples.told, np.isfinite(examples.told), "a quantile or a standard deviation is a finite number")
        if question.forecast.is_normal:
            _all(examples.told, examples.told > 0, "a standard deviation is above 0")
    if weight is not None:
        _all(weight, (weight >= 0) & np.isfinite(weight), "a weight is a finite number from 0")
        held = (weight == 0) | ((weight >= LEAST_WEIGHT) & (weight <= LARGEST_WEIGHT))
        _all(weight, held, "a weight is 0, or from 1e−150 to 1e150")


def _all(values: Array, good: Any, right: str) -> None:
    if not good.all():
        at = np.argwhere(~good)[0]
        raise ValueError(f"{right}, not {values[tuple(at)]:g} (row {int(at[0]) + 1:,})")


def moved(counted: Counted, by: int) -> Counted:
    """The same counts of rows that come after so many others."""
    if not by:
        return counted
    found: Any = copy(counted)
    found.tallies = [copy(tally) for tally in counted.tallies]
    for tally in found.tallies:
        tally.worst = None if tally.worst is None else tally.worst.moved(by)
    if found.kept is not None:
        found.kept = replace(found.kept, row=[_after(part, by) for part in found.kept.row])
    if isinstance(found, BinarySummary) and found.values is not None:
        sample = found.values.sample
        if found.kept is None or sample.has_all:
            sample = sample.moved(by)
        else:  # which rows are in it depends on their numbers
            sample = Sample(sample.most)
            sample.add(replace(_kept_rows(found), told=None))
        found.values = found.values.with_sample(sample)
    result: Counted = found
    return result


def _after(numbers: RowNumbers, by: int) -> RowNumbers:
    return range(numbers.start + by, numbers.stop + by) if isinstance(numbers, range) else numbers + by


def together(parts: Sequence[Counted]) -> Counted:
    """What was counted of one and the same question, in the order of the rows; the parts stay as they are."""
    question = parts[0].question
    total: Any = ClassSummary(question) if question.classes else BinarySummary(question)
    for part in parts:
        total.merge(part)
    found: Counted = total
    return found

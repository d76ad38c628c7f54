"""Sums of many segments at once, in integers: the same numbers whatever the batches, their order, and the threads.

What is summed of a row is cut into two whole numbers of a fixed unit, which the largest of all rows gives: adding them
rounds nothing, and 72 bits of each are left.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.statistics.binary_sums import read_predictions
from lossterm.core.statistics.calibration import Binning, equal_width
from lossterm.core.statistics.class_sums import judge_classes, predicted, tops
from lossterm.core.statistics.criterion import CHUNK, Criterion, judge
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.question import Question, class_criterion, log_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

BITS = 36
"""Bits of each of the two whole numbers: `CHUNK` of them add up within the 53 of a double."""

LARGE, SPAN = 1e6, 40
"""Where numbers are beyond the first, those that are 2 to this power times smaller than the largest lose digits."""

OF_LOSS = ("wl", "w2l2")
"""Sums that tell a mean loss and its standard error."""

OF_LOSS_WEIGHTED = ("wf", "wl", "w2f", "w2l", "w2l2")
"""The same where there are weights."""

OF_ALL = (*OF_LOSS, "wy", "wp", "w2d", "w2d2", "w2dy", "w2y2", "zn", "zv", "wc")
OF_ALL_WEIGHTED = (*OF_LOSS_WEIGHTED, "w", "w2", *OF_ALL[2:])
"""Sums that tell every figure of a segment."""

OF_BINS = ("wp", "wy", "w2v")
"""Sums of each bin: predictions, labels, and p(1 − p)."""


@dataclass(frozen=True, eq=False)
class Terms:
    """What is summed of some rows: of row i ``terms[name][i]``.

    Weights are w, losses l (0 where that is not finite), f is 1 where it is; y is the label and p the prediction (of K
    classes whether the top class is right, and its confidence), d = p − y; ``zn`` and ``zv`` are the two sums of
    Spiegelhalter's test, ``w2v`` is w²p(1 − p); c is whether the widest interval of a forecast holds the label.

    Attributes:
        terms: by name, ``(n,)`` each.
        bins: the bin of each row; None for plain values.
        finite: whether the loss is finite.
        infinite: whether it is ∞.
        hard: whether every label is 0 or 1.
    """

    terms: Mapping[str, Array]
    bins: NDArray[np.intp] | None
    finite: NDArray[np.bool_]
    infinite: NDArray[np.bool_]
    hard: bool

    def __len__(self) -> int:
        return len(self.finite)


def terms_of(examples: Examples, question: Question, binning: Binning | None = None) -> Terms:
    """What is summed of a batch, which the question's filter has let through."""
    with np.errstate(all="ignore"):  # what is beyond every double makes the figures of it undefined
        return _terms(examples, question, binning)


def _terms(examples: Examples, question: Question, binning: Binning | None) -> Terms:
    y, p, loss = _read(examples, question)
    finite, infinite = np.isfinite(loss), loss == np.inf
    loss = np.where(finite, loss, 0.0)
    w = examples.weight
    d = p - y
    f = finite.astype(np.float64)
    terms = {"wl": loss, "w2l2": loss * loss, "wy": y, "wp": p, "w2d": d, "w2d2": d * d, "w2dy": d * y, "w2y2": y * y}
    if question.kind != "value":
        spread = p * (1.0 - p)
        side = 1.0 - 2.0 * p
        terms |= {"zn": -d * side, "zv": side * side * spread, "w2v": spread}
    if question.forecast is not None and question.forecast.intervals and examples.told is not None:
        widest = question.forecast.intervals[0]
        q = question.forecast.quantiles(p, examples.told)
        terms["wc"] = ((q[:, widest.low] <= y) & (y <= q[:, widest.high])).astype(np.float64)
    if w is not None:
        w2 = w * w
        terms["w2l"] = loss
        terms = {name: x * (w2 if name.startswith("w2") or name == "zv" else w) for name, x in terms.items()}
        terms |= {"w": w, "w2": w2, "wf": w * f, "w2f": w2 * f}
    where = binning(np.clip(p, 0.0, 1.0)) if binning is not None and question.kind != "value" else None
    return Terms(terms, where, finite, infinite, bool(((y == 0) | (y == 1)).all()))


def passing(examples: Examples, question: Question) -> Examples:
    """The examples that the filter lets through."""
    if question.classes:
        p = predicted(examples.prediction, question.unscaled())
        return question.only.of(examples, tops(p.p, examples.label)[0])
    return question.only.of(examples, read_predictions(examples.prediction, question.unscaled())[2])


def _read(examples: Examples, question: Question) -> tuple[Array, Array, Array]:
    # label, prediction and loss of each row
    label = examples.label
    if question.classes:
        confidence, right = tops(predicted(examples.prediction, question).p, label)
        criterion = class_criterion("cross-entropy")
        [(loss, _)] = judge_classes((criterion,), examples.prediction, label, question, slope=False)
        return right.astype(np.float64), confidence, loss
    _, logit, p = read_predictions(examples.prediction, question)
    as_given = p if question.kind == "probability" and question.temperature == 1 else None
    [(loss, _)] = judge(
        (judging(question),), question.link, logit, label, slope=False, probability=as_given, floor=question.floor
    )
    return label.astype(np.float64), p, loss


def judging(question: Question) -> Criterion:
    """The loss that tells how bad a segment is: the log loss, of plain values the first that is asked for."""
    if question.kind != "value":
        return log_loss()
    return next(c for c in question.criteria if isinstance(c, Criterion))


def in_chunks(count: int) -> Iterator[slice]:
    """Cuts rows into so few that their parts add up without rounding."""
    for start in range(0, count, CHUNK):
        yield slice(start, min(start + CHUNK, count))


class Units:
    """The unit of each term, from the largest of all rows, found in a pass of its own; it merges.

    Attributes:
        rows: how many rows were seen.
        hard: whether every label is 0 or 1.
        infinite: how many losses are ∞.
        undefined: how many there are not.
    """

    def __init__(self) -> None:
        self.rows = self.infinite = self.undefined = 0
        self.hard = True
        self._largest: dict[str, float] = {}
        self._least = math.inf

    def add(self, terms: Terms) -> None:
        """See some rows."""
        self.rows += len(terms)
        self.hard &= terms.hard
        self.infinite += int(np.count_nonzero(terms.infinite))
        self.undefined += int(np.count_nonzero(~terms.finite & ~terms.infinite))
        for name, x in terms.terms.items():
            if len(x):
                top = max(-float(x.min()), float(x.max()))
                self._largest[name] = max(self._largest.get(name, 0.0), top if top == top else math.inf)

        if not terms.hard:
            for name in ("wy", "wp"):
                sizes = np.abs(terms.terms[name])
                self._least = min(self._least, float(sizes.min(initial=math.inf, where=sizes > 0)))

    @property
    def coarse(self) -> bool:
        """Whether digits are lost of numbers far below the largest: of probabilities they are none to be seen."""
        top = max(self._largest.get(name, 0.0) for name in ("wy", "wp"))
        return top > LARGE and self._least < top * 2.0**-SPAN

    @property
    def bits(self) -> int:
        """Bits of each part: fewer where so many rows would not add up in 63."""
        return min(BITS, 62 - self.rows.bit_length())

    def exponent(self, name: str) -> int | None:
        """A power of two that no term reaches; None where one is beyond every double."""
        top = self._largest.get(name, 0.0)
        return max(math.frexp(top)[1], -800) if math.isfinite(top) else None

    def parts(self, name: str, terms: Terms) -> list[Array]:
        """The two whole numbers of each row."""
        exponent = self.exponent(name)
        if exponent is None:
            return [np.zeros(len(terms))] * 2
        scaled = terms.terms[name] * math.ldexp(1.0, self.bits - exponent)
        leading = np.rint(scaled)
        return [leading, np.rint((scaled - leading) * 2.0**self.bits)]

    def value(self, name: str, leading: int, rest: int) -> Fraction | None:
        """A sum of the two parts as the number it is."""
        exponent = self.exponent(name)
        if exponent is None:
            return None
        return Fraction((leading << self.bits) + rest) * Fraction(2) ** (exponent - 2 * self.bits)

    def about(self, name: str, parts: NDArray[np.int64]) -> NDArray[np.longdouble]:
        """Sums ``(2, cells)`` as numbers, to the precision of the machine's widest."""
        exponent = self.exponent(name)
        if exponent is None:
            return np.full(parts.shape[1:], np.nan, dtype=np.longdouble)
        sums = np.ldexp(parts[0].astype(np.longdouble), self.bits) + parts[1].astype(np.longdouble)
        found: NDArray[np.longdouble] = np.ldexp(sums, exponent - 2 * self.bits)
        return found


class Parts:
    """The parts of the terms of some rows, cut once for all the tables that they are counted in."""

    def __init__(self, terms: Terms, units: Units, names: Sequence[str], *, binned: bool) -> None:
        self.terms = terms
        names = [name for name in names if name in terms.terms]
        self.parts = {name: units.parts(name, terms) for name in names}
        bins = OF_BINS if binned and terms.bins is not None else ()
        self.binned = {name: self.parts.get(name) or units.parts(name, terms) for name in bins}


class SegmentSums:
    """Sums by cell, a cell a segment.

    Args:
        units: of the terms.
        names: which terms are summed.
        cells: how many segments.
        bins: how many bins each has; 0 for none.
    """

    def __init__(self, units: Units, names: Sequence[str], cells: int, bins: int = 0) -> None:
        self.units, self.names, self.cells, self.bins = units, names, cells, bins
        self.rows = np.zeros(cells, np.int64)
        self.finite = np.zeros(cells, np.int64)
        self.infinite = np.zeros(cells, np.int64)
        self._sums = {name: np.zeros((2, cells), np.int64) for name in names}
        self._binned = {name: np.zeros((2, cells * bins), np.int64) for name in (OF_BINS if bins else ())}
        self._counted = np.zeros(cells * bins, np.int64)

    def add(self, code: NDArray[np.intp], parts: Parts, which: NDArray[np.intp] | None = None) -> None:
        """Count rows.

        Args:
            code: the cell of each.
            parts: what is summed of them.
            which: of these the rows that are meant, each with its code; all where nothing is said.
        """

        def taken(x: NDArray[Any]) -> NDArray[Any]:
            return x if which is None else x[which]

        terms, cells = parts.terms, self.cells
        self.rows += (rows := np.bincount(code, minlength=cells))
        finite = taken(terms.finite)
        if finite.all():
            self.finite += rows
        else:
            self.finite += np.bincount(code[finite], minlength=cells)
            self.infinite += np.bincount(code[taken(terms.infinite)], minlength=cells)
        for name, both in parts.parts.items():
            if name in self._sums:
                for part, x in enumerate(both):
                    self._sums[name][part] += np.bincount(code, taken(x), minlength=cells).astype(np.int64)
        if self.bins and terms.bins is not None:
            place = code * self.bins + taken(terms.bins)
            self._counted += np.bincount(place, minlength=len(self._counted))
            for name, both in parts.binned.items():
                for part, x in enumerate(both):
                    counted = np.bincount(place, taken(x), minlength=len(self._counted))
                    self._binned[name][part] += counted.astype(np.int64)

    def about(self, name: str) -> NDArray[np.longdouble]:
        """The sums of a term, a cell each."""
        return self.units.about(name, self._sums[name])

    def sum(self, name: str, cell: int) -> Fraction | None:
        """A sum of a cell, exactly; None where terms are beyond every double, or are not summed."""
        if name not in self._sums:
            return None
        leading, rest = self._sums[name][:, cell].tolist()
        return self.units.value(name, leading, rest)

    def in_bins(self, cell: int) -> list[tuple[Fraction, Fraction, Fraction]]:
        """Of each bin that is not empty the sums of `OF_BINS`."""
        found = []
        for place in range(cell * self.bins, (cell + 1) * self.bins):
            if self._counted[place]:
                sums = [self.units.value(name, *self._binned[name][:, place].tolist()) for name in OF_BINS]
                found.append(tuple(x if x is not None else Fraction(0) for x in sums))
        return found  # type: ignore[return-value]


def new_binning(question: Question) -> Binning | None:
    """The bins of equal width; None for plain values."""
    return None if question.kind == "value" else Binning(equal_width(question.bins))

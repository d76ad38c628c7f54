"""The figures that need every row at once: rankings, temperatures, Platt's line, and the calibration after scaling.

They come from the columns that were kept or, where there were too many rows, from a sketch, each with its error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from lossterm.core.activations import logistic
from lossterm.core.bulk import CHUNK, Criterion, judge
from lossterm.core.calibration import BinCounts, Binning, Reliability, equal_mass, equal_mass_of, equal_width
from lossterm.core.conclude_losses import concentration
from lossterm.core.exact import ExactSum
from lossterm.core.findings import WORST_SHARE, Calibration, Estimate
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.platt import Platt, fit_platt
from lossterm.core.question import Question, log_loss
from lossterm.core.ranking import Ranked
from lossterm.core.scaling import fit_temperature
from lossterm.core.sketch import Sketch
from lossterm.core.summary import Summary, read_predictions

SOFT = "labels are not all 0 or 1"
ONE_CLASS = "every label is the same"


@dataclass(frozen=True, eq=False)
class Points:
    """What a figure is computed from: the examples, or the bins of a sketch.

    Attributes:
        logit: z, ``(n,)``.
        label: y, ``(n,)``.
        count: for how many examples each stands, ``(n,)``; None where each is one.
        edges: where each stands for many the logits at the edges of bins of equal counts, ascending.
    """

    logit: Array
    label: Array
    count: Array | None = None
    edges: Array | None = None

    def chunks(self) -> Iterator[tuple[Array, Array]]:
        """Parts of bounded size."""
        for start in range(0, len(self.logit), CHUNK):
            part = slice(start, start + CHUNK)
            yield self.logit[part], self.label[part]

    def calibration(self, change: Callable[[Array], Array], bins: int) -> Calibration:
        """The calibration of ``σ(change(z))``, a line through the logits, over both kinds of bins."""
        question = Question("logit", (log_loss(),))
        predictions, values, total = [], [], ExactSum()
        counts = BinCounts(equal_width(bins))
        for logit, label in self.chunks():
            with np.errstate(over="ignore"):
                scaled = change(logit)
            prediction = logistic(scaled)
            ((value, _),) = judge(question.judged, question.link, scaled, label, slope=False)
            predictions.append(prediction)
            if self.count is None:
                counts.add(prediction, label)
                total.add(value)
            else:
                values.append(value)
        p = np.concatenate(predictions)
        if self.count is None:
            width = Reliability.of(counts)
            mass = BinCounts(equal_mass_of(p, bins))
            mass.add(p, self.label)
            return Calibration(total.divided_by(len(self.logit)), width.brier, width, Reliability.of(mass))
        value, n = np.concatenate(values), self.count
        width = _counted_reliability(p, self.label, n, counts.binning)
        with np.errstate(invalid="ignore"):
            mean = float((value * n).sum() / n.sum())
        return Calibration(mean, width.brier, width, self.by_mass(change))

    def by_mass(self, change: Callable[[Array], Array]) -> Reliability | None:
        """The reliability of ``σ(change(z))`` over bins of equal counts, as well as their edges are known."""
        if self.edges is None or self.count is None:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            prediction, edges = logistic(change(self.logit)), np.sort(logistic(change(self.edges)))
        edges[0], edges[-1] = min(edges[0], prediction.min()), max(edges[-1], prediction.max())
        return _counted_reliability(prediction, self.label, self.count, Binning(np.maximum.accumulate(edges)))


def _counted_reliability(p: Array, y: Array, n: Array, binning: Binning) -> Reliability:
    # of points that each stand for n examples
    place = binning(p)
    sums = [np.bincount(place, n * x, minlength=binning.bins) for x in (1.0, p, y)]
    held = np.flatnonzero(sums[0])
    count, confidence, frequency = sums[0][held], sums[1][held] / sums[0][held], sums[2][held] / sums[0][held]
    return Reliability(
        binning.edges[held],
        binning.edges[held + 1],
        count.astype(np.int64),
        confidence,
        frequency,
        confidence - frequency,
        float((n * (p - y) ** 2).sum() / n.sum()),
        None,
    )


@dataclass(frozen=True, eq=False)
class EveryRow:
    """The figures that need every row at once."""

    shares: Sequence[tuple[Estimate, Array | None]]
    auroc: Estimate
    temperature: Estimate
    tempered: Calibration | None
    platt: Platt
    scaled: Calibration | None
    mass: Reliability | None
    ranked: Ranked | None
    note: str = ""


def of_rows(summary: Summary, executor: Executor) -> EveryRow:
    """From the columns that were kept."""
    question, kept = summary.question, summary.kept
    assert kept is not None

    def held(loss: int) -> tuple[Estimate, Array]:
        sizes = kept.sizes(loss)
        return concentration(sizes), sizes

    holding = [executor.submit(held, i) for i in range(len(question.criteria))]  # while the logits are made
    given, label = kept.predictions()
    _, logit, prediction = read_predictions(given, question)
    points = Points(logit, label)
    ranking = executor.submit(_ranked, prediction, label, question.bins, hard=summary.hard)
    tempering = executor.submit(_tempered, points, question)
    scaling = executor.submit(_scaled, points, question, hard=summary.hard)
    shares = [one.result() for one in holding]
    ranked, auroc, mass = ranking.result()
    return EveryRow(shares, auroc, *tempering.result(), *scaling.result(), mass, ranked)


def _ranked(p: Array, y: Array, bins: int, *, hard: bool) -> tuple[Ranked | None, Estimate, Reliability]:
    if hard:
        ranked = Ranked.of(p, y)
        auroc = ranked.auroc
        found = Estimate(auroc, reason="" if auroc is not None else ONE_CLASS)
        edges = equal_mass(ranked.ordered, bins)
    else:
        ranked, found, edges = None, Estimate(None, reason=SOFT), equal_mass_of(p, bins)
    counts = BinCounts(edges)
    counts.add(p, y)
    return ranked, found, Reliability.of(counts)


def of_file(found: Estimate, question: Question) -> Estimate:
    """A temperature that fits logits at the question's temperature, as one of the file's own logits."""
    if found.value is None:
        return found
    return Estimate(found.value * question.temperature, found.error * question.temperature)


def _line_of_file(found: Platt, question: Question) -> Platt:
    # the same for the line: az/T + b is (a/T)z + b
    return found if found.a is None else Platt(found.a / question.temperature, found.b)


def _tempered(points: Points, question: Question) -> tuple[Estimate, Calibration | None]:
    found = fit_temperature(points.logit, points.label)
    if found.value is None:
        return Estimate(None, reason=found.reason), None
    beta = 1 / found.value
    return of_file(Estimate(found.value), question), points.calibration(lambda z: beta * z, question.bins)


def _scaled(points: Points, question: Question, *, hard: bool) -> tuple[Platt, Calibration | None]:
    found = fit_platt(points.logit, points.label) if hard else Platt(None, None, SOFT)
    return _line_of_file(found, question), _on_line(found, points, question.bins)


def _on_line(found: Platt, points: Points, bins: int) -> Calibration | None:
    a, b = found.a, found.b
    if a is None or b is None:
        return None
    return points.calibration(lambda z: a * z + b if a else np.full_like(z, b), bins)  # 0·∞ is 0 here


def of_sketch(summary: Summary, check: Callable[[], None]) -> EveryRow:
    """From the sketch, or from nothing where labels are soft."""
    question, sketch = summary.question, summary.sketch
    if sketch is None or not summary.hard:
        none = Estimate(None, reason=f"soft labels of more than {question.keep:,} rows")
        shares: list[tuple[Estimate, Array | None]] = [(none, None)] * len(question.criteria)
        return EveryRow(shares, none, none, None, Platt(None, None, none.reason), None, None, None, none.reason)
    shares = []
    for criterion in question.judged[: len(question.criteria)]:
        check()
        shares.append((_sketched_share(sketch, question, criterion), None))
    area = sketch.auroc()
    check()
    temperature, temperature_error = sketch.temperature()
    check()
    bins, found = sketch.points(), temperature.value
    edges, _ = sketch.percentiles(np.linspace(0, 100, question.bins + 1))
    with np.errstate(divide="ignore"):
        points = Points(bins.logit, bins.label, bins.count.astype(float), np.log(edges) - np.log1p(-edges))
    tempered = None if found is None else points.calibration(lambda z: z / found, question.bins)
    check()
    platt, _ = sketch.platt()
    check()
    return EveryRow(
        shares,
        Estimate(*area) if area is not None else Estimate(None, reason=ONE_CLASS),
        of_file(Estimate(found, temperature_error if found is not None else 0.0, temperature.reason), question),
        tempered,
        _line_of_file(platt, question),
        _on_line(platt, points, question.bins),
        points.by_mass(lambda z: z),
        None,
        f"more than {question.keep:,} rows: figures with ± and those after scaling are {sketch.note}",
    )


def _sketched_share(sketch: Sketch, question: Question, criterion: Criterion) -> Estimate:
    def slopes(logit: Array, label: Array) -> Array:
        ((_, slope),) = judge((criterion,), question.link, logit, label)
        return np.abs(slope)

    found = sketch.share(slopes, WORST_SHARE)
    return Estimate(*found) if found else Estimate(None, reason="the loss has no gradient, or not everywhere")

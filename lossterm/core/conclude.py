"""From the sums of a file to its figures: rankings, temperatures, shares, and what scaling would change."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from lossterm.core.activations import logistic
from lossterm.core.bulk import CHUNK, Criterion, judge
from lossterm.core.calibration import BinCounts, Binning, Reliability, equal_mass, equal_width
from lossterm.core.concentration import share
from lossterm.core.exact import ExactSum
from lossterm.core.findings import WORST_SHARE, Calibration, Estimate, Findings, LossFinding
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.multiclass import ClassSummary
from lossterm.core.platt import Platt, fit_platt
from lossterm.core.question import Question, log_loss
from lossterm.core.ranking import Confusion, Ranked
from lossterm.core.scaling import fit_temperature
from lossterm.core.size_sketch import SizeSketch
from lossterm.core.sketch import Sketch
from lossterm.core.summary import Summary, read_predictions
from lossterm.core.tally import LossTally

PLAIN = Estimate(None, reason="predictions are plain numbers")
SOFT = "labels are not all 0 or 1"
ONE_CLASS = "every label is the same"


def conclude(summary: Summary | ClassSummary, executor: Executor, check: Callable[[], None] = lambda: None) -> Findings:
    """Every figure of what has been counted.

    Args:
        summary: the sums of all batches; at least one row.
        executor: where figures that do not depend on each other are computed.
        check: called between those that take long: it raises where nobody wants to know any more.
    """
    if isinstance(summary, ClassSummary):
        from lossterm.core.conclude_classes import conclude_classes

        return conclude_classes(summary, executor)
    if summary.question.kind == "value":
        return _of_values(summary)
    return _of_probabilities(summary, executor, check)


# ---- the losses ----------------------------------------------------------------------------------------------------


def loss_finding(
    question: Question, index: int, tally: LossTally, share: Estimate, slopes: Array | None = None
) -> LossFinding:
    """What is told of one loss."""
    weights = tally.by_weight
    count = tally.moments.count
    return LossFinding(
        criterion=question.criteria[index],
        mean=tally.moments.mean if count else math.nan,
        total=tally.moments.total.value,
        standard_error=tally.moments.standard_error,
        weighted_mean=None if weights is None else weights.mean,
        weighted_standard_error=None if weights is None else weights.standard_error,
        weighted_per_example=None if weights is None else weights.mean_per_example,
        infinite=tally.infinite,
        undefined=tally.undefined,
        share=share,
        slopes=slopes,
        counts=tally.counts,
        worst=tally.worst,
    )


def concentration(sizes: Array) -> Estimate:
    """The share of Σ|∂L/∂z| that the worst hold."""
    held = share(sizes, WORST_SHARE)
    if held is None:
        undefined = np.isnan(sizes).any()
        why = "the loss has no slope for some examples" if undefined else "no example has any gradient"
        return Estimate(None, reason=why)
    return Estimate(held)


def sketched_concentration(sizes: SizeSketch) -> Estimate:
    """The same from a sketch."""
    held = sizes.share(WORST_SHARE)
    return Estimate(*held) if held is not None else Estimate(None, reason="the loss has no gradient, or not everywhere")


def infinite_notes(question: Question, tallies: list[LossTally]) -> list[str]:
    """What must be said of losses that are ∞ or undefined."""
    notes = []
    for criterion, tally in zip(question.criteria, tallies, strict=False):
        name = criterion.loss.id
        if tally.infinite:
            notes.append(f"{name} is ∞ for {_examples(tally.infinite)}: sure of what is wrong; nothing is clipped")
        if tally.undefined:
            notes.append(f"{name} means nothing for {_examples(tally.undefined)}: in none of its figures")
    return notes


def _examples(count: int) -> str:
    return f"{count:,} example{'' if count == 1 else 's'}"


def _of_values(summary: Summary) -> Findings:
    question, tallies = summary.question, summary.tallies
    if summary.kept is not None:
        _, _, slopes = summary.kept.whole()
        found: list[tuple[Estimate, Array | None]] = [(concentration(sizes), sizes) for sizes in slopes]
    else:
        found = [(sketched_concentration(sizes), None) for sizes in summary.sizes or ()]
    notes = infinite_notes(question, tallies)
    notes += ["predictions are plain numbers: no temperature divides them"] if question.temperature != 1 else []
    return Findings(
        question=question,
        rows=summary.rows,
        label_mean=summary.label_sum.divided_by(summary.rows),
        weight_sum=summary.weight_sum.value if question.weighted else None,
        hard=False,
        decided=None,
        losses=tuple(loss_finding(question, i, tallies[i], *found[i]) for i in range(len(question.criteria))),
        calibration=None,
        auroc=PLAIN,
        temperature=PLAIN,
        tempered=None,
        platt=None,
        scaled=None,
        bars=None,
        ranked=None,
        notes=tuple(notes),
    )


# ---- probabilities -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Points:
    """Logits and labels from which a figure is computed: the examples, or the bins of a sketch with their counts."""

    logit: Array
    label: Array
    count: Array | None = None

    def chunks(self) -> Iterator[tuple[Array, Array]]:
        """Parts of bounded size."""
        for start in range(0, len(self.logit), CHUNK):
            part = slice(start, start + CHUNK)
            yield self.logit[part], self.label[part]

    def calibration(self, change: Callable[[Array], Array], bins: int) -> Calibration:
        """The calibration of ``σ(change(z))``, over bins of equal width."""
        question = Question("logit", (log_loss(),))
        predictions, values, total = [], [], ExactSum()
        counts = BinCounts(equal_width(bins))
        for logit, label in self.chunks():
            with np.errstate(over="ignore"):
                scaled = change(logit)
            prediction = logistic(scaled)
            ((value, _),) = judge(question.judged, question.link, scaled, label, slope=False)
            if self.count is None:
                counts.add(prediction, label)
                total.add(value)
            else:
                predictions.append(prediction)
                values.append(value)
        if self.count is None:
            width = Reliability.of(counts)
            return Calibration(total.divided_by(len(self.logit)), width.brier, width, None)
        p, value, n = np.concatenate(predictions), np.concatenate(values), self.count
        width = _counted_reliability(p, self.label, n, counts.binning)
        with np.errstate(invalid="ignore"):
            return Calibration(float((value * n).sum() / n.sum()), width.brier, width, None)


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


def _of_probabilities(summary: Summary, executor: Executor, check: Callable[[], None]) -> Findings:
    question, tallies, rows = summary.question, summary.tallies, summary.rows
    assert summary.bins is not None
    width = Reliability.of(summary.bins)
    hard = summary.hard
    plain = tallies[question.judged.index(log_loss())]
    every_row = _every_row(summary, executor) if summary.kept is not None else _from_sketch(summary, check)
    ones = int(summary.decided[1].sum()) if hard else None
    notes = infinite_notes(question, tallies)
    if hard and ones in (0, rows):
        notes.append(f"every label is {int(bool(ones))}: there is nothing to rank")
    notes += [every_row.note] if every_row.note else []
    (true_negative, false_positive), (false_negative, true_positive) = summary.decided.tolist()
    return Findings(
        question=question,
        rows=rows,
        label_mean=summary.label_sum.divided_by(rows),
        weight_sum=summary.weight_sum.value if question.weighted else None,
        hard=hard,
        decided=Confusion(true_positive, false_positive, true_negative, false_negative) if hard else None,
        losses=tuple(
            loss_finding(question, i, tallies[i], *every_row.shares[i]) for i in range(len(question.criteria))
        ),
        calibration=Calibration(plain.moments.mean, width.brier, width, every_row.mass),
        auroc=every_row.auroc,
        temperature=every_row.temperature,
        tempered=every_row.tempered,
        platt=every_row.platt,
        scaled=every_row.scaled,
        bars=summary.bars,
        ranked=every_row.ranked,
        sketch=summary.sketch if hard else None,
        notes=tuple(notes),
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


def _every_row(summary: Summary, executor: Executor) -> EveryRow:
    question = summary.question
    assert summary.kept is not None
    given, label, slopes = summary.kept.whole()
    _, logit, prediction = read_predictions(given, question)
    points = Points(logit, label)
    ranking = executor.submit(_ranked, prediction, label, question.bins, hard=summary.hard)
    tempering = executor.submit(_tempered, points, question)
    scaling = executor.submit(_scaled, points, question, hard=summary.hard)
    slopes = slopes[: len(question.criteria)]
    shares = list(zip(executor.map(concentration, slopes), slopes, strict=True))
    ranked, auroc, mass = ranking.result()
    return EveryRow(shares, auroc, *tempering.result(), *scaling.result(), mass, ranked)


def _ranked(p: Array, y: Array, bins: int, *, hard: bool) -> tuple[Ranked | None, Estimate, Reliability]:
    if hard:
        ranked = Ranked.of(p, y)
        auroc = ranked.auroc
        found = Estimate(auroc, reason="" if auroc is not None else ONE_CLASS)
        edges = equal_mass(ranked.ordered, bins)
    else:
        ranked, found, edges = None, Estimate(None, reason=SOFT), equal_mass(np.sort(p), bins)
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


def _from_sketch(summary: Summary, check: Callable[[], None]) -> EveryRow:
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
    points = Points(bins.logit, bins.label, bins.count.astype(float))
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
        _mass_of(sketch, points, question.bins),
        None,
        f"more than {question.keep:,} rows: figures with ± and those after scaling are {sketch.note}",
    )


def _mass_of(sketch: Sketch, points: Points, bins: int) -> Reliability:
    # over bins of equal counts, as well as the sketch knows where their edges are
    assert points.count is not None
    prediction = logistic(points.logit)
    edges, _ = sketch.percentiles(np.linspace(0, 100, bins + 1))
    edges[0], edges[-1] = min(edges[0], prediction.min()), max(edges[-1], prediction.max())
    return _counted_reliability(prediction, points.label, points.count, Binning(np.maximum.accumulate(edges)))


def _sketched_share(sketch: Sketch, question: Question, criterion: Criterion) -> Estimate:
    def slopes(logit: Array, label: Array) -> Array:
        ((_, slope),) = judge((criterion,), question.link, logit, label)
        return np.abs(slope)

    found = sketch.share(slopes, WORST_SHARE)
    return Estimate(*found) if found else Estimate(None, reason="the loss has no gradient, or not everywhere")

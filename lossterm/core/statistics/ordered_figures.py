"""The figures that need every row at once: rankings, temperatures, Platt's line, and the calibration after scaling.

They come from the columns that were kept or, where there were too many rows, from counts in cells, each with its error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TypeVar

from lossterm.core.exact import ExactSum
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import logistic
from lossterm.core.statistics.binary_sums import BinarySummary, read_predictions
from lossterm.core.statistics.calibration import BinCounts, Reliability, equal_mass, equal_mass_of, equal_width
from lossterm.core.statistics.cell_figures import Line, by_mass, calibration, platt, temperature
from lossterm.core.statistics.cell_order import CellOrder, order_of
from lossterm.core.statistics.cells import Occupied
from lossterm.core.statistics.criterion import CHUNK, judge
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Calibration
from lossterm.core.statistics.loss_figures import concentration, counted_concentration
from lossterm.core.statistics.platt import Platt, fit_platt
from lossterm.core.statistics.question import Question, log_loss
from lossterm.core.statistics.ranking import Ranked
from lossterm.core.statistics.temperature import fit_temperature

SOFT = "labels are not all 0 or 1"
ONE_CLASS = "every label is the same"

T = TypeVar("T")


def calibration_of(logit: Array, label: Array, line: Line, bins: int, floor: float | None = None) -> Calibration:
    """The calibration of σ(az + b) over both kinds of bins."""
    question, predictions, total = Question("logit", (log_loss(),)), [], ExactSum()
    counts = BinCounts(equal_width(bins))
    for start in range(0, len(logit), CHUNK):
        part = slice(start, start + CHUNK)
        scaled = line.of(logit[part])
        prediction = logistic(scaled)
        ((value, _),) = judge(question.judged, question.link, scaled, label[part], slope=False, floor=floor)
        predictions.append(prediction)
        counts.add(prediction, label[part])
        total.add(value)
    p = np.concatenate(predictions)
    width = Reliability.of(counts)
    mass = BinCounts(equal_mass_of(p, bins))
    mass.add(p, label)
    return Calibration(total.divided_by(len(logit)), width.brier, width, Reliability.of(mass))


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
    cells: Occupied | None = None
    order: CellOrder | None = None
    note: str = ""


def of_rows(summary: BinarySummary, executor: Executor) -> EveryRow:
    """The figures of columns that were kept."""
    question, kept = summary.question, summary.kept
    assert kept is not None

    def held(loss: int) -> tuple[Estimate, Array]:
        sizes = kept.sizes(loss)
        return concentration(sizes), sizes

    holding = [executor.submit(held, i) for i in range(len(question.criteria))]  # while the logits are made
    given, label = kept.predictions()
    _, logit, prediction = read_predictions(given, question)
    ranked_by = prediction if question.clip is None else read_predictions(given, question.unclipped())[2]
    ranking = executor.submit(_ranked, ranked_by, prediction, label, question.bins, hard=summary.hard)
    tempering = executor.submit(_tempered, logit, label, question)
    scaling = executor.submit(_scaled, logit, label, question, hard=summary.hard)
    shares = [one.result() for one in holding]
    ranked, auroc, mass = ranking.result()
    return EveryRow(shares, auroc, *tempering.result(), *scaling.result(), mass, ranked)


def _ranked(
    ranked_by: Array, p: Array, y: Array, bins: int, *, hard: bool
) -> tuple[Ranked | None, Estimate, Reliability]:
    if hard:
        ranked = Ranked.of(ranked_by, y)
        auroc = ranked.auroc
        found = Estimate(auroc, reason="" if auroc is not None else ONE_CLASS)
        edges = equal_mass(ranked.ordered, bins) if ranked_by is p else equal_mass_of(p, bins)
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


def line_of_file(found: Platt, question: Question) -> Platt:
    """The same for the line: az/T + b is (a/T)z + b."""
    t = question.temperature
    return found if found.a is None else replace(found, a=found.a / t, a_error=found.a_error / t)


def _tempered(logit: Array, label: Array, question: Question) -> tuple[Estimate, Calibration | None]:
    found = fit_temperature(logit, label)
    if found.value is None:
        return Estimate(None, reason=found.reason), None
    after = calibration_of(logit, label, Line(1 / found.value), question.bins, question.floor)
    return of_file(Estimate(found.value), question), after


def _scaled(logit: Array, label: Array, question: Question, *, hard: bool) -> tuple[Platt, Calibration | None]:
    found = fit_platt(logit, label) if hard else Platt(None, None, SOFT)
    if found.a is None or found.b is None:
        return found, None
    return line_of_file(found, question), calibration_of(
        logit, label, Line(found.a, found.b), question.bins, question.floor
    )


def of_cells(summary: BinarySummary, executor: Executor, check: Callable[[], None]) -> EveryRow:
    """The figures of counts in cells; none, with the reason, where labels are soft."""
    question = summary.question
    if summary.cells is None or not summary.hard:
        none = Estimate(None, reason=f"soft labels of more than {question.keep:,} rows")
        shares: list[tuple[Estimate, Array | None]] = [(none, None)] * len(question.criteria)
        return EveryRow(shares, none, none, None, Platt(None, None, none.reason), None, None, None)
    cells = summary.cells.occupied()

    def fitted(fit: Callable[[Occupied], tuple[T, Line | None]]) -> tuple[T, Calibration | None]:
        found, line = fit(cells)
        check()
        return found, None if line is None else calibration(cells, line, question.bins, question.floor)

    check()
    tempering, scaling = executor.submit(fitted, temperature), executor.submit(fitted, platt)
    shares = [(counted_concentration(cells, sizes), None) for sizes in _slopes(cells, question)]
    check()
    ranked = cells if summary.unclipped is None else summary.unclipped.occupied()
    order = order_of(summary.cells if summary.unclipped is None else summary.unclipped)
    averaging = executor.submit(lambda: order.average_precision)  # it is asked for later, and known then
    area, mass = order.auroc, by_mass(cells, Line(1.0), question.bins)
    averaging.result()
    (hot, tempered), (line, scaled) = tempering.result(), scaling.result()
    return EveryRow(
        shares,
        Estimate(*area) if area is not None else Estimate(None, reason=ONE_CLASS),
        of_file(hot, question),
        tempered,
        line_of_file(line, question),
        scaled,
        mass,
        None,
        ranked,
        order,
        f"more than {question.keep:,} rows: figures with ± come from counts by the leading bits of the logit",
    )


def _slopes(cells: Occupied, question: Question) -> list[Array]:
    # |∂L/∂z| of each loss, at the least, the mean and the largest logit of each cell
    judged = question.judged[: len(question.criteria)]
    sizes = [np.empty((3, len(cells.mean))) for _ in judged]
    for i, logit in enumerate(cells.ends):
        for size, (_, slope) in zip(sizes, judge(judged, question.link, logit, cells.label), strict=True):
            size[i] = np.abs(slope)
    return sizes

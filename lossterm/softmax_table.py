"""A K-class example evaluated: what is printed of it, for people and for programs."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO

from lossterm.commands.asked import params_text
from lossterm.core.information import BITS
from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.softmax import Problem
from lossterm.core.softmax_evaluation import SoftmaxEvaluation, evaluate_as_written, evaluate_point
from lossterm.core.softmax_inputs import Target
from lossterm.numbers import significant, trimmed
from lossterm.softmax_state import SoftmaxRow

FIELDS = ("loss", "params", "value", "class", "logit", "probability", "target", "contribution", "gradient")
"""A row of the CSV: one loss and one class."""


def strict(x: float) -> float | str | None:
    """A float that JSON has: infinities as text, undefined as null."""
    if math.isnan(x):
        return None
    return x if math.isfinite(x) else "inf" if x > 0 else "-inf"


@dataclass(frozen=True, eq=False)
class SoftmaxResult:
    """Losses at a problem.

    Attributes:
        problem: the problem.
        rows: the losses.
        evaluations: each loss, in that order.
    """

    problem: Problem
    rows: tuple[SoftmaxRow, ...]
    evaluations: tuple[SoftmaxEvaluation, ...]

    @classmethod
    def of(cls, problem: Problem, rows: Sequence[SoftmaxRow]) -> SoftmaxResult:
        """Evaluate losses.

        Raises:
            ValueError: the target is none of a loss's.
        """
        results = evaluate_point(problem.point, [(row.entry, dict(row.params)) for row in rows])
        return cls(problem, tuple(rows), tuple(results))

    @cached_property
    def information(self) -> tuple[float, float, float]:
        """``H(t)``, ``KL(t‖p)`` and ``H(t, p)``, in nats."""
        point = self.problem.point
        return tuple(float(np.ravel(x)[0]) for x in (point.entropy, point.kl, point.cross_entropy))  # type: ignore[return-value]


# ---- for programs --------------------------------------------------------------------------------------------------


def document(result: SoftmaxResult) -> dict[str, object]:
    """What ``--format json`` prints."""
    point = result.problem.point
    floor, extra, whole = result.information
    return {
        "logits": _strict(result.problem.logits),
        "temperature": result.problem.temperature,
        "probabilities": _strict(point.prediction.p),
        "target": _strict(point.target.p),
        "entropy": strict(floor),
        "cross_entropy": strict(whole),
        "kl": strict(extra),
        "losses": [
            {
                "loss": row.loss,
                "params": dict(row.params),
                "value": strict(evaluation.value),
                "gradient": _strict(evaluation.gradient),
            }
            for row, evaluation in zip(result.rows, result.evaluations, strict=True)
        ],
    }


def _strict(values: Array) -> list[float | str | None]:
    return [strict(x) for x in np.ravel(values).tolist()]


def write_csv(result: SoftmaxResult, file: IO[str]) -> None:
    """One row a loss and class, with a header; what is undefined is empty."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(_records(result))


def _records(result: SoftmaxResult) -> Iterator[list[object]]:
    point = result.problem.point
    columns = [_strict(x) for x in (result.problem.logits, point.prediction.p, point.target.p)]
    for row, evaluation in zip(result.rows, result.evaluations, strict=True):
        params = params_text(dict(row.params))
        missing: list[float | str | None] = [None] * len(result.problem.logits)
        shares = missing if evaluation.contributions is None else _strict(evaluation.contributions)
        cells = zip(*columns, shares, _strict(evaluation.gradient), strict=True)
        for index, (logit, p, t, share, slope) in enumerate(cells):
            values = (logit, p, t, share, slope)
            yield [row.loss, params, strict(evaluation.value), index, *("" if v is None else v for v in values)]


# ---- for people ----------------------------------------------------------------------------------------------------


def named(row: SoftmaxRow) -> str:
    """The id with the parameters: ``focal γ=2``."""
    symbols = [p.symbol for p in row.entry.parameters]
    on = [
        f"{symbol}={trimmed(value)}" if isinstance(value, float | int) else f"{value}"
        for symbol, (_, value) in zip(symbols, row.params, strict=True)
        if value is not None and value != "sum"
    ]
    return " ".join([row.loss, *on])


def target_text(target: Target) -> str:
    """The target in words: ``class 1, smoothed ε = 0.1 over all``."""
    words = [
        "the teacher"
        if target.label is None
        else f"class {target.label}"
        if isinstance(target.label, int)
        else "a distribution"
    ]
    if target.smoothing:
        words.append(f"smoothed ε = {trimmed(target.smoothing)} over {target.over}")
    if target.teacher is not None and target.label is not None:
        words.append("with a teacher for distillation")
    return ", ".join(words)


def split_text(result: SoftmaxResult) -> list[str]:
    """``H(t, p) = H(t) + KL(t‖p)`` in nats and bits."""
    floor, extra, whole = result.information
    parts = [(whole, "H(t,p)"), (floor, "H(t)"), (extra, "KL(t‖p)")]
    lines = []
    for unit, factor in (("nats", 1.0), ("bits", BITS)):
        a, b, c = (f"{name} {significant(value * factor, 5)}" for value, name in parts)
        lines.append(f"{a} = {b} + {c} {unit}")
    return lines


def text(result: SoftmaxResult, notes: Iterable[str] = ()) -> Iterator[str]:
    """Aligned columns: each class, the split, each loss."""
    point = result.problem.point
    yield (
        f"K = {len(result.problem.logits)} · target: {target_text(result.problem.target)}"
        f" · T = {trimmed(result.problem.temperature)}"
    )
    yield from notes
    names = [f"∂/∂z {named(row)}" for row in result.rows]
    widths = [max(13, len(name) + 2) for name in names]
    yield ""
    yield f"{'class':>6}{'z':>14}{'p':>13}{'t':>13}" + "".join(f"{n:>{w}}" for n, w in zip(names, widths, strict=True))
    columns = [np.ravel(x).tolist() for x in (result.problem.logits, point.prediction.p, point.target.p)]
    slopes = [np.ravel(e.gradient).tolist() for e in result.evaluations]
    for index, (z, p, t) in enumerate(zip(*columns, strict=True)):
        line = f"{index:>6}{trimmed(z, 6):>14}{significant(p, 5):>13}{trimmed(t, 5):>13}"
        yield line + "".join(f"{significant(g[index], 5):>{w}}" for g, w in zip(slopes, widths, strict=True))
    yield ""
    yield from split_text(result)
    yield ""
    wide = max(len(named(row)) for row in result.rows)
    yield f"{'loss':<{wide}}{'L':>13}{'‖∂L/∂z‖':>13}"
    for row, evaluation in zip(result.rows, result.evaluations, strict=True):
        size = norm(evaluation.gradient)
        yield f"{named(row):<{wide}}{significant(evaluation.value, 5):>13}{significant(size, 5):>13}"


def norm(gradient: Array) -> float:
    """The Euclidean length of a gradient, without overflow; nan where any of it is undefined."""
    top = float(np.abs(gradient).max())
    if not 0 < top < math.inf:
        return top
    return top * math.sqrt(float(np.square(gradient / top).sum()))


def as_written(given: Sequence[float], target: Target, rows: Sequence[SoftmaxRow]) -> list[tuple[SoftmaxRow, float]]:
    """The losses of probabilities as they were typed, although they do not sum to 1.

    Empty where that means nothing: a target that is not one class, a loss of logits or of a teacher.
    """
    if not isinstance(target.label, int) or target.smoothing:
        return []
    plain = [row for row in rows if row.loss not in ("hinge", "distillation", "kl")]
    values = evaluate_as_written([(row.entry, dict(row.params)) for row in plain], given, target.label)
    return list(zip(plain, values, strict=True))

"""A K-class example evaluated, and swept: what is printed of it, for people and for programs."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import IO, TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.numbers import ALMOST_NOTHING, beyond, fitting, ratio, significant, trimmed
from lossterm.core.softmax.evaluation import SoftmaxEvaluation, evaluate_as_written, evaluate_point
from lossterm.core.softmax.example import SoftmaxExample, SoftmaxPoint
from lossterm.core.softmax.information import BITS
from lossterm.core.softmax.inputs import Target
from lossterm.core.softmax.rounding import denoised
from lossterm.core.softmax.underflow import lost
from lossterm.core.softmax.verdict import softmax_verdict
from lossterm.model.notation import params_cell
from lossterm.model.printing import cut, width, wrapped, writable
from lossterm.model.records import strict
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.model.text_table import TextColumn, fitted, left_out, needed
from lossterm.softmax.titles import share_name, slope_name

if TYPE_CHECKING:
    from lossterm.softmax.view import SoftmaxView

FIELDS = ("loss", "params", "value", "class", "logit", "probability", "target", "contribution", "gradient")
"""A row of the CSV: one loss and one class."""


def five_digits(x: float) -> str:
    """A number in five digits."""
    return significant(x, 5)


Evaluations = Mapping[int, SoftmaxEvaluation | None]
"""The shown rows of a view by their index; None where the loss does not take the target."""


def evaluated(view: SoftmaxView) -> Evaluations:
    """Every shown loss of a view at its example; what is nothing but rounding is 0."""
    found = dict(zip(view.fitting, _evaluated(view.example, tuple(view.rows[i] for i in view.fitting)), strict=True))
    return {i: found.get(i) for i in view.shown}


@lru_cache(maxsize=8)
def _evaluated(example: SoftmaxExample, rows: tuple[SoftmaxRow, ...]) -> tuple[SoftmaxEvaluation, ...]:
    # many keys ask again: for another class, another row, another window
    found = evaluate_point(example.point, [(row.entry, dict(row.params)) for row in rows])
    return tuple(denoised(example.point, evaluation) for evaluation in found)


@dataclass(frozen=True, eq=False)
class SoftmaxResult:
    """Losses of an example.

    Attributes:
        example: logits, target and temperature.
        rows: the losses.
        evaluations: each loss, in that order.
        reference: index of the loss that the lengths of the gradients are taken against.
    """

    example: SoftmaxExample
    rows: tuple[SoftmaxRow, ...]
    evaluations: tuple[SoftmaxEvaluation, ...]
    reference: int = 0

    @classmethod
    def of(cls, example: SoftmaxExample, rows: Sequence[SoftmaxRow], reference: int = 0) -> SoftmaxResult:
        """Evaluate losses.

        Raises:
            ValueError: the target is none of a loss's.
        """
        results = evaluate_point(example.point, [(row.entry, dict(row.params)) for row in rows])
        return cls(example, tuple(rows), tuple(results), reference)

    @cached_property
    def information(self) -> tuple[float, float, float]:
        """``H(t)``, ``KL(t‖p)`` and ``H(t, p)``, in nats."""
        point = self.example.point
        return tuple(float(np.ravel(x)[0]) for x in (point.entropy, point.kl, point.cross_entropy))  # type: ignore[return-value]

    @cached_property
    def norms(self) -> tuple[float, ...]:
        """The length of each loss's gradient."""
        return tuple(norm(evaluation.gradient) for evaluation in self.evaluations)

    @cached_property
    def verdicts(self) -> tuple[str, ...]:
        """What the numbers of each loss mean, in a few words."""
        point = self.example.point
        return tuple(
            softmax_verdict(r.entry, dict(r.params), point, e) for r, e in zip(self.rows, self.evaluations, strict=True)
        )

    @cached_property
    def told(self) -> tuple[Told, ...]:
        """The numbers of each loss in words."""
        point = self.example.point
        return tuple(told(point, r, e) for r, e in zip(self.rows, self.evaluations, strict=True))


@dataclass(frozen=True)
class Told:
    """A loss's numbers in words; what is too small for a double is told so, and not as 0.

    Attributes:
        value: of L.
        slopes: ∂L/∂z of each class, as numbers; of a thousand few are read.
        signs: of those that are too small for a double; 0 for the others.
        form: how a number is written.
        length: of the gradient.
        size: the same as a number.
    """

    value: str
    slopes: Array
    signs: Array
    form: Callable[[float], str]
    length: str
    size: float

    def slope(self, index: int) -> str:
        """∂L/∂z of a class."""
        return _written(float(self.slopes[index]), float(self.signs[index]), self.form)

    @property
    def gradient(self) -> list[str]:
        """∂L/∂z of each class."""
        return [self.slope(index) for index in range(self.slopes.size)]

    def against(self, other: float) -> str:
        """The length of the gradient against another's."""
        return ALMOST_NOTHING if self.size == 0 < other and self.length != "0" else ratio(self.size, other)


@lru_cache(maxsize=32)
def told(
    point: SoftmaxPoint, row: SoftmaxRow, evaluation: SoftmaxEvaluation, form: Callable[[float], str] = five_digits
) -> Told:
    """The numbers of a loss at a point in words; what is nothing but rounding is 0.

    Args:
        point: where.
        row: the loss.
        evaluation: its numbers there.
        form: how a number is written.
    """
    evaluation = denoised(point, evaluation)
    away = lost(point, row.entry, dict(row.params), evaluation)
    size = norm(evaluation.gradient)
    length = _written(size, float(size == 0 and away.gradient.any()), form)
    slopes = np.ravel(evaluation.gradient)
    return Told(_written(evaluation.value, away.value, form), slopes, away.gradient, form, length, size)


def _written(x: float, sign: float, form: Callable[[float], str]) -> str:
    return beyond(sign, over=False) if sign else form(x)


# ---- for programs --------------------------------------------------------------------------------------------------


def document(result: SoftmaxResult) -> dict[str, object]:
    """What ``--format json`` prints."""
    example, point, target = result.example, result.example.point, result.example.target
    floor, extra, whole = result.information
    against = result.norms[result.reference] if result.norms else math.nan
    return {
        "logits": _strict(example.logits),
        "temperature": example.temperature,
        "label": target.label if isinstance(target.label, int) else None,
        "label_distribution": list(target.label) if isinstance(target.label, tuple) else None,
        "teacher": None if target.teacher is None else [strict(z) for z in target.teacher],
        "smoothing": target.smoothing,
        "smoothing_over": target.over,
        "class_weights": None if example.class_weights is None else list(example.class_weights),
        "class_weight": strict(float(np.ravel(point.weight)[0])),
        "probabilities": _strict(point.prediction.p),
        "target": _strict(point.target.p),
        "entropy": strict(floor),
        "cross_entropy": strict(whole),
        "kl": strict(extra),
        "losses": [
            {
                **named_loss(row),
                "value": strict(evaluation.value),
                "gradient": _strict(evaluation.gradient),
                "contributions": None if evaluation.contributions is None else _strict(evaluation.contributions),
                "gradient_norm": strict(size),
                "norm_ratio": strict(quotient(size, against)),
                "in_words": said,
            }
            for row, evaluation, size, said in zip(
                result.rows, result.evaluations, result.norms, result.verdicts, strict=True
            )
        ],
    }


def named_loss(row: SoftmaxRow) -> dict[str, object]:
    """The loss and its parameters, as JSON has them."""
    return {"loss": row.loss, "params": dict(row.params)}


def quotient(size: float, against: float) -> float:
    """A length against that of the reference: ∞ against 0, undefined where both are 0 or one is not finite."""
    if not (math.isfinite(size) and math.isfinite(against)) or size == against == 0:
        return math.nan
    return size / against if against else math.inf


def _strict(values: Array) -> list[float | str | None]:
    return [strict(x) for x in np.ravel(values).tolist()]


def write_csv(result: SoftmaxResult, file: IO[str]) -> None:
    """One row a loss and class, with a header; what is undefined is empty."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows(_records(result))


def _records(result: SoftmaxResult) -> Iterator[list[object]]:
    point = result.example.point
    columns = [_strict(x) for x in (result.example.logits, point.prediction.p, point.target.p)]
    for row, evaluation in zip(result.rows, result.evaluations, strict=True):
        params = params_cell(dict(row.params))
        missing: list[float | str | None] = [None] * len(result.example.logits)
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


def weights_text(example: SoftmaxExample) -> str:
    """By what every loss is multiplied, and of which weights that is the target's; nothing where there are none."""
    weights = example.class_weights
    if weights is None:
        return ""
    listed, whole = ",".join(trimmed(w, 4) for w in weights[:10]), len(weights) <= 10
    weight = trimmed(float(np.ravel(example.point.weight)[0]), 6)
    return f" · class weights {listed}{'' if whole else ',…'}: every loss × {weight}"


def split_text(result: SoftmaxResult) -> list[str]:
    """``H(t, p) = H(t) + KL(t‖p)`` in nats and bits."""
    floor, extra, whole = result.information
    parts = [(whole, "H(t,p)"), (floor, "H(t)"), (extra, "KL(t‖p)")]
    entropy, point = SoftmaxRow.of("cross-entropy"), result.example.point
    tiny = 0.0
    if whole == 0:  # only a class that is all of the target has none: is it all of the prediction too?
        (found,) = evaluate_point(point, [(entropy.entry, dict(entropy.params))])
        tiny = lost(point, entropy.entry, dict(entropy.params), found).value
    lines = []
    for unit, factor in (("nats", 1.0), ("bits", BITS)):
        texts = [(beyond(1.0, over=False) if tiny and name != "H(t)" else significant(value * factor, 5), name)
                 for value, name in parts]  # fmt: skip
        a, b, c = (f"{name} {text}" for text, name in texts)
        lines.append(f"{a} = {b} + {c} {unit}")
    return lines


CLASS_CELL, LOGIT_CELL, CELL = 6, 11, 12
"""Columns of a class, of its logit and its target, and of any other number of a class."""


def text(result: SoftmaxResult, notes: Iterable[str] = (), view: SoftmaxView | None = None) -> Iterator[str]:
    """Aligned columns within the width of the output: each class, the split, each loss.

    Gradients that have no room beside the probabilities stand below them, with the classes once more.

    Args:
        result: the losses of an example.
        notes: said before the numbers.
        view: where a class is selected: its share of each loss and its slope are told beside the losses.
    """
    heading = (
        f"K = {len(result.example.logits)} · target: {target_text(result.example.target)}"
        f" · T = {trimmed(result.example.temperature)}{weights_text(result.example)}"
    )
    for paragraph in (heading, *notes):
        yield from wrapped(paragraph, "  ")
    yield ""
    yield from _classes(result)
    for line in split_text(result):
        yield from wrapped(line, "  ")
    yield ""
    yield from _losses(result, view)


def _classes(result: SoftmaxResult) -> Iterator[str]:
    # the classes in blocks of as many gradients as there is room for, and a blank line after each block
    point, room = result.example.point, width()
    columns = [np.ravel(x).tolist() for x in (result.example.logits, point.prediction.p, point.target.p)]
    heads = [f"{'class':>{CLASS_CELL}}{'z':>{LOGIT_CELL}}{'p':>{CELL}}{'t':>{LOGIT_CELL}}"]
    heads += [f"{index:>{CLASS_CELL}}{_fits(z):>{LOGIT_CELL}}{writable(_probability(p, z)):>{CELL}}"
              f"{_fits(t):>{LOGIT_CELL}}" for index, (z, p, t) in enumerate(zip(*columns, strict=True))]  # fmt: skip
    rest = [f"{head[:CLASS_CELL]}" for head in heads]
    blocks = [[cut(line, room) for line in heads]]
    for name, cells in _gradients(result, room - CLASS_CELL):
        column = [name, *cells]
        wide = max(CELL, len(name) + 2)
        if len(blocks[-1][0]) + wide > room:
            blocks.append(list(rest))
        blocks[-1] = [line + f"{cell:>{wide}}" for line, cell in zip(blocks[-1], column, strict=True)]
    for block in blocks:
        yield from block
        yield ""


def _gradients(result: SoftmaxResult, room: int) -> Iterator[tuple[str, list[str]]]:
    # of each loss: the head of its column, and the slope of each class
    for row, told in zip(result.rows, result.told, strict=True):
        yield cut(writable(f"∂/∂z {named(row)}"), room - 2), [writable(text) for text in told.gradient]


def _losses(result: SoftmaxResult, view: SoftmaxView | None) -> Iterator[str]:
    # each loss with its numbers; where a class is selected with those of the class, as the screen has them
    evaluations, names = result.evaluations, [named(row) for row in result.rows]
    columns = [TextColumn("loss", names), TextColumn("L", [told.value for told in result.told])]
    lengths = TextColumn("‖∂L/∂z‖", [told.length for told in result.told])
    if view is None:
        columns += [lengths]
        lines, gone = fitted(columns, width())
        yield from (*lines, *left_out(gone, needed(columns)))
        return
    k, against = view.selected, result.norms[result.reference]
    shares = [math.nan if e.contributions is None else float(np.ravel(e.contributions)[k]) for e in evaluations]
    columns += [
        TextColumn(share_name(view), [significant(x, 5) for x in shares], 3),
        TextColumn(slope_name(view), [told.gradient[k] for told in result.told]),
        replace(lengths, spare=2),
        TextColumn(f"× {result.rows[result.reference].entry.title}", [t.against(against) for t in result.told], 1),
    ]
    said = result.verdicts
    beside = fitted([*columns, TextColumn("in words", said)], width())
    lines, gone = fitted(columns, width()) if beside[1] else beside
    yield from (*lines, *left_out(gone, needed(columns)))
    if beside[1]:
        for name, text in zip(names, said, strict=True):
            yield from wrapped(f"{name}: {text}", "  ") if text else []


def norm(gradient: Array) -> float:
    """The Euclidean length of a gradient, without overflow; nan where any of it is undefined."""
    top = float(np.abs(gradient).max())
    if not 0 < top < math.inf:
        return top
    return top * math.sqrt(float(np.square(gradient / top).sum()))


def as_written(given: Sequence[float], target: Target, rows: Sequence[SoftmaxRow]) -> list[tuple[SoftmaxRow, float]]:
    """The losses of probabilities as they were typed, although they do not sum to 1.

    Empty where that means nothing: a target that is not one class, a loss of logits or of a teacher.
    Class weights are left out.
    """
    if not isinstance(target.label, int) or target.smoothing:
        return []
    plain = [row for row in rows if row.entry.reads == "probabilities" and row.loss not in ("distillation", "kl")]
    values = evaluate_as_written([(row.entry, dict(row.params)) for row in plain], given, target.label)
    return list(zip(plain, values, strict=True))


def _fits(x: float) -> str:
    text = trimmed(x, 6)
    return writable(text if len(text) < LOGIT_CELL else fitting(x, LOGIT_CELL - 1))


def _probability(p: float, logit: float) -> str:
    # 0 is that of a class that is masked; any other is too small for a double
    return significant(p, 5) if p or math.isinf(logit) else beyond(1.0, over=False)

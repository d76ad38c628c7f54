"""``lossterm.summarise``: what losses see in predictions, as a summary that merges with others and becomes bytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.names import unknown
from lossterm.core.numbers import trimmed
from lossterm.core.statistics.binary_sums import BinarySummary
from lossterm.core.statistics.carrying import MOST_BINS, MOST_KEPT, MOST_WORST, check_examples, check_levels
from lossterm.core.statistics.class_sums import ClassSummary
from lossterm.core.statistics.criterion import Criterion
from lossterm.core.statistics.examples import Examples
from lossterm.core.statistics.findings import Findings
from lossterm.core.statistics.forecast import Forecast
from lossterm.core.statistics.part import Part, merged
from lossterm.core.statistics.question import EXACT_ROWS, ClassCriterion, Question
from lossterm.files.data_frame import ArrowData, column_of, plain_column
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.notebook.asked import number_in, numbers, one_row, several_rows, whole_in
from lossterm.notebook.results import Columns, Result

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

KINDS = ("probability", "logit", "value")
"""What predictions may be."""

MOST_GROUPS = 10_000
"""Groups that a summary has at most: more tell one row from another."""

USUAL, USUAL_OF_VALUES = "cross-entropy,squared-error", "squared-error,absolute-error"

FIGURES: Mapping[str, Callable[[Findings], float | None]] = {
    "base_rate": lambda f: None if f.matrix is not None else f.label_mean,
    "accuracy": lambda f: f.accuracy,
    "log_loss": lambda f: None if f.calibration is None else f.calibration.log_loss,
    "brier": lambda f: None if f.calibration is None else f.calibration.brier,
    "ece": lambda f: None if f.calibration is None else f.calibration.width.ece,
    "mce": lambda f: None if f.calibration is None else f.calibration.width.mce,
    "auroc": lambda f: f.auroc.value,
    "average_precision": lambda f: None if f.assessment is None else f.assessment.average_precision.value,
    "temperature": lambda f: f.temperature.value,
    "bias": lambda f: None if f.values is None else f.values.bias.value,
    "mae": lambda f: None if f.values is None else f.values.mae.value,
    "rmse": lambda f: None if f.values is None else f.values.rmse,
    "r2": lambda f: None if f.values is None else f.values.r2,
    "coverage": lambda f: f.values.held[0].coverage.value if f.values is not None and f.values.held else None,
    "coverage_nominal": lambda f: f.values.held[0].nominal if f.values is not None and f.values.held else None,
    "crps": lambda f: f.values.forecast.crps.value if f.values is not None and f.values.forecast is not None else None,
    "pinball": lambda f: f.values.forecast.pinball if f.values is not None and f.values.forecast is not None else None,
}
"""What a summary tells beside its losses, by the names of ``lossterm data --format json``; None where there is none."""


class Summary(Result):
    """What the losses see in some predictions.

    Summaries of the same question add up (``a + b``, ``sum(parts)``) to what one of all rows would have been, to the
    last bit; rows that are kept for exact figures are in the order in which the parts are added.

    >>> import lossterm
    >>> parts = [lossterm.summarise([1, 0], [0.9, 0.2]), lossterm.summarise([1], [0.6])]
    >>> Summary.from_bytes(sum(parts).to_bytes())
    <Summary 3 rows · probability: cross-entropy 0.2798, squared-error 0.07>

    Args:
        part: what was counted.

    Returns:
        What tells ``rows``, ``losses``, ``standard_errors``, ``weighted_losses``, ``figures``, ``groups`` and
        ``labels``.

    Raises:
        ValueError: where a figure is asked of no rows.
    """

    def __init__(self, part: Part) -> None:
        self._part = part

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        return self._part.counted.rows

    @cached_property
    def _findings(self) -> Findings:
        return self._part.findings()

    @property
    def losses(self) -> dict[str, float]:
        """The mean of each loss, ∞ where one is, by its name with the parameters."""
        found = zip(self._names, self._findings.losses, strict=True)
        return {name: loss.mean for name, loss in found}

    @property
    def standard_errors(self) -> dict[str, float | None]:
        """Of the means; None where a loss is ∞."""
        found = zip(self._names, self._findings.losses, strict=True)
        return {name: loss.standard_error for name, loss in found}

    @property
    def weighted_losses(self) -> dict[str, float | None]:
        """Σwℓ/Σw of each loss; None where there are no weights."""
        return {name: loss.weighted_mean for name, loss in zip(self._names, self._findings.losses, strict=True)}

    @property
    def figures(self) -> dict[str, float | None]:
        """The figures of the calibration, the ranking and the decisions; None is what there is not."""
        return {name: get(self._findings) for name, get in FIGURES.items()}

    @property
    def groups(self) -> dict[str, Summary]:
        """A summary of each group, by its name."""
        return {name: Summary(part) for name, part in self._part.groups.items()}

    @property
    def labels(self) -> dict[str, Summary]:
        """A summary of each of several labels, by its name, where the file it was made of has several."""
        return {name: Summary(part) for name, part in self._part.of_labels.items()}

    @property
    def _names(self) -> list[str]:
        found = []
        for criterion in self._part.question.criteria:
            usual: Mapping[str, object] = criterion.loss.complete({})
            changed = [
                f":{n}={v:g}" if isinstance(v, float) else f":{n}={v}" for n, v in criterion.params if v != usual[n]
            ]
            found.append(criterion.loss.id + "".join(changed))
        return found

    def __add__(self, other: object) -> Summary:
        """Both as one, the rows of the other after these.

        Raises:
            ValueError: they were not asked the same.
        """
        if isinstance(other, int) and not other:  # where sum() begins
            return self
        return Summary(self._part + other._part) if isinstance(other, Summary) else NotImplemented

    __radd__ = __add__

    @classmethod
    def merge(cls, parts: Sequence[Summary]) -> Summary:
        """Many at once, faster than one after the other.

        Raises:
            ValueError: there are none, or they were not asked the same.
        """
        if not parts:
            raise ValueError("there is no summary to merge")
        return cls(merged([part._part for part in parts]))

    def to_bytes(self) -> bytes:
        """The summary as bytes, which `from_bytes` and ``lossterm data part.lossterm`` read; equal ones are equal."""
        return self._part.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Summary:
        """The summary of some bytes; nothing in them is run.

        Raises:
            ValueError: they are none, of another version, cut off or damaged.
        """
        return cls(Part.from_bytes(data))

    # ---- as it shows itself ---------------------------------------------------------------------------------------

    def columns(self) -> Columns:
        """A row a figure: its name, of which loss, its value."""
        rows: list[tuple[str, str | None, float | None]] = [("rows", None, self.rows)]
        for name, loss in zip(self._names, self._findings.losses, strict=True):
            rows += [("mean", name, loss.mean), ("standard_error", name, loss.standard_error)]
            if loss.weighted_mean is not None:
                rows.append(("weighted_mean", name, loss.weighted_mean))
        rows += [(name, None, value) for name, value in self.figures.items() if value is not None]
        figures, losses, values = zip(*rows, strict=True)
        return {
            "figure": list(figures),
            "loss": list(losses),
            "value": [None if v is None else float(v) for v in values],
        }

    def title(self) -> str:
        """How many rows, and of what kind."""
        question = self._part.question
        kind = f"{question.classes} classes" if question.classes else question.kind
        groups = f" · {len(self._part.groups):,} groups" if self._part.groups else ""
        labels = f" · {len(self._part.of_labels)} labels" if self._part.labels else ""
        return f"{self.rows:,} rows · {kind}{groups}{labels}"

    def gist(self) -> str:
        """The mean of each loss."""
        if not self.rows:
            return "nothing counted"
        return ", ".join(f"{name} {trimmed(mean)}" for name, mean in self.losses.items())


def summarise(
    labels: ArrayLike | ArrowData | str,
    predictions: ArrayLike | ArrowData | str | Sequence[str],
    *,
    quantiles: Mapping[float, ArrayLike | ArrowData | str] | None = None,
    sd: ArrayLike | ArrowData | str | None = None,
    weight: ArrayLike | ArrowData | str | None = None,
    group: Sequence[object] | ArrowData | str | None = None,
    data: Any = None,
    losses: str | Sequence[str] | None = None,
    kind: str = "probability",
    smoothing: float = 0.0,
    bins: int = 15,
    threshold: float = 0.5,
    worst: int = 20,
    keep: int = EXACT_ROWS,
) -> Summary:
    """What losses see in predictions.

    A summary of a part of the rows, made anywhere, merges with those of the others: ``sum(parts)``.

    >>> s = summarise([1, 0, 1], [0.9, 0.2, 0.6], group=["a", "b", "a"])
    >>> s.losses["squared-error"]
    0.07
    >>> s.figures["auroc"], s.groups["a"].rows
    (1.0, 2)

    Args:
        labels: 0 or 1 (or between), real numbers for ``kind="value"``, or the index of the class where there are K.
        predictions: ``(n,)``, or ``(n, K)`` of K classes.
        quantiles: of values, those of the distribution of each label: ``{0.05: low, 0.95: high}``.
        sd: instead the standard deviation of a normal distribution about each prediction, above 0.
        weight: of each row, at least 0.
        group: of each row; the summary of each is among ``groups``.
        data: where the others are names of columns: Arrow data (record batches, tables, streams), a data frame, or a
            mapping of columns. Columns of Arrow data are taken without it, too.
        losses: their names, as on the command line; those that are usual where nothing is said.
        kind: what the predictions are: probability, logit or value; it is not guessed, because parts must agree.
        smoothing: of the labels.
        bins: of the reliability.
        threshold: above which a probability means class 1.
        worst: how many of the worst examples are kept of each loss.
        keep: how many rows are kept for exact figures of their order (17 bytes a row and 8 for a weight, a
            quantile or a standard deviation); of more only counts in cells are, and such figures have an error.

    Returns:
        A `Summary`: means, figures, groups, and what merges and becomes bytes.

    Raises:
        ValueError: what is wrong, and what would be right.
        ImportError: Arrow data need polars.
    """
    if kind not in KINDS:
        raise ValueError(unknown(str(kind), "kind of prediction", KINDS))
    label = _numbers(labels, data, "labels")
    prediction = _predictions(predictions, data)
    weights = None if weight is None else _numbers(weight, data, "weight")
    named = None if group is None else _groups(group, data)
    forecast, distribution = _distribution(quantiles, sd, data, kind)
    for what, column in (("predictions", prediction), *distribution.items(), ("weight", weights), ("group", named)):
        if column is not None and len(column) != len(label):
            raise ValueError(f"{len(label):,} labels and {len(column):,} of {what}: one of each is needed for a row")
    classes = prediction.shape[1] if prediction.ndim == 2 else 0
    if classes and kind == "value":
        raise ValueError("values are one a row: K classes have probabilities or logits")
    question = Question(
        kind,  # type: ignore[arg-type]
        _criteria(losses, kind, classes, number_in(smoothing, "smoothing", 0, 1)),
        classes,
        bins=whole_in(bins, "bins", 1, MOST_BINS),
        threshold=number_in(threshold, "threshold", 0, 1),
        worst=whole_in(worst, "worst", 1, MOST_WORST),
        weighted=weights is not None,
        keep=whole_in(keep, "keep", 0, MOST_KEPT),
        forecast=forecast,
    )
    columns = np.column_stack(list(distribution.values())) if distribution else None
    examples = Examples(np.arange(1, len(label) + 1), label, prediction, weights, told=columns)
    try:
        check_examples(examples, question)
    except ValueError as problem:
        hint = (
            "; kind='logit' or kind='value' takes others" if kind == "probability" and "probab" in str(problem) else ""
        )
        raise ValueError(f"{problem}{hint}") from None
    groups = {} if named is None else _by_group(examples, named, question)
    return Summary(Part(question, _counted(examples, question), (("rows", len(label)),), groups=groups))


def _distribution(quantiles: Any, sd: Any, data: Any, kind: str) -> tuple[Forecast | None, dict[str, Array]]:
    # what the distributions are, and the columns that tell them, by what they are called in messages
    if quantiles is None and sd is None:
        return None, {}
    if kind != "value":
        raise ValueError("quantiles and sd are of values: kind='value'")
    if quantiles is None:
        return Forecast("normal"), {"sd": _numbers(sd, data, "sd")}
    if sd is not None:
        raise ValueError("the distribution of a value has quantiles or sd, not both")
    if not isinstance(quantiles, Mapping):
        raise ValueError("quantiles are columns by their levels: {0.05: low, 0.95: high}")
    columns = {number_in(level, "a level of quantiles", 0, 1): column for level, column in quantiles.items()}
    levels = tuple(sorted(columns))
    check_levels(levels)
    names = {level: f"the quantile {trimmed(level)}" for level in levels}
    return Forecast("quantiles", levels), {names[each]: _numbers(columns[each], data, names[each]) for each in levels}


def _counted(examples: Examples, question: Question) -> BinarySummary | ClassSummary:
    counted = ClassSummary(question) if question.classes else BinarySummary(question)
    counted.add(examples)
    return counted


def _by_group(examples: Examples, named: Sequence[str], question: Question) -> dict[str, Part]:
    names = list(dict.fromkeys(named))
    if len(names) > MOST_GROUPS:
        raise ValueError(f"{len(names):,} groups: {MOST_GROUPS:,} at most")
    codes = {name: i for i, name in enumerate(names)}
    code = np.array([codes[name] for name in named], dtype=np.intp)
    return {name: Part(question, _counted(examples.take(code == i), question), ()) for name, i in codes.items()}


def _criteria(
    losses: str | Sequence[str] | None, kind: str, classes: int, smoothing: float
) -> tuple[Criterion | ClassCriterion, ...]:
    asked = losses or (USUAL_OF_VALUES if kind == "value" else USUAL)
    if classes:
        names = [name for text in ([asked] if isinstance(asked, str) else asked) for name in text.split(",")]
        rows = [one_row(name, SoftmaxRow, {}) for name in names]
        return tuple(ClassCriterion(row.entry, row.params, smoothing) for row in rows)
    return tuple(
        Criterion(row.entry, row.params, smoothing, kind == "logit" and row.entry.family.reads_sign)
        for row in several_rows(asked)
    )


def _numbers(values: Any, data: Any, what: str) -> Array:
    found = numbers(plain_column(_column(values, data, what), what), what, "[0, 1, 1]")
    if found.ndim != 1:
        raise ValueError(f"{what} must be one number a row, not of shape {found.shape}")
    return found


def _predictions(values: Any, data: Any) -> Array:
    names = isinstance(values, list | tuple) and values and all(isinstance(name, str) for name in values)
    if names and data is not None:
        return np.column_stack([_numbers(name, data, "predictions") for name in values])
    found = numbers(plain_column(_column(values, data, "predictions"), "predictions"), "predictions", "[0.2, 0.9]")
    if found.ndim not in (1, 2) or (found.ndim == 2 and found.shape[1] < 2):
        raise ValueError(f"predictions are (n,), or (n, K) of K ≥ 2 classes, not of shape {found.shape}")
    return found


def _column(values: Any, data: Any, what: str) -> Any:
    if isinstance(values, str):
        if data is None:
            raise ValueError(f"{what} are numbers; a name of a column goes with data=")
        return column_of(data, values)
    return values


def _groups(values: Any, data: Any) -> list[str]:
    found = plain_column(_column(values, data, "group"), "group")
    return [name if isinstance(name, str) else trimmed(float(name)) if isinstance(name, float) else str(name)
            for name in (found.tolist() if hasattr(found, "tolist") else found)]  # fmt: skip

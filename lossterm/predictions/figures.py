"""Every statistic of a file, declared once: text, JSON, CSV, the screen and the help go through these declarations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar

from lossterm.core.numbers import MINUS, UNDEFINED, beyond, digits_apart, percent, significant
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import Assessment, Calibration, ClassFinding, Findings, LossFinding, Skill
from lossterm.model.records import strict

if TYPE_CHECKING:
    from lossterm.core.statistics.calibration import BrierDecomposition, Floor
    from lossterm.core.statistics.platt import Platt
    from lossterm.core.statistics.ranking import Confusion

X = TypeVar("X")

Value: TypeAlias = float | int | Estimate | None
"""A figure; with by how much it may be off, where it comes from counts in cells; None where there is none."""

Record = dict[str, object]


def told(x: float | None, digits: int = 4) -> str:
    """A figure, — where there is none."""
    return UNDEFINED if x is None else significant(x, digits_apart(x, digits))


def estimated(estimate: Estimate, digits: int = 4) -> str:
    """A figure with its error where it has one, and then with no more digits than that leaves."""
    value, error = estimate.value, estimate.error
    if value is None or not error:
        return told(value, digits)
    powers = [int(f"{x:e}".partition("e")[2]) if math.isfinite(x) else 0 for x in (value, error)]
    return f"{told(value, min(digits, max(powers[0] - powers[1] + 2, 1)))} ±{no_less(error)}"


def no_less(error: float) -> str:
    """A bound of an error with one digit, rounded up: ``2e-5`` of 1.3e-5."""
    if not math.isfinite(error):
        return significant(error)
    return significant(float(Context(prec=1, rounding=ROUND_CEILING).create_decimal_from_float(error)), 1)


def percent_of(estimate: Estimate) -> str:
    """A part of a whole in percent, with its error where it has one."""
    if estimate.value is None:
        return UNDEFINED
    error = f" ±{no_less(100 * estimate.error)}%" if estimate.error else ""
    return f"{percent(estimate.value)}{error}"


@dataclass(frozen=True)
class Statistic(Generic[X]):
    """One statistic.

    Attributes:
        name: in JSON and CSV.
        title: for people, in text and on the screen.
        about: what it is, for the help; "" where the help of the group says it.
        get: its value, from what it is a statistic of.
        digits: significant ones of its text; 0 for a count.
        error_name: of its error in JSON, which is above 0 where it comes from counts in cells.
        bins: which bins it depends on: of equal width, of equal counts (mass), or none.
        sign: before it, where it is a term of a sum.
        brief: a shorter title.
        weighted: whether only files with weights have it; False where these have others in its place on the screen.
        rare: whether it is told only where it is not 0.
        apart: whether it is told in a table or a sentence of its own.
        is_part: whether its text is in percent.
        is_chance: whether it is a probability that may be too small for a double.
        aside: whether the screen tells it in a sentence, not in its table.
        by_class: whether only class weights make it.
    """

    name: str
    title: str
    about: str
    get: Callable[[X], Value]
    digits: int = 4
    error_name: str = ""
    bins: Literal["", "width", "mass"] = ""
    sign: str = ""
    brief: str = ""
    weighted: bool | None = None
    rare: bool = False
    apart: bool = False
    is_part: bool = False
    is_chance: bool = False
    aside: bool = False
    by_class: bool = False

    def value(self, of: X | None) -> float | int | None:
        """The figure alone; None of nothing."""
        found = None if of is None else self.get(of)
        return found.value if isinstance(found, Estimate) else found

    def text(self, of: X | None) -> str:
        """The figure as people read it, with its error where it has one."""
        found = None if of is None else self.get(of)
        if isinstance(found, Estimate):
            return percent_of(found) if self.is_part else estimated(found, self.digits)
        if found is not None and not self.digits:
            return f"{found:,}"
        if found == 0 and self.is_chance:
            return beyond(1.0, over=False)
        return told(found, self.digits)

    def record(self, of: X | None) -> Record:
        """The figure and its error as JSON has them."""
        found = None if of is None else self.get(of)
        if not isinstance(found, Estimate):
            value = found if found is None or isinstance(found, int) else strict(found)
            return {self.name: value, **({self.error_name: None} if self.error_name else {})}
        known = found.value is not None
        record: Record = {self.name: strict(found.value) if found.value is not None else None}
        return {**record, self.error_name: strict(found.error) if known else None} if self.error_name else record


Statistics: TypeAlias = Sequence[Statistic[X]]


def record_of(statistics: Statistics[X], of: X | None) -> Record:
    """Statistics as one JSON object; each is null of nothing."""
    return {name: value for statistic in statistics for name, value in statistic.record(of).items()}


def _attribute(name: str) -> Callable[[Any], Any]:
    return lambda of: getattr(of, name)


def _term(of: str, name: str) -> Callable[[LossFinding], float | None]:
    return lambda loss: None if (terms := getattr(loss, of)) is None else getattr(terms, name)


def _terms(weighted: bool) -> tuple[Statistic[LossFinding], ...]:
    before, of = ("weighted_", "weighted_terms") if weighted else ("", "terms")
    told_of = (
        ("mcb", "what its own isotonic recalibration would save"),
        ("dsc", "what the order of the predictions is worth against the base rate"),
        ("unc", "what always saying the base rate costs: a proper loss is MCB − DSC + UNC (CORP), others have none"),
    )
    return tuple(
        Statistic(f"{before}{name}", name.upper(), "the same with weights" if weighted else about, _term(of, name),
                  weighted=weighted or None, apart=True)
        for name, about in told_of
    )  # fmt: skip


# ---- of a loss ------------------------------------------------------------------------------------------------------

LOSSES: Statistics[LossFinding] = (
    Statistic("mean", "mean", "Σℓ/n", _attribute("mean")),
    Statistic("standard_error", "s.e.", "its standard error", _attribute("standard_error"), 2),
    Statistic("sum", "sum", "Σℓ", _attribute("total"), weighted=False),
    Statistic("weighted_mean", "Σwℓ/Σw", "Σwℓ/Σw", _attribute("weighted_mean"), weighted=True),
    Statistic("weighted_standard_error", "s.e.", "the standard error of that", _attribute("weighted_standard_error"),
              2, weighted=True),
    Statistic("weighted_sum_per_row", "Σwℓ/n", "Σwℓ/n", _attribute("weighted_per_example"), weighted=True),
    Statistic("class_weighted_mean", "Σcℓ/Σc", "with --class-weights Σcℓ/Σc, c times the weights of the examples",
              _attribute("class_weighted_mean"), by_class=True),
    Statistic("class_weighted_sum_per_row", "Σcℓ/n", "with them Σcℓ/n", _attribute("class_weighted_per_example"),
              by_class=True),
    Statistic("gradient_share_1pct", "worst 1%", "what part of Σ|∂L/∂z| the worst 1% hold", _attribute("share"),
              error_name="gradient_share_error", is_part=True),
    *_terms(weighted=False),
    *_terms(weighted=True),
    Statistic("infinite", "∞", "for how many examples the loss is infinite", _attribute("infinite"), 0, rare=True),
    Statistic("undefined", "undefined", "for how many it is undefined", _attribute("undefined"), 0, rare=True),
)  # fmt: skip
"""What a loss sees."""

# ---- of the probabilities -------------------------------------------------------------------------------------------

_WIDTH = "over bins of equal width, (lower, upper]; of K classes of the confidence in the top class"
_MASS = "over bins of equal counts"


def _calibration(name: str, title: str, about: str, bins: Literal["", "width", "mass"] = "") -> Statistic[Calibration]:
    return Statistic(name, title, about, lambda found: found.figures[name], error_name=f"{name}_error", bins=bins)


def _floor(bins: Literal["width", "mass"], of: Callable[[Floor], float | None]) -> Callable[[Calibration], Value]:
    def get(found: Calibration) -> Value:
        reliability = found.width if bins == "width" else found.mass
        floor = None if reliability is None else reliability.floor
        return None if floor is None else of(floor)

    return get


def _floors(name: str, bins: Literal["width", "mass"]) -> tuple[Statistic[Calibration], ...]:
    return (
        Statistic(f"{name}_floor", "ECE floor",
                  "the ECE that a perfectly calibrated model with these predictions would show on average",
                  _floor(bins, lambda floor: floor.mean), bins=bins, brief="floor"),
        Statistic(f"{name}_floor_sd", "its s.d.", "its standard deviation then", _floor(bins, lambda f: f.deviation),
                  bins=bins, aside=True),
        Statistic(f"{name}_floor_95", "95% below", "what it would be below in 95 of 100 cases",
                  _floor(bins, lambda floor: floor.most), bins=bins, aside=True),
        Statistic(f"{name}_p", "p if calibrated", "how often it would show this ECE or more (one-sided normal)",
                  _floor(bins, lambda floor: floor.p), 2, bins=bins, is_chance=True, aside=True),
    )  # fmt: skip


CALIBRATION: Statistics[Calibration] = (
    _calibration("log_loss", "log loss", "the mean cross-entropy in nats"),
    _calibration("brier", "Brier", "the mean (p − y)²; of K classes Σ(p_k − t_k)²"),
    _calibration("ece", "ECE", _WIDTH, "width"),
    *_floors("ece", "width"),
    _calibration("mce", "MCE", _WIDTH, "width"),
    _calibration("rmsce", "RMSCE", _WIDTH, "width"),
    _calibration("ece_equal_mass", "ECE", _MASS, "mass"),
    *_floors("ece_equal_mass", "mass"),
    _calibration("mce_equal_mass", "MCE", _MASS, "mass"),
    _calibration("rmsce_equal_mass", "RMSCE", _MASS, "mass"),
)
"""How far probabilities can be taken at their word."""

TERMS: Statistics[BrierDecomposition] = (
    Statistic("reliability", "reliability", "", _attribute("reliability")),
    Statistic("resolution", "resolution", "", _attribute("resolution"), sign=MINUS),
    Statistic("uncertainty", "uncertainty", "", _attribute("uncertainty"), sign="+"),
    Statistic("within_bin_variance", "variance within bins", "", _attribute("within_bin_variance"), sign="+",
              brief="variance"),
    Statistic("within_bin_covariance", "covariance within bins", "", _attribute("within_bin_covariance"), sign=MINUS),
)  # fmt: skip
"""The terms of the Brier score: with their signs they sum to it."""

AUROC: Statistic[Findings] = Statistic("auroc", "AUROC", "ties ½", _attribute("auroc"), error_name="auroc_error")

AUROC_ERROR: Statistic[Assessment] = Statistic(
    "auroc_standard_error",
    "AUROC s.e.",
    "its standard error (DeLong); null with weights",
    _attribute("auroc_standard_error"),
    2,
    error_name="auroc_standard_error_error",
)

AVERAGE_PRECISION: Statistic[Assessment] = Statistic(
    "average_precision",
    "average precision",
    "Σ(R_k − R_(k−1))·P_k: the area under precision against recall",
    _attribute("average_precision"),
    error_name="average_precision_error",
    brief="AP",
)

SPIEGELHALTER: Statistic[Assessment] = Statistic(
    "spiegelhalter",
    "Spiegelhalter z",
    "Σ(y − p)(1 − 2p)/√Σ(1 − 2p)²p(1 − p): standard normal if the predictions are calibrated; null of K classes",
    _attribute("spiegelhalter"),
)

SKILL: Statistics[Skill] = (
    Statistic("normalized_entropy", "NE", "the log loss over that of always saying the base rate",
              _attribute("normalized_entropy")),
    Statistic("d2", "D²", "1 − NE", _attribute("d2")),
    Statistic("brier_skill", "Brier skill", "1 − Brier/(ȳ(1 − ȳ))", _attribute("brier_skill")),
    Statistic("calibration_ratio", "Σp/Σy", "above 1 more is promised than happens; of K classes of the top class",
              _attribute("calibration_ratio")),
)  # fmt: skip
"""What predictions are worth against always saying the base rate."""

TEMPERATURE: Statistic[Findings] = Statistic(
    "temperature",
    "T",
    "the T that minimises the log loss on these very rows (in-sample): of the logits as they are in the file, whatever "
    "--temperature is",
    _attribute("temperature"),
    error_name="temperature_error",
)

PLATT: Statistics[Platt] = (
    Statistic("a", "a", "", lambda line: Estimate(line.a, line.a_error), error_name="a_error"),
    Statistic("b", "b", "", lambda line: Estimate(line.b, line.b_error), error_name="b_error"),
)
"""The line az + b that fits the labels best, on the rows that it is judged on."""

# ---- of the decisions -----------------------------------------------------------------------------------------------

COUNTS: Statistics[Confusion] = tuple(
    Statistic(name, name.replace("_", " "), "", _attribute(name), 0)
    for name in ("true_positive", "false_positive", "true_negative", "false_negative")
)
"""How many decisions are right and wrong."""

RATIOS: Statistics[Confusion] = (
    Statistic("accuracy", "accuracy", "the part of the decisions that is right", _attribute("accuracy")),
    Statistic("precision", "precision", "TP/(TP + FP)", _attribute("precision")),
    Statistic("recall", "recall", "TP/(TP + FN), the sensitivity", _attribute("recall")),
    Statistic("f1", "F1", "2TP/(2TP + FP + FN)", _attribute("f1")),
    Statistic("specificity", "specificity", "TN/(TN + FP)", _attribute("specificity")),
)
"""What parts of them; of K classes there is the accuracy alone."""

CLASSES: Statistics[ClassFinding] = (
    Statistic("count", "count", "", _attribute("count"), 0),
    Statistic("decided", "decided", "", _attribute("decided"), 0),
    Statistic("right", "right", "", _attribute("right"), 0),
    Statistic("precision", "precision", "", _attribute("precision")),
    Statistic("recall", "recall", "", _attribute("recall")),
    Statistic("f1", "F1", "", _attribute("f1")),
    Statistic("mean_probability", "mean p", "", _attribute("mean_probability")),
)
"""What becomes of each of K classes."""

BESIDE = ("count", "precision", "recall", "f1")
"""Those of a class that the screen has room for."""


def calibration_of(mass: bool) -> list[Statistic[Calibration]]:
    """The statistics that are looked at together: those of one kind of bins, and those without any."""
    return [s for s in CALIBRATION if s.bins in ("", "mass" if mass else "width")]


def long_title(statistic: Statistic[Any]) -> str:
    """The title where statistics of both kinds of bins stand together."""
    if statistic.bins != "mass":
        return statistic.title
    return f"{statistic.brief or statistic.title}, by mass"


def statistic(statistics: Statistics[X], name: str) -> Statistic[X]:
    """The one of a name."""
    return next(s for s in statistics if s.name == name)


def loss_columns(findings: Findings, *, screen: bool = False) -> list[Statistic[LossFinding]]:
    """The statistics of the losses that a table has a column of.

    Args:
        findings: of the file; what is rare has a column where there is any.
        screen: where there is less room: what weights replace is left out, and what is rare is told in words.
    """
    weighted = findings.weight_sum is not None
    weighing = findings.question.class_weights is not None
    usual = [s for s in LOSSES if weighing or not s.by_class]
    ordered = sorted(usual, key=lambda s: s.weighted is not True)  # what has weights first
    hidden = {not weighted} if screen else set() if weighted else {True}
    return [
        s
        for s in ordered
        if not s.apart
        and s.weighted not in hidden
        and not (s.rare and (screen or not any(s.value(f) for f in findings.losses)))
    ]


def terms_of_losses(findings: Findings) -> tuple[Statistic[LossFinding], list[Statistic[LossFinding]]]:
    """The statistic of the mean that is taken apart, and those of its terms; the latter empty where no loss has any."""
    weighted = findings.weight_sum is not None
    terms = [s for s in LOSSES if s.apart and bool(s.weighted) == weighted]
    known = any(s.value(f) is not None for s in terms for f in findings.losses)
    return statistic(LOSSES, "weighted_mean" if weighted else "mean"), terms if known else []

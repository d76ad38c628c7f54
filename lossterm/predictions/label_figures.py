"""Several labels of one example: the figures of each, and their mean over the labels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from lossterm.core.exact import ExactSum
from lossterm.core.numbers import percent
from lossterm.core.statistics.estimate import Estimate
from lossterm.core.statistics.findings import LabelFinding
from lossterm.model.records import loss_record, strict
from lossterm.predictions import figures
from lossterm.predictions.figures import Record, Statistic, Statistics, record_of, told

if TYPE_CHECKING:
    from lossterm.core.statistics.findings import Findings


def _first(get: Callable[[Any], Any]) -> Callable[[LabelFinding], Any]:
    """Of the figures with weights where there are any."""
    return lambda label: get(label.found if label.found.weighted is None else label.found.weighted)


def _calibration(name: str) -> Callable[[LabelFinding], Any]:
    statistic = figures.statistic(figures.CALIBRATION, name)
    return _first(lambda found: statistic.value(found.calibration))


def _ratio(name: str) -> Callable[[LabelFinding], Any]:
    statistic = figures.statistic(figures.RATIOS, name)
    return _first(lambda found: statistic.value(found.decided))


def _worth(statistic: Statistic[Any]) -> Callable[[LabelFinding], Any]:
    return _first(lambda found: statistic.value(found.assessment))


def _estimate(value: Any) -> Any:
    return value.value if isinstance(value, Estimate) else value


LABELS: Statistics[LabelFinding] = (
    Statistic("rows", "rows", "", lambda label: label.found.rows, 0),
    Statistic("base_rate", "base rate", "", _first(lambda found: found.label_mean), 3),
    Statistic("log_loss", "log loss", "", _calibration("log_loss")),
    Statistic("brier", "Brier", "", _calibration("brier")),
    Statistic("ece", "ECE", "", _calibration("ece"), 3),
    Statistic("ece_floor", "floor", "", _calibration("ece_floor"), 3),
    Statistic("auroc", "AUROC", "", _first(lambda found: _estimate(found.auroc))),
    Statistic("average_precision", "AP", "", _worth(figures.AVERAGE_PRECISION)),
    Statistic("accuracy", "accuracy", "", _ratio("accuracy")),
    Statistic("f1", "F1", "", _ratio("f1")),
)  # fmt: skip
"""What is told of each label, with weights where there are any."""

BESIDE = ("base_rate", "log_loss", "ece", "auroc", "f1")
"""Those that the screen has room for."""

MEAN = "mean"


def mean_of(labels: Sequence[LabelFinding], statistic: Statistic[LabelFinding]) -> float | None:
    """The mean over the labels that have a figure; None where none has."""
    values = [value for label in labels if (value := statistic.value(label)) is not None and not _is_nan(value)]
    return ExactSum(values).divided_by(len(values)) if values else None


def _is_nan(value: float) -> bool:
    return math.isnan(value)


def lacking(labels: Sequence[LabelFinding]) -> list[str]:
    """Sentences on figures that some labels do not have: the mean is of the others."""
    said = []
    for s in LABELS:
        without = [label.label for label in labels if s.value(label) is None]
        if without and len(without) < len(labels):
            said.append(f"{s.title}: the mean is of {len(labels) - len(without)} of {len(labels)} labels, "
                        f"{', '.join(without[:4])}{' …' if len(without) > 4 else ''} having none")  # fmt: skip
    return said


# ---- for programs ---------------------------------------------------------------------------------------------------


def records(findings: Findings) -> list[Record] | None:
    """The figures of each label; None where there is one."""
    if not findings.labels:
        return None
    return [
        {"label": label.label, "prediction": label.prediction, **record_of(LABELS, label), "losses": _losses(label)}
        for label in findings.labels
    ]


def _losses(label: LabelFinding) -> list[Record]:
    return [
        {**loss_record(loss.criterion.loss, loss.criterion.params), "mean": strict(_loss_mean(label, at))}
        for at, loss in enumerate(label.found.losses)
    ]


def _loss_mean(label: LabelFinding, at: int) -> float:
    loss = label.found.losses[at]
    return loss.mean if loss.weighted_mean is None else loss.weighted_mean


def mean_record(findings: Findings) -> Record | None:
    """Their means over the labels that have them; None where there is one label."""
    labels = findings.labels
    if not labels:
        return None
    means = {s.name: mean_of(labels, s) for s in LABELS if s.digits}
    record: Record = {name: None if value is None else strict(value) for name, value in means.items()}
    losses = [
        {**loss_record(loss.criterion.loss, loss.criterion.params),
         "mean": strict(ExactSum([_loss_mean(label, at) for label in labels]).divided_by(len(labels)))}
        for at, loss in enumerate(findings.losses)
    ]  # fmt: skip
    return {**record, "losses": losses}


# ---- for people -----------------------------------------------------------------------------------------------------


def label_rows(findings: Findings, *, brief: bool = False) -> list[list[str]]:
    """The table: heads, a row a label, their mean; nothing where there is one label.

    Args:
        findings: of the file.
        brief: whether only some figures are told, of the worst calibrated labels first, and the mean before them.
    """
    labels = findings.labels
    if not labels:
        return []
    same = len({label.found.rows for label in labels}) == 1
    shown = [s for s in LABELS if (s.name in BESIDE if brief else s.name != "rows" or not same)]
    head = f"{len(labels)} labels" + (", weighted" if findings.weighted is not None and not brief else "")
    heads = [head, *(s.title for s in shown)]
    mean = [MEAN, *(_text(s, mean_of(labels, s)) if s.digits else "" for s in shown)]
    ordered = worst_first(labels) if brief else labels
    rows = [[label.label, *(_text(s, s.value(label)) for s in shown)] for label in ordered]
    return [heads, mean, *rows] if brief else [heads, *rows, mean]


def worst_first(labels: Sequence[LabelFinding]) -> list[LabelFinding]:
    """The worst calibrated first."""
    return sorted(labels, key=miscalibration, reverse=True)


def brief_text(label: LabelFinding) -> str:
    """What tells a label from others in a list."""
    shown = [s for s in LABELS if s.name in ("ece", "auroc")]
    return " · ".join(f"{s.title} {_text(s, s.value(label))}" for s in shown)


def miscalibration(label: LabelFinding) -> float:
    """By how much the ECE is above its floor; what is not known comes last."""
    found = label.found if label.found.weighted is None else label.found.weighted
    values = [figures.statistic(figures.CALIBRATION, name).value(found.calibration) for name in ("ece", "ece_floor")]
    return -math.inf if values[0] is None or _is_nan(values[0]) else values[0] - (values[1] or 0.0)


def _text(statistic: Statistic[LabelFinding], value: float | None) -> str:
    if value is None or _is_nan(value):
        return told(None)
    if not statistic.digits:
        return f"{value:,.0f}"
    return percent(value) if statistic.is_part else told(value, min(statistic.digits, 4))

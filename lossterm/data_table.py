"""The figures of a file of predictions for programs, and how a figure or a field of the file is written."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from lossterm.commands.asked import params_text
from lossterm.core.findings import Calibration, ClassFinding, Estimate, Findings, LossFinding
from lossterm.core.labels import number
from lossterm.numbers import UNDEFINED, significant
from lossterm.softmax_table import strict

Record = dict[str, object]

FIGURES = ("log_loss", "brier", "ece", "mce", "rmsce", "ece_equal_mass", "mce_equal_mass", "rmsce_equal_mass")
"""What is told of a calibration."""


def document(findings: Findings, *, skipped: int = 0, worst: Sequence[Mapping[str, object]] = ()) -> Record:
    """What ``lossterm data --format json`` prints.

    Args:
        findings: the figures.
        skipped: rows that were left out.
        worst: `worst_records`.
    """
    now, confusion, line = findings.calibration, findings.decided, findings.platt
    return {
        "rows": findings.rows,
        "skipped": skipped,
        "losses": [_loss(finding) for finding in findings.losses],
        "weight_sum": _optional(findings.weight_sum),
        "base_rate": _optional(findings.label_mean),
        "threshold": findings.question.threshold if confusion else None,
        "accuracy": _optional(findings.accuracy),
        "confusion": None if confusion is None else {
            "true_positive": confusion.true_positive, "false_positive": confusion.false_positive,
            "true_negative": confusion.true_negative, "false_negative": confusion.false_negative,
        },
        "bins": None if now is None else findings.question.bins,
        "applied_temperature": None if now is None else findings.question.temperature,
        **calibration_record(now),
        "brier_decomposition": decomposition(findings),
        "reliability": _reliability(now),
        "auroc": _optional(findings.auroc.value),
        "auroc_error": _error(findings.auroc),
        "temperature": _optional(findings.temperature.value),
        "temperature_error": _error(findings.temperature),
        "at_temperature": calibration_record(findings.tempered) if findings.tempered else None,
        "platt": {"a": _optional(line.a), "b": _optional(line.b)} if line is not None and line.a is not None else None,
        "at_platt": calibration_record(findings.scaled) if findings.scaled else None,
        "classes": [_class(name, c) for name, c in zip(class_names(findings), findings.classes, strict=True)],
        "confusion_matrix": None if findings.matrix is None else findings.matrix.tolist(),
        "worst": list(worst),
        "notes": list(findings.notes),
    }  # fmt: skip


def _optional(x: float | None) -> float | str | None:
    return None if x is None else strict(x)


def _error(estimate: Estimate) -> float | str | None:
    return None if estimate.value is None else strict(estimate.error)


def _loss(finding: LossFinding) -> Record:
    return {
        "loss": finding.criterion.loss.id,
        "params": dict(finding.criterion.params),
        "smoothing": finding.criterion.smoothing,
        "mean": strict(finding.mean),
        "standard_error": _optional(finding.standard_error),
        "gradient_share_1pct": _optional(finding.share.value),
        "gradient_share_error": _error(finding.share),
        "sum": strict(finding.total),
        "weighted_mean": _optional(finding.weighted_mean),
        "weighted_standard_error": _optional(finding.weighted_standard_error),
        "weighted_sum_per_row": _optional(finding.weighted_per_example),
        "infinite": finding.infinite,
        "undefined": finding.undefined,
    }


def _class(name: str, found: ClassFinding) -> Record:
    return {
        "name": name,
        "count": found.count,
        "decided": found.decided,
        "right": found.right,
        "precision": _optional(found.precision),
        "recall": _optional(found.recall),
        "f1": _optional(found.f1),
        "mean_probability": strict(found.mean_probability),
    }


def calibration_record(found: Calibration | None) -> Record:
    """`FIGURES` of a calibration; all None where there is none."""
    if found is None:
        return dict.fromkeys(FIGURES)
    mass = found.mass
    return {
        "log_loss": strict(found.log_loss),
        "brier": strict(found.brier),
        "ece": found.width.ece,
        "mce": found.width.mce,
        "rmsce": found.width.rmsce,
        "ece_equal_mass": None if mass is None else mass.ece,
        "mce_equal_mass": None if mass is None else mass.mce,
        "rmsce_equal_mass": None if mass is None else mass.rmsce,
    }


def decomposition(findings: Findings) -> Record | None:
    """The five terms of the Brier score; None for K classes and plain values."""
    if findings.calibration is None or findings.matrix is not None:
        return None
    terms = findings.calibration.width.decomposition
    names = ("reliability", "resolution", "uncertainty", "within_bin_variance", "within_bin_covariance")
    return {name: getattr(terms, name) for name in names}


def _reliability(found: Calibration | None) -> list[Record] | None:
    if found is None:
        return None
    names = ("lower", "upper", "count", "confidence", "frequency")
    bins = found.width
    return [
        dict(zip(names, values, strict=True))
        for values in zip(*(getattr(bins, name).tolist() for name in names), strict=True)
    ]


def worst_records(finding: LossFinding, columns: Sequence[Mapping[str, object]]) -> list[Record]:
    """The examples with the largest losses of one loss.

    Args:
        finding: the loss.
        columns: all columns of each of those rows of the file.
    """
    worst = finding.worst
    if worst is None:
        return []
    return [
        {
            "loss": finding.criterion.loss.id,
            "row": row,
            "value": strict(value),
            "columns": {name: _plain(cell) for name, cell in cells.items()},
        }
        for row, value, cells in zip(worst.row.tolist(), worst.value.tolist(), columns, strict=True)
    ]


def _plain(x: object) -> object:
    # a field of any format as JSON has it: dates, decimals and bytes as text
    if isinstance(x, float):
        return strict(x)
    if x is None or isinstance(x, bool | int | str):
        return x
    if isinstance(x, Mapping):
        return {str(name): _plain(part) for name, part in x.items()}
    if isinstance(x, list | tuple):
        return [_plain(part) for part in x]
    return str(x)


def write_csv(found: Record, file: IO[str]) -> None:
    """One line a figure: which, of which loss, its value; figures of parts are written ``part.figure``."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["figure", "loss", "params", "value"])
    for name, value in found.items():
        if name == "losses":
            for loss in value:  # type: ignore[attr-defined]
                who = [loss["loss"], params_text(loss["params"])]
                for figure, x in loss.items():
                    if figure not in {"loss", "params"}:
                        writer.writerow([figure, *who, "" if x is None else x])
        elif name != "worst":
            writer.writerows([figure, "", "", x] for figure, x in _flat(name, value))


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(f"{name}.{key}", part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _flat(f"{name}[{index}]", part)
    else:
        yield name, "" if value is None else value


# ---- figures and fields, as they are written -----------------------------------------------------------------------


def class_names(findings: Findings) -> list[str]:
    """The names of the K classes, or their numbers."""
    count, names = len(findings.classes), findings.question.names
    return list(names) if len(names) == count else [str(k) for k in range(count)]


def told(x: float | None, digits: int = 4) -> str:
    """A figure, — where there is none."""
    return UNDEFINED if x is None else significant(x, digits)


def estimated(estimate: Estimate, digits: int = 4) -> str:
    """A figure with its error where it has one."""
    error = f" ±{significant(estimate.error, 1)}" if estimate.value is not None and estimate.error else ""
    return told(estimate.value, digits) + error


def term(x: float) -> str:
    """A figure after a sign: in brackets where it is negative."""
    return f"({significant(x)})" if x < 0 else significant(x)


def cell_text(x: object, width: int = 24) -> str:
    """A field of the file, in so many cells."""
    plain = "" if x is None else number(x) if isinstance(x, float) else str(x)
    plain = "".join(c if c.isprintable() else "·" for c in plain)
    return plain if len(plain) <= width else plain[: width - 1] + "…"

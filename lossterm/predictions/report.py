"""The figures of a file of predictions for programs, and the help that says what each is."""

from __future__ import annotations

import csv
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import IO, Any

from lossterm.core.losses.labels import number
from lossterm.core.numbers import significant
from lossterm.core.plain import cell_of_sheet, visible
from lossterm.core.statistics.calibration import Reliability
from lossterm.core.statistics.findings import Assessment, Calibration, Findings, LossFinding
from lossterm.core.statistics.value_findings import SAMPLED, ForecastFinding
from lossterm.model.notation import params_cell
from lossterm.model.records import loss_record, strict
from lossterm.predictions import figures, label_figures, value_statistics
from lossterm.predictions.conclusion import ABOUT, conclusion
from lossterm.predictions.figures import Record, Statistic, Statistics, record_of
from lossterm.predictions.value_statistics import value_record

# ---- the document ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Report:
    """What is told of a file.

    Attributes:
        findings: the figures.
        mass: whether the reliability is over bins of equal counts.
        skipped: rows that were left out.
        worst: `worst_records`.
        columns: which columns of the file were taken for what.
        notes: what the reader says of the file.
        recalibration: what would mend it, where that is asked for.
        comparisons: `lossterm.predictions.compare_report.record` of each second prediction.
        segments: the segments of a column, or the worst of all; None where none were asked for.
        search: what was looked at for the worst.
    """

    findings: Findings
    mass: bool = False
    skipped: int = 0
    worst: Sequence[Mapping[str, object]] = ()
    columns: Mapping[str, object] | None = None
    notes: Sequence[str] = ()
    recalibration: Mapping[str, object] | None = None
    comparisons: Sequence[Record] = ()
    segments: Sequence[Record] | None = None
    search: Record | None = None

    @property
    def calibration(self) -> Calibration | None:
        """How far the probabilities, as they are, can be taken at their word."""
        return self.findings.calibration


@dataclass(frozen=True)
class Field:
    """A part of the document: one field, or several that are told together.

    Attributes:
        about: for the help.
        record: its names and values.
        names: in the help; those of an empty record where nothing is said.
    """

    about: str
    record: Callable[[Report], Record]
    names: tuple[str, ...]


def _field(name: str, about: str, get: Callable[[Report], object]) -> Field:
    return Field(about, lambda report: {name: get(report)}, (name,))


def _fields(statistics: Statistics[Any], of: Callable[[Report], Any]) -> list[Field]:
    # one field a statistic; those that are the same figure of something else are told together in the help
    def field(statistic: Statistic[Any]) -> Field:
        return Field(statistic.about, lambda report: statistic.record(of(report)), (statistic.name,))

    return [field(statistic) for statistic in statistics]


def _listed(statistics: Statistics[Any]) -> str:
    return ", ".join(name for s in statistics for name in (s.name, s.error_name) if name)


def _told_of(statistics: Statistics[Any]) -> str:
    return "; ".join(f"{s.name} {s.about}" for s in statistics if s.about)


def _known_decisions(report: Report) -> Any:
    return report.findings.decided


def _summed_brier(findings: Findings, calibration: Calibration) -> float:
    return calibration.brier if findings.matrix is not None else 2 * calibration.brier


def _weighted(report: Report) -> Record | None:
    """The figures with weights, by the names of those without."""
    findings, found = report.findings, report.findings.weighted
    if found is None:
        return None
    now, line = found.calibration, found.platt
    values = value_record(found.values)
    parts: Record = {
        "weight_sum": strict(found.weight_sum),
        "base_rate": _optional(found.label_mean),
        "accuracy": _optional(found.accuracy),
        **record_of(figures.RATIOS[1:], found.decided),
        "confusion": None if found.decided is None else record_of(figures.COUNTS, found.decided),
        **record_of(figures.CALIBRATION, now),
        "brier_summed": None if now is None else strict(_summed_brier(findings, now)),
        **_reliability_field(now, report),
        "auroc": _optional(found.auroc.value),
        **_assessed(found.assessment),
        "temperature": _optional(found.temperature.value),
        "platt": None if line is None or line.a is None else {"a": strict(line.a), "b": strict(line.b or 0.0)},
        "confusion_matrix": None if found.matrix is None else found.matrix.tolist(),
    }
    kept = {name: value for name, value in parts.items() if not name.endswith("_error")}
    return kept | values


def _assessed(found: Assessment | None) -> Record:
    return {
        **figures.AUROC_ERROR.record(found),
        **figures.AVERAGE_PRECISION.record(found),
        **figures.SPIEGELHALTER.record(found),
        "skill": None if found is None else record_of(figures.SKILL, found.skill),
    }


def _reliability_field(found: Calibration | None, report: Report) -> Record:
    return {"reliability": _reliability(reliability_of(found, mass=report.mass))}


def _forecast(report: Report) -> ForecastFinding | None:
    return None if report.findings.values is None else report.findings.values.forecast


def _clip(report: Report) -> Record | None:
    clip = report.findings.question.clip
    if clip is None:
        return None
    return {"name": clip.name, "eps": clip.eps, "log": clip.log, "rows": report.findings.clipped}


_BIN = ("lower", "upper", "count", "confidence", "frequency")
_INTERVAL = ("frequency_lower", "frequency_upper")

COMPARED = (
    "of --against or --against-column, null without: {first, second, key, rows, only_first, only_second, disagreeing, "
    "bad, losses: [{loss, params, second_loss, second_params, first_mean, second_mean, difference, standard_error, "
    "interval, share_second_better, share_first_better, weighted_first_mean, weighted_second_mean, "
    "weighted_difference, weighted_standard_error, "
    "weighted_interval}], flips: {right_to_wrong, wrong_to_right, both_right, both_wrong, p}, auroc: {first, second, "
    "difference, standard_error, interval}, reliability: {first, second}, murphy: {theta, first, second}, differing: "
    "[{row, difference, label, first, second, columns}], groups: [{group, rows, losses}], conclusion, notes}: "
    "difference is second − first, so that below 0 the second is better, with its paired standard error and interval "
    "of 95%; a tie is no better; under 20 rows nothing is called sure; p is McNemar's, exact; auroc by DeLong"
)
"""Of a comparison, for the help."""

SEVERAL = "where several are compared with the first, an object such as compare for each; null elsewhere"

FIELDS: tuple[Field, ...] = (
    _field(
        "columns",
        "{label, predictions, kind, positive, classes, decision, complement, out_of, forecast: {shape, columns, "
        "levels}, pairs: [{label, prediction}], weight, group, key, passed_over}: what each column was taken for; of "
        "a complement 1 − p is read; forecast: what tells the distribution of a value; pairs: of several labels",
        lambda r: None if r.columns is None else dict(r.columns),
    ),
    _field("rows", "examples that count", lambda r: r.findings.rows),
    _field("skipped", "rows left out by --skip-bad", lambda r: r.skipped),
    _field(
        "losses",
        f"[{{loss, params, smoothing, {_listed(figures.LOSSES)}}}]: {_told_of(figures.LOSSES)}",
        lambda r: [_loss(finding) for finding in r.findings.losses],
    ),
    _field("weight_sum", "Σw", lambda r: _optional(r.findings.weight_sum)),
    _field(
        "weighted",
        "where there are weights the figures with them, by the names that they have without: base_rate to temperature; "
        "counts are Σw, AUROC is over pairs w·w′, bins of equal counts are the same bins",
        _weighted,
    ),
    _field(
        "class_weights",
        "of --class-weights, one a class; null where there are none",
        lambda r: None if r.findings.question.class_weights is None else list(r.findings.question.class_weights),
    ),
    _field("base_rate", "the mean label", lambda r: _optional(r.findings.label_mean)),
    _field(
        "threshold",
        "of --threshold: p above it is decided to be class 1",
        lambda r: r.findings.question.threshold if r.findings.decided else None,
    ),
    Field(
        figures.RATIOS[0].about,
        lambda r: {"accuracy": _optional(r.findings.accuracy)},
        ("accuracy",),
    ),
    *_fields(figures.RATIOS[1:], _known_decisions),
    _field(
        "confusion",
        f"{{{_listed(figures.COUNTS)}}}",
        lambda r: None if r.findings.decided is None else record_of(figures.COUNTS, r.findings.decided),
    ),
    _field("bins", "of --bins", lambda r: None if r.calibration is None else r.findings.question.bins),
    _field("equal_counts", "of --equal-counts", lambda r: None if r.calibration is None else r.mass),
    _field(
        "applied_temperature",
        "of --temperature",
        lambda r: None if r.calibration is None else r.findings.question.temperature,
    ),
    _field(
        "clip",
        "of --clip: {name, eps, log, rows}: p is clipped to [eps, 1 − eps] in every figure but accuracy and AUROC, or "
        "the logarithms of cross-entropy at log; to how many rows it makes a difference; null where nothing is clipped",
        _clip,
    ),
    *_fields(figures.CALIBRATION, lambda r: r.calibration),
    _field(
        "brier_summed",
        "the mean Σ(p_k − t_k)² over all classes: of two twice the Brier score of the one probability",
        lambda r: None if r.calibration is None else strict(_summed_brier(r.findings, r.calibration)),
    ),
    _field(
        "brier_decomposition",
        f"{{{_listed(figures.TERMS)}}}: brier is reliability − resolution + uncertainty + variance − covariance, over "
        "bins of equal width",
        lambda r: decomposition(r.findings),
    ),
    _field(
        "reliability",
        f"[{{{', '.join((*_BIN, *_INTERVAL))}}}], empty bins left out; the last two are Wilson's 95% interval of the "
        "frequency; where the errors are above 0 a cell that an edge cuts counts below it",
        lambda r: _reliability(reliability_of(r.calibration, mass=r.mass)),
    ),
    Field(figures.AUROC.about, lambda r: figures.AUROC.record(r.findings), ("auroc",)),
    *_fields(
        (figures.AUROC_ERROR, figures.AVERAGE_PRECISION, figures.SPIEGELHALTER), lambda r: r.findings.assessment
    ),
    _field(
        "skill",
        f"{{{_listed(figures.SKILL)}}}: {_told_of(figures.SKILL)}",
        lambda r: None if r.findings.assessment is None else record_of(figures.SKILL, r.findings.assessment.skill),
    ),
    Field(figures.TEMPERATURE.about, lambda r: figures.TEMPERATURE.record(r.findings), ("temperature",)),
    _field("at_temperature", "the figures of log_loss to rmsce_equal_mass, with their errors, after it; in_sample: "
           "T was fitted on the rows that it is judged on",
           lambda r: _after(r.findings.tempered)),
    _field("platt", f"{{{_listed(figures.PLATT)}}}: the σ(az + b) that minimises the log loss on these very rows "
           "(in-sample), with z as it is in the file",
           lambda r: _platt(r.findings)),
    _field("at_platt", "the same after that", lambda r: _after(r.findings.scaled)),
    *_fields(value_statistics.VALUES, lambda r: r.findings.values),
    _field(
        "error_quantiles",
        "[{level, value, value_error}]: of v − y, the least that a part of the rows is at or below",
        lambda r: value_statistics.quantile_records(r.findings.values),
    ),
    *_fields(value_statistics.FORECAST, _forecast),
    _field(
        "intervals",
        f"[{{{_listed(value_statistics.INTERVALS)}}}], the widest first: {_told_of(value_statistics.INTERVALS)}; of "
        "values alone v ± z·RMSE, as if errors were normal",
        lambda r: value_statistics.interval_records(r.findings.values),
    ),
    _field(
        "levels",
        f"[{{{_listed(value_statistics.LEVELS)}}}]: {_told_of(value_statistics.LEVELS)}",
        lambda r: value_statistics.level_records(r.findings.values),
    ),
    _field(
        "pit",
        f"[{{{_listed(value_statistics.PIT)}}}]: the probability integral transform of the labels, between the levels "
        "of quantiles, else in ten bins",
        lambda r: value_statistics.pit_records(r.findings.values),
    ),
    _field(
        "residuals",
        "[{lower, upper, count, prediction, error, q05, q25, q50, q75, q95}]: v − y over the predictions, in bins of "
        f"equal counts; of more than {SAMPLED:,} rows from so many",
        lambda r: value_statistics.band_records(r.findings.values),
    ),
    _field(
        "labels",
        f"where an example may have several labels: [{{label, prediction, {_listed(label_figures.LABELS)}, losses}}], "
        "with weights where there are any; all other figures are of columns.label: --label NAME",
        lambda r: label_figures.records(r.findings),
    ),
    _field(
        "labels_mean",
        "the means of these figures over the labels that have them",
        lambda r: label_figures.mean_record(r.findings),
    ),
    _field(
        "classes",
        f"where there are K: [{{name, {_listed(figures.CLASSES)}}}]",
        lambda r: [
            {"name": name, **record_of(figures.CLASSES, found)}
            for name, found in zip(class_names(r.findings), r.findings.classes, strict=True)
        ],
    ),
    _field(
        "confusion_matrix",
        "where there are K: a row a label, a column a decision",
        lambda r: None if r.findings.matrix is None else r.findings.matrix.tolist(),
    ),
    _field(
        "worst",
        "[{loss, row, value, columns}]: the rows where the first loss is largest, with all columns of the file",
        lambda r: list(r.worst),
    ),
    _field(
        "recalibration",
        "of --recalibrate: {rows, fitted_rows, rows_seen, folds, hash, fit_on, weighted, unmended, methods, best}; "
        "unmended and of each method in_sample and out_of_fold are {log_loss, brier, ece, ece_floor, infinite}; "
        "difference is the mean log loss on rows that it was not fitted to less that of the predictions as they are, "
        "with the standard error of pairs; with weights all of it is weighted; null where it is not asked for",
        lambda r: None if r.recalibration is None else dict(r.recalibration),
    ),
    _field(
        "only",
        "of --only: what other columns hold in the rows that count",
        lambda r: [condition.text for condition in r.findings.question.only.conditions],
    ),
    _field(
        "segments",
        "of --by and --find-segments: [{column, value, only, rows, base_rate, log_loss, calibration_ratio, ece, "
        "ece_floor, z, loss, loss_standard_error, loss_z, infinite, bias, bias_interval, calibration_ratio_interval, "
        "coverage, coverage_interval}]: of each segment, with weights where there are; only: what --only takes for it; "
        "z is Spiegelhalter's, loss_z the mean loss less that of all other rows over its standard error; loss the log "
        "loss, of plain values the first loss; coverage what the widest interval of a forecast holds; of the worst "
        "also p and p_corrected (Benjamini–Hochberg)",
        lambda r: None if r.segments is None else list(r.segments),
    ),
    _field(
        "search",
        "of --find-segments: {looked_at, columns, least_rows, standing_out, skipped: [{column, why}]}",
        lambda r: r.search,
    ),
    _field("conclusion", ABOUT, lambda r: conclusion(r.findings)),
    _field("compare", COMPARED, lambda r: r.comparisons[0] if r.comparisons else None),
    _field("comparisons", SEVERAL, lambda r: list(r.comparisons) if len(r.comparisons) > 1 else None),
    _field("notes", "what must be said beside the figures", lambda r: [*r.notes, *r.findings.notes]),
)  # fmt: skip
"""All of it, in order."""


def document(report: Report) -> Record:
    """What ``lossterm data --format json`` prints."""
    return {name: value for field in FIELDS for name, value in field.record(report).items()}


def json_help() -> str:
    """What every field of the document is, in lines of 80 columns."""
    rough: Statistics[Any] = (
        *figures.CALIBRATION, figures.AUROC, figures.AUROC_ERROR, figures.AVERAGE_PRECISION, figures.TEMPERATURE,
        *value_statistics.VALUES, *value_statistics.FORECAST,
    )  # fmt: skip
    told = [(field.about, field.names) for field in FIELDS]
    at = next(i for i, (_, names) in enumerate(told) if names == ("at_temperature",))
    told.insert(at, (_ERRORS, tuple(s.error_name for s in rough if s.error_name)))
    lines = ['JSON, one object; infinite is "inf", what does not exist is null:']
    for about, together in groupby(told, key=lambda entry: entry[0]):
        head = ", ".join(name for _, names in together for name in names)
        lines += _help_entry(head, about)
    return "\n".join([*lines, "", *textwrap.wrap(_CSV, 80)])


_ERRORS = "bounds of the errors: above 0 where so many rows are read that the figure comes from counts in cells"

_CSV = (
    "CSV has a line a figure: figure,loss,params,value. The ece of at_platt is at_platt.ece; what does not exist is "
    "empty; the worst examples and the rows that differ are left out."
)


def _help_entry(head: str, about: str) -> list[str]:
    hanging = " " * 20
    if len(head) > 16:
        heads = textwrap.wrap(head, 80, initial_indent="  ", subsequent_indent="  ")
        return [*heads, *textwrap.wrap(about, 80, initial_indent=hanging, subsequent_indent=hanging)]
    return textwrap.wrap(about, 80, initial_indent=f"  {head:<18}", subsequent_indent=hanging)


def _optional(x: float | None) -> float | str | None:
    return None if x is None else strict(x)


def _loss(finding: LossFinding) -> Record:
    criterion = finding.criterion
    who: Record = {**loss_record(criterion.loss, criterion.params), "smoothing": criterion.smoothing}
    return who | record_of(figures.LOSSES, finding)


def _after(found: Calibration | None) -> Record | None:
    return None if found is None else record_of(figures.CALIBRATION, found) | {"in_sample": True}


def _platt(findings: Findings) -> Record | None:
    line = findings.platt
    return None if line is None or line.a is None else record_of(figures.PLATT, line)


def decomposition(findings: Findings) -> Record | None:
    """The five terms of the Brier score; None for K classes and plain values."""
    if findings.calibration is None or findings.matrix is not None:
        return None
    return record_of(figures.TERMS, findings.calibration.width.decomposition)


def reliability_of(found: Calibration | None, *, mass: bool) -> Reliability | None:
    """The bins that are looked at: of equal counts or of equal width; None where there are none."""
    return None if found is None else found.mass if mass else found.width


def _reliability(bins: Reliability | None) -> list[Record] | None:
    if bins is None:
        return None
    columns = [getattr(bins, name).tolist() for name in _BIN] + [end.tolist() for end in bins.interval]
    return [dict(zip((*_BIN, *_INTERVAL), values, strict=True)) for values in zip(*columns, strict=True)]


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
            "columns": {name: plain(cell) for name, cell in cells.items()},
        }
        for row, value, cells in zip(worst.row.tolist(), worst.value.tolist(), columns, strict=True)
    ]


def plain(x: object) -> object:
    """A field of any format as JSON has it: dates, decimals and bytes as text."""
    if isinstance(x, float):
        return strict(x)
    if x is None or isinstance(x, bool | int | str):
        return x
    if isinstance(x, Mapping):
        return {str(name): plain(part) for name, part in x.items()}
    if isinstance(x, list | tuple):
        return [plain(part) for part in x]
    return str(x)


def write_csv(found: Record, file: IO[str]) -> None:
    """One line a figure: which, of which loss, its value; figures of parts are written ``part.figure``."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["figure", "loss", "params", "value"])
    # names of groups and classes are somebody's: `cell_of_sheet` says what becomes of those that begin like a formula
    for name, value in found.items():
        if name == "compare" and isinstance(value, Mapping):
            value = {part: x for part, x in value.items() if part != "differing"}  # noqa: PLW2901
        if name == "losses":
            for loss in value:  # type: ignore[attr-defined]
                who = [loss["loss"], params_cell(loss["params"])]
                for figure, x in loss.items():
                    if figure not in {"loss", "params", "definition"}:
                        writer.writerow([figure, *who, "" if x is None else x])
        elif name not in ("worst", "comparisons"):
            writer.writerows([figure, "", "", x] for figure, x in _flat(name, value))


def _flat(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(f"{name}.{key}", part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _flat(f"{name}[{index}]", part)
    else:
        yield name, "" if value is None else str(value).lower() if isinstance(value, bool) else cell_of_sheet(value)


# ---- figures and fields, as they are written -----------------------------------------------------------------------


def class_names(findings: Findings) -> list[str]:
    """The names of the K classes, or their numbers."""
    count, names = len(findings.classes), findings.question.names
    return list(names) if len(names) == count else [str(k) for k in range(count)]


def term(x: float) -> str:
    """A figure after a sign: in brackets where it is negative."""
    return f"({significant(x)})" if x < 0 else significant(x)


def cell_text(x: object, width: int = 24) -> str:
    """A field of the file, in so many cells."""
    plain = "" if x is None else number(x) if isinstance(x, float) else str(x)
    plain = visible(plain)
    return plain if len(plain) <= width else plain[: width - 1] + "…"

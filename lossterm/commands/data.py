"""``lossterm data``: what losses see in a file of predictions, printed, or looked at in the explorer."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lossterm.arguments import choice, joined
from lossterm.cli import Parser
from lossterm.core.labels import smoothed
from lossterm.data_arguments import (
    add_data_options,
    asked_criteria,
    class_label,
    file_choice,
    look_of,
    open_source,
    question_of,
    refuse_pipes,
)
from lossterm.data_state import Look
from lossterm.data_table import document, told, worst_records, write_csv
from lossterm.data_text import text
from lossterm.numbers import parse
from lossterm.options import add_format

if TYPE_CHECKING:
    import argparse

    from lossterm.core.findings import Findings
    from lossterm.data.source import Source

EXAMPLE = "lossterm data predictions.csv --loss ce,mse,focal --format json"
WORST = 20
SHOWN_WORST = 10
"""Of the worst examples, how many the text has where nothing is said."""

ABOUT = """\
What the losses see in a file of predictions: their means, the calibration, the
worst examples. CSV, TSV, NDJSON (also .gz), Parquet, Arrow and NumPy files are
read. In a terminal without --format it opens the explorer."""

JSON_HELP = """\
JSON, one object; infinite is "inf", what does not exist is null:
  rows, skipped     examples that count; rows left out by --skip-bad
  losses            [{loss, params, smoothing, mean, standard_error, sum,
                    weighted_mean, weighted_standard_error,
                    weighted_sum_per_row, gradient_share_1pct,
                    gradient_share_error, infinite, undefined}]: Σℓ/n and its
                    standard error; Σwℓ/Σw and its own; Σwℓ/n; what part of
                    Σ|∂L/∂z| the worst 1% hold; for how many examples the
                    loss is infinite or undefined
  weight_sum        Σw
  base_rate         the mean label
  threshold         of --threshold: p above it is decided to be class 1
  accuracy          the part of the decisions that is right
  confusion         {true_positive, false_positive, true_negative,
                    false_negative}
  bins              of --bins
  applied_temperature   of --temperature
  log_loss          the mean cross-entropy in nats
  brier             the mean (p − y)²; of K classes Σ(p_k − t_k)²
  ece, mce, rmsce   over bins of equal width, (lower, upper]; of K classes of
                    the confidence in the top class
  ece_equal_mass, mce_equal_mass, rmsce_equal_mass
                    over bins of equal counts
  brier_decomposition
                    {reliability, resolution, uncertainty,
                    within_bin_variance, within_bin_covariance}: brier is
                    reliability − resolution + uncertainty + variance −
                    covariance
  reliability       [{lower, upper, count, confidence, frequency}], empty bins
                    left out
  auroc             ties ½
  temperature       the T that minimises the log loss: of the logits as they
                    are in the file, whatever --temperature is
  auroc_error, temperature_error
                    above 0 where so many rows are read that the figure comes
                    from a sketch
  platt             {a, b}: the σ(az + b) that minimises the log loss, with
                    z as it is in the file
  at_temperature, at_platt
                    {log_loss, brier, ece …} after it
  classes           where there are K: [{name, count, decided, right,
                    precision, recall, f1, mean_probability}]
  confusion_matrix  where there are K: a row a label, a column a decision
  worst             [{loss, row, value, columns}]: the rows where the first
                    loss is largest, with all columns of the file
  notes             what must be said beside the figures

CSV has a line a figure: figure,loss,params,value. The ece of at_platt is
at_platt.ece; what does not exist is empty; the worst examples are left out."""


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("lossterm data", ABOUT, f"{EXAMPLE}\n\n{JSON_HELP}")
    add_data_options(parser)
    add_format(parser, "text", "json", "csv")
    parser.add_argument("--fresh", action="store_true", help="in the explorer, neither restore nor save")
    options = parser.parse_args(joined(arguments))
    wanted = file_choice(options)
    if options.format is None and all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return _explore(options)
    if not wanted.paths:
        raise ValueError(f"which file? for example: {EXAMPLE}, or lossterm data --demo")
    form = choice(options.format or "text", ("text", "json", "csv"), "format")
    smoothing = 0.0 if options.smoothing is None else parse(options.smoothing)
    smoothed(1.0, smoothing)
    worst = WORST if options.worst is not None or form != "text" else SHOWN_WORST
    look = look_of(options, Look(worst=worst))
    with open_source(wanted) as source:
        if smoothing and source.columns.kind == "value":
            raise ValueError("--smoothing is of classes: the predictions are plain numbers")
        if options.only_label is not None:
            look = replace(look, label=class_label(options.only_label, source))
        criteria = asked_criteria(options.loss, source, smoothing)
        question = question_of(look, source, criteria)

        from lossterm.data.one_class import one_class
        from lossterm.data.survey import Survey

        findings = Survey(source).ask(question, progress=_progress())
        problem = None if wanted.skip_bad else one_class(source, findings)
        if problem:
            raise ValueError(f"{problem}; --skip-bad goes on with what figures there are")
        first = findings.losses[0]
        numbers = first.worst.row.tolist() if first.worst is not None else []
        worst_rows = worst_records(first, source.rows(numbers))
    if form == "text":
        columns = source.columns
        lines = text(findings, _head(source, findings), worst_rows, (columns.label, *columns.predictions))
        sys.stdout.writelines(f"{line}\n" for line in lines)
        return 0
    found = document(findings, skipped=source.skipped, worst=worst_rows)
    if form == "json":
        print(json.dumps(found, ensure_ascii=False, allow_nan=False))
    else:
        write_csv(found, sys.stdout)
    return 0


def _head(source: Source, findings: Findings) -> list[str]:
    """What is said of the file itself."""
    rows = "1 row" if findings.rows == 1 else f"{findings.rows:,} rows"
    if not findings.question.only.is_open:
        rows += " within the filter"
    mean = "mean label" if findings.calibration is None else "base rate"
    rate = "" if math.isnan(findings.label_mean) else f" · {mean} {told(findings.label_mean)}"
    lines = [f"{source.title} · {rows}{rate}", source.columns.why]
    if source.skipped:
        reasons = " · ".join(f"{count:,} {reason}" for reason, count in source.skip_reasons.items())
        lines.append(f"left out: {source.skipped:,} ({reasons})")
    return lines


def _progress() -> Callable[[float], None]:
    """Tells on a terminal how far the reading is; says nothing into a file."""
    if not sys.stderr.isatty():
        return lambda part: None
    shown = -1

    def tell(part: float) -> None:
        nonlocal shown
        percent = int(100 * part)
        if percent != shown:
            shown = percent
            sys.stderr.write(f"\rreading {percent:3d}%" if percent < 100 else "\r            \r")
            sys.stderr.flush()

    return tell


def _explore(options: argparse.Namespace) -> int:
    """Open the explorer at the Data screen, with what the options say put over what was saved."""
    from lossterm import session
    from lossterm.arguments import losses, with_losses
    from lossterm.data_state import document as kept_document
    from lossterm.data_state import read
    from lossterm.state import View

    saved = session.Saved() if options.fresh else session.load()
    kept, look = read(saved.screens.get("data"))
    wanted = file_choice(options)
    choice = wanted if wanted.paths else kept
    if "-" in choice.paths:
        raise ValueError("standard input is the keyboard here: write lossterm data - --format text")
    refuse_pipes(choice)
    look = look_of(options, look)
    view = saved.view or View()
    if options.smoothing is not None:
        view = replace(view, smoothing=parse(options.smoothing))
        smoothed(1.0, view.smoothing)
    if options.loss:
        view = with_losses(view, losses(options.loss))
    if wanted.paths:
        source = open_source(wanted)  # what is wrong with it is said before the terminal is taken over
        if options.only_label is not None:
            look = replace(look, label=class_label(options.only_label, source))
        question_of(look, source, ())
        source.close()
    from lossterm.ui.app import LosstermApp

    screens = {**saved.screens, "data": kept_document(choice, look, filtered=True)}
    app = LosstermApp(replace(saved, view=view, screens=screens), keep=not options.fresh, start="data")
    return app.run_to_the_end()

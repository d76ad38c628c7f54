"""``lossterm data``: what losses see in a file of predictions, printed, or looked at in the explorer."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from lossterm.core.plain import visible
from lossterm.model.feature import OpenExplorer, ScreenSetting
from lossterm.model.notation import choice
from lossterm.model.parser import Parser, add_format
from lossterm.model.records import json_text
from lossterm.model.store import Saved, load
from lossterm.model.subject import Subject
from lossterm.predictions.figures import Record, told
from lossterm.predictions.losses import asked_criteria
from lossterm.predictions.options import (
    add_data_flags,
    asked_look,
    asked_subject,
    file_choice,
    open_source,
    question_of,
    refuse_pipes,
    restored_choice,
    saved_choice,
)
from lossterm.predictions.report import Report, document, json_help, worst_records, write_csv
from lossterm.predictions.text import mended_lines, text
from lossterm.predictions.view import FileChoice, Look
from lossterm.predictions.wishes import Wishes, add_wish_flags, asked_wishes, check_labels, tell_held

if TYPE_CHECKING:
    from lossterm.core.statistics.carrying import Counted
    from lossterm.core.statistics.findings import Findings
    from lossterm.core.statistics.part import Part
    from lossterm.core.statistics.question import Question
    from lossterm.files.source import Source
    from lossterm.predictions.comparing import Comparison
    from lossterm.predictions.segments import Segments
    from lossterm.predictions.survey import Survey

EXAMPLES = (
    "lossterm data predictions.csv --loss ce,mse,focal",
    "lossterm data part-*.parquet --label-column y --prediction-column p",
    "lossterm data --demo --temperature 3.24 --format text",
    "lossterm data --demo --recalibrate platt --write mended.csv",
    "lossterm data --demo --require 'ece<.1' --require 'auroc>.9'",
    "lossterm data a.csv --against b.csv --format text",
    "lossterm data monday.csv --save monday.lossterm",
    "lossterm data *.lossterm --format text",
)
FORMATS = ("text", "json", "csv", "markdown")
WORST = 20
SHOWN_WORST = 10
"""Of the worst examples, how many the text has where nothing is said."""

ABOUT = """\
What the losses see in a file of predictions: their means, the calibration, the
worst examples. CSV and its like, JSON, NDJSON (also .gz, .zip), Parquet, Arrow
and NumPy files are read; labels and predictions may be in two files.
Predictions are probabilities, logits, scores, or plain values, with quantiles,
lower and upper ends or a standard deviation where there are such columns; of
several labels each has its figures. What was assumed is a note that names the
option for another reading. In a terminal without --format it opens the
explorer."""


def parser() -> Parser:
    """The options of the command."""
    declared = Parser("lossterm data", ABOUT, EXAMPLES, json_help())
    add_data_flags(declared)
    declared.add_argument("--find-segments", action="store_true",
                          help="the segments of all columns and pairs of columns whose loss differs most")  # fmt: skip
    add_wish_flags(declared)
    declared.add_argument("--engine", metavar="dask[:ADDRESS]",
                          help="count on a cluster of dask that can open the files: of the scheduler at ADDRESS, such "
                               "as tcp://host:8786, else of processes here; the figures are the same")  # fmt: skip
    add_format(declared, *FORMATS)
    declared.add_argument("--fresh", action="store_true", help="in the explorer, neither restore nor save")
    return declared


def run(arguments: Sequence[str]) -> int | OpenExplorer:
    """Run the command.

    Returns:
        The exit code; in a terminal, where no format is asked for, the explorer that is to be opened.

    Raises:
        ValueError: what is wrong with the command or with the file.
    """
    given = parser().parse_args(arguments)
    wanted, wishes = file_choice(given), asked_wishes(given)
    if (
        given.format is None
        and not wishes.any
        and not given.find_segments
        and given.engine is None
        and all(stream and stream.isatty() for stream in (sys.stdin, sys.stdout))
    ):
        return _explorer(given)
    if not wanted.paths:
        raise ValueError(f"which file? for example: {EXAMPLES[0]}, or lossterm data --demo")
    form = choice(given.format or "text", FORMATS, "format")
    few = form in ("text", "markdown") and given.worst is None and wishes.write_worst is None
    look = asked_look(given, Look(worst=SHOWN_WORST if few else WORST))
    with _progress() as progress:
        found, lines, segments = _found(given, look, progress, wishes)
    told = document(found)
    held = wishes.held(told)
    alone = bool(held) and given.format is None  # who asks whether bounds hold need not read the rest
    if form in ("text", "markdown") and not alone:
        sys.stdout.writelines(f"{visible(line)}\n" for line in lines(form))
    elif form == "json":
        extra = {"require": [one.record() for one in held]} if held else {}
        print(json_text(told | extra))
    elif form == "csv" and segments is not None:
        from lossterm.predictions import segment_words

        segment_words.write_csv(segments, sys.stdout)
    elif form == "csv":
        write_csv(told, sys.stdout)
    return tell_held(held, alone=alone)


def answer(arguments: Sequence[str]) -> dict[str, object]:
    """What ``--format json`` prints."""
    given = parser().parse_args(arguments)
    if given.engine is not None:
        raise ValueError("--engine is for the command line")
    wishes = asked_wishes(given).without_writing()
    found, _, _ = _found(given, asked_look(given, Look(worst=WORST)), lambda part: None, wishes)
    return document(found)


def setting(arguments: Sequence[str]) -> ScreenSetting:
    """What the Data screen shows of these words."""
    given = parser().parse_args(arguments)
    wanted, look = file_choice(given), asked_look(given, Look())
    return ScreenSetting(asked_subject(Subject(), given), saved_choice(wanted, look, filtered=True))


def _found(
    given: argparse.Namespace, look: Look, progress: Callable[[float], None], wishes: Wishes
) -> tuple[Report, Callable[[str], Sequence[str]], Segments | None]:
    # what the file answers, how it is told as text or as Markdown, and the segments where they are asked for
    if look.by is not None and given.find_segments:
        raise ValueError("--by a column or --find-segments of all, not both")
    wanted = file_choice(given)
    if wanted.is_stored:
        return _of_summaries(given, wanted, look, wishes)
    smoothing = asked_subject(Subject(), argparse.Namespace(loss=None, smoothing=given.smoothing)).smoothing
    with open_source(wanted) as source:
        check_labels(given, source, look, wishes)
        if smoothing and source.columns.kind == "value":
            raise ValueError("--smoothing is of classes: the predictions are plain numbers")
        criteria = asked_criteria(given.loss, source, smoothing)
        shown = look.worst
        if wishes.save is not None:  # parts must be asked the same, whatever is shown of them
            look = replace(look, worst=max(Look().worst, look.worst))
        question = question_of(look, source, criteria)

        from lossterm.files.plausibility import doubts, one_class
        from lossterm.predictions.survey import Survey

        survey = Survey(source, _engine(given, wanted, look, wishes))
        findings, compared, parts = _answered(survey, wanted, look, question, progress, keep=wishes.save is not None)
        alone = not wanted.skip_bad and wishes.save is None  # a part may have one class, where the whole has two
        problem = one_class(source, findings) if alone else None
        if problem:
            raise ValueError(f"{problem}; --skip-bad goes on with what figures there are")
        notes = [*source.notes, *doubts(source, findings)]
        worst = _worst(findings, source, shown)
        head = _head(source, findings)
        report = Report(findings, look.mass, source.skipped, worst, source.record(), notes)
        if compared:
            from lossterm.predictions.compare_report import record as compared_record

            report = replace(report, comparisons=[compared_record(each) for each in compared])
        segments = _segments(source, question, look, progress) if look.by is not None or given.find_segments else None
        if segments is not None:
            from lossterm.predictions import segment_words

            told_of = segment_words.records(segments), segment_words.search(segments)
            report = replace(report, segments=told_of[0], search=told_of[1], notes=[*notes, *segments.notes])
        mending = wishes.mending(
            source, question, lambda path: open_source(replace(wanted, paths=(path,))), progress
        )  # fmt: skip
        if mending is not None:
            from lossterm.predictions.mending import record, sentences, table

            report = replace(report, recalibration=record(mending))
        if wishes.require:
            wishes.held(document(report))  # a name that is none is told before anything is written
        for line in wishes.written(source, mending, worst):
            sys.stderr.write(f"{visible(line)}\n")
        if wishes.save is not None:
            from lossterm.predictions.saving import part_of_labels, save

            names = [label for label, _ in source.columns.pairs] or [source.columns.label]  # whatever is looked at
            sys.stderr.write(f"{visible(save(wishes.save, part_of_labels({name: parts[name] for name in names})))}\n")

    def lines(form: str) -> Sequence[str]:
        names = source.first_told
        rows, said = ([], []) if mending is None else (table(mending), sentences(mending))
        told_beside: list[str] = []
        if compared:
            from lossterm.predictions.compare_text import lines as compare_lines

            told_beside = compare_lines(compared)
        if form == "markdown":
            from lossterm.predictions.markdown import markdown

            return markdown(report, head, first=names, mended=rows, said=said, compared=compared, segments=segments)
        if segments is not None:
            told = segment_words.text(segments, [*head, *(f"note: {note}" for note in notes)])
        else:
            told = text(findings, head, worst, names, mass=look.mass, notes=notes)
        return [*told, *mended_lines(rows, said), *told_beside]

    return report, lines, segments


def _worst(findings: Findings, source: Source, most: int) -> list[Record]:
    """The worst examples of the first loss."""
    first = findings.losses[0]
    if first.worst is not None and len(first.worst) > most:
        first = replace(first, worst=first.worst.first(most))
    numbers = first.worst.row.tolist() if first.worst is not None else []
    return worst_records(first, source.rows(numbers))


def _of_summaries(
    given: argparse.Namespace, wanted: FileChoice, look: Look, wishes: Wishes
) -> tuple[Report, Callable[[str], Sequence[str]], None]:
    """What summaries answer together, and how it is told."""
    from lossterm.predictions.stored import asked_of, open_stored

    survey = open_stored(wanted)
    source, findings = survey.source, survey.ask(asked_of(given, survey))
    worst = _worst(findings, source, look.worst)
    report = Report(findings, look.mass, source.skipped, worst, source.record(), source.notes)
    if wishes.require:
        wishes.held(document(report))
    for line in wishes.written(source, None, worst):
        sys.stderr.write(f"{visible(line)}\n")
    if wishes.save is not None:
        from lossterm.predictions.saving import save

        sys.stderr.write(f"{visible(save(wishes.save, survey.whole))}\n")

    def lines(form: str) -> Sequence[str]:
        head, names = _head(source, findings), source.first_told
        if form == "markdown":
            from lossterm.predictions.markdown import markdown

            return markdown(report, head, first=names)
        return text(findings, head, worst, names, mass=look.mass, notes=source.notes)

    return report, lines, None


def _segments(source: Source, question: Question, look: Look, progress: Callable[[float], None]) -> Segments:
    from lossterm.predictions.segments import by_column, find_worst

    if look.by is None:
        return find_worst(source, question, progress=progress)
    return by_column(source, question, look.by, progress=progress)


def _answered(
    survey: Survey,
    wanted: FileChoice,
    look: Look,
    question: Question,
    progress: Callable[[float], None],
    *,
    keep: bool,
) -> tuple[Findings, Sequence[Comparison], Mapping[str, Part]]:
    """The figures of the file, what the look asks to compare its predictions with, and what was counted of each label.

    Args:
        survey: of the file.
        wanted: which it is.
        look: how it is looked at.
        question: what is asked.
        progress: is told how far it is.
        keep: whether what was counted is wanted.
    """
    from lossterm.predictions.saving import part_of

    parts: dict[str, Part] = {}

    def counted(source: Source, found: Counted) -> None:
        if keep:
            parts[source.columns.label] = part_of(source, found)

    source = survey.source
    if not look.compares:
        return survey.ask(question, progress=progress, counted=counted), [], parts
    from lossterm.predictions.comparing import Beside, Counter, compare, pairings, questions

    with ExitStack() as stack:
        found = pairings(source, wanted, look)
        for pairing in found:
            stack.callback(pairing.close)
        asked = [questions(pairing, question, look) for pairing in found]
        counter = stack.enter_context(Counter(found[0], asked[0], threads=1))  # it counts while the file is read
        findings = survey.ask(question, progress=progress, rows=Beside(source, counter), counted=counted)
        others = [compare(*each, progress=progress) for each in zip(found[1:], asked[1:], strict=True)]
        return findings, [counter.told(), *others], parts


def _engine(
    given: argparse.Namespace, wanted: FileChoice, look: Look, wishes: Wishes
) -> Callable[[Source], Callable[..., Counted]] | None:
    """What makes of a file what counts it elsewhere, where a command line asks for that."""
    if given.engine is None:
        return None
    if look.compares or look.by is not None or given.find_segments or wishes.recalibrate:
        raise ValueError("--engine counts the figures: --against, --by, --find-segments and --recalibrate read here")
    from lossterm.predictions.engine import count_on

    return lambda source: count_on(given.engine, source, wanted)


def _head(source: Source, findings: Findings) -> list[str]:
    """What is said of the file itself."""
    rows = "1 row" if findings.rows == 1 else f"{findings.rows:,} rows"
    if not findings.question.only.is_open:
        rows += " within the filter"
    mean = "mean label" if findings.calibration is None else "base rate"
    rate = "" if math.isnan(findings.label_mean) else f" · {mean} {told(findings.label_mean)}"
    lines = [f"{source.title} · {rows}{rate}", source.columns.why]
    if conditions := findings.question.only.conditions:
        lines.append(f"only {' · '.join(condition.text for condition in conditions)}")
    if source.skipped:
        reasons = " · ".join(f"{count:,} {reason}" for reason, count in source.skip_reasons.items())
        lines.append(f"left out: {source.skipped:,} ({reasons})")
    return lines


@contextmanager
def _progress() -> Iterator[Callable[[float], None]]:
    """Tells on a terminal how far the reading is, from its beginning to its end; says nothing into a file."""
    if not sys.stderr.isatty():
        yield lambda part: None
        return
    shown = -1

    def tell(part: float) -> None:
        nonlocal shown
        percent = int(100 * part)
        if percent != shown:
            shown = percent
            sys.stderr.write(f"\rreading {percent:3d}%")
            sys.stderr.flush()

    tell(0.0)
    try:
        yield tell
    finally:
        sys.stderr.write("\r            \r")
        sys.stderr.flush()


def _explorer(given: argparse.Namespace) -> OpenExplorer:
    """The explorer at the Data screen, with what a command line says put over what was saved."""
    saved = Saved() if given.fresh else load()
    kept, look = restored_choice(saved.screens.get("data"))
    wanted = file_choice(given)
    shown = wanted if wanted.paths else kept
    if "-" in shown.paths:
        raise ValueError("standard input is the keyboard here: write lossterm data - --format text")
    refuse_pipes(shown)
    look = asked_look(given, look)
    if given.page is None and asked_look(given, Look()).compares:  # what is asked is shown: who is better
        look = replace(look, page="compare")
    subject = asked_subject(saved.subject or Subject(), given)
    if wanted.is_stored:
        from lossterm.predictions.stored import asked_of, look_of, open_stored

        survey = open_stored(wanted)
        asked_of(given, survey)
        look = look_of(survey.part, look)
    elif wanted.paths:
        with open_source(wanted) as source:  # what is wrong with it is said before the terminal is taken over
            check_labels(given, source, asked_look(given, Look()), Wishes())
            question_of(look, source, ())
            source.check_columns([look.by] if look.by is not None else [], look.only)
    screens = {**saved.screens, "data": saved_choice(shown, look, filtered=True)}
    return OpenExplorer(replace(saved, subject=subject, screens=screens), keep=not given.fresh, start="data")

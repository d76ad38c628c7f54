"""The sheet of what would mend a file: the methods in a table, the reliability after each, what can be taken away."""

from __future__ import annotations

import io
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import IO

from lossterm.core.plain import one_line, visible
from lossterm.core.statistics.judged import JudgedMap
from lossterm.model.actions import Copy, Lay, Outcome, Pick, Section, Tell, Write
from lossterm.predictions import mapping
from lossterm.predictions.actions import told_words
from lossterm.predictions.figures import told
from lossterm.predictions.file_actions import NO_FILE
from lossterm.predictions.mending import (
    TITLES,
    Mending,
    change_text,
    conclusion,
    formula,
    mend,
    mended_rows,
    methods_of,
    sentences,
    table,
)
from lossterm.predictions.opening import OpenFile
from lossterm.predictions.options import question_of
from lossterm.predictions.report import worst_records
from lossterm.predictions.state import DataState
from lossterm.predictions.taking import new_names, write_worst_csv
from lossterm.predictions.text import aligned
from lossterm.predictions.view import Look
from lossterm.tui.widgets.chooser import Item

CHART = (74, 14)
"""Columns and lines of a chart of the sheet."""

FEW_ROWS = 200_000
"""Rows up to which they are written at once; of more the command is copied that does."""


@dataclass(frozen=True, eq=False)
class Mended:
    """What would mend a file, or why that is not known, in a line; nothing of it matters where it was given up."""

    file: OpenFile
    given_up: Event
    mending: Mending | None = None
    problem: str = ""


class Stopped(Exception):  # noqa: N818  (what was given up is no error)
    """Somebody no longer wants to know."""


def mended(file: OpenFile, look: Look, given_up: Event, progress: Callable[[float], None]) -> Mended:
    """Fit and judge every method; in a thread that alone reads the file."""

    def step() -> None:
        if given_up.is_set():
            raise Stopped

    try:
        question = question_of(look, file.source, ())
        found = mend(
            file.source, question, methods_of(file.source), cancelled=given_up.is_set, progress=progress, step=step
        )
    except Stopped:
        return Mended(file, given_up)
    except Exception as problem:  # whatever a library raises is told, and ends nothing
        return Mended(file, given_up, problem=one_line(problem))
    return Mended(file, given_up, found)


def sheet(news: Mended, *, is_browser: bool, is_busy: Callable[[], bool]) -> Outcome:
    """The sheet of what was found; a message where nothing was.

    Args:
        news: what was found.
        is_browser: whether what is written is a download.
        is_busy: whether somebody reads the file at this moment.
    """
    mending = news.mending
    if mending is None:
        return Tell(news.problem, wrong=True, seconds=12)
    how = sentences(mending, formulas=False)
    sections = [Section("", (conclusion(mending),), tuple(aligned(table(mending))))]
    sections += [
        _section(mending, verdict, partial(_taken, news, verdict, is_browser, is_busy))
        for verdict in mending.judgement.verdicts
    ]
    sections.append(Section("How", tuple(how[1:])))
    columns = news.file.source.columns
    title = f"Mend {visible(columns.label)}" if columns.pairs else "Mend"
    return Lay(title, tuple(sections), "\n".join(aligned(table(mending))), "the table is copied")


def _section(mending: Mending, verdict: JudgedMap, take: Callable[[DataState], Outcome]) -> Section:
    from lossterm.predictions.pictures.mended import AFTER, BEFORE, mended_picture

    title = TITLES[verdict.fitted.method]
    if not verdict.fitted.is_fitted:
        return Section(title, (f"none: {verdict.reason}",))
    said = [formula(verdict.fitted)]
    after = verdict.outside or verdict.inside
    assert after is not None
    where = "on rows it was not fitted to" if verdict.outside is not None else f"in-sample ({verdict.reason})"
    before = mending.judgement.plain
    said.append(
        f"{BEFORE} as they are: ECE {told(before.bins.ece, 3)} · {AFTER} {title}, {where}: "
        f"ECE {told(after.bins.ece, 3)} · log loss {told(after.log_loss)}, Δ {change_text(verdict.change)}"
    )
    return Section(title, tuple(said), tuple(mended_picture(before.bins, after.bins, CHART)), take)


def _taken(
    news: Mended, verdict: JudgedMap, is_browser: bool, is_busy: Callable[[], bool], state: DataState
) -> Outcome:
    """What enter on a method gives: a list of what can be written."""
    method = verdict.fitted.method
    rows = "rows, CSV" if news.file.source.expected_rows <= FEW_ROWS else "rows: copy the command"
    items = (Item("function of numpy", ".py"), Item("map", ".json"), Item(rows, ".csv"))

    def take(then: DataState, index: int) -> Outcome:
        mending, source, fitted = news.mending, news.file.source, verdict.fitted
        assert mending is not None
        if then.file is not news.file:
            return Tell("another file is open now", wrong=True)
        if index < 2:
            text = (mapping.snippet, mapping.document_text)[index](fitted, source, mending)
            return Write(f"lossterm-{method}", (".py", ".json")[index], lambda file: file.write(text))
        if source.expected_rows > FEW_ROWS and not is_browser:
            words = [*told_words(then), "--recalibrate", method, "--write", "calibrated.csv"]
            return Copy(shlex.join(["lossterm", *words]))
        if is_busy():
            return Tell("the file is being read: again in a moment", wrong=True)
        return Write(f"lossterm-{method}", ".csv", partial(_write_rows, news, verdict))

    return Pick(f"Write {TITLES[method]}", items, 0, take)


def _write_rows(news: Mended, verdict: JudgedMap, file: IO[str]) -> None:
    from lossterm.files.whole import beside, whole_frames, write_csv_frames

    source, fitted, written = news.file.source, verdict.fitted, io.BytesIO()
    names = new_names(source, fitted)
    write_csv_frames(beside(whole_frames(source), names, mended_rows(source, fitted)), written)
    file.write(written.getvalue().decode("utf-8"))


def write_worst(state: DataState) -> Outcome:
    """Write the worst rows of the current loss with all columns of the file."""
    finding = state.finding
    if state.file is None or finding is None:
        return NO_FILE
    numbers = finding.worst.row.tolist() if finding.worst is not None else []
    if not numbers:
        return Tell("no example has a loss", wrong=True)
    if any(number not in state.columns for number in numbers):
        return Tell("the columns of the worst rows are being read: again in a moment", wrong=True)
    worst = worst_records(finding, [state.columns[number] for number in numbers])
    return Write("lossterm-worst", ".csv", partial(write_worst_csv, worst))

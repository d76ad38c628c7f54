"""Keys of segments on the Data screen: which column, the table that is laid over the screen, and where enter leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lossterm.core.numbers import significant
from lossterm.model.actions import Outcome, Pick, TablePage, Tabulate, Tell, Write
from lossterm.model.notation import command_line
from lossterm.predictions import view
from lossterm.predictions.file_actions import NO_FILE
from lossterm.predictions.finding import Seeking
from lossterm.predictions.options import data_words
from lossterm.predictions.state import DataState
from lossterm.predictions.view import NEEDS_ROWS
from lossterm.tui.widgets.chooser import Item

if TYPE_CHECKING:
    from lossterm.predictions.segments import Segment, Segments

ALL = "the worst of all columns"
"""The first of the choices."""

LEAST_DRAWN = 16
"""Cells of an interval at least."""

LONGEST = 30
"""Cells of the name of a segment of a column; of a pair twice as many."""


def pick_column(state: DataState) -> Outcome:
    """Choose a column whose segments are told, or the worst of all."""
    if state.file is None:
        return NO_FILE
    source = state.file.source
    if source.part is not None:
        return Tell(NEEDS_ROWS, wrong=True)
    held, columns = source.held, source.columns
    first = [columns.group, *columns.passed_over]
    last = [columns.label, *columns.read, columns.weight, columns.key]
    order = dict.fromkeys([*(n for n in first if n and n not in last), *(n for n in held if n not in last), *held])
    names = [name for name in order if name in held]
    items = [Item(ALL, "and pairs"), *(Item(name, held[name]) for name in names)]

    def take(then: DataState, index: int) -> Outcome:
        return seek(then, None if index == 0 else names[index - 1])

    return Pick("segments by", tuple(items), 1 if names else 0, take)


def seek(state: DataState, column: str | None) -> Outcome:
    """Find the segments of a column, or the worst of all."""
    if state.file is None:
        return NO_FILE
    look = replace(state.look, by=None)
    return replace(state, look=look, seeking=Seeking(state.file, look, state.judges.criteria, column))


def found(state: DataState, seeking: Seeking, segments: Segments) -> Outcome:
    """Lay the segments over the screen."""
    done = replace(state, seeking=None)
    if not segments.segments:
        return done, Tell("no column has segments of at least 50 rows: B chooses one", seconds=12)
    return done, _table(state, seeking, segments)


def not_found(state: DataState, problem: str) -> Outcome:
    """Say why there are no segments."""
    return replace(state, seeking=None), Tell(problem, seconds=20, wrong=True)


def only(state: DataState, segment: Segment) -> Outcome:
    """Only the rows of a segment, in all figures."""
    held = " · ".join(condition.text for condition in segment.conditions)
    return state.with_look(view.narrowed(state.look, segment.conditions)), Tell(f"only {held}: F takes all again")


def _table(state: DataState, seeking: Seeking, segments: Segments) -> Tabulate:
    from lossterm.predictions import segment_words

    columns = seeking.file.source.columns
    title = seeking.file.source.title + (f" · {columns.label}" if columns.pairs else "")
    title += " by " + seeking.column if seeking.column is not None else " · the worst segments"
    shown = segments if segments.by is not None else worst_first(segments)
    return Tabulate(
        title=title,
        count=len(shown.segments),
        pages=partial(_pages, shown),
        take=lambda then, row: only(then, shown.segments[row]),
        copy=_command(state, seeking),
        write=Write("lossterm-segments", ".csv", partial(segment_words.write_csv, segments)),
        keys="enter: only these rows · i I sort · d page · y command · e CSV · esc back",
    )


def worst_first(segments: Segments) -> Segments:
    """Those that are worse than the rest before those that are better, where the sure ones of both go first."""
    return replace(segments, segments=tuple(sorted(segments.segments, key=lambda s: -(s.figures.loss_z or 0.0))))


def _command(state: DataState, seeking: Seeking) -> str:
    look = replace(state.look, by=seeking.column)
    rows = [state.subject.rows[who.row] for who in state.judges.shown] if state.is_of_values else []
    words = data_words(state.told_choice, look, rows, classes=state.class_count)
    search = [] if seeking.column is not None else ["--find-segments"]
    return command_line(["lossterm", "data", *words, *search, "--format", "text"])


def _pages(segments: Segments, width: int) -> Sequence[TablePage]:
    from lossterm.chart.cells import cut, plain, width_of
    from lossterm.predictions import segment_words as words

    rows = segments.segments
    longest = LONGEST if segments.by is not None else 2 * LONGEST
    names = [cut(plain(words.name_of(s) if segments.by is not None else words.full_name(s)), min(longest, width // 2))
             for s in rows]  # fmt: skip
    order = [float(i) for i in range(len(rows))]
    heads = words.heads(segments)
    first = "segment" if segments.by is None else cut(plain(segments.by), longest)
    pages = [
        TablePage(
            "figures",
            (first, *(head.title for head in heads)),
            tuple((name, *(head.text(s) for head in heads)) for name, s in zip(names, rows, strict=True)),
            tuple((at, *(float(head.order(s)) for head in heads)) for at, s in zip(order, rows, strict=True)),
            _about(segments),
        )
    ]
    for title, get, centre in words.DRAWN:
        measured = [get(s.figures) for s in rows]
        if not any(measured):
            continue
        texts = [words.measured_text(m) for m in measured]
        left = max(map(width_of, [first, *names])) + max(map(len, texts)) + 16
        axis = words.Whiskers.of(measured, centre, max(width - left, LEAST_DRAWN))
        values = [m.value if m is not None else float("nan") for m in measured]
        pages.append(
            TablePage(
                title,
                (first, axis.axis(), title, "rows"),
                tuple((n, axis.line(m), t, f"{s.figures.rows:,}")
                      for n, m, t, s in zip(names, measured, texts, rows, strict=True)),
                tuple((at, v, v, float(s.figures.rows)) for at, v, s in zip(order, values, rows, strict=True)),
                f"┊ {significant(centre, 1)}: calibrated; whiskers: 95%",
            )
        )  # fmt: skip
    return pages


def _about(segments: Segments) -> str:
    if segments.by is not None:
        return "loss z: the loss less that of all other rows, in s.e. · z: Spiegelhalter's"
    skipped = f"; not {', '.join(column for column, _ in segments.skipped)}" if segments.skipped else ""
    told = f"{segments.standing_out:,} of {segments.looked_at:,} segments stand out (p* ≤ 5%)"
    return f"{told}; loss z > 0: worse than the rest{skipped}"

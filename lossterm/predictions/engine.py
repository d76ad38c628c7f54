"""Counting on a cluster: each file, or some rows of it, becomes bytes of a summary there, and they are merged here.

`distributed` is imported by nothing else. It brings what a cluster needs, above all that lost work is done again;
what a summary is does not depend on it: parts are merged in the order of the rows, so that every number is that of a
reading on one machine.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lossterm.core.plain import one_line
from lossterm.core.statistics.binary_sums import CERTAINLY, BinarySummary
from lossterm.core.statistics.carrying import Counted, moved, question_of_record, question_record
from lossterm.core.statistics.class_sums import ClassSummary
from lossterm.core.statistics.part import Part
from lossterm.core.statistics.question import Question
from lossterm.files import paths as files
from lossterm.files.checks import BadData
from lossterm.files.opening import Layout, open_file
from lossterm.files.paths import Found
from lossterm.files.source import Source, WayOfReading
from lossterm.files.tables import Typed
from lossterm.predictions.survey import Cancelled, nothing_passes

if TYPE_CHECKING:
    from lossterm.predictions.view import FileChoice

ENGINES = ("dask",)
"""What may count in the place of this process."""

ROWS = 2_000_000
"""Rows of a Parquet or Arrow file that are one piece of work; a text is one as a whole."""

PATIENCE = "20s"
"""How long a scheduler may take to answer."""


@dataclass(frozen=True)
class Piece:
    """Some rows of a file.

    Attributes:
        at: which of the files.
        path: where it is, on every machine.
        title: as it is called in messages.
        rows: the first and the one after the last; None for all.
    """

    at: int
    path: str
    title: str
    rows: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False)
class Work:
    """What every piece is asked.

    Attributes:
        question: `question_record` of it.
        group: the number of the one group that counts, or None.
        keeping: whether rows are kept, until there are too many.
        reading: how the files are read.
        layout: of texts.
    """

    question: dict[str, Any]
    group: int | None
    keeping: bool
    reading: WayOfReading
    layout: Layout


def address_of(text: str) -> str | None:
    """The address of a scheduler in ``dask[:ADDRESS]``; None where none is told.

    Raises:
        ValueError: it is no such text.
    """
    name, colon, address = text.partition(":")
    if name.strip().lower() not in ENGINES or (colon and not address.strip()):
        raise ValueError(
            f"--engine is dask, or dask:ADDRESS of a scheduler, such as dask:tcp://host:8786, not {text!r}"
        )
    return address.strip() or None


def count_on(text: str, source: Source, wanted: FileChoice) -> Callable[..., Counted]:
    """What counts a file on a cluster; it is asked as `lossterm.predictions.survey.Survey.count` is.

    Args:
        text: of ``--engine``.
        source: the files, as they are read here.
        wanted: how a person says that they are read.

    Raises:
        ValueError: dask is not installed, or the cluster cannot open the files.
    """
    address = address_of(text)
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise ValueError("--engine dask needs distributed: pip install 'lossterm[dask]'") from None
    cut = list(pieces(source))
    layout = Layout(wanted.delimiter, wanted.decimal, wanted.encoding)

    def count(
        question: Question,
        cancelled: Callable[[], bool] = lambda: False,
        progress: Callable[[float], None] = lambda part: None,
    ) -> Counted:

        columns = [name for condition in question.only.conditions for name, _ in condition.ways()]
        keeping = not question.only.is_open or source.expected_rows <= CERTAINLY * question.keep / max(
            question.classes, 1
        )
        with connected(address) as client:
            while True:
                work = Work(
                    question_record(question), question.only.group, keeping, source.reading(columns), layout
                )  # fmt: skip
                counted = _gathered(client, work, cut, source, cancelled, progress)
                most = question.keep if not question.classes else 2 * question.keep // question.classes
                if keeping or counted.rows > most:
                    break
                keeping = True  # there were fewer rows than the first lines let one expect
        if not counted.rows:
            raise ValueError(nothing_passes(question))
        counted.question = question
        return counted

    return count


def pieces(source: Source) -> Iterator[Piece]:
    """The work: files, and of those that tell how many rows they have so many rows at a time.

    Raises:
        BadData: there is no such file, because it was made of something else here.
    """
    for at, (file, table) in enumerate(source.tables):
        path = str(Path(file.title).absolute())
        if not Path(path).is_file():
            raise BadData(f"{file.title}: --engine is for files that the cluster can open, each read alone")
        if isinstance(table, Typed):
            for first in range(0, table.rows, ROWS):
                yield Piece(at, path, file.title, (first, min(first + ROWS, table.rows)))
        else:
            yield Piece(at, path, file.title)


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """A client of a scheduler; without an address of the one that dask is set up for, or of processes here.

    Raises:
        ValueError: no scheduler answers.
    """
    from distributed import Client

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is wrong is told in a line
    here: dict[str, Any] = {} if address else {"silence_logs": logging.CRITICAL, "dashboard_address": ":0"}
    connect: Any = Client
    try:
        client = connect(address, timeout=PATIENCE, set_as_default=False, **here)
    except (OSError, ValueError, ImportError) as problem:
        where = address or "on this machine"
        raise ValueError(f"--engine dask: no scheduler answers {where} ({one_line(problem)})") from None
    try:
        yield client
    finally:
        client.close()


def _gathered(
    client: Any,
    work: Work,
    cut: list[Piece],
    source: Source,
    cancelled: Callable[[], bool],
    progress: Callable[[float], None],
) -> Counted:
    """What all pieces have counted, merged in the order of the rows."""
    from distributed import as_completed

    done_one: Any = as_completed
    futures = client.map(count_piece, [work] * len(cut), cut, pure=False)
    place = {future.key: i for i, future in enumerate(futures)}
    waiting: dict[int, bytes] = {}
    question = replace(question_of_record(work.question))
    total: Any = _empty(question, keeping=True)
    rows, totals, reasons = 0, [0] * len(source.tables), dict[str, int]()
    at = 0
    try:
        for done, future in enumerate(done_one(futures, loop=client.loop), 1):
            if cancelled():
                raise Cancelled
            waiting[place[future.key]] = _result(future)
            future.release()
            while at in waiting:
                part = Part.from_bytes(waiting.pop(at))
                total.merge(moved(part.counted, rows))
                rows += part.rows_read
                totals[cut[at].at] += part.rows_read
                for why, count in part.reasons.items():
                    reasons[why] = reasons.get(why, 0) + count
                at += 1
            progress(done / len(cut))
    except BaseException:
        client.cancel(futures)
        raise
    source.take_over(totals, reasons)
    found: Counted = total
    return found


def _result(future: Any) -> bytes:
    try:
        found: bytes = future.result()
    except (BadData, Cancelled, KeyboardInterrupt):
        raise
    except Exception as problem:  # whatever a worker or the scheduler raises is told in a line
        raise ValueError(f"--engine dask: {one_line(problem)}") from None
    return found


def _empty(question: Question, *, keeping: bool) -> Counted:
    if question.classes:
        return ClassSummary(question, keeping=keeping)
    return BinarySummary(question, counting=not keeping)


# ---- on a worker ----------------------------------------------------------------------------------------------------


def count_piece(work: Work, piece: Piece) -> bytes:
    """The summary of some rows, as bytes.

    Raises:
        BadData: the file cannot be read there, or a row of it is bad.
    """
    question = question_of_record(work.question)
    question = replace(question, only=replace(question.only, group=work.group))
    scratch = files.Scratch()
    try:
        (found,) = files.find([piece.path], scratch)
        found, table, _ = open_file(Found(found.path, piece.title, found.size, found.stamp), scratch, work.layout)
        first = 0
        if piece.rows is not None and isinstance(table, Typed):
            first, last = piece.rows
            table = table.between(first, last)
        source = Source.as_decided(found, table, work.reading, first)
        counted = _empty(question, keeping=work.keeping)
        conditions = question.only.conditions
        for examples in source.batches(only=conditions):
            counted.add(examples)
        rows = source.row_counts[0]
    finally:
        scratch.close()
    counted = moved(counted, -first)  # the rows of a part are counted from its own first
    return Part(question, counted, ((piece.title, rows),), reasons=dict(source.skip_reasons)).to_bytes()

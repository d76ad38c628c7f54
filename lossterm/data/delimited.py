"""Comma-separated text and its like: which delimiter, whether there is a header, the names and the first rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from lossterm.data.checks import BadData, shown
from lossterm.data.content import as_number

SAMPLE = 2_000
"""Rows from which columns are guessed."""

_DELIMITERS = "\t,;| "
_LINES = 50
"""Lines from which the delimiter is guessed."""


class Rows(Protocol):
    """What `csv.reader` returns."""

    line_num: int
    """Lines read so far."""

    def __iter__(self) -> Iterator[list[str]]:
        """Itself."""

    def __next__(self) -> list[str]:
        """The fields of the next row."""


@dataclass(frozen=True)
class Dialect:
    r"""How a text file is laid out.

    Attributes:
        delimiter: between fields.
        names: of the columns.
        skip: lines before the first row of data.
        ends: what ends a line: ``\n`` (also after ``\r``), or ``\r`` alone.
        headed: whether the names come from the file.
    """

    delimiter: str
    names: tuple[str, ...]
    skip: int
    ends: str = "\n"
    headed: bool = True


def split(lines: Iterable[str], delimiter: str) -> Rows:
    """The rows of a delimited text as fields; a row may go over several lines within quotes."""
    csv.field_size_limit(2**31 - 1)  # a field longer than 128 KB is allowed where nobody reads it
    return csv.reader(lines, delimiter=delimiter)


def dialect_of(title: str, head: str, delimiter: str | None) -> tuple[Dialect, dict[str, list[object]]]:
    """The layout of a file and its first rows, by column.

    Args:
        title: the file, for messages.
        head: its beginning, whole lines.
        delimiter: where a person named it.

    Raises:
        BadData: two columns have one name, or there is nothing but a header.
    """
    text = head.removeprefix("\ufeff")
    chosen = _named(delimiter) if delimiter else _sniff(text)
    reader = split(io.StringIO(text, newline=""), chosen)
    before, first = 0, _next(reader, title)
    while not any(first):
        before, first = reader.line_num, _next(reader, title)
    headed = any(as_number(field.strip()) is None for field in first)
    skip = reader.line_num if headed else before
    names = [field.strip() if headed else "" for field in first]
    names = [name or f"column_{i}" for i, name in enumerate(names, 1)]
    if len(set(names)) < len(names):
        again = Counter(names).most_common(1)[0][0]
        raise BadData(f"{title}: two columns are called {shown(again)}; rename one of them")
    rows = [row for row in islice(reader, SAMPLE) if any(row)]
    if not headed:
        rows.insert(0, first)
    if not rows:
        raise BadData(f"{title}: there is a header but no row of data")
    whole = [row for row in rows if len(row) == len(names)] or rows
    sample: dict[str, list[object]] = {
        name: [row[i] if i < len(row) else "" for row in whole] for i, name in enumerate(names)
    }
    ends = "\r" if "\r" in text and "\n" not in text else "\n"
    return Dialect(chosen, tuple(names), skip, ends, headed), sample


def _next(reader: Rows, title: str) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        raise BadData(f"{title}: the file has only blank lines") from None


def _named(delimiter: str) -> str:
    chosen = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}.get(
        delimiter, delimiter
    )
    if len(chosen) != 1 or not chosen.isascii() or chosen in '"\r\n':
        raise BadData(f"a delimiter is one character, not {shown(delimiter)}")
    return chosen


def _sniff(text: str) -> str:
    """The delimiter by which the most of the first lines have as many fields as the first one, two at least."""
    lines = [line for line in io.StringIO(text[:1_000_000], newline=None) if line.strip()][:_LINES]

    def agreement(delimiter: str) -> float:
        counts = [len(row) for row in islice(split(lines, delimiter), _LINES)]
        return sum(count == counts[0] for count in counts) / len(counts) if counts and counts[0] > 1 else 0.0

    return max(_DELIMITERS, key=agreement) if lines and max(map(agreement, _DELIMITERS)) > 0 else ","

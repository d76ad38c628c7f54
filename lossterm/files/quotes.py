"""Quotation marks that are never closed: they swallow the rows after them, and nothing in the numbers shows it."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from lossterm.files.cells import plain_number
from lossterm.files.checks import shown
from lossterm.files.delimited import Dialect, split
from lossterm.files.diagnose import Lines
from lossterm.files.line_numbers import END, MARK, PIECE


@dataclass(frozen=True)
class Marks:
    """What a look through a whole text tells of its lines.

    Attributes:
        is_odd: whether the number of quotation marks is odd.
        is_inside: whether a line ends after an odd number of them. Where neither is so, no field goes over several.
        ends: how many lines end before each `PIECE` bytes, and in all.
    """

    is_odd: bool = False
    is_inside: bool = False
    ends: Sequence[int] = ()


def look_through(file: BinaryIO) -> Marks:
    """Quotation marks and ends of lines. Twenty million rows take a tenth of a second."""
    odd, inside, ends = 0, False, [0]
    while piece := file.read(PIECE):
        data = np.frombuffer(piece, np.uint8)
        is_end, marks = data == END, np.flatnonzero(data == MARK)
        ends.append(ends[-1] + int(np.count_nonzero(is_end)))
        if len(marks) or odd:
            inside |= bool(((np.searchsorted(marks, np.flatnonzero(is_end)) + odd) % 2).any())
            odd = (odd + len(marks)) % 2
    return Marks(bool(odd), inside, ends)


def swallowed(lines: Lines, dialect: Dialect, numeric: Collection[str]) -> str | None:
    """The first row that a quotation mark makes of several, in words; None where every long field is meant.

    A field may well go over several lines. It is not meant where the file ends within it, or where one of its lines is
    as a row of the table is.

    Args:
        lines: of the file.
        dialect: its layout.
        numeric: the columns of numbers.
    """
    kept: list[str] = []
    source = lines()
    for _ in range(dialect.skip):
        next(source, None)

    def watched() -> Iterator[str]:
        for line in source:
            kept.append(line)
            yield line

    row, before = 0, dialect.skip
    reader = split(watched(), dialect.delimiter)
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            return f"row {row + 1:,} (line {before + 1:,}): {error}"
        if fields is None:
            return None
        count = len(kept)
        if count > 1 or '"' in kept[0]:
            where = f"row {row + 1:,} (line {before + 1:,})"
            if _is_open(kept, dialect):
                at = min(len(fields), len(dialect.names)) - 1
                what = f"{where}: column {shown(dialect.names[at])}" if fields else where
                return f"{what}: the quotation mark is never closed"
            alike = sum(_is_row(line, dialect, numeric) for line in kept[1:-1])
            if alike:
                return f"{where}: a quotation mark goes on over {alike:,} lines that look like rows: it is not closed"
        row += any(fields)
        before += count
        kept.clear()


def _is_open(lines: list[str], dialect: Dialect) -> bool:
    """Whether the text ends within quotation marks."""
    try:
        for _ in csv.reader(lines, delimiter=dialect.delimiter, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return False


def _is_row(line: str, dialect: Dialect, numeric: Collection[str]) -> bool:
    fields = line.rstrip("\r\n").split(dialect.delimiter)
    if len(fields) != len(dialect.names) or not numeric or len(fields) < 2:
        return False
    texts = [field.strip().strip('"') for name, field in zip(dialect.names, fields, strict=True) if name in numeric]
    return all(plain_number(text) is not None or not text for text in texts) and any(texts)

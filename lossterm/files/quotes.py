"""Quotation marks that are never closed: they swallow the rows after them, and nothing in the numbers shows it."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from typing import BinaryIO

import numpy as np

from lossterm.files.cells import plain_number
from lossterm.files.checks import shown
from lossterm.files.delimited import Dialect, split
from lossterm.files.diagnose import Lines

_PIECE = 1 << 20


def goes_over_lines(file: BinaryIO) -> tuple[bool, bool]:
    """Whether the number of quotation marks is odd, and whether a line ends after an odd number of them.

    Where neither is so, no field goes over several lines. Twenty million rows take a tenth of a second.
    """
    odd, inside = 0, False
    while piece := file.read(_PIECE):
        data = np.frombuffer(piece, np.uint8)
        marks = np.flatnonzero(data == 34)
        if len(marks) or odd:
            ends = np.flatnonzero(data == 10)
            inside |= bool(((np.searchsorted(marks, ends) + odd) % 2).any())
            odd = (odd + len(marks)) % 2
    return bool(odd), inside


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

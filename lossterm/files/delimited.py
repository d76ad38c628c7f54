"""Comma-separated text and its like: which delimiter, whether there is a header, the names and the first rows."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from lossterm.files.cells import plain_number
from lossterm.files.checks import BadData, NoRows, counted, shown
from lossterm.files.content import look
from lossterm.files.naming import PAIRS, known

SAMPLE = 2_000
"""Rows from which columns are guessed."""

_DELIMITERS = "\t,;| "
_RARE = ":^~" + "".join(map(chr, [*range(1, 9), 11, 12, *range(14, 32)])) + "!#$%&*/=@\\?`<>"
"""What else may be between fields, where none of the usual ones is: no part of a number, a word or a quotation."""
_LINES = 50
"""Lines from which the delimiter is guessed."""
_COMMENT = "#"
_SEPARATOR = re.compile(r'[ \t]*"?sep=(.)"?[ \t]*\r?\n', re.I)
"""The line before the header that tells a spreadsheet what is between the fields."""
_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?%?")
_DOT = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?%?")


class DelimitedRows(Protocol):
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
        decimal: what stands before the decimals of a number, a dot or a comma.
    """

    delimiter: str
    names: tuple[str, ...]
    skip: int
    ends: str = "\n"
    headed: bool = True
    decimal: str = "."

    def ragged(self, count: int) -> str:
        """What is wrong with a row that has so many fields."""
        whose = "the header has" if self.headed else "the first row has"
        return f"{counted(count, 'field')} where {whose} {counted(len(self.names), 'field')}"


def split(lines: Iterable[str], delimiter: str) -> DelimitedRows:
    """The rows of a delimited text as fields; a row may go over several lines within quotes."""
    csv.field_size_limit(2**31 - 1)  # a field longer than 128 KB is allowed where nobody reads it
    return csv.reader(lines, delimiter=delimiter)


def dialect_of(
    title: str, head: str, delimiter: str | None, decimal: str | None = None
) -> tuple[Dialect, dict[str, list[object]]]:
    """The layout of a file and its first rows, by column, decimals after a dot; comments before them go.

    Args:
        title: the file, for messages.
        head: its beginning, whole lines.
        delimiter: where a person named it.
        decimal: likewise what stands before decimals, a dot or a comma.

    Raises:
        BadData: two columns have one name, or there is nothing but a header.
    """
    text = head.removeprefix("\ufeff")
    told = _SEPARATOR.match(text)
    comments, length, comment = (1, told.end(), "") if told else _comments(text)
    body = text[length:]
    chosen = _named(delimiter) if delimiter else told[1] if told else _sniff(body)
    reader = split(io.StringIO(body, newline=""), chosen)
    before, first = 0, _next(reader, title)
    while not any(first):
        before, first = reader.line_num, _next(reader, title)
    header = _header(comment, first, chosen)
    after = reader.line_num
    rows = [row for row in islice(reader, SAMPLE) if any(row)]
    is_row = bool(header) or _is_row([field.strip() for field in first], rows)
    headed = bool(header) or not is_row
    skip = comments + (before if is_row else after)
    names = [field.strip() for field in header or first] if headed else [""] * len(first)
    if headed and rows and all(len(row) == len(names) + 1 for row in rows[:_LINES]):
        names = ["", *names]  # R writes the names of the rows without a head
    names = [name or f"column_{i}" for i, name in enumerate(names, 1)]
    if len(set(names)) < len(names):
        again = Counter(names).most_common(1)[0][0]
        raise BadData(f"{title}: two columns are called {shown(again)}; rename one of them")
    if is_row:
        rows.insert(0, first)
    if not rows:
        raise NoRows(f"{title}: there is a header but no row of data", names)
    whole = [row for row in rows if len(row) == len(names)] or rows
    sample: dict[str, list[object]] = {
        name: [row[i] if i < len(row) else "" for row in whole] for i, name in enumerate(names)
    }
    ends = "\r" if "\r" in text and "\n" not in text else "\n"
    decimal = decimal or ("," if _has_commas(sample) else ".")
    if decimal == ",":
        sample = {name: [_dotted(str(field)) for field in fields] for name, fields in sample.items()}
    return Dialect(chosen, tuple(names), skip, ends, headed, decimal), sample


def _has_commas(sample: dict[str, list[object]]) -> bool:
    """Whether the decimals stand after commas: in most fields of some column, and after a dot in no field."""
    fields = {name: [str(field).strip() for field in values] for name, values in sample.items()}
    if any(_DOT.fullmatch(field) for values in fields.values() for field in values):
        return False
    return any(2 * sum(bool(_COMMA.fullmatch(field)) for field in values) > len(values) for values in fields.values())


def _dotted(field: str) -> str:
    return field.replace(",", ".") if _COMMA.fullmatch(field.strip()) else field


def _next(reader: DelimitedRows, title: str) -> list[str]:
    try:
        return next(reader)
    except StopIteration:
        raise BadData(f"{title}: the file has only blank lines") from None


def _comments(text: str) -> tuple[int, int, str]:
    """Of the comments that a text begins with the number of lines, the length, and the last one without its mark."""
    length, last = 0, ""
    for lines, line in enumerate(io.StringIO(text, newline="")):
        bare = line.strip()
        if bare.startswith(_COMMENT):
            last = bare
        elif bare:
            return (lines, length, last.lstrip(_COMMENT + " \t")) if last else (0, 0, "")
        length += len(line)
    return 0, 0, ""  # there is nothing else


def _header(comment: str, first: Sequence[str], delimiter: str) -> list[str]:
    """The names in the last comment, where it has as many as the first row has fields: NumPy writes ``# y,p`` so."""
    names = next(split([comment], delimiter)) if comment else []
    numbers = any(plain_number(field.strip()) is not None for field in first)
    return names if len(names) == len(first) > 1 and numbers else []


def _is_row(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first line is a row of data rather than the names of the columns.

    It is where it has numbers alone. With texts beside them a column may still be called 2021, or by the number of a
    class; but none is called 0.9, nor do two have one name, nor is a name found again in the column below it.

    Args:
        first: its fields, stripped.
        rows: those that follow.
    """
    values = [plain_number(_dotted(field)) for field in first]
    if None not in values:
        return True
    whole = [row for row in rows if len(row) == len(first)]
    # pandas leaves the name of its index empty
    if not whole or not first[0] or values.count(None) == len(values):
        return False
    below = [look([row[i].strip() for row in whole]) for i in range(len(first))]
    texts = [(field, column) for field, value, column in zip(first, values, below, strict=True) if value is None]
    if any(field and column.numeric for field, column in texts):  # a text above numbers is their name
        return False
    numbers = [
        value
        for value, column in zip(values, below, strict=True)
        if value is not None and math.isfinite(value) and column.numeric
    ]
    surely = len(set(numbers)) < len(numbers) or not all(map(float.is_integer, numbers))
    paired = [field for field, column in texts if field and _of_pair(field, column.texts)]
    again = [field for field, column in texts if field in column.texts]
    labels = {*paired, *(again if surely else ())}  # y and true are labels as well as names
    if any(known(field) for field, _ in texts if field not in labels):
        return False
    return surely or bool(numbers and (paired or again))


def _of_pair(field: str, others: Sequence[str]) -> bool:
    """Whether a text and all others in its column are labels of a pair such as ``no`` and ``yes``."""
    lower = {field.lower(), *(other.lower() for other in others)}
    return len(lower) > 1 and any(lower <= set(pair) for pair in PAIRS)


def _named(delimiter: str) -> str:
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise BadData(f"a delimiter is one character of ASCII and no quotation mark, not {shown(delimiter)}")
    return delimiter


def _sniff(text: str) -> str:
    """What is between the fields.

    Of the usual delimiters that by which the most of the first lines have as many fields as the first one, two at
    least; where none is, any other one by which all of them have.
    """
    lines = [line for line in io.StringIO(text[:1_000_000], newline=None) if line.strip()][:_LINES]

    def agreement(delimiter: str) -> float:
        counts = [len(row) for row in islice(split(lines, delimiter), _LINES)]
        return sum(count == counts[0] for count in counts) / len(counts) if counts and counts[0] > 1 else 0.0

    best = max(_DELIMITERS, key=agreement)
    if best == "," and agreement(";") == 1:  # these are the commas of decimals
        best = ";"
    if agreement(best) > 0 or len(lines) < 2:
        return best if agreement(best) > 0 else ","
    return next((delimiter for delimiter in _RARE if agreement(delimiter) == 1), ",")

"""NumPy's own files, ``.npy`` and ``.npz``, as tables.

What a file claims of itself is compared with its size before anything is read. Files of usual size are read into
memory: one that is cut while it is mapped would end the process.
"""

from __future__ import annotations

import math
import warnings
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from lossterm.core.plain import visible
from lossterm.files.checks import BadData, counted, shown
from lossterm.files.chunk import NUMERIC, ROWS, Chunk, Column, Form, Reader, Texts, Unreadable, as_text, from_first
from lossterm.files.delimited import SAMPLE
from lossterm.files.paths import UNPACKED

_MAPPED = 1 << 30
"""Bytes from which a ``.npy`` file is mapped, not read."""


class Arrays:
    """Columns that are arrays of one length ``(n,)``.

    Args:
        columns: the arrays by name.
        title: the file, for messages.
        aside: what else is in the file and why it is no column: a sentence, for messages.
        plain: whether they are columns of one array without names, so that the first may be no label.

    Raises:
        BadData: there are no rows.
    """

    exact = True

    def __init__(
        self, columns: Mapping[str, NDArray[Any]], title: str, aside: str = "", *, plain: bool = False
    ) -> None:
        self.plain = plain
        self._columns = columns
        self.names = tuple(columns)
        self.aside = aside
        self.rows = len(next(iter(columns.values()))) if columns else 0
        if not self.rows:
            raise BadData(f"{title}: the arrays have no rows")

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        return {name: values[:SAMPLE].tolist() for name, values in self._columns.items()}

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """By slices."""
        return (lambda done: from_first(self._chunks(forms)),)

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows."""
        return {
            row: {name: values[row].item() for name, values in self._columns.items()} for row in rows if row < self.rows
        }

    def line(self, forms: Mapping[str, Form], row: int) -> int | None:
        """None: there are no lines."""
        return None

    def _chunks(self, forms: Mapping[str, Form]) -> Iterator[Chunk]:
        for start in range(0, self.rows, ROWS):
            part = {name: self._columns[name][start : start + ROWS] for name in forms}
            columns = {name: _column(values, forms[name]) for name, values in part.items()}
            yield Chunk(min(ROWS, self.rows - start), columns)


def open_array(path: Path, title: str) -> Arrays:
    """A ``.npy`` file: structured, ``(n, 1 + K)`` with the label first, or ``(n,)`` called as the file is.

    Raises:
        BadData: it is cut off, or of another shape.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            _check(file, size, "the file has")
        array = np.load(path, mmap_mode="r" if size > _MAPPED else None, allow_pickle=False)
    except Exception as error:  # whatever numpy and the parser of its headers raise: the header is somebody's text
        raise BadData(f"{title}: the array cannot be read ({_line(error)})") from None
    if array.dtype.names:
        if array.ndim != 1:
            raise BadData(f"{title}: a structured array has one dimension here, not {array.ndim}")
        return Arrays(*_fitting({name: array[name] for name in array.dtype.names}, title))
    if array.ndim in (1, 2) and array.size == len(array) > 0 and array.dtype.kind in "biufSU":
        return Arrays({Path(title).name.partition(".")[0]: array.reshape(-1)}, title, plain=True)
    if array.ndim != 2 or array.shape[1] < 2:
        raise BadData(f"{title}: an array of shape {array.shape}; (n, 1 + K) is read: the label, then the predictions")
    count = array.shape[1] - 1
    names = ["label", "prediction"] if count == 1 else ["label", *(f"prediction_{k}" for k in range(count))]
    return Arrays(*_fitting({name: array[:, k] for k, name in enumerate(names)}, title), plain=True)


def open_arrays(path: Path, title: str) -> Arrays:
    """A ``.npz`` file: one array a column, ``(n,)``; of ``(n, K)`` each of the K is a column.

    Whatever else is in it does not matter, but K texts in an array of their own are the names of K columns.

    Raises:
        BadData: it is cut off, or no two columns fit together.
    """
    arrays: dict[str, NDArray[Any]] = {}
    others: dict[str, str] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
            if total > UNPACKED:
                raise ValueError(f"they take {total:,} bytes; {UNPACKED:,} are read")
            for entry in archive.infolist():
                with archive.open(entry) as file:
                    _check(file, entry.file_size, "the archive has")
        with np.load(path, allow_pickle=False) as arrays_of:
            for name in arrays_of.files:
                try:
                    arrays[name] = arrays_of[name]
                except ValueError as error:
                    if "pickle" not in str(error):
                        raise
                    others[name] = f"array {shown(name)} holds Python objects"
    except Exception as error:  # as above
        raise BadData(f"{title}: the arrays cannot be read ({_line(error)})") from None
    columns: dict[str, NDArray[Any]] = {}
    for name, array in arrays.items():
        if array.ndim == 2 and array.shape[1] > 1:
            endings = _class_names(arrays, array.shape[1])
            columns |= {f"{name}_{ending}": array[:, k] for k, ending in enumerate(endings)}
        elif array.ndim in (1, 2) and array.size:
            columns[name] = array.reshape(len(array))
        else:
            others[name] = f"array {name!r} has the shape {array.shape}; (n,) or (n, K) is read"
    return Arrays(*_fitting(columns, title, others))


def _check(file: IO[bytes], size: int, whose: str) -> None:
    """Raise ValueError where an array claims to be larger than what holds it; what is no array is let pass."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of sizes beyond any number
        try:
            version = np.lib.format.read_magic(file)
        except ValueError:
            return
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(file)
    claimed = math.prod(int(length) for length in shape) * dtype.itemsize
    if not dtype.hasobject and claimed > size:
        raise ValueError(f"its header claims {claimed:,} bytes, {whose} {size:,}")


def _fitting(
    columns: Mapping[str, NDArray[Any]], title: str, others: Mapping[str, str] | None = None
) -> tuple[dict[str, NDArray[Any]], str, str]:
    """The columns that have the length of most, numbers or texts; the file; and what is wrong with the others."""
    wrong = dict(others or {})
    lengths = Counter(len(values) for values in columns.values())
    rows = lengths.most_common(1)[0][0] if lengths else 0
    for name, values in columns.items():
        if values.dtype.kind not in "biufSU":
            wrong[name] = f"array {name!r} holds {values.dtype}, not numbers or texts"
        elif len(values) != rows:
            wrong[name] = f"array {name!r} has {counted(len(values), 'row')}, where others have {rows:,}"
    fitting = {name: values for name, values in columns.items() if name not in wrong}
    if len(fitting) < 2 and wrong:
        raise BadData(f"{title}: {next(iter(wrong.values()))}")
    return fitting, title, next(iter(wrong.values()), "")


def _class_names(arrays: Mapping[str, NDArray[Any]], count: int) -> list[str]:
    """The names of K classes that are in an array of their own, else their numbers."""
    for array in arrays.values():
        if array.shape == (count,) and array.dtype.kind in "SU":
            names = [as_text(name) for name in array.tolist()]
            if len(set(names)) == count and all(names):
                return names
    return [str(k) for k in range(count)]


def _column(values: NDArray[Any], form: Form) -> Column:
    if form in NUMERIC:
        try:
            return np.ascontiguousarray(values, dtype=np.float64)
        except ValueError as error:
            raise Unreadable(_line(error)) from None
    names, codes = np.unique(values, return_inverse=True)
    return Texts(codes.reshape(-1).astype(np.int32), [as_text(name.item()) for name in names])


def _line(error: BaseException) -> str:
    return visible(next(iter(str(error).splitlines()), type(error).__name__))[:200]

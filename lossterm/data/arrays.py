"""NumPy's own files, ``.npy`` and ``.npz``, as tables; a ``.npy`` file is mapped, not read."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lossterm.data.checks import BadData, counted, shown
from lossterm.data.chunk import ROWS, Chunk, Column, Form, Reader, Texts, Unreadable, as_text
from lossterm.data.delimited import SAMPLE

_DAMAGED = (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error, KeyError)


class Arrays:
    """Columns that are arrays of one length ``(n,)``.

    Args:
        columns: the arrays by name.
        title: the file, for messages.

    Raises:
        BadData: there are no rows, or an array has another length than the first one.
    """

    exact = True

    def __init__(self, columns: Mapping[str, NDArray[Any]], title: str) -> None:
        self._columns = columns
        self.names = tuple(columns)
        self.rows = len(next(iter(columns.values()))) if columns else 0
        for name, values in columns.items():
            if len(values) != self.rows:
                what = f"array {name!r} has {counted(len(values), 'row')}, {self.names[0]!r} has {self.rows:,}"
                raise BadData(f"{title}: {what}")
            if values.dtype.kind not in "biufSU":
                raise BadData(f"{title}: array {name!r} holds {values.dtype}, not numbers or texts")
        if not self.rows:
            raise BadData(f"{title}: the arrays have no rows")

    def sample(self) -> Mapping[str, Sequence[object]]:
        """The first rows of every column."""
        return {name: values[:SAMPLE].tolist() for name, values in self._columns.items()}

    def readers(self, forms: Mapping[str, Form], strict: bool) -> Sequence[Reader]:
        """By slices."""
        return (lambda: self._chunks(forms),)

    def pick(self, forms: Mapping[str, Form], rows: Sequence[int]) -> dict[int, dict[str, object]]:
        """All columns of some rows."""
        return {
            row: {name: values[row].item() for name, values in self._columns.items()} for row in rows if row < self.rows
        }

    def _chunks(self, forms: Mapping[str, Form]) -> Iterator[Chunk]:
        for start in range(0, self.rows, ROWS):
            part = {name: self._columns[name][start : start + ROWS] for name in forms}
            columns = {name: _column(values, forms[name]) for name, values in part.items()}
            yield Chunk(min(ROWS, self.rows - start), columns)


def open_array(path: Path, title: str) -> Arrays:
    """A ``.npy`` file: structured, or ``(n, 1 + K)`` with the label first.

    Raises:
        BadData: it is cut off, or of another shape.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except _DAMAGED as error:
        raise BadData(f"{title}: the array cannot be read ({_line(error)})") from None
    if array.dtype.names:
        if array.ndim != 1:
            raise BadData(f"{title}: a structured array has one dimension here, not {array.ndim}")
        return Arrays({name: array[name] for name in array.dtype.names}, title)
    if array.ndim != 2 or array.shape[1] < 2:
        raise BadData(f"{title}: an array of shape {array.shape}; (n, 1 + K) is read: the label, then the predictions")
    count = array.shape[1] - 1
    names = ["label", "prediction"] if count == 1 else ["label", *(f"prediction_{k}" for k in range(count))]
    return Arrays({name: array[:, k] for k, name in enumerate(names)}, title)


def open_arrays(path: Path, title: str) -> Arrays:
    """A ``.npz`` file: one array a column, ``(n,)``; of ``(n, K)`` each of the K is a column.

    Raises:
        BadData: it is cut off, or an array has more dimensions.
    """
    columns: dict[str, NDArray[Any]] = {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            for name in archive.files:
                array = archive[name]
                if array.ndim == 2 and array.shape[1] > 1:
                    columns |= {f"{name}_{k}": array[:, k] for k in range(array.shape[1])}
                elif array.ndim in (1, 2) and array.size:
                    columns[name] = array.reshape(len(array))
                elif array.ndim:
                    raise BadData(f"{title}: array {name!r} has the shape {array.shape}; (n,) or (n, K) is read")
    except BadData:
        raise
    except _DAMAGED as error:
        raise BadData(f"{title}: the arrays cannot be read ({_line(error)})") from None
    return Arrays(columns, title)


def _column(values: NDArray[Any], form: Form) -> Column:
    if form == "number":
        try:
            return np.ascontiguousarray(values, dtype=np.float64)
        except ValueError as error:
            raise Unreadable(_line(error)) from None
    names, codes = np.unique(values, return_inverse=True)
    return Texts(codes.reshape(-1).astype(np.int32), [as_text(name.item()) for name in names])


def _line(error: BaseException) -> str:
    return shown(next(iter(str(error).splitlines()), type(error).__name__))[1:-1]

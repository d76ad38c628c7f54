"""Data frames of columns, by polars or by pandas, whichever is there; and columns of Arrow data, by polars alone."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from lossterm.core.jets import Array
from lossterm.core.names import unknown


class _Array(Protocol):
    def __arrow_c_array__(self, requested_schema: Any = None) -> Any: ...


class _Stream(Protocol):
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


ArrowData: TypeAlias = _Array | _Stream
"""What gives Arrow data away: arrays, tables, record batches and streams of any library."""

LIBRARIES = ("polars", "pandas")
"""Those that make data frames, the first that is there is taken."""


def data_frame(columns: Mapping[str, Sequence[Any] | Array], library: str | None = None) -> Any:
    """A data frame.

    Args:
        columns: values by name, as many in each; arrays and lists are taken as they are, None is a missing value.
        library: one of `LIBRARIES`; None for the first that can be imported.

    Returns:
        A ``polars.DataFrame`` or a ``pandas.DataFrame``.

    Raises:
        ValueError: an unknown library.
        ImportError: the library is not installed, or neither is.
    """
    if library is not None and library not in LIBRARIES:
        raise ValueError(unknown(str(library), "library of data frames", LIBRARIES))
    asked = LIBRARIES if library is None else (library,)
    for name in asked:
        try:
            made = importlib.import_module(name)
        except ModuleNotFoundError as problem:
            if problem.name != name:
                raise  # it is there, and lacks something itself
            continue
        return made.DataFrame(dict(columns))
    raise ImportError(f"a data frame needs {' or '.join(asked)}: pip install {asked[0]}")


def is_arrow(values: object) -> bool:
    """Whether it gives Arrow data away (the PyCapsule interface); what pandas has needs no Arrow to be read."""
    gives = hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__")
    return gives and not type(values).__module__.startswith("pandas")


def column_of(table: Any, name: str) -> Any:
    """A column of Arrow data, of a data frame, or of a mapping.

    Raises:
        ValueError: there is none of this name.
        ImportError: Arrow data need polars, which is not installed.
    """
    held = _polars().DataFrame(table) if is_arrow(table) else table
    try:
        return held[name]
    except Exception:  # each library has its own
        names = list(getattr(held, "columns", None) or held)
        raise ValueError(unknown(str(name), "column", [str(each) for each in names])) from None


def plain_column(values: Any, what: str) -> Any:
    """The values of Arrow data: numbers as an array, of lists one row each; texts as a list. Others as they are.

    Raises:
        ValueError: values are missing, or lists of different lengths.
        ImportError: Arrow data need polars, which is not installed.
    """
    if not is_arrow(values):
        return values
    polars = _polars()
    column = polars.Series(values)
    if isinstance(column.dtype, polars.List | polars.Array):
        rows = column.to_list()
        if any(row is None or len(row) != len(rows[0]) for row in rows):
            raise ValueError(f"{what}: a list of it is missing, or of another length")
        return rows
    if missing := column.null_count():
        raise ValueError(f"{what}: {missing:,} of {len(column):,} values are missing")
    return column.cast(polars.Float64).to_numpy() if column.dtype.is_numeric() else column.to_list()


def _polars() -> Any:
    try:
        return importlib.import_module("polars")
    except ModuleNotFoundError:
        raise ImportError("Arrow data need polars: pip install 'lossterm[data]'") from None

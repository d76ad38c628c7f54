"""A data frame of columns, by polars or by pandas: whichever is there, and neither is loaded before."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

from lossterm.core.jets import Array
from lossterm.core.names import unknown

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

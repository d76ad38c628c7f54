"""What every result can do: one line for a console, a table for a notebook, columns for a data frame."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal, TypeAlias

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.numbers import UNDEFINED, digits_apart, significant, trimmed
from lossterm.core.plain import visible
from lossterm.files.data_frame import data_frame

Columns: TypeAlias = "Mapping[str, Sequence[Any] | Array]"
"""Values by name, as many in each."""

SHOWN = 20
"""Rows of a table in a notebook: as many as there is room for, the others are counted."""


class Result(ABC):
    """A result that shows itself; what it shows comes from `columns` and `title`."""

    @abstractmethod
    def columns(self) -> Columns:
        """The columns of the data frame: values by name, as many in each."""

    @abstractmethod
    def title(self) -> str:
        """What it is of, in a line."""

    @abstractmethod
    def gist(self) -> str:
        """What came of it, in a few words."""

    def shown(self) -> Columns:
        """The columns of the table in a notebook."""
        return self.columns()

    def to_frame(self, library: Literal["polars", "pandas"] | None = None) -> Any:
        """The result as a data frame.

        Args:
            library: whose frame; None for polars if it is installed, else pandas.

        Returns:
            A ``polars.DataFrame`` or a ``pandas.DataFrame``. Numbers are as in the result: ∞ is inf and what is
            undefined nan; missing is what there is not (null, or None).

        Raises:
            ImportError: neither is installed, or not the one that is asked for.
            ValueError: the name of another library.
        """
        return data_frame(self.columns(), library)

    def __repr__(self) -> str:
        return visible(f"<{type(self).__name__} {self.title()}: {self.gist()}>")

    def _repr_html_(self) -> str:
        return html_table(self.title(), self.shown())


def html_table(title: str, columns: Columns) -> str:
    """A table in HTML, its texts escaped; of more than `SHOWN` rows the first, and how many there are.

    Args:
        title: what stands above it.
        columns: values by name: numbers are written as everywhere in lossterm, None is an empty cell.
    """
    count = max(map(len, columns.values()), default=0)
    heads = "".join(f"<th>{_text(name)}</th>" for name in columns)
    cells = [[_cell(value) for value in column[:SHOWN]] for column in columns.values()]
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    more = f"<p>the first {SHOWN} of {count:,} rows: to_frame() has all of them</p>" if count > SHOWN else ""
    caption = f'<caption style="text-align: left">{_text(title)}</caption>'
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>{more}"


def _text(value: object) -> str:
    return escape(visible(str(value)))


def _cell(value: object) -> str:
    if value is None:
        return "<td></td>"
    if isinstance(value, bool | np.bool_):
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, int | np.integer):
        return f'<td style="text-align: right">{value:,}</td>'
    if isinstance(value, float | np.floating):
        return f'<td style="text-align: right">{significant(float(value), digits_apart(float(value)))}</td>'
    return f'<td style="text-align: left">{_text(value)}</td>'


def extent(values: Array) -> str:
    """Numbers in a few characters: the one that there is, or the least and the largest that are defined."""
    known = values[~np.isnan(values)]
    if not known.size:
        return UNDEFINED
    least, most = float(known.min()), float(known.max())
    ends = [trimmed(end, digits_apart(end)) for end in (least, most)]
    return ends[0] if least == most else " … ".join(ends)

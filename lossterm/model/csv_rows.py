"""Records of the machine-readable formats; in lines of CSV what has parts is written in one cell."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import IO, Any

from lossterm.model.notation import params_cell
from lossterm.model.records import json_text


def write_as(form: str, rows: Sequence[Mapping[str, Any]], target: IO[str]) -> None:
    """Records as JSON, a list on a line, or as `write_records` has them."""
    if form == "json":
        target.write(f"{json_text(list(rows))}\n")
    else:
        write_records(rows, target)


def write_records(rows: Sequence[Mapping[str, Any]], target: IO[str]) -> None:
    """Records with a header; parameters as ``gamma=2;alpha=``, ends as ``value=-100:4.9``, lists as ``1;2``.

    The definition of a loss of one's own is in none of them.
    """
    writer = csv.writer(target, lineterminator="\n")
    for number, row in enumerate(rows):
        names = [name for name in row if name != "definition"]
        if not number:
            writer.writerow(names)
        writer.writerow([_cell(name, row[name]) for name in names])


def _cell(name: str, value: Any) -> object:
    if name == "params":
        return params_cell(value)
    if isinstance(value, Mapping):
        return ";".join(f"{key}={':'.join(map(_end, ends))}" for key, ends in value.items())
    if isinstance(value, list):
        return ";".join(map(_end, value))
    return str(value).lower() if isinstance(value, bool) else _end(value)


def _end(value: Any) -> str:
    return "" if value is None else str(value)

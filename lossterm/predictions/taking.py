"""Writing what is taken away: mended rows, the map that mends them, the worst rows; never over a file."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lossterm.core.plain import cell_of_sheet, echoed
from lossterm.predictions.figures import Record
from lossterm.predictions.mapping import document_text, snippet
from lossterm.predictions.mending import Mending, mended_rows

if TYPE_CHECKING:
    from lossterm.core.statistics.recalibration import Recalibration
    from lossterm.files.source import Source

ROWS = (".csv", ".csv.gz", ".parquet")
"""Endings of files of rows."""

MAPS = (".json", ".py")
"""Endings of files of the map alone."""

NEW = "calibrated"
"""The new column."""


def target(text: str, endings: Sequence[str], option: str) -> Path:
    """The path of a file that is to be written.

    Raises:
        ValueError: its ending says nothing, or it is there already, or its folder is not.
    """
    path = Path(text)
    if not any(path.name.lower().endswith(ending) and len(path.name) > len(ending) for ending in endings):
        raise ValueError(f"{option} {echoed(text)}: end its name in {', '.join(endings)}")
    if path.exists() or path.is_symlink():
        raise ValueError(f"{option}: {echoed(text)} is there already, and nothing is written over: name another")
    if not path.parent.is_dir():
        raise ValueError(f"{option}: there is no folder {echoed(str(path.parent))}")
    return path


def write_mended(path: Path, source: Source, mending: Mending, method: str) -> list[str]:
    """Write the rows mended by a method, or its map, as the ending says.

    Args:
        path: of no file.
        source: the rows.
        mending: the fits.
        method: which of them.

    Returns:
        What is said of it, in lines.

    Raises:
        ValueError: the method has no fit; or a file is damaged, or has changed.
        OSError: it cannot be written; nothing is left behind.
    """
    fitted = mending.fitted(method)
    ending = path.suffix.lower()
    if ending in MAPS:
        text = document_text if ending == ".json" else snippet
        written(path, lambda: path.write_text(text(fitted, source, mending), encoding="utf-8", newline=""))
        return [f"written: {path}, the map of {method}"]
    names = new_names(source, fitted)
    written(path, partial(_write_rows, path, source, fitted, names))
    said = [f"written: {path}, the rows with {_named(names)} by {method}, fitted to {_rows(mending)}"]
    if source.skipped:
        said.append(f"{_many(source.skipped, 'bad row')} kept there with nothing in the new column")
    return said


def _rows(mending: Mending) -> str:
    return f"{mending.judgement.fitted_rows:,} rows" + (" of --fit-on" if mending.fit_on else "")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what} is" if count == 1 else f"{count:,} {what}s are"


def _named(names: Sequence[str]) -> str:
    return f"the column {names[0]}" if len(names) == 1 else f"the columns {names[0]} … {names[-1]}"


def _write_rows(path: Path, source: Source, fitted: Recalibration, names: Sequence[str]) -> None:
    from lossterm.files.whole import write_with

    write_with(source, path, names, lambda: mended_rows(source, fitted))


def written(path: Path, write: Callable[[], object]) -> None:
    """Write a file under a name that is not taken, or leave nothing behind.

    Raises:
        OSError: it cannot be written, or is there by now.
    """
    # the name is taken first: a file that came there meanwhile is not written over
    with path.open("x"):
        pass
    try:
        write()
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def new_names(source: Source, fitted: Recalibration) -> list[str]:
    """The names of the new columns: of K classes one a class; one that is there gets a number after it."""
    if not fitted.classes:
        return [free_name(NEW, source.names)]
    classes = source.columns.classes
    told = classes if len(classes) == fitted.classes else [str(k) for k in range(fitted.classes)]
    names: list[str] = []
    for name in told:
        names.append(free_name(f"{NEW}_{name}", [*source.names, *names]))
    return names


def free_name(name: str, taken: Sequence[str]) -> str:
    """A name that no column has: itself, or with a number after it."""
    known, number, free = set(taken), 2, name
    while free in known:
        free, number = f"{name}_{number}", number + 1
    return free


# ---- the worst rows ------------------------------------------------------------------------------------------------


def write_worst_csv(worst: Sequence[Record], file: IO[str]) -> None:
    """The worst rows as CSV: their number, the loss, and all columns of the file.

    Args:
        worst: `lossterm.predictions.report.worst_records`.
        file: what is written to.
    """
    writer = csv.writer(file, lineterminator="\n")
    fields: list[Mapping[str, object]] = [record["columns"] for record in worst]  # type: ignore[misc]
    names = list(dict.fromkeys(name for row in fields for name in row))
    loss = str(worst[0]["loss"]) if worst else "loss"
    own: list[str] = []
    for name in ("row", loss):
        own.append(free_name(name, [*names, *own]))
    writer.writerow([*own, *map(cell_of_sheet, names)])
    for record, row in zip(worst, fields, strict=True):
        writer.writerow([record["row"], record["value"], *(cell_of_sheet(row.get(name)) for name in names)])


def write_worst(path: Path, worst: Sequence[Record]) -> str:
    """Write the worst rows as a file of their own; what is said of it.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    text = io.StringIO(newline="")
    write_worst_csv(worst, text)
    data = text.getvalue().encode("utf-8")
    written(path, lambda: path.write_bytes(gzip.compress(data) if path.suffix.lower() == ".gz" else data))
    loss = worst[0]["loss"] if worst else "no loss"
    return f"written: {path}, the {len(worst):,} worst row{'' if len(worst) == 1 else 's'} by {loss}"

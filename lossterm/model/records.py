"""What is written for programs and kept by people: strict JSON numbers, and files that never take another's place."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from lossterm.core.losses.objective import Objective

Record: TypeAlias = dict[str, object]
"""A row of the machine-readable formats."""

_TRIES = 10_000


def loss_record(loss: Any, params: Iterable[tuple[str, float | str | None]]) -> dict[str, Any]:
    """How a record begins that is of a loss: its id, all its parameters, and of one's own what defines it."""
    definition = getattr(loss, "definition", "")
    return {
        "loss": loss.id,
        "params": strict_params(dict(params)),
        **({"definition": definition} if definition else {}),
    }


def objective_record(objective: Objective, smoothing: float) -> Record:
    """How a record begins that is of an objective; its label is that after smoothing."""
    return {
        **loss_record(objective.loss, objective.params),
        "label": objective.label,
        "smoothing": smoothing,
        "activation": objective.activation.id,
    }


def write_new(folder: Path, stem: str, suffix: str, write: Callable[[IO[str]], object]) -> Path:
    """Write a file under a name that is not taken: ``stem.csv``, then ``stem-2.csv``.

    Args:
        folder: where.
        stem: the name before a number.
        suffix: with its dot.
        write: is given the open file.

    Returns:
        The path.

    Raises:
        OSError: it cannot be written there; nothing is left behind.
    """
    for number in range(1, _TRIES):
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            file = path.open("x", encoding="utf-8", newline="")
        except FileExistsError:
            continue
        try:
            with file:
                write(file)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path
    raise FileExistsError(f"every name from {stem}{suffix} to {stem}-{_TRIES - 1}{suffix} is taken")


def json_text(document: object, *, indent: int | None = None) -> str:
    """A document as strict JSON, in the letters that it has."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=indent)


def strict(x: float) -> float | str | None:
    """A float that JSON has: infinities as text, undefined as null."""
    if math.isnan(x):
        return None
    if math.isinf(x):
        return "inf" if x > 0 else "-inf"
    return x


def strict_params(params: Mapping[str, float | str | None]) -> dict[str, float | str | None]:
    """The parameters of a loss as JSON has them: one that is −∞ is the text ``-inf``."""
    return {name: strict(value) if isinstance(value, float) else value for name, value in params.items()}

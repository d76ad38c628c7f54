"""Files for the tests, and what comes out of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lossterm.core.jets import Array
from lossterm.core.statistics.examples import Examples
from lossterm.files.source import Source


@dataclass(frozen=True)
class Read:
    """All batches of a pass, put together."""

    row: list[int]
    label: list[float]
    prediction: list[Any]
    weight: list[float] | None
    group: list[int] | None


def together(batches: list[Examples]) -> Read:
    def joined(name: str) -> Any:
        parts = [getattr(batch, name) for batch in batches]
        return None if not parts or parts[0] is None else np.concatenate(parts).tolist()

    return Read(
        joined("row") or [], joined("label") or [], joined("prediction") or [], joined("weight"), joined("group")
    )


def read(*paths: Path | str, **options: Any) -> Read:
    with Source.open([str(path) for path in paths], **options) as source:
        return together(list(source.batches()))


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def csv_of(label: Array, prediction: Array, header: str = "y,p") -> str:
    return "\n".join([header, *(f"{y:g},{float(p)!r}" for y, p in zip(label, prediction, strict=True))]) + "\n"

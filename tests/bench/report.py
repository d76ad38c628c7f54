"""The table."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import quantiles

HEADER = ("", "floor", "lossterm", "ratio", "target", "", "")


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    what: str
    floor: str = ""
    """The same of the floor app, or of a bare interpreter."""
    value: str = ""
    ratio: float | None = None
    target: str = ""
    ok: bool | None = None
    """Whether the target is met; None without one."""
    note: str = ""

    def cells(self) -> tuple[str, ...]:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}×"
        verdict = {None: "", True: "ok", False: "OVER"}[self.ok]
        return (self.what, self.floor, self.value, ratio, self.target, verdict, self.note)


def table(rows: list[Row]) -> str:
    """The rows with a header, columns aligned."""
    cells = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADER))]
    sides = "<>>>><<"
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(line, sides, widths, strict=True)).rstrip()
        for line in cells
    )


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def p95(values: list[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]

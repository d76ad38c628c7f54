"""The reliability before and after a recalibration, each in its own marks."""

from __future__ import annotations

from lossterm.chart.columns import centre, column_of, row_of
from lossterm.chart.panel import overlaid
from lossterm.chart.picture import FRAME
from lossterm.chart.spec import Axis, Series
from lossterm.chart.ticks import linear_ticks, most_x
from lossterm.chart.y_axis import canvas_lines, even_ticks
from lossterm.core.statistics.calibration import Reliability
from lossterm.predictions.pictures.figure import over_blanks, panel_of

BEFORE, AFTER, QUIET = "●", "○", "·"


def mended_picture(before: Reliability, after: Reliability, size: tuple[int, int]) -> list[str]:
    """Both diagrams in one, in lines; nothing where there is no room.

    Args:
        before: of the predictions as they are.
        after: of the mended ones.
        size: columns and lines.
    """
    x = Axis(0.0, 1.0, tuple(linear_ticks(0.0, 1.0, most_x(size[0]))))
    y = Axis(0.0, 1.0, tuple(even_ticks(0.0, 1.0, canvas_lines(size[1]))))
    both = ((before, BEFORE, 0), (after, AFTER, 1))
    panel = panel_of("frequency", x, y, [Series(after.confidence, after.frequency, 1, "", None)], size)
    if panel is None:
        return []
    columns, lines = panel.picture.columns, panel.picture.lines
    marks: dict[tuple[int, int], tuple[str, int]] = {}
    for bins, mark, ink in both:
        column = column_of(bins.confidence, 0.0, 1.0, columns).tolist()
        row = (row_of(bins.frequency, 0.0, 1.0, 4 * lines) // 4).tolist()
        marks |= dict.fromkeys(zip(row, column, strict=True), (mark, ink))
    middle = centre(0.0, 1.0, columns)[::2]
    diagonal = zip((row_of(middle, 0.0, 1.0, 4 * lines) // 4).tolist(), range(0, columns, 2), strict=True)
    picture = over_blanks(overlaid(panel.picture, marks), dict.fromkeys(diagonal, (QUIET, FRAME)))
    return picture.text().split("\n")

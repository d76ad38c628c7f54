"""The curves of a K-class example as the command prints them: drawn in text, and as numbers."""

from __future__ import annotations

from collections.abc import Iterator

from lossterm.chart.palette import DARK, Rgb
from lossterm.chart.panel import overlaid
from lossterm.chart.ticks import MARGIN
from lossterm.core.numbers import trimmed
from lossterm.model.records import strict
from lossterm.softmax.pictures import draw, stops, swept
from lossterm.softmax.report import evaluated, named, named_loss
from lossterm.softmax.titles import axis_name, panel_name
from lossterm.softmax.view import SoftmaxView


def printed_charts(view: SoftmaxView, width: int, height: int, *, colour: bool = False) -> Iterator[str]:
    """The charts of a view with the cursor at its point, one under the other, each below a heading.

    Args:
        view: what is looked at.
        width: of a chart, in cells.
        height: of both charts with their headings.
        colour: whether with escape codes.
    """
    palette: dict[int, Rgb] = dict(enumerate(DARK)) if colour else {}
    figure = draw(view, width, height // 2 - 1)
    legend = "  ".join(f"{curve.letter} {named(curve.source)}" for curve in figure.curves)
    here = (
        f"at {axis_name(view)} = {trimmed(view.logits[view.selected] if view.sweep == 'logit' else view.temperature)}"
    )
    for number, panel in enumerate(figure.panels):
        name = panel_name(view, number, log=panel.threshold is not None)
        head = f"{name} against {axis_name(view)}   {legend if not number else here}"
        yield head[:width].rstrip()
        column, picture = figure.column(view.position), panel.picture
        if column >= 0:
            cells = figure.cursor(number, figure.values(evaluated(view), number))
            picture = overlaid(picture, {(line, column): cell for line, cell in cells.items()})
        yield picture.ansi(palette) if palette else picture.text()


def sweep_document(view: SoftmaxView, width: int) -> dict[str, object]:
    """The curves of a view as JSON has them: each loss and the slope of the selected logit, at a place a column.

    Args:
        view: what is looked at.
        width: of a chart, in cells.
    """
    at = stops(view, max(width - MARGIN, 1))
    rows = [view.rows[i] for i in view.fitting]
    along = swept(view, [(row.entry, dict(row.params)) for row in rows], at)
    return {
        "along": view.sweep,
        "class": view.selected,
        "at": [strict(x) for x in along.at.tolist()],
        "losses": [
            {
                **named_loss(row),
                "value": [strict(x) for x in value.tolist()],
                "gradient": [strict(x) for x in slope.tolist()],
            }
            for row, value, slope in zip(rows, along.value, along.gradient, strict=True)
        ],
    }

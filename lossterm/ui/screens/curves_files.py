"""Taking it away from the Curves screen: the command of the view, and the numbers as CSV."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from lossterm.arguments import command, view_arguments
from lossterm.commands.table import record, write_csv
from lossterm.core.lazy import np
from lossterm.state import View
from lossterm.ui.screens.curves_base import CurvesBase

if TYPE_CHECKING:
    from lossterm.plot.figure import Figure


def view_command(view: View, width: int, height: int) -> str:
    """The command that prints a view; curves that are nowhere defined are in neither."""
    shown = "loss" if view.likelihood else f"loss,{view.slope}"
    words = ["lossterm", "plot", *view_arguments(view), "--show", shown, "--size", f"{width}x{height}"]
    return command(words)


def write_numbers(figure: Figure, logit: float, file: IO[str]) -> None:
    """The rows of ``lossterm table --format csv``: the cursor first, then every column of the window."""
    scene = figure.scene
    points = [logit, *scene.stops[np.isfinite(scene.stops)].tolist()]
    evaluations = [(curve.objective, curve.objective.evaluate(points)) for curve in scene.curves]
    rows = (record(objective, e.at(i)) for i in range(len(points)) for objective, e in evaluations)
    write_csv(rows, file)


class FilesPart(CurvesBase):
    """The actions of `CurvesScreen` that write something."""

    def action_copy(self) -> None:
        """Copy the command of this view, and show it."""
        if not self.view.shown:
            self.tell("no loss is shown: press space on one first", wrong=True)
            return
        width = self.upper.size.width
        height = self.upper.size.height + self.lower.size.height
        self.copy_command(view_command(self.view, max(width, 20), max(height, 10)))

    def action_export(self) -> None:
        """Write the numbers."""
        figure = self.figure
        if figure is None or not figure.scene.curves:
            self.tell("no loss is shown: press space on one first", wrong=True)
            return
        self.write_file("lossterm-curves", ".csv", lambda file: write_numbers(figure, self.view.logit, file))

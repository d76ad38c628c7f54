"""The legend of a printed picture: each curve's letter and name, and what the picture is of."""

from __future__ import annotations

from collections.abc import Callable

from lossterm.core.numbers import trimmed
from lossterm.curves.scene import curves_of
from lossterm.curves.titles import axis_name, label_name, title
from lossterm.curves.view import View


def legend(view: View) -> list[str]:
    """Each curve's letter and name, and last what the picture is of."""
    what = f"{view.activation} · x = {axis_name(view)}"
    curves = curves_of(view)
    if view.eta is not None:
        return [*(f"{curve.letter} {curve.name}" for curve in curves), f"η = {trimmed(view.eta)} · {what}"]
    if view.both_labels:
        pairs = zip(curves[::2], curves[1::2], strict=True)
        names = [f"{one.letter}/{other.letter} {one.objective.loss.title}" for one, other in pairs]
        return [*names, f"y=1/y=0 · {what}"]
    return [
        *(f"{curve.letter} {curve.name}" for curve in curves),
        f"{label_name(view)} = {trimmed(view.target)} · {what}",
    ]


def legend_lines(view: View, quantity: str, width: int, spelled: Callable[[str], str] = str) -> list[str]:
    """The legend in as many lines as it needs, the first of which stands behind the name of the panel of a quantity.

    Args:
        view: what is drawn.
        quantity: of the panel.
        width: columns of a line.
        spelled: words as they are printed.
    """
    *items, what = map(spelled, legend(view))
    name = spelled(title(view, quantity, log=True))
    room, lines = width - len(name) - 3, [""]
    for item in [*items, what]:
        joint = "  " if item is not what else "   "
        if lines[-1] and len(lines[-1]) + len(joint) + len(item) > room:
            lines.append("")
            room = width
        lines[-1] += joint * bool(lines[-1]) + item
    return [line[:width] for line in lines]

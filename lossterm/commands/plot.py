"""``lossterm plot``: the curves of a view, drawn as text; in colour on a terminal."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Sequence

from lossterm.arguments import applied, check_labels, joined, shown_quantities
from lossterm.cli import Parser
from lossterm.numbers import fixed, significant, trimmed
from lossterm.options import add_view_options
from lossterm.plot.figure import draw
from lossterm.plot.palette import DARK, Rgb
from lossterm.plot.picture import Picture
from lossterm.plot.scene import Scene
from lossterm.plot.titles import axis_letter, prediction_letter, title
from lossterm.state import View

EXAMPLE = "lossterm plot --loss bce,mse,focal:gamma=5 --axis prediction --show loss,d_logit --size 100x30"
PIPED_SIZE = (100, 30)
SMALLEST, LARGEST = (20, 5), (1000, 500)
ROOMY = 12
"""Lines of a chart of densities from which some are given to what each loss says."""


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    parser = Parser("lossterm plot", "The curves, drawn as text.", EXAMPLE)
    add_view_options(parser)
    parser.add_argument("--size", metavar="WxH", help="in characters (default the terminal's, 100x30 in a pipe)")
    options = parser.parse_args(joined(arguments))
    view = applied(View(), options)
    if options.at is not None and not view.likelihood:
        raise ValueError("--at is where --likelihood draws its densities: add --likelihood, or leave it out")
    check_labels(view)
    quantities = shown_quantities(options.show, ["loss"])
    width, height = size(options.size)
    charts = len(quantities) + view.likelihood
    if height < 5 * charts:
        raise ValueError(f"{charts} charts need a height of at least {5 * charts}, not {height}")
    print(picture(view, quantities, width, height, colour=in_colour()))
    return 0


def in_colour() -> bool:
    """Whether stdout is a terminal on which colour is wanted."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def size(text: str | None) -> tuple[int, int]:
    """``100x30``; the terminal's size, or 100×30 in a pipe, where nothing is said.

    Raises:
        ValueError: not a size, or one that is too small or too large.
    """
    if text is None:
        if not sys.stdout.isatty():
            return PIPED_SIZE
        columns, lines = shutil.get_terminal_size(PIPED_SIZE)
        return max(columns, SMALLEST[0]), max(lines - 1, 2 * SMALLEST[1])
    match = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is not a size: write WIDTHxHEIGHT, such as 100x30")
    width, height = int(match[1]), int(match[2])
    if width < SMALLEST[0] or height < SMALLEST[1] or width > LARGEST[0] or height > LARGEST[1]:
        raise ValueError(
            f"{text!r} is not between {SMALLEST[0]}x{SMALLEST[1]} and {LARGEST[0]}x{LARGEST[1]} characters"
        )
    return width, height


def picture(view: View, quantities: Sequence[str], width: int, height: int, *, colour: bool = False) -> str:
    """The panels with their titles and legend, one under the other."""
    charts = len(quantities) + view.likelihood
    each = height // charts
    heights = [each - 1] * charts
    heights[-1] += height - each * charts
    figure = draw(view, quantities, width, heights[: len(quantities)])
    palette: dict[int, Rgb] = dict(enumerate(DARK)) if colour else {}
    lines = []
    for n, panel in enumerate(figure.panels):
        head = f"{title(view, panel.quantity)}   " + (legend(figure.scene) if n == 0 else "")
        lines += [head.rstrip()[:width], _printed(panel.picture, palette)]
    if view.likelihood:
        lines += densities(view, figure.scene, width, heights[-1], palette)
    return "\n".join(lines)


def densities(view: View, scene: Scene, width: int, height: int, palette: dict[int, Rgb]) -> list[str]:
    """The densities over labels at the view's point: a head, the chart, and a line a loss where there is room."""
    # the properties of losses take a while to import, and a picture of curves needs none of them
    from lossterm.plot.densities import TITLE, draw_densities
    from lossterm.plot.likelihood import family_name, sentence

    prediction = scene.prediction(view.logit)
    letter = prediction_letter(view)
    said = min(len(view.shown), height // 3) if height >= ROOMY else 0
    drawn = draw_densities(view, prediction, width, height - said)
    names = "  ".join(f"{m.letter} {family_name(m)}" for m in drawn.members)
    head = f"{TITLE} over y   {names}   z = {fixed(view.logit)} · {letter} = {significant(prediction)}"
    sentences = [f"{m.letter} {m.loss.title}: {sentence(view, m)}"[:width] for m in drawn.members]
    return [head[:width], _printed(drawn.panel.picture, palette), *sentences[:said]]


def _printed(picture: Picture, palette: dict[int, Rgb]) -> str:
    return picture.ansi(palette) if palette else picture.text()


def legend(scene: Scene) -> str:
    """Each curve's letter and name, and what the picture is of."""
    view = scene.view
    what = f"{view.activation} · x = {axis_letter(view)}"
    if view.eta is not None:
        names = "  ".join(f"{curve.letter} {curve.name}" for curve in scene.curves)
        return f"{names}   η = {trimmed(view.eta)} · {what}"
    if view.both_labels:
        pairs = zip(scene.curves[::2], scene.curves[1::2], strict=True)
        names = "  ".join(f"{one.letter}/{other.letter} {one.objective.loss.title}" for one, other in pairs)
        return f"{names}   y=1/y=0 · {what}"
    names = "  ".join(f"{curve.letter} {curve.name}" for curve in scene.curves)
    return f"{names}   y = {trimmed(view.target)} · {what}"

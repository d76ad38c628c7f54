"""``lossterm plot``: the curves of a view, drawn as text; in colour on a terminal."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lossterm.chart.markers import MARKERS, drawn_with, marker_of
from lossterm.chart.palette import DARK, Rgb
from lossterm.chart.panel import overlaid
from lossterm.chart.picture import Picture
from lossterm.core.losses.surroundings import surroundings
from lossterm.core.numbers import UNDEFINED, equation, fixed, significant, trimmed
from lossterm.core.plain import visible
from lossterm.curves.figure import Figure, draw, marked
from lossterm.curves.legend import legend_lines
from lossterm.curves.options import (
    add_view_flags,
    check_labels,
    saved_picture,
    shown_quantities,
    with_view_flags,
)
from lossterm.curves.plot_document import plot_document
from lossterm.curves.scene import Scene
from lossterm.curves.titles import CONCAVE, FIELD, prediction_letter, title
from lossterm.curves.view import SLOPES, View
from lossterm.model.feature import ScreenSetting
from lossterm.model.notation import command_line
from lossterm.model.options import one_of
from lossterm.model.parser import Parser, asked_format, of_option
from lossterm.model.printing import PIPED_SIZE, cut, encoding, in_colour, size, writable
from lossterm.model.subject_options import one_logit, say_home

if TYPE_CHECKING:
    from lossterm.core.properties.minima import Minimum

EXAMPLES = (
    "lossterm plot --loss bce,mse,focal:gamma=5 --axis prediction",
    "lossterm plot --loss ce,mse --both-labels --show loss,d_prediction",
    "lossterm plot --risk .01 --loss ce:pos_weight=99",
    "lossterm plot --loss ce,mse --show loss,d_logit --at=-6 --theme dark -o saturation.svg",
)
FORMATS = ("text", "json", "svg")

SMALLEST_PICTURE = 4
"""Lines of a chart that there must be room for, and that a long legend leaves."""
ROOMY = 8
"""Lines of a chart of densities from which some are given to what each loss says."""


def parser() -> Parser:
    """The options of the command."""
    declared = Parser("lossterm plot", "The curves of losses behind an activation, drawn as text.", EXAMPLES)
    add_view_flags(declared)
    declared.add_argument(
        "--size", metavar="WxH", help="in characters (default the terminal's, 100x30 in a pipe); of an svg 8×16 pixels"
    )
    declared.add_argument("--marker", metavar="|".join(MARKERS), help="what curves are drawn with (default braille)")
    declared.add_argument(
        "--format",
        metavar="|".join(FORMATS),
        help="the picture as text, its windows and curves as numbers, or a chart for a slide (default text)",
    )
    declared.add_argument("--theme", metavar="light|dark", help="the colours of an svg (default light)")
    declared.add_argument("-o", "--output", metavar="FILE", help="write it into a new file, never over another")
    return declared


def run(arguments: Sequence[str]) -> int:
    """Run the command."""
    options = parser().parse_args(arguments)
    view = _view(options)
    quantities = shown_quantities(options.show, ["loss"])
    form = asked_format(options, _usual_format(options.output), *FORMATS)
    if form != "svg" and options.theme is not None:
        raise ValueError("--theme is of pictures: add --format svg")
    if form == "svg":
        return _write(options.output, _slide(arguments, options, view, quantities))
    with of_option("--size"):
        width, height = size(options.size)
    _check_height(view, quantities, height)
    into_file = options.output is not None
    with of_option("--marker"):
        marker = marker_of(options.marker, "utf-8" if into_file else encoding())
    if form == "json":
        return _write(options.output, json.dumps(_document(view, quantities, width, height), allow_nan=False) + "\n")
    say_home(options, view.activation, view.target)
    spelled = partial(drawn_with, marker) if marker == "ascii" else str if into_file else writable
    cursor = options.at is not None and not view.likelihood
    text = picture(view, quantities, width, height, colour=in_colour() and not into_file, cursor=cursor,
                   spelled=spelled)  # fmt: skip
    return _write(options.output, drawn_with(marker, text) + "\n")


def _usual_format(output: str | None) -> str:
    # by the ending of the file, where nothing else is said
    ending = Path(output).suffix.lower().removeprefix(".") if output is not None else ""
    return ending if ending in FORMATS else "text"


def _write(output: str | None, text: str) -> int:
    """Print a text, or write it into a file that is not there yet.

    Raises:
        ValueError: there is such a file.
        OSError: it cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return 0
    try:
        with Path(output).open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise ValueError(
            f"--output: {visible(output)} is there already, and is not written over: name another file"
        ) from None
    print(visible(output))
    return 0


def _slide(arguments: Sequence[str], options: argparse.Namespace, view: View, quantities: Sequence[str]) -> str:
    from lossterm.chart.svg import THEMES
    from lossterm.curves.slide import slide

    if view.likelihood:
        raise ValueError("--likelihood is drawn as text alone: leave it out for --format svg")
    if options.marker is not None:
        raise ValueError("--marker is of text: leave it out for --format svg")
    width, height = 960, 120 + 260 * len(quantities)
    if options.size is not None:
        columns, lines = size(options.size)
        width, height = 8 * columns, 16 * lines
    theme = one_of(THEMES, "theme").read(options.theme or "light")
    command = command_line(["lossterm", "plot", *arguments])
    cursor = options.at is not None
    return slide(view, quantities, command=command, theme=theme, cursor=cursor, width=width, height=height)


def answer(arguments: Sequence[str]) -> dict[str, object]:
    """What ``--format json`` prints."""
    options = parser().parse_args(arguments)
    view, quantities = _view(options), shown_quantities(options.show, ["loss"])
    width, height = size(options.size) if options.size is not None else PIPED_SIZE
    _check_height(view, quantities, height)
    return _document(view, quantities, width, height)


def setting(arguments: Sequence[str]) -> ScreenSetting:
    """What the Curves screen shows of these words."""
    options = parser().parse_args(arguments)
    view = _view(options)
    slopes = [q for q in shown_quantities(options.show, []) if q in SLOPES]
    if slopes:
        view = replace(view, slope=slopes[-1])
    return ScreenSetting(view.subject, saved_picture(view))


def _view(options: argparse.Namespace) -> View:
    view = with_view_flags(View(), options)
    if options.at is not None:
        view = replace(view, logit=one_logit(options.at, view, "the cursor stands at one logit"))
    check_labels(view, "--label" if options.label is not None else "")
    return view


def _check_height(view: View, quantities: Sequence[str], height: int) -> None:
    charts = len(quantities) + view.likelihood
    least = charts * (SMALLEST_PICTURE + 1)
    if height < least:
        raise ValueError(f"--size: {charts} charts need a height of at least {least}, not {height}")


def _document(view: View, quantities: Sequence[str], width: int, height: int) -> dict[str, object]:
    legend = _legend(view, quantities, width, height)
    heights = _heights(height - len(legend) + 1, len(quantities) + view.likelihood)
    return plot_document(draw(view, quantities, width, heights[: len(quantities)]), view.logit, view.mark)


Spelled = Callable[[str], str]
"""Words in the signs that the output, or the marker, has."""


def _legend(view: View, quantities: Sequence[str], width: int, height: int, spelled: Spelled = str) -> list[str]:
    # in as many lines as the smallest charts leave it
    lines = legend_lines(view, quantities[0], width, spelled)
    charts = len(quantities) + view.likelihood
    return lines[: max(height - charts * SMALLEST_PICTURE, 0) + 1]


def _heights(height: int, charts: int) -> list[int]:
    # of the pictures, each with a line for its head; the lowest has what is over
    each = height // charts
    heights = [each - 1] * charts
    heights[-1] += height - each * charts
    return heights


def picture(
    view: View,
    quantities: Sequence[str],
    width: int,
    height: int,
    *,
    colour: bool = False,
    cursor: bool = False,
    spelled: Spelled = str,
) -> str:
    """The panels with their titles and legend, one under the other; of a risk its least values below them.

    Args:
        view: what to look at.
        quantities: what each panel shows.
        width: in cells.
        height: in lines.
        colour: whether with escape codes.
        cursor: whether with the view's point on the curves.
        spelled: words as they are printed.
    """
    legend = _legend(view, quantities, width, height, spelled)
    charts = len(quantities) + view.likelihood
    told = risk_lines(view, cursor=cursor) if view.eta is not None else []
    told = told[: max(height - len(legend) + 1 - charts * (SMALLEST_PICTURE + 1), 1 if height > ROOMY else 0)]
    heights = _heights(height - len(legend) + 1 - len(told), charts)
    figure = draw(view, quantities, width, heights[: len(quantities)], point=cursor)
    palette: dict[int, Rgb] = dict(enumerate(DARK)) if colour else {}
    lines = []
    for n, panel in enumerate(figure.panels):
        name = spelled(title(view, panel.quantity, log=panel.threshold is not None))
        first, *rest = legend if n == 0 else [""]
        concave = f"   {CONCAVE}" if figure.concave[n] else ""
        head = f"{name}   {first}".rstrip()
        head += concave if len(head + concave) <= width else ""
        lines += [cut(line, width) for line in (head, *rest)]
        shown = _with_points(figure, n, view, cursor=cursor)
        lines.append(_printed(shown, palette))
    if view.likelihood:
        lines += densities(view, figure.scene, width, heights[-1], palette, spelled)
    return "\n".join([*lines, *(cut(spelled(line), width) for line in told)])


def risk_lines(view: View, *, cursor: bool = False) -> list[str]:
    """Of each shown loss the least risk and the predictions that have it; with a cursor also the risk there."""
    # what finds a least value takes a while to import, and a picture of curves needs none of it
    from lossterm.core.losses.risk import risk_minima

    letter, lines, eta = prediction_letter(view), [], view.share or 0.0
    for index, mark in view.letters.items():
        row, objective = view.rows[index], view.objective(index, view.label)
        (minima,) = risk_minima(row.entry, dict(row.params), view.activation, [eta], smoothing=view.smoothing)
        told = f"least R = {significant(minima[0].value)} at {letter} = {_places(minima)}" if minima else "no least R"
        if cursor:
            here = objective.evaluate([view.logit]).at(0)
            told = f"{equation('R', surroundings(objective).text('value', here))}, {told}"
        lines.append(f"{mark} {row.entry.title}: {told}")
    return lines


def _places(minima: Sequence[Minimum]) -> str:
    # a prediction, several that tie, or a stretch of them
    each = [significant(m.low) if m.low == m.high else f"{significant(m.low)} to {significant(m.high)}" for m in minima]
    return " and ".join(each)


def _with_points(figure: Figure, number: int, view: View, *, cursor: bool) -> Picture:
    # the mark where there is one, and over it the cursor where it is asked for
    panel, scene, picture = figure.panels[number], figure.scene, marked(figure, number, view.mark)
    column = scene.column(view.logit) if cursor else -1
    if column < 0:
        return picture
    values = [float(getattr(r, FIELD[panel.quantity])) for r in scene.readings_at(view.logit)]
    cells = panel.cursor([curve.ink for curve in scene.curves], values)
    return overlaid(picture, {(line, column): cell for line, cell in cells.items()})


def densities(
    view: View, scene: Scene, width: int, height: int, palette: dict[int, Rgb], spelled: Spelled = str
) -> list[str]:
    """The densities over labels at the view's point: a head, the chart, and a line a loss where there is room."""
    # the properties of losses take a while to import, and a picture of curves needs none of them
    from lossterm.curves.densities import TITLE, draw_densities
    from lossterm.curves.likelihood import density_numbers, family_name, sentence

    prediction = scene.prediction(view.logit)
    letter = prediction_letter(view)
    said = min(len(view.shown), height // 3) if height >= ROOMY else 0
    drawn = draw_densities(view, prediction, width, height - said)
    names = "  ".join(f"{m.letter} {family_name(m)}" for m in drawn.members)
    head = f"{TITLE} over y   {names}   z = {fixed(view.logit)} · {letter} = {significant(prediction)}"
    curves = {curve.letter: curve.objective for curve in scene.curves}
    sentences = []
    for member in drawn.members:
        objective = curves.get(member.letter)
        found = (objective.evaluate([view.logit]).at(0), objective) if objective else None
        _, _, energy, f = density_numbers(member, view.target, found, significant)
        here = (
            "" if f == UNDEFINED else f"{equation('f', f)}, {equation('−ln f', energy)} at y = {trimmed(view.target)}"
        )
        name = f"{member.letter} {member.loss.title}"
        told = [part for part in (sentence(view, member), here) if part]
        line = f"{name}: {'; '.join(told)}"  # where there is no room for both, the numbers are first
        sentences.append(line if len(line) <= width else f"{name}: {'; '.join(reversed(told))}")
    lines = [cut(spelled(line), width) for line in (head, *sentences)]
    return [lines[0], _printed(drawn.panel.picture, palette), *lines[1 : said + 1]]


def _printed(picture: Picture, palette: dict[int, Rgb]) -> str:
    return picture.ansi(palette) if palette else picture.text()

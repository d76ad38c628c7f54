"""The styles of a theme, as Rich styles for widgets that draw their own lines."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rich.style import Style
from textual.color import Color, ColorParseError, rgb_to_lab
from textual.theme import Theme

from lossterm.chart.palette import DARK, DARK_OF_16, LIGHT, LIGHT_OF_16


@dataclass(frozen=True)
class Styles:
    """What a line is drawn with.

    Attributes:
        ground: the background of all of them.
        text: plain.
        muted: axes, rules, what is off.
        strong: headings and what is chosen.
        accent: keys, the focused row's mark.
        current: the current row of a pane without the focus.
        focused: the current row of the pane with the focus: a bar, whatever is on it in one colour.
        cursor: the cursor's line.
        inks: the curves' colours.
        bold_inks: the same for the cursor's marks and letters, and for the curve that stands out.
        quiet_inks: the same for the curves beside that one.
        dark: whether the theme is dark.
    """

    ground: Color
    text: Style
    muted: Style
    strong: Style
    accent: Style
    current: Style
    focused: Style
    cursor: Style
    inks: tuple[Style, ...]
    bold_inks: tuple[Style, ...]
    quiet_inks: tuple[Style, ...]
    dark: bool

    def ink(self, number: int, strong: int | None = None) -> Style:
        """The style of a curve, or of the frame (−1).

        Args:
            number: the curve's ink.
            strong: the ink of the one curve that stands out, if there is one.
        """
        if number < 0:
            return self.muted
        inks = self.inks if strong is None else self.bold_inks if number == strong else self.quiet_inks
        return inks[number % len(inks)]


def styles_of(theme: Theme, *, few: bool = False) -> Styles:
    """The styles of a theme, legible on its background whatever its colours are.

    Args:
        theme: the theme.
        few: whether the terminal has the 16 colours of old and no others.
    """
    background = _colour(theme.background, "#121212" if theme.dark else "#f0f0f0")
    foreground = _colour(theme.foreground, "#e0e0e0" if theme.dark else "#202020")
    muted = _legible(foreground.blend(background, 0.45), background, foreground, _TEXT)
    palette = (DARK_OF_16 if theme.dark else LIGHT_OF_16) if few else DARK if theme.dark else LIGHT
    colours = [Color(*rgb) if few else _legible(Color(*rgb), background, foreground, _TEXT) for rgb in palette]
    own = [_colour(text, "#e0e0e0") for text in (theme.accent, theme.primary, theme.secondary, theme.warning) if text]
    accents = [_legible(colour, background, foreground, _TEXT) for colour in own] if not few else []
    accent = next((a for a in accents if min(_apart(a, ink) for ink in colours) > _DISTINCT), foreground)
    inks = tuple(Style(color=colour.rich_color, bgcolor=background.rich_color) for colour in colours)
    softer = [c.blend(background, _QUIET) for c in colours]
    softer = [c if few or contrast(s, background) < _GRAPHIC else s for c, s in zip(colours, softer, strict=True)]
    quiet = tuple(Style(color=colour.rich_color, bgcolor=background.rich_color) for colour in softer)

    def on_ground(colour: Color, *, bold: bool = False) -> Style:
        return Style(color=colour.rich_color, bgcolor=background.rich_color, bold=bold or None)

    return Styles(
        ground=background,
        text=on_ground(foreground),
        muted=on_ground(muted),
        strong=on_ground(foreground, bold=True),
        accent=on_ground(accent, bold=True),
        current=Style(bold=True),
        focused=Style(color=_upon(accent).rich_color, bgcolor=accent.rich_color, bold=True),
        cursor=on_ground(foreground.blend(background, 0.25)),
        inks=inks,
        bold_inks=tuple(ink + Style(bold=True) for ink in inks),
        quiet_inks=quiet,
        dark=theme.dark,
    )


_TEXT, _GRAPHIC = 4.5, 3.2
"""The least contrast of what is read, names of curves among it, and of what is seen as a line (WCAG 2.2: 4.5 and 3)."""

_QUIET = 0.25
"""How far a curve beside the current one steps back towards the ground."""

_DISTINCT = 30.0
"""Colours this far apart are not taken for each other; in ΔE of CIE 1976."""


def _apart(one: Color, other: Color) -> float:
    first, second = rgb_to_lab(one), rgb_to_lab(other)
    return math.dist((first.L, first.a, first.b), (second.L, second.a, second.b))


def _colour(text: str | None, otherwise: str) -> Color:
    try:
        colour = Color.parse(text or otherwise)
    except ColorParseError:
        return Color.parse(otherwise)
    return Color.parse(otherwise) if colour.ansi is not None else colour


def _legible(colour: Color, background: Color, foreground: Color, least: float) -> Color:
    """The colour, drawn towards the foreground until its contrast with the background (WCAG) is at least ``least``."""
    for _ in range(12):
        if contrast(colour, background) >= least:
            return colour
        colour = colour.blend(foreground, 0.2)
    return foreground


def _upon(ground: Color) -> Color:
    """Black or white, whichever is seen better on a colour."""
    return max(Color(0, 0, 0), Color(255, 255, 255), key=lambda colour: contrast(colour, ground))


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colours as WCAG 2 defines it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

"""Every theme, and none: all is legible in each of them, and in monochrome."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES

from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.view import View
from tests.curves.program import Explorer, explorer, view_of
from tests.harness import NARROW, WIDE, screen_strips

LEGIBLE = 3.0
"""The least contrast of a curve, a mark or large text with what is behind it (WCAG 2.2, 1.4.11)."""

READABLE = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3)."""

THEMES = sorted(BUILTIN_THEMES)


def luminance(colour: Color) -> float:
    """The relative luminance of WCAG."""
    parts = [part / 255 for part in (colour.r, colour.g, colour.b)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(segment: Segment) -> float:
    """The contrast of WCAG between a piece of the screen and its ground: 1 to 21."""
    style = segment.style
    assert style is not None
    assert style.color is not None, segment
    assert style.bgcolor is not None, segment
    colours = [Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor)]
    if style.reverse:
        colours.reverse()
    darker, lighter = sorted(luminance(colour) for colour in colours)
    return (lighter + 0.05) / (darker + 0.05)


def pieces(ui: Explorer, name: str, lines: slice = slice(None)) -> list[Segment]:
    """The pieces of a widget, or of some of its lines, on which something is written."""
    where = ui.region(name)
    strips = screen_strips(ui.app)[where.y : where.bottom][lines]
    found = [segment for strip in strips for segment in strip.crop(where.x, where.right)]
    return [segment for segment in found if segment.text.strip(" \u2800")]


def worst(found: list[Segment]) -> tuple[float, str]:
    """The least contrast, and of what."""
    return min((contrast(segment), segment.text.strip()) for segment in found)


def test_the_measure() -> None:
    black, white, grey = Color(0, 0, 0), Color(255, 255, 255), Color(118, 118, 118)
    assert luminance(white) == pytest.approx(1)
    assert luminance(black) == 0
    assert (luminance(white) + 0.05) / (luminance(grey) + 0.05) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.sampled(4)
async def test_curves_and_numbers_are_legible(theme: str) -> None:
    async with explorer(view_of(*list(LOSSES)[:8]), theme=theme) as ui:
        assert ui.app.theme == theme
        styles = ui.app.line_styles
        axes = {styles.muted.color, styles.cursor.color}
        curves = [
            segment
            for chart in ("loss-chart", "slope-chart")
            for segment in pieces(ui, chart, slice(1, None))
            if segment.style is not None and segment.style.color not in axes
        ]
        assert len({segment.style.color for segment in curves if segment.style}) >= 7
        assert worst(curves)[0] >= LEGIBLE
        numbers = [segment for segment in pieces(ui, "readout", slice(2, -1)) if "." in segment.text]
        assert worst(numbers)[0] >= READABLE
        status = [segment for segment in pieces(ui, "title") if "sigmoid" in segment.text]
        assert worst(status)[0] >= READABLE


@pytest.mark.parametrize(
    "theme",
    THEMES,
)
@pytest.mark.sampled(4)
async def test_axes_keys_and_headings_are_legible(theme: str) -> None:
    async with explorer(theme=theme) as ui:
        for name in ("title", "readout", "keys", "losses", "labels", "activations"):
            ratio, text = worst(pieces(ui, name))
            assert ratio >= READABLE, f"{name}: {text!r}"
        for name in ("loss-chart", "slope-chart"):
            ratio, text = worst(pieces(ui, name, slice(0, 1)))
            assert ratio >= READABLE, f"{name}: {text!r}"
            ratio, text = worst(pieces(ui, name))
            assert ratio >= LEGIBLE, f"{name}: {text!r}"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.sampled(4)
async def test_the_focused_row_is_legible(theme: str) -> None:
    async with explorer(theme=theme) as ui:
        for name in ("losses", "labels", "activations"):
            await ui.focus(name)
            for _ in range(3):
                await ui.press("down")
                ratio, text = worst(pieces(ui, name))
                assert ratio >= LEGIBLE, f"{name}: {text!r}"
                bars = [
                    s for s in pieces(ui, name) if s.style and s.style.bgcolor == ui.app.line_styles.focused.bgcolor
                ]
                assert bars
                assert bars[0].text.startswith("▸")
                styles = ui.app.line_styles
                edge = Segment(" ", Style(color=styles.focused.bgcolor, bgcolor=styles.text.bgcolor))
                assert contrast(edge) >= LEGIBLE, name


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.sampled(4)
async def test_a_theme_is_seen_at_once(theme: str) -> None:
    other = "textual-light" if theme != "textual-light" else "textual-dark"
    async with explorer(theme=other) as ui:
        text = ui.lines
        before = screen_strips(ui.app)
        ui.app.theme = theme
        await ui.settle()
        assert ui.lines == text
        after = screen_strips(ui.app)
        grounds = {
            Color.from_rich_color(segment.style.bgcolor)
            for strip in after
            for segment in strip
            if segment.style is not None and segment.style.bgcolor is not None
        }
        assert ui.app.line_styles.ground in grounds
        assert before != after
        fresh = [segment for segment in pieces(ui, "loss-chart") if "⠉" in segment.text]
        assert fresh
        assert worst(fresh)[0] >= LEGIBLE
        await ui.press("right")  # the cursor is drawn in the new colours too
        marks = [segment for segment in pieces(ui, "loss-chart") if segment.text == "●"]
        assert len(marks) == 2
        assert worst(marks)[0] >= LEGIBLE


async def test_a_theme_that_is_not_there_is_not_used() -> None:
    async with explorer(theme="no-such-theme") as ui:
        assert ui.app.theme == "textual-dark"


async def test_the_theme_is_kept() -> None:
    async with explorer(theme="textual-light") as ui:
        await ui.press(":")
        await ui.type("theme: gruvbox")
        await ui.press("enter")
        assert ui.app.theme == "gruvbox"
        assert ui.view == View()


# ---- no colour -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_without_colour_the_text_is_the_same(
    size: tuple[int, int], theme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of("cross-entropy", "squared-error", "focal")
    async with explorer(view, size, theme=theme) as ui:
        coloured = ui.lines
    monkeypatch.setenv("NO_COLOR", "1")
    async with explorer(view, size, theme=theme) as ui:
        assert ui.lines == coloured
        for name in ("loss-chart", "slope-chart", "losses", "readout", "title", "keys", "labels", "activations"):
            for segment in pieces(ui, name):
                assert segment.style is not None
                for colour in (segment.style.color, segment.style.bgcolor):
                    if colour is not None:
                        red, green, blue = Color.from_rich_color(colour).rgb
                        assert red == green == blue
        await ui.press("right", "space", "t", "tab", "x", "b", "?", "escape", ":", "escape", "g", "escape", "y")
        assert ui.app.is_running


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_without_colour_curves_are_told_apart_by_their_letters(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with explorer(view_of("cross-entropy", "squared-error", "focal"), size) as ui:
        for chart in ("loss-chart", "slope-chart"):
            canvas = "".join(line[6:] for line in ui.part(chart)[1:])
            for letter in "abc":
                assert letter in canvas
        assert [line[1] for line in ui.part("losses")[1:4]] == ["a", "b", "c"]
        assert list(ui.rows()) == ["a", "b", "c"]
        assert "a cross-entropy" in ui.part("loss-chart")[0]


async def test_without_colour_the_current_row_and_the_focus_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with explorer() as ui:
        for name in ("losses", "labels", "activations", "loss-chart"):
            await ui.focus(name)
            assert ui.part(name)[0].startswith("━")
            assert (
                sum(ui.part(other)[0].startswith("━") for other in ("losses", "labels", "activations", "loss-chart"))
                == 1
            )
        assert sum(line.startswith("▸") for line in ui.part("losses")) == 1

"""What is seen and what to try, what the marks mean, and what every key does: that from the commands themselves."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from typing import Any

from rich.segment import Segments
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Static

from lossterm.tui.commands import Command, bindings
from lossterm.tui.steady import Steady

_KEYS = (
    Command(("escape", "q", "?", "enter", "ctrl+c"), "leave", "back", "Close the help", ""),
    Command(("down", "j"), "scroll(1)", "down", "Scroll down", ""),
    Command(("up", "k"), "scroll(-1)", "up", "Scroll up", ""),
    Command(("pagedown", "space"), "scroll(10)", "page", "Scroll a page down", ""),
    Command(("pageup",), "scroll(-10)", "page", "Scroll a page up", ""),
    Command(("home",), "scroll(-9999)", "top", "To the top", ""),
    Command(("end",), "scroll(9999)", "bottom", "To the bottom", ""),
)


HEADING = 40
"""Characters of the longest heading."""

LEAST, CLOSE = 20, 4
"""Columns that a text is to have beside what stands before it; and those that are kept before it where it has fewer."""

Block = tuple[str, list[tuple[str, str]]]
"""A heading, and the rows below it: what stands before, and the text that hangs beside it."""

_ROW = re.compile(r"  (\S.*?)\s{2,}(\S.*)")


def blocks_of(notes: str) -> list[Block]:
    """Notes as blocks: a line that is not indented is a heading, or text; ``  mark   text`` is a row."""
    blocks: list[Block] = []
    for line in notes.strip().splitlines():
        row = _ROW.fullmatch(line)
        if not line.strip():
            continue
        if not line.startswith(" "):
            is_text = line.endswith((".", ":", ";", ",")) or len(line) > HEADING
            blocks.append(("", [("", line)]) if is_text else (line, []))
        elif row is not None and not line.startswith("   "):
            blocks[-1][1].append((row[1], row[2]))
        else:
            before, text = blocks[-1][1].pop() if blocks[-1][1] else ("", "")
            blocks[-1][1].append((before, f"{text} {line.strip()}".strip()))
    return blocks


def help_blocks(commands: Sequence[Command], notes: str) -> list[Block]:
    """What there is to say: first the notes, which tell what is seen and what to try, then the commands by group."""
    groups = dict.fromkeys(c.group for c in commands)
    keys = [(group, [(c.key_text, c.help) for c in commands if c.group == group]) for group in groups]
    return [*blocks_of(notes), *keys]


def help_lines(blocks: Sequence[Block], width: int) -> list[str]:
    """Blocks as lines of at most a width; long texts hang at their column.

    Where that leaves them less than `LEAST`, the column is further left, and what is too long for it has its own line.
    """
    wide = max((len(before) for _, rows in blocks for before, _ in rows), default=0)
    wide = wide if width - wide - 4 >= LEAST else min(wide, CLOSE)
    lines: list[str] = []
    for heading, rows in blocks:
        lines += [""] if lines else []
        lines += textwrap.wrap(heading, max(width, 1))
        for before, text in rows:
            at = wide + 4 if before else 2 * bool(heading)
            wrapped = textwrap.wrap(text, max(width - at, 1), break_on_hyphens=False) or [""]
            if len(before) > wide:
                lines += [f"  {before}", " " * at + wrapped[0]]
            else:
                lines.append((f"  {before}".ljust(at) if before else " " * at) + wrapped[0])
            lines += [" " * at + more for more in wrapped[1:]]
    return lines


class HelpText(Static):
    """Blocks, broken into lines anew for every width."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        super().__init__(markup=False)
        self._blocks = blocks
        self._width = 0

    def on_resize(self, event: events.Resize) -> None:
        """Break the lines for another width."""
        if event.size.width != self._width:
            self._width = event.size.width
            self.update("\n".join(help_lines(self._blocks, self._width)))


class SteadyBar(ScrollBarRender):
    """A scroll bar that can be drawn at any size: while a terminal gets larger, all of a text may be in its window."""

    @classmethod
    def render_bar(  # type: ignore[override]
        cls, size: int = 25, virtual_size: float = 50, window_size: float = 20, position: float = 0, **how: Any
    ) -> Segments:
        """The bar; Textual's own divides by what is out of the window."""
        return super().render_bar(size, max(virtual_size, window_size + 1), window_size, position, **how)


ScrollBar.renderer = SteadyBar


class HelpScreen(Steady[None], ModalScreen[None]):
    """The help, over the screen it is about."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 100; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; padding: 1 2; border: round $accent;
        scrollbar-size-vertical: 1;
    }
    """
    BINDINGS = bindings(_KEYS)

    def __init__(self, title: str, commands: Sequence[Command], notes: str) -> None:
        super().__init__()
        self._scroll = VerticalScroll(HelpText(help_blocks(commands, notes)))
        self._scroll.border_title = title
        self._scroll.border_subtitle = "↑↓ scroll · esc back"

    def compose(self) -> ComposeResult:
        """The text, which scrolls."""
        yield self._scroll

    def action_leave(self) -> None:
        """Close it; a second key may arrive while it is leaving."""
        if self.is_current:
            self.dismiss(None)

    def action_scroll(self, by: int) -> None:
        """Scroll by lines; a key that comes before the text is there, or after it has gone, does nothing."""
        if self._scroll.is_attached:
            self._scroll.scroll_relative(y=by, animate=False)

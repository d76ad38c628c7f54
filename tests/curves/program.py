"""The explorer without a terminal, and its screen as text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace

from textual import events
from textual.widgets import Input

from lossterm.chart.panel import Panel
from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.screen import CurvesScreen
from lossterm.curves.view import View
from lossterm.model.subject import Row
from tests.harness import WIDE, Running, program, saved_of, squeezed

POINT = re.compile(r"at z = (\S+)")
"""The logit at the cursor, in the readout."""


FIRST = tuple(name for name, loss in LOSSES.items() if loss.in_all)
"""The losses that a list begins with: of all of them there are more than letters."""


class Explorer(Running):
    """The running program on its Curves screen."""

    @property
    def screen(self) -> CurvesScreen:
        """The Curves screen, whatever is over it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, CurvesScreen))

    @property
    def view(self) -> View:
        """What is looked at."""
        return self.screen.view

    @property
    def panels(self) -> list[Panel]:
        """What the two charts show."""
        figure, densities = self.screen.figure, self.screen.densities
        panels = list(figure.panels) if figure is not None else []
        return [*panels, densities.panel] if densities is not None else panels

    @property
    def lower_quantity(self) -> str:
        """What the lower chart should show."""
        return "density" if self.view.likelihood else self.view.slope

    @property
    def is_settled(self) -> bool:
        """Whether the curves on screen are those of the view, at the size they have room for."""
        figure, screen = self.screen.figure, self.screen
        if min(screen.upper.room.width, screen.upper.room.height, screen.lower.room.height) < 1:
            return True
        return (
            figure is not None
            and figure.scene.view.still == self.view.still
            and [panel.quantity for panel in self.panels] == ["loss", self.lower_quantity]
            and all(
                [len(panel.picture.rows), sum(len(run.text) for run in panel.picture.rows[0])]
                == [chart.room.height, chart.room.width]
                for panel, chart in zip(self.panels, (screen.upper, screen.lower), strict=True)
            )
        )

    async def type(self, text: str) -> None:
        """Type a text into the field that has the focus."""
        assert isinstance(self.app.focused, Input)
        for character in text:
            self.app.post_message(events.Key(character, character))
        await self.settle()

    async def focus(self, name: str) -> None:
        """Go from pane to pane until the one with this id has the focus."""
        for _ in range(5):
            if self.app.focused is not None and self.app.focused.id == name:
                return
            await self.press("tab")
        raise AssertionError(f"tab never comes to {name}")

    @property
    def status(self) -> str:
        """What the first line tells, without blanks: where there is room it has more of them."""
        return squeezed(self.lines[0])

    @property
    def shown_point(self) -> str:
        """The logit that the readout tells."""
        found = POINT.search(self.part("readout")[0])
        assert found, self.text
        return found[1]

    def rows(self) -> dict[str, str]:
        """The readout's rows that are on screen, by their letters."""
        return {line[1]: line for line in self.part("readout")[2:-1] if line[1].isalpha()}


def view_of(*losses: str, at: float = -4.0, **more: object) -> View:
    """A view of exactly these losses (none: nothing is shown), the first the reference."""
    rows = tuple(Row.of(name, shown=name in losses) for name in LOSSES)
    first = list(LOSSES).index(losses[0]) if losses else 0
    return replace(View(rows=rows, reference=first, logit=at), **more)  # type: ignore[arg-type]


@asynccontextmanager
async def explorer(
    view: View | None = None, size: tuple[int, int] = WIDE, *, theme: str | None = None
) -> AsyncIterator[Explorer]:
    """Run the program, and wait until its curves are drawn."""
    app = program(saved_of(view, theme=theme))
    async with app.run_test(size=size, notifications=True) as pilot:
        ui = Explorer(app, pilot)
        await ui.settle()
        yield ui


def nonblank(lines: Iterable[str]) -> list[str]:
    """The lines that have something on them."""
    return [line for line in lines if line.strip()]

"""The Softmax screen without a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from lossterm.model.store import Saved
from lossterm.softmax.options import saved
from lossterm.softmax.screen import SoftmaxScreen
from lossterm.softmax.view import SoftmaxView, same_picture
from lossterm.tui.widgets.chart import Chart
from tests.harness import PATIENCE, WIDE, Running, program


class Lab(Running):
    """The running program on its Softmax screen."""

    @property
    def screen(self) -> SoftmaxScreen:
        """The Softmax screen, whatever is over it."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, SoftmaxScreen))

    def view(self) -> SoftmaxView:
        """What is looked at: a call, so that an assertion on one is none on the next."""
        return self.screen.view

    @property
    def is_settled(self) -> bool:
        """Whether the curves on screen are those of the view, at the size they have room for."""
        screen = self.screen
        charts = [chart for chart in (screen.upper, screen.lower) if self.is_shown(chart)]
        if not charts:
            return True
        figure = screen.figure
        return (
            figure is not None
            and same_picture(replace(figure.view, given=None), replace(self.view(), given=None))
            and len(figure.panels[0].picture.rows) == min(chart.room.height for chart in charts)
        )

    def is_shown(self, chart: Chart) -> bool:
        """Whether a chart has a place on the screen."""
        return chart.region.height > 1 and chart.region.width > 0 and chart in self.screen._compositor.visible_widgets

    async def answer(self, key: str, text: str) -> None:
        """Press the key of a prompt, and answer it in place of what it offers."""
        await self.pilot.press(key)
        await self.pilot.pause()
        await self.pilot.press("end", *["backspace"] * 60)
        await self.press(*text, "enter")

    def class_line(self, index: int) -> str:
        """The line of a class."""
        return next(line for line in self.part("classes")[1:-1] if line[2:].split()[0] == str(index))

    def loss_line(self, letter: str) -> str:
        """The line of a loss."""
        return next(line for line in self.part("ledger")[1:-1] if line[1] == letter)


@asynccontextmanager
async def lab(
    view: SoftmaxView | None = None, size: tuple[int, int] = WIDE, *, theme: str | None = None, start: str = ""
) -> AsyncIterator[Lab]:
    """Run the program on its Softmax screen, which is opened by its key unless the program starts there."""
    screens = {} if view is None else {"softmax": saved(view)}
    app = program(Saved(screens=screens, theme=theme), start=start)
    async with app.run_test(size=size, notifications=True) as pilot:
        for _ in range(PATIENCE):
            await pilot.pause()
            if app.is_ready:
                break
        if not start:
            await pilot.press("2")
        ui = Lab(app, pilot)
        await ui.settle()
        yield ui

"""The pictures of the README, taken from the program: `python -m tests.pictures` writes them, a test compares them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from lossterm.curves.screen import CurvesScreen
from lossterm.predictions.screen import DataScreen
from tests.harness import program

FOLDER = Path(__file__).resolve().parents[1] / ".pictures"

PICTURES: dict[str, tuple[tuple[int, int], Sequence[str]]] = {
    "curves.svg": ((120, 40), ("down", "down", "space", "up", "up")),
    "classic.svg": ((120, 40), ("x", "b", "d", *["right"] * 12)),
    "data.svg": ((120, 40), ("4", "O")),
}
"""Each picture's name, the size of its terminal, and the keys that lead to it."""


def is_complete(screen: DataScreen) -> bool:
    """Whether the file has been read and everything of it is shown."""
    worst = screen.state.finding.worst if screen.state.finding else None
    return screen.figure is not None and worst is not None and len(screen.state.columns) >= len(worst)


IN_BROWSER = "serve.png"
"""The picture that `python -m tests.serve.picture` takes in a browser."""


async def taken(size: tuple[int, int], keys: Sequence[str]) -> str:
    """The screen after some keys, as SVG that needs nothing from elsewhere."""
    app = program()
    async with app.run_test(size=size) as pilot:
        screen = app.screen
        assert isinstance(screen, CurvesScreen)
        while screen.figure is None:
            await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()
        while isinstance(app.screen, DataScreen) and not is_complete(app.screen):
            await pilot.pause()
        svg = app.export_screenshot(title="lossterm")
    return re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, (size, keys) in PICTURES.items():
        (FOLDER / name).write_text(asyncio.run(taken(size, keys)), "utf-8")


if __name__ == "__main__":
    main()

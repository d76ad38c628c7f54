"""The picture of the explorer in a browser: `python -m tests.serve.picture` writes it."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from tests.pictures import FOLDER, IN_BROWSER
from tests.serve.test_browser import browsed, opened

WINDOW = {"width": 1080, "height": 684}


async def take() -> None:
    """Answer the first question of a story, and write what the browser shows then."""
    with tempfile.TemporaryDirectory() as home:
        async with browsed(Path(home), "--story", "saturation") as (browser, address):
            tab = await opened(browser, address)
            await tab.page.set_viewport_size({"width": WINDOW["width"], "height": WINDOW["height"]})
            await tab.shows("1/5", "How many")
            await tab.press("Enter", *"200", "Enter")
            await tab.shows("saturated", "z = −6.000")
            await tab.page.evaluate("new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
            await tab.page.screenshot(path=FOLDER / IN_BROWSER)


if __name__ == "__main__":
    asyncio.run(take())

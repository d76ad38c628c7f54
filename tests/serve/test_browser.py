"""The explorer in a real browser: Debian's chromium, driven by playwright, which are both of the extra test-all."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shutil
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest

pytest.importorskip("textual_serve", reason="the extra serve is not installed")
pytest.importorskip("playwright", reason="the extra test-all is not installed")

from aiohttp import ClientSession
from playwright.async_api import Browser, BrowserContext, Page, WebSocket, async_playwright

from tests.serve.program import guests_of, is_running, running, tab, until
from tests.terminal import Emulator

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: apt-get install chromium"),
]

WINDOW = (1350, 950)
"""Width and height of the browser's window."""


@contextlib.asynccontextmanager
async def browsed(home: Path, *words: str) -> AsyncIterator[tuple[Browser, str]]:
    """A browser, and the address of a server."""
    async with running(home, *words) as (_, address), async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield browser, address
        finally:
            await browser.close()


class BrowserTab:
    """A tab of the browser, and what stands in the terminal of its page.

    Attributes:
        page: of playwright.
        complaints: what the page complained of.
        asked: the addresses that it asked for.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.size = (80, 24)
        self.emulator = Emulator(*self.size)
        page.on("websocket", self._connected)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)

    def _connected(self, socket: WebSocket) -> None:
        self.asked.append(socket.url)
        found = re.search(r"width=(\d+)&height=(\d+)", socket.url)
        assert found
        self._resize(int(found[1]), int(found[2]))
        socket.on("framereceived", lambda data: self.emulator.feed(data) if isinstance(data, bytes) else None)
        socket.on("framesent", self._sent)

    def _sent(self, data: bytes | str) -> None:
        kind, *what = json.loads(data)
        if kind == "resize":
            self._resize(what[0]["width"], what[0]["height"])

    def _resize(self, width: int, height: int) -> None:
        self.size = width, height
        self.emulator.resize(width, height)

    @property
    def text(self) -> str:
        """What stands in the terminal."""
        return "\n".join(self.emulator.lines())

    async def shows(self, *texts: str) -> None:
        """Wait until all texts are there."""
        try:
            await until(lambda: all(text in self.text for text in texts))
        except TimeoutError:
            raise AssertionError(f"{texts} never came\n{self.text}") from None

    async def press(self, *keys: str) -> None:
        """Press keys."""
        for key in keys:
            await self.page.keyboard.press(key)

    async def click(self, text: str) -> None:
        """Click on a text."""
        line = next(i for i, line in enumerate(self.emulator.lines()) if text in line)
        await self.click_cell(self.emulator.lines()[line].index(text), line)

    async def click_cell(self, column: int, line: int) -> None:
        """Click on a cell."""
        box = await self.page.locator(".xterm-screen").bounding_box()
        assert box is not None
        width, height = self.size
        x = box["x"] + (column + 0.5) * box["width"] / width
        await self.page.mouse.click(x, box["y"] + (line + 0.5) * box["height"] / height)


async def opened(context: Browser | BrowserContext, address: str) -> BrowserTab:
    """A tab that has been opened, and that shows the explorer."""
    page = await context.new_page()
    await page.set_viewport_size({"width": WINDOW[0], "height": WINDOW[1]})
    tab = BrowserTab(page)
    await page.goto(address)
    await tab.shows("[1 Curves]", "∂L/∂z")
    return tab


async def test_the_first_frame_keys_the_mouse_resizing_a_download(tmp_path: Path) -> None:
    async with browsed(tmp_path) as (browser, address):
        context = await browser.new_context()
        downloads: list[str] = []
        context.on("page", lambda page: page.on("download", lambda file: downloads.append(file.suggested_filename)))
        tab = await opened(context, address)
        await tab.shows("z = −4.000", "S opens the stories")
        assert await tab.page.title() == "lossterm"
        assert await tab.page.evaluate("document.fonts.size") == 0
        assert len(await tab.page.screenshot()) > 20_000  # a page of one colour has a tenth of it
        await tab.press("g", "3", "Enter")  # no click before it: the page has the keyboard
        await tab.shows("z = 3.000")
        await tab.click_cell(tab.size[0] // 2, tab.size[1] // 4)
        await until(lambda: "z = 3.000" not in tab.text)
        await tab.click("2 Softmax")
        await tab.shows("[2 Softmax]")
        await tab.page.set_viewport_size({"width": 800, "height": 500})
        await until(lambda: tab.size[0] < 90)
        await tab.press("1")
        await tab.shows("1 Curves▌", "quit")
        width, height = tab.size
        assert len(tab.text.splitlines()) == height
        assert max(map(len, tab.text.splitlines())) <= width
        await tab.press("e")
        await until(lambda: downloads)
        assert downloads == ["lossterm-curves.csv"]
        own = (address, address.replace("http:", "ws:"))
        assert [asked for asked in tab.asked if not asked.startswith((*own, "data:"))] == []
        assert tab.complaints == []


def has_changed(tab: BrowserTab, before: str) -> bool:
    """Whether a page shows something else."""
    return tab.text != before


def is_at(tab: BrowserTab, step: str) -> bool:
    """Whether a page shows a step of a story."""
    return step in tab.text


async def go_on(tab: BrowserTab, holds: Callable[[], object]) -> None:
    """Press enter, which is told what is so and goes on, until something holds."""
    while not holds():
        before = tab.text
        await tab.press("Enter")
        await until(partial(has_changed, tab, before))
        while tab.text != before:  # a page comes in pieces: a key before the last of it would be of what it hides
            before = tab.text
            await asyncio.sleep(0.5)


async def test_a_story_to_its_end(tmp_path: Path) -> None:
    async with browsed(tmp_path, "--story", "saturation") as (browser, address):
        tab = await opened(browser, address)
        await tab.shows("1/8")
        await tab.press("Enter", *"200", "Enter")
        await tab.shows("1/8", "saturated")
        for step in range(2, 9):
            await go_on(tab, partial(is_at, tab, f"{step}/8"))
        await go_on(tab, lambda: "Back to what was looked at" in tab.text)
        await tab.press(*"Back to", "Enter")
        await tab.shows("[1 Curves]", "z = −4.000")
        assert tab.complaints == []


async def test_two_visitors_and_a_tab_that_is_closed(tmp_path: Path) -> None:
    async with browsed(tmp_path) as (browser, address):
        one, two = await opened(browser, address), await opened(browser, address)
        await one.press("g", "3", "Enter")
        await one.shows("z = 3.000")
        assert "z = −4.000" in two.text
        both = guests_of(tmp_path)
        assert len(both) == 2
        await one.page.close()
        await until(lambda: sum(map(is_running, both)) == 1)
        await two.press("g", "2", "Enter")
        await two.shows("z = 2.000")
        await two.page.reload()
        await two.shows("[1 Curves]", "z = −4.000")
        await until(lambda: not any(map(is_running, both)))
        assert len(guests_of(tmp_path)) == 1
        await two.press("q")
        await two.page.wait_for_selector("body.-closed")
        assert await two.page.get_by_text("This visit has ended").is_visible()
        await until(lambda: not guests_of(tmp_path))


async def test_a_full_house_in_the_browser(tmp_path: Path) -> None:
    async with browsed(tmp_path, "--visitors", "1") as (browser, address):
        one = await opened(browser, address)
        page = await browser.new_page()
        await page.goto(address)
        assert await page.get_by_text("All 1 seats are taken").is_visible()
        await one.page.close()
        await until(lambda: not guests_of(tmp_path))
        await page.get_by_text("look now").click()
        await page.wait_for_selector("body.-first-byte")


async def test_twenty_visitors_at_once(tmp_path: Path) -> None:
    # of the visitors all but one are without a browser: twenty windows of chromium would be what is tested
    async with browsed(tmp_path, "--visitors", "20") as (browser, address), ClientSession(address) as client:
        async with contextlib.AsyncExitStack() as seats:
            visits = [seats.enter_async_context(tab(client)) for _ in range(19)]
            tabs = await asyncio.gather(*visits)
            await asyncio.gather(*(one.shows("[1 Curves]", "∂L/∂z") for one in tabs))
            last = await opened(browser, address)
            assert len(guests_of(tmp_path)) == 20
            await last.press("g", "3", "Enter")
            await last.shows("z = 3.000")
            assert last.complaints == []
            await last.page.close()
        await until(lambda: not guests_of(tmp_path))

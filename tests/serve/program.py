"""A visitor without a browser: a websocket, and a screen of what comes through it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer

from lossterm.serve.server import Server
from lossterm.serve.visitor import Visitor
from tests.terminal import KEYS, Emulator, clean_env

PATIENCE = 60.0
"""Seconds within which what is waited for must have come."""

Client = TestClient[Any, Any]


@contextlib.asynccontextmanager
async def served(homes: Path, most: int = 3, story: str = "") -> AsyncIterator[tuple[Server, Client]]:
    """A running server, and a client of it."""
    server = Server(most, homes, story)
    try:
        async with TestClient(TestServer(server.application())) as client:
            yield server, client
    finally:
        server.end()


async def until(holds: Callable[[], object]) -> None:
    """Wait until something holds that another process brings about."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class Tab:
    """What a browser's tab has: the connection, and the terminal."""

    def __init__(self, websocket: ClientWebSocketResponse, size: tuple[int, int]) -> None:
        self.websocket = websocket
        self.emulator = Emulator(*size)
        self.said: list[Any] = []

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.emulator.lines())

    async def shows(self, *texts: str) -> None:
        """Wait until all texts are on screen."""
        await self._until(lambda: all(text in self.text for text in texts))

    async def hears(self, kind: str) -> Any:
        """Wait for what is said beside what is on screen; what was said of it."""
        await self._until(lambda: any(said[0] == kind for said in self.said))
        return next(said[1] for said in self.said if said[0] == kind)

    async def press(self, *keys: str) -> None:
        """Press keys, by the names of `KEYS` or as they are written."""
        for key in keys:
            await self.say("stdin", KEYS.get(key, key))

    async def say(self, *what: object) -> None:
        """Send a message, as the page does."""
        await self.websocket.send_str(json.dumps(what))

    async def ended(self) -> None:
        """Wait until the server has closed the connection."""
        await self._until(lambda: False)

    async def _until(self, holds: Callable[[], object]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not holds():
                    message = await self.websocket.receive()
                    if message.type is WSMsgType.BINARY:
                        self.emulator.feed(message.data)
                    elif message.type is WSMsgType.TEXT:
                        self.said.append(json.loads(message.data))
                    else:
                        assert not holds.__closure__, f"closed: {message}\n{self.text}"
                        return
        except TimeoutError:
            raise AssertionError(f"it never came to that\n{self.text}") from None


@contextlib.asynccontextmanager
async def tab(client: Client | ClientSession, size: tuple[int, int] = (120, 40), **options: Any) -> AsyncIterator[Tab]:
    """A tab that is open."""
    async with client.ws_connect(f"/ws?width={size[0]}&height={size[1]}", **options) as websocket:
        yield Tab(websocket, size)


def only(server: Server) -> Visitor:
    """The one visitor who is there."""
    (visitor,) = server.visitors
    return visitor


@contextlib.asynccontextmanager
async def running(home: Path, *words: str) -> AsyncIterator[tuple[subprocess.Popen[str], str]]:
    """The server in a process of its own, and its address."""
    command = (sys.executable, "-m", "lossterm", "serve", "--port", "0", *words)
    with subprocess.Popen(
        command, env=clean_env(home, {"TMPDIR": str(home)}), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            said = await asyncio.to_thread(process.stdout.readline)
            found = re.search(r"http://\S+:\d+/", said)
            assert found, said
            yield process, found[0]
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


def guests_of(home: Path) -> list[int]:
    """The numbers of the processes that run in the homes of visitors; the server makes them in this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if str(path.readlink()).startswith(f"{home}/lossterm-"):
                found.append(int(path.parent.name))
    return found

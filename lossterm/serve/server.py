"""The server: one page, a websocket for each visitor, downloads; textual-serve brings the terminal of the page."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web

from lossterm.serve.visitor import Visitor, clamped

PAGES = Path(__file__).parent

SANE_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
"""A name or an address, with or without a port."""

MOST_TYPED = 256 * 1024
"""Bytes of one message of a browser: a paste has as many at most."""

HEARTBEAT = 15.0
"""Seconds after which a browser is asked whether it is still there."""

CLOSING = 2.0
"""Seconds in which a browser must answer that it has heard of the end."""

MONOSPACE = "ui-monospace, 'SF Mono', Menlo, 'Cascadia Mono', 'DejaVu Sans Mono', 'Liberation Mono', monospace"
"""The fonts of the terminal: those that a system has, none of which is loaded from anywhere."""

_FONTS = re.compile(r"""fontFamily:"'Roboto Mono'[^"]*\"""")
"""Where the terminal's script names a font that it would have to load."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self' {socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Of every answer: nothing is loaded from elsewhere, and no other page has this one within it."""


def is_foreign(origin: str | None, host: str) -> bool:
    """Whether a request comes from a page of another server.

    Args:
        origin: the header; None where there is none, as of programs that are no browser.
        host: the header: as what the browser knows this server.
    """
    if origin is None:
        return False
    parts = urlsplit(origin)
    port = {"http": ":80", "https": ":443"}.get(parts.scheme)
    return port is None or parts.netloc.lower().removesuffix(port) != host.lower().removesuffix(port)


def websocket_address(request: web.Request) -> str:
    """The address of the websocket, as the browser that asks for the page knows this server.

    Raises:
        web.HTTPBadRequest: the Host header is none.
    """
    if not SANE_HOST.fullmatch(request.host):
        raise web.HTTPBadRequest(text="what host is that?")
    is_secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
    return f"{'wss' if is_secure else 'ws'}://{request.host}/ws"


def terminal_assets() -> Path:
    """The folder of the terminal's script and style, of textual-serve.

    Raises:
        ValueError: it is not installed.
    """
    found = find_spec("textual_serve")
    if found is None or not found.submodule_search_locations:
        raise ValueError("the explorer in a browser needs textual-serve: pip install 'lossterm[serve]'")
    return Path(next(iter(found.submodule_search_locations))) / "static"


@dataclass(frozen=True, eq=False)
class Download:
    """A download that is offered.

    Attributes:
        visitor: whose it is.
        name: of the file.
        kind: its MIME type.
    """

    visitor: Visitor
    name: str
    kind: str


class Server:
    """Serves the explorer, a process for each visitor.

    Attributes:
        visitors: who is there.

    Args:
        most: visitors at the same time.
        story: the name or the file of the story that every visitor begins with; empty for none.
        definitions: of losses beside the built-in ones, which every visitor has.
        homes: the folder in which homes of visitors are made.
    """

    def __init__(self, most: int, homes: Path, story: str = "", definitions: Sequence[str] = ()) -> None:
        self.most = most
        self.visitors: set[Visitor] = set()
        self._homes = homes
        # -P: not the folder that it runs in, which is the visitor's
        told = [story, *definitions] if story or definitions else []
        self._command = (sys.executable, "-P", "-m", "lossterm.serve.guest", *told)
        self._offered: dict[str, Download] = {}
        assets = terminal_assets()
        self._script = _FONTS.sub(
            lambda _: f"fontFamily:{json.dumps(MONOSPACE)}", (assets / "js" / "textual.js").read_text("utf-8")
        )
        self._style = (assets / "css" / "xterm.css").read_text("utf-8")
        self._page = Template((PAGES / "page.html").read_text("utf-8"))
        self._full = Template((PAGES / "full.html").read_text("utf-8"))
        self._keyboard = (PAGES / "page.js").read_text("utf-8")

    def application(self) -> web.Application:
        """The application of aiohttp."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.page),
                web.get("/ws", self.socket),
                web.get("/download/{key}", self.download),
                web.get("/terminal.js", self.script),
                web.get("/terminal.css", self.style),
                web.get("/page.js", self.keyboard),
            ]
        )
        app.on_response_prepare.append(_add_headers)
        return app

    def end(self) -> None:
        """End the programs of all visitors."""
        for visitor in self.visitors:
            visitor.kill()

    # ---- the page -------------------------------------------------------------------------------------------------

    async def page(self, request: web.Request) -> web.Response:
        """The page with the terminal; where all seats are taken one that says so."""
        address = websocket_address(request)
        if len(self.visitors) >= self.most:
            text = self._full.substitute(most=self.most)
            return web.Response(text=text, content_type="text/html", status=503, headers={"Retry-After": "10"})
        return web.Response(text=self._page.substitute(websocket=escape(address)), content_type="text/html")

    async def script(self, request: web.Request) -> web.Response:
        """The terminal's script."""
        return _asset(self._script, "text/javascript")

    async def style(self, request: web.Request) -> web.Response:
        """The terminal's style."""
        return _asset(self._style, "text/css")

    async def keyboard(self, request: web.Request) -> web.Response:
        """The script that gives the terminal the keyboard."""
        return _asset(self._keyboard, "text/javascript")

    # ---- a visitor ------------------------------------------------------------------------------------------------

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the program for a visitor, until either has gone.

        Raises:
            web.HTTPForbidden: a page of another server asks.
            web.HTTPServiceUnavailable: all seats are taken.
        """
        if is_foreign(request.headers.get("Origin"), request.host):
            raise web.HTTPForbidden(text="this is not for pages of other servers")
        if len(self.visitors) >= self.most:
            raise web.HTTPServiceUnavailable(text=f"all {self.most} seats are taken")
        visitor = Visitor(self._command, self._homes)
        self.visitors.add(visitor)  # before anything is waited for: two at once do not get one seat
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT, timeout=CLOSING, max_msg_size=MOST_TYPED)
        try:
            await websocket.prepare(request)
            await visitor.start(_asked_size(request.query))
            await self._run(websocket, visitor)
        finally:
            try:
                await visitor.end()
            finally:
                self.visitors.discard(visitor)
                self._offered = {key: it for key, it in self._offered.items() if it.visitor is not visitor}
        await websocket.close()
        return websocket

    async def _run(self, websocket: web.WebSocketResponse, visitor: Visitor) -> None:
        ways = [
            asyncio.create_task(self._from_browser(websocket, visitor)),
            asyncio.create_task(self._from_program(websocket, visitor)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _from_browser(self, websocket: web.WebSocketResponse, visitor: Visitor) -> None:
        with suppress(ConnectionError, TimeoutError):
            async for message in websocket:
                if message.type is WSMsgType.TEXT:
                    await _take(_json(message.data), websocket, visitor)

    async def _from_program(self, websocket: web.WebSocketResponse, visitor: Visitor) -> None:
        with suppress(ConnectionError):
            async for kind, payload in visitor.packets():
                if kind == b"D":
                    await websocket.send_bytes(payload)
                elif kind == b"P":
                    visitor.take_part(payload)
                elif kind == b"M" and not await self._told(_json(payload), websocket, visitor):
                    return

    async def _told(self, said: Any, websocket: web.WebSocketResponse, visitor: Visitor) -> bool:
        # what the program says beside what is on screen; returns whether it goes on
        match said:
            case {"type": "exit"}:
                return False
            case {"type": "deliver_file_start", "key": str(key), "path": str(path), "mime_type": str(kind)}:
                self._offered[key] = Download(visitor, re.sub(r"[^A-Za-z0-9._-]", "-", Path(path).name), kind)
                await websocket.send_json(["deliver_file_start", key])
        return True

    async def download(self, request: web.Request) -> web.Response:
        """What a program offers, once; its key is known to its own page alone.

        Raises:
            web.HTTPNotFound: there is no such download, or it has been fetched.
            web.HTTPGone: its program has ended, or does not hand it over.
        """
        key = request.match_info["key"]
        offered = self._offered.pop(key, None)
        if offered is None:
            raise web.HTTPNotFound(text="there is no such download")
        try:
            content = await offered.visitor.download(key)
        except (ConnectionError, TimeoutError, ValueError):
            raise web.HTTPGone(text="this download has ended") from None
        disposition = f'attachment; filename="{offered.name}"'
        return web.Response(
            body=content, content_type=offered.kind, charset="utf-8", headers={"Content-Disposition": disposition}
        )


async def _take(said: Any, websocket: web.WebSocketResponse, visitor: Visitor) -> None:
    # what the terminal of the page says; that it has the keyboard, or has not, does not matter
    match said:
        case ["stdin", str(text)]:
            await visitor.type(text)
        case ["resize", {"width": int(width), "height": int(height)}]:
            await visitor.resize(width, height)
        case ["ping", sent]:
            await websocket.send_json(["pong", sent])


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _asked_size(query: Mapping[str, str]) -> tuple[int, int]:
    width, height = (query.get(name, "") for name in ("width", "height"))
    is_size = all(re.fullmatch(r"\d{1,6}", side, re.ASCII) for side in (width, height))
    return clamped(int(width), int(height)) if is_size else (80, 24)


def _asset(text: str, kind: str) -> web.Response:
    return web.Response(text=text, content_type=kind, headers={"Cache-Control": "no-cache"})


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    address = websocket_address(request) if SANE_HOST.fullmatch(request.host) else ""
    for name, value in HEADERS.items():
        response.headers[name] = value.replace("{socket}", address)


# ---- running it -----------------------------------------------------------------------------------------------------


def serve(host: str, port: int, most: int, story: str = "", definitions: Sequence[str] = ()) -> int:
    """Serve until ctrl+c or another signal ends it; returns the exit code.

    Args:
        host: the name or address that is listened on.
        port: 0 for any that is free.
        most: visitors at the same time.
        story: the name or the file of the story that every visitor begins with; empty for none.
        definitions: of losses beside the built-in ones, which every visitor has.

    Raises:
        ValueError: it cannot listen there.
    """
    with asyncio.Runner() as runner:
        runner.run(_serve(host, port, most, story, definitions))
    return 0


async def _serve(host: str, port: int, most: int, story: str, definitions: Sequence[str]) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        with suppress(NotImplementedError, AttributeError):  # on Windows ctrl+c is raised
            loop.add_signal_handler(getattr(signal, name), told.set)
    with tempfile.TemporaryDirectory(prefix="lossterm-", ignore_cleanup_errors=True) as homes:
        server = Server(most, Path(homes), story, definitions)
        runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=CLOSING)
        await runner.setup()
        try:
            site = web.TCPSite(runner, host, port)
            try:
                await site.start()
            except OSError as problem:
                raise ValueError(f"cannot listen on {host}:{port}: {_reason(problem)}; --port takes another") from None
            print(_announced(host, runner.addresses[0][1], most), flush=True)
            await told.wait()
        finally:
            server.end()
            await runner.cleanup()


def _reason(problem: OSError) -> str:
    return (problem.strerror or str(problem)).rpartition(": ")[2]


def _announced(host: str, port: int, most: int) -> str:
    is_everywhere = host in {"0.0.0.0", "::", ""}
    shown = "127.0.0.1" if is_everywhere else f"[{host}]" if ":" in host else host
    also = ", and under every name of this machine" if is_everywhere else ""
    return f"lossterm is at http://{shown}:{port}/{also}, for {most} visitors at a time; ctrl+c ends it"

"""A visitor of the server: the process with the program, its home, its environment, and the packets between them.

The packets are those of Textual's web driver: a letter (D for what a terminal is sent or sends, M for JSON, P for a
part of a download), four bytes for the length, the payload.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from textual_serve._binary_encode import DecodeError
from textual_serve._binary_encode import load as unpacked

READY = b"__GANGLION__\n"
"""The line after which a program of Textual sends packets."""

PATIENCE = 10.0
"""Seconds in which a program must take what is typed, and hand over the next part of a download."""

CHUNK, LARGEST_DOWNLOAD = 64 * 1024, 64 * 1024 * 1024
"""Bytes of a part of a download, and of the largest."""

LARGEST_SIZE = (1000, 500)
"""Columns and lines from which a size is not believed."""

KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""What a visitor's environment has of the server's: what Python needs to start, and how texts are encoded."""


def environment(server: Mapping[str, str], home: Path, size: tuple[int, int]) -> dict[str, str]:
    """The environment of a visitor's process.

    Args:
        server: the environment of the server.
        home: the visitor's folder.
        size: columns and lines of the terminal.
    """
    columns, lines = size
    return {
        **{name: server[name] for name in KEPT if name in server},
        "HOME": str(home),
        "USERPROFILE": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": os.pathsep.join(str(Path(entry).resolve()) for entry in sys.path if entry),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "TEXTUAL_COLOR_SYSTEM": "truecolor",
        "COLUMNS": str(columns),
        "ROWS": str(lines),
        # many share the machine
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "POLARS_MAX_THREADS": "2",
    }


def clamped(width: int, height: int) -> tuple[int, int]:
    """A size of a terminal, kept within what is believed."""
    return min(max(width, 1), LARGEST_SIZE[0]), min(max(height, 1), LARGEST_SIZE[1])


def packet(kind: bytes, payload: bytes) -> bytes:
    """A packet as it is sent to the program."""
    return kind + len(payload).to_bytes(4, "big") + payload


class Visitor:
    """A process with the program, in a home of its own.

    Args:
        command: the words that start the program; no shell reads them.
        homes: the folder in which the home is made.
    """

    def __init__(self, command: Sequence[str], homes: Path) -> None:
        self._command = command
        self._homes = homes
        self._home: tempfile.TemporaryDirectory[str] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._complaints: asyncio.Task[None] | None = None
        self._parts: dict[str, asyncio.Queue[bytes]] = {}

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process.

        Raises:
            RuntimeError: it has not been started.
        """
        if self._process is None:
            raise RuntimeError("the program of this visitor has not been started")
        return self._process

    # ---- life -----------------------------------------------------------------------------------------------------

    async def start(self, size: tuple[int, int]) -> None:
        """Start the program.

        Args:
            size: columns and lines of the terminal.

        Raises:
            OSError: it cannot be started.
        """
        self._home = tempfile.TemporaryDirectory(dir=self._homes, prefix="visitor-", ignore_cleanup_errors=True)
        home = Path(self._home.name)
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment(os.environ, home, size),
            cwd=home,
            start_new_session=True,  # ctrl+c is the server's, which ends its visitors itself
        )
        self._complaints = asyncio.create_task(self._complain())

    async def end(self) -> None:
        """End the process and all that it has started, at once, and take its home away: a visitor keeps nothing."""
        try:
            self.kill()
            if self._process is not None:
                await self._process.wait()
            if self._complaints is not None:
                await self._complaints
        finally:
            if self._home is not None:
                self._home.cleanup()

    def kill(self) -> None:
        """End the process and all that it has started, without waiting for it."""
        if self._process is None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:  # also where the process itself has ended: its number is the group's as long as one of it is left
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _complain(self) -> None:
        # what a program says as it fails is for who runs the server
        stream = self.process.stderr
        while stream is not None and (said := await stream.read(CHUNK)):
            sys.stderr.write(said.decode("utf-8", "replace"))
            sys.stderr.flush()

    # ---- to the program -------------------------------------------------------------------------------------------

    async def type(self, text: str) -> None:
        """Hand over what the terminal sends.

        Raises:
            ConnectionError: the program has ended.
            TimeoutError: it does not take it.
        """
        typed = text.encode("utf-8", "ignore")  # half a character is none
        if typed:  # nothing at all would be taken for the end
            await self._send(b"D", typed)

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size.

        Raises:
            ConnectionError: the program has ended.
            TimeoutError: it does not take it.
        """
        columns, lines = clamped(width, height)
        await self._tell({"type": "resize", "width": columns, "height": lines})

    async def _tell(self, said: Mapping[str, Any]) -> None:
        await self._send(b"M", json.dumps(said).encode())

    async def _send(self, kind: bytes, payload: bytes) -> None:
        stream = self.process.stdin
        assert stream is not None
        stream.write(packet(kind, payload))
        async with asyncio.timeout(PATIENCE):
            await stream.drain()

    # ---- from the program -----------------------------------------------------------------------------------------

    async def packets(self) -> AsyncIterator[tuple[bytes, bytes]]:
        """What the program sends, until it ends: the letter and the payload of each packet."""
        stream = self.process.stdout
        assert stream is not None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await stream.readuntil(READY)
            while True:
                head = await stream.readexactly(5)
                yield head[:1], await stream.readexactly(int.from_bytes(head[1:], "big"))

    # ---- downloads ------------------------------------------------------------------------------------------------

    async def download(self, key: str) -> bytes:
        """What the program offers as a download.

        Args:
            key: under which it is offered.

        Raises:
            ConnectionError: the program has ended.
            TimeoutError: it does not hand it over.
            ValueError: it is too large.
        """
        parts = self._parts[key] = asyncio.Queue()
        content = bytearray()
        try:
            while True:
                await self._tell({"type": "deliver_chunk_request", "key": key, "size": CHUNK})
                async with asyncio.timeout(PATIENCE):
                    part = await parts.get()
                if not part:
                    return bytes(content)
                content += part
                if len(content) > LARGEST_DOWNLOAD:
                    raise ValueError(f"more than {LARGEST_DOWNLOAD:,} bytes")
        finally:
            del self._parts[key]

    def take_part(self, payload: bytes) -> None:
        """Take a part of a download out of a packet; what nobody waits for is left."""
        try:
            said = unpacked(payload)
        except (DecodeError, ValueError):
            return
        match said:
            case ("deliver_chunk", str(key), str() | bytes() as part) if key in self._parts:
                self._parts[key].put_nowait(part.encode() if isinstance(part, str) else part)

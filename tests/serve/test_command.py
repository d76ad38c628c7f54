"""``lossterm serve`` as a process: what it says, how it ends, and what ends with it."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
from pathlib import Path

import pytest

from lossterm.cli import run

pytest.importorskip("textual_serve", reason="the extra serve is not installed")

from aiohttp import ClientSession, WSMsgType

from tests.serve.program import PATIENCE, guests_of, is_running, running, until


def complaint(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line that is said of words that are wrong."""
    assert run(["serve", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--port", "70000"), "--port: write a whole number from 0 to 65535, not '70000'"),
        (("--port", "x"), "--port: write a whole number"),
        (("--visitors", "0"), "--visitors: write a whole number from 1"),
        (("--visitors=-3",), "--visitors: write a whole number from 1"),
        (("--story", "saturaton"), "saturation"),
        (("--story", "no/such.md"), "no/such.md"),
        (("--hots", "x"), "did you mean --host?"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str) -> None:
    assert said in complaint(capsys, *words)


@pytest.mark.parametrize("missing", ["aiohttp", "textual_serve"])
def test_what_is_not_installed_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert "pip install 'lossterm[serve]'" in complaint(capsys)


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = complaint(capsys, "--port", str(taken.getsockname()[1]))
    assert "cannot listen on 127.0.0.1" in said
    assert "--port" in said


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
async def test_visitors_end_with_the_server(tmp_path: Path, end: signal.Signals) -> None:
    async with (
        running(tmp_path) as (process, address),
        ClientSession() as session,
        session.ws_connect(f"{address}ws") as one,
        session.ws_connect(f"{address}ws") as two,
    ):
        for websocket in (one, two):
            async with asyncio.timeout(PATIENCE):
                assert (await websocket.receive()).type is WSMsgType.BINARY
        guests = guests_of(tmp_path)
        assert len(guests) == 2
        process.send_signal(end)
        assert await asyncio.to_thread(process.wait, PATIENCE) == (-end if end is signal.SIGKILL else 0)
        await until(lambda: not any(map(is_running, guests)))
    if end is not signal.SIGKILL:
        assert list(tmp_path.glob("lossterm-*")) == []


async def test_it_listens_on_this_machine_alone_unless_told(tmp_path: Path) -> None:
    async with running(tmp_path) as (_, address):
        assert address.startswith("http://127.0.0.1:")

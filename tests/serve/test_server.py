"""The server: addresses, strangers, seats, what visitors share and do not share, and what is left of them: nothing."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("textual_serve", reason="the extra serve is not installed")

from aiohttp import WSServerHandshakeError

from lossterm.serve.server import is_foreign
from lossterm.serve.visitor import clamped, environment
from tests.serve.program import is_running, only, served, tab, until

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


# ---- the page -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Host": "127.0.0.1:8000"}, "ws://127.0.0.1:8000/ws"),
        ({"Host": "classroom.example"}, "ws://classroom.example/ws"),
        ({"Host": "[::1]:8000"}, "ws://[::1]:8000/ws"),
        ({"Host": "lossterm.example", "X-Forwarded-Proto": "https"}, "wss://lossterm.example/ws"),
    ],
)
async def test_addresses_are_those_by_which_the_browser_came(
    tmp_path: Path, headers: dict[str, str], address: str
) -> None:
    async with served(tmp_path) as (_, client), client.get("/", headers=headers) as answer:
        assert answer.status == 200
        assert f'data-session-websocket-url="{address}"' in await answer.text()
        assert address in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("host", ['x"><script>', "a b", "x/y", "évil"])
async def test_what_is_no_host_is_refused(tmp_path: Path, host: str) -> None:
    async with served(tmp_path) as (_, client), client.get("/", headers={"Host": host}) as answer:
        assert answer.status == 400


async def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, client):
        page = await (await client.get("/")).text()
        named = re.findall(r'(?:src|href|url)="([^"]*)"', page)
        assert {name for name in named if name.startswith("/")} == {"/terminal.css", "/terminal.js", "/page.js", "/"}
        assert [name for name in named if not name.startswith(("/", "data:", "ws://127.0.0.1"))] == []
        for name in ("/terminal.css", "/terminal.js", "/page.js"):
            async with client.get(name) as answer:
                assert answer.status == 200
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
        script = await (await client.get("/terminal.js")).text()
        assert "Roboto" not in script
        assert "monospace" in script


@pytest.mark.parametrize("path", ["/static/", "/static/js/textual.js", "/../page.html", "/download/", "/download/x"])
async def test_nothing_else_is_there(tmp_path: Path, path: str) -> None:
    async with served(tmp_path) as (_, client), client.get(path) as answer:
        assert answer.status == 404


# ---- strangers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "host", "foreign"),
    [
        (None, "127.0.0.1:8000", False),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("http://Classroom.Example", "classroom.example", False),
        ("https://classroom.example", "classroom.example:443", False),
        ("http://[::1]:8000", "[::1]:8000", False),
        ("http://localhost:8000", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8001", "127.0.0.1:8000", True),
        ("http://127.0.0.1", "127.0.0.1:8000", True),
        ("https://evil.example", "127.0.0.1:8000", True),
        ("http://127.0.0.1:8000.evil.example", "127.0.0.1:8000", True),
        ("http://x@127.0.0.1:8000", "127.0.0.1:8000", True),
        ("null", "127.0.0.1:8000", True),
        ("", "127.0.0.1:8000", True),
        ("file://", "127.0.0.1:8000", True),
    ],
)
def test_foreign_is_what_comes_from_another_page(origin: str | None, host: str, foreign: bool) -> None:
    assert is_foreign(origin, host) == foreign


async def test_a_foreign_page_starts_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as (server, client):
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect("/ws", origin="https://evil.example")
        assert refused.value.status == 403
        assert not server.visitors
        assert list(tmp_path.iterdir()) == []


async def test_who_asks_for_no_websocket_starts_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as (server, client), client.get("/ws") as answer:
        assert answer.status == 400
        assert not server.visitors
        assert list(tmp_path.iterdir()) == []


# ---- seats ----------------------------------------------------------------------------------------------------------


async def test_a_full_house_says_so_until_somebody_leaves(tmp_path: Path) -> None:
    async with served(tmp_path, most=1) as (server, client):
        async with tab(client) as first:
            await until(lambda: server.visitors)
            async with client.get("/") as answer:
                assert answer.status == 503
                assert "All 1 seats are taken" in await answer.text()
            with pytest.raises(WSServerHandshakeError) as refused:
                await client.ws_connect("/ws")
            assert refused.value.status == 503
            await first.shows("Curves")
        await until(lambda: not server.visitors)
        async with client.get("/") as answer:
            assert answer.status == 200


async def test_two_at_once_do_not_get_one_seat(tmp_path: Path) -> None:
    async with served(tmp_path, most=2) as (server, client):
        came = await asyncio.gather(*(client.ws_connect("/ws") for _ in range(5)), return_exceptions=True)
        refused = [one for one in came if isinstance(one, WSServerHandshakeError)]
        assert [one.status for one in refused] == [503] * 3
        assert len(server.visitors) == 2


# ---- environment, home, process -------------------------------------------------------------------------------------


def test_the_environment_is_declared_and_not_handed_down() -> None:
    handed = {"PATH": "/bin", "LANG": "C.UTF-8", "HOME": "/root", "API_KEY": "secret", "XDG_STATE_HOME": "/s",
              "SSH_AUTH_SOCK": "/s", "PYTHONSTARTUP": "x", "NO_COLOR": "1"}  # fmt: skip
    told = environment(handed, Path("/homes/a"), (100, 30))
    assert told["PATH"] == "/bin"
    assert told["HOME"] == told["TMPDIR"] == "/homes/a"
    assert (told["COLUMNS"], told["ROWS"]) == ("100", "30")
    assert set(told).isdisjoint({"API_KEY", "XDG_STATE_HOME", "SSH_AUTH_SOCK", "PYTHONSTARTUP", "NO_COLOR"})


@pytest.mark.parametrize(
    ("size", "kept"), [((120, 40), (120, 40)), ((0, -5), (1, 1)), ((10**9, 10**9), (1000, 500)), ((1, 1), (1, 1))]
)
def test_sizes_are_kept_within_what_is_believed(size: tuple[int, int], kept: tuple[int, int]) -> None:
    assert clamped(*size) == kept


@LINUX
@pytest.mark.exhaustive
async def test_each_visitor_has_a_home_and_an_environment_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOSSTERM_SECRET", "hunter2")
    async with served(tmp_path) as (server, client):
        async with tab(client) as one, tab(client) as two:
            await one.shows("Curves")
            await two.shows("Curves")
            pids = [visitor.process.pid for visitor in server.visitors]
            homes = set()
            for pid in pids:
                handed = Path(f"/proc/{pid}/environ").read_bytes()
                assert b"hunter2" not in handed
                home = Path(dict(p.split(b"=", 1) for p in handed.split(b"\0") if p)[b"HOME"].decode())
                assert home.parent == tmp_path
                assert home.stat().st_mode & 0o077 == 0
                assert Path(f"/proc/{pid}/cwd").resolve() == home
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                assert words[0] == sys.executable.encode()
                homes.add(home)
            assert len(homes) == 2
        await until(lambda: not server.visitors)
        assert list(tmp_path.iterdir()) == []
        assert not any(is_running(pid) for pid in pids)


@pytest.mark.exhaustive
async def test_visitors_do_not_see_what_others_do(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, client), tab(client) as one, tab(client) as two:
        await one.shows("z = −4.000")
        await two.shows("z = −4.000")
        await one.press("g", "3", "enter")
        await one.shows("z = 3.000")
        await two.press("x")  # its answer comes after whatever the other has done
        await two.shows("against p")
        assert "z = −4.000" in two.text
        assert "z = 3.000" not in two.text
        assert "against p" not in one.text


@pytest.mark.exhaustive
async def test_nothing_is_kept_for_the_next_one(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, client):
        async with tab(client) as one:
            await one.shows("z = −4.000")
            await one.press("g", "3", "enter")
            await one.shows("z = 3.000")
            await one.press("q")
            await one.ended()
        async with tab(client) as two:
            await two.shows("z = −4.000")


async def test_a_program_that_is_left_closes_its_page(tmp_path: Path) -> None:
    async with served(tmp_path) as (server, client), tab(client) as one:
        await one.shows("Curves")
        pid = only(server).process.pid
        await one.press("q")
        await one.ended()
        await until(lambda: not server.visitors)
        assert not is_running(pid)


async def test_a_tab_that_goes_before_the_first_frame_leaves_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as (server, client):
        async with tab(client):
            await until(lambda: server.visitors and only(server)._process is not None)
            pid = only(server).process.pid
        await until(lambda: not server.visitors)
        assert not is_running(pid)
        assert list(tmp_path.iterdir()) == []


# ---- what is typed, and nonsense ------------------------------------------------------------------------------------


async def test_keys_the_mouse_and_resizing(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, client), tab(client) as one:
        await one.shows("z = −4.000", "∂L/∂z")
        await one.press("right")
        await one.shows("z = −3.800")
        await one.say("stdin", "\x1b[<0;80;12M\x1b[<0;80;12m")
        await one.say("resize", {"width": 80, "height": 24})
        one.emulator.resize(80, 24)
        await one.press("?")
        await one.shows("What you see")
        assert len(one.emulator.lines()) == 24


NONSENSE: Sequence[str] = (
    "", "{", "null", '["stdin", ""]', "[]", '["stdin"]', '["stdin", 5]', '["resize", {"width": "x", "height": 4}]',
    '["resize", {"width": 1e999, "height": -1}]', '["resize", null]', '["quit"]', '{"type": "exit"}', "[" * 5000,
    '["stdin", "\\ud800"]', '["stdin", "\\u001b[48;1;1;1;1t\\u001b[99999999999999999999u"]',
    '["meta", {"type": "exit"}]',
)  # fmt: skip


async def test_nonsense_ends_nothing(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, client), tab(client) as one:
        await one.shows("z = −4.000")
        for message in NONSENSE:
            await one.websocket.send_str(message)
        await one.websocket.send_bytes(b"D\0\0\0\1q")
        await one.say("resize", {"width": 10**9, "height": 24})
        await one.say("resize", {"width": 120, "height": 40})
        await one.say("ping", "17")
        assert await one.hears("pong") == "17"
        await one.press("g", "3", "enter")
        await one.shows("z = 3.000", "∂L/∂z")


# ---- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("screen", "key", "name"), [("1", "e", "lossterm-curves.csv"), ("2", "s", "lossterm.svg")])
@pytest.mark.exhaustive
async def test_an_export_is_downloaded_once(tmp_path: Path, screen: str, key: str, name: str) -> None:
    async with served(tmp_path) as (server, client), tab(client) as one:
        await one.shows("z = −4.000", "S opens the stories")
        await one.press(screen, key)
        offered = await one.hears("deliver_file_start")
        await one.shows("download", name)
        async with client.get(f"/download/{offered}") as answer:
            content = await answer.read()
            assert answer.status == 200
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert content.startswith(b"<svg" if name.endswith("svg") else b"loss,")
        assert content.rstrip().endswith(b"</svg>") or content.count(b"\n") > 10
        async with client.get(f"/download/{offered}") as answer:
            assert answer.status == 404
        assert list(Path(next(tmp_path.iterdir())).iterdir()) == []
        assert len(server.visitors) == 1


async def test_a_download_ends_with_its_visitor(tmp_path: Path) -> None:
    async with served(tmp_path) as (server, client):
        async with tab(client) as one:
            await one.shows("z = −4.000")
            await one.press("e")
            offered = await one.hears("deliver_file_start")
        await until(lambda: not server.visitors)
        async with client.get(f"/download/{offered}") as answer:
            assert answer.status == 404


@pytest.mark.exhaustive
async def test_data_has_its_demo_only(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, client), tab(client) as one:
        await one.shows("Curves")
        await one.press("4")
        await one.shows("O opens the demo")
        assert "Open a file" not in one.text
        await one.press("o")
        await one.shows("no files are opened here")
        await one.press("O")
        await one.shows("log loss", "demo.csv")
        await one.press("o")
        await one.shows("no files are opened here")


@pytest.mark.exhaustive
async def test_a_story_is_opened_for_everybody(tmp_path: Path) -> None:
    async with served(tmp_path, story="saturation") as (_, client), tab(client) as one, tab(client) as two:
        await one.shows("1/8", "How many times")
        await two.shows("1/8", "How many times")


async def test_a_program_that_cannot_start_closes_its_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async with served(tmp_path) as (server, client):
        server._command = (sys.executable, "-c", "import sys; sys.exit('it is broken')")
        async with tab(client) as one:
            await one.ended()
        await until(lambda: not server.visitors)
    assert "it is broken" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs process groups")
async def test_what_a_program_has_started_ends_with_it(tmp_path: Path) -> None:
    started = tmp_path / "started"
    code = (
        "import subprocess, sys, pathlib;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1e6)'], stdin=subprocess.DEVNULL);"
        f"pathlib.Path({str(started)!r}).write_text(str(child.pid));"
        "print('__GANGLION__', flush=True); sys.stdin.read()"
    )
    homes = tmp_path / "homes"
    homes.mkdir()
    async with served(homes) as (server, client):
        server._command = (sys.executable, "-c", code)
        async with tab(client):
            await until(lambda: started.exists() and started.read_text())
        await until(lambda: not server.visitors)
    child = int(started.read_text())
    await until(lambda: not is_running(child) or _is_zombie(child))


def _is_zombie(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"

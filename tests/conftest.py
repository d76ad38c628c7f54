"""How the tests are run."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import textual.app
import textual.pilot
from hypothesis import settings
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

from lossterm.core.losses.own.registry import forget, own_losses

# what stands in the way of a change is the change: new examples are looked for on purpose, with LOSSTERM_EXPLORE=1
# no deadlines: on a busy machine any of them is missed
settings.register_profile("same every time", derandomize=True, deadline=None)
settings.register_profile("explore", print_blob=True, deadline=None)
settings.load_profile("explore" if os.environ.get("LOSSTERM_EXPLORE") else "same every time")


async def nothing_left_to_run(min_sleep: float = 0, max_sleep: float = 0) -> None:
    """Wait until the loop has nothing left that it could run at once; timers and threads are not waited for."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]  # no public way tells
    await asyncio.sleep(0)
    while ready:
        await asyncio.sleep(0)


# Textual takes a program for idle that gets no time from the machine, and naps 20 ms at least to find out, twice a key
textual.app.wait_for_idle = textual.pilot.wait_for_idle = nothing_left_to_run  # type: ignore[attr-defined]


PATIENCE, NAP = 50, 0.002
"""How many times, and after how many seconds, it is looked again whether a screen is at rest."""


async def screen_is_idle(pilot: textual.pilot.Pilot[Any], timeout: float = 0) -> bool:
    """What `Pilot._wait_for_screen` waits for: it sends every widget a function, six times for a key, to hear of it.

    Textual lays out and repaints by a timer, 60 times a second: that is waited for, but for what is never at rest.
    """
    for _ in range(PATIENCE):
        await nothing_left_to_run()
        screen = pilot.app._screen_stack[-1] if pilot.app._screen_stack else None
        if screen is None or not (screen._layout_required or screen._repaint_required or screen._dirty_widgets):
            break
        await asyncio.sleep(NAP)
    return True


textual.pilot.Pilot._wait_for_screen = screen_is_idle  # type: ignore[method-assign, assignment]


@cache
def parsed_once(variables: tuple[tuple[str, str], ...], *rules: Any) -> list[RuleSet]:
    """The rules of a style sheet, the same for every program: to parse them is a third of a start."""
    return parse_rules(Stylesheet(variables=dict(variables)), *rules)


def rules_of(
    sheet: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    """What `Stylesheet._parse_rules` returns, parsed once."""
    return parsed_once(tuple(sheet._variables.items()), css, read_from, is_default_rules, tie_breaker, scope)


parse_rules, Stylesheet._parse_rules = Stylesheet._parse_rules, rules_of  # type: ignore[method-assign, assignment]


def pytest_xdist_auto_num_workers() -> int:
    """What ``-n auto`` means here: one more than there are processors: some tests wait for a terminal."""
    return (os.cpu_count() or 2) + 1


MANY, PART = 6, 8
"""Of a test with many cases one in so many is run each time; the others are exhaustive."""

VERY_MANY, FEW, SOME = 48, 24, 4
"""Of one with very many it is one in so many; one in four is exhaustive, and `every` has the rest."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test with many cases, or one that is ``sampled(n)``, a part is run each time; the others are exhaustive."""
    names = [item.nodeid.partition("[")[0] for item in items]
    cases, seen = Counter(names), Counter[str]()
    for name, item in zip(names, items, strict=True):
        sampled, many = item.get_closest_marker("sampled"), cases[name] > VERY_MANY
        part = sampled.args[0] if sampled is not None else FEW if many else PART if cases[name] >= MANY else 1
        if seen[name] % part:
            item.add_marker(pytest.mark.exhaustive)
        if many and seen[name] % SOME:
            item.add_marker(pytest.mark.every)
        seen[name] += 1


def pytest_make_parametrize_id(val: object) -> str | None:
    """Bytes are named by their length: what they hold may differ from worker to worker (a gzip header has the time)."""
    return f"{len(val)} bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder: thousands of tests write nothing, and one each would be made and removed for nothing."""
    return tmp_path_factory.mktemp("nowhere")


@pytest.fixture(autouse=True)
def plain_surroundings(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, nowhere: Path
) -> Iterator[Path]:
    """No settings of the account that runs the tests, and an empty working directory; its path."""
    for name in ("NO_COLOR", "TEXTUAL", "TEXTUAL_THEME", "TEXTUAL_ANIMATIONS", "COLORTERM", "TEXTUAL_COLOR_SYSTEM"):
        monkeypatch.delenv(name, raising=False)
    own: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    path = own or nowhere
    monkeypatch.setenv("XDG_CONFIG_HOME", str(path / "config"))
    monkeypatch.chdir(path)
    yield path
    if own is None:
        for left in path.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()


@pytest.fixture(autouse=True)
def no_losses_of_ones_own() -> Iterator[None]:
    """What a test defines is gone after it."""
    yield
    for loss in own_losses():
        forget(loss.id)

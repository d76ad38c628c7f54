"""Keys that arrive together, as they do over a slow line or from a fast typist: each goes where it would have gone."""

from __future__ import annotations

import sys

import pytest

from tests.e2e.program import explorer as terminal_explorer
from tests.e2e.program import point, ready
from tests.terminal import Terminal

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def opened() -> Terminal:
    return terminal_explorer("--fresh", size=(80, 24))


@pytest.mark.xfail(reason="bug: a prompt takes keys only once it is drawn; those before it go to the chart")
def test_a_point_typed_at_once_is_gone_to() -> None:
    with opened() as terminal:
        ready(terminal)
        terminal.send("g-2\r")
        terminal.settle(0.3)
        assert point(terminal) in {"−2.000", "−2.0000"}


@pytest.mark.parametrize("opener", ["g", "/", "T", "p"])
@pytest.mark.xfail(reason="bug: q right behind the key that opens a prompt ends the program")
def test_a_key_typed_behind_the_opener_of_a_prompt_does_not_end_the_program(opener: str) -> None:
    with opened() as terminal:
        ready(terminal)
        if opener == "p":
            terminal.press("down", "down")
        terminal.send(f"{opener}q")
        terminal.settle(0.3)
        assert terminal.exit_code is None
        assert "q" in terminal.lines()[-1]
        assert "q quit" not in terminal.lines()[-1]


def test_keys_typed_at_once_move_by_as_many_columns() -> None:
    with opened() as terminal:
        before = point(ready(terminal))
        terminal.press(*["right"] * 7, *["left"] * 7)
        terminal.press(*["right"] * 3, *["left"] * 2)
        terminal.settle(0.3)
        there = point(terminal)
        terminal.press("left")
        terminal.wait_for(lambda shown: point(shown) not in (None, there))
        assert point(terminal) == before

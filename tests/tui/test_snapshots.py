"""Whole screens, as text: what a reviewer looks at when one of them changes.

``LOSSTERM_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_snapshots.py`` writes them anew.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lossterm.curves.view import View
from tests.curves.program import explorer, view_of
from tests.harness import NARROW, WIDE

SNAPSHOTS = Path(__file__).parent / "snapshots"

VIEWS = {
    "first": View(),
    "classic": replace(View(), both_labels=True, axis="prediction"),
    "undefined": view_of("cross-entropy", "squared-error", activation="identity", at=0.5),
}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", VIEWS)
async def test_the_screen_looks_as_it_did(name: str, size: tuple[int, int]) -> None:
    async with explorer(VIEWS[name], size) as ui:
        _, *lines = ui.lines  # the first line names the other screens too: it is not looked at here
    seen = "\n".join(line.rstrip() for line in lines) + "\n"
    path = SNAPSHOTS / f"{name}-{size[0]}x{size[1]}.txt"
    if os.environ.get("LOSSTERM_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen, "utf-8")
    assert seen.splitlines() == path.read_text("utf-8").splitlines()

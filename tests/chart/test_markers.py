"""Charts in other characters: cell for cell, and nothing but ASCII where that is asked for."""

from __future__ import annotations

import pytest

from lossterm.chart.markers import MARKERS, drawn_with

CELLS = [chr(0x2800 + bits) for bits in range(256)]
MARKS = "│┤└┬─●▲▼◇○◆×−·…"


@pytest.mark.parametrize("marker", MARKERS)
def test_a_cell_stays_a_cell_and_a_blank_a_blank(marker: str) -> None:
    assert all(len(drawn_with(marker, cell)) == 1 for cell in [*CELLS, *MARKS])
    assert all((drawn_with(marker, cell) in " \u2800") == (cell == "\u2800") for cell in CELLS)


def test_braille_is_left_as_it_is() -> None:
    assert drawn_with("braille", "a⠿∂") == "a⠿∂"


@pytest.mark.parametrize(
    ("cell", "block", "ascii"),
    [
        ("⣿", "█", "|"),
        ("⠉", "▀", "'"),
        ("⣀", "▄", "."),
        ("⠒", "▀", "-"),
        ("⡇", "▌", "|"),
        ("⠁", "▘", "'"),
        ("⢇", "▙", "\\"),
    ],
)
def test_cells_by_hand(cell: str, block: str, ascii: str) -> None:  # noqa: A002
    assert (drawn_with("block", cell), drawn_with("ascii", cell)) == (block, ascii)


def test_ascii_is_ascii() -> None:
    assert drawn_with("ascii", "∂²L/∂z² 8┤⠉ c − 1, η ≤ 2 日").isascii()

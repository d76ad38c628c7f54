"""Somebody's text as text: laws that hold for any."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossterm.core.plain import LONGEST, cell_of_sheet, echoed, one_line, shortened, visible, visible_lines

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)
"""Any text at all, lone surrogates (names of files that are no UTF-8) included."""


@given(ANY)
def test_nothing_is_left_that_a_terminal_obeys(text: str) -> None:
    shown = visible(text)
    assert len(shown) == len(text)
    assert shown.isprintable()
    assert not {unicodedata.category(c) for c in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert visible(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Mn"])))
def test_what_can_be_seen_stays(text: str) -> None:
    assert visible(text) == text


def test_control_characters_have_pictures() -> None:
    assert visible("a\x1b[31m\n\t\x7f\x00b") == "a␛[31m␊␉␡␀b"
    assert visible("\u202eabc\u200f\u2066") == "\ufffdabc\ufffd\ufffd"
    assert visible("\x9b31m\x85") == "\ufffd31m\ufffd"
    assert visible("1\u00a0000") == "1 000"
    assert visible_lines("a\x1b\nb") == "a␛\nb"


@given(ANY)
def test_what_is_echoed_is_short(text: str) -> None:
    assert len(echoed(text * 100)) <= 2 * LONGEST + 2
    assert one_line(ValueError(text)).isprintable()


@given(ANY, st.integers(8, 60))
def test_a_text_is_shortened_in_its_middle(text: str, most: int) -> None:
    cut = shortened(text, most)
    assert len(cut) <= most
    assert cut == text or (cut[:2] == text[:2] and cut[-2:] == text[-2:] and "…" in cut)


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "＝1+1", '=HYPERLINK("x")'])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell_of_sheet(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", "abc", "a=b", "-1.5", "+2e3", "-inf", 1.5, -2, None, True])
def test_numbers_and_plain_text_stay(value: object) -> None:
    assert cell_of_sheet(value) is value


def test_a_cell_is_visible() -> None:
    assert cell_of_sheet("\t=1\x1b") == "␉=1␛"


def test_it_is_said_where_exports_are_described() -> None:
    assert "apostrophe" in Path(__file__, "../../../README.md").resolve().read_text("utf-8")

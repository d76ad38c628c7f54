"""What all lists and tables have in common: what is in view, where texts stand, what is cut, what a click tells."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.theme import BUILTIN_THEMES

from lossterm.softmax.classes import class_columns, columns_for
from lossterm.softmax.ledger import ledger_columns
from lossterm.tui.theme import Styles, styles_of
from lossterm.tui.widgets.grid import reaching
from lossterm.tui.widgets.lines import Part
from lossterm.tui.widgets.readout import NumbersRow, number_columns
from lossterm.tui.widgets.rows import (
    Cell,
    Column,
    RowParts,
    Rows,
    aligned,
    column_at,
    cut,
    following,
    line_of,
    on_rule,
    some_of,
    window,
)
from lossterm.tui.widgets.table import table_columns

STYLES = styles_of(BUILTIN_THEMES["textual-dark"])
PLAIN, BOLD = Style(), Style(bold=True)
TEXTS = st.text(st.sampled_from("ab−∂…漢字"), max_size=12)


@given(st.integers(0, 40), st.integers(1, 30), st.data())
def test_the_current_row_is_in_view_and_no_place_is_empty(first: int, room: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 40))
    current = data.draw(st.integers(0, count - 1))
    found = following(first, current, count, room)
    assert found <= current < found + room
    assert 0 <= found <= max(count - room, 0)
    if first <= current < first + room and first + room <= count:
        assert found == first  # nothing moves without need


@given(st.integers(0, 40), st.integers(2, 30), st.integers(1, 20), st.data())
def test_a_joined_row_is_seen_with_its_own_and_never_first_without_it(
    first: int, room: int, pairs: int, data: st.DataObject
) -> None:
    current = 2 * data.draw(st.integers(0, pairs - 1))
    found = following(first, current, 2 * pairs, room, lambda i: i % 2 == 1)
    assert found <= current
    assert current + 1 < found + room
    assert found % 2 == 0


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(-3, 15), st.integers(0, 120))
def test_columns_fill_their_room(extents: list[int], first: int, room: int) -> None:
    seen = window(first, extents, room)
    assert len(seen) >= 1
    assert 0 <= seen.start < seen.stop <= len(extents)
    assert sum(extents[seen.start : seen.stop]) <= room or len(seen) == 1
    if seen.stop < len(extents):
        assert sum(extents[seen.start : seen.stop + 1]) > room
        assert seen.start == max(first, 0)
    elif seen.start > 0 and seen.start < first:
        assert sum(extents[seen.start - 1 :]) > room  # it went back as far as there was room


@given(st.lists(st.integers(1, 20), min_size=1, max_size=12), st.integers(0, 11), st.integers(20, 90), st.data())
def test_a_wanted_column_is_in_view(extents: list[int], first: int, room: int, data: st.DataObject) -> None:
    wanted = data.draw(st.integers(0, len(extents) - 1))
    assert wanted in reaching(first, wanted, extents, room)


def test_no_columns_are_no_window() -> None:
    assert window(3, [], 40) == range(0)


@given(TEXTS, st.integers(0, 14), st.booleans())
def test_a_text_takes_its_cells(text: str, width: int, right: bool) -> None:
    short = cut(text, width)
    assert cell_len(short) <= width
    if short != text:
        assert cell_len(text) > width
        assert not short or (short.endswith("…") and text.startswith(short[:-1].rstrip()))
    placed = aligned(short, width, right=right)
    assert cell_len(placed) == width
    assert placed.strip() == short.strip()


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 3), st.integers(0, 3), TEXTS), max_size=6))
def test_cells_stand_where_their_columns_are(drawn: list[tuple[int, bool, int, int, str]]) -> None:
    columns = [
        Column(width, right, before, after, number=i) for i, (width, right, before, after, _) in enumerate(drawn)
    ]
    parts = line_of(columns, [(text, PLAIN if i % 3 else BOLD) for i, (*_, text) in enumerate(drawn)])
    assert sum(cell_len(text) for text, _ in parts) == sum(column.extent for column in columns)
    assert all(one is not other for (_, one), (_, other) in itertools.pairwise(parts))
    at = 0
    for i, column in enumerate(columns):
        assert {column_at(columns, x) for x in range(at, at + column.extent)} == {i}
        at += column.extent
    assert column_at(columns, at) == -1


def test_alignment_and_parts_that_are_as_long_as_they_are() -> None:
    columns = [Column(4), Column(5, right=True, before=1, after=2), Column(2), Column(before=2, number=7)]
    cells: list[Cell] = [("abcdef", PLAIN), ("1", PLAIN), [("▸▸▸", BOLD)], ("as long as it is", PLAIN)]
    assert line_of(columns, cells) == [("abc…     1  ", PLAIN), ("▸▸▸", BOLD), ("  as long as it is", PLAIN)]
    assert line_of(columns, cells[:1]) == [("abc…", PLAIN)]
    assert column_at(columns, 200) == 7  # a column of any length takes the rest


@pytest.mark.parametrize(
    ("seen", "count", "told"),
    [(range(9), 17, "1–9 of 17"), (range(8, 17), 17, "9–17 of 17"), (range(5), 5, ""), (range(0), 0, "")],
)
def test_what_is_in_view_is_told_where_it_is_not_all(seen: range, count: int, told: str) -> None:
    assert some_of(seen, count) == told


def test_texts_in_a_rule_have_blanks_at_their_ends() -> None:
    texts: list[tuple[int, Part]] = [(2, ("Losses", BOLD)), (9, ("L", BOLD)), (14, ("in words", BOLD))]
    assert "".join(text for text, _ in on_rule(texts, 26, "─", PLAIN)) == "─ Losses L ── in words ───"
    assert "".join(text for text, _ in on_rule([(0, ("a", BOLD))], 4, "─", PLAIN)) == "a ──"
    assert "".join(text for text, _ in on_rule([], 0, "─", PLAIN)) == ""


class Numbers(Rows[str], can_focus=True):
    """A list of texts that counts how often a row is drawn."""

    head_lines, foot_lines = 2, 1
    space = Size(30, 8)

    def __init__(self) -> None:
        super().__init__("Numbers", id="numbers")
        self.asked: list[str] = []
        self.messages: list[Message] = []

    @property
    def size(self) -> Size:
        return self.space

    def columns(self, width: int, height: int) -> Sequence[Column]:
        return [Column(1), Column(6, heads=("number",), number=0)]

    def row(self, item: str, current: bool, width: int, styles: Styles) -> RowParts:
        self.asked.append(item)
        return RowParts([("▸" if current else " ", styles.text), (item, styles.text)], styles.text)

    def feet(self, width: int, lines: int, styles: Styles) -> Sequence[Sequence[Part]]:
        return [[("below", styles.text)]] * 3

    def post_message(self, message: Message) -> bool:
        self.messages.append(message)
        return True

    def seen(self) -> list[str]:
        return [strip.text.rstrip() for strip in self.lines(*self.space, STYLES)]

    def click(self, x: int, y: int, times: int = 1) -> tuple[Any, ...] | None:
        self.messages.clear()
        self.on_click(SimpleNamespace(x=x, y=y, chain=times))  # type: ignore[arg-type]
        if not self.messages:
            return None
        (told,) = self.messages
        assert isinstance(told, Rows.Clicked)
        return told.row, told.column, told.line, told.twice


def test_rows_are_drawn_under_their_heads_and_over_what_is_below() -> None:
    rows = Numbers()
    rows.put([str(i) for i in range(100)], 50)
    title, heads, *shown, below = rows.seen()
    assert title == "─ Numbers ───── 47–51 of 100 ─"
    assert heads == " number"
    assert shown == [f"{'▸' if i == 50 else ' '}{i}" for i in range(46, 51)]
    assert below == "below"


@pytest.mark.parametrize(
    ("width", "seen"),
    [
        (40, "─ A longer title ──────── 47–51 of 100 ─"),
        (30, "─ A longer t… ─ 47–51 of 100 ─"),
        (29, "─ A longer … ─ 47–51 of 100 ─"),
        (20, "─ A longer title"),  # the marks would leave no title
    ],
)
def test_what_is_out_of_view_is_told_before_the_whole_title(width: int, seen: str) -> None:
    rows = Numbers()
    rows._title = "A longer title"
    rows.space = Size(width, 8)
    rows.put([str(i) for i in range(100)], 50)
    first, *_ = rows.seen()
    assert first == seen


def test_only_rows_in_view_are_asked_for_and_only_what_changed_is_drawn_again() -> None:
    rows = Numbers()
    texts = [str(i) for i in range(1000)]
    rows.put(texts, 3)
    rows.seen()
    assert rows.asked == texts[:5]
    rows.asked.clear()
    rows.put(list(texts), 4)
    assert rows.seen()[2:7] == [" 0", " 1", " 2", " 3", "▸4"]
    assert rows.asked == ["3", "4"]
    rows.asked.clear()
    rows.put([*texts[:2], "new", *texts[3:]], 4)
    assert rows.seen()[4] == " new"
    assert rows.asked == ["new"]
    rows.asked.clear()
    rows.forget()
    rows.seen()
    assert len(rows.asked) == 5


def test_a_click_tells_row_and_column() -> None:
    rows = Numbers()
    rows.put([str(i) for i in range(100)], 50)
    rows.seen()
    assert rows.click(0, 2) == (46, -1, 2, False)
    assert rows.click(3, 6, 2) == (50, 0, 6, True)
    assert rows.click(12, 3) == (47, -1, 3, False)
    assert [rows.click(3, y) for y in (0, 1, 7)] == [None, None, None]
    rows.put(["a"], 0)
    rows.seen()
    assert rows.click(3, 3) is None


def test_the_wheel_is_told() -> None:
    rows = Numbers()
    event = SimpleNamespace(stop=lambda: None)
    rows.on_mouse_scroll_up(event)  # type: ignore[arg-type]
    rows.on_mouse_scroll_down(event)  # type: ignore[arg-type]
    assert [told.by for told in rows.messages if isinstance(told, Rows.Scrolled) and told.rows is rows] == [-1, 1]


def test_numbers_stand_at_the_right_and_the_sorted_column_is_marked() -> None:
    row, loss, name = table_columns(["row", "L", "name"], [["1,000", "—", "漢字"], ["2", "0.5", "a"]], (1, True))
    assert (row.width, row.right, row.strong) == (5, True, False)
    assert (loss.width, loss.heads, loss.strong) == (3, ("L▾",), True)
    assert (name.width, name.right) == (4, False)


@given(st.integers(40, 220), st.integers(0, 9))
def test_numbers_go_from_the_last_where_room_is_short(width: int, count: int) -> None:
    heads = [*(f"n{i}" for i in range(count)), "in words"]
    entries = [NumbersRow("a", 0, "binary cross-entropy", ("−1.000e−10",) * count, "right", True)]
    for columns in (number_columns(heads, entries, width, brief=True), ledger_columns(heads, width)):
        told = [column.heads[0] for column in columns[3:-1]]
        assert told == heads[: len(told)]
        assert len(told) >= min(count, 1)
        assert sum(column.extent for column in columns[:-1]) <= width
    assert all(column.width > len("−1.000e−10") for column in number_columns(heads, entries, width, brief=True)[3:-1])


@given(st.integers(40, 220), st.integers(2, 1000), st.integers(0, 9))
def test_the_columns_of_classes_fit(width: int, classes: int, losses: int) -> None:
    shape = columns_for(width, classes, losses)
    columns = class_columns(shape)
    assert sum(column.extent for column in columns) <= width
    assert sum(column.extent for column in columns[:7]) == shape.left
    assert sum(column.extent for column in columns[7:]) == shape.each * shape.slopes

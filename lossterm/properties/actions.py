"""What keys do on the Properties screen: functions of its state, and of the cell that is current."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.properties import Property
from lossterm.model import rows
from lossterm.model.actions import Copy, Open, Outcome, Tell
from lossterm.model.notation import command_line
from lossterm.model.sections import Line, row_indices
from lossterm.model.subject_options import saved_subject, subject_words
from lossterm.model.workspace import SubjectState
from lossterm.properties.report import COLUMNS, sort_key


@dataclass(frozen=True)
class PropertiesState(SubjectState):
    """All that decides what the Properties screen shows, except its size and what is computed.

    Attributes:
        column: index of the current property.
        point: which of several points of the current cell's evidence is looked at.
        sorted_by: the property that the rows are sorted by; empty for the order of the losses.
        descending: whether they are sorted the other way round.
    """

    column: int = 0
    point: int = 0
    sorted_by: str = ""
    descending: bool = False

    @property
    def name(self) -> str:
        """The current property."""
        return COLUMNS[self.column].name


def go_to_cell(state: PropertiesState, row: int, column: int) -> PropertiesState:
    """Another current cell, as near to these as there is one; its evidence is seen from the first point."""
    return go_to(state, min(max(row, 0), len(state.subject.rows) - 1), column)


def go_to(state: PropertiesState, line: Line, column: int) -> PropertiesState:
    """Another line of the table, a loss or a heading, and a column as near as there is one."""
    moved = replace(state.to_line(line), column=min(max(column, 0), len(COLUMNS) - 1))
    return state if moved == state else replace(moved, point=0)


def order(state: PropertiesState, found: Mapping[int, Mapping[str, Property] | None]) -> Sequence[Line]:
    """The lines that the filter leaves; sorted ones before the headings, those that are not yet computed last.

    Args:
        state: of the screen.
        found: by the rows of the subject their properties, as far as they are known.
    """
    listed = state.lines
    if not state.sorted_by:
        return listed
    rows = row_indices(listed)
    known = {i: cells[state.sorted_by].value for i in rows if (cells := found.get(i)) is not None}
    decided = [i for i in known if known[i] is not None]
    ranked = sorted(decided, key=lambda i: sort_key(known[i]), reverse=state.descending)
    headings = [line for line in listed if not isinstance(line, int)]
    return [*ranked, *(i for i in rows if i not in set(ranked)), *headings]


def move(state: PropertiesState, listed: Sequence[Line], rows: int = 0, columns: int = 0) -> PropertiesState:
    """Another cell, so many lines down and columns right.

    Args:
        state: of the screen.
        listed: the lines in the order in which they are shown (`order`).
        rows: how far down.
        columns: how far to the right.
    """
    if not listed or not rows:
        return go_to(state, state.at_heading or state.current, state.column + columns)
    at = state.place_in(listed)
    return go_to(state, listed[min(max(at + rows, 0), len(listed) - 1)], state.column + columns)


def next_question(state: PropertiesState, by: int) -> PropertiesState:
    """The first property of the next group of columns, or of the one before."""
    starts = [i for i, column in enumerate(COLUMNS) if not i or COLUMNS[i - 1].question != column.question]
    ahead = [i for i in starts if i > state.column] if by > 0 else [i for i in starts if i < state.column][::-1]
    return go_to(state, state.at_heading or state.current, ahead[0]) if ahead else state


def sort_by(state: PropertiesState, name: str) -> PropertiesState:
    """Sort by a property; what is sorted by it already the other way round; then in the order of the losses again."""
    if state.sorted_by != name:
        return replace(state, sorted_by=name, descending=False)
    return replace(state, sorted_by="" if state.descending else name, descending=not state.descending)


def sort_by_current(state: PropertiesState) -> PropertiesState:
    """Sort by the current property (`sort_by`)."""
    return sort_by(state, state.name)


def next_point(state: PropertiesState, cell: Property | None, by: int) -> Outcome:
    """Another point of the evidence of the current cell."""
    if cell is None or len(cell.points) < 2:
        return Tell("this evidence has no other point")
    return replace(state, point=(state.point + by) % len(cell.points))


def open_evidence(state: PropertiesState, cell: Property | None) -> Outcome:
    """Look at the evidence of the current cell on Curves: the loss, the derivative it is about, the point.

    Of evidence about the risk at a true probability η Curves shows that risk; labels are then not smoothed.
    """
    if cell is None or not cell.points:
        return Tell("there is no point to go to: the evidence is below the table")
    subject = state.subject
    if not subject.rows[state.current].shown:
        subject = rows.toggle(subject, state.current)
    was_smoothed = cell.eta is not None and subject.smoothing > 0
    setting = {
        **saved_subject(subject),
        "smoothing": 0.0 if cell.eta is not None else subject.smoothing,
        "logit": cell.points[state.point % len(cell.points)],
        "axis": "logit",
        "slope": COLUMNS[state.column].slope,
        "both_labels": False,
        "likelihood": False,
        "eta": cell.eta,
        "current": state.current,
    }
    note = "the table's risk is that of labels 0 and 1: smoothing is off" if was_smoothed else ""
    return Open("curves", setting, note)


def table_words(state: PropertiesState) -> list[str]:
    """The table in the words of the command line: the losses that are in sight."""
    subject = state.subject
    listed = sorted(row_indices(state.lines)) or [state.current]
    words = subject_words(subject, listed)
    rows = [subject.rows[i] for i in listed]
    plain = all(dict(row.params) == dict(row.entry.defaults) for row in rows)
    if plain and [row.loss for row in rows] == [name for name, loss in LOSSES.items() if loss.in_all]:
        words[1] = "all"
    return ["properties", *words]


def table_command(state: PropertiesState) -> str:
    """The command that prints the table."""
    return command_line(["lossterm", *table_words(state)])


def copy_command(state: PropertiesState) -> Outcome:
    """Copy the command of the table."""
    return Copy(table_command(state))

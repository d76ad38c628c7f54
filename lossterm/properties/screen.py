"""The Properties screen: the comparison table, computed, with the evidence of every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from lossterm.core.losses.objective import Objective
from lossterm.core.properties import Property
from lossterm.model import subject_actions
from lossterm.model.actions import Write
from lossterm.model.sections import Line, row_indices
from lossterm.model.workspace import Workspace
from lossterm.properties import actions as act
from lossterm.properties import words
from lossterm.properties.actions import PropertiesState
from lossterm.properties.command import write_csv
from lossterm.properties.found import FoundProperties, compute
from lossterm.properties.keys import PROPERTIES
from lossterm.tui.commands import Command, Entry, bindings
from lossterm.tui.later import later
from lossterm.tui.screen import FeatureScreen
from lossterm.tui.subject_commands import subject_entries
from lossterm.tui.widgets.grid import Grid
from lossterm.tui.widgets.words import Words

TOGETHER = 0.03
"""Seconds within which rows that are computed are shown together."""

MOST_ROWS = 200
"""Rows among which the current one is sought that was saved."""

NOTES = """
What you see
  the table      what is true of each loss, computed from its numbers
  below          what the current property means, and the evidence for the cell

To try
  ← → ↑ ↓ enter  another property, another loss; its evidence on Curves, the cursor at the point
  t a [ ]        another label, activation, parameter: the table is computed anew
  : U Y          find anything by a word; undo, redo

The table
  rows · columns every loss, for the label and the activation of Curves · its properties, computed from its numbers
  yes · no       true or false
  ∞ · ?          infinite · cannot be decided: the line below says why
  none           there is none
  ■ a            shown on Curves, with its letter there
  …              being computed

The lines below the table tell what the property means, the numbers that decide it, and to what tolerance.
Columns stand by what is asked: to optimise, as a probability, noise, outliers; further right is the rest of each.
i or a click on a head sorts, / lists some of the losses, z reads on in the evidence.
What is about the risk, "symmetric" and the likelihood do not depend on the label.
"""


class Computed(Message):
    """The properties of one loss are there."""

    def __init__(self, objective: Objective, found: Mapping[str, Property]) -> None:
        super().__init__()
        self.objective = objective
        self.found = found


def restored(kept: Mapping[str, Any]) -> PropertiesState:
    """The state that was saved; the first cell where it is none."""
    name, row = kept.get("property"), kept.get("row")
    column = words.NAMES.index(name) if name in words.NAMES else 0
    at = row if isinstance(row, int) and not isinstance(row, bool) and 0 <= row < MOST_ROWS else 0
    by = kept.get("sorted_by")
    by = by if by in words.NAMES else ""
    return PropertiesState(
        current=at, column=column, sorted_by=by, descending=bool(by) and kept.get("descending") is True
    )


class PropertiesScreen(FeatureScreen[PropertiesState]):
    """The table, its current cell, and the thread that fills it."""

    name_of_feature = "properties"
    AUTO_FOCUS = "#table"
    BINDINGS: ClassVar[list[BindingType]] = bindings(PROPERTIES)
    commands: ClassVar[Sequence[Command]] = PROPERTIES
    notes: ClassVar[str] = NOTES

    def __init__(self, workspace: Workspace, kept: Mapping[str, Any]) -> None:
        super().__init__(workspace, restored(kept))
        self.found = FoundProperties()
        self._due = False

    def compose_body(self) -> Sequence[Widget]:
        """The table and the evidence."""
        self.table = Grid(id="table")
        self.words = Words(id="evidence")
        return (self.table, self.words)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """The evidence stands below the table, which takes what it needs."""
        lines = 5 if height < 20 else 6 if height < 36 else 8
        needed = len(self.state.lines) + 5
        top = min(height - 2 - lines, max(needed, 6))
        return {"table": Region(0, 1, width, top), "evidence": Region(0, 1 + top, width, height - 2 - top)}

    def kept(self) -> Mapping[str, Any]:
        """The current cell."""
        state = self.state
        kept = {"property": state.name, "row": state.current}
        return {**kept, "sorted_by": state.sorted_by, "descending": state.descending} if state.sorted_by else kept

    def told_words(self) -> Sequence[str]:
        """The table, as ``lossterm properties`` has it."""
        return act.table_words(self.state)

    def worth_a_step(self, state: PropertiesState) -> PropertiesState:
        """The losses, label and activation."""
        return PropertiesState(replace(state.subject, logit=0.0))

    def palette_entries(self) -> Sequence[Entry]:
        """Every loss and activation by name."""
        return subject_entries(self.state.subject)

    def focus_home(self) -> None:
        """Give the focus back to the table."""
        self.set_focus(self.table)

    # ---- computing ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Compute what is missing."""
        self._compute_missing()

    def show(self, old: PropertiesState, new: PropertiesState) -> None:
        """Show the table anew; compute what is missing for another subject, or of what has been unfolded."""
        if len(new.lines) != len(old.lines):
            self.table.refresh(layout=True)  # the screen itself is not asked again by its own refresh
        self.show_table()
        if new.subject != old.subject or new.lines != old.lines:
            self._compute_missing()

    def restyle(self) -> None:
        """Show the table in the colours of another theme."""
        self.show_table()

    def _compute_missing(self) -> None:
        # in a thread: it is arithmetic alone
        missing = [objective for objective in self.objectives.values() if self.found.of(objective) is None]
        if missing:
            self.run_worker(partial(self._compute, missing), thread=True, exclusive=True, group="properties")

    def _compute(self, objectives: Sequence[Objective]) -> None:
        worker = get_current_worker()
        compute(objectives, lambda o, found: self.post_message(Computed(o, found)), lambda: worker.is_cancelled)

    def on_computed(self, event: Computed) -> None:
        """Remember another row; rows that come together are shown together."""
        self.found.take(event.objective, event.found)
        if not self._due:
            self._due = True
            later(self, TOGETHER, self._show_computed)

    def _show_computed(self) -> None:
        self._due = False
        self.show_table()

    @property
    def objectives(self) -> dict[int, Objective]:
        """The losses that are in sight, by their rows."""
        return {i: self.state.subject.objective(i) for i in sorted(row_indices(self.state.lines))}

    @property
    def listed(self) -> Sequence[Line]:
        """The losses and headings in the order in which they are shown."""
        return act.order(self.state, {i: self.found.of(objective) for i, objective in self.objectives.items()})

    @property
    def is_complete(self) -> bool:
        """Whether every loss in sight is computed."""
        return all(self.found.of(objective) is not None for objective in self.objectives.values())

    @property
    def cell(self) -> Property | None:
        """The property of the current cell; None where it is not yet computed."""
        found = self.found.of(self.state.subject.objective(self.state.current))
        return found[self.state.name] if found and not self.state.at_heading else None

    # ---- what the widgets show ------------------------------------------------------------------------------------

    def show_table(self) -> None:
        """Show the table and the evidence."""
        state, subject = self.state, self.state.subject
        known = {i: self.found.texts(objective) for i, objective in self.objectives.items()}
        done = sum(texts is not None for texts in known.values())
        right = "" if done == len(known) else f"{done} of {len(known)} computed"
        listed = self.listed
        at = (state.place_in(listed) if listed else 0, state.column)
        title = f"Properties /{state.filter_text}" if state.filter_text else "Properties"
        sorted_by = (words.NAMES.index(state.sorted_by) if state.sorted_by else -1, state.descending)
        rows = words.grid_rows(subject, listed, known)
        self.table.show(title, right, words.heads(subject), rows, at, words.QUESTIONS, sorted_by)
        here, heading = self.found.of(subject.objective(state.current)), state.at_heading
        if heading:
            title, right, texts = f"{heading.family} losses", "", [("", heading.sentence(subject))]
        else:
            title, right, texts = words.evidence(subject, subject.rows[state.current], state.name, here, state.point)
            if here is not None:
                texts += [("", ""), *words.everything(subject, here, state.name)]
        self.words.show(title, right, texts, more="z reads on")
        self.title_bar.show_status(*words.status(subject, done, len(known)))

    def on_resize(self) -> None:
        """Show what another size has room for."""
        self.show_table()

    # ---- keys and mouse -------------------------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Go back to the table; a filter ends first."""
        self.notice.hide()
        if self.state.filter_text:
            self.look_at(subject_actions.filtered(self.state, ""))
        self.set_focus(self.table)

    def action_move(self, rows: int, columns: int) -> None:
        """Make another cell current."""
        self.look_at(act.move(self.state, self.listed, rows, columns))

    def action_read(self, by: int) -> None:
        """Read on in the evidence, or back."""
        self.words.turn(by)

    def action_point(self, by: int) -> None:
        """Look at another point of the evidence."""
        self.carry_out(act.next_point(self.state, self.cell, by))

    def action_go(self) -> None:
        """Look at the evidence on Curves."""
        self.carry_out(act.open_evidence(self.state, self.cell))

    def on_words_clicked(self) -> None:
        """Look at the evidence that was clicked on Curves."""
        self.action_go()

    def on_grid_clicked(self, event: Grid.Clicked) -> None:
        """Make a clicked cell current; a click on a name shows or hides the loss."""
        if event.row < 0:
            name = words.NAMES[event.column] if event.column >= 0 else ""
            self.look_at(act.sort_by(self.state, name) if name else replace(self.state, sorted_by=""))
            return
        listed = self.listed
        if not listed:
            return  # a filter has left nothing of what was clicked
        column = self.state.column if event.column < 0 else event.column
        line = listed[min(event.row, len(listed) - 1)]
        self.look_at(act.go_to(self.state, line, column))
        if event.column < 0 or not isinstance(line, int):
            self.perform(subject_actions.show_current)

    def on_grid_scrolled(self, event: Grid.Scrolled) -> None:
        """Move through the rows."""
        self.action_move(event.by, 0)

    def action_export(self) -> None:
        """Write the table as CSV."""
        pairs = [(objective, self.found.of(objective)) for objective in self.objectives.values()]
        rows = [(objective, found) for objective, found in pairs if found is not None]
        if len(rows) < len(pairs):
            self.tell(f"{len(rows)} of {len(pairs)} are computed: once more in a moment", wrong=True)
            return
        self.carry_out(Write("lossterm-properties", ".csv", partial(write_csv, rows)))

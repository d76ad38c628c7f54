"""The Properties screen: the comparison table, computed, with the evidence of every cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from lossterm import state
from lossterm.arguments import command, spec
from lossterm.commands.properties import write_csv
from lossterm.core.labels import number
from lossterm.core.objective import Objective
from lossterm.core.properties import Property, properties
from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui import present_properties as present
from lossterm.ui.commands import Command, bindings
from lossterm.ui.commands_properties import PROPERTIES
from lossterm.ui.screens.shared import SharedViewScreen
from lossterm.ui.widgets.grid import Grid
from lossterm.ui.widgets.words import Words

REMEMBERED = 2000
"""Losses whose properties are kept, behind whatever activations and for whatever labels."""

TOGETHER = 0.03
"""Seconds within which rows that are computed are shown together."""

ROOMY = 12
"""Lines from which the evidence of the loss's other properties is shown too."""

NOTES = """
The table
  rows · columns every loss, for the label and the activation of Curves · its properties, computed from its numbers
  yes · no       true or false
  ∞ · ?          infinite · cannot be decided: the line below says why
  none           there is none
  ■ a            shown on Curves, with its letter there
  …              being computed

The lines below the table tell what the property means, the numbers that decide it, and to what tolerance.
The last six and "symmetric" do not depend on the label.
"""


Key = tuple[object, ...]
"""What the properties of a loss depend on."""


def key_of(objective: Objective) -> Key:
    """The same for objectives that have the same properties."""
    return (objective.loss.id, objective.params, objective.label, objective.activation.id)


class Computed(Message):
    """The properties of one loss are there."""

    def __init__(self, objective: Objective, found: dict[str, Property]) -> None:
        super().__init__()
        self.objective = objective
        self.found = found


class PropertiesScreen(SharedViewScreen):
    """The table, its current cell, and the thread that fills it."""

    mode = "properties"
    AUTO_FOCUS = "#table"
    BINDINGS: ClassVar[list[BindingType]] = bindings(PROPERTIES)
    commands: ClassVar[Sequence[Command]] = PROPERTIES
    notes: ClassVar[str] = NOTES

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        kept = saved.screens.get(self.mode)
        self.column = present.NAMES.index(_kept_property(kept))
        self.current = _kept_row(kept)
        self.point = 0
        self._found: dict[Key, dict[str, Property]] = {}
        self._texts: dict[Key, present.Texts] = {}
        self._due = False

    def compose_body(self) -> Sequence[Widget]:
        """The table and the evidence."""
        self.table = Grid(id="table")
        self.words = Words(id="evidence")
        return (self.table, self.words)

    def regions(self, width: int, height: int) -> Mapping[str, Region]:
        """The evidence below the table, which takes what it needs."""
        lines = 5 if height < 20 else 6 if height < 36 else 8
        needed = len(self.view.rows) + 4
        top = min(height - 2 - lines, max(needed, 6))
        return {"table": Region(0, 1, width, top), "evidence": Region(0, 1 + top, width, height - 2 - top)}

    def kept(self, saved: Saved) -> Saved:
        """The current cell."""
        mine = {"property": present.NAMES[self.column], "row": self.current}
        return replace(saved, screens={**saved.screens, self.mode: mine})

    def focus_home(self) -> None:
        """The table."""
        self.set_focus(self.table)

    # ---- computing ------------------------------------------------------------------------------------------------

    def view_changed(self) -> None:
        """Compute what is missing, in a thread: it is arithmetic alone."""
        self.point = 0
        self.show_all()
        missing = [o for o in self._objectives() if key_of(o) not in self._found]
        if missing:
            self.run_worker(lambda: self._compute(missing), thread=True, exclusive=True, group="properties")

    def _compute(self, objectives: Sequence[Objective]) -> None:
        worker = get_current_worker()
        for objective in objectives:
            if worker.is_cancelled:
                return
            found = properties(objective.loss, dict(objective.params), objective.activation, objective.label)
            self.post_message(Computed(objective, found))

    def on_computed(self, event: Computed) -> None:
        """Another row."""
        key = key_of(event.objective)
        self._found[key], self._texts[key] = event.found, present.texts(event.found)
        while len(self._found) > REMEMBERED:
            oldest = next(iter(self._found))
            del self._found[oldest], self._texts[oldest]
        self._show_soon()

    def _show_soon(self) -> None:
        # rows that come together are shown together
        if not self._due:
            self._due = True
            self.set_timer(TOGETHER, self._show_now)

    def _show_now(self) -> None:
        self._due = False
        self.show_all()

    def _keys(self) -> list[Key]:
        view = self.view
        return [(r.loss, r.params, view.target, view.activation) for r in view.rows]

    def _objectives(self) -> list[Objective]:
        view = self.labelled
        return [view.objective(i) for i in range(len(view.rows))]

    @property
    def rows_found(self) -> list[dict[str, Property] | None]:
        """What is known of each row."""
        return [self._found.get(key) for key in self._keys()]

    @property
    def is_complete(self) -> bool:
        """Whether every row is computed."""
        return None not in self.rows_found

    # ---- what the widgets show ------------------------------------------------------------------------------------

    def show_all(self) -> None:
        """The table and the evidence."""
        view, keys = self.labelled, self._keys()
        self.current = min(self.current, len(keys) - 1)
        known = [self._texts.get(key) for key in keys]
        done = len(known) - known.count(None)
        right = "" if done == len(known) else f"{done} of {len(known)} computed"
        at = (self.current, self.column)
        self.table.show("Properties", right, present.heads(view), present.grid_rows(view, known), at)
        name, here = present.NAMES[self.column], self._found.get(keys[self.current])
        title, right, texts = present.evidence(view, view.rows[self.current], name, here, self.point)
        if here is not None and self.words.size.height >= ROOMY:
            texts += [("", ""), *present.everything(view, here)]
        self.words.show(title, right, texts)
        self.title_bar.show_status(*present.status(view, done))

    def on_resize(self) -> None:
        """Another size shows other columns."""
        self.show_all()

    # ---- moving ---------------------------------------------------------------------------------------------------

    def go_to_cell(self, row: int, column: int) -> None:
        """Another current cell."""
        before = (self.current, self.column)
        self.current = min(max(row, 0), len(self.view.rows) - 1)
        self.column = min(max(column, 0), len(present.NAMES) - 1)
        if before != (self.current, self.column):
            self.point = 0
            self.show_all()

    def action_row(self, by: int) -> None:
        """Another row."""
        self.go_to_cell(self.current + by, self.column)

    def action_column(self, by: int) -> None:
        """Another column."""
        self.go_to_cell(self.current, self.column + by)

    def action_leave(self) -> None:
        """Back to the table."""
        self.notice.hide()
        self.set_focus(self.table)

    def on_grid_clicked(self, event: Grid.Clicked) -> None:
        """A click on a cell makes it current; on a name it shows or hides the loss."""
        self.go_to_cell(event.row, self.column if event.column < 0 else event.column)
        if event.column < 0:
            self.action_show()

    def on_grid_scrolled(self, event: Grid.Scrolled) -> None:
        """The wheel moves through the rows."""
        self.action_row(event.by)

    def action_show(self) -> None:
        """Show or hide the loss on Curves."""
        self.action_show_row(self.current)

    # ---- the evidence ---------------------------------------------------------------------------------------------

    @property
    def _cell(self) -> Property | None:
        found = self._found.get(self._keys()[self.current])
        return found[present.NAMES[self.column]] if found else None

    @property
    def _points(self) -> tuple[float, ...]:
        return self._cell.points if self._cell else ()

    def action_point(self, by: int) -> None:
        """Another point of the evidence."""
        if len(self._points) > 1:
            self.point = (self.point + by) % len(self._points)
            self.show_all()
        else:
            self.tell("this evidence has no other point")

    def action_go(self) -> None:
        """Look at the evidence on Curves."""
        cell, points = self._cell, self._points
        if cell is None or not points:
            self.tell("there is no point to go to: the evidence is below the table")
            return
        name = present.NAMES[self.column]
        was_smoothed = cell.eta is not None and self.view.smoothing > 0
        self.look_at(evidence_view(self.view, self.current, name, points[self.point], cell.eta))
        self.curves.current = self.current
        self.curves.show_panes()
        self.program.switch_mode("curves")
        if was_smoothed:
            self.curves.tell("the table's risk is that of labels 0 and 1: smoothing is off")

    def on_words_clicked(self) -> None:
        """A click on the evidence goes there."""
        self.action_go()

    # ---- taking it away -------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the command of this table."""
        self.copy_command(table_command(self.view))

    def action_export(self) -> None:
        """Write the table."""
        pairs = list(zip(self._objectives(), self.rows_found, strict=True))
        rows = [(objective, found) for objective, found in pairs if found is not None]
        if len(rows) < len(pairs):
            self.tell(f"{len(rows)} of {len(pairs)} are computed: once more in a moment", wrong=True)
            return
        self.write_file("lossterm-properties", ".csv", lambda file: write_csv(rows, file))


def evidence_view(view: View, row: int, name: str, logit: float, eta: float | None = None) -> View:
    """What Curves shows of a piece of evidence: the loss, the derivative it is about, the cursor at the point.

    Of evidence about the risk at a true probability η it shows that risk; labels are then not smoothed.
    """
    if not view.rows[row].shown:
        view = state.toggle(view, row)
    slope = present.SLOPE.get(name, "d_logit")
    smoothing = view.smoothing if eta is None else 0.0
    seen = replace(view, axis="logit", slope=slope, both_labels=False, likelihood=False, eta=eta, smoothing=smoothing)
    return state.move_to(seen, logit)


def table_command(view: View) -> str:
    """The command that prints this table."""
    plain = all(dict(r.params) == dict(r.entry.defaults) for r in view.rows)
    losses = "all" if plain else ",".join(spec(r) for r in view.rows)
    words = ["lossterm", "properties", "--loss", losses, f"--label={number(view.label)}"]
    words += [f"--smoothing={number(view.smoothing)}"] if view.smoothing else []
    return command([*words, "--activation", view.activation])


def _kept_property(kept: Any) -> str:
    name = kept.get("property") if isinstance(kept, Mapping) else None
    return name if isinstance(name, str) and name in present.NAMES else present.NAMES[0]


def _kept_row(kept: Any) -> int:
    row = kept.get("row") if isinstance(kept, Mapping) else None
    return row if isinstance(row, int) and not isinstance(row, bool) and 0 <= row < 200 else 0

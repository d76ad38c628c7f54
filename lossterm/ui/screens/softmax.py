"""The Softmax screen: one example with K classes, and what each loss makes of it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import BindingType

from lossterm import softmax_edit as edit
from lossterm import softmax_state as state
from lossterm.arguments import command
from lossterm.core.presets import PRESETS
from lossterm.softmax_arguments import view_words
from lossterm.softmax_table import SoftmaxResult, write_csv
from lossterm.state import MAX_SHOWN
from lossterm.ui.commands import Command, bindings
from lossterm.ui.commands_softmax import SOFTMAX
from lossterm.ui.screens.curves import ZOOM
from lossterm.ui.screens.palette import Entry
from lossterm.ui.screens.softmax_prompts import SoftmaxPrompts
from lossterm.ui.widgets.chart import Chart
from lossterm.ui.widgets.classes import ClassTable
from lossterm.ui.widgets.ledger import Ledger
from lossterm.ui.widgets.settings import Settings

STEP = 0.5
"""By what a key changes a logit."""

NOTES = """
Marks
  a b c …        the letter of a loss: over its gradient, on its curve and in the list of losses
  ▸ ●            the selected class · the class that is the target
  █ ┃            the probability p from 0 to 1 · the target t
  ██│  │██       ∂L/∂z_k below, above zero, all losses on one scale: descent raises, lowers the logit
  █ ░ ┃          H(t), the entropy of the target · KL(t‖p), the excess · the floor H(t)
  ● ▲ ▼          the cursor on a curve; the curve is above, below the window

Numbers
  L₀ L₁ …        what the selected class contributes to the loss, where the loss is a sum over classes
  ‖∂L/∂z‖        the length of the whole gradient; ×a is that against the reference's
  ∞ — 0          infinite · undefined · exactly zero, or too small for a double
  saturated      p is off its target, yet the gradient is below a twentieth of p − t
  pushes k up    descent raises a class that has too much already: the gradient misleads

A list of numbers pasted here becomes the logits; after p= they are probabilities.
"""


class SoftmaxScreen(SoftmaxPrompts):
    """What keys and the mouse do."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(SOFTMAX)
    commands: ClassVar[Sequence[Command]] = SOFTMAX
    notes: ClassVar[str] = NOTES
    chance = random.Random()
    _last_preset: str | None = None

    def palette_entries(self) -> list[Entry]:
        """Every preset and loss by name."""
        presets = [Entry(f"Preset: {name}", "example", f"use_preset('{name}')", p.about) for name, p in PRESETS.items()]
        losses = [
            Entry(f"{'Hide' if r.shown else 'Show'} {r.loss}", "loss", f"show_row({i})", " ".join(r.entry.aliases))
            for i, r in enumerate(self.view.rows)
        ]
        return presets + losses

    @property
    def in_losses(self) -> bool:
        """Whether keys act on the list of losses."""
        return self.focused is self.ledger

    # ---- panes ----------------------------------------------------------------------------------------------------

    def action_pane(self, direction: int) -> None:
        """The next or previous pane."""
        self.focus_next() if direction > 0 else self.focus_previous()

    def action_leave(self) -> None:
        """Back to the classes."""
        self.notice.hide()
        self.set_focus(self.classes_table)

    def action_row(self, by: int) -> None:
        """Another class; in the losses another loss."""
        if self.in_losses:
            self.current = min(max(self.current + by, 0), len(self.view.rows) - 1)
            self.show_ledger()
        else:
            self.look_at(state.select(self.view, self.view.selected + by))

    def action_step(self, direction: int) -> None:
        """The selected logit; in the losses the parameter."""
        if self.in_losses:
            self._step_parameter(direction)
        else:
            self.look_at(edit.step_logit(self.view, direction * STEP))

    def _step_parameter(self, direction: int) -> None:
        r = self.view.rows[self.current]
        if not r.entry.parameters:
            self.tell(f"{r.loss} has no parameter")
        self.look_at(state.step_parameter(self.view, self.current, direction))

    def action_choose(self) -> None:
        """The selected class becomes the target; in the losses show or hide."""
        if self.in_losses:
            self.action_show_row(self.current)
        else:
            self.look_at(edit.set_target(self.view, self.view.selected))

    # ---- losses ---------------------------------------------------------------------------------------------------

    def action_show_row(self, index: int) -> None:
        """Show or hide a row."""
        if index < len(self.view.rows):
            before = self.view
            self.look_at(state.toggle(before, index))
            if self.view == before:
                self.tell(f"at most {MAX_SHOWN} losses at once: each has a letter")

    def action_reference(self) -> None:
        """The current loss is what ratios are taken against."""
        self.look_at(state.make_reference(self.view, self.current))

    def action_variant(self) -> None:
        """A second row of the current loss."""
        before = self.view
        self.look_at(state.add_variant(before, self.current))
        if self.view == before:
            self.tell(f"{before.rows[self.current].loss} has no parameter to compare")
            return
        self.current += 1
        self.show_ledger()

    def action_drop(self) -> None:
        """Take such a row away."""
        self.look_at(state.remove_variant(self.view, self.current))

    # ---- classes --------------------------------------------------------------------------------------------------

    def action_mask(self) -> None:
        """Mask the selected class, or unmask it."""
        before = self.view
        self.look_at(edit.toggle_mask(before))
        if self.view == before:
            self.tell("at least one class must stay unmasked")

    def action_add(self) -> None:
        """Another class."""
        before = self.view
        self.look_at(edit.add_class(before))
        if self.view == before:
            self.tell(f"at most {state.MAX_CLASSES} classes")

    def action_remove(self) -> None:
        """One class fewer."""
        before = self.view
        self.look_at(edit.remove_class(before))
        if self.view == before:
            self.tell("at least two classes are needed, and one of them unmasked")

    def action_sort(self) -> None:
        """The largest logit first."""
        self.look_at(edit.sort_classes(self.view))

    def action_shuffle(self) -> None:
        """Deal the logits anew."""
        self.look_at(edit.shuffle_logits(self.view, self.chance))

    def action_preset(self, direction: int) -> None:
        """The next or previous example."""
        self.action_use_preset(edit.next_preset(self.view, direction, self._last_preset))

    def action_use_preset(self, name: str) -> None:
        """An example."""
        if name in PRESETS:
            self._last_preset = name
            self.look_at(edit.use_preset(self.view, name))
            self.current = self.view.reference
            self.show_ledger()
            self.tell(PRESETS[name].about, title=name, timeout=5)

    # ---- target and temperature -----------------------------------------------------------------------------------

    def action_target(self, direction: int) -> None:
        """The next class as target."""
        self.look_at(edit.next_target(self.view, direction))

    def action_share(self, direction: int) -> None:
        """More or less of the target for the selected class."""
        if self.view.target.label is None:
            self.tell("the teacher is the target: press t for a class, or T to type a distribution")
        self.look_at(edit.shift_target(self.view, direction * edit.SHARE))

    def action_smoothing(self) -> None:
        """The next smoothing."""
        self.look_at(edit.next_smoothing(self.view))

    def action_over(self) -> None:
        """The other convention."""
        self.look_at(edit.other_smoothing(self.view))
        over = self.view.target.over
        self.tell(f"ε is shared by {'all K classes' if over == 'all' else 'the K−1 others'}")

    def action_teach(self) -> None:
        """The teacher as target."""
        if self.view.target.teacher is None:
            self.tell("there is no teacher: h types its logits")
        self.look_at(edit.teacher_as_target(self.view))

    def action_temperature(self, direction: int) -> None:
        """Hotter or colder."""
        self.look_at(edit.step_temperature(self.view, direction))

    # ---- the cursor and the picture -------------------------------------------------------------------------------

    @property
    def _stops(self) -> tuple[float, ...]:
        from lossterm.plot.sweep import stops

        return (
            self.figure.stops if self.figure is not None else tuple(stops(self.view, max(self.size.width, 1)).tolist())
        )

    def action_move(self, by: int) -> None:
        """Move the cursor by columns: the swept number goes with it. In a list, page up and down."""
        places = self._stops
        if not places:
            return
        here = self.view.position
        ahead = [x for x in places if (x > here if by > 0 else x < here)]
        slack = 1e-9 * max(1.0, abs(here)) if here > float("-inf") else 0.0
        ahead = [x for x in ahead if abs(x - here) > slack]
        if ahead:
            at = min(abs(by), len(ahead)) - 1
            self.look_at(edit.move_to(self.view, ahead[at] if by > 0 else ahead[-1 - at]))

    def action_edge(self, side: int) -> None:
        """Move to an edge of the window."""
        places = self._stops
        if places:
            self.look_at(edit.move_to(self.view, places[0 if side < 0 else -1]))

    def action_sweep(self) -> None:
        """Sweep the other one."""
        self.look_at(state.next_sweep(self.view))

    def action_scale(self) -> None:
        """The other scale."""
        self.look_at(state.next_scale(self.view))

    def action_other_chart(self) -> None:
        """The other chart, where there is room for one."""
        if self.upper.room.height and self.lower.room.height and self.upper.size and self.lower.size:
            self.tell("there is room for both charts")
            return
        self.lone_chart = 1 - self.lone_chart
        self.upper.refresh(layout=True)

    def action_zoom(self, direction: int) -> None:
        """Zoom about the cursor."""
        self.look_at(state.zoom(self.view, ZOOM**-direction, self.view.position))

    def action_reset(self) -> None:
        """The natural window."""
        self.look_at(state.reset_window(self.view))

    # ---- the mouse ------------------------------------------------------------------------------------------------

    def on_class_table_picked(self, event: ClassTable.Picked) -> None:
        """A click selects a class, a second one makes it the target."""
        self.look_at(state.select(self.view, event.index))
        if event.target:
            self.look_at(edit.set_target(self.view, self.view.selected))

    def on_class_table_scrolled(self, event: ClassTable.Scrolled) -> None:
        """The wheel moves through the classes."""
        self.look_at(state.select(self.view, self.view.selected + event.by))

    def on_ledger_clicked(self, event: Ledger.Clicked) -> None:
        """A click on a loss shows or hides it; on its numbers makes it the current one."""
        self.current = min(event.index, len(self.view.rows) - 1)
        if event.box:
            self.action_show_row(self.current)
        self.show_ledger()

    def on_ledger_scrolled(self, event: Ledger.Scrolled) -> None:
        """The wheel moves through the losses."""
        self.current = min(max(self.current + event.by, 0), len(self.view.rows) - 1)
        self.show_ledger()

    def on_chart_pointed(self, event: Chart.Pointed) -> None:
        """The mouse moves the cursor."""
        places = self._stops
        if event.column < len(places):
            self.look_at(edit.move_to(self.view, places[event.column]))

    def on_chart_wheeled(self, event: Chart.Wheeled) -> None:
        """The wheel zooms about the mouse."""
        lo, hi = self.view.window
        about = lo + (event.column + 0.5) / max(len(self._stops), 1) * (hi - lo)
        self.look_at(state.zoom(self.view, ZOOM**-event.direction, about))

    async def on_settings_clicked(self, event: Settings.Clicked) -> None:
        """A click on a setting does what its key does."""
        await self.run_action(event.action)

    # ---- taking it away -------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        """Copy the command of this view, and show it."""
        if not self.view.shown:
            self.tell("no loss is shown: press tab, and space on one", wrong=True)
            return
        self.copy_command(command(["lossterm", "softmax", *view_words(self.view)]))

    def action_export(self) -> None:
        """Write the numbers."""
        point = self.view.problem.point
        rows = [self.view.rows[i] for i in self.view.shown]
        fit = [r for r in rows if r.entry.target_problem(point) is None]
        if not fit:
            self.tell("no loss is shown: press tab, and space on one", wrong=True)
            return
        result = SoftmaxResult.of(self.view.problem, fit)
        self.write_file("lossterm-softmax", ".csv", lambda file: write_csv(result, file))

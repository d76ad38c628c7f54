"""Which losses of the view a file is judged by, how they are put to it, and which of their parameters it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from lossterm import state
from lossterm.data_arguments import DEFAULT_OF_VALUES, class_parameters, criteria_of, reduced
from lossterm.state import Row, View
from lossterm.ui.present_data import ShownLoss
from lossterm.ui.present_properties import row_name
from lossterm.ui.screens.data_base import DataBase
from lossterm.ui.typed import typed_parameters

if TYPE_CHECKING:
    from lossterm.core.bulk import Criterion
    from lossterm.core.question import ClassCriterion


class DataLosses(DataBase):
    """From the losses of the view to those that examples of the file can be put to."""

    @property
    def class_count(self) -> int:
        """K, or 0 where there is one prediction an example."""
        count = len(self.source.columns.predictions) if self.source is not None else 0
        return count if count > 1 else 0

    @property
    def is_of_values(self) -> bool:
        """Whether the predictions are plain values."""
        return self.source is not None and self.source.columns.kind == "value"

    def judged_rows(self, view: View) -> tuple[list[ShownLoss], list[Criterion | ClassCriterion], list[str]]:
        """The shown losses that examples of this file can be put to, as they are put; and what is left out of them."""
        letters = view.letters
        found = self._criteria([view.rows[i] for i in letters], self.smoothing_of(view))
        shown, criteria, absent, ignored = [], [], [], []
        for (index, letter), criterion in zip(letters.items(), found, strict=True):
            row = view.rows[index]
            if criterion is None:
                absent.append(row.loss)
                continue
            if self.class_count:
                row, full = reduced(row), row
                ignored += [f"{row.loss} of K classes has no {name}" for name in _changed(full, row)]
            shown.append(ShownLoss(index, letter, ord(letter) - 97, row_name(row)))
            criteria.append(criterion)
        kind = "plain values" if self.is_of_values else "K classes"
        return shown, criteria, [*([f"not for {kind}: {', '.join(absent)}"] if absent else []), *ignored]

    def smoothing_of(self, view: View) -> float:
        """The smoothing of the labels of this file: plain values have none."""
        return view.smoothing if self.source and not self.is_of_values else 0.0

    def _criteria(self, rows: Sequence[Row], smoothing: float) -> list[Criterion | ClassCriterion | None]:
        return criteria_of(rows, self.class_count, smoothing, "value" if self.is_of_values else "probability")

    def base_criteria(self, shown: Sequence[ShownLoss], view: View) -> list[Criterion | ClassCriterion]:
        """The same losses with the parameters that changes are told against."""
        baseline = self.baseline
        assert baseline is not None
        rows = list(view.rows)
        for who in shown:
            old = [r for r in baseline.rows if r.loss == rows[who.row].loss]
            same = baseline.rows[who.row] if who.row < len(baseline.rows) else None
            if same is not None and same.loss == rows[who.row].loss:
                rows[who.row] = replace(same, shown=True)
            elif old:
                rows[who.row] = replace(old[0], shown=True)
        smoothing = baseline.smoothing if self.smoothing_of(replace(view, smoothing=1.0)) else 0.0
        return [c for c in self._criteria([rows[who.row] for who in shown], smoothing) if c is not None]

    def ready_losses(self) -> None:
        """Show the losses of plain values where none is shown that takes them."""
        if not self.is_of_values or self.judged_rows(self.view)[1]:
            return
        view = self.view
        for name in DEFAULT_OF_VALUES.split(","):
            index = next(i for i, row in enumerate(view.rows) if row.loss == name)
            view = state.toggle(view, index)
        self.look_at(view)

    # ---- parameters -----------------------------------------------------------------------------------------------

    def action_step(self, which: int, direction: int) -> None:
        """Step a parameter of the current loss, where the losses of this file have it."""
        row = self.view.rows[self.current]
        if which < len(row.entry.parameters) and self._lacks(row, [row.entry.parameters[which].name]):
            return
        super().action_step(which, direction)

    def action_parameter(self) -> None:
        """Ask for the current loss's parameters, where it has any."""
        row = self.view.rows[self.current]
        names = [name for name, _ in row.params]
        if names and len(self._lacking(row, names)) == len(names):
            self._lacks(row, names)
            return
        super().action_parameter()

    def _lacking(self, row: Row, names: Sequence[str]) -> list[str]:
        # the parameters that the loss has, but not the one of K classes
        known = class_parameters(row.loss) if self.class_count else None
        return [] if known is None else [name for name in names if name not in known]

    def _lacks(self, row: Row, names: Sequence[str]) -> bool:
        lacking = self._lacking(row, names)
        if lacking:
            self.tell(f"{row.loss} of K classes has no {' and no '.join(lacking)}")
        return bool(lacking)

    def take(self, purpose: str, text: str) -> None:
        """Take typed parameters.

        Raises:
            ValueError: the loss of K classes does not have one of them.
        """
        if purpose == "parameter":
            row, old = self.view.rows[self.current], dict(self.view.rows[self.current].params)
            typed = typed_parameters(row.entry, text)
            lacking = self._lacking(row, [name for name, value in typed.items() if value != old[name]])
            if lacking:
                raise ValueError(f"{row.loss} of K classes has no {' and no '.join(lacking)}")
        super().take(purpose, text)


def _changed(full: Row, reduced_to: Row) -> list[str]:
    return [name for (name, value), (_, kept) in zip(full.params, reduced_to.params, strict=True) if value != kept]

"""A screen that looks at what the Curves screen looks at: the same losses, label, activation and point."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from lossterm.session import Saved
from lossterm.state import View
from lossterm.ui.screens.view_actions import ViewActions

if TYPE_CHECKING:
    from lossterm.ui.screens.curves import CurvesScreen


class SharedViewScreen(ViewActions):
    """A screen whose view is that of Curves, with the keys that change it.

    Attributes:
        current: the row of the view that keys act on.
    """

    def __init__(self, saved: Saved) -> None:
        super().__init__(saved)
        self.current = 0
        self._seen: View | None = None

    # ---- what a screen says of itself -----------------------------------------------------------------------------

    def view_changed(self) -> None:
        """Losses, label, activation or the point are others than before."""
        raise NotImplementedError

    # ---- the view -------------------------------------------------------------------------------------------------

    @property
    def curves(self) -> CurvesScreen:
        """The Curves screen, which is always there."""
        return cast("CurvesScreen", self.program.opened("curves"))

    @property
    def view(self) -> View:
        """What is looked at."""
        return self.curves.view

    @property
    def typed_label(self) -> float | None:
        """The label that was typed last, here or on Curves."""
        return self.curves.typed_label

    @typed_label.setter
    def typed_label(self, label: float | None) -> None:
        self.curves.typed_label = label

    @property
    def labelled(self) -> View:
        """The view with its label, whatever risk Curves shows."""
        return self.view if self.view.eta is None else replace(self.view, eta=None)

    def look_at(self, view: View) -> None:
        """Look at something else, here and on Curves."""
        if view != self.view:
            self.curves.look_at(view)
        self.follow()

    def follow(self) -> None:
        """Take over what has changed in the view."""
        if self.view != self._seen:
            self._seen = self.view
            self.current = min(self.current, len(self.view.rows) - 1)
            self.view_changed()

    def on_screen_resume(self) -> None:
        """It may have changed on another screen."""
        self.follow()
        self.call_later(self.program.release_keys)

"""``lossterm.define``: a loss of one's own, which every function then takes by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.losses.own.registry import define as _define
from lossterm.model.notation import params_cell
from lossterm.notebook.asked import named
from lossterm.notebook.results import Columns, Result

if TYPE_CHECKING:
    from lossterm.core.losses.formulas import Loss


@dataclass(frozen=True, eq=False, repr=False)
class DefinedLoss(Result):
    """A loss of one's own.

    Attributes:
        entry: what is known of it.
    """

    entry: Loss

    def __str__(self) -> str:
        """Its name, as the other functions take it."""
        return self.entry.id

    @property
    def name(self) -> str:
        """Its name, as the other functions take it."""
        return self.entry.id

    @property
    def definition(self) -> str:
        """The text that defines it, as ``lossterm --define`` takes it."""
        return self.entry.definition

    def columns(self) -> Columns:
        """One row: its name, its parameters, its family and its formula."""
        return {
            "loss": [self.entry.id],
            "params": [params_cell(self.entry.defaults)],
            "family": [self.entry.family.value],
            "formula": [self.entry.formula],
        }

    def title(self) -> str:
        """Its name with its parameters."""
        params = params_cell(self.entry.defaults)
        return self.entry.id + (f" {params}" if params else "")

    def gist(self) -> str:
        """Its formula, and how it reads the label."""
        return f"{self.entry.formula}, {self.entry.about.removeprefix('your own: ')}"


def define(text: str) -> DefinedLoss:
    """Define a loss of one's own; from then on it goes by its name in every function, until Python ends.

        >>> define("tail(g=4[0,10]): -y*log(p) - (1 - y)*p**g*log(1 - p)").name
        'tail'

    A definition names the prediction v (p, if it is a probability), the label y, the logit z, r = v − y, s = 2y − 1,
    p_t and its parameters; it has + − * / **, ``a if r > 0 else b``, values of its own (``q = 1 - p; …``), log, exp,
    log1p, expm1, sqrt, abs, min, max, clip, sigmoid, softplus, tanh, cosh, erf and lgamma. Another one of the same
    name takes its place. The file of losses that the program keeps is neither read nor written.

    Args:
        text: ``NAME: FORMULA``, or with parameters ``NAME(g=4[0,10]): FORMULA``.

    Returns:
        The loss, which shows itself; its derivatives are computed as exactly as those of the built-in losses.

    Raises:
        ValueError: the text is no definition (the message says where, and what would be right), or its name is that of
            a built-in loss.
    """
    return DefinedLoss(_define(named(text, "definition")))

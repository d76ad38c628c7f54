"""``lossterm.evaluate``: a loss behind an activation, at labels and logits that are broadcast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.activations import find_activation
from lossterm.core.losses.broadcast import evaluate_broadcast
from lossterm.core.losses.labels import number
from lossterm.core.losses.objective import MEASURES, Evaluation
from lossterm.model.notation import params_cell
from lossterm.model.subject import Row
from lossterm.notebook.asked import broadcasting, named, number_in, numbers, one_row
from lossterm.notebook.results import Columns, Result, extent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False, repr=False)
class EvaluatedLoss(Result, Evaluation):
    """An `Evaluation` that knows what it is of; every array has the shape of label and logits broadcast.

    Attributes:
        name: the loss as it is written on the command line, ``focal:gamma=3``.
        loss: its id.
        params: all its parameters.
        label: the labels y, after smoothing.
        smoothing: s.
        activation: its id.
    """

    name: str
    loss: str
    params: Mapping[str, float | None]
    label: Array
    smoothing: float
    activation: str

    def columns(self) -> Columns:
        """What ``lossterm table`` tells of each point: a row a point, in the order of the raveled arrays."""
        count = self.value.size
        return {
            "loss": [self.loss] * count,
            "params": [params_cell(self.params)] * count,
            "label": self.label.ravel(),
            "smoothing": np.full(count, self.smoothing),
            "activation": [self.activation] * count,
            **{name: getattr(self, name).ravel() for name in MEASURES},
        }

    def shown(self) -> Columns:
        """The label and the numbers of each point: the rest is the same for all of them."""
        return {name: values for name, values in self.columns().items() if name in ("label", *MEASURES)}

    def title(self) -> str:
        """The loss, its labels and the activation."""
        smoothing = f" after smoothing {number(self.smoothing)}" if self.smoothing else ""
        return f"{self.name} · y = {extent(self.label)}{smoothing} · {self.activation}"

    def gist(self) -> str:
        """The ends of its points, values and slopes."""
        count = f"{self.value.shape} points, " if self.value.ndim else ""
        z, value, slope = (extent(x) for x in (self.logit, self.value, self.d_logit))
        return f"{count}z = {z}, L = {value}, ∂L/∂z = {slope}"


def evaluate(
    loss: str,
    *,
    label: ArrayLike,
    activation: str = "sigmoid",
    at: ArrayLike,
    smoothing: float = 0.0,
    **params: float | None,
) -> EvaluatedLoss:
    """A loss behind an activation, with its derivatives, exact in the tails.

        >>> evaluate("focal:gamma=3", label=[1, 0], at=[[-4.0], [0.0]]).value.shape
        (2, 2)

    Args:
        loss: any name of a loss, here or in a library, with parameters as on the command line if need be:
            "cross-entropy", "bce", "torch.nn.BCELoss", "focal:gamma=3", ….
        label: the label y, or an array of labels; probability losses need [0, 1], margin losses 0, 1 or ±1.
        activation: any name of an activation.
        at: logits (the activation's input), any shape; under "identity" the predictions themselves.
        smoothing: label smoothing s: y becomes y(1 − s) + s/2 first.
        **params: the loss's parameters, such as ``gamma=2``; None is off.

    Returns:
        Arrays of the shape of ``label`` and ``at`` broadcast: prediction, d_activation, value, d_prediction,
        d2_prediction, d_logit and d2_logit, and the label itself; infinite is inf, undefined is nan. Each number is,
        to the last bit, that of its label alone. Different labels take about a millisecond each, but for value losses
        behind the identity, which are computed all at once.

    Raises:
        ValueError: an unknown name, a parameter out of range, a label outside the loss's domain, what is no number,
            or shapes that do not broadcast; the message says what would be right.
    """
    row = one_row(loss, Row, params)
    link = find_activation(named(activation, "activation"))
    y = numbers(label, "label", "1, .9 or [0, 1]")
    z = numbers(at, "at", "-4 or [-4, 0, 4]")
    if np.isnan(y).any():
        raise ValueError(f"{row.loss} needs a label that is a number, not nan")
    broadcasting(y, z)
    s = number_in(smoothing, "smoothing", 0, 1)
    e, labels = evaluate_broadcast(row.entry, dict(row.params), y, s, link, z)
    numbers_of = {name: getattr(e, name) for name in MEASURES}
    return EvaluatedLoss(**numbers_of, name=row.spec, loss=row.loss, params=dict(row.params), label=labels,
                         smoothing=s, activation=link.id)  # fmt: skip

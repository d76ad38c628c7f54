"""lossterm: the loss-function microscope for your terminal.

In a notebook::

    >>> import lossterm
    >>> e = lossterm.evaluate("focal", label=1, activation="sigmoid", at=-4.0, gamma=2)
    >>> round(float(e.d_logit), 4)
    -1.0864
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from lossterm.core.objective import Evaluation

__version__ = "0.1.0"
__all__ = ["__version__", "evaluate"]


def evaluate(
    loss: str,
    *,
    label: float,
    activation: str = "sigmoid",
    at: ArrayLike,
    smoothing: float = 0.0,
    **params: float | None,
) -> Evaluation:
    """A loss behind an activation, with its derivatives, exact in the tails.

    Args:
        loss: any name of a loss: "cross-entropy", "bce", "mse", "focal", …
        label: the label y; probability losses need [0, 1], margin losses 0, 1 or ±1.
        activation: any name of an activation.
        at: logits (the activation's input), any shape; under "identity" the predictions themselves.
        smoothing: label smoothing s: y becomes y(1 − s) + s/2 first.
        **params: the loss's parameters, such as ``gamma=2``.

    Returns:
        Arrays of the shape of ``at``: prediction, d_activation, value, d_prediction, d2_prediction, d_logit and
        d2_logit; infinite is inf, undefined is nan.

    Raises:
        ValueError: an unknown name, a parameter out of range, or a label outside the loss's domain.
    """
    # numpy and the mathematics are loaded by the first call, so that `lossterm --help` need not wait for them
    from lossterm.core.activations import find_activation
    from lossterm.core.labels import smoothed
    from lossterm.core.losses import find_loss
    from lossterm.core.objective import evaluate_at

    found = find_loss(loss)
    complete = found.complete(params)
    y = smoothed(float(label), smoothing)
    problem = found.label_problem(y)
    if problem:
        raise ValueError(problem)
    return evaluate_at(found, complete, y, find_activation(activation), at)

"""Learning rates that make a race of different losses fair."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lossterm.core.descent.problems import FittingProblem
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.properties.sampling import Samples
from lossterm.core.properties.slopes import max_abs_d_logit, smoothness


def matched_rates(
    losses: Sequence[tuple[Loss, Params]], activation: Activation | str, label: float, how: str = "smoothness"
) -> list[float]:
    """Rates for one logit.

    Args:
        losses: the losses with all their parameters.
        activation: the activation or its id.
        label: the label.
        how: "smoothness" gives each 1/(the Lipschitz constant of its ∂L/∂z), with which no step of gradient descent
            can climb; "lipschitz" gives each 1/sup|∂L/∂z|, so that no step is longer than 1.

    Raises:
        ValueError: a loss for which the constant is infinite, zero or not known; the message says why.
    """
    measure = {"smoothness": smoothness, "lipschitz": max_abs_d_logit}.get(how)
    if measure is None:
        raise ValueError(f"rates are matched by smoothness or lipschitz, not by {how!r}")
    rates = []
    for loss, params in losses:
        problem = loss.label_problem(label)
        if problem:
            raise ValueError(problem)
        samples = Samples(loss, params, activation, (float(label),))
        found = measure(samples, samples.profile(float(label)))
        if not (isinstance(found.value, float) and 0 < found.value < math.inf):
            raise ValueError(f"{loss.id} has no rate by {how}: {found.evidence}")
        rates.append(1 / found.value)
    return rates


def fitted_rate(
    loss: Loss, params: Params, activation: Activation | str, problem: FittingProblem, how: str = "smoothness"
) -> float:
    """The rate for a problem of many examples.

    Where both classes occur, the constant is the larger one of the two labels. By smoothness it is that of the *mean*
    loss: along a direction u of the weights that bends by (1/n) Σ L″(zᵢ)(xᵢ·u)², which is at most the constant of the
    loss times the largest eigenvalue of XᵀX/n. Equal Lipschitz constants compare ∂L/∂z, which the data leave alone.

    Args:
        loss: the loss.
        params: all its parameters.
        activation: the activation or its id; real targets are fitted without one.
        problem: the data.
        how: as for `matched_rates`.

    Raises:
        ValueError: as `matched_rates`.
    """
    of_classes = problem.is_classification
    labels, link = ((0.0, 1.0), activation) if of_classes else ((0.0,), "identity")
    rate = min(matched_rates([(loss, params)], link, label, how)[0] for label in labels)
    return rate / problem.curvature if how == "smoothness" else rate

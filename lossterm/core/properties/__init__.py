"""The properties of a loss behind an activation, found from its numbers.

Every value is read off samples of the functions (`sampling`), refined and with its evidence; none is written down
beforehand. What each property means is defined where it is computed.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import Loss, Params
from lossterm.core.properties import convexity, scoring, slopes
from lossterm.core.properties.likelihood import likelihood
from lossterm.core.properties.minima import minimisers
from lossterm.core.properties.report import Property, Value, lettered, undecided
from lossterm.core.properties.sampling import Samples

__all__ = ["ABOUT", "OF_LABEL", "Property", "Value", "properties"]

ABOUT = {
    "convex_in_logit": "∂L/∂z never falls",
    "inflections": "the logits where ∂L/∂z turns from rising to falling or back",
    "convex_in_prediction": "∂L/∂v never falls on the activation's range",
    "bounded": "sup L is finite for this label",
    "max_abs_d_logit": "sup |∂L/∂z|",
    "saturates": "∂L/∂z dies out in a direction where L stays above its infimum",
    "lipschitz": "sup |∂L/∂v| on the activation's range",
    "smoothness": "the Lipschitz constant of ∂L/∂z: the safe rate is its inverse",
    "minimiser": "the prediction with the least L, over the closure of the activation's range",
    "infimum": "inf L over finite z, for this label",
    "symmetric": "both labels, or both signs of the residual, cost the same",
    "growth": "how L grows along its worst direction in z",
    "strictly_proper": "the true probability is the only minimiser of the expected loss",
    "proper": "the true probability is a minimiser of the expected loss",
    "risk_minimiser": "the prediction with the least expected loss when the true probability is .9",
    "classification_calibrated": "deciding for the rarer class always costs more than the least expected loss",
    "noise_tolerant": "L(v,1) + L(v,0) is the same for every v",
    "likelihood": "the density over labels that e^−L is",
}
"""Every property in the order it is shown, with its meaning in a line."""

OF_LABEL = ("convex_in_logit", "inflections", "convex_in_prediction", "bounded", "max_abs_d_logit", "saturates",
            "lipschitz", "smoothness", "minimiser", "infimum", "growth")  # fmt: skip
"""Those that depend on the label."""


def properties(loss: Loss, params: Params, activation: Activation | str, label: float) -> dict[str, Property]:
    """Every property of one loss.

    Args:
        loss: the loss.
        params: all its parameters (`Loss.complete`).
        activation: the activation or its id.
        label: the label, after smoothing. Those that are not `OF_LABEL` do not depend on it.

    Returns:
        The properties by name, in the order of `ABOUT`; those that ask for a label outside the loss's domain are
        undecided, with the reason.
    """
    samples = Samples(loss, params, activation, (float(label), 1.0, 0.0))
    with np.errstate(all="ignore"):
        found = {**_of_label(samples, float(label)), **_of_both(samples)}
    letter = samples.activation.letter
    return {name: replace(found[name], evidence=lettered(found[name].evidence, letter)) for name in ABOUT}


def _of_label(samples: Samples, label: float) -> dict[str, Property]:
    problem = samples.loss.label_problem(label)
    profile = samples.profile(label)
    if problem or not profile.smooth.any():
        why = problem or f"{samples.loss.id} is nowhere finite behind {samples.activation.id}"
        return dict.fromkeys(OF_LABEL, undecided(why))
    no_bound = slopes.without_bound(profile)
    least, turns = minimisers(samples, label), convexity.turning_points(profile)
    return {
        "convex_in_logit": convexity.convex_in_logit(profile, turns),
        "inflections": convexity.inflections(profile, turns),
        "convex_in_prediction": convexity.convex_in_prediction(profile),
        "bounded": slopes.bounded(samples, profile),
        "max_abs_d_logit": slopes.max_abs_d_logit(samples, profile),
        "saturates": slopes.saturates(profile, least),
        "lipschitz": slopes.lipschitz(samples, profile),
        "smoothness": slopes.smoothness(samples, profile),
        "minimiser": undecided(no_bound) if no_bound else scoring.minimiser(least),
        "infimum": slopes.infimum(profile, least),
        "growth": undecided(no_bound) if no_bound else slopes.growth(profile),
    }


def _of_both(samples: Samples) -> dict[str, Property]:
    scores = scoring.Scores(samples)
    return {
        "symmetric": scoring.symmetric(samples),
        "strictly_proper": scoring.strictly_proper(scores),
        "proper": scoring.proper(scores),
        "risk_minimiser": scoring.risk_minimiser(scores),
        "classification_calibrated": scoring.classification_calibrated(scores),
        "noise_tolerant": scoring.noise_tolerant(scores),
        "likelihood": likelihood(samples),
    }

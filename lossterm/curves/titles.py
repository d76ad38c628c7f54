"""What the quantities are called, and which field of an evaluation each is."""

from __future__ import annotations

from lossterm.core.losses.labels import Family
from lossterm.curves.view import View

FIELD = {"loss": "value", "d_logit": "d_logit", "d_prediction": "d_prediction", "d2_logit": "d2_logit"}
"""Which field of an evaluation each quantity is."""

CONCAVE = "dotted: concave"
"""What the title of a chart says where a part of a curve is drawn so."""

_NAME = {"loss": "L", "d_logit": "∂L/∂z", "d_prediction": "∂L/∂{v}", "d2_logit": "∂²L/∂z²"}


def prediction_letter(view: View) -> str:
    """``p`` for a probability, ``v`` for any other prediction."""
    return "p" if view.link.is_probability else "v"


def axis_letter(view: View) -> str:
    """What the x axis is of."""
    return "z" if view.axis == "logit" else prediction_letter(view)


_MEANT = {
    (Family.PREFERENCE, "identity"): {"logit": "βΔ", "prediction": "βΔ"},
    (Family.RATIO, "exp"): {"logit": "log-ratio z", "prediction": "ratio π/π_old"},
}
"""What the two axes are of, where all that is shown is of a family and at home."""


def axis_name(view: View) -> str:
    """What the x axis is of, and what that means to the losses that are shown: ``log-ratio z``."""
    meant = _MEANT.get((view.family, view.activation), {}) if view.family else {}
    return meant.get(view.axis, axis_letter(view))


def label_name(view: View) -> str:
    """What the label is called: y; the advantage A where all that is shown reads it so."""
    return "advantage A" if view.label_letter == "A" else view.label_letter


def name(view: View, quantity: str) -> str:
    """A quantity with its variable; the risk is R."""
    text = _NAME[quantity].format(v=prediction_letter(view))
    return text if view.eta is None else text.replace("L", "R")


def title(view: View, quantity: str, *, log: bool = False) -> str:
    """What a panel shows: ``∂L/∂z``, with its variable, and whether its y axis is a symmetric log."""
    text = name(view, quantity)
    if view.eta is not None and quantity == "loss":
        text = f"R = {eta_name(view)}L(1) + (1−{eta_name(view)})L(0)"
    return f"{text} (symmetric log)" if log else text


def eta_name(view: View) -> str:
    """The probability that the risk is taken with: η, or η′ after a weight of class 1."""
    return "η" if view.weight == 1 else "η′"

"""What the quantities are called, and which field of an evaluation each is."""

from __future__ import annotations

from lossterm.state import View

FIELD = {"loss": "value", "d_logit": "d_logit", "d_prediction": "d_prediction", "d2_logit": "d2_logit"}
"""Which field of an evaluation each quantity is."""

_TITLE = {"loss": "L", "d_logit": "∂L/∂z", "d_prediction": "∂L/∂{v}", "d2_logit": "∂²L/∂z²"}


def prediction_letter(view: View) -> str:
    """``p`` for a probability, ``v`` for any other prediction."""
    return "p" if view.link.is_probability else "v"


def axis_letter(view: View) -> str:
    """What the x axis is of."""
    return "z" if view.axis == "logit" else prediction_letter(view)


def title(view: View, quantity: str) -> str:
    """What a panel shows: ``∂L/∂z``, with its variable."""
    name = _TITLE[quantity].format(v=prediction_letter(view))
    if view.eta is not None:
        name = "R = ηL(1) + (1−η)L(0)" if quantity == "loss" else name.replace("L", "R")
    return f"{name} (symmetric log)" if view.scale == "symlog" else name

"""What the numbers of a class are called."""

from __future__ import annotations

from lossterm.softmax.view import SoftmaxView

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def logit_name(view: SoftmaxView) -> str:
    """The selected logit: ``z₁``."""
    return f"z{view.selected}".translate(_SUBSCRIPTS)


def share_name(view: SoftmaxView) -> str:
    """What the selected class contributes to a loss: ``L₁``."""
    return f"L{view.selected}".translate(_SUBSCRIPTS)


def slope_name(view: SoftmaxView) -> str:
    """The slope of the selected logit: ``∂L/∂z₁``."""
    return f"∂L/∂{logit_name(view)}"


def axis_name(view: SoftmaxView) -> str:
    """What is swept."""
    return logit_name(view) if view.sweep == "logit" else "T"


def panel_name(view: SoftmaxView, panel: int, *, log: bool = False) -> str:
    """What a chart shows: the loss (0), or the slope of the selected logit (1), perhaps on a symmetric log."""
    name = "L" if panel == 0 else slope_name(view)
    return f"{name} (symlog)" if log else name

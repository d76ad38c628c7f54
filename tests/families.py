"""Which losses a test walks: the first ones through everything, each later one at home and at a few other places."""

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from tests.reference.families import PLACES

FIRST = tuple(name for name, loss in LOSSES.items() if loss.in_all)
"""The losses that ``all`` means: every activation and label is theirs."""

LATER = tuple(name for name, loss in LOSSES.items() if not loss.in_all)
"""The others, each with its `PLACES`."""

AT_PLACES = tuple((loss, activation, label) for loss in LATER for activation, label in PLACES[loss])
"""Every later loss at its own activation and label and a few others."""

PAIRS = (
    *((loss, activation) for loss in FIRST for activation in ACTIVATIONS),
    *dict.fromkeys((loss, activation) for loss, activation, _ in AT_PLACES),
)
"""Every loss with the activations it is tested behind."""

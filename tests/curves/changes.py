"""Changes of a view as the keys make them: those of its list and its subject, in the picture that there is."""

from lossterm.curves.view import View, with_subject
from lossterm.model import rows, subject
from lossterm.model.rows import make_reference, remove_variant, set_parameters, toggle, with_losses

__all__ = ["add_variant", "make_reference", "next_activation", "next_label", "next_smoothing", "remove_variant",
           "set_activation", "set_label", "set_parameter", "step_parameter", "toggle", "with_losses"]  # fmt: skip


def add_variant(view: View, index: int) -> View:
    """A second row of the same loss."""
    return rows.add_variant(view, index)


def set_parameter(view: View, index: int, name: str, value: float | None) -> View:
    """Another value of one parameter."""
    return set_parameters(view, index, {name: value})


def step_parameter(view: View, index: int, name: str, direction: int) -> View:
    """One step of a parameter, by its name."""
    which = [knob.name for knob in view.rows[index].entry.parameters].index(name)
    return rows.step_parameter(view, index, which, direction)


def set_label(view: View, label: float) -> View:
    """Another label."""
    return with_subject(view, subject.set_label(view, label))


def next_label(view: View, direction: int = 1, typed: float | None = None) -> View:
    """The next of the usual labels."""
    return with_subject(view, subject.next_label(view, direction, typed))


def next_smoothing(view: View) -> View:
    """The next of the usual smoothings."""
    return with_subject(view, subject.next_smoothing(view))


def set_activation(view: View, name: str) -> View:
    """Another activation."""
    return with_subject(view, subject.set_activation(view, name))


def next_activation(view: View, direction: int = 1) -> View:
    """The next or previous activation."""
    return with_subject(view, subject.next_activation(view, direction))

"""The commands that the other screens share with Curves: the same keys for the same losses, label and activation."""

from __future__ import annotations

from collections.abc import Sequence

from lossterm.ui.commands import FILE, LABEL, LOSS, Command

PARAMETERS: Sequence[Command] = (
    Command(("[",), "step(0, -1)", "less", "Lower the current loss's parameter", LOSS),
    Command(("]",), "step(0, 1)", "more", "Raise it", LOSS),
    Command(("{",), "step(1, -1)", "less", "Lower its second parameter", LOSS),
    Command(("}",), "step(1, 1)", "more", "Raise its second parameter", LOSS),
    Command(("p",), "parameter", "parameter", "Type the current loss's parameter", LOSS),
)  # fmt: skip

LABELS: Sequence[Command] = (
    Command(("t",), "label(1)", "label", "Next label: 1, 0, 0.9, 0.5", LABEL),
    Command(("T",), "type_label", "type label", "Type a label: any number", LABEL),
    Command(("w",), "smoothing", "smoothing", "Next label smoothing: 0, 0.05, 0.1, 0.2, 0.4", LABEL),
    Command(("a",), "activation(1)", "activation", "Next activation", LABEL),
    Command(("A",), "activation(-1)", "activation", "Previous activation", LABEL),
)  # fmt: skip

FILES: Sequence[Command] = (
    Command(("y",), "copy", "copy command", "Copy the command that prints this view, and show it", FILE),
    Command(("e",), "export", "CSV", "Write the numbers as CSV", FILE),
    Command(("s",), "svg", "SVG", "Write the screen as SVG", FILE),
)  # fmt: skip

"""The commands that act on the subject: the same keys on every screen that looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES, names_of
from lossterm.model import subject_actions as act
from lossterm.model.subject import Subject
from lossterm.tui.commands import LABEL, LOSS, Command, Entry

SHOW = Command(
    ("space",),
    act.show_current,
    "show",
    "Show or hide the current loss; fold or unfold a heading",
    LOSS,
    footer=1,
    panes={"losses": "show"},
    words="add remove select compare curve",
)

FIND = Command(("/",), act.ask_filter, "filter", "Filter the losses by any of their names, or by a family", LOSS,
                 footer=2, panes={"losses": "filter"}, words="search find name family preference ratio")  # fmt: skip

FAMILY = Command(("E",), act.show_family, "family", "Show every loss of the current one's family, or hide them", LOSS,
                 panes={"losses": "family"}, words="every all heading fold group value positive probability margin "
                 "preference ratio")  # fmt: skip

HOME = Command(("H",), act.go_home, "home", "Activation and label that suit the current loss", LABEL, footer=3,
               words="natural suit identity exp preference ratio advantage")  # fmt: skip

REFERENCE = Command(("r",), act.refer, "reference", "Take the ratios against the current loss", LOSS, footer=3,
                    panes={"losses": "reference", "ledger": "reference"}, words="baseline relative")  # fmt: skip

_KNOBS = "hyperparameter " + " ".join(sorted({f"{p.name} {p.symbol}" for x in LOSSES.values() for p in x.parameters}))
"""The names by which people look for a parameter: class weights, γ, δ …"""

PARAMETERS: Sequence[Command] = (
    Command(("[",), partial(act.step_parameter, which=0, direction=-1), "parameter",
            "Lower the current loss's parameter",
            LOSS, "[]", footer=2, panes={"losses": "parameter"}, words=f"less {_KNOBS}"),
    Command(("]",), partial(act.step_parameter, which=0, direction=1), "parameter", "Raise it", LOSS, "]",
            panes={"losses": "parameter"}, words=f"more parameter {_KNOBS}"),
    Command(("{",), partial(act.step_parameter, which=1, direction=-1), "second", "Lower its second parameter", LOSS,
            "{}", footer=3, words="less alpha"),
    Command(("}",), partial(act.step_parameter, which=1, direction=1), "second", "Raise its second parameter", LOSS,
            "}", words="more alpha"),
    Command(("p",), act.ask_parameters, "type it", "Type the current loss's parameters, by their names", LOSS,
            footer=2, panes={"losses": "type it", "ledger": "type it"}, words=_KNOBS),
)  # fmt: skip

VARIANTS: Sequence[Command] = (
    Command(
        ("v",),
        act.add_variant,
        "variant",
        "A second row of this loss, to compare two parameter values",
        LOSS,
        footer=2,
        panes={"losses": "variant", "ledger": "variant"},
        words="duplicate copy another",
    ),
    Command(("V",), act.remove_variant, "remove", "Take such a row away again", LOSS, words="delete variant"),
)

LABELS: Sequence[Command] = (
    Command(
        ("t",),
        act.next_label,
        "label",
        "Next label: 1, 0, 0.9, 0.5 and the typed one",
        LABEL,
        footer=2,
        panes={"labels": "label"},
        words="target class y soft",
    ),
    Command(
        ("T",),
        act.ask_label,
        "type label",
        "Type a label: any number",
        LABEL,
        panes={"labels": "type label"},
        words="target y soft regression",
    ),
    Command(
        ("w",),
        act.next_smoothing,
        "smoothing",
        "Next label smoothing: 0, 0.05, 0.1, 0.2, 0.4",
        LABEL,
        footer=2,
        panes={"labels": "smoothing"},
        words="soft labels epsilon noise",
    ),
)

ACTIVATION: Sequence[Command] = (
    Command(("a",), partial(act.next_activation, direction=1), "activation", "Next activation, at the same logit",
            LABEL, footer=2, panes={"activations": "activation"}, words="link sigmoid tanh output"),
    Command(("A",), partial(act.next_activation, direction=-1), "previous", "Previous activation", LABEL, words="link"),
)  # fmt: skip


def subject_entries(subject: Subject) -> list[Entry]:
    """Every loss and activation by name, for the palette."""
    losses = [
        Entry(
            f"{'Hide' if row.shown else 'Show'} {row.spec}",
            "loss",
            partial(act.show_row, index=index),
            " ".join(names_of(row.entry)),
        )
        for index, row in enumerate(subject.rows)
    ]
    activations = [
        Entry(f"Activation: {name}", link.formula, partial(act.use_activation, name=name), " ".join(link.aliases))
        for name, link in ACTIVATIONS.items()
    ]
    return losses + activations

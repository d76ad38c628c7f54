"""What several screens look at together: losses behind an activation, for a label, at a point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from lossterm.core.lazy import np
from lossterm.core.losses.activations import ACTIVATIONS, Activation
from lossterm.core.losses.formulas import LOSSES, Loss, find_loss
from lossterm.core.losses.labels import Family, number, smoothed
from lossterm.core.numbers import parse
from lossterm.model.rows import ListRow, LossList

if TYPE_CHECKING:
    from lossterm.core.jets import Array
    from lossterm.core.losses.objective import Objective

FARTHEST = 1e6
"""No logit that keys reach is beyond ± this."""


@dataclass(frozen=True)
class Row(ListRow[Loss]):
    """One line of the list of losses of one prediction.

    Attributes:
        definition: of a loss of one's own, the text that defines it: a row tells which one it is of, also while that
            is being typed; empty for the others.
    """

    definition: str = ""

    registry: ClassVar[Mapping[str, Loss]] = LOSSES

    @classmethod
    def of(cls, loss: str, params: Mapping[str, Any] | None = None, shown: bool = False) -> Self:
        """A row with the given parameters and the others at their defaults.

        Raises:
            ValueError: an unknown parameter, or one out of its range.
        """
        row, definition = super().of(loss, params, shown), LOSSES[loss].definition
        return replace(row, definition=definition) if definition else row

    @property
    def entry(self) -> Loss:
        """The loss itself."""
        if not self.definition:
            return LOSSES[self.loss]
        from lossterm.core.losses.own.definition import defined  # the grammar is loaded where there is such a loss

        return defined(self.definition)

    @property
    def is_current(self) -> bool:
        """Whether the loss is still what the registry has by its name."""
        return self.loss in LOSSES and LOSSES[self.loss].definition == self.definition

    @classmethod
    def find(cls, name: str) -> Loss:
        """The loss of one prediction that goes by a name, here or in a library.

        Raises:
            ValueError: there is none; the message names the nearest, or where it is.
        """
        return find_loss(name)


@dataclass(frozen=True)
class Subject(LossList[Row]):
    """Losses, a label, an activation and a point: what Curves, Race, Data and Properties look at together.

    Attributes:
        label: y, before smoothing.
        smoothing: s of y(1 − s) + s/2.
        activation: its id.
        logit: the point, z.
    """

    label: float = 1.0
    smoothing: float = 0.0
    activation: str = "sigmoid"
    logit: float = -4.0

    row_type: ClassVar[type[ListRow[Loss]]] = Row

    @cached_property
    def link(self) -> Activation:
        """The activation."""
        return ACTIVATIONS[self.activation]

    @cached_property
    def target(self) -> float:
        """The label after smoothing; a label that cannot be smoothed is left as it is."""
        return self.smooth(self.label)

    def smooth(self, label: float) -> float:
        """Another label after this subject's smoothing."""
        return smoothed(label, self.smoothing) if 0 <= label <= 1 else label

    def objective(self, index: int, label: float | None = None) -> Objective:
        """The row's loss behind the activation, for the label or another one."""
        from lossterm.core.losses.objective import Objective  # which the first frame does without

        row = self.rows[index]
        return Objective(row.entry, row.params, self.target if label is None else self.smooth(label), self.link)

    @property
    def family(self) -> Family | None:
        """The family of the shown losses; None where they are of several, or there are none."""
        families = {row.entry.family for row in self.rows if row.shown}
        return next(iter(families)) if len(families) == 1 else None

    @property
    def label_letter(self) -> str:
        """What the label is called: y; A where all that is shown reads it as an advantage."""
        return label_letter(row.entry for row in self.rows if row.shown)

    @property
    def subject(self) -> Subject:
        """The subject alone, without what a view adds to it."""
        return self if type(self) is Subject else Subject(**{f.name: getattr(self, f.name) for f in fields(Subject)})


S = TypeVar("S", bound=Subject)

# ---- changes: each returns a new subject ----------------------------------------------------------------------------

LABELS = (1.0, 0.0, 0.9, 0.5)
"""What the key for the next label goes through, after which comes the label that was typed."""

SMOOTHINGS = (0.0, 0.05, 0.1, 0.2, 0.4)


def set_label(subject: S, label: float) -> S:
    """Another label; smoothing is dropped where it would have no meaning."""
    return replace(subject, label=label, smoothing=subject.smoothing if 0 <= label <= 1 else 0.0)


def next_label(subject: S, direction: int = 1, typed: float | None = None) -> S:
    """The next of the usual labels and the last typed one."""
    choices = list(LABELS) if typed is None or typed in LABELS else [*LABELS, typed]
    at = choices.index(subject.label) if subject.label in choices else -1
    return set_label(subject, choices[(at + direction) % len(choices)])


def next_smoothing(subject: S) -> S:
    """The next of the usual smoothings; only a label in [0, 1] can be smoothed."""
    if not 0 <= subject.label <= 1:
        return subject
    later = [s for s in SMOOTHINGS if s > subject.smoothing]
    return replace(subject, smoothing=later[0] if later else 0.0)


def set_activation(subject: S, name: str) -> S:
    """Another activation, at the same logit."""
    return replace(subject, activation=name)


def next_activation(subject: S, direction: int = 1) -> S:
    """The next or previous activation."""
    names = list(ACTIVATIONS)
    return set_activation(subject, names[(names.index(subject.activation) + direction) % len(names)])


def set_logit(subject: S, logit: float) -> S:
    """Another point, within what keys reach."""
    return replace(subject, logit=min(max(logit + 0.0, -FARTHEST), FARTHEST))


# ---- where losses are at home ---------------------------------------------------------------------------------------


def label_letter(losses: Iterable[Loss]) -> str:
    """What the label of some losses is called: y; A where all of them read it as an advantage."""
    names = {loss.family.label_name for loss in losses}
    return next(iter(names)) if len(names) == 1 else "y"


def at_home(subject: S, loss: Loss) -> S:
    """The label and the activation that suit a loss; smoothing goes where it does not take the smoothed label."""
    changed = set_label(set_activation(subject, loss.home.activation), loss.home.label)
    return changed if loss.label_problem(changed.target) is None else replace(changed, smoothing=0.0)


def is_at_home(subject: Subject, loss: Loss) -> bool:
    """Whether a loss is behind the activation that suits it, and takes the label."""
    return subject.activation == loss.home.activation and loss.label_problem(subject.target) is None


def home_words(loss: Loss) -> str:
    """Where a loss is at home: ``behind identity, z = βΔ``, ``behind exp, z = ln(π/π_old)``."""
    family = loss.family
    named = f"z = {family.logit_name}" if family.logit_name != "z" else f"y = {number(loss.home.label)}"
    return f"behind {loss.home.activation}, {named}"


# ---- what is typed --------------------------------------------------------------------------------------------------


def typed_label(text: str) -> float:
    """A typed label: a number; ``y=1`` is one too.

    Raises:
        ValueError: it is not a number.
    """
    return parse(text.strip().removeprefix("y").strip().removeprefix("=")) + 0.0


def typed_point(subject: Subject, text: str) -> float:
    """The logit of a typed point: ``-4`` or ``z=-4`` is a logit, ``p=.02`` or ``v=.02`` a prediction.

    Raises:
        ValueError: not a number, or a prediction that the activation does not reach.
    """
    name, equals, rest = text.partition("=")
    if not equals:
        return _within(parse(text))
    name = name.strip().lower()
    if name == "z":
        return _within(parse(rest))
    if name not in {"p", "v"}:
        raise ValueError("type -4 or z=-4 for a logit, p=.02 for a prediction")
    return _within(float(logits_of_predictions(subject.link, np.array([parse(rest)]))[0]))


def logits_of_predictions(activation: Activation, predictions: Array) -> Array:
    """The logits at which an activation has predictions, of any shape.

    Raises:
        ValueError: there is none for one of them; the message names it and the range.
    """
    logits = activation.inverse(np.asarray(predictions, dtype=float))
    missed = ~np.isfinite(logits)
    if missed.any():
        low, high = (number(x).replace("inf", "∞") for x in (activation.lower, activation.upper))
        wrong = number(float(np.asarray(predictions)[missed][0]))
        raise ValueError(f"no logit has the prediction {wrong}: {activation.id} reaches those between "
                         f"{low} and {high}, ends excluded")  # fmt: skip
    return logits


def _within(logit: float) -> float:
    if abs(logit) > FARTHEST:
        raise ValueError(f"a logit between −{FARTHEST:g} and {FARTHEST:g}, please")
    return logit

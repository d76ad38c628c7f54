"""What is asked of a file of predictions: which losses, of which examples, at which temperature."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from lossterm.core.activations import Activation
from lossterm.core.bulk import Criterion, link_of
from lossterm.core.examples import Examples, Kind
from lossterm.core.information import Over
from lossterm.core.lazy import np
from lossterm.core.losses import LOSSES
from lossterm.core.softmax_losses import SOFTMAX_LOSSES, SoftmaxLoss

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXACT_ROWS = 4_000_000
"""Examples of which the two numeric columns are kept, for what needs all of them at once; beyond it a sketch is."""


@dataclass(frozen=True)
class Filter:
    """Which examples count.

    Attributes:
        label: only this label (class), or None.
        group: only the group of this index, or None.
        low: only predictions of at least this, as they are in the file (confidences where there are K classes).
        high: only predictions of at most this.
    """

    label: float | None = None
    group: int | None = None
    low: float | None = None
    high: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether every example passes."""
        return self == Filter()

    def of(self, examples: Examples, prediction: NDArray[np.float64]) -> Examples:
        """The examples that pass.

        Args:
            examples: some.
            prediction: what the range is of, ``(n,)``.
        """
        if self.is_open:
            return examples
        keep = np.ones(len(examples), dtype=bool)
        if self.label is not None:
            keep &= examples.label == self.label
        if self.group is not None:
            keep &= examples.group == self.group if examples.group is not None else False
        if self.low is not None:
            keep &= prediction >= self.low
        if self.high is not None:
            keep &= prediction <= self.high
        return examples.take(keep)


@dataclass(frozen=True)
class ClassCriterion:
    """A loss of K classes as it is put to examples.

    Attributes:
        loss: the loss.
        params: all its parameters, as pairs.
        smoothing: ε of label smoothing.
        over: which classes share ε.
    """

    loss: SoftmaxLoss
    params: tuple[tuple[str, float | str | None], ...]
    smoothing: float = 0.0
    over: Over = "all"


def log_loss() -> Criterion:
    """Cross-entropy without weights or smoothing: its mean is the log loss."""
    loss = LOSSES["cross-entropy"]
    return Criterion(loss, tuple(loss.complete({}).items()))


def class_criterion(name: str) -> ClassCriterion:
    """A loss of K classes with its defaults."""
    loss = SOFTMAX_LOSSES[name]
    return ClassCriterion(loss, tuple(loss.complete({}).items()))


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes:
        kind: what the predictions are.
        criteria: the losses.
        classes: K, or 0 where there is one prediction an example.
        names: of the classes, where they have any.
        bins: how many bins the reliability has.
        threshold: above which a probability means class 1.
        worst: how many of the worst examples are kept of each loss.
        temperature: T by which every logit is divided first.
        weighted: whether the examples have weights.
        only: which examples count.
        keep: how many examples are kept for exact figures before a sketch takes over.
    """

    kind: Kind
    criteria: tuple[Criterion | ClassCriterion, ...]
    classes: int = 0
    names: tuple[str, ...] = ()
    bins: int = 15
    threshold: float = 0.5
    worst: int = 20
    temperature: float = 1.0
    weighted: bool = False
    only: Filter = field(default_factory=Filter)
    keep: int = EXACT_ROWS

    @property
    def judged(self) -> tuple[Criterion, ...]:
        """The losses, and the plain cross-entropy where it is not among them: what the log loss is the mean of."""
        asked = tuple(c for c in self.criteria if isinstance(c, Criterion))
        return asked if self.kind == "value" else _with(asked, log_loss())

    @property
    def judged_classes(self) -> tuple[ClassCriterion, ...]:
        """The losses of K classes, and those that the log loss and the Brier score are the means of."""
        asked = tuple(c for c in self.criteria if isinstance(c, ClassCriterion))
        return _with(asked, class_criterion("cross-entropy"), class_criterion("squared-error"))

    @property
    def link(self) -> Activation:
        """What makes predictions of logits."""
        return link_of(self.kind)

    def unscaled(self) -> Question:
        """The same without what was changed to see what would happen: no temperature, no smoothing."""
        return replace(self, temperature=1.0, criteria=tuple(replace(c, smoothing=0.0) for c in self.criteria))


Any_ = TypeVar("Any_", Criterion, ClassCriterion)


def _with(asked: tuple[Any_, ...], *needed: Any_) -> tuple[Any_, ...]:
    return asked + tuple(c for c in needed if c not in asked)

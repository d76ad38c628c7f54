"""What is asked of a file of predictions: which losses, of which examples, at which temperature."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from lossterm.core.lazy import np
from lossterm.core.losses.activations import Activation
from lossterm.core.losses.formulas import LOSSES
from lossterm.core.softmax.formulas import SOFTMAX_LOSSES, SoftmaxLoss
from lossterm.core.softmax.information import Over
from lossterm.core.statistics.clip import Clip
from lossterm.core.statistics.condition import Holding
from lossterm.core.statistics.criterion import Criterion, link_of
from lossterm.core.statistics.examples import Examples, Kind
from lossterm.core.statistics.forecast import Forecast

if TYPE_CHECKING:
    from numpy.typing import NDArray

EXACT_ROWS = 4_000_000
"""Examples of which the two numeric columns are kept, for what needs all of them at once; beyond it counts in cells."""


@dataclass(frozen=True)
class Filter:
    """Which examples count.

    Attributes:
        label: only this label (class), or None.
        group: only the group of this index, or None.
        low: only predictions of at least this, as they are in the file (confidences where there are K classes).
        high: only predictions of at most this.
        conditions: what other columns must hold; whoever reads the file leaves out the rows where one does not, so
            that the examples here are those that fulfil them.
    """

    label: float | None = None
    group: int | None = None
    low: float | None = None
    high: float | None = None
    conditions: tuple[Holding, ...] = ()

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
        if (self.label, self.group, self.low, self.high) == (None, None, None, None):
            return examples
        return examples.take(self.passes(examples, prediction))

    def passes(self, examples: Examples, prediction: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which examples pass, ``(n,)``; the arguments are those of `of`."""
        keep = np.ones(len(examples), dtype=bool)
        if self.label is not None:
            keep &= examples.label == self.label
        if self.group is not None:
            keep &= examples.group == self.group if examples.group is not None else False
        if self.low is not None:
            keep &= prediction >= self.low
        if self.high is not None:
            keep &= prediction <= self.high
        return keep


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
        forecast: of values the distribution that they come with, or None.
        class_weights: by which the losses of K classes are multiplied too, one a class; None is not.
        clip: what is clipped before that, to see what a library would compute; None is nothing.
        weighted: whether the examples have weights.
        only: which examples count.
        keep: how many examples are kept for exact figures; of more only counts in cells are.
    """

    kind: Kind
    criteria: tuple[Criterion | ClassCriterion, ...]
    classes: int = 0
    names: tuple[str, ...] = ()
    bins: int = 15
    threshold: float = 0.5
    worst: int = 20
    temperature: float = 1.0
    clip: Clip | None = None
    weighted: bool = False
    only: Filter = field(default_factory=Filter)
    keep: int = EXACT_ROWS
    class_weights: tuple[float, ...] | None = None
    forecast: Forecast | None = None

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

    @property
    def floor(self) -> float | None:
        """The least that the logarithms of cross-entropy are, where a library clamps them."""
        return None if self.clip is None else self.clip.log

    def unclipped(self) -> Question:
        """The same without a clip."""
        return self if self.clip is None else replace(self, clip=None)

    def unscaled(self) -> Question:
        """The same without what was changed to see what would happen: no temperature, no clip, no smoothing."""
        return replace(
            self, temperature=1.0, clip=None, criteria=tuple(replace(c, smoothing=0.0) for c in self.criteria)
        )


Any_ = TypeVar("Any_", Criterion, ClassCriterion)


def _with(asked: tuple[Any_, ...], *needed: Any_) -> tuple[Any_, ...]:
    return asked + tuple(c for c in needed if c not in asked)

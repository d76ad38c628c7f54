"""Examples of K classes worth looking at: what each shows is said in one line, and asserted by the tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lossterm.core.lazy import np
from lossterm.core.softmax.example import SoftmaxExample, from_probabilities
from lossterm.core.softmax.inputs import Target, rescaling


@dataclass(frozen=True)
class Preset:
    """An example with a name.

    Attributes:
        id: its name.
        about: what it shows, in one line.
        target: the target, with its smoothing and its teacher.
        logits: the logits; empty where probabilities are given.
        probabilities: probabilities, which need not sum to 1: the example's logits are the logarithms of the rescaled.
        temperature: T.
        losses: the ids of the losses to show.
        window: on the axis of a logit, where the natural one is too wide.
    """

    id: str
    about: str
    target: Target
    logits: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()
    temperature: float = 1.0
    losses: tuple[str, ...] = ("cross-entropy", "squared-error")
    window: tuple[float, float] | None = None

    @property
    def example(self) -> SoftmaxExample:
        """The example itself."""
        given = self.logits or from_probabilities(self.probabilities, normalize=True)
        return SoftmaxExample(np.array(given), self.target, self.temperature)

    @property
    def note(self) -> str | None:
        """What had to be rescaled, in one line, or None."""
        return rescaling(self.probabilities) if self.probabilities else None


def _one(classes: int, index: int, value: float) -> tuple[float, ...]:
    # a value at one class, 0 at the others
    return tuple(value if k == index else 0.0 for k in range(classes))


def _at_the_floor(classes: int, smoothing: float) -> Preset:
    # the logits whose softmax is the smoothed target itself
    lead = math.log((1 - smoothing) * classes / smoothing + 1)
    return Preset(
        f"smoothing-{classes}",
        f"label smoothing ε = {smoothing:g}, K = {classes}: at its best the loss is H(target), never 0",
        Target(0, smoothing=smoothing),
        _one(classes, 0, lead),
        losses=("cross-entropy", "kl", "squared-error"),
    )


_ENTRIES = (
    Preset("confidently-wrong", "sure of 0, but it is 1: cross-entropy pulls with force 1, squared error barely",
           Target(1), (8.0, 0.0, 0.0)),
    Preset("digit-3-mse", "a 3 read with p = 0.4; the ten outputs sum to 1.01 and are rescaled",
           Target(3), probabilities=(0.1, 0.1, 0.2, 0.4, 0.1, 0.05, 0.02, 0.02, 0.01, 0.01)),
    Preset("digit-3-ce", "a 3 read with p = 0.85; the ten outputs sum to 1.015 and are rescaled",
           Target(3), probabilities=(0.01, 0.02, 0.08, 0.85, 0.02, 0.01, 0.005, 0.01, 0.005, 0.005)),
    Preset("double-softmax", "softmax of a softmax: a perfect first one still costs 1.461, never less",
           Target(0), _one(10, 0, 1.0)),
    Preset("double-softmax-wrong", "softmax of a softmax: a first one that is surely wrong costs 2.461, never more",
           Target(0), _one(10, 1, 1.0)),
    Preset("start", "before any training all logits are alike and the loss is ln K (ln 10 = 2.303)",
           Target(0), _one(10, 0, 0.0)),
    Preset("distillation", "at a high T the gradient of T² KL is (z − teacher)/K, centred: logits are matched",
           Target(None, teacher=(0.5, 1.5, 1.0)), (2.0, 1.0, -1.0), temperature=1000.0,
           losses=("distillation", "kl", "cross-entropy")),
    _at_the_floor(2, 0.1),
    _at_the_floor(10, 0.1),
    _at_the_floor(1000, 0.1),
    Preset("cosines-of-a-face", "cosines at T = 1/64: the right face leads, CE is almost 0, and ArcFace wants a margin",
           Target(0), (0.62, 0.31, 0.18, 0.05, -0.1), temperature=1 / 64,
           losses=("cross-entropy", "arcface", "cosface"), window=(-1.0, 1.0)),
    Preset("similarities", "InfoNCE at T = 0.07: of nine negatives the two hardest take 99% of the push",
           Target(0), (0.8, 0.75, 0.7, 0.4, 0.3, 0.25, 0.2, 0.1, 0.0, -0.2), temperature=0.07,
           losses=("infonce", "squared-error"), window=(-1.0, 1.0)),
    Preset("ordered-classes", "five stars, four off: RPS is about 4; squared error is 2 however far off it is",
           Target(0), (0.0, 0.0, 0.0, 0.0, 12.0), losses=("rps", "squared-error", "cross-entropy")),
)  # fmt: skip

PRESETS: dict[str, Preset] = {entry.id: entry for entry in _ENTRIES}
"""Every preset by its id, in the order they are shown."""

"""``lossterm.evaluate_softmax``: a loss of K classes at logits, with its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.losses.labels import number
from lossterm.core.numbers import trimmed
from lossterm.core.softmax.evaluation import SoftmaxEvaluation, evaluate_point
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.core.softmax.information import Over
from lossterm.core.softmax.inputs import Target, rescaling
from lossterm.model.notation import params_cell
from lossterm.model.softmax_rows import SoftmaxRow
from lossterm.notebook.asked import number_in, numbers, one_row
from lossterm.notebook.results import Columns, Result, extent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, eq=False, repr=False)
class EvaluatedSoftmax(Result, SoftmaxEvaluation):
    """A `SoftmaxEvaluation` that knows what it is of; arrays are ``(K,)``.

    Attributes:
        name: the loss as it is written on the command line, ``focal:gamma=3``.
        loss: its id.
        params: all its parameters.
        logits: z; −inf masks a class.
        temperature: T.
        class_weights: one a class, or None.
        probabilities: softmax(z/T).
        target: the target distribution, after smoothing.
        entropy: H(t) in nats.
        kl: KL(t‖p).
        cross_entropy: H(t, p).
    """

    name: str
    loss: str
    params: Mapping[str, float | str | None]
    logits: Array
    temperature: float
    class_weights: tuple[float, ...] | None
    probabilities: Array
    target: Array
    entropy: float
    kl: float
    cross_entropy: float

    def columns(self) -> Columns:
        """What ``lossterm softmax`` tells of each class: a row a class."""
        count = len(self.logits)
        return {
            "loss": [self.loss] * count,
            "params": [params_cell(self.params)] * count,
            "value": np.full(count, self.value),
            "class": list(range(count)),
            "logit": self.logits,
            "probability": self.probabilities,
            "target": self.target,
            "contribution": [None] * count if self.contributions is None else self.contributions,
            "gradient": self.gradient,
        }

    def shown(self) -> Columns:
        """The classes: the rest is the same for all of them."""
        return {name: values for name, values in self.columns().items() if name not in ("loss", "params", "value")}

    def title(self) -> str:
        """The loss, how many classes there are, and the value."""
        temperature = "" if self.temperature == 1 else f" · T = {number(self.temperature)}"
        weights = "" if self.class_weights is None else " · class weights"
        return f"{self.name} · {len(self.logits)} classes{temperature}{weights} · L = {trimmed(self.value)}"

    def gist(self) -> str:
        """The ends of the probabilities and of the gradient."""
        return f"p = {extent(self.probabilities)}, ∂L/∂z = {extent(self.gradient)}"


def evaluate_softmax(
    loss: str,
    *,
    logits: ArrayLike,
    target: ArrayLike | None = None,
    temperature: float = 1.0,
    smoothing: float = 0.0,
    over: Over = "all",
    teacher: ArrayLike | None = None,
    class_weights: ArrayLike | None = None,
    normalize: bool = False,
    **params: float | str | None,
) -> EvaluatedSoftmax:
    """A loss behind softmax(z/T), with its gradient with respect to the logits, exact in the tails.

        >>> evaluate_softmax("mse", logits=[8, 0, 0], target=1).gradient.shape
        (3,)

    Args:
        loss: any name of a loss of K classes, here or in a library, with parameters as on the command line if need be:
            "cross-entropy", "torch.nn.CrossEntropyLoss", "focal:gamma=3", ….
        logits: z, ``(K,)``, K ≥ 2; −inf masks a class.
        target: a class from 0, or a distribution ``(K,)``; None where the teacher is the target.
        temperature: T > 0, the teacher's too.
        smoothing: ε of label smoothing.
        over: whether "all" classes share ε, or the "others".
        teacher: a teacher's logits, ``(K,)``.
        class_weights: one a class, ``(K,)``, ≥ 0: the loss is multiplied by that of its target, of a distribution by
            ``Σ t_k w_k`` before smoothing.
        normalize: rescale a target distribution that does not sum to 1, instead of refusing it.
        **params: the loss's parameters, such as ``gamma=2`` or ``reduction="mean"``.

    Returns:
        The value, the gradient ∂L/∂z ``(K,)`` (0 for a masked class without target) and, where the loss is a sum over
        classes, what each contributes, ``(K,)``; the probabilities and the target, ``(K,)``; entropy, KL and
        cross-entropy of the target in nats.

    Raises:
        ValueError: an unknown name, a parameter out of range, or inputs that do not fit together; the message says
            what would be right.
    """
    row = one_row(loss, SoftmaxRow, params)
    goal = Target.of(
        _target(target, normalize=normalize),
        teacher=None if teacher is None else numbers(teacher, "teacher", "[8, 0, 0]"),
        smoothing=number_in(smoothing, "smoothing", 0, 1),
        over=over,
        normalize=normalize,
    )
    z = numbers(logits, "logits", "[8, 0, 0]")
    if z.ndim != 1:
        raise ValueError(f"logits have one axis, the classes, such as [8, 0, 0], not the shape {z.shape}")
    weights = None if class_weights is None else numbers(class_weights, "class_weights", "[1, 2, 0.5]")
    if weights is not None and weights.ndim != 1:
        raise ValueError(f"class_weights have one axis, the classes, not the shape {weights.shape}")
    weighed = None if weights is None else tuple(weights.tolist())
    example = SoftmaxExample(z, goal, number_in(temperature, "temperature"), weighed)
    point = example.point
    (e,) = evaluate_point(point, [(row.entry, dict(row.params))])
    entropy, kl, cross_entropy = (float(np.ravel(x)[0]) for x in (point.entropy, point.kl, point.cross_entropy))
    return EvaluatedSoftmax(
        e.value, e.gradient, e.contributions, row.spec, row.loss, dict(row.params), example.logits,
        example.temperature, example.class_weights, point.prediction.p, point.target.p, entropy, kl, cross_entropy,
    )  # fmt: skip


def _target(target: ArrayLike | None, *, normalize: bool) -> int | Array | None:
    if target is None:
        return None
    given = numbers(target, "target", "the class 2 or the distribution [.9, .1, 0]")
    if not given.ndim:
        label = float(given)
        if not (label >= 0 and label.is_integer()):
            raise ValueError(f"target must be a class, a whole number from 0, or a distribution, not {number(label)}")
        return int(label)
    sums_to_one = given.ndim != 1 or not np.isfinite(given).all() or normalize or not given.any()
    why = None if sums_to_one else rescaling(given, what="target probabilities")
    if why:
        raise ValueError(f"{why.partition(':')[0]}, not 1: rescale them, or pass normalize=True")
    return given

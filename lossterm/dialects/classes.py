"""The dialects of losses of K classes, each as its library's source computes it, for one example."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from lossterm.core.jets import Array
from lossterm.core.lazy import np
from lossterm.core.softmax.evaluation import evaluate_point
from lossterm.core.softmax.example import SoftmaxExample
from lossterm.core.softmax.formulas import SoftmaxLoss, SoftmaxParams
from lossterm.dialects.comparison import off
from lossterm.dialects.links import Floats
from lossterm.dialects.scalar import F32, F64


@dataclass(frozen=True)
class ClassDialect:
    """A library's call for a loss of K classes.

    Attributes:
        library: its name.
        written: the call; ``{z}`` are the logits, ``{p}`` their softmax, ``{logp}`` its logarithm, ``{t}`` the target,
            ``{smooth}`` the argument of label smoothing (``{smooth_}`` before another), ``{soft}`` the target after it.
        dtype: the precision in which it computes.
        differs: what is its own, in a clause; empty where it computes what is defined here.
        compute: ``(u, t) → (value, ∂L/∂u or None)`` of u = z/T and the target after smoothing, in its precision.
        natural: the loss, as it is called here, whose number this is.
        factor: what it is multiplied by, of the number of classes and the parameters.
        hard_only: whether it takes a class as target alone.
    """

    library: str
    written: str
    dtype: str
    differs: str
    compute: Callable[[Floats, Floats], tuple[Floats, Floats | None]]
    natural: str
    factor: Callable[[int, SoftmaxParams], float] = lambda classes, params: 1.0
    hard_only: bool = False

    def call(self, example: SoftmaxExample) -> str:
        """The call that makes it."""
        z = "z" if example.temperature == 1 else f"z/{example.temperature:g}"
        target, told = example.target, ""
        soft = t = "y" if isinstance(target.label, int) else "t"
        if target.smoothing and target.over == "all":
            told, soft = f"label_smoothing={target.smoothing:g}", f"smooth_labels({t}, {target.smoothing:g})"
        elif target.smoothing:
            soft = t = "t"
        names = {"z": z, "p": f"softmax({z})", "logp": f"log_softmax({z})", "t": t, "soft": soft}
        return self.written.format(**names, smooth=told, smooth_=f"{told}, " if told else "")


@dataclass(frozen=True)
class ClassTold:
    """A dialect of K classes at one example.

    Attributes:
        dialect: whose numbers these are.
        call: that makes them.
        value: L as the library computes it.
        d_logit: ∂L/∂z, ``(K,)``; None where the library gives none.
        meant_value: what it would be without rounding and clipping, in the library's own convention.
        meant_d_logit: the same of the slope, ``(K,)``.
    """

    dialect: ClassDialect
    call: str
    value: float
    d_logit: Array | None
    meant_value: float
    meant_d_logit: Array

    @property
    def value_is_off(self) -> bool:
        """Whether L differs by more than a millionth of what is meant."""
        return bool(off(self.value, self.meant_value))

    @property
    def slope_is_off(self) -> bool:
        """Whether the gradient differs by more than a millionth of the length that is meant."""
        if self.d_logit is None:
            return False
        length = float(np.sqrt(np.square(self.meant_d_logit).sum()))
        apart = float(np.sqrt(np.square(self.d_logit - self.meant_d_logit).sum()))
        return not apart <= 1e-6 * length

    @property
    def is_dead(self) -> bool:
        """Whether the gradient is exactly 0 and what is meant is not."""
        return self.d_logit is not None and not self.d_logit.any() and bool(self.meant_d_logit.any())


# ---- what they compute ----------------------------------------------------------------------------------------------


def _log_softmax(u: Floats) -> Floats:
    shifted = u - u.max()
    return shifted - np.log(np.exp(shifted).sum())


def _softmax(u: Floats) -> Floats:
    t = np.exp(u - u.max())
    return t / t.sum()


def _masked(t: Floats, log: Floats) -> Floats:
    return np.where(t == 0, 0, t * log)


def _of_logits(u: Floats, t: Floats) -> tuple[Floats, Floats]:
    log = _log_softmax(u)
    return -_masked(t, log).sum(), np.exp(log) * t.sum() - t


def _keras_probabilities(u: Floats, t: Floats) -> tuple[Floats, Floats]:
    # p/Σp, clipped to [1e-7, 1 − 1e-7]; what is clipped has slope 0
    p = _softmax(u)
    low = u.dtype.type(1e-7)
    total = p.sum()
    q = p / total
    clipped = np.clip(q, low, 1 - low)
    by_q = np.where((q > low) & (q < 1 - low), -t / clipped, u.dtype.type(0))
    by_p = (by_q - (by_q * q).sum()) / total
    return -(t * np.log(clipped)).sum(), p * (by_p - (by_p * p).sum())


def _sklearn_log_loss(u: Floats, t: Floats) -> tuple[Floats, None]:
    eps = np.finfo(u.dtype).eps
    p = np.clip(_softmax(u), eps, 1 - eps)
    return -_masked(t, np.log(p)).sum(), None


def _half_multinomial(u: Floats, t: Floats) -> tuple[Floats, Floats]:
    top = u.max()
    e = np.exp(u - top)
    total = e.sum()
    value = np.log(total) + top - u[int(np.argmax(t))]
    return value, e / total - t


def _divergence(u: Floats, t: Floats) -> tuple[Floats, Floats]:
    log = _log_softmax(u)
    value = (np.where(t == 0, 0, t * np.log(np.where(t == 0, 1, t))) - _masked(t, log)).sum()
    return value, np.exp(log) * t.sum() - t


def _divergence_mean(u: Floats, t: Floats) -> tuple[Floats, Floats]:
    value, slope = _divergence(u, t)
    return value / u.size, slope / u.size


def _keras_divergence(u: Floats, t: Floats) -> tuple[Floats, Floats]:
    p, low = _softmax(u), u.dtype.type(1e-7)
    target, q = np.clip(t, low, 1), np.clip(p, low, 1)
    by_p = np.where((p > low) & (p < 1), -target / q, np.where(p == 1, -target / 2, u.dtype.type(0)))
    return (target * np.log(target / q)).sum(), p * (by_p - (by_p * p).sum())


def _squared_mean(u: Floats, t: Floats) -> tuple[Floats, Floats]:
    p = _softmax(u)
    r = p - t
    by_p = 2 * r / u.size
    return (r * r).sum() / u.size, p * (by_p - (by_p * p).sum())


def _mean_of(classes: int, params: SoftmaxParams) -> float:
    return 1.0 if params.get("reduction") == "mean" else 1 / classes


CLASS_DIALECTS: tuple[ClassDialect, ...] = (
    ClassDialect("torch", "nn.CrossEntropyLoss({smooth})({z}, {t})", F32,
                 "takes logits: probabilities would be softened twice", _of_logits, "cross-entropy"),
    ClassDialect("torch", "nn.NLLLoss()({logp}, {t})", F32, "takes logarithms, and −log p of what it is given",
                 _of_logits, "cross-entropy", hard_only=True),
    ClassDialect("keras", "losses.CategoricalCrossentropy({smooth})({t}, {p})", F32,
                 "p is clipped to 1e-7 … 1 − 1e-7, and has no slope there", _keras_probabilities, "cross-entropy"),
    ClassDialect("keras", "losses.CategoricalCrossentropy({smooth_}from_logits=True)({t}, {z})", F32, "", _of_logits,
                 "cross-entropy"),
    ClassDialect("optax", "losses.softmax_cross_entropy({z}, {soft})", F32, "", _of_logits, "cross-entropy"),
    ClassDialect("scikit-learn", "metrics.log_loss({t}, {p})", F64,
                 "p is clipped at 2.2e-16; a metric, without a slope", _sklearn_log_loss, "cross-entropy",
                 hard_only=True),
    ClassDialect("scikit-learn", "HalfMultinomialLoss().loss_gradient({t}, {z})", F64, "", _half_multinomial,
                 "cross-entropy", hard_only=True),
    ClassDialect("torch", "nn.KLDivLoss(reduction='batchmean')({logp}, {soft})", F32,
                 "the sum over classes, as defined", _divergence, "kl"),
    ClassDialect("torch", "nn.KLDivLoss()({logp}, {soft})", F32, "reduction 'mean', the default, divides by K too",
                 _divergence_mean, "kl", lambda classes, params: 1 / classes),
    ClassDialect("keras", "losses.KLDivergence()({soft}, {p})", F32, "t and p are clipped to 1e-7 … 1",
                 _keras_divergence, "kl"),
    ClassDialect("optax", "losses.kl_divergence({logp}, {soft})", F32, "", _divergence, "kl"),
    ClassDialect("torch", "nn.MSELoss()({p}, {soft})", F32, "the mean over classes", _squared_mean, "squared-error",
                 _mean_of),
    ClassDialect("keras", "losses.MeanSquaredError()({soft}, {p})", F32, "the mean over classes", _squared_mean,
                 "squared-error", _mean_of),
)  # fmt: skip
"""Every dialect of a loss of K classes."""


def classes_told() -> tuple[str, ...]:
    """Ids of the losses of K classes that any library has."""
    return tuple(dict.fromkeys(dialect.natural for dialect in CLASS_DIALECTS))


def told_of_classes(loss: SoftmaxLoss, params: SoftmaxParams, example: SoftmaxExample) -> tuple[ClassTold, ...]:
    """Every dialect of a loss of K classes at an example, without its class weights: libraries take these apart.

    Raises:
        ValueError: no library has the loss, or has it for this target.
    """
    known = [dialect for dialect in CLASS_DIALECTS if dialect.natural == loss.id]
    if not known:
        raise ValueError(
            f"no library here computes {loss.id} of K classes: there are dialects of {', '.join(classes_told())}"
        )
    point = replace(example, class_weights=None).point
    exact = evaluate_point(point, [(loss, params)])[0]
    certain = point.target.certain is not None
    result = []
    for dialect in known:
        if dialect.hard_only and not certain:
            continue
        with np.errstate(all="ignore"):
            u = np.asarray(point.logits / point.temperature, dtype=dialect.dtype)
            value, slope = dialect.compute(u, np.asarray(point.target.p, dtype=dialect.dtype))
        factor = dialect.factor(u.size, params)
        result.append(
            ClassTold(
                dialect, dialect.call(example), float(value),
                None if slope is None else np.asarray(slope, dtype=float) / example.temperature,
                exact.value * factor, exact.gradient * factor,
            )
        )  # fmt: skip
    return tuple(result)


def length(gradient: Array | None) -> float:
    """‖∂L/∂z‖; nan where there is none."""
    return math.nan if gradient is None else float(np.sqrt(np.square(gradient).sum()))

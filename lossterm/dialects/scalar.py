"""The dialects of losses of one prediction, each as its library's source computes it.

The functions keep the order of operations of the sources that they are named after; `tests/reference/make_dialects.py`
asks the libraries themselves, and the tests compare.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from lossterm.core.lazy import np
from lossterm.core.losses.formulas import Params
from lossterm.core.losses.labels import hard
from lossterm.dialects.entries import ScalarDialect, of_prediction, on_xla
from lossterm.dialects.links import Floats, Pair, flushed, log_sigmoid, sigmoid, softplus

F32, F64 = "float32", "float64"
_SIGMOID, _IDENTITY, _EXP = ("sigmoid",), ("identity",), ("exp",)
_PROBABILITIES = ("sigmoid", "hard-sigmoid")


def _value(params: Params, name: str) -> float:
    value = params[name]
    assert value is not None
    return value


def _unweighted(params: Params) -> Params | None:
    return params if params["pos_weight"] == 1 else None


def _default(**usual: float | None) -> Callable[[Params], Params | None]:
    # only with these parameters, whose library has no knob for them
    return lambda params: params if all(params[name] == value for name, value in usual.items()) else None


def _margin(y: float) -> float:
    return 1.0 if hard(y) == 1 else -1.0


# ---- cross-entropy --------------------------------------------------------------------------------------------------


def _torch_bce(p: Floats, y: Floats, params: Params) -> Pair:
    # aten/src/ATen/native/Loss.cpp
    low, one = p.dtype.type(-100), p.dtype.type(1)
    value = (y - one) * np.maximum(np.log1p(-p), low) - y * np.maximum(np.log(p), low)
    return value, (p - y) / np.maximum((one - p) * p, p.dtype.type(1e-12))


def _torch_bce_with_logits(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    label, weight = z.dtype.type(y), z.dtype.type(_value(params, "pos_weight"))
    if weight == 1:
        return (1 - label) * z - log_sigmoid(z), sigmoid(z) - label
    heavy = (weight - 1) * label + 1
    return (1 - label) * z - heavy * log_sigmoid(z), (weight * label + 1 - label) * sigmoid(z) - weight * label


def _keras_bce(p: Floats, y: Floats, params: Params) -> Pair:
    # clip to [ε, 1 − ε] with ε = 1e-7; what is clipped has slope 0, at an end half of it
    low = p.dtype.type(1e-7)
    high = 1 - low
    q = np.clip(p, low, high)
    passed = np.where((p > low) & (p < high), p.dtype.type(1), p.dtype.type(0.5) * ((p == low) | (p == high)))
    value = -(y * np.log(q) + (1 - y) * np.log(1 - q))
    return value, -(y / q - (1 - y) / (1 - q)) * passed.astype(p.dtype)


def _jax_bce(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    # optax sigmoid_binary_cross_entropy, and keras from_logits on jax; (log σ)′ = exp(−z − softplus(−z))
    label = z.dtype.type(y)
    log_p, log_q = -softplus(-z), -softplus(z)
    slope = -label * np.exp(-z + log_p) + (1 - label) * np.exp(z + log_q)
    return flushed(-label * log_p - (1 - label) * log_q), flushed(slope)


def _sklearn_log_loss(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, None]:
    eps = np.finfo(z.dtype).eps
    p = sigmoid(z)
    q = 1 - p
    told = np.clip(p if hard(y) == 1 else q, eps, 1 - eps)
    return -np.log(told), None


def _log1pexp(z: Floats) -> Floats:
    # sklearn/_loss/_loss.pyx.tp, after Mächler (2012)
    t = np.exp(z)
    return np.select(
        [z <= -37, z <= -2, z <= 18, z <= 33.3], [t, np.log1p(t), np.log(1 + t), z + np.exp(-z)], default=z
    )


def _half_binomial(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    t = np.exp(-z)
    slope = np.where(z > -37, ((1 - y) - y * t) / (1 + t), np.exp(z) - y)
    return _log1pexp(z) - y * z, slope


def _xgboost_logistic(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    # src/common/math.h Sigmoid: the exponent is at most 88.7; the metric logloss has p ≥ 1e-16
    eps, label = z.dtype.type(1e-16), z.dtype.type(y)
    p = 1 / (np.exp(np.minimum(-z, z.dtype.type(88.7))) + 1 + eps)
    value = -label * np.log(np.maximum(p, eps)) - (1 - label) * np.log(np.maximum(1 - p, eps))
    return value, p - label


def _lightgbm_binary(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    # scores are double, slopes are stored as float; the metric binary_logloss has p ≥ 1e-15
    side = _margin(y)
    p = 1 / (1 + np.exp(-z))
    told = p if side > 0 else 1 - p
    least = np.float32(1e-15)  # a float, and so is its logarithm
    value = np.where(told > float(least), -np.log(told), float(-np.log(least))) + 0.0
    slope = -side / (1 + np.exp(side * z))
    return value, slope.astype(np.float32)


_CROSS_ENTROPY = (
    ScalarDialect("torch", "nn.BCELoss()({v}, {y})", F32,
            "ln p is clamped at −100, the slope divides by max(p(1−p), 1e-12)",
            of_prediction(_torch_bce), "cross-entropy", activations=_PROBABILITIES, params=_unweighted),
    ScalarDialect("torch", "nn.BCEWithLogitsLoss()(z, {y})", F32, "its slope σ(z) − y is 0 where σ(z) rounds to y",
            _torch_bce_with_logits, "cross-entropy", activations=_SIGMOID, params=_unweighted),
    ScalarDialect("torch", "nn.BCEWithLogitsLoss(pos_weight={pos_weight})(z, {y})", F32,
            "its slope is a difference, and 0 where σ(z) rounds to y",
            _torch_bce_with_logits, "cross-entropy", activations=_SIGMOID,
            params=lambda given: None if given["pos_weight"] == 1 else given),
    ScalarDialect("keras", "losses.BinaryCrossentropy()({y}, {v})", F32,
            "p is clipped to 1e-7 … 1 − 1e-7, and has no slope there",
            on_xla(_keras_bce), "cross-entropy", activations=_PROBABILITIES, params=_unweighted),
    ScalarDialect("keras", "losses.BinaryCrossentropy(from_logits=True)({y}, z)", F32, "", _jax_bce, "cross-entropy",
            activations=_SIGMOID, params=_unweighted),
    ScalarDialect("scikit-learn", "metrics.log_loss({y}, {v})", F64,
            "p is clipped at 2.2e-16; a metric, without a slope",
            _sklearn_log_loss, "cross-entropy", activations=_SIGMOID, params=_unweighted, hard_only=True),
    ScalarDialect("scikit-learn", "metrics.log_loss({y}, {v}.astype('float32'))", F32,
            "p is clipped at 1.2e-7; a metric, without a slope",
            _sklearn_log_loss, "cross-entropy", activations=_SIGMOID, params=_unweighted, hard_only=True),
    ScalarDialect("scikit-learn", "HalfBinomialLoss().loss_gradient({y}, z)", F64, "", _half_binomial, "cross-entropy",
            activations=_SIGMOID, params=_unweighted),
    ScalarDialect("xgboost", "objective='binary:logistic'", F32,
            "the slope p − y, with a Hessian of at least 1e-16; the metric logloss has p ≥ 1e-16",
            _xgboost_logistic, "cross-entropy", activations=_SIGMOID, params=_unweighted),
    ScalarDialect("lightgbm", "objective='binary'", F64,
            "slopes are kept as float32; the metric binary_logloss has p ≥ 1e-15",
            _lightgbm_binary, "cross-entropy", activations=_SIGMOID, params=_unweighted, hard_only=True),
    ScalarDialect("optax", "losses.sigmoid_binary_cross_entropy(z, {y})", F32, "", _jax_bce, "cross-entropy",
            activations=_SIGMOID, params=_unweighted),
)  # fmt: skip

# ---- focal ----------------------------------------------------------------------------------------------------------


def _torchvision_focal(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    # torchvision/ops/focal_loss.py: ce · (1 − p_t)^γ, and α_t in front
    real = z.dtype.type
    label, gamma = real(y), real(_value(params, "gamma"))
    p, entropy = sigmoid(z), (1 - real(y)) * z - log_sigmoid(z)
    miss = 1 - (p * label + (1 - p) * (1 - label))
    slope = (p - label) * miss**gamma - entropy * gamma * miss ** (gamma - 1) * ((2 * label - 1) * p * (1 - p))
    value = entropy * miss**gamma
    alpha = params["alpha"]
    balance = real(0.25 if alpha is None else alpha)
    weight = balance * label + (1 - balance) * (1 - label)
    return weight * value, weight * slope


def _quarter(params: Params) -> Params:
    return {**params, "alpha": 0.25 if params["alpha"] is None else params["alpha"]}


def _optax_focal(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    # exp(γ · log(1 − p_t)) · ce, with log(1 − p_t) by a weighted logsumexp of log p and log q
    real = z.dtype.type
    label, gamma, alpha = real(y), real(_value(params, "gamma")), params["alpha"]
    log_p, log_q = -softplus(-z), -softplus(z)
    entropy, slope = _jax_bce(z, y, params, activation)
    one, other = np.where(label == 1, -np.inf, log_p), np.where(label == 0, -np.inf, log_q)
    top = np.maximum(one, other).astype(z.dtype)
    parts = (1 - label) * np.exp(one - top).astype(z.dtype), label * np.exp(other - top).astype(z.dtype)
    miss = np.log(parts[0] + parts[1]) + top
    factor = np.exp(gamma * miss)
    share = (parts[0] * np.exp(-z + log_p) - parts[1] * np.exp(z + log_q)) / (parts[0] + parts[1])
    value, total = entropy * factor, slope * factor + entropy * (factor * (gamma * share))
    weight = real(1) if alpha is None else real(alpha) * label + (1 - real(alpha)) * (1 - label)
    return flushed(weight * value), flushed(weight * total)


def _keras_focal(p: Floats, y: Floats, params: Params) -> Pair:
    real = p.dtype.type
    gamma, alpha = real(_value(params, "gamma")), params["alpha"]
    entropy, slope = _keras_bce(p, y, params)
    miss = 1 - (y * p + (1 - y) * (1 - p))
    factor = miss**gamma
    value, total = factor * entropy, factor * slope - entropy * gamma * miss ** (gamma - 1) * (2 * y - 1)
    if alpha is None:
        return value, total
    weight = y * real(alpha) + (1 - y) * (1 - real(alpha))
    return weight * value, weight * total


def _off(params: Params) -> Params | None:
    return params if params["alpha"] is None else None


def _on(params: Params) -> Params | None:
    return None if params["alpha"] is None else params


_FOCAL = (
    ScalarDialect("torchvision", "ops.sigmoid_focal_loss(z, {y}, gamma={gamma})", F32,
            "α is 0.25 unless told (alpha=-1 is off): a factor 0.25 for y = 1, 0.75 for y = 0",
            _torchvision_focal, "focal", activations=_SIGMOID,
            params=lambda given: _quarter(given) if given["alpha"] is None else None),
    ScalarDialect("torchvision", "ops.sigmoid_focal_loss(z, {y}, alpha={alpha}, gamma={gamma})", F32,
            "", _torchvision_focal, "focal", activations=_SIGMOID, params=_on),
    ScalarDialect("optax", "losses.sigmoid_focal_loss(z, {y}, gamma={gamma})", F32, "α is off unless told",
            _optax_focal, "focal", activations=_SIGMOID, params=_off),
    ScalarDialect("optax", "losses.sigmoid_focal_loss(z, {y}, alpha={alpha}, gamma={gamma})", F32, "",
            _optax_focal, "focal", activations=_SIGMOID, params=_on),
    ScalarDialect("keras", "losses.BinaryFocalCrossentropy(gamma={gamma})({y}, {v})", F32,
            "its cross-entropy has p clipped to 1e-7 … 1 − 1e-7; α is off unless apply_class_balancing",
            on_xla(_keras_focal), "focal", activations=_PROBABILITIES, params=_off),
    ScalarDialect("keras",
            "losses.BinaryFocalCrossentropy(apply_class_balancing=True, alpha={alpha}, gamma={gamma})({y}, {v})", F32,
            "its cross-entropy has p clipped to 1e-7 … 1 − 1e-7",
            on_xla(_keras_focal), "focal", activations=_PROBABILITIES, params=_on),
)  # fmt: skip

# ---- residuals ------------------------------------------------------------------------------------------------------


def _squared(v: Floats, y: Floats, params: Params) -> Pair:
    r = v - y
    return r * r, 2 * r


def _half_squared(v: Floats, y: Floats, params: Params) -> Pair:
    r = v - y
    return v.dtype.type(0.5) * (r * r), r


def _absolute(v: Floats, y: Floats, params: Params) -> Pair:
    r = v - y
    return np.abs(r), np.sign(r)


def _keras_absolute(v: Floats, y: Floats, params: Params) -> Pair:
    # of y − v, whose |·| has slope 1 at 0
    r = v - y
    return np.abs(r), np.where(r > 0, v.dtype.type(1), v.dtype.type(-1))


def _huber(v: Floats, y: Floats, params: Params) -> Pair:
    r, delta, half = v - y, v.dtype.type(_value(params, "delta")), v.dtype.type(0.5)
    size = np.abs(r)
    near = size <= delta
    return np.where(near, half * r * r, delta * (size - half * delta)), np.where(near, r, delta * np.sign(r))


def _smooth_l1(v: Floats, y: Floats, params: Params) -> Pair:
    r, beta, half = v - y, v.dtype.type(_value(params, "beta")), v.dtype.type(0.5)
    size = np.abs(r)
    near = size < beta
    return np.where(near, half * size * size / beta, size - half * beta), np.where(near, r / beta, np.sign(r))


def _keras_log_cosh(v: Floats, y: Floats, params: Params) -> Pair:
    # r + softplus(−2r) − ln 2
    r = v - y
    inner = -2 * r
    return r + softplus(inner) - v.dtype.type(math.log(2)), 1 - 2 * sigmoid(inner)


def _optax_log_cosh(v: Floats, y: Floats, params: Params) -> Pair:
    # logaddexp(r, −r) − ln 2
    r = v - y
    total = np.abs(r) + np.log1p(np.exp(-np.abs(2 * r)))
    return total - v.dtype.type(math.log(2)), np.exp(r - total) - np.exp(-r - total)


def _quantile(v: Floats, y: Floats, params: Params) -> Pair:
    # sklearn PinballLoss: its slope at 0 is that of v < y
    tau = _value(params, "tau")
    short = y >= v
    return np.where(short, tau * (y - v), (1 - tau) * (v - y)), np.where(short, -tau, 1 - tau)


_RESIDUALS = (
    ScalarDialect("torch", "nn.MSELoss()({v}, {y})", F32, "the square, without ½", of_prediction(_squared),
            "squared-error", {"half-squared-error": 2.0}),
    ScalarDialect("keras", "losses.MeanSquaredError()({y}, {v})", F32, "the square, without ½", on_xla(_squared),
            "squared-error", {"half-squared-error": 2.0}),
    ScalarDialect("optax", "losses.squared_error({v}, {y})", F32, "the square, without ½", on_xla(_squared),
            "squared-error", {"half-squared-error": 2.0}),
    ScalarDialect("optax", "losses.l2_loss({v}, {y})", F32, "half the square", on_xla(_half_squared),
            "half-squared-error", {"squared-error": 0.5}),
    ScalarDialect("scikit-learn", "metrics.mean_squared_error([{y}], [{v}])", F64,
            "the square, without ½; a metric, without a slope",
            lambda z, y, params, activation: (of_prediction(_squared)(z, y, params, activation)[0], None),
            "squared-error", {"half-squared-error": 2.0}),
    ScalarDialect("scikit-learn", "HalfSquaredError().loss_gradient({y}, z)", F64, "half the square",
            of_prediction(_half_squared), "half-squared-error", {"squared-error": 0.5}, _IDENTITY),
    ScalarDialect("xgboost", "objective='reg:squarederror'", F32, "half the square: its slope is v − y, its Hessian 1",
            of_prediction(_half_squared), "half-squared-error", {"squared-error": 0.5}, _IDENTITY),
    ScalarDialect("lightgbm", "objective='regression'", F32,
            "half the square: its slope is v − y; labels and slopes are float32",
            of_prediction(_half_squared), "half-squared-error", {"squared-error": 0.5}, _IDENTITY),
    ScalarDialect("torch", "nn.L1Loss()({v}, {y})", F32, "", of_prediction(_absolute), "absolute-error"),
    ScalarDialect("keras", "losses.MeanAbsoluteError()({y}, {v})", F32, "its slope at v = y is −1",
            on_xla(_keras_absolute), "absolute-error"),
    ScalarDialect("torch", "nn.HuberLoss(delta={delta})({v}, {y})", F32, "δ times SmoothL1Loss(beta=δ)",
            of_prediction(_huber), "huber"),
    ScalarDialect("keras", "losses.Huber(delta={delta})({y}, {v})", F32, "", on_xla(_huber), "huber"),
    ScalarDialect("optax", "losses.huber_loss({v}, {y}, delta={delta})", F32, "", on_xla(_huber), "huber"),
    ScalarDialect("torch", "nn.SmoothL1Loss(beta={beta})({v}, {y})", F32, "HuberLoss(delta=β) divided by β",
            of_prediction(_smooth_l1), "smooth-l1"),
    ScalarDialect("keras", "losses.LogCosh()({y}, {v})", F32, "r + softplus(−2r) − ln 2: digits are lost beside r = 0",
            on_xla(_keras_log_cosh), "log-cosh"),
    ScalarDialect("optax", "losses.log_cosh({v}, {y})", F32, "logaddexp(r, −r) − ln 2: digits are lost beside r = 0",
            on_xla(_optax_log_cosh), "log-cosh"),
    ScalarDialect("scikit-learn", "PinballLoss(quantile={tau}).loss_gradient({y}, z)", F64, "its slope at v = y is −τ",
            of_prediction(_quantile), "quantile", activations=_IDENTITY),
)  # fmt: skip

# ---- margins --------------------------------------------------------------------------------------------------------


def _hinge(v: Floats, y: Floats, params: Params) -> Pair:
    side = v.dtype.type(_margin(float(y)))
    short = 1 - side * v
    return np.maximum(short, 0), np.where(short > 0, -side, np.where(short == 0, -side / 2, 0)).astype(v.dtype)


def _squared_hinge(v: Floats, y: Floats, params: Params) -> Pair:
    side = v.dtype.type(_margin(float(y)))
    short = np.maximum(1 - side * v, 0)
    return short * short, -2 * side * short


def _exponential(v: Floats, y: Floats, params: Params) -> Pair:
    # sklearn ExponentialLoss: y e^−v + (1 − y) e^v
    t, label = np.exp(v), max(float(y), 0.0)
    return label / t + (1 - label) * t, -label / t + (1 - label) * t


_MARGINS = (
    ScalarDialect("keras", "losses.Hinge()({y}, {v})", F32, "labels 0 and 1 become ±1; half the slope at the kink",
            on_xla(_hinge), "hinge", hard_only=True),
    ScalarDialect("optax", "losses.hinge_loss({v}, 2*{y} - 1)", F32, "the label is ±1; half the slope at the kink",
            on_xla(_hinge), "hinge", hard_only=True),
    ScalarDialect("keras", "losses.SquaredHinge()({y}, {v})", F32, "labels 0 and 1 become ±1",
            on_xla(_squared_hinge), "squared-hinge", hard_only=True),
    ScalarDialect("scikit-learn", "ExponentialLoss().loss_gradient({y}, z)", F64, "the label is 0 or 1",
            of_prediction(_exponential), "exponential", activations=_IDENTITY, hard_only=True),
)  # fmt: skip

# ---- likelihoods ----------------------------------------------------------------------------------------------------


def _log_factorial(y: float, params: Params) -> float:
    return -math.lgamma(y + 1)


def _torch_poisson_of_log(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    label, rate = z.dtype.type(y), np.exp(z)
    return rate - label * z, rate - label


def _stirling(y: Floats) -> Floats:
    # torch adds it for targets above 1
    if y <= 1:
        return type(y)(0)
    return y * np.log(y) - y + type(y)(0.5) * np.log(2 * type(y)(math.pi) * y)


def _torch_poisson_full(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    value, slope = _torch_poisson_of_log(z, y, params, activation)
    return value + _stirling(z.dtype.type(y)), slope


def _poisson_with(epsilon: float) -> Callable[[Floats, Floats, Params], Pair]:
    # v − y ln(v + ε)
    def formula(v: Floats, y: Floats, params: Params) -> Pair:
        shifted = v + v.dtype.type(epsilon)
        return v - y * np.log(shifted), 1 - y / shifted

    return formula


def _half_poisson(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    rate = np.exp(z)
    return rate - y * z, rate - y


def _xgboost_poisson(z: Floats, y: float, params: Params, activation: str) -> tuple[Floats, Floats]:
    # metric poisson-nloglik: lgamma(y + 1) + v − y ln v, v at least 1e-16
    rate, label = np.exp(z), z.dtype.type(y)
    told = np.maximum(rate, z.dtype.type(1e-16))
    return z.dtype.type(math.lgamma(y + 1)) + told - np.log(told) * label, rate - label


def _gaussian(v: Floats, y: Floats, params: Params) -> Pair:
    # ½(ln max(σ², 1e-6) + r²/max(σ², 1e-6))
    variance = np.maximum(v.dtype.type(_value(params, "sigma") ** 2), v.dtype.type(1e-6))
    r = v - y
    return v.dtype.type(0.5) * (np.log(variance) + r * r / variance), r / variance


def _gaussian_full(v: Floats, y: Floats, params: Params) -> Pair:
    value, slope = _gaussian(v, y, params)
    return value + v.dtype.type(0.5 * math.log(2 * math.pi)), slope


_POSITIVE = ("exp", "softplus", "relu", "identity")

_LIKELIHOODS = (
    ScalarDialect("torch", "nn.PoissonNLLLoss()(z, {y})", F32,
            "takes ln v unless log_input=False; without the constant ln y!",
            _torch_poisson_of_log, "poisson", activations=_EXP, offset=_log_factorial),
    ScalarDialect("torch", "nn.PoissonNLLLoss(full=True)(z, {y})", F32, "ln y! by Stirling for y > 1, and 0 up to 1",
            _torch_poisson_full, "poisson", activations=_EXP),
    ScalarDialect("torch", "nn.PoissonNLLLoss(log_input=False)({v}, {y})", F32,
            "ln(v + 1e-8), without the constant ln y!",
            of_prediction(_poisson_with(1e-8)), "poisson", activations=_POSITIVE, offset=_log_factorial),
    ScalarDialect("keras", "losses.Poisson()({y}, {v})", F32, "ln(v + 1e-7), without the constant ln y!",
            on_xla(_poisson_with(1e-7)), "poisson", activations=_POSITIVE, offset=_log_factorial),
    ScalarDialect("scikit-learn", "HalfPoissonLoss().loss_gradient({y}, z)", F64, "without the constant ln y!",
            _half_poisson, "poisson", activations=_EXP, offset=_log_factorial),
    ScalarDialect("xgboost", "objective='count:poisson'", F32,
            "the Hessian is e^(z + 0.7); the metric poisson-nloglik has ln y!, and v ≥ 1e-16",
            _xgboost_poisson, "poisson", activations=_EXP),
    ScalarDialect("torch", "nn.GaussianNLLLoss()({v}, {y}, {sigma}**2)", F32,
            "without the constant ½ ln 2π; σ² is at least 1e-6",
            of_prediction(_gaussian), "gaussian-nll", offset=lambda y, params: -0.5 * math.log(2 * math.pi)),
    ScalarDialect("torch", "nn.GaussianNLLLoss(full=True)({v}, {y}, {sigma}**2)", F32, "σ² is at least 1e-6",
            of_prediction(_gaussian_full), "gaussian-nll"),
)  # fmt: skip

DIALECTS: tuple[ScalarDialect, ...] = (*_CROSS_ENTROPY, *_FOCAL, *_RESIDUALS, *_MARGINS, *_LIKELIHOODS)
"""Every dialect of a loss of one prediction."""


def dialects_of(loss: str) -> tuple[ScalarDialect, ...]:
    """The dialects of a loss, by its id."""
    return tuple(dialect for dialect in DIALECTS if loss in dialect.of)


def losses_told(dialects: Iterable[ScalarDialect] = DIALECTS) -> tuple[str, ...]:
    """Ids of the losses that any library has, in the order of the table."""
    return tuple(dict.fromkeys(loss for dialect in dialects for loss in dialect.of))

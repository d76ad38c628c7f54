"""What libraries themselves compute for losses of one prediction and of K classes, recorded for the tests.

    pip install torch torchvision keras jax optax scikit-learn xgboost-cpu lightgbm
    python -m tests.reference.make_dialects            write dialects.json beside this file

Each dialect of `lossterm.dialects` is asked of its library, at logits near and far and at several labels; keras runs on
jax. The boosters are asked by one round of one leaf on one row: with eta = 1 its value is −g/(h + λ), of which two λ
give g; their losses are their metrics.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from lossterm.core.losses.formulas import LOSSES
from lossterm.core.softmax.inputs import Target
from lossterm.dialects.classes import CLASS_DIALECTS
from lossterm.dialects.links import LINKS
from lossterm.dialects.scalar import DIALECTS

PATH = Path(__file__).with_name("dialects.json")
LOGITS = (
    -200.0, -104.0, -100.5, -99.0, -90.0, -88.0, -40.0, -36.5, -30.0, -17.0, -16.0, -8.0, -4.0, -1.0, -0.1, 0.0, 0.3,
    1.0, 2.0, 4.0, 8.0, 16.0, 17.0, 21.0, 40.0, 88.0, 90.0, 104.0, 200.0,
)  # fmt: skip
LABELS = {"cross-entropy": (1.0, 0.0, 0.9), "focal": (1.0, 0.0), "poisson": (3.0, 0.0, 0.5)}
USUAL_LABELS = (1.0, 0.0)
OTHER_PARAMS: Mapping[str, Mapping[str, float | None]] = {
    "cross-entropy": {"pos_weight": 3.0}, "focal": {"gamma": 1.5, "alpha": 0.4}, "huber": {"delta": 0.5},
    "smooth-l1": {"beta": 0.5}, "quantile": {"tau": 0.9}, "gaussian-nll": {"sigma": 2.0},
}  # fmt: skip
LINK_OF = {
    "cross-entropy": ("sigmoid",), "focal": ("sigmoid",), "squared-error": ("sigmoid", "identity", "tanh"),
    "half-squared-error": ("sigmoid", "identity"), "poisson": ("exp", "softplus"),
}  # fmt: skip


def cases() -> list[tuple[int, str, dict[str, float | None], float, str]]:
    """Number of the dialect, loss, parameters, label, activation."""
    found = []
    for number, dialect in enumerate(DIALECTS):
        loss = dialect.natural
        for params in (LOSSES[loss].complete({}), LOSSES[loss].complete(OTHER_PARAMS.get(loss, {}))):
            for label in LABELS.get(loss, USUAL_LABELS):
                for activation in LINK_OF.get(loss, ("identity",)):
                    case = (number, loss, params, label, activation)
                    if dialect.problem(label, params, activation) is None and case not in found:
                        found.append(case)
    return found


Answer = "tuple[list[float], list[float] | None]"


def _torch(function: Callable[..., Any]) -> Callable[..., Any]:
    def ask(z: Any, y: float, params: Mapping[str, Any], activation: str) -> Any:
        import torch

        x = torch.tensor(z, dtype=torch.float32, requires_grad=True)
        links = {"identity": lambda t: t, "hard-sigmoid": torch.nn.functional.hardsigmoid,
                 "softplus": torch.nn.functional.softplus}  # fmt: skip
        v = (links.get(activation) or getattr(torch, activation))(x)
        label = torch.full_like(x, y)
        values = torch.stack(
            [
                function(torch, a, b, c, params).reshape(())
                for a, b, c in zip(v.reshape(-1, 1), label.reshape(-1, 1), x.reshape(-1, 1), strict=True)
            ]
        )
        (slope,) = torch.autograd.grad(values.sum(), x)
        return values.detach().numpy(), slope.numpy()

    return ask


def _jax(function: Callable[..., Any]) -> Callable[..., Any]:
    def ask(z: Any, y: float, params: Mapping[str, Any], activation: str) -> Any:
        import jax
        import jax.numpy as jnp

        links = {"identity": lambda t: t, "hard-sigmoid": jax.nn.hard_sigmoid, "exp": jnp.exp, "tanh": jnp.tanh}
        link = links.get(activation) or getattr(jax.nn, activation)

        def one(x: Any) -> Any:
            label = jnp.float32(y)
            return jnp.reshape(function(link(x).reshape(1), label.reshape(1), x.reshape(1), params), ())

        both = [jax.value_and_grad(one)(jnp.float32(x)) for x in z]
        return [float(a) for a, _ in both], [float(b) for _, b in both]

    return ask


def _predicted(z: Any, activation: str, dtype: str) -> Any:
    with np.errstate(all="ignore"):
        return LINKS[activation](np.asarray(z, dtype=dtype))[0]


def _sklearn_loss(name: str, **knobs: str) -> Callable[..., Any]:
    def ask(z: Any, y: float, params: Mapping[str, Any], activation: str) -> Any:
        from sklearn._loss import loss as module

        made = getattr(module, name)(**{knob: params[ours] for knob, ours in knobs.items()})
        raw, labels = np.array(z, dtype=np.float64), np.full(len(z), y)
        with np.errstate(all="ignore"):
            return made.loss(labels, raw), made.gradient(labels, raw)

    return ask


def _sklearn_log_loss(dtype: str) -> Callable[..., Any]:
    def ask(z: Any, y: float, params: Mapping[str, Any], activation: str) -> Any:
        from sklearn.metrics import log_loss

        p = _predicted(z, activation, dtype)
        return [log_loss([int(y)], np.array([[1 - q, q]], dtype=dtype), labels=[0, 1]) for q in p], None

    return ask


def _sklearn_mse(z: Any, y: float, params: Mapping[str, Any], activation: str) -> Any:
    from sklearn.metrics import mean_squared_error

    return [mean_squared_error([y], [v]) for v in _predicted(z, activation, "float64")], None


def _xgboost(objective: str, metric: str | None, *, slopes_too: bool = True) -> Callable[..., Any]:
    def ask(z: Any, y: float, params: Mapping[str, Any], activation: str) -> Any:
        import xgboost as xgb

        values, slopes = [], []
        for x in z:
            data = xgb.DMatrix(np.zeros((1, 1)), label=[y], base_margin=[x])
            leaves = []
            for penalty in (1.0, 3.0):
                knobs = {"objective": objective, "eta": 1, "lambda": penalty, "max_depth": 1, "min_child_weight": 0,
                         "base_score": 0.5, "max_delta_step": 0, "verbosity": 0, "nthread": 1}  # fmt: skip
                if "pos_weight" in params:
                    knobs["scale_pos_weight"] = params["pos_weight"]
                booster = xgb.train(knobs, data, 1)
                dumped = re.search(r'"leaf": ([^,\s}]+)', booster.get_dump(dump_format="json")[0])
                assert dumped is not None
                leaves.append(float(dumped[1]))
            one, two = leaves
            slopes.append(-2 * one * two / (one - two) if one != two else float("nan") if one else 0.0)
            if metric is not None:
                kept = {**knobs, "eval_metric": metric}
                values.append(_metric(xgb, kept, data, metric))
        return values if metric is not None else None, slopes if slopes_too else None

    return ask


def _metric(xgb: Any, knobs: Mapping[str, Any], data: Any, metric: str) -> float:
    # nothing is learned at eta = 0: the metric is that of the base margin
    told: dict[str, Any] = {}
    xgb.train({**knobs, "eta": 0}, data, 1, evals=[(data, "d")], evals_result=told, verbose_eval=False)
    return float(told["d"][metric][-1])


def _lightgbm(objective: str, metric: str | None) -> Callable[..., Any]:
    def ask(z: Any, y: float, params: Mapping[str, Any], activation: str) -> Any:
        values, slopes = [], []
        for x in z:
            one, two = (_leaf(objective, x, y, penalty) for penalty in (1.0, 3.0))
            slopes.append(None if one is None or two is None or one == two else -2 * one * two / (one - two))
            if metric is not None:
                values.append(_lightgbm_metric(objective, metric, x, y))
        return values if metric is not None else None, slopes

    return ask


def _leaf(objective: str, score: float, y: float, penalty: float) -> float | None:
    # two rows, mirror images of each other, in two leaves; None where it does not come to the second leaf
    import lightgbm as lgb

    data = lgb.Dataset(
        np.array([[0.0], [1.0]]),
        label=[y, 1 - y],
        init_score=[score, -score],
        params={"verbose": -1, "min_data_in_bin": 1},
    )
    knobs = {"objective": objective, "verbose": -1, "num_threads": 1, "learning_rate": 1.0, "lambda_l2": penalty,
             "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0.0, "num_leaves": 2, "boost_from_average": False,
             "feature_pre_filter": False, "min_gain_to_split": 0.0}  # fmt: skip
    booster = lgb.train(knobs, data, 1)
    return (
        float(booster.predict([[0.0]], raw_score=True)[0])
        if booster.dump_model()["tree_info"][0]["num_leaves"] > 1
        else None
    )


def _lightgbm_metric(objective: str, metric: str, score: float, y: float) -> float:
    # a row more of the other label, which is the objective's condition, weighs nothing in the metric
    import lightgbm as lgb

    data = lgb.Dataset(np.zeros((2, 1)), label=[y, 1 - y], init_score=[score, 0.0], weight=[1.0, 1e-30],
                       params={"verbose": -1, "min_data_in_bin": 1})  # fmt: skip
    knobs = {"objective": objective, "metric": metric, "verbose": -1, "num_threads": 1, "learning_rate": 1e-300,
             "boost_from_average": False}  # fmt: skip
    told: dict[str, Any] = {}
    lgb.train(knobs, data, 1, valid_sets=[data], valid_names=["d"], callbacks=[lgb.record_evaluation(told)])
    return float(told["d"][metric][-1])


def _keras(make: Callable[[Any, Mapping[str, Any]], Any], *, logits: bool = False) -> Callable[..., Any]:
    def function(v: Any, y: Any, x: Any, params: Mapping[str, Any]) -> Any:
        import keras

        return make(keras.losses, params)(y.reshape(1, 1), (x if logits else v).reshape(1, 1))

    return _jax(function)


def _optax(function: Callable[..., Any]) -> Callable[..., Any]:
    def called(v: Any, y: Any, x: Any, params: Mapping[str, Any]) -> Any:
        import optax

        return function(optax.losses, v, y, x, params)

    return _jax(called)


def _vision(t: Any, v: Any, y: Any, x: Any, p: Mapping[str, Any]) -> Any:
    # the function's own file: the package wants compiled operators of the very torch that it was built for
    spec = importlib.util.find_spec("torchvision")
    assert spec is not None and spec.origin is not None
    source = Path(spec.origin).with_name("ops").joinpath("focal_loss.py").read_text("utf-8")
    names: dict[str, Any] = {"_log_api_usage_once": lambda _: None}
    exec(source.replace("from ..utils import _log_api_usage_once", ""), names)
    sigmoid_focal_loss = names["sigmoid_focal_loss"]
    told = {} if p["alpha"] is None else {"alpha": p["alpha"]}
    return sigmoid_focal_loss(x, y, gamma=p["gamma"], **told)


def _bce_logits(t: Any, v: Any, y: Any, x: Any, p: Mapping[str, Any]) -> Any:
    weight = t.tensor([p["pos_weight"]], dtype=x.dtype) if p["pos_weight"] != 1 else None
    return t.nn.functional.binary_cross_entropy_with_logits(x, y, pos_weight=weight)


ASKED: Mapping[str, Callable[..., Any]] = {
    "nn.BCELoss": _torch(lambda t, v, y, x, p: t.nn.functional.binary_cross_entropy(v, y)),
    "nn.BCEWithLogitsLoss": _torch(_bce_logits),
    "losses.BinaryCrossentropy()": _keras(lambda k, p: k.BinaryCrossentropy()),
    "losses.BinaryCrossentropy(from_logits": _keras(lambda k, p: k.BinaryCrossentropy(from_logits=True), logits=True),
    "metrics.log_loss({y}, {v})": _sklearn_log_loss("float64"),
    "metrics.log_loss({y}, {v}.astype": _sklearn_log_loss("float32"),
    "HalfBinomialLoss": _sklearn_loss("HalfBinomialLoss"),
    "objective='binary:logistic'": _xgboost("binary:logistic", "logloss"),
    "objective='binary'": _lightgbm("binary", "binary_logloss"),
    "losses.sigmoid_binary_cross_entropy": _optax(lambda o, v, y, x, p: o.sigmoid_binary_cross_entropy(x, y)),
    "ops.sigmoid_focal_loss": _torch(_vision),
    "losses.sigmoid_focal_loss": _optax(
        lambda o, v, y, x, p: o.sigmoid_focal_loss(x, y, alpha=p["alpha"], gamma=p["gamma"])
    ),
    "losses.BinaryFocalCrossentropy": _keras(
        lambda k, p: k.BinaryFocalCrossentropy(
            apply_class_balancing=p["alpha"] is not None, alpha=p["alpha"] or 0.25, gamma=p["gamma"]
        )
    ),
    "nn.MSELoss": _torch(lambda t, v, y, x, p: t.nn.functional.mse_loss(v, y)),
    "losses.MeanSquaredError": _keras(lambda k, p: k.MeanSquaredError()),
    "losses.squared_error": _optax(lambda o, v, y, x, p: o.squared_error(v, y)),
    "losses.l2_loss": _optax(lambda o, v, y, x, p: o.l2_loss(v, y)),
    "metrics.mean_squared_error": _sklearn_mse,
    "HalfSquaredError": _sklearn_loss("HalfSquaredError"),
    "objective='reg:squarederror'": _xgboost("reg:squarederror", None),
    "objective='regression'": _lightgbm("regression", None),
    "nn.L1Loss": _torch(lambda t, v, y, x, p: t.nn.functional.l1_loss(v, y)),
    "losses.MeanAbsoluteError": _keras(lambda k, p: k.MeanAbsoluteError()),
    "nn.HuberLoss": _torch(lambda t, v, y, x, p: t.nn.functional.huber_loss(v, y, delta=p["delta"])),
    "losses.Huber(": _keras(lambda k, p: k.Huber(delta=p["delta"])),
    "losses.huber_loss": _optax(lambda o, v, y, x, p: o.huber_loss(v, y, delta=p["delta"])),
    "nn.SmoothL1Loss": _torch(lambda t, v, y, x, p: t.nn.functional.smooth_l1_loss(v, y, beta=p["beta"])),
    "losses.LogCosh": _keras(lambda k, p: k.LogCosh()),
    "losses.log_cosh": _optax(lambda o, v, y, x, p: o.log_cosh(v, y)),
    "PinballLoss": _sklearn_loss("PinballLoss", quantile="tau"),
    "losses.Hinge": _keras(lambda k, p: k.Hinge()),
    "losses.hinge_loss": _optax(lambda o, v, y, x, p: o.hinge_loss(v, 2 * y - 1)),
    "losses.SquaredHinge": _keras(lambda k, p: k.SquaredHinge()),
    "ExponentialLoss": _sklearn_loss("ExponentialLoss"),
    "nn.PoissonNLLLoss()": _torch(lambda t, v, y, x, p: t.nn.functional.poisson_nll_loss(x, y)),
    "nn.PoissonNLLLoss(full": _torch(lambda t, v, y, x, p: t.nn.functional.poisson_nll_loss(x, y, full=True)),
    "nn.PoissonNLLLoss(log_input": _torch(
        lambda t, v, y, x, p: t.nn.functional.poisson_nll_loss(v, y, log_input=False)
    ),
    "losses.Poisson()": _keras(lambda k, p: k.Poisson()),
    "HalfPoissonLoss": _sklearn_loss("HalfPoissonLoss"),
    "objective='count:poisson'": _xgboost("count:poisson", "poisson-nloglik", slopes_too=False),
    "nn.GaussianNLLLoss()": _torch(
        lambda t, v, y, x, p: t.nn.functional.gaussian_nll_loss(v, y, t.full_like(v, p["sigma"] ** 2))
    ),
    "nn.GaussianNLLLoss(full": _torch(
        lambda t, v, y, x, p: t.nn.functional.gaussian_nll_loss(v, y, t.full_like(v, p["sigma"] ** 2), full=True)
    ),
}
"""By the beginning of the call."""


def _recorded() -> list[dict[str, Any]]:
    rows = []
    for number, loss, params, label, activation in cases():
        dialect = DIALECTS[number]
        asked = [ask for start, ask in ASKED.items() if dialect.written.startswith(start)]
        if not asked:
            print(f"not asked: {dialect.library} {dialect.written}", file=sys.stderr)
            continue
        value, slope = asked[-1](LOGITS, label, params, activation)
        rows.append({
            "library": dialect.library, "written": dialect.written, "loss": loss, "params": params, "label": label,
            "activation": activation, "value": _listed(value), "d_logit": _listed(slope),
        })  # fmt: skip
        print(dialect.library, dialect.written, label, activation, file=sys.stderr)
    return rows


def _listed(numbers: Any) -> list[float | str | None] | None:
    if numbers is None:
        return None
    return [None if x is None else float(x) if np.isfinite(x) else str(float(x)) for x in numbers]


# ---- K classes ------------------------------------------------------------------------------------------------------

EXAMPLES: Sequence[tuple[tuple[float, ...], int | tuple[float, ...], float]] = (
    ((8.0, 0.0, 0.0), 1, 0.0), ((2.0, 1.0, -1.0), 0, 0.0), ((40.0, 0.0, -40.0), 2, 0.0), ((200.0, 0.0, 0.0), 1, 0.0),
    ((20.0, 0.0, 0.0), 0, 0.0), ((1.0, 2.0, 3.0, 4.0), (0.1, 0.2, 0.3, 0.4), 0.0), ((8.0, 0.0, 0.0), 0, 0.1),
    ((40.0, 0.0), 0, 0.1),
)  # fmt: skip
"""Logits, the target, and ε of label smoothing."""


def _torch_classes(function: Callable[..., Any]) -> Callable[..., Any]:
    def ask(z: Any, label: Any, t: Any, smoothing: float) -> Any:
        import torch

        x = torch.tensor([z], dtype=torch.float32, requires_grad=True)
        target = torch.tensor([label]) if isinstance(label, int) else torch.tensor([label], dtype=torch.float32)
        value = function(torch.nn.functional, x, target, torch.tensor([t], dtype=torch.float32), smoothing)
        (slope,) = torch.autograd.grad(value, x)
        return float(value.detach()), slope.numpy()[0]

    return ask


def _jax_classes(function: Callable[..., Any]) -> Callable[..., Any]:
    def ask(z: Any, label: Any, t: Any, smoothing: float) -> Any:
        import jax
        import jax.numpy as jnp
        import keras
        import optax

        given = jax.nn.one_hot(label, len(z)) if isinstance(label, int) else jnp.array(label, dtype=jnp.float32)

        def one(x: Any) -> Any:
            return jnp.reshape(function(keras.losses, optax.losses, jax.nn, x, given, smoothing), ())

        value, slope = jax.value_and_grad(one)(jnp.array(z, dtype=jnp.float32))
        return float(value), np.asarray(slope)

    return ask


def _smooth(o: Any, t: Any, smoothing: float) -> Any:
    return o.smooth_labels(t, smoothing) if smoothing else t


def _sklearn_classes(z: Any, label: Any, t: Any, smoothing: float) -> Any:
    from sklearn.metrics import log_loss

    e = np.exp(np.array(z) - max(z))
    return log_loss([label], [e / e.sum()], labels=list(range(len(z)))), None


def _multinomial(z: Any, label: Any, t: Any, smoothing: float) -> Any:
    from sklearn._loss.loss import HalfMultinomialLoss

    made, raw = HalfMultinomialLoss(n_classes=len(z)), np.array([z], dtype=np.float64)
    labels = np.array([float(label)])
    return float(made.loss(labels, raw)[0]), made.gradient(labels, raw)[0]


ASKED_OF_CLASSES: Mapping[str, Callable[..., Any]] = {
    "nn.CrossEntropyLoss": _torch_classes(lambda f, x, y, t, e: f.cross_entropy(x, y, label_smoothing=e)),
    "nn.NLLLoss": _torch_classes(lambda f, x, y, t, e: f.nll_loss(f.log_softmax(x, -1), y)),
    "losses.CategoricalCrossentropy({smooth})": _jax_classes(
        lambda k, o, n, x, t, e: k.CategoricalCrossentropy(label_smoothing=e)(t[None], n.softmax(x)[None])
    ),
    "losses.CategoricalCrossentropy({smooth_}from_logits": _jax_classes(
        lambda k, o, n, x, t, e: k.CategoricalCrossentropy(label_smoothing=e, from_logits=True)(t[None], x[None])
    ),
    "losses.softmax_cross_entropy": _jax_classes(lambda k, o, n, x, t, e: o.softmax_cross_entropy(x, _smooth(o, t, e))),
    "metrics.log_loss": _sklearn_classes,
    "HalfMultinomialLoss": _multinomial,
    "nn.KLDivLoss(reduction": _torch_classes(
        lambda f, x, y, t, e: f.kl_div(f.log_softmax(x, -1), t, reduction="batchmean")
    ),
    "nn.KLDivLoss()": _torch_classes(lambda f, x, y, t, e: f.kl_div(f.log_softmax(x, -1), t, reduction="mean")),
    "losses.KLDivergence": _jax_classes(
        lambda k, o, n, x, t, e: k.KLDivergence()(_smooth(o, t, e)[None], n.softmax(x)[None])
    ),
    "losses.kl_divergence": _jax_classes(lambda k, o, n, x, t, e: o.kl_divergence(n.log_softmax(x), _smooth(o, t, e))),
    "nn.MSELoss": _torch_classes(lambda f, x, y, t, e: f.mse_loss(f.softmax(x, -1), t)),
    "losses.MeanSquaredError": _jax_classes(
        lambda k, o, n, x, t, e: k.MeanSquaredError()(_smooth(o, t, e)[None], n.softmax(x)[None])
    ),
}


def _recorded_classes() -> list[dict[str, Any]]:
    rows = []
    for dialect in CLASS_DIALECTS:
        (ask,) = (ask for start, ask in ASKED_OF_CLASSES.items() if dialect.written.startswith(start))
        for logits, label, smoothing in EXAMPLES:
            target = Target.of(label, smoothing=smoothing).smoothed(len(logits))
            if dialect.hard_only and (smoothing or not isinstance(label, int)):
                continue
            value, slope = ask(logits, label, target.p.tolist(), smoothing)
            rows.append({
                "library": dialect.library, "written": dialect.written, "logits": logits, "label": label,
                "smoothing": smoothing, "value": _listed([value]), "d_logit": _listed(slope),
            })  # fmt: skip
    return rows


LIBRARIES = ("torch", "torchvision", "keras", "jax", "optax", "scikit-learn", "xgboost-cpu", "lightgbm", "numpy")


def main() -> None:
    """Write what the libraries say."""
    os.environ["KERAS_BACKEND"] = "jax"
    document = {
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "logits": LOGITS,
        "scalar": _recorded(),
        "classes": _recorded_classes(),
    }
    PATH.write_text("{\n" + ",\n".join(f' "{key}": {_lines(value)}' for key, value in document.items()) + "\n}\n")


def _lines(value: Any) -> str:
    # a row a line
    if isinstance(value, list):
        return "[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]"
    return json.dumps(value)


if __name__ == "__main__":
    main()

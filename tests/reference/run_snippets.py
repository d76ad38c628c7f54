"""The snippets of torch, jax, keras and catboost, run by these libraries: too large for each run of the tests.

    pip install torch jax keras catboost sympy black
    python -m tests.reference.run_snippets            write snippets.json beside this file (minutes)

Every loss, behind the activation it is at home with. torch is asked for the value, its gradient by autograd and the
gradient of that; jax for grad and grad of grad under jit; keras (on jax) for the value and its gradient; catboost's
object for its two derivatives. Each is compared with the exact numbers over |z| ≤ 1000 as the numpy snippet is
(`checking.judged`), in float64, keras in its float32. And a small model of catboost is trained with the snippet of
cross-entropy and with its own Logloss.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from lossterm.core.losses.activations import ACTIVATIONS
from lossterm.core.losses.formulas import LOSSES
from lossterm.snippets import checking
from lossterm.snippets.snippet import Snippet, make_snippet
from lossterm.snippets.twins import WITHOUT

PATH = Path(__file__).with_name("snippets.json")
LIBRARIES = ("torch", "jax", "keras", "catboost")

Three = Callable[[Any, Any], tuple[Any, Any, Any]]


def defined(snippet: Snippet, name: str) -> Any:
    """What a snippet defines under a name."""
    space: dict[str, Any] = {}
    exec(snippet.code, space)
    return space[name]


def by_torch(snippet: Snippet) -> Three:
    """Value, gradient, gradient of the gradient by torch."""
    import torch

    loss = defined(snippet, snippet.loss.replace("-", "_"))

    def three(z: Any, y: Any) -> tuple[Any, Any, Any]:
        score, label = torch.tensor(z, requires_grad=True), torch.tensor(y)
        value = loss(score, label)
        (slope,) = torch.autograd.grad(value.sum(), score, create_graph=True)
        (bend,) = torch.autograd.grad(slope.sum(), score)
        return value.detach().numpy(), slope.detach().numpy(), bend.numpy()

    return three


def by_jax(snippet: Snippet) -> Three:
    """The same by jax, compiled."""
    import jax

    loss = defined(snippet, snippet.loss.replace("-", "_"))
    slope = jax.grad(lambda z, y: loss(z, y).sum())
    bend = jax.grad(lambda z, y: slope(z, y).sum())

    def three(z: Any, y: Any) -> tuple[Any, Any, Any]:
        return tuple(np.asarray(jax.jit(f)(z, y)) for f in (loss, slope, bend))  # type: ignore[return-value]

    return three


def by_keras(snippet: Snippet) -> Three:
    """Value and gradient by keras."""
    import jax

    loss = defined(snippet, snippet.loss.replace("-", "_"))

    def three(z: Any, y: Any) -> tuple[Any, Any, Any]:
        score, label = jax.numpy.asarray(z)[:, None], jax.numpy.asarray(y)[:, None]
        slope = jax.grad(lambda s: loss(label, s).sum())(score)
        # without what depends on y alone there is no value to compare
        value = None if "Without what depends" in snippet.code else np.asarray(loss(label, score))
        return value, np.asarray(slope)[:, 0], None

    return three


def by_catboost(snippet: Snippet) -> Three:
    """The gradient that catboost is given."""
    made = defined(snippet, "".join(part.capitalize() for part in snippet.loss.split("-")))()

    def three(z: Any, y: Any) -> tuple[Any, Any, Any]:
        told = np.array(made.calc_ders_range(z, y, None))
        return None, -told[:, 0], None

    return three


RUN: dict[str, Callable[[Snippet], Three]] = {
    "torch": by_torch,
    "jax": by_jax,
    "keras": by_keras,
    "catboost": by_catboost,
}


def run_one(loss: str, library: str) -> dict[str, object]:
    """How the snippet of a loss compares with the exact numbers when its library runs it."""
    entry = LOSSES[loss]
    snippet = make_snippet(loss, tuple(entry.defaults.items()), library, "")
    dtype = "float32" if library == "keras" else "float64"
    labels = snippet.checked["float64"].labels
    found = checking.judged(
        RUN[library](snippet), entry, entry.defaults, ACTIVATIONS[snippet.activation], labels, dtype
    )
    return {
        "activation": snippet.activation,
        "dtype": dtype,
        "max_error": float(f"{found.max_error:.3g}"),
        "fails_from": found.fails_from,
        "why": found.why,
    }


def train_catboost() -> float:
    """The largest difference of raw scores between a model trained with the snippet and with catboost's own Logloss."""
    import catboost

    generator = np.random.default_rng(1)
    x = generator.normal(size=(400, 4))
    y = (x @ np.array([1.0, -2.0, 0.5, 0.0]) + generator.normal(size=400) > 0).astype(float)
    loss = LOSSES["cross-entropy"]
    snippet = make_snippet(loss.id, tuple(loss.defaults.items()), "catboost", "")

    def scores(objective: Any) -> Any:
        model = catboost.CatBoost({
            "loss_function": objective, "eval_metric": "Logloss", "iterations": 10, "learning_rate": 0.3, "depth": 3,
            "boost_from_average": False, "leaf_estimation_method": "Newton", "leaf_estimation_iterations": 1,
            "leaf_estimation_backtracking": "No", "bootstrap_type": "No", "random_strength": 0, "thread_count": 1,
            "random_seed": 1, "boosting_type": "Plain", "score_function": "L2", "verbose": False,
            "allow_writing_files": False,
        })  # fmt: skip
        return model.fit(x, y).predict(x, prediction_type="RawFormulaVal")

    return float(np.max(np.abs(scores(defined(snippet, "CrossEntropy")()) - scores("Logloss"))))


def main() -> None:
    """Run all, and write what came of it."""
    os.environ["KERAS_BACKEND"] = "jax"
    import jax

    jax.config.update("jax_enable_x64", True)
    found: dict[str, Any] = {library: {} for library in LIBRARIES}
    for library in LIBRARIES:
        for loss in LOSSES:
            if loss not in WITHOUT:
                found[library][loss] = run_one(loss, library)
                print(library, loss, found[library][loss], flush=True)
    versions = {name: version(name) for name in ("numpy", "sympy", "black", *LIBRARIES)}
    document = {
        "python": platform.python_version(),
        "versions": versions,
        "catboost_logloss_difference": train_catboost(),
        "snippets": found,
    }
    PATH.write_text(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()

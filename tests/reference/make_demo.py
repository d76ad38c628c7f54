"""Make `lossterm/data/demo.csv`: the predictions of an over-confident model. Needs scikit-learn, for its images.

The data are the 1,797 images of handwritten digits that scikit-learn carries (the UCI set of E. Alpaydin and
C. Kaynak); the question is whether a digit is odd. The model is a small network trained by plain numpy, on too few
images and for too long: it decides well and is far too sure of itself, as large networks are. Nothing is tampered with.

    python -m tests.reference.make_demo
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

SEED, TRAINED_ON, HIDDEN, STEPS, RATE = 20, 200, 24, 3000, 0.5


def train(x: np.ndarray, y: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Full-batch gradient descent on the cross-entropy of one hidden layer of tanh."""
    w, v = rng.normal(0, x.shape[1] ** -0.5, (x.shape[1], HIDDEN)), rng.normal(0, HIDDEN**-0.5, HIDDEN)
    a, b = np.zeros(HIDDEN), 0.0
    for _ in range(STEPS):
        hidden = np.tanh(x @ w + a)
        error = (1 / (1 + np.exp(-(hidden @ v + b))) - y) / len(y)
        back = np.outer(error, v) * (1 - hidden**2)
        w, a, v, b = w - RATE * x.T @ back, a - RATE * back.sum(0), v - RATE * hidden.T @ error, b - RATE * error.sum()
    return w, a, v, np.array(b)


def main() -> None:
    """Train, predict what was not trained on, and write."""
    images, digits = load_digits(return_X_y=True)
    rng = np.random.default_rng(SEED)
    order = rng.permutation(len(digits))
    seen, rest = order[:TRAINED_ON], np.sort(order[TRAINED_ON:])
    x, y = images / 16 - 0.3, digits % 2
    w, a, v, b = train(x[seen], y[seen], rng)
    logit = np.tanh(x[rest] @ w + a) @ v + b
    rows = [f"{i},{digits[i]},{y[i]},{float(1 / (1 + np.exp(-z)))!r}" for i, z in zip(rest, logit, strict=True)]
    target = Path(__file__).parents[2] / "lossterm" / "predictions" / "demo.csv"
    target.write_text("\n".join(["image,digit,label,probability", *rows]) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Cross-entropy by p times the slope of p: ∞·0 from z = 37 on."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    s = p * (1 - p)
    grad = (-y_true / p + (1 - y_true) / (1 - p)) * s
    return grad, s

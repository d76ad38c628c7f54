"""Probabilities are clipped: far out nothing is learned."""

import numpy as np


def objective(y_true, y_pred):
    p = np.clip(1 / (1 + np.exp(-y_pred)), 1e-4, 1 - 1e-4)
    s = np.where((p > 1e-4) & (p < 1 - 1e-4), p * (1 - p), 0.0)
    return (-y_true / p + (1 - y_true) / (1 - p)) * s, s

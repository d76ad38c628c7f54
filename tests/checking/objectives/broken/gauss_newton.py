"""Brier score behind a sigmoid with the Gauss–Newton Hessian."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    s = p * (1 - p)
    return 2 * (p - y_true) * s, 2 * s * s

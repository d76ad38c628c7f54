"""Brier score by p: the slope of the sigmoid is left out."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    return 2 * (p - y_true), np.full_like(p, 2.0)

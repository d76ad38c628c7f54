"""Huber with δ = 1.5, and ones as lightgbm has them."""

import numpy as np


def objective(y_true, y_pred):
    r = y_pred - y_true
    return np.clip(r, -1.5, 1.5), np.ones_like(r)

"""Ones for the Hessian of cross-entropy."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    return p - y_true, np.ones_like(p)

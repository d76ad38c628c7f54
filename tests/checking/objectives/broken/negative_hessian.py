"""The Hessian has the wrong sign: p(p − 1)."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    return p - y_true, p * (p - 1)

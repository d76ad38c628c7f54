"""Focal loss, γ = 2, with its exact Hessian."""

import numpy as np


def objective(y_true, y_pred):
    m = np.where(y_true == 1, y_pred, -y_pred)
    sign = np.where(y_true == 1, 1.0, -1.0)
    t, s = 1 / (1 + np.exp(-m)), 1 / (1 + np.exp(m))
    log_t = -np.logaddexp(0, -m)
    grad = sign * s**2 * (2 * t * log_t - s)
    return grad, s**2 * t * (5 * s + 2 * log_t * (s - 2 * t))

"""Class 1 counts three times in the gradient, once in the Hessian."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    w = np.where(y_true == 1, 3.0, 1.0)
    return w * (p - y_true), p * (1 - p)

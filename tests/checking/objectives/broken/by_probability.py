"""Derivatives by p, given to a booster that wants them by z."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    return -y_true / p + (1 - y_true) / (1 - p), y_true / p**2 + (1 - y_true) / (1 - p) ** 2

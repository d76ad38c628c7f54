"""Squared error whose Hessian lost its 2."""

import numpy as np


def objective(y_true, y_pred):
    return 2 * (y_pred - y_true), np.ones_like(y_pred)

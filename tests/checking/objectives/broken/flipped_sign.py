"""Ascends the likelihood: label minus prediction."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    return y_true - p, p * (1 - p)

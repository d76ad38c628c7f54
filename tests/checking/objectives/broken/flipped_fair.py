"""Residual the wrong way round: a mean squared error that runs away."""

import numpy as np


def objective(true, pred):
    x = true - pred
    return x * 2, 2 * np.ones(x.shape)

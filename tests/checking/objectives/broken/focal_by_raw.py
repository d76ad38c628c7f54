"""Focal loss by p, with the scores taken for p."""

import numpy as np


def objective(y_true, y_pred):
    y, p = y_true, y_pred
    one = -0.5 * (2 * p - 2) * np.log(p) - 0.5 * (1 - p) ** 2 / p
    zero = 0.5 * p**2 / (1 - p) - p * np.log(1 - p)
    bend_one = -np.log(p) - (2 * p - 2) / p + 0.5 * (p - 1) ** 2 / p**2
    bend_zero = 0.5 * p**2 / (p - 1) ** 2 - 2 * p / (p - 1) - np.log(1 - p)
    return np.where(y == 1, one, zero), np.where(y == 1, bend_one, bend_zero)

"""It takes weights and does nothing with them."""

import numpy as np


def objective(y_true, y_pred, sample_weight):
    p = 1 / (1 + np.exp(-y_pred))
    return p - y_true, p * (1 - p)

"""Three results, and the gradient is not that of the first."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    value = (p - y_true) ** 2
    return value, p - y_true, p * (1 - p)

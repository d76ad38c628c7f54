"""Cross-entropy in twice its size."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    return 2 * (p - y_true), 2 * p * (1 - p)

"""Cross-entropy with pos_weight 5, in both."""

import numpy as np


def objective(y_true, y_pred):
    p = 1 / (1 + np.exp(-y_pred))
    w = np.where(y_true == 1, 5.0, 1.0)
    return w * (p - y_true), w * p * (1 - p)

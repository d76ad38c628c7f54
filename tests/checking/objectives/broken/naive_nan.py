"""The chain rule written out: 0/0 where the sigmoid is 1."""

import numpy as np


def objective(y_true, y_pred):
    p = np.exp(y_pred) / (1 + np.exp(y_pred))
    return p - y_true, p * (1 - p)

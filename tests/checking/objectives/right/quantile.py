"""The 0.8-quantile."""

import numpy as np


def objective(y_true, y_pred):
    return np.where(y_pred > y_true, 0.2, -0.8), np.ones_like(y_pred)

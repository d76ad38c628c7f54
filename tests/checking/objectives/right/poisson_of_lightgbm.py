"""lightgbm's Poisson, whose Hessian is e^0.7 times as large."""

import numpy as np


def objective(y_true, y_pred):
    return np.exp(y_pred) - y_true, np.exp(y_pred + 0.7)

"""The derivative and curvature of ½r²."""

import numpy as np


def objective(y_true, y_pred):
    return y_pred - y_true, np.ones_like(y_pred)

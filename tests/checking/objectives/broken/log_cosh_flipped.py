"""log cosh of y − z, differentiated by the wrong one."""

import numpy as np


def objective(y_true, y_pred):
    grad = np.tanh(y_true - y_pred)
    return grad, 1.0 - grad * grad

"""One row at a time, with an if."""

import math


def objective(y_true, y_pred):
    p = 1 / (1 + math.exp(-y_pred)) if y_pred > -700 else 0.0
    if y_true == 1:
        return p - 1, p * (1 - p)
    return p, p * (1 - p)

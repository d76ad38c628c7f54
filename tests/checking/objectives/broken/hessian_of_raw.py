"""The gradient knows the sigmoid, the Hessian forgot it."""

import numpy as np


def objective(preds, dtrain):
    labels = dtrain.get_label()
    p = 1 / (1 + np.exp(-preds))
    return p - labels, preds * (1.0 - preds)

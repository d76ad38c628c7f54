"""The gradient of the mean: divided by the number of rows."""

import numpy as np


def objective(preds, dtrain):
    labels = dtrain.get_label()
    grad = (2.0 / len(labels)) * (preds - labels)
    return grad, np.repeat(2.0 / len(labels), len(grad))

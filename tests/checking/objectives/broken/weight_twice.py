"""The weights are multiplied in twice."""

import numpy as np


def objective(preds, dtrain):
    p = 1 / (1 + np.exp(-preds))
    w = dtrain.get_weight()
    return (p - dtrain.get_label()) * w * w, p * (1 - p) * w * w

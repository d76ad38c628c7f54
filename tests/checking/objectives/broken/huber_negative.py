"""Huber with δ = 2, gradient and Hessian by the label."""

import numpy as np


def objective(preds, dtrain):
    r = dtrain.get_label() - preds
    inside = np.abs(r) <= 2.0
    return np.where(inside, r, 2.0 * np.sign(r)), np.where(inside, -1.0, 0.0)

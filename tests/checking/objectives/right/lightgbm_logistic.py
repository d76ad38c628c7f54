"""lightgbm's form of the logistic loss, by labels of ±1."""

import numpy as np


def objective(preds, train_data):
    s = np.where(train_data.get_label() > 0, 1.0, -1.0)
    response = -s / (1 + np.exp(s * preds))
    return response, np.abs(response) * (1 - np.abs(response))

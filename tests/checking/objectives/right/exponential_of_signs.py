"""The exponential loss, for labels of −1 and 1."""

import numpy as np


def objective(y, pred):
    return -y * np.exp(-y * pred), np.exp(-y * pred)

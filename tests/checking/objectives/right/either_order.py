"""Arguments whose names say nothing."""

import numpy as np


def objective(a, b):
    p = 1 / (1 + np.exp(-a))
    return p - b, p * (1 - p)

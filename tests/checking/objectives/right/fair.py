"""The fair loss with c = 2."""

import numpy as np


def objective(y_true, y_pred):
    r = y_pred - y_true
    den = np.abs(r) + 2.0
    return 2.0 * r / den, 4.0 / den**2

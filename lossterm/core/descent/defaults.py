"""How the races are run where nothing is said: rates, goals, starts and limits, of one logit and of each problem."""

from __future__ import annotations

ONE_LOGIT = "logit"
"""The race of one example, whose logit itself descends; all others are problems of `lossterm.core.descent.problems`."""

OPTIMIZERS = ("gd", "momentum", "newton")
"""The ways to descend."""

MATCHES = ("off", "smoothness", "lipschitz")
"""Whether each loss gets a rate of its own, and by which of its constants."""

LINE_LOSSES = ("squared-error", "absolute-error", "huber")
"""What fits real targets where nothing else is asked for."""

STEP_MEASURES = ("logit", "prediction", "value", "d_logit")
"""What is told of a step of one logit."""

LINE = "line"
"""The problem of real targets, which losses of the residual v − y fit."""

MINIMA, CONSTANT = "minima", "constant"
"""The problems of one weight, whose examples are given."""

MOST_STEPS = 1_000_000
MOST_FIT_STEPS = 100_000
"""After how many steps a race ends at the latest: of one logit, of a problem."""

MOST_EXAMPLES = 5000

RATE = 1.0
"""The learning rate on one logit."""

UNTIL = 0.9
"""What is to be reached on one logit: the probability of the label."""

FIT_STEPS = 1000
"""After how many steps a race of a problem ends."""

FIT_RATE = 0.5
"""The learning rate of a problem where none is told."""

FIT_RATES = {LINE: 0.2, MINIMA: 0.2, CONSTANT: 0.2}
"""Those of some problems: on a line the absolute error goes to and fro with more, and others bend more."""

FIT_UNTIL = 0.99
"""Of a problem, the share of the way down to the least mean loss."""

FIT_UNTILS = {LINE: 0.9, CONSTANT: 0.9}
"""Of those that have a truth to come near, the share of the way to it."""

DEFAULT_START = -8.0
"""The logit that a race starts from where nothing is said."""

STARTS = {MINIMA: -1.0, CONSTANT: 0.0}
"""The weight that all start from where there is one and none is told."""

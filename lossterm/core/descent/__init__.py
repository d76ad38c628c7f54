"""Gradient descent of losses, on one logit or on a small problem."""

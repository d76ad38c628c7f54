"""Losses of one's own: a small language, evaluated on the jets of the built-in losses, and its place among them."""

"""Losses of K classes behind a softmax."""

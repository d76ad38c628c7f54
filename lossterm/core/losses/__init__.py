"""Losses of one prediction: their formulas behind an activation, and what can be read from them at a point."""

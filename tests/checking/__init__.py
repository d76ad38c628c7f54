"""Tests of what is said of somebody's objectives."""

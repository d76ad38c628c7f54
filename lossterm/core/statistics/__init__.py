"""The figures of many predictions, from sums that merge."""

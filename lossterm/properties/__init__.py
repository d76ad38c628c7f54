"""The Properties screen and its command: what is true of each loss, computed from its numbers."""

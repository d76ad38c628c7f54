"""Snippets: a loss as code for a library, derived symbolically, and run against the exact values before it is shown."""

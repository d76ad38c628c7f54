"""The benchmark, in units of the cheapest Textual app: `python -m tests.bench` (RENDERING.md tells how it measures)."""

"""The explorer in a browser, for a class: one process a visitor, which can neither read nor write files."""

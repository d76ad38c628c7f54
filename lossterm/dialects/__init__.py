"""What libraries compute for a loss, each in its own precision and order of operations."""

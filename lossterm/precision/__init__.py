"""What a plain chain rule in a low precision makes of a loss, and where it fails."""

"""What a number means that a training log says: explanations that are computed from the losses, and the command."""

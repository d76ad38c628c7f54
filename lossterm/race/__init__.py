"""The Race screen and its command: gradient descent of several losses from one start."""

"""The Data screen and its command: what the losses see in a file of predictions."""

"""The widgets: given data, they post messages."""

"""lossterm: the loss-function microscope for your terminal."""

__version__ = "0.1.0"

"""The mathematics: numpy alone."""

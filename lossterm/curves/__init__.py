"""The Curves screen and its commands: losses behind an activation, as curves and as numbers at a point."""

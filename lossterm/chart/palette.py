"""The colours of the curves, told apart by people with any kind of colour vision, on dark and on light."""

from __future__ import annotations

Rgb = tuple[int, int, int]

# Okabe & Ito (2008), brightened for dark backgrounds and darkened for light ones; after the eighth they repeat
DARK: tuple[Rgb, ...] = (
    (86, 180, 233),
    (240, 160, 40),
    (60, 200, 150),
    (225, 130, 190),
    (240, 228, 66),
    (235, 105, 60),
    (150, 160, 255),
    (200, 200, 200),
) * 4
"""Colours on a dark background, by ink."""

LIGHT: tuple[Rgb, ...] = (
    (0, 95, 160),
    (178, 90, 0),
    (0, 120, 85),
    (160, 60, 120),
    (125, 110, 0),
    (185, 55, 20),
    (75, 75, 190),
    (80, 80, 80),
) * 4
"""Colours on a light background, by ink."""

DARK_OF_16: tuple[Rgb, ...] = (
    (85, 255, 255),
    (255, 255, 85),
    (85, 255, 85),
    (255, 85, 255),
    (255, 85, 85),
    (170, 85, 0),
    (85, 85, 255),
    (0, 170, 170),
) * 4
"""Colours on a dark background where a terminal has 16: eight of these, and none for another one."""

LIGHT_OF_16: tuple[Rgb, ...] = (
    (0, 0, 170),
    (170, 85, 0),
    (0, 170, 0),
    (170, 0, 170),
    (170, 0, 0),
    (0, 170, 170),
    (85, 85, 255),
    (85, 85, 85),
) * 4
"""The same on a light background."""

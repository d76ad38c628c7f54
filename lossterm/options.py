"""The options of the command line, declared without anything heavy, so that ``--help`` answers at once."""

from __future__ import annotations

import argparse


def add_view_options(parser: argparse.ArgumentParser, *, picture: bool = True) -> None:
    """Declare the options that tell a view; ``picture`` adds those that only a drawing has."""
    add = parser.add_argument
    add("--loss", action="append", metavar="NAME[:PAR=VALUE]",
        help="a loss by any of its names; several comma-separated or repeated, or 'all' "
             "(default cross-entropy,squared-error)")  # fmt: skip
    add("--label", metavar="Y", help="the label, a number (default 1)")
    add("--smoothing", metavar="S", help="label smoothing: y becomes y(1−s) + s/2 first")
    add("--activation", metavar="NAME", help="what turns the logit into the prediction (default sigmoid)")
    if not picture:
        return
    add("--range", metavar="LO:HI", help="the window on the x axis (default -8:8)")
    add("--at", metavar="Z", help="where the cursor stands: a logit (default -4)")
    add("--axis", metavar="logit|prediction", help="what the x axis is (default logit)")
    add("--show", metavar="loss|d_logit|d_prediction|d2_logit",
        help="what is drawn; several comma-separated, one under the other")  # fmt: skip
    add("--both-labels", action=argparse.BooleanOptionalAction, default=None,
        help="every loss for y=0 and for y=1: the classic figure")  # fmt: skip
    add("--scale", metavar="linear|symlog", help="scale of the y axis (default linear)")
    add("--risk", metavar="ETA",
        help="the expected loss when class 1 has this true probability (weight w on it: wη/(wη + 1 − η))")  # fmt: skip
    add("--likelihood", action=argparse.BooleanOptionalAction, default=None,
        help="below the loss, the density over labels whose −log it is, at the prediction of --at")  # fmt: skip
    add("--reference", metavar="NAME", help="the loss that the ratios are taken against (default the first)")


def add_explorer_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the explorer."""
    add_view_options(parser)
    parser.add_argument("--fresh", action="store_true", help="neither restore the last view nor save this one")
    parser.add_argument("--version", action="store_true", help="print the version")


def add_format(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Declare ``--format``."""
    parser.add_argument("--format", metavar="|".join(formats), help=f"how it is printed (default {formats[0]})")

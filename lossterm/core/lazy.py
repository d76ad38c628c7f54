"""numpy, loaded when it is first used: the registries of losses and activations are needed before any arithmetic.

It takes a third as long to load as Textual; with it put off, the explorer's panes are on screen before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
else:

    class _Numpy:
        def __getattr__(self, name: str) -> object:
            import numpy

            self.__dict__.update(vars(numpy))  # from now on attributes are found without coming here
            return getattr(numpy, name)

    np = _Numpy()

__all__ = ["np"]

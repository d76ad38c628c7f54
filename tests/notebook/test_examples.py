"""The examples in the docstrings of the module's functions are what comes of them."""

import doctest

import pytest

import lossterm


@pytest.mark.parametrize("name", [name for name in lossterm.__all__ if not name.startswith("__")])
def test_the_example_is_what_comes_of_it(name: str) -> None:
    function = getattr(lossterm, name)
    globs = {name: function}
    (test,) = [t for t in doctest.DocTestFinder(recurse=False).find(function, name, globs=globs) if t.examples]
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


def test_the_example_of_the_module_is_what_comes_of_it() -> None:
    (test,) = [t for t in doctest.DocTestFinder(recurse=False).find(lossterm, "lossterm") if t.examples]
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0

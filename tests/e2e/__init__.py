"""The program as a user meets it: as a process in a terminal."""

import pytest

pytest.register_assert_rewrite("tests.e2e.program")

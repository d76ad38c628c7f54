"""What ends the program although nobody meant it to."""

from __future__ import annotations

import pytest

from tests.harness import program


async def test_an_error_is_told_without_what_the_functions_hold(capsys: pytest.CaptureFixture[str]) -> None:
    """Which may be files of millions of rows."""
    app = program()

    def wrong() -> None:
        held = ["row of a file"] * 3
        raise RuntimeError(f"{len(held)} rows")

    with pytest.raises(RuntimeError, match="3 rows"):
        async with app.run_test() as pilot:
            app.call_later(wrong)
            await pilot.pause()
    said = capsys.readouterr().err
    assert "RuntimeError: 3 rows" in said and "test_errors.py" in said
    assert "row of a file" not in said.replace('held = ["row of a file"]', "")

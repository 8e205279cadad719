"""Numbers as they are written."""

from __future__ import annotations

import pytest

from playground.ui.number_format import tidied


@pytest.mark.parametrize(
    ("python", "window"),
    [("1.5e+33", "1.5e33"), ("-2e-05", "−2e−5"), ("1e+00", "1e0"), ("1e+10", "1e10"), ("3e-10", "3e−10"), ("-7", "−7")],
)
def test_an_exponent_has_no_more_than_it_needs(python: str, window: str) -> None:
    assert tidied(python) == window

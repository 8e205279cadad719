"""Workers without a window, and so without its collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _no_garbage_is_collected() -> Iterator[None]:
    """What other tests left of Qt must not be freed in a worker's thread."""
    gc.disable()
    yield
    gc.enable()

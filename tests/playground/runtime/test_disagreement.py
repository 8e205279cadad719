"""Where networks disagree: counts against figures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from playground.runtime.disagreement import Disagreement
from playground.runtime.pictures import CONFIDENCE_LEVELS, UNKNOWN


def test_the_share_is_of_those_that_differ_from_the_majority() -> None:
    votes = Disagreement(2, 2)
    for picture in ([[255, 255], [0, 0]], [[255, 0], [0, 0]], [[200, 0], [10, 255]], [[130, 0], [90, 255]]):
        votes.add(np.array(picture, dtype=np.uint8))
    assert votes.count == 4
    assert votes.share.tolist() == [[0, 0.25], [0, 0.5]]
    assert votes.majority.tolist() == [[0, 1], [1, 0]]


def test_a_network_without_a_verdict_differs_from_the_majority() -> None:
    votes = Disagreement(1, 3)
    for index in (2 * CONFIDENCE_LEVELS, 2 * CONFIDENCE_LEVELS + 5, UNKNOWN, 0):
        votes.add(np.array([[index]], dtype=np.uint8))
    assert votes.share.item() == pytest.approx(0.5)
    assert votes.majority.item() == 2


def test_before_any_network_nothing_is_known() -> None:
    assert np.isnan(Disagreement(3, 2).share).all()

"""A point's way through the network: each neuron shows what it makes of it."""

from __future__ import annotations

import numpy as np
import pytest

from playground.ui import theme
from playground.views.network.view import NetworkView
from tests.playground.views.network.conftest import (
    Owner,
    distance,
    experiment,
    layout,
    neuron_place,
    picture,
    thumbnail,
)


def values(view: NetworkView, value: float) -> list[np.ndarray]:
    return [np.full(len(column.tops), value) for column in layout(view).columns]


def test_a_number_stands_on_each_neuron_while_it_is_given(view: NetworkView, owner: Owner) -> None:
    view.resize(700, 560)
    before = picture(view)
    view.show_activations(values(view, -0.75))
    shown = picture(view)
    for column, places in enumerate(layout(view).columns):
        for unit in range(len(places.tops)):
            square = places.square(unit)
            assert shown.copy(square) != before.copy(square)
            bar = shown.pixelColor(square.right() - 1, square.bottom() - 4)
            orange = theme.colour("negative")
            assert distance(bar, orange) < distance(bar, theme.colour("positive")), (column, unit)
    view.show_activations(values(view, 0.75))
    assert picture(view) != shown
    view.show_activations(None)
    assert picture(view) == before


def test_neurons_too_small_for_a_number_light_up(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(40))
    view.show_activations(values(view, 1.0))
    for unit in (0, 39):
        place = neuron_place(view, 1, unit)
        assert distance(picture(view).pixelColor(place), theme.colour("positive")) < 20


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e30])
def test_what_is_not_a_number_or_is_very_large_is_painted_without_complaint(
    view: NetworkView, owner: Owner, value: float
) -> None:
    view.show_activations(values(view, value))
    assert thumbnail(view, 1, 0).width() > 0


def test_another_network_shows_none(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(3))
    plain = picture(view)
    owner.show(experiment(4, 2))
    view.show_activations(values(view, 1.0))
    owner.show(experiment(3))
    assert picture(view) == plain


def test_values_of_the_network_before_the_edit_are_not_shown(view: NetworkView, owner: Owner) -> None:
    owner.show(experiment(4, 2))
    late = values(view, 1.0)
    owner.show(experiment(3))
    plain = picture(view)
    view.show_activations(late)
    assert picture(view) == plain

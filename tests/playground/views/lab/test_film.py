"""The graph follows the numbers, and the film goes through it one operation at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.playground.views.lab.conftest import LEFT, User


def test_the_graph_follows_the_sliders(user: User) -> None:
    assert user.boxes()["x²"] == 9
    user.slide("x, slider", 200)
    assert user.boxes()["x²"] == 4
    scene = user.canvas.scene
    user.slide("x, slider", 100)
    assert user.canvas.scene is scene  # nothing was laid out anew
    assert user.boxes()["f"] == 4


def test_the_film_goes_forward_and_back_and_is_left(user: User) -> None:
    user.press("One operation forward")
    assert user.says.startswith("Forward · formula")
    assert "x²" in user.says
    assert user.boxes()["4·x"] is None
    user.qtbot.keyClick(user.film, Qt.Key.Key_End)
    assert user.says.startswith("Backward · formula")
    assert "−4 + 18 = 14" in user.says  # two ways to x, whose shares add up
    user.press("One operation back")
    assert user.says.startswith("Backward · formula")
    user.press("Show all numbers")
    assert user.says.startswith("Play the film")
    assert user.boxes()["4·x"] == 12


def test_the_film_plays_to_its_end_and_begins_again(user: User) -> None:
    user.view.graph.projector.set_pace(5)
    user.press("Play the film")
    user.press("Hold the film")
    user.press("Play the film")
    user.qtbot.waitUntil(lambda: user.view.session.film.position == len(user.view.session.film.steps))
    user.qtbot.waitUntil(lambda: not user.view.graph.projector.is_playing)
    user.press("Play the film")
    user.qtbot.waitUntil(lambda: 0 < user.view.session.film.position < len(user.view.session.film.steps))


def test_the_film_stops_when_it_is_hidden(user: User) -> None:
    user.press("Play the film")
    assert user.view.graph.projector.is_playing
    user.view.hide()
    assert not user.view.graph.projector.is_playing


def test_the_place_in_the_film_outlives_other_numbers_and_other_formulas(user: User) -> None:
    for _ in range(4):
        user.press("One operation forward")
    assert "3·x² − 4·x" in user.says
    user.slide("x, slider", 100)
    assert "3·x² − 4·x" in user.says
    assert "3·1² − 4·1 = −1" in user.says
    user.paste("x = 1, sin(x) + (3*x**2 - 4*x)")  # an operation more comes before
    assert user.says.startswith("Forward")
    assert "3·x² − 4·x" in user.says
    user.paste("x*x")  # it is gone
    assert user.says.startswith("Forward")


def test_a_box_that_is_clicked_says_how_its_number_came_about(user: User) -> None:
    scene = user.canvas.scene
    assert scene is not None
    (key,) = [key for key in scene.folded.boxes if scene.title(key) == "3·x²"]
    user.qtbot.mouseClick(user.canvas, LEFT, pos=user.canvas.on_widget(scene.rects[key]).center().toPoint())
    assert "value\n27" in user.says
    user.slide("x, slider", 100)
    assert "value\n3" in user.says
    user.paste("x = 2, 3*x**2 + x")
    assert "value\n12" in user.says


def test_a_name_in_the_explanation_leads_to_its_box(user: User) -> None:
    user.press("One operation forward")
    user.named("What happens here").linkActivated.emit("0")
    assert user.canvas.emphasis.selected == 0
    assert "gradient\n14" in user.says


def test_every_formula_has_a_graph_and_a_film(user: User) -> None:
    for text in ("x", "3 + 4", "a = 2, b = a, b", "x = 1, 1/0*x", "max(x, x)"):
        user.press("Show all numbers")
        user.paste(text)
        user.qtbot.keyClick(user.film, Qt.Key.Key_End)
        user.view.grab()
        assert user.says.split(" ")[0] in ("Seed", "Backward"), text

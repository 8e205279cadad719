"""Mistakes: each does what it says, spoils the training, and is found by the gradient check or is not its matter."""

from __future__ import annotations

import numpy as np
import pytest

from engine.autograd import Value
from engine.microscope.gradcheck.check import CheckTable, GradientCheck, Verdict
from engine.microscope.graph.expression_graph import Parameter, batch_graph, point_graph
from engine.microscope.mistakes import MISTAKES, FaultyGradients, broken_run, gradients_with, model_gradients
from engine.nn import ACTIVATIONS, LOSSES
from engine.training import PRESETS, Experiment, LayerSpec, Run, RunSnapshot
from tests.engine.tables import pairs

CIRCLE = PRESETS["circle"]


def checked(snapshot: RunSnapshot, mistakes: set[str]) -> CheckTable:
    """The gradient check of an engine that makes these mistakes."""
    check = GradientCheck(snapshot, gradients=model_gradients(snapshot, mistakes))
    while not check.done:
        check.advance(100)
    return check.table


def breaking(*mistakes: str, experiment: Experiment = CIRCLE) -> tuple[Run, FaultyGradients]:
    """A run whose engine makes these mistakes, and what makes them."""
    source = FaultyGradients(mistakes)
    return broken_run(experiment, source), source


def after(steps: int, experiment: Experiment = CIRCLE) -> RunSnapshot:
    run = Run(experiment)
    run.step(steps)
    return run.snapshot()


@pytest.mark.parametrize(("activation", "loss"), pairs(ACTIVATIONS, LOSSES))
def test_without_a_mistake_the_way_back_is_the_engines_own_to_the_bit(activation: str, loss: str) -> None:
    layers = (LayerSpec(3, activation), LayerSpec(2, activation))
    experiment = PRESETS["blobs"]
    experiment = experiment.replace(
        network=experiment.network.replace(layers=layers), training=experiment.training.replace(loss=loss, batch_size=5)
    )
    snapshot = after(2, experiment)
    for graph in (point_graph(snapshot, 0), batch_graph(snapshot, 0)):
        found = gradients_with(graph, ())
        assert [None if g is None else np.asarray(g, float).tobytes() for g in found] == [
            None if g is None else np.asarray(g, float).tobytes() for g in graph.gradients
        ]


def test_a_run_that_makes_no_mistake_learns_like_any_other() -> None:
    sound, (careful, _) = Run(CIRCLE), breaking()
    sound.step(30)
    careful.step(30)
    for name, weights in sound.model.state_dict().items():
        np.testing.assert_allclose(careful.model.state_dict()[name], weights, rtol=2e-3, atol=2e-4, err_msg=name)
    assert careful.curve().steps.tolist() == sound.curve().steps.tolist()


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_is_seen_in_the_accuracy(mistake: str) -> None:
    quick = CIRCLE.replace(training=CIRCLE.training.replace(learning_rate=0.05))
    sound, (broken, _) = Run(quick), breaking(mistake, experiment=quick)
    sound.step(50)
    broken.step(50)
    expected, found = sound.score()[0], broken.score()[0]
    assert expected is not None
    assert found is not None
    assert expected.quality >= 0.99
    assert found.quality < 0.9


@pytest.mark.parametrize("mistake", MISTAKES)
def test_every_mistake_has_words_and_two_different_lines(mistake: str) -> None:
    row = MISTAKES[mistake]
    assert row.label
    assert row.right != row.wrong
    assert row.says.endswith(".")


def test_with_an_equals_sign_only_the_last_share_is_left() -> None:
    snapshot = after(3)
    graph = point_graph(snapshot, 1)
    found = gradients_with(graph, {"assign"})
    output = graph.outputs[1][0]
    last = min(graph.children[output])  # the way back goes from the last child to the first
    weight = graph.value(graph.parents(last)[0])
    assert found[output] == pytest.approx(weight * found[last])
    assert found[output] != pytest.approx(graph.gradient(output), rel=1e-3)


def test_without_order_a_diamond_gets_what_is_known_for_two() -> None:
    a = Value(3.0)
    b = a + a
    c = b * b + b
    c.backward()
    assert a.grad == 2 * (2 * 6 + 1), "for comparison, in the right order"
    snapshot = after(3)
    graph = batch_graph(snapshot, 0)
    found = gradients_with(graph, {"no_order"})
    logit = graph.outputs[-1][0]
    assert not np.allclose(found[graph.parents(logit)[0]], graph.gradients[graph.parents(logit)[0]])


def test_a_wrong_tanh_is_wrong_just_where_it_is_used() -> None:
    snapshot = after(5)
    table = checked(snapshot, {"wrong_tanh"})
    wrong = {(str(name), verdict == Verdict.WRONG) for name, verdict in zip(table.name, table.verdict, strict=True)}
    assert ("4.weight", True) not in wrong
    assert ("4.bias", True) not in wrong
    assert ("2.weight", True) in wrong
    assert "layer 2's activation" in table.conclusion()
    linear = CIRCLE.replace(network=CIRCLE.network.replace(layers=(LayerSpec(3, "relu"),)))
    assert checked(after(5, linear), {"wrong_tanh"}).count(Verdict.WRONG) == 0


@pytest.mark.parametrize("mistake", ["assign", "no_order"])
def test_the_gradient_check_finds_what_loses_a_share(mistake: str) -> None:
    table = checked(after(5), {mistake})
    assert table.count(Verdict.WRONG) >= 40
    assert "wrong" in table.conclusion()


@pytest.mark.parametrize("mistake", ["wrong_sign", "zero_weights"])
def test_the_gradient_check_has_nothing_to_say_of_what_is_no_gradients_fault(mistake: str) -> None:
    run, source = breaking(mistake)
    run.step(5)
    snapshot = run.snapshot()
    check = GradientCheck(snapshot, gradients=source.gradients(snapshot))
    while not check.done:
        check.advance(100)
    assert check.table.count(Verdict.WRONG) == 0


def test_gradients_that_are_not_set_to_zero_are_the_sum_of_all_since_the_first() -> None:
    run, source = breaking("no_zeroing")
    total = {name: np.zeros(data.shape) for name, data in run.snapshot().weights.items()}
    for _ in range(4):
        for name, gradient in model_gradients(run.snapshot(), ()).items():
            total[name] += gradient
        for name, gradient in source.gradients(run.snapshot()).items():
            np.testing.assert_allclose(gradient, total[name], rtol=1e-12, atol=1e-15)
        run.step()
    snapshot = run.snapshot()
    check = GradientCheck(snapshot, gradients=source.gradients(snapshot))
    while not check.done:
        check.advance(100)
    assert check.table.count(Verdict.WRONG) > 40


def test_uphill_is_the_opposite_of_downhill() -> None:
    training = CIRCLE.training.replace(optimizer="sgd", l2=0.0, learning_rate=0.1)
    experiment = CIRCLE.replace(training=training)
    (down, _), (up, _) = breaking(experiment=experiment), breaking("wrong_sign", experiment=experiment)
    start = down.model.state_dict()
    down.step()
    up.step()
    for name, weights in start.items():
        moved, away = down.model.state_dict()[name] - weights, up.model.state_dict()[name] - weights
        np.testing.assert_allclose(away, -moved, rtol=1e-4, atol=1e-7)
        assert np.abs(moved).max() > 0


def test_neurons_that_begin_alike_stay_alike() -> None:
    run, _ = breaking("zero_weights")
    assert all((data == 0).all() for data in run.model.state_dict().values())
    run.step(30)
    for weights in (run.model.state_dict()["0.weight"], run.model.state_dict()["2.weight"]):
        assert (weights == weights[0]).all()


def test_a_broken_run_that_explodes_stands_at_its_last_finite_step() -> None:
    training = CIRCLE.training.replace(optimizer="sgd", learning_rate=10, loss="mse")
    relu = CIRCLE.network.replace(layers=(LayerSpec(6, "relu"),))
    experiment = CIRCLE.replace(training=training, network=relu)
    run, source = breaking("wrong_sign", "no_zeroing", experiment=experiment)
    made = run.step(100)
    assert run.diverged
    assert made == run.steps < 100
    assert all(np.isfinite(data).all() for data in run.model.state_dict().values())
    before = source.gradients(run.snapshot())
    assert run.step() == 0
    assert all((source.gradients(run.snapshot())[name] == gradient).all() for name, gradient in before.items())


def test_a_mistake_is_taken_up_in_the_middle_of_a_training() -> None:
    sound = Run(CIRCLE)
    sound.step(20)
    broken, source = breaking("assign")
    broken.restore(sound.state())
    assert broken.steps == 20
    assert broken.snapshot().weights["0.weight"].tolist() == sound.snapshot().weights["0.weight"].tolist()
    graph = batch_graph(broken.snapshot(), 0)
    expected = gradients_with(graph, {"assign"})[graph.parameters[Parameter("0.bias", (0,))]]
    assert source.gradients(broken.snapshot())["0.bias"][0] == float(expected)


def test_gradients_are_found_once_for_a_look_and_a_step_and_anew_when_the_run_stands_elsewhere() -> None:
    run, source = breaking("assign")
    seen = source.gradients(run.snapshot())
    assert source.gradients(run.snapshot()) is seen
    start = run.state()
    run.step()
    moved = source.gradients(run.snapshot())
    assert any((moved[name] != gradient).any() for name, gradient in seen.items())
    run.restore(start)
    again = source.gradients(run.snapshot())
    assert all((again[name] == gradient).all() for name, gradient in seen.items())
    run.apply(CIRCLE.replace(training=CIRCLE.training.replace(loss="mse")))
    other = source.gradients(run.snapshot())
    assert any((other[name] != gradient).any() for name, gradient in seen.items())


def test_a_step_leaves_its_gradients_behind_once_even_if_it_is_taken_back_and_a_look_leaves_none() -> None:
    run, source = breaking("no_zeroing")
    first = source.gradients(run.snapshot())
    start = run.state()
    run.step()
    run.restore(start)
    twice = source.gradients(run.snapshot())
    for name, gradient in first.items():
        np.testing.assert_array_equal(twice[name], gradient + gradient)
    run.apply(CIRCLE.replace(training=CIRCLE.training.replace(learning_rate=0.5)))
    looked_again = source.gradients(run.snapshot())
    for name, gradient in twice.items():
        np.testing.assert_array_equal(looked_again[name], gradient)

"""The update in lines: whichever the optimiser, what is written is what it does."""

from __future__ import annotations

import copy
import math
import re
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine.autograd import Value
from engine.microscope.film.film import Film
from engine.microscope.film.update import Assignment, update_in_lines
from engine.microscope.graph.expression_graph import batch_graph
from engine.microscope.text.spelling import figures
from engine.nn import OPTIMIZERS, SCHEDULES
from engine.nn.optimizers import SGD, Optimizer, RMSprop
from engine.training import Data, Experiment, LayerSpec, Network, Run, Training
from tests.engine.microscope.text.test_spelling import read
from tests.engine.tables import STEPPING

NAME = "w₁"
SIGNS = {"mean": "m", "square": "v", "velocity": "v"}
EXACT = 1e-12  # the same operations in the same order; products with 1 and sums with 0 apart


def one_step(
    optimizer: Optimizer, number: float, gradient: float, memory: dict[str, Any], weight: float
) -> tuple[list[Assignment], float, dict[str, Any]]:
    """The lines of an update of one number, and by the optimiser itself the new number and what it remembers."""
    clip_coef = optimizer.clip_coef([number], [gradient], [weight])
    lines = update_in_lines(optimizer, NAME, number, gradient, memory, weight, clip_coef)
    state = optimizer.init_state() | copy.deepcopy(memory)
    (new,) = optimizer.update_all([number], [gradient], [state], [weight])
    return lines, new, state


def assert_true(lines: list[Assignment], new: float, state: dict[str, Any]) -> None:
    *remembered, last = lines
    assert last.target == NAME
    assert last.result == pytest.approx(new, rel=EXACT, abs=0)
    found = [line.result for line in remembered if line.target not in ("m̂", "v̂")]
    expected = [item for item in state.values() if isinstance(item, float)]
    assert found == pytest.approx(expected, rel=EXACT, abs=0)
    for line in lines:
        assert line.result in read(line.numbers), line


def assert_symbols_are_true(lines: list[Assignment], known: dict[str, float]) -> None:
    """Each line, read with the numbers of its names, and then known to the lines below."""
    for line in lines:
        assert line.result in read(line.symbols, known), line
        known[line.target] = line.result


def made(name: str, penalties: dict[str, float], schedule: str = "constant", steps: int = 0) -> Optimizer:
    optimizer = OPTIMIZERS[name].make([Value(0.0)], lr=0.05)
    for field, size in penalties.items():
        setattr(optimizer, field, size)
    optimizer.schedule, optimizer.span, optimizer.steps = SCHEDULES[schedule], 7.0, steps
    return optimizer


PENALTIES = pytest.mark.parametrize(
    "penalties",
    [{}, {"l1": 0.03}, {"l2": 0.2}, {"max_norm": 0.1}, {"l1": 0.03, "l2": 0.2, "max_norm": 0.1}],
    ids=lambda penalties: " and ".join(penalties) or "plain",
)


@pytest.mark.parametrize("name", OPTIMIZERS)
@PENALTIES
@pytest.mark.parametrize("weight", [1.0, 0.0])
def test_the_lines_are_what_the_optimizer_does_step_after_step(
    name: str, penalties: dict[str, float], weight: float
) -> None:
    memory: dict[str, Any] = {}
    number = -0.7
    for steps, gradient in enumerate([0.31, -0.052, 0.0, 1.7, 0.31]):
        optimizer = made(name, penalties, "decay", steps)
        before = optimizer.init_state() | memory
        lines, new, memory = one_step(optimizer, number, gradient, memory, weight)
        assert_true(lines, new, memory)
        known = {NAME: number, "g": gradient, "η": float(optimizer.rate), "λ₁": optimizer.l1, "λ₂": optimizer.l2}
        known |= {"s": optimizer.clip_coef([number], [gradient], [weight])}
        known |= {SIGNS[key]: item for key, item in before.items() if isinstance(item, float)}
        known |= {"β₁": 0.9, "β₂": 0.999, "ε": getattr(optimizer, "eps", 0.0), "μ": 0.9, "α": 0.99, "λ": 0.01}
        known["t"] = steps + 1
        assert_symbols_are_true(lines, known)
        number = new


@pytest.mark.parametrize("name", STEPPING)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_rate_is_that_of_the_schedule_at_this_step(name: str, schedule: str) -> None:
    for steps in (0, 3, 20):
        optimizer = made(name, {}, schedule, steps)
        lines, new, state = one_step(optimizer, 0.4, -0.9, {}, 1.0)
        assert_true(lines, new, state)
        assert "η" in lines[-1].symbols
        assert figures(float(optimizer.rate)) in lines[-1].numbers


@given(
    st.sampled_from(tuple(OPTIMIZERS)),
    st.floats(-100, 100),
    st.floats(-100, 100),
    st.fixed_dictionaries({}, optional={key: st.floats(1e-3, 1) for key in ("l1", "l2", "max_norm")}),
    st.sampled_from(tuple(SCHEDULES)),
    st.integers(0, 50),
)
def test_for_any_number_and_gradient(
    name: str, number: float, gradient: float, penalties: dict[str, float], schedule: str, steps: int
) -> None:
    assert_true(*one_step(made(name, penalties, schedule, steps), number, gradient, {}, 1.0))


MOMENTS = ["m = β₁·m + (1 − β₁)·g", "v = β₂·v + (1 − β₂)·g²", "m̂ = m / (1 − β₁ᵗ)", "v̂ = v / (1 − β₂ᵗ)"]
FIRST = {
    "sgd": ["w₁ = w₁ − η·g"],
    "momentum": ["v = μ·v + g", "w₁ = w₁ − η·v"],
    "nesterov": ["v = μ·v + g", "w₁ = w₁ − η·(g + μ·v)"],
    "adam": [*MOMENTS, "w₁ = w₁ − η·m̂ / (√(v̂) + ε)"],
    "adamw": [*MOMENTS, "w₁ = w₁·(1 − η·λ) − η·m̂ / (√(v̂) + ε)"],
    "rmsprop": ["v = α·v + (1 − α)·g²", "w₁ = w₁ − η·(g / (√(v) + ε))"],
    "adagrad": ["v = v + g²", "w₁ = w₁ − η·(g / (√(v) + ε))"],
    "by_hand": ["w₁ = w₁"],
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_first_update_of_each_optimizer_is_written_as_by_hand(name: str) -> None:
    lines, _, _ = one_step(made(name, {}), 0.5, 0.25, {}, 1.0)
    assert [f"{line.target} = {line.symbols}" for line in lines] == FIRST[name]


def test_the_corrections_of_adam_are_told_with_the_number_of_the_step() -> None:
    lines, _, _ = one_step(made("adam", {}), 0.5, 0.25, {"step": 11, "mean": 0.1, "square": 0.2}, 1.0)
    told = {line.target: line.numbers for line in lines}
    assert told["m̂"] == "0.115 / (1 − 0.9¹²)"
    assert told["v̂"].endswith(" / (1 − 0.999¹²)")
    assert not {"0.1", "31.62"} & set(re.findall(r"[\d.]+", " ".join(line.symbols for line in lines)))


def written(penalties: dict[str, float], weight: float) -> tuple[str, str]:
    (line,), _, _ = one_step(made("sgd", penalties), 0.5, -0.25, {}, weight)
    return line.symbols, line.numbers


def test_penalties_are_written_where_they_pull_and_nowhere_else() -> None:
    assert written({}, 1.0) == ("w₁ − η·g", "0.5 − 0.05·(−0.25)")
    assert written({"l2": 0.2}, 1.0) == ("w₁ − η·(g + λ₂·w₁)", "0.5 − 0.05·(−0.25 + 0.2·0.5)")
    assert written({"l1": 0.03}, 1.0) == ("w₁ − η·(g + λ₁·sign(w₁))", "0.5 − 0.05·(−0.25 + 0.03·sign(0.5))")
    assert written({"l1": 0.03, "l2": 0.2}, 0.0) == ("w₁ − η·g", "0.5 − 0.05·(−0.25)"), "no penalty on a bias"


def test_a_gradient_is_shortened_only_if_it_is_too_long() -> None:
    assert written({"max_norm": 0.1}, 1.0) == ("w₁ − η·s·g", "0.5 − 0.05·0.4·(−0.25)")
    assert written({"max_norm": 0.1, "l2": 0.2}, 1.0)[0] == "w₁ − η·s·(g + λ₂·w₁)"
    assert written({"max_norm": 0.3}, 1.0)[0] == "w₁ − η·g"


def test_what_the_window_does_not_offer_is_written_all_the_same() -> None:
    for optimizer in (
        SGD([Value(0.0)], lr=0.1, momentum=0.8, dampening=0.3, weight_decay=0.05),
        RMSprop([Value(0.0)], lr=0.1, momentum=0.5, centered=True, weight_decay=0.05),
    ):
        memory: dict[str, Any] = {}
        for gradient in (0.5, -0.25, 0.125):
            lines, new, memory = one_step(optimizer, 0.3, gradient, memory, 1.0)
            assert_true(lines, new, memory)


def test_nothing_is_changed_by_writing_it_down() -> None:
    optimizer = made("adam", {"l2": 0.2}, "cosine", 3)
    memory = {"step": 4, "mean": 0.1, "square": 0.2}
    before = dict(vars(optimizer)), dict(memory)
    one_step(optimizer, 0.5, 0.25, memory, 1.0)
    assert (dict(vars(optimizer)), memory) == before


def test_a_gradient_that_is_lost_is_said_in_words() -> None:
    lines, _, _ = one_step(made("adam", {"l2": 0.1, "max_norm": 1.0}), 0.5, math.nan, {}, 1.0)
    assert math.isnan(lines[-1].result)
    for line in lines:
        assert "not a number" in line.numbers
        assert "nan" not in line.numbers


@pytest.mark.parametrize("name", OPTIMIZERS)
@PENALTIES
def test_in_a_film_the_lines_of_every_parameter_end_with_its_new_number(name: str, penalties: dict[str, float]) -> None:
    training = Training(optimizer=name, learning_rate=0.02, schedule="warm_up", span=9, **penalties)
    run = Run(Experiment(Data("gauss", count=20, noise=0.3), Network(layers=(LayerSpec(2, "tanh"),)), training))
    run.step(3)
    snapshot = run.snapshot()
    film = Film(batch_graph(snapshot, 0), snapshot)
    film.seek(len(film.steps))
    for i in film.graph.parameters.values():
        *_, last = film.update_lines(i, NAME)
        assert last.result == pytest.approx(film.data[i], rel=EXACT, abs=0)
        assert last.result in read(last.numbers), last

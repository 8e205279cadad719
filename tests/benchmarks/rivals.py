"""Other libraries that do the same work, each as its own documentation would have it, and as fast as it then goes."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from work import Contender, Entrant, Work


# ── PyTorch ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def _torch_model(work: Work) -> Any:
    import torch

    torch.set_num_threads(1)
    modules: list[Any] = []
    for w, b in work.weights:
        linear = torch.nn.Linear(w.shape[1], w.shape[0])
        linear.load_state_dict({"weight": torch.tensor(w), "bias": torch.tensor(b)})
        modules += [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*modules[:-1])


def _torch_step(work: Work) -> Contender:
    import torch

    model, x, t = _torch_model(work), torch.tensor(work.x), torch.tensor(work.t)
    optimizer, loss_function = torch.optim.SGD(model.parameters(), lr=work.rate), torch.nn.MSELoss()

    def run() -> Any:
        loss = loss_function(model(x), t)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss

    return Contender(run, lambda loss: loss.item())


def _torch_forward(work: Work) -> Contender:
    import torch

    layer1, tanh1, layer2, tanh2, layer3 = _torch_model(work)
    x = torch.tensor(work.x)

    def run() -> Any:
        with torch.no_grad():
            a1 = tanh1(layer1(x))
            a2 = tanh2(layer2(a1))
            return a1, a2, layer3(a2)

    return Contender(run, lambda kept: [layer.numpy() for layer in kept])


# ── JAX ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _jax_activations(parameters: Any, x: Any) -> list[Any]:
    import jax.numpy as jnp

    kept = [x]
    for W, b in parameters[:-1]:
        kept.append(jnp.tanh(kept[-1] @ W + b))
    W, b = parameters[-1]
    return [*kept[1:], kept[-1] @ W + b]


def _jax_parameters(work: Work) -> Any:
    import jax.numpy as jnp

    return [(jnp.array(w.T), jnp.array(b)) for w, b in work.weights]


def _jax_step(work: Work) -> Contender:
    import jax
    import jax.numpy as jnp

    def loss_of(parameters: Any, x: Any, t: Any) -> Any:
        return jnp.mean((_jax_activations(parameters, x)[-1] - t) ** 2)

    def step(parameters: Any, x: Any, t: Any) -> Any:
        loss, gradients = jax.value_and_grad(loss_of)(parameters, x, t)
        return jax.tree.map(lambda p, g: p - work.rate * g, parameters, gradients), loss

    # donated parameters are overwritten in place: faster here than new ones
    compiled = jax.jit(step, donate_argnums=0)
    parameters, x, t = _jax_parameters(work), jnp.array(work.x), jnp.array(work.t)

    def run() -> Any:
        nonlocal parameters
        parameters, loss = compiled(parameters, x, t)
        return loss.block_until_ready()

    return Contender(run, float)


def _jax_forward(work: Work) -> Contender:
    import jax
    import jax.numpy as jnp

    compiled = jax.jit(_jax_activations)
    parameters, x = _jax_parameters(work), jnp.array(work.x)

    def run() -> Any:
        kept = compiled(parameters, x)
        kept[-1].block_until_ready()
        return kept

    return Contender(run, lambda kept: [np.asarray(layer) for layer in kept])


# ── micrograd ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def _tanh(x: Any) -> Any:
    """The published package has only ReLU: tanh as in the lecture about it."""
    from micrograd.engine import Value

    out = Value(math.tanh(x.data), (x,), "tanh")

    def backward() -> None:
        x.grad += (1 - out.data**2) * out.grad

    out._backward = backward
    return out


def _micrograd_model(work: Work) -> Any:
    from micrograd.nn import MLP

    model = MLP(work.sizes[0], list(work.sizes[1:]))
    for layer, (w, b) in zip(model.layers, work.weights, strict=True):
        for neuron, weights, bias in zip(layer.neurons, w, b, strict=True):
            neuron.nonlin = False
            neuron.b.data = float(bias)
            for held, weight in zip(neuron.w, weights, strict=True):
                held.data = float(weight)
    return model


def _micrograd_activations(model: Any, point: list[float]) -> list[list[Any]]:
    kept: list[list[Any]] = []
    values: list[Any] = point
    for layer in model.layers:
        sums = [neuron(values) for neuron in layer.neurons]
        values = sums if layer is model.layers[-1] else [_tanh(z) for z in sums]
        kept.append(values)
    return kept


def _micrograd_step(work: Work) -> Contender:
    model, points, targets = _micrograd_model(work), work.x.tolist(), work.t[:, 0].tolist()
    parameters = model.parameters()

    def run() -> Any:
        outputs = [_micrograd_activations(model, point)[-1][0] for point in points]
        loss = sum((y - t) ** 2 for y, t in zip(outputs, targets, strict=True)) * (1 / len(points))
        for p in parameters:
            p.grad = 0
        loss.backward()
        for p in parameters:
            p.data -= work.rate * p.grad
        return loss

    return Contender(run, lambda loss: loss.data)


def _micrograd_forward(work: Work) -> Contender:
    model, points = _micrograd_model(work), work.x.tolist()
    kept = [np.empty((len(points), m), "f4") for m in work.sizes[1:]]

    def run() -> None:
        for i, point in enumerate(points):
            for array, values in zip(kept, _micrograd_activations(model, point), strict=True):
                array[i] = [value.data for value in values]

    return Contender(run, lambda _: kept)


# ── MyGrad ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _mygrad_parameters(work: Work) -> Any:
    import mygrad

    # its checks against writing into arrays in use cost time, and can be turned off
    mygrad.turn_memory_guarding_off()
    return [(mygrad.tensor(w.T.copy()), mygrad.tensor(b.copy())) for w, b in work.weights]


def _mygrad_activations(parameters: Any, x: Any) -> list[Any]:
    import mygrad

    kept = [x]
    for W, b in parameters[:-1]:
        kept.append(mygrad.tanh(mygrad.matmul(kept[-1], W) + b))
    W, b = parameters[-1]
    return [*kept[1:], mygrad.matmul(kept[-1], W) + b]


def _mygrad_step(work: Work) -> Contender:
    import mygrad

    layers, x = _mygrad_parameters(work), mygrad.tensor(work.x, constant=True)
    parameters = [p for layer in layers for p in layer]

    def run() -> Any:
        loss = mygrad.mean((_mygrad_activations(layers, x)[-1] - work.t) ** 2)
        loss.backward()
        for p in parameters:
            p.data -= work.rate * p.grad
        return loss

    return Contender(run, lambda loss: loss.item())


def _mygrad_forward(work: Work) -> Contender:
    import mygrad

    layers, x = _mygrad_parameters(work), mygrad.tensor(work.x, constant=True)

    def run() -> Any:
        with mygrad.no_autodiff:
            return _mygrad_activations(layers, x)

    return Contender(run, lambda kept: [layer.data for layer in kept])


# ── scikit-learn ──────────────────────────────────────────────────────────────────────────────────────────────────────
def _sklearn_model(work: Work) -> Any:
    from sklearn.neural_network import MLPRegressor

    model = MLPRegressor(
        hidden_layer_sizes=work.sizes[1:-1],
        activation="tanh",
        solver="sgd",
        alpha=0,
        batch_size=len(work.x),
        # it halves the squared error, and so the gradient
        learning_rate_init=2 * work.rate,
        momentum=0,
        nesterovs_momentum=False,
        shuffle=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.partial_fit(work.x, work.t[:, 0])
    # in place: its optimiser holds these arrays
    for W, b, (w, c) in zip(model.coefs_, model.intercepts_, work.weights, strict=True):
        W[...], b[...] = w.T, c
    return model


def _sklearn_step(work: Work) -> Contender:
    model, x, t = _sklearn_model(work), work.x, work.t[:, 0].copy()
    return Contender(lambda: model.partial_fit(x, t), lambda model: 2 * model.loss_)


def _sklearn_forward(work: Work) -> Contender:
    model = _sklearn_model(work)
    return Contender(lambda: model._forward_pass([work.x, *model.coefs_]), lambda kept: kept[1:])


RIVALS = (
    Entrant("PyTorch", "torch", _torch_step, _torch_forward, note="Eager, on the CPU."),
    Entrant(
        "JAX",
        "jax",
        _jax_step,
        _jax_forward,
        note="`jit` of the whole step, parameters donated, `block_until_ready` after each.",
    ),
    Entrant(
        "micrograd",
        "micrograd",
        _micrograd_step,
        _micrograd_forward,
        limit=1e6,
        note="One Python object a number, in float64, with a tanh added; left out where a step takes over 10 s.",
    ),
    Entrant("MyGrad", "mygrad", _mygrad_step, _mygrad_forward, note="Eager NumPy, its memory guard off."),
    Entrant(
        "scikit-learn",
        "scikit-learn",
        _sklearn_step,
        _sklearn_forward,
        note="`MLPRegressor.partial_fit`, which also checks its input. It reports half the squared error: "
        "its rate and its loss are doubled.",
    ),
)

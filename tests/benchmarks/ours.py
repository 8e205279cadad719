"""The project's own contenders: the engine compiled and eager, as anyone would use it."""

from __future__ import annotations

from functools import partial

import hand_written
from work import Contender, Entrant, Work

import engine
from engine import Tensor, losses, nn, optim
from engine.compiler import CompiledStep

COMPILED, MANY, BY_HAND, EAGER = "compiled, `step()`", "compiled, `step(50)`", "NumPy by hand", "eager"


def model(work: Work) -> nn.Sequential:
    """The network, at the work's weights."""
    modules: list[nn.Module] = []
    for w, b in work.weights:
        linear = nn.Linear(w.shape[1], w.shape[0], dtype="f4")
        linear.weight.assign(w.copy())
        linear.bias.assign(b.copy())
        modules += [linear, nn.Tanh()]
    return nn.Sequential(*modules[:-1])


def compiled(work: Work, optimizer: type[optim.Optimizer] = optim.SGD) -> CompiledStep:
    """A network's training step, from its parts to the program."""
    network = model(work)
    x = Tensor(work.x, requires_grad=False)
    return engine.compile(lambda: losses.mse_loss(network(x), work.t), optimizer(network.parameters(), lr=work.rate))


def _step(work: Work) -> Contender:
    return Contender(compiled(work), float)


def _fifty_steps(work: Work) -> Contender:
    return Contender(partial(compiled(work), 50), float, steps=50)


def _eager_step(work: Work) -> Contender:
    network, x = model(work), Tensor(work.x, requires_grad=False)
    t = Tensor(work.t, requires_grad=False)
    optimizer = optim.SGD(network.parameters(), lr=work.rate)

    def run() -> Tensor:
        loss = losses.mse_loss(network(x), t)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss

    return Contender(run, lambda loss: loss.item())


def _activations(network: nn.Sequential, x: Tensor) -> list[Tensor]:
    kept = []
    for module in network:
        x = module(x)
        if isinstance(module, nn.Tanh):
            kept.append(x)
    return [*kept, x]


def _forward(work: Work) -> Contender:
    network, x = model(work), Tensor(work.x, requires_grad=False)

    def outputs() -> list[Tensor]:
        *hidden, output = _activations(network, x)
        return [output, *hidden]

    program = engine.compile(outputs)
    return Contender(program.run, lambda _: [*program.kept(), program()])


def _eager_forward(work: Work) -> Contender:
    network, x = model(work), Tensor(work.x, requires_grad=False)

    def run() -> list[Tensor]:
        with engine.no_grad():
            return _activations(network, x)

    return Contender(run, lambda kept: [layer.data for layer in kept])


OURS = (
    Entrant(COMPILED, "numpy", _step, _forward),
    Entrant(MANY, "numpy", _fifty_steps, note="Fifty steps a call; the time is of one."),
    Entrant(BY_HAND, "numpy", hand_written.step, hand_written.forward, note="The yardstick, for two hidden layers."),
    Entrant(EAGER, "numpy", _eager_step, _eager_forward, note="`loss.backward(); optimizer.step(); zero_grad()`"),
)

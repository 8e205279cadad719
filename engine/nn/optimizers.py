"""Optimizers: how parameters move against their gradients. The formulas, and the defaults, are PyTorch's.

Each update makes new arrays and leaves the old ones as they were, for whoever still looks at them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import Any, ClassVar

import numpy as np

from engine.autograd.array_ops import sum_
from engine.autograd.node import Node
from engine.autograd.ops import Op, div, minimum, relu, sign, sqrt, step
from engine.dataclass import dataclass
from engine.nn.schedules import CONSTANT


def _select(mask: Any, a: Any, b: Any) -> Any:
    """The one where the mask is 1, the other where it is 0: what is not chosen may even be NaN."""
    return np.where(mask, a, b)


# the one operation that only updates have, and no derivative flows through
select = Op("select", "?", lambda mask, a, b: a if mask else b, _select, None, None, None)


class Optimizer:
    """Base of the optimizers: keeps each parameter once, and skips those without a gradient.

    Args:
        parameters: Tensors or Values. Raises ValueError if there is none, or one that was computed from others.
        lr: the learning rate.

    Attributes, all of which may be changed between steps:
        lr, schedule, span: the learning rate, how it changes with `steps`, and in how many of them.
        steps: how often `step` was called.
        l1, l2: the penalty l1·Σ|w| + ½·l2·Σw², over weights, which have two axes, and not over biases.
        max_norm: gradients that are longer together, in the Euclidean norm, are shortened to it (Pascanu and others
            2013); 0 for no limit.
        mobility: for each parameter 1 where it may move and 0 where it is frozen, a number or an array; None if nothing
            is frozen. The gradient of what is frozen is 0 to the optimizer, and its number is put back to the bit.
        never_negative: of its class: which numbers of `init_state` are never below 0, such as means of squares.
    """

    never_negative: ClassVar[tuple[str, ...]] = ()

    def __init__(self, parameters: Iterable[Node], lr: float) -> None:
        self.parameters = list({id(p): p for p in parameters}.values())
        if not self.parameters:
            raise ValueError(f"{type(self).__name__}: no parameters to optimise")
        for i, p in enumerate(self.parameters):
            if p.op is not None:
                raise ValueError(f"{type(self).__name__}: parameter {i} was computed by {p.op.name}; only leaves move")
        self.lr = lr
        self.schedule, self.span, self.steps = CONSTANT, 1000.0, 0
        self.l1 = self.l2 = self.max_norm = 0.0
        self.mobility: list[Any] | None = None
        self.state: list[dict[str, Any]] = [{} for _ in self.parameters]

    def init_state(self) -> dict[str, Any]:
        """Initial state of a parameter, before it first moves: counters, and numbers for each of its elements."""
        return {}

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        """Update rule: the new data of a parameter, from its data `p`, its gradient `g`, its state, and the rate.

        Written with operators and rows of the table, so that it runs on numbers, on arrays, and on the nodes of a
        program that is compiled.
        """
        raise NotImplementedError

    def update_all(
        self,
        ps: Sequence[Any],
        gs: Sequence[Any],
        states: Sequence[dict[str, Any]],
        weights: Sequence[Any],
        mobility: Sequence[Any] | None = None,
    ) -> list[Any]:
        """The new data of all parameters that move together, each as in `update`.

        `weights` says of each whether the penalty pulls at it, `mobility` whether it may move: 1 or 0, or an array of
        these, one for each element.
        """
        gs = self._pulls(ps, gs, weights, mobility)
        if self.max_norm:
            scale = _clip_coef(gs, self.max_norm)
            gs = [scale * g for g in gs]
        news = [self.update(p, g, state, self.rate) for p, g, state in zip(ps, gs, states, strict=True)]
        return news if mobility is None else list(map(select, mobility, news, ps))

    def _pulls(
        self, ps: Sequence[Any], gs: Sequence[Any], weights: Sequence[Any], mobility: Sequence[Any] | None
    ) -> list[Any]:
        """Gradients with what the penalty adds to them, and 0 for what is frozen: a limit does not count it."""
        gs = [self.penalised(p, g, w) for p, g, w in zip(ps, gs, weights, strict=True)]
        return gs if mobility is None else [select(m, g, 0.0) for m, g in zip(mobility, gs, strict=True)]

    def textbook(self, p: Any, state: dict[str, Any], lr: Any, name: Callable[[str, Any], Any]) -> Any:
        """What `update` has made of a parameter, in the terms of textbooks, if it computes in others; else None.

        For people: it takes the state that `update` has left, and has each number on the way named.
        """
        return None

    @property
    def rate(self) -> Any:
        """Learning rate of this very step, by its schedule."""
        return self.lr * self.schedule.factor(self.steps, self.span)

    def penalised(self, p: Any, g: Any, weight: Any) -> Any:
        """Gradient with what the penalty adds to it."""
        if self.l2:
            g = g + (self.l2 * weight) * p
        if self.l1:
            g = g + (self.l1 * weight) * sign(p)
        return g

    def clip_coef(
        self, ps: Sequence[Any], gs: Sequence[Any], weights: Sequence[Any], mobility: Sequence[Any] | None = None
    ) -> Any:
        """The factor, at most 1, by which gradients are shortened so that together they are no longer than allowed."""
        if not self.max_norm:
            return 1.0
        return _clip_coef(self._pulls(ps, gs, weights, mobility), self.max_norm)

    def step(self) -> None:
        """Move every parameter that has a gradient. (A Value always has one: 0 before the first backward pass.)"""
        moving = [i for i, p in enumerate(self.parameters) if p.grad is not None]
        parameters, states = [self.parameters[i] for i in moving], [self.state[i] for i in moving]
        mobility = None if self.mobility is None else [self.mobility[i] for i in moving]
        for state in states:
            for name, start in self.init_state().items():
                state.setdefault(name, start)
        with np.errstate(all="ignore"):
            ps, gs = [p.data for p in parameters], [p.grad for p in parameters]
            news = self.update_all(ps, gs, states, [float(np.ndim(p) > 1) for p in ps], mobility)
        for parameter, new in zip(parameters, news, strict=True):
            parameter.assign(new)
        self.steps += 1

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self.parameters:
            parameter.zero_grad()

    def state_dict(self) -> list[dict[str, Any]]:
        """State of each parameter, in order: moments and counters."""
        return _copied(self.state)

    def load_state_dict(self, state: list[dict[str, Any]]) -> None:
        """Take what `state_dict` gave. Raises ValueError if it is of another number of parameters."""
        if len(state) != len(self.parameters):
            raise ValueError(f"load_state_dict: state of {len(state)} parameters, but there are {len(self.parameters)}")
        self.state = _copied(state)


def _copied(state: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {n: item.copy() if isinstance(item, np.ndarray) else item for n, item in of_one.items()} for of_one in state
    ]


def _clip_coef(gs: Sequence[Any], max_norm: Any) -> Any:
    """What shortens gradients, if need be, to a length of `max_norm` together, as PyTorch's clip_grad_norm_ does."""
    squares = [g * g for g in gs]
    parts = [s if isinstance(s, float) else sum_(s, axis=None, keepdims=False) for s in squares]
    return minimum(div(max_norm, sqrt(sum(parts[1:], parts[0])) + 1e-6), 1.0)


class SGD(Optimizer):
    """Stochastic gradient descent: p - lr·g, with momentum (Polyak 1964) also in Nesterov's form (1983)."""

    def __init__(self, parameters: Iterable[Node], lr: float = 1e-3, momentum: float = 0.0, dampening: float = 0.0,
                 weight_decay: float = 0.0, nesterov: bool = False) -> None:  # fmt: skip
        super().__init__(parameters, lr)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError(f"SGD: nesterov needs a momentum above 0 ({momentum}) and dampening 0 ({dampening})")
        self.momentum, self.dampening = momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov

    def init_state(self) -> dict[str, Any]:
        state: dict[str, Any] = {"velocity": 0.0} if self.momentum else {}
        return state | {"step": 0} if self.dampening else state

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        if self.weight_decay:
            g = g + self.weight_decay * p
        if self.momentum:
            share: Any = 1.0
            if self.dampening:
                t = state["step"] = state["step"] + 1
                share = 1 - self.dampening * step(t - 1)  # the first gradient is not damped
            velocity = state["velocity"] = self.momentum * state["velocity"] + share * g
            g = g + self.momentum * velocity if self.nesterov else velocity
        return p - lr * g


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015): a step in units of the gradient's recent size, from running means of g and g²."""

    never_negative = ("square",)

    def __init__(self, parameters: Iterable[Node], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.0) -> None:  # fmt: skip
        super().__init__(parameters, lr)
        self.beta1, self.beta2 = betas
        self.eps, self.weight_decay = eps, weight_decay

    def init_state(self) -> dict[str, Any]:
        return {"step": 0, "mean": 0.0, "square": 0.0}

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        if self.weight_decay:
            g = g + self.weight_decay * p
        return self._adaptive_update(p, g, state, lr)

    def _adaptive_update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        beta1, beta2 = self.beta1, self.beta2
        t = state["step"] = state["step"] + 1
        m = state["mean"] = beta1 * state["mean"] + (1 - beta1) * g
        v = state["square"] = beta2 * state["square"] + (1 - beta2) * (g * g)
        # both means start at 0; dividing by 1 - βᵗ makes up for it
        scale = sqrt(v) * (1 / (1 - beta2**t) ** 0.5) + self.eps
        return p - (lr / (1 - beta1**t)) * div(m, scale)

    def textbook(self, p: Any, state: dict[str, Any], lr: Any, name: Callable[[str, Any], Any]) -> Any:
        t = state["step"]
        m_hat = name("m̂", state["mean"] / (1 - self.beta1**t))
        v_hat = name("v̂", state["square"] / (1 - self.beta2**t))
        return p - div(lr * m_hat, sqrt(v_hat) + self.eps)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019): weights shrink before the step, not through g."""

    def __init__(self, parameters: Iterable[Node], lr: float = 1e-3, betas: tuple[float, float] = (0.9, 0.999),
                 eps: float = 1e-8, weight_decay: float = 0.01) -> None:  # fmt: skip
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        return self._adaptive_update(p * (1 - lr * self.weight_decay), g, state, lr)

    def textbook(self, p: Any, state: dict[str, Any], lr: Any, name: Callable[[str, Any], Any]) -> Any:
        return super().textbook(p * (1 - lr * self.weight_decay), state, lr, name)


class RMSprop(Optimizer):
    """RMSprop (Hinton 2012): the gradient divided by the root of its running mean square."""

    never_negative = ("square",)

    def __init__(self, parameters: Iterable[Node], lr: float = 1e-2, alpha: float = 0.99, eps: float = 1e-8,
                 weight_decay: float = 0.0, momentum: float = 0.0, centered: bool = False) -> None:  # fmt: skip
        super().__init__(parameters, lr)
        self.alpha, self.eps, self.weight_decay = alpha, eps, weight_decay
        self.momentum, self.centered = momentum, centered

    def init_state(self) -> dict[str, Any]:
        names = ["square", *(["mean"] if self.centered else []), *(["velocity"] if self.momentum else [])]
        return dict.fromkeys(names, 0.0)

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        if self.weight_decay:
            g = g + self.weight_decay * p
        v = state["square"] = self.alpha * state["square"] + (1 - self.alpha) * (g * g)
        if self.centered:
            mean = state["mean"] = self.alpha * state["mean"] + (1 - self.alpha) * g
            v = relu(v - mean * mean)  # a variance of 0 may come out of the subtraction below 0
        g = div(g, sqrt(v) + self.eps)
        if self.momentum:
            g = state["velocity"] = self.momentum * state["velocity"] + g
        return p - lr * g


class Adagrad(Optimizer):
    """Adagrad (Duchi and others 2011): the gradient divided by the root of its accumulated squares."""

    never_negative = ("square",)

    def __init__(self, parameters: Iterable[Node], lr: float = 1e-2, lr_decay: float = 0.0, weight_decay: float = 0.0,
                 initial_accumulator_value: float = 0.0, eps: float = 1e-10) -> None:  # fmt: skip
        super().__init__(parameters, lr)
        self.lr_decay, self.weight_decay = lr_decay, weight_decay
        self.initial_accumulator_value, self.eps = initial_accumulator_value, eps

    def init_state(self) -> dict[str, Any]:
        return {"step": 0, "square": self.initial_accumulator_value}

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        if self.weight_decay:
            g = g + self.weight_decay * p
        t = state["step"] = state["step"] + 1
        total = state["square"] = state["square"] + g * g
        return p - (lr / (1 + (t - 1) * self.lr_decay)) * div(g, sqrt(total) + self.eps)


class Still(Optimizer):
    """No optimizer: nothing moves by itself. Whoever trains the network does it by hand."""

    def update(self, p: Any, g: Any, state: dict[str, Any], lr: Any) -> Any:
        return p


@dataclass(frozen=True)
class Setting:
    """Setting of an optimizer: a number beside the learning rate, kept in its attribute of the same name as the row.

    Attributes:
        label, sign, description: its name in the window, in formulas, and what it does.
        low, high: its bounds. Within them no setting decides what an optimizer remembers.
    """

    label: str
    sign: str
    description: str
    low: float
    high: float


# fmt: off
SETTINGS: dict[str, Setting] = {
    "momentum":     Setting("Momentum", "μ", "The share of its speed that it keeps from step to step.", 0.01, 0.999),
    "beta1":        Setting("β₁", "β₁", "The share that the mean gradient keeps of what it was.", 0.0, 0.999),
    "beta2":        Setting("β₂", "β₂", "The share that the mean square keeps of what it was.", 0.0, 0.9999),
    "alpha":        Setting("α", "α", "The share that the mean square keeps of what it was.", 0.0, 0.9999),
    "eps":          Setting("ε", "ε", "Added to what is divided by, so that it is never 0.", 1e-12, 1.0),
    "lr_decay":     Setting("Rate decay", "δ", "How fast the learning rate falls: by 1 / (1 + t · decay).", 0.0, 1.0),
    "weight_decay": Setting("Weight decay", "λ", "By how much, times the learning rate, each number shrinks a step.",
                            0.0, 10.0),
}
# fmt: on


@dataclass(frozen=True)
class TorchOptimizer:
    """Optimizer of PyTorch, that does the same.

    Attributes:
        name: of its class.
        arguments: what it is made with beside parameters and rate, settings in braces: "momentum={momentum}".
        state: what it calls the numbers of `init_state`, apart from counters.
        counts_steps: whether it remembers the number of its steps.
        decays: whether its `weight_decay` adds to the gradient what the penalty l2 adds.
    """

    name: str
    arguments: str = ""
    state: Mapping[str, str] = field(default_factory=dict)
    counts_steps: bool = True
    decays: bool = True


@dataclass(frozen=True)
class Recipe:
    """Optimizer as the window offers it: `make(parameters, lr=…)`; its settings by name, with their defaults; and
    PyTorch's, None if PyTorch has none.

    `waits` is what is said while a run waits for the user, of one that makes no steps; empty for all others.
    """

    label: str
    description: str
    make: Callable[..., Optimizer]
    torch: TorchOptimizer | None = None
    settings: Mapping[str, float] = field(default_factory=dict)
    waits: str = ""


_MOMENTUM, _SPEED = {"momentum": 0.9}, {"velocity": "momentum_buffer"}
_BETAS, _MOMENTS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, {"mean": "exp_avg", "square": "exp_avg_sq"}

OPTIMIZERS: dict[str, Recipe] = {
    "sgd": Recipe(
        "SGD", "straight against the gradient",
        SGD, TorchOptimizer("SGD", counts_steps=False)),
    "momentum": Recipe(
        "Momentum", "SGD that keeps nine tenths of its speed",
        partial(SGD, momentum=0.9),
        TorchOptimizer("SGD", "momentum={momentum}", _SPEED, counts_steps=False),
        _MOMENTUM),
    "nesterov": Recipe(
        "Nesterov", "momentum that looks ahead",
        partial(SGD, momentum=0.9, nesterov=True),
        TorchOptimizer("SGD", "momentum={momentum}, nesterov=True", _SPEED, counts_steps=False),
        _MOMENTUM),
    "adam": Recipe(
        "Adam", "steps in units of each gradient's recent size",
        Adam, TorchOptimizer("Adam", "betas=({beta1}, {beta2}), eps={eps}", _MOMENTS),
        _BETAS),
    "adamw": Recipe(
        "AdamW", "Adam whose weights also shrink a little at each step",
        AdamW,
        TorchOptimizer("AdamW", "betas=({beta1}, {beta2}), eps={eps}, weight_decay={weight_decay}", _MOMENTS,
                       decays=False),
        {"weight_decay": 0.01} | _BETAS),
    "rmsprop": Recipe(
        "RMSprop", "gradients divided by their recent size",
        RMSprop, TorchOptimizer("RMSprop", "alpha={alpha}, eps={eps}", {"square": "square_avg"}),
        {"alpha": 0.99, "eps": 1e-8}),
    "adagrad": Recipe(
        "Adagrad", "gradients divided by all their past size",
        Adagrad, TorchOptimizer("Adagrad", "lr_decay={lr_decay}, eps={eps}", {"square": "sum"}),
        {"lr_decay": 0.0, "eps": 1e-10}),
    "by_hand": Recipe(
        "By hand", "makes no steps: the weights are yours to drag",
        Still, waits="Steps are yours: drag a weight, or choose another optimiser."),
}  # fmt: skip

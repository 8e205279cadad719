"""Modules: parts of a network that own parameters and compute with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.autograd import Tensor, get_default_dtype
from engine.autograd.functional import dropout
from engine.autograd.node import Node
from engine.nn.initialisers import INITIALISERS


class Module:
    """A part of a network: whatever a module holds as attributes, alone or in lists, belongs to it.

    A leaf that requires a gradient, Tensor or Value, is a parameter; another module is a child. Write `forward`, and
    the rest follows.
    """

    def forward(self, *inputs: Any) -> Any:
        """What the module computes."""
        raise NotImplementedError(f"{type(self).__name__} has no forward")

    def __call__(self, *inputs: Any) -> Any:
        return self.forward(*inputs)

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Any]]:
        """Names as PyTorch gives them (`0.weight`) with their parameters; one that is held twice comes once."""
        seen: set[int] = set()
        for name, node in _walk(vars(self), prefix):
            if id(node) not in seen:
                seen.add(id(node))
                yield name, node

    def parameters(self) -> list[Any]:
        """All parameters, each once."""
        return [node for _, node in self.named_parameters()]

    def zero_grad(self) -> None:
        """Forget all gradients: backward passes add to what is there."""
        for node in self.parameters():
            node.zero_grad()

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copies of all parameters by name."""
        return {name: np.array(node.data) for name, node in self.named_parameters()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take the parameters that `state_dict` gave. Raises ValueError for a name or a shape that does not fit."""
        own = dict(self.named_parameters())
        for name in sorted(state.keys() ^ own.keys()):
            raise ValueError(f"load_state_dict: {name} is {'missing' if name in own else 'not a parameter here'}")
        for name, node in own.items():
            if np.shape(state[name]) != np.shape(node.data):
                raise ValueError(
                    f"load_state_dict: {name} has shape {np.shape(state[name])}, not {np.shape(node.data)}"
                )
        for name, node in own.items():
            node.assign(np.array(state[name]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


def _walk(held: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, item in held.items():
        if isinstance(item, Node):
            if item.requires_grad and item.op is None:
                yield prefix + name, item
        elif isinstance(item, Module):
            yield from _walk(vars(item), f"{prefix}{name}.")
        elif isinstance(item, list | tuple):
            yield from _walk({str(i): part for i, part in enumerate(item)}, f"{prefix}{name}.")


class Linear(Module):
    """x Wᵀ + b: a weighted sum of the inputs for each output.

    `weight` has shape (out_features, in_features) as in PyTorch, `bias` (out_features,), zero at first.

    Args:
        in_features, out_features: numbers of inputs and outputs. Raises ValueError below 1.
        bias: whether there is one.
        initialiser: how the weights start: a name from `INITIALISERS`. Raises ValueError for another.
        rng: where they are drawn from; a new generator if None.
        dtype: of the parameters; the default dtype if None.
    """

    weight: Tensor
    bias: Tensor | None

    def __init__(self, in_features: int, out_features: int, bias: bool = True, *, initialiser: str = "xavier",
                 rng: np.random.Generator | None = None, dtype: DTypeLike | None = None) -> None:  # fmt: skip
        if in_features < 1 or out_features < 1:
            raise ValueError(f"Linear: {in_features} inputs and {out_features} outputs; allowed: at least 1 of each")
        if initialiser not in INITIALISERS:
            raise ValueError(f"Linear: initialiser {initialiser!r} is not allowed; allowed: {', '.join(INITIALISERS)}")
        rng = np.random.default_rng() if rng is None else rng
        weights = INITIALISERS[initialiser].draw(rng, in_features, out_features)
        self.weight = Tensor(weights, dtype=get_default_dtype() if dtype is None else dtype)
        self.bias = Tensor(np.zeros(out_features), dtype=self.weight.dtype) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """(points, in_features) to (points, out_features)."""
        product = x @ self.weight.T
        return product if self.bias is None else product + self.bias

    def __repr__(self) -> str:
        outputs, inputs = self.weight.shape
        return f"Linear({inputs}, {outputs})" if self.bias is not None else f"Linear({inputs}, {outputs}, bias=False)"


class Sequential(Module):
    """One module after another."""

    def __init__(self, *modules: Module) -> None:
        # named by number, so that parameters bear PyTorch's names: 0.weight, 0.bias, 2.weight …
        for i, module in enumerate(modules):
            setattr(self, str(i), module)

    def __iter__(self) -> Iterator[Module]:
        return (held for held in vars(self).values() if isinstance(held, Module))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, i: int) -> Module:
        return list(self)[i]

    def forward(self, x: Any) -> Any:
        """Each module computes on what the one before it gave."""
        for module in self:
            x = module(x)
        return x

    def __repr__(self) -> str:
        return f"Sequential({', '.join(map(repr, self))})"


class Dropout(Module):
    """Each element by chance 0, with probability p, so that no neuron relies on another (Srivastava and others 2014).

    Args:
        p: from 0 up to, but not, 1. Raises ValueError for another.
        rng: where chance comes from; a new generator if None.
    """

    def __init__(self, p: float = 0.5, *, rng: np.random.Generator | None = None) -> None:
        dropout(0.0, p)
        self.p = p
        self.rng = np.random.default_rng() if rng is None else rng

    def forward(self, x: Tensor) -> Tensor:
        """x in its shape, drawn anew at each call."""
        return dropout(x, self.p, self.rng)

    def __repr__(self) -> str:
        return f"Dropout({self.p})"

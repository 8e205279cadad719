"""ParameterBuffer: the parameters of an optimiser in one vector, and what it remembers of them in others beside it.

An update is then two or three operations, however many layers there are. To everyone else the parameters and the
optimiser's state stay what they were: their arrays become views of the vectors, so what is written to them is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.autograd.tensor import Tensor


class Updates(Protocol):
    """What an optimiser offers to the compiler."""

    parameters: list[Any]
    state: list[dict[str, Any]]
    steps: int

    def init_state(self) -> dict[str, Any]:
        """What is remembered of a parameter before it first moves."""

    def update_all(
        self, ps: Sequence[Any], gs: Sequence[Any], states: Sequence[dict[str, Any]], weights: Sequence[Any]
    ) -> list[Any]:
        """The new parameters, from their data, gradients, states, which are updated, and which of them are weights."""


class ParameterBlock:
    """A parameter; or weights (outputs, inputs) and the bias (outputs,) that stands beside them as one more column.

    Attributes:
        tensors: the parameter, or weights and bias.
        shape, dtype: of the whole block, as it was when a program was made for it.
    """

    def __init__(self, *tensors: Tensor) -> None:
        shape = tensors[0].shape
        self.tensors, self.dtype = tensors, tensors[0].dtype
        self.shape = shape if len(tensors) == 1 else (shape[0], shape[1] + 1)

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    def keys(self) -> tuple[Any, ...]:
        """Where in the block each of its tensors stands."""
        if len(self.tensors) == 1:
            return (...,)
        k = self.shape[1] - 1
        return (slice(None), slice(0, k)), (slice(None), k)


def slices(vector: NDArray[Any], blocks: Sequence[ParameterBlock]) -> list[NDArray[Any]]:
    """The arrays of blocks that stand one after the other in a vector, as views."""
    ends = np.cumsum([block.size for block in blocks]).tolist()
    return [vector[end - block.size : end].reshape(block.shape) for block, end in zip(blocks, ends, strict=True)]


class ParameterBuffer:
    """Blocks of one dtype that have moved equally often, side by side.

    Attributes:
        blocks: what stands in it, in order.
        everything: all its vectors, (vectors, elements); and `saved`, room for a copy of them.
        vectors: "parameters", and each array that the optimiser remembers of them, by name; views of `everything`.
        counters: what the optimiser counts, by name, and where it begins.
    """

    def __init__(self, blocks: Sequence[ParameterBlock], optimizer: Updates) -> None:
        start = optimizer.init_state()
        self.blocks = tuple(blocks)
        self.counters = {name: value for name, value in start.items() if isinstance(value, int)}
        names = ["parameters", *(name for name in start if name not in self.counters)]
        self.everything = np.zeros((len(names), sum(b.size for b in blocks)), blocks[0].dtype)
        self.saved = np.zeros_like(self.everything)
        self.vectors = dict(zip(names, self.everything, strict=True))
        self._start = start
        self._views = {name: self._views_of(vector) for name, vector in self.vectors.items()}
        self._memories: list[tuple[dict[str, Any], str, NDArray[Any]]] = []
        known = {id(tensor): i for i, tensor in enumerate(optimizer.parameters)}
        self._numbers = [known[id(tensor)] for tensor, _ in self._views["parameters"]]

    def _views_of(self, vector: NDArray[Any]) -> list[tuple[Tensor, NDArray[Any]]]:
        return [
            (tensor, array[key])
            for block, array in zip(self.blocks, slices(vector, self.blocks), strict=True)
            for tensor, key in zip(block.tensors, block.keys(), strict=True)
        ]

    @property
    def weights(self) -> NDArray[Any]:
        """1 for each element of a weight, which has two axes or more, 0 for each of a bias."""
        found: NDArray[Any] = np.zeros_like(self.vectors["parameters"])
        for tensor, view in self._views_of(found):
            view[...] = tensor.ndim > 1
        return found

    def serves(self, blocks: Sequence[ParameterBlock], optimizer: Updates) -> bool:
        """Whether it is laid out for these blocks, and for what the optimiser remembers."""
        mine, theirs = ([(b.shape, b.dtype, *map(id, b.tensors)) for b in some] for some in (self.blocks, blocks))
        return mine == theirs and self._start == optimizer.init_state() and self.has_one_age(optimizer)

    def has_one_age(self, optimizer: Updates) -> bool:
        """Whether all its parameters have moved equally often."""
        states = self.states(optimizer)
        ages = [[state.get(name, start) for name, start in self.counters.items()] for state in states]
        return all(age == ages[0] for age in ages)

    @property
    def homes(self) -> list[tuple[Any, str, NDArray[Any]]]:
        """What has to be a view of these vectors: its holder, how the holder is asked, and the view."""
        tensors = [(tensor, ".data", view) for tensor, view in self._views["parameters"]]
        return [*tensors, *((state, f"[{name!r}]", view) for state, name, view in self._memories)]

    def states(self, optimizer: Updates) -> list[dict[str, Any]]:
        """The optimiser's states of its parameters."""
        return [optimizer.state[i] for i in self._numbers]

    def take_home(self, optimizer: Updates) -> None:
        """Copy in what was put elsewhere, and make it a view again. Raises ValueError for another shape or dtype."""
        for tensor, view in self._views["parameters"]:
            if tensor.data is not view:
                check_unchanged(tensor, view)
                view[...] = tensor.data
                tensor.data = view
        for state in self.states(optimizer):
            for name, start in self._start.items():
                state.setdefault(name, start)
        self._memories = []
        for name in list(self.vectors)[1:]:
            for i, (_, view) in zip(self._numbers, self._views[name], strict=True):
                state = optimizer.state[i]
                view[...] = state[name]
                state[name] = view
                self._memories.append((state, name, view))


def check_unchanged(tensor: Tensor, view: NDArray[Any]) -> None:
    """Raise ValueError unless a tensor's data is still an array of the shape and dtype that a program was made for."""
    data = tensor.data
    if not isinstance(data, np.ndarray) or data.shape != view.shape or data.dtype != view.dtype:
        now = f"{data.shape} of {data.dtype}" if isinstance(data, np.ndarray) else type(data).__name__
        name = tensor.label or "a tensor"
        raise ValueError(f"compile: {name} was {view.shape} of {view.dtype} and is now {now}: compile anew")

"""Parameter buffer: the parameters of an optimizer in one vector, and what it remembers of them in others beside it.

An update is then two or three operations, however many layers there are. To everyone else the parameters and the
optimizer's state stay what they were: their arrays become views of the vectors, so what is written to them is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.autograd.tensor import Tensor

# where weights and their bias stand in a block of both
WEIGHTS, BIAS = (slice(None), slice(-1)), (slice(None), -1)


class ParameterBlock:
    """Block of parameters: one; or weights (outputs, inputs) with the bias (outputs,) beside them as one more column.

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

    def places(self) -> list[tuple[Tensor, Any]]:
        """Its tensors, each with the key of where in the block it stands."""
        return list(zip(self.tensors, (WEIGHTS, BIAS) if len(self.tensors) == 2 else (...,), strict=True))


def slices(vector: NDArray[Any], blocks: Sequence[ParameterBlock]) -> list[NDArray[Any]]:
    """The arrays of blocks that stand one after the other in a vector, as views."""
    ends = np.cumsum([block.size for block in blocks]).tolist()
    return [vector[end - block.size : end].reshape(block.shape) for block, end in zip(blocks, ends, strict=True)]


class ParameterBuffer:
    """Vector of the blocks of one dtype that have moved equally often, and vectors of the optimizer's state of them.

    Attributes:
        blocks: what stands in it, in order.
        mobility: 1 for each element that may move, 0 for each that is frozen; None if nothing was when it was made.
        data: all its vectors, (vectors, elements); and `saved`, room for a copy of them.
        vectors: "parameters", and each array that the optimizer remembers of them, by name; views of `data`.
        counters: what the optimizer counts, by name, and where it begins.
    """

    def __init__(self, blocks: Sequence[ParameterBlock], optimizer: Any) -> None:
        start = optimizer.init_state()
        self.blocks = tuple(blocks)
        self.counters = {name: value for name, value in start.items() if isinstance(value, int)}
        names = ["parameters", *(name for name in start if name not in self.counters)]
        self.data = np.zeros((len(names), sum(b.size for b in blocks)), blocks[0].dtype)
        self.saved = np.zeros_like(self.data)
        self.vectors = dict(zip(names, self.data, strict=True))
        self._start = start
        self._parameters, *others = map(self._views_of, self.data)
        self.mobility = None if optimizer.mobility is None else np.ones_like(self.vectors["parameters"])
        self._mobility = [] if self.mobility is None else [view for _, view in self._views_of(self.mobility)]
        self._remembered = {name: [view for _, view in views] for name, views in zip(names[1:], others, strict=True)}
        place = {id(tensor): i for i, tensor in enumerate(optimizer.parameters)}
        self._places = [place[id(tensor)] for tensor, _ in self._parameters]

    def _views_of(self, vector: NDArray[Any]) -> list[tuple[Tensor, NDArray[Any]]]:
        return [
            (tensor, array[key])
            for block, array in zip(self.blocks, slices(vector, self.blocks), strict=True)
            for tensor, key in block.places()
        ]

    @property
    def weight_mask(self) -> NDArray[Any]:
        """1 for each element of a weight, which has two axes or more, 0 for each of a bias."""
        mask: NDArray[Any] = np.zeros_like(self.vectors["parameters"])
        for tensor, view in self._views_of(mask):
            view[...] = tensor.ndim > 1
        return mask

    def fits(self, blocks: Sequence[ParameterBlock], optimizer: Any) -> bool:
        """Whether it is laid out for these blocks, and for what the optimizer remembers."""
        mine, theirs = ([(b.shape, b.dtype, *map(id, b.tensors)) for b in some] for some in (self.blocks, blocks))
        is_alike = mine == theirs and self._start == optimizer.init_state() and self._has_its_mobility(optimizer)
        return is_alike and self.has_one_age(optimizer)

    def _has_its_mobility(self, optimizer: Any) -> bool:
        """Whether it can tell what is frozen, if and only if something is."""
        return (self.mobility is None) is (optimizer.mobility is None)

    def has_one_age(self, optimizer: Any) -> bool:
        """Whether all its parameters have moved equally often."""
        states = self.states(optimizer)
        ages = [[state.get(name, start) for name, start in self.counters.items()] for state in states]
        return all(age == ages[0] for age in ages)

    def states(self, optimizer: Any) -> list[dict[str, Any]]:
        """The optimizer's states of its parameters."""
        return [optimizer.state[i] for i in self._places]

    def bindings(self, optimizer: Any) -> list[tuple[Any, str, NDArray[Any]]]:
        """What has to be a view of these vectors: its holder, how the holder is asked for it, and the view."""
        bound: list[tuple[Any, str, NDArray[Any]]] = [(tensor, ".data", view) for tensor, view in self._parameters]
        for name, views in self._remembered.items():
            bound += [(s, f"[{name!r}]", view) for s, view in zip(self.states(optimizer), views, strict=True)]
        for i, view in zip(self._places, self._mobility, strict=False):  # none where nothing is frozen
            bound.append((optimizer.mobility, f"[{i}]", view))
        return bound

    def adopt(self, optimizer: Any) -> None:
        """Copy in what was put elsewhere, and make it a view again.

        Raises ValueError for another shape or dtype, or if something is frozen now and nothing was, or the reverse.
        """
        if not self._has_its_mobility(optimizer):
            raise ValueError("what is frozen asks for another program")
        for i, view in zip(self._places, self._mobility, strict=False):
            view[...] = optimizer.mobility[i]
            optimizer.mobility[i] = view
        for tensor, view in self._parameters:
            if tensor.data is not view:
                data = tensor.data
                if not isinstance(data, np.ndarray) or (data.shape, data.dtype) != (view.shape, view.dtype):
                    raise ValueError(
                        f"{tensor.label or 'a parameter'} is no array {view.shape} of {view.dtype} any more"
                    )
                view[...] = data
                tensor.data = view
        for state in self.states(optimizer):
            for name, start in self._start.items():
                state.setdefault(name, start)
        for name, views in self._remembered.items():
            for state, view in zip(self.states(optimizer), views, strict=True):
                view[...] = state[name]
                state[name] = view

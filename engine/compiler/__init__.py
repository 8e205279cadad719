"""The compiler: a recorded graph, with its backward pass and its update, as straight-line NumPy.

A step of a small network is all overhead: nodes, dispatch, new arrays. A program has none of it. The graph is recorded
once (`capture`), in terms of which each is made once and in its cheapest form (`terms`, `peephole`); each result gets a
place in memory (`layout`, `init_state`); and every operation is printed as one call that writes there (`printer`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, overload

from engine.autograd.tensor import Tensor
from engine.compiler.program import CompiledProgram, CompiledStep

Makes = Callable[[], Tensor | Sequence[Tensor]]


@overload
def compile(output: Tensor | Makes, *, keep: Sequence[Tensor] = ()) -> CompiledProgram: ...
@overload
def compile(output: Tensor | Makes, optimizer: Any) -> CompiledStep: ...
def compile(output: Any, optimizer: Any = None, *, keep: Sequence[Tensor] = ()) -> CompiledProgram | CompiledStep:
    """A tensor, or a training step that makes it smaller, as a program of straight-line NumPy.

    >>> step = compile(losses.mse_loss(model(x), t), optimizer)
    >>> step(), step(50), step.loss, step.source

    A program reads its leaves (inputs, targets, parameters) and the optimiser's settings at each call: new contents, in
    place or assigned, are seen without compiling anew. What is not a leaf is computed anew from them. The parameters of
    a step move into memory of its own, of which their `data` are views; their `grad` is not touched.

    Args:
        output: the tensor; or a function without arguments that computes it, which is called again when a leaf changes
            its shape or dtype. It may return several tensors, all but the first to keep.
        optimizer: what moves the parameters; without one, the program only computes the tensor.
        keep: tensors on the way, such as hidden activations, to be read from the program after each call.

    Raises:
        TypeError: for an operation that is not in the table, a leaf that is no array, or a number that is read (as by
            `float`) while the function runs.
        ValueError: for a loss that is not a single number or depends on no parameter of the optimiser; and, when the
            program is called, for a leaf of another shape or dtype, unless there is a function to record anew.
    """
    origin = [output, *keep] if isinstance(output, Tensor) or not callable(output) else output
    return CompiledProgram(origin) if optimizer is None else CompiledStep(origin, optimizer)


__all__ = ["CompiledProgram", "CompiledStep", "compile"]

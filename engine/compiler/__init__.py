"""Compiler: a recorded graph, with its backward pass and its update, as straight-line NumPy.

A step of a small network is all overhead: nodes, dispatch, new arrays. A program has none of it. The graph is recorded
once and traced (`trace`) as nodes (`ir`) of which each is made once and in its cheapest form (`rewrite`); each result
gets a place in memory (`layout`, `buffer`); and every operation is written as one call that writes there (`emit`).
"""

from __future__ import annotations

from typing import Any, overload

from engine.compiler.program import CompiledProgram, CompiledStep, Makes


@overload
def compile(make: Makes) -> CompiledProgram: ...
@overload
def compile(make: Makes, optimizer: Any) -> CompiledStep: ...
def compile(make: Makes, optimizer: Any = None) -> CompiledProgram | CompiledStep:
    """A function that computes a tensor, or a training step that makes its result smaller, as straight-line NumPy.

    >>> step = compile(lambda: losses.mse_loss(model(x), t), optimizer)
    >>> step(), step(50), step.loss, step.source

    A program reads its leaves (inputs, targets, parameters) and the optimizer's settings at each call: new contents, in
    place or assigned, are seen without compiling anew. What is not a leaf is computed anew from them. The parameters of
    a step move into memory of its own, of which their `data` are views; their `grad` is not touched.

    Args:
        make: computes the tensor, without arguments; it is called again when a leaf changes its shape or dtype. It may
            return several tensors, all but the first to be kept, such as hidden activations: `program.kept()`.
        optimizer: what moves the parameters; without one, the program only computes the tensor.

    Raises:
        TypeError: for an operation that is not in the table, a leaf that is no array, or a number that is read (as by
            `float`) while the function runs.
        ValueError: for a loss that is not a single number or depends on no parameter of the optimizer.
    """
    return CompiledProgram(make) if optimizer is None else CompiledStep(make, optimizer)


__all__ = ["CompiledProgram", "CompiledStep", "compile"]

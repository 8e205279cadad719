"""Program cache: a network's training steps and forward passes, compiled once for each number of points."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.compiler import CompiledProgram, CompiledStep, compile
from engine.nn import Linear, Sequential
from engine.nn.losses import Loss
from engine.nn.optimizers import Optimizer
from engine.training.data.batches import DTYPE, Batch
from engine.training.run.dropout import Masks, with_dropout
from engine.training.spec.budget import AT_ONCE

# of each kind: full and last batch; training and test points; live and still pictures
_KEPT = 4
Make = Callable[[Tensor, Tensor, list[Tensor | None]], Any]  # a program, from points, targets and masks
NO_MASKS: Masks = []  # where nothing is left out


class _BoundProgram(NamedTuple):
    """Bound program: one with the tensors that its points, and what dropout strikes of them, are put into."""

    program: Any
    inputs: Tensor
    targets: Tensor
    masks: list[Tensor | None]

    def load(self, batch: Batch, masks: Masks) -> None:
        self.inputs.data, self.targets.data = batch.inputs, batch.targets
        for tensor, mask in zip(self.masks, masks, strict=True) if masks else ():
            if tensor is not None and mask is not None:
                tensor.data = mask


class Programs:
    """Program cache: the compiled programs of one network, made when they are first needed.

    They are recorded from functions, of which no graph stays behind: that of a picture of the plane is large.

    Args:
        model: the network; its parameters are read, and moved, where they are.
        loss: what training makes small.
        optimizer: what moves the parameters.
    """

    def __init__(self, model: Sequential, loss: Loss, optimizer: Optimizer) -> None:
        self._model, self._loss, self._optimizer = model, loss, optimizer
        self._made: dict[tuple[Hashable, ...], _BoundProgram] = {}

    def step(self, batch: Batch, masks: Masks) -> CompiledStep:
        """The training step on so many points, with the points and the dropout masks in it, one for each hidden layer
        or None, or none at all; called with `save`, it can be undone.
        """

        def make(x: Tensor, t: Tensor, masks: list[Tensor | None]) -> CompiledStep:
            learner = with_dropout(self._model, masks) if masks else self._model
            return compile(lambda: self._loss(learner(x), t), self._optimizer)

        step: CompiledStep = self._ready("step", batch, make, masks).program
        return step

    def loss(self, batch: Batch) -> float:
        """The mean loss of some points."""
        return float(self._scoring(batch)())

    def score(self, batch: Batch) -> tuple[float, NDArray[Any]]:
        """The mean loss of some points, and the outputs (points, outputs)."""
        program = self._scoring(batch)
        return float(program()), program.kept()[0]

    def _scoring(self, batch: Batch) -> CompiledProgram:
        def make(x: Tensor, t: Tensor, _: object) -> CompiledProgram:
            def record() -> list[Tensor]:
                outputs = self._model(x)
                return [self._loss(outputs, t), outputs]

            return compile(record)

        program: CompiledProgram = self._ready("score", batch, make).program
        return program

    def columns(self, inputs: NDArray[Any]) -> list[NDArray[Any]]:
        """What every neuron answers to inputs (points, features): for each column an array (points, neurons).

        Many points are asked about in several passes: recording one keeps every number on the way.
        """
        if len(inputs) > AT_ONCE:
            passes = [self.columns(inputs[i : i + AT_ONCE]) for i in range(0, len(inputs), AT_ONCE)]
            return [np.concatenate(parts) for parts in zip(*passes, strict=True)]

        def make(x: Tensor, _: Tensor, __: object) -> CompiledProgram:
            def record() -> list[Tensor]:
                columns, column = [], x
                for i, module in enumerate(self._model):
                    column = module(column)
                    if not isinstance(module, Linear) or i == len(self._model) - 1:
                        columns.append(column)
                return [columns[-1], *columns]

            return compile(record)

        empty = np.empty((len(inputs), 0), DTYPE)
        program = self._ready("columns", Batch(inputs, empty, np.empty(len(inputs))), make).program
        program.run()
        columns: list[NDArray[Any]] = program.kept()
        return columns

    def _ready(self, kind: str, batch: Batch, make: Make, masks: Masks = NO_MASKS) -> _BoundProgram:
        """The program of a kind for as many points as there are in a batch, and masks, with these in it."""
        key: tuple[Hashable, ...] = (kind, len(batch))
        if masks:
            key += tuple([mask is None for mask in masks])
        compiled = self._made.pop(key, None)
        if compiled is None:
            x = Tensor(batch.inputs, requires_grad=False, label="x")
            t = Tensor(batch.targets, requires_grad=False, label="t")
            ds = [None if mask is None else Tensor(mask, requires_grad=False, label="d") for mask in masks]
            compiled = _BoundProgram(make(x, t, ds), x, t, ds)
            alike = [made for made in self._made if made[0] == kind]
            if len(alike) == _KEPT:
                del self._made[alike[0]]  # the one that was not used for longest
        self._made[key] = compiled
        compiled.load(batch, masks)
        return compiled

"""Compiled programs: a recorded graph as straight-line NumPy, ready to run."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from types import CodeType
from typing import Any, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.autograd.node import Node, recording
from engine.autograd.tensor import Tensor
from engine.compiler.buffer import ParameterBuffer
from engine.compiler.emit import Emitter
from engine.compiler.ir import in_order
from engine.compiler.layout import MemoryLayout
from engine.compiler.source import ProgramSource
from engine.compiler.trace import Trace, trace_forward, trace_step

Array = NDArray[Any]
Makes = Callable[[], Tensor | Sequence[Tensor]]

# programs of one optimizer share its buffers, so that all see the same parameters at the same place
_BUFFERS: WeakKeyDictionary[Any, list[ParameterBuffer]] = WeakKeyDictionary()


@lru_cache(maxsize=64)
def _code(text: str) -> CodeType:
    """Bytecode, kept: networks of one shape have the same lines, and Python is slow to read them."""
    return compile(text, "<program>", "exec")


class _Executable:
    """Executable: source and arrays of a trace. Nothing else of it is kept: its nodes hold every array of the graph."""

    def __init__(self, trace: Trace, optimizer: Any = None) -> None:
        order = in_order(trace.roots())
        layout = MemoryLayout(order, trace)
        emitter = Emitter(order, layout, trace)
        self.source = emitter.as_forward() if optimizer is None else emitter.as_step()
        self.outputs = emitter.outputs
        self.inputs: list[tuple[Tensor, Array]] = []
        for leaf, block in trace.inputs:
            if leaf in layout:
                array = layout.array(leaf)
                self.inputs += [(tensor, array[key]) for tensor, key in block.places()]
        self.optimizer = optimizer
        self.guards, self.captured = trace.guards, trace.captured
        self.counters = [(buffer, name) for _, _, buffer, name in trace.counters]
        self.counts, self.saved_counts = [0 for _ in trace.counters], [0]
        # a context of its own, in which NumPy never warns, is entered in a tenth of the time of np.errstate
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.quietly = context.run

    def function(self, buffers: Sequence[ParameterBuffer] = ()) -> Callable[..., list[float] | None]:
        """The program as a function of the number of steps, and of whether their start is to be saved.

        It checks first that everything is as the program was made for, and gives None, having done nothing, if it is
        not; then it copies the inputs in. This runs at every call, so it is printed as the program is: without a loop.
        """
        optimizer, space = self.optimizer, {"optimizer": self.optimizer, "counts": self.counts}
        space |= self.source.arrays | self.source.functions

        def known(thing: Any) -> str:
            name = f"_known{len(space)}"
            space[name] = thing
            return name

        guards, before, after = ["n > 0", *self.guards], [], []
        guards += [f"{expression} is {known(answer)}" for expression, answer in self.captured]
        if optimizer is not None:
            guards.append(f"optimizer.state is {known(optimizer.state)}")
            if optimizer.mobility is not None:  # None is captured
                guards.append(f"optimizer.mobility is {known(optimizer.mobility)}")
            after.append("optimizer.steps += n")
        for buffer in buffers:
            bindings = buffer.bindings(optimizer)
            guards += [f"{known(holder)}{question} is {known(view)}" for holder, question, view in bindings]
        for i, (buffer, name) in enumerate(self.counters):
            first, *others = (f"{known(state)}[{name!r}]" for state in buffer.states(optimizer))
            guards.append(" == ".join([first, first, *others]))
            before.append(f"counts[{i}] = {first}")
            after.append(" = ".join([first, *others, f"counts[{i}]"]))
        for i, (tensor, target) in enumerate(self.inputs):
            data, place, seen = f"_data{i}", known(target), known(_if_alike(tensor.data, target))
            fits = f"{data}.shape == {target.shape} and {data}.dtype == {place}.dtype"
            guards.append(f"(({data} := {known(tensor)}.data) is {seen} or ({fits}))")
            before.append(f"{place}[...] = {data}")
        if optimizer is not None:
            saving = [f"{known(buffer.saved)}[...] = {known(buffer.data)}" for buffer in buffers]
            saving.append(f"{known(self.saved_counts)}[:] = *counts, optimizer.steps")
            before += ["if save:", *(f"    {line}" for line in saving)]
        lines = ["try:", f"    if not ({' and '.join(guards)}):", "        return None"]
        lines += ["except (AttributeError, KeyError):", "    return None"]
        lines += [*before, *self.source.body, *after, f"return {self.source.result}"]
        exec(_code("\n".join(["def call(n=1, save=False):", *(f"    {line}" for line in lines)])), space)
        # a function in its own namespace would be a cycle
        return partial(self.quietly, space.pop("call"))


def _if_alike(data: Any, target: Array) -> Any:
    """Data that have the shape and dtype of their target, and need no further look while they are the same object."""
    return data if (np.shape(data), getattr(data, "dtype", None)) == (target.shape, target.dtype) else target


class _CompiledFunction:
    """Compiled function: a function of tensors with its program, made anew when what that was made for changes."""

    def __init__(self, make: Makes) -> None:
        if not callable(make):
            raise TypeError(f"compile: a {type(make).__name__} is not allowed; give a function that computes it")
        self._make = make
        self._compile()

    def _compile(self) -> None:
        raise NotImplementedError

    def _record(self) -> list[Any]:
        with recording():
            made = self._make()
        return [made] if isinstance(made, Node) else list(made)

    _executable: _Executable

    @property
    def source(self) -> str:
        """The program, in Python."""
        return str(self._executable.source)

    def listing(self) -> ProgramSource:
        """The program with all that it refers to, its inputs filled in as they are now."""
        for tensor, target in self._executable.inputs:
            target[...] = tensor.data
        return self._executable.source


class CompiledProgram(_CompiledFunction):
    """Forward pass, compiled: `program()` computes it anew from what its leaves hold now."""

    def _compile(self) -> None:
        self._executable = _Executable(trace_forward(self._record()))
        self._call = self._executable.function()

    def run(self) -> None:
        """Compute, and leave the results for `kept` to hand out."""
        if self._call() is None:
            self._compile()
            self._call()

    def __call__(self) -> Array:
        """Compute; returns a copy of the result, of the first if there are several."""
        self.run()
        return self._executable.outputs[0].copy(order="K")

    def kept(self) -> list[Array]:
        """Copies of the results beyond the first, as the last call computed them."""
        return [array.copy(order="K") for array in self._executable.outputs[1:]]


class CompiledStep(_CompiledFunction):
    """Training step, compiled: forward, backward, and the optimizer's update.

    `step()` makes one step and `step(50)` fifty; each returns the loss that the last of them started from.

    Attributes:
        losses: what each step of the last call started from; NaN before the first.
    """

    def __init__(self, make: Makes, optimizer: Any) -> None:
        self._optimizer = optimizer
        self.losses = [math.nan]
        super().__init__(make)

    def _compile(self) -> None:
        (loss,) = self._record()
        trace = trace_step(loss, self._optimizer, _BUFFERS.setdefault(self._optimizer, []))
        self._buffers = list({id(buffer): buffer for _, _, buffer, _ in trace.vectors}.values())
        self._executable = _Executable(trace, self._optimizer)
        self._adopt()

    def _adopt(self) -> None:
        """Take parameters and the optimizer's state into the buffers, and watch that they stay there."""
        for buffer in self._buffers:
            buffer.adopt(self._optimizer)
        self._call = self._executable.function(self._buffers)

    def __call__(self, n: int = 1, save: bool = False) -> float:
        """Make n steps, at least 1; `save` remembers where they start, for `undo`."""
        losses = self._call(n, save)
        self.losses = losses = self._call_anew(n, save) if losses is None else losses
        return losses[-1]

    @property
    def loss(self) -> float:
        """What the last call returned."""
        return self.losses[-1]

    def _call_anew(self, n: int, save: bool) -> list[float]:
        """Something was put elsewhere, or is not as the program was made for."""
        if n < 1:
            raise ValueError(f"step: {n} steps are not allowed; allowed: at least 1")
        losses = None
        if all(buffer.has_one_age(self._optimizer) for buffer in self._buffers):
            try:
                self._adopt()
                losses = self._call(n, save)
            except ValueError:  # a parameter has another shape
                pass
        if losses is None:
            self._compile()
            losses = self._call(n, save)
        return cast(list[float], losses)

    def listing(self) -> ProgramSource:
        """The program with all that it refers to, inputs, parameters and the optimizer's state as they are now."""
        self._adopt()
        return super().listing()

    def undo(self) -> None:
        """Stand where the last call that saved started: parameters, the optimizer's state and counters, to the bit."""
        for buffer in self._buffers:
            buffer.data[...] = buffer.saved
        *counts, self._optimizer.steps = self._executable.saved_counts
        for count, (buffer, name) in zip(counts, self._executable.counters, strict=True):
            for state in buffer.states(self._optimizer):
                state[name] = count

    def norm(self) -> float:
        """Euclidean norm of all that a step writes, parameters and the optimizer's state together.

        No number is larger than it; it is infinite or NaN if one of them is, or if their squares are beyond the dtype.
        """
        vectors = [buffer.data.reshape(-1) for buffer in self._buffers]
        return math.sqrt(sum(self._executable.quietly(v.dot, v) for v in vectors))

    def is_finite(self) -> bool:
        """Whether all that a step writes is finite, parameters and the optimizer's state."""
        return all(bool(np.isfinite(buffer.data).all()) for buffer in self._buffers)

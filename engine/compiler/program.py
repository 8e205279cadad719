"""Programs: recorded graphs as straight-line NumPy, ready to run."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, cast
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.autograd.node import recording
from engine.autograd.tensor import Tensor
from engine.compiler.buffer import ParameterBuffer, Updates, check_unchanged
from engine.compiler.emit import Emitter
from engine.compiler.ir import in_order
from engine.compiler.layout import MemoryLayout
from engine.compiler.trace import Trace, trace_forward, trace_step

Array = NDArray[Any]

# programs of one optimiser share its memories, so that all see the same parameters at the same place
_MEMORIES: WeakKeyDictionary[Any, list[ParameterBuffer]] = WeakKeyDictionary()


class _Guards(NamedTuple):
    """What a program was made for, of all that may change: see `Trace`. No more of a recording is kept.

    The terms of a recording hold every array of the graph.
    """

    guards: Sequence[str] = ()
    captured: Sequence[tuple[str, Any]] = ()
    counts: Sequence[tuple[ParameterBuffer, str]] = ()


class _Code:
    """The source of a recording, and its arrays."""

    def __init__(self, recorded: Trace, optimizer: Updates | None = None) -> None:
        order = in_order(recorded.roots())
        layout = MemoryLayout(order, recorded)
        printer = Emitter(order, layout, recorded)
        self.inputs: list[tuple[Tensor, Array]] = []
        for leaf, block in recorded.inputs:
            if leaf in layout:
                array = layout.array(leaf)
                self.inputs += [(t, array[key]) for t, key in zip(block.tensors, block.keys(), strict=True)]
        self.optimizer: Any = optimizer
        self.made_for = _Guards(recorded.guards, recorded.captured, [(m, name) for _, _, m, name in recorded.counters])
        self.outputs = printer.outputs
        self.program = printer.as_step() if optimizer is not None else printer.as_forward()
        self.counts, self.saved_counts = [0 for _ in recorded.counters], [0]
        named = {"optimizer": optimizer, "counts": self.counts, "_saved_counts": self.saved_counts}
        self.space = printer.names.bound | named
        # a context of its own, in which NumPy never warns, is entered in a tenth of the time of np.errstate
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.quietly = context.run

    def function(self, memories: Sequence[ParameterBuffer] = ()) -> Callable[..., float | None]:
        """The program as a function of the number of steps, and of whether their start is to be saved.

        It checks first that everything is as the program was made for, and gives None, having done nothing, if it is
        not; then it copies the inputs in. This runs at every call, so it is printed as the program is: without a loop.
        """
        lines = ["try:", f"    if not ({' and '.join(self._guards(memories))}):", "        return None"]
        lines += ["except (AttributeError, KeyError):", "    return None"]
        lines += [f"_target{i}[...] = _data{i}" for i in range(len(self.inputs))]
        after = []
        for i, (memory, name) in enumerate(self.made_for.counts):
            states = [f"_state{i}_{k}[{name!r}]" for k, _ in enumerate(memory.states(self.optimizer))]
            lines.append(f"counts[{i}] = {states[0]}")
            after.append(" = ".join([*states, f"counts[{i}]"]))
        if self.optimizer is not None:
            lines += ["if save:", *(f"    _saved{i}[...] = _everything{i}" for i, _ in enumerate(memories))]
            lines += ["    _saved_counts[:] = *counts, optimizer.steps"]
            after.append("optimizer.steps += n")
        lines += [*self.program.lines, *after, f"return {self.program.result}"]
        space = dict(self.space)
        exec("\n".join(["def call(n=1, save=False):", *(f"    {line}" for line in lines)]), space)
        # a function in its own namespace would be a cycle
        return partial(self.quietly, space.pop("call"))

    def _guards(self, memories: Sequence[ParameterBuffer]) -> list[str]:
        """What must be true for the program to be right, as expressions; the names that they use go into the space."""
        space, guards = self.space, ["n > 0", *self.made_for.guards]
        if memories:
            guards.append("optimizer.state is _state")
            space["_state"] = self.optimizer.state
        for m, memory in enumerate(memories):
            space |= {f"_saved{m}": memory.saved, f"_everything{m}": memory.everything}
            for i, (holder, question, view) in enumerate(memory.homes):
                space |= {f"_holder{m}_{i}": holder, f"_view{m}_{i}": view}
                guards.append(f"_holder{m}_{i}{question} is _view{m}_{i}")
        for i, (expression, answer) in enumerate(self.made_for.captured):
            space[f"_fact{i}"] = answer
            guards.append(f"{expression} is _fact{i}")
        for i, (memory, name) in enumerate(self.made_for.counts):
            for k, state in enumerate(memory.states(self.optimizer)):
                space[f"_state{i}_{k}"] = state
                guards.append(f"_state{i}_0[{name!r}] == _state{i}_{k}[{name!r}]")
        for i, (tensor, target) in enumerate(self.inputs):
            space |= {f"_tensor{i}": tensor, f"_target{i}": target, f"_known{i}": tensor.data}
            fits = f"_data{i}.shape == {target.shape} and _data{i}.dtype == _target{i}.dtype"
            guards.append(f"((_data{i} := _tensor{i}.data) is _known{i} or ({fits}))")
        return guards


class _CompiledFunction:
    """What programs have in common: where they come from, and what they are printed as."""

    def __init__(self, origin: Any) -> None:
        self._origin = origin
        self._compile()

    def _compile(self) -> None:
        raise NotImplementedError

    def _record(self) -> list[Tensor]:
        """The tensors to compute: given, or made anew by the function that was given."""
        if not callable(self._origin):
            return list(self._origin)
        with recording():
            made = self._origin()
        return [made] if isinstance(made, Tensor) else list(made)

    def _check_inputs(self) -> None:
        """Raise ValueError if an input has another shape or dtype than the program was made for."""
        for tensor, target in self._code.inputs:
            check_unchanged(tensor, target)

    _code: _Code

    @property
    def source(self) -> str:
        """The program, in Python."""
        return str(self._code.program)


class CompiledProgram(_CompiledFunction):
    """A forward pass, compiled: `program()` computes it anew from what its leaves hold now."""

    def _compile(self) -> None:
        self._code = _Code(trace_forward(self._record()))
        self._call = self._code.function()

    def run(self) -> None:
        """Compute, and leave the results for `kept` to hand out."""
        if self._call() is None:
            if not callable(self._origin):
                self._check_inputs()
            self._compile()
            self._call()

    def __call__(self) -> Array:
        """Compute; returns a copy of the result."""
        self.run()
        return self._code.outputs[0].copy(order="K")

    def kept(self) -> list[Array]:
        """Copies of the tensors that were to be kept, as the last call computed them."""
        return [array.copy(order="K") for array in self._code.outputs[1:]]


class CompiledStep(_CompiledFunction):
    """A training step, compiled: forward, backward, and the optimiser's update.

    `step()` makes one step and `step(50)` fifty; each returns the loss that the last of them started from.

    Attributes:
        loss: what the last call returned; NaN before the first.
    """

    def __init__(self, origin: Any, optimizer: Any) -> None:
        self._optimizer = optimizer
        self.loss = float("nan")
        super().__init__(origin)

    def _compile(self) -> None:
        (loss,) = self._record()
        recorded = trace_step(loss, self._optimizer, _MEMORIES.setdefault(self._optimizer, []))
        self._memories = list({id(memory): memory for _, _, memory, _ in recorded.vectors}.values())
        self._code = _Code(recorded, self._optimizer)
        self._settle()

    def _settle(self) -> None:
        """Take parameters and the optimiser's state home, and watch that they stay there."""
        for memory in self._memories:
            memory.take_home(self._optimizer)
        self._call = self._code.function(self._memories)

    def __call__(self, n: int = 1, save: bool = False) -> float:
        """Make n steps, at least 1; `save` remembers where they start, for `undo`."""
        loss = self._call(n, save)
        if loss is None:
            loss = self._call_anew(n, save)
        self.loss = loss
        return loss

    def _call_anew(self, n: int, save: bool) -> float:
        """Something was put elsewhere, or is not as the program was made for."""
        if n < 1:
            raise ValueError(f"step: {n} steps are not allowed; allowed: at least 1")
        try:
            self._check_inputs()
            if all(memory.has_one_age(self._optimizer) for memory in self._memories):
                self._settle()
        except ValueError:
            if not callable(self._origin):
                raise
        loss = self._call(n, save)
        if loss is None:
            self._compile()
            loss = self._call(n, save)
        return cast(float, loss)

    def undo(self) -> None:
        """Stand where the last call that saved started: parameters, the optimiser's state and counters, to the bit."""
        for memory in self._memories:
            memory.everything[...] = memory.saved
        *counts, self._optimizer.steps = self._code.saved_counts
        for count, (memory, name) in zip(counts, self._code.made_for.counts, strict=True):
            for state in memory.states(self._optimizer):
                state[name] = count

    def length(self) -> float:
        """The Euclidean norm of all that a step writes, parameters and the optimiser's memory together.

        No number is larger than it; it is infinite or NaN if one of them is, or if their squares are beyond the dtype.
        """
        vectors = [memory.everything.reshape(-1) for memory in self._memories]
        return math.sqrt(sum(self._code.quietly(v.dot, v) for v in vectors))

    def is_finite(self) -> bool:
        """Whether all that a step writes is finite, parameters and the optimiser's memory."""
        return all(bool(np.isfinite(memory.everything).all()) for memory in self._memories)

"""Programs: recorded graphs as straight-line NumPy, ready to run."""

from __future__ import annotations

import contextvars
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from engine.autograd.compiler.capture import Recording, record_forward, record_step
from engine.autograd.compiler.layout import Layout
from engine.autograd.compiler.memory import Memory, Updates, check_unchanged
from engine.autograd.compiler.printer import Printer
from engine.autograd.compiler.terms import in_order
from engine.autograd.graph import recording
from engine.autograd.tensor import Tensor

Array = NDArray[Any]

# programs of one optimiser share its memories, so that all see the same parameters at the same place
_MEMORIES: WeakKeyDictionary[Any, list[Memory]] = WeakKeyDictionary()


class _Code:
    """The source of a recording, its arrays, and the function that runs it."""

    def __init__(self, recorded: Recording, optimizer: Updates | None = None) -> None:
        order = in_order(recorded.roots())
        layout = Layout(order, recorded, recorded.outputs)
        printer = Printer(order, layout, recorded)
        self.inputs: list[tuple[Tensor, Array]] = []
        for leaf, block in recorded.inputs:
            if leaf in layout:
                array = layout.array(leaf)
                self.inputs += [(t, array[key]) for t, key in zip(block.tensors, block.keys(), strict=True)]
        self.counts = [0 for _ in recorded.counters]
        self.outputs = printer.outputs
        self.source = printer.as_step() if optimizer is not None else printer.as_forward()
        space = printer.names.bound | {"optimizer": optimizer, "counts": self.counts}
        exec(compile(self.source, "<compiled>", "exec"), space)
        # a context of its own, in which NumPy never warns, is entered in a tenth of the time of np.errstate
        context = contextvars.copy_context()
        context.run(np.seterr, all="ignore")
        self.quietly = context.run
        self.run: Callable[..., Any] = partial(context.run, space.pop("program"))


Facts = Sequence[tuple[str, Any]]  # expressions, and what they gave
Counts = Sequence[tuple[Memory, str]]  # what is counted, and for which parameters


def _door(code: _Code, memories: Sequence[Memory], facts: Facts, counts: Counts, optimizer: Any) -> Callable[[], bool]:
    """A function that copies inputs in if everything is as the program was made for, and else says that it is not.

    It runs before each call, so it is printed as a program is: without a loop.
    """
    space: dict[str, Any] = {"optimizer": optimizer, "counts": code.counts}
    claims, lines = ["optimizer.state is state"] if memories else [], []
    for memory in memories:
        space["state"] = optimizer.state
        for holder, question, view in memory.homes:
            names = f"holder{len(space)}", f"view{len(space)}"
            space |= dict(zip(names, (holder, view), strict=True))
            claims.append(f"{names[0]}{question} is {names[1]}")
    for i, (expression, answer) in enumerate(facts):
        space[f"fact{i}"] = answer
        claims.append(f"{expression} is fact{i}")
    for i, (memory, name) in enumerate(counts):
        states = {f"state{i}_{k}": state for k, state in enumerate(memory.states(optimizer))}
        space |= states
        claims += [f"state{i}_0[{name!r}] == {state}[{name!r}]" for state in list(states)[1:]]
        lines.append(f"counts[{i}] = state{i}_0[{name!r}]")
    for i, (tensor, target) in enumerate(code.inputs):
        space |= {f"tensor{i}": tensor, f"target{i}": target, f"dtype{i}": target.dtype}
        claims.append(f"(data{i} := tensor{i}.data).shape == {target.shape} and data{i}.dtype == dtype{i}")
        lines.append(f"target{i}[...] = data{i}")
    claimed = " and ".join(claims) or "True"
    lines = [f"if not ({claimed}):", "    return False", *lines, "return True"]
    lines = ["try:", *(f"    {line}" for line in lines), "except (AttributeError, KeyError):", "    return False"]
    exec("\n".join(["def ready():", *(f"    {line}" for line in lines)]), space)
    ready: Callable[[], bool] = space.pop("ready")  # a function in its own namespace would be a cycle
    return ready


class _Compiled:
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
        return self._code.source


class Program(_Compiled):
    """A forward pass, compiled: `program()` computes it anew from what its leaves hold now."""

    def _compile(self) -> None:
        recorded = record_forward(self._record())
        self._code = _Code(recorded)
        self._ready = _door(self._code, (), (), (), None)

    def run(self) -> None:
        """Compute, and leave the results for `kept` to hand out."""
        if not self._ready():
            if not callable(self._origin):
                self._check_inputs()
            self._compile()
            self._ready()
        self._code.run()

    def __call__(self) -> Array:
        """Compute; returns a copy of the result."""
        self.run()
        return self._code.outputs[0].copy(order="K")

    def kept(self) -> list[Array]:
        """Copies of the tensors that were to be kept, as the last call computed them."""
        return [array.copy(order="K") for array in self._code.outputs[1:]]


class Step(_Compiled):
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
        recorded = record_step(loss, self._optimizer, _MEMORIES.setdefault(self._optimizer, []))
        self._memories = list({id(memory): memory for _, _, memory, _ in recorded.vectors}.values())
        self._code = _Code(recorded, self._optimizer)
        # no more is kept of the recording, whose terms hold every array of the graph
        self._facts, self._counts = recorded.facts, [(memory, name) for _, _, memory, name in recorded.counters]
        self._settle()

    def _settle(self) -> None:
        """Take parameters and the optimiser's state home, and watch that they stay there."""
        for memory in self._memories:
            memory.take_home(self._optimizer)
        self._counted = [(memory.states(self._optimizer), name) for memory, name in self._counts]
        self._ready = _door(self._code, self._memories, self._facts, self._counts, self._optimizer)

    def __call__(self, n: int = 1, save: bool = False) -> float:
        """Make n steps, at least 1; `save` remembers where they start, for `undo`."""
        if n < 1:
            raise ValueError(f"step: {n} steps are not allowed; allowed: at least 1")
        if not self._ready():
            self._prepare()
        if save:
            self._save()
        loss: float = self._code.run(n)
        self.loss = loss
        self._optimizer.steps += n
        if self._counted:
            for count, (states, name) in zip(self._code.counts, self._counted, strict=True):
                for state in states:
                    state[name] = count
        return loss

    def length(self) -> float:
        """The Euclidean norm of all that a step writes, parameters and the optimiser's memory together.

        No number is larger than it; it is infinite or NaN if one of them is, or if their squares are beyond the dtype.
        """
        vectors = [memory.everything.reshape(-1) for memory in self._memories]
        return math.sqrt(sum(self._code.quietly(v.dot, v) for v in vectors))

    def is_finite(self) -> bool:
        """Whether all that a step writes is finite, parameters and the optimiser's memory."""
        return all(bool(np.isfinite(memory.everything).all()) for memory in self._memories)

    def _save(self) -> None:
        for memory in self._memories:
            memory.saved[...] = memory.everything
        self._saved = [*self._code.counts], self._optimizer.steps

    def undo(self) -> None:
        """Stand where the last call that saved started: parameters, the optimiser's state and counters, to the bit."""
        for memory in self._memories:
            memory.everything[...] = memory.saved
        counts, self._optimizer.steps = self._saved
        for count, (states, name) in zip(counts, self._counted, strict=True):
            for state in states:
                state[name] = count

    def _prepare(self) -> None:
        """Something was put elsewhere, or is not as the program was made for."""
        try:
            self._check_inputs()
            if all(memory.has_one_age(self._optimizer) for memory in self._memories):
                self._settle()
        except ValueError:
            if not callable(self._origin):
                raise
            self._compile()
        if not self._ready():
            self._compile()
            self._ready()

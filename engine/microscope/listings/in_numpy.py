"""NumPy script of the next step: the compiled program itself, as it runs, after lines that make all that it uses."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from engine.autograd import Tensor
from engine.autograd.array_ops import matmul
from engine.compiler import CompiledStep, compile
from engine.compiler.ir import Kind, StepPart
from engine.compiler.source import ArrayRole, ProgramLine, ProgramSource
from engine.microscope.listings.batches import batch_sizes
from engine.microscope.listings.line import WIDTH, SourceLine, check_batch, layer, lines_of, numbers
from engine.microscope.listings.memory import Definition, definitions
from engine.nn import Sequential
from engine.nn.losses import loss_named
from engine.nn.optimizers import Optimizer
from engine.training.data.batches import DTYPE
from engine.training.data.points import no_points
from engine.training.run.build import build_model, mobility, optimizer_maker, set_up
from engine.training.run.dropout import dropout_masks, with_dropout
from engine.training.run.snapshot import RunSnapshot
from engine.training.spec.experiment import Experiment

# what arrays hold, in the order in which they are made: the kind of what lies there, and its label if that decides
_HEADINGS: dict[tuple[Kind, str], str] = {
    (Kind.INPUT, "x"): "the points of the batch, a column each, and a row of ones for the biases",
    (Kind.INPUT, "t"): "their targets",
    (Kind.INPUT, "d"): "what dropout makes of the activations of a layer in this step: 0, or 1 / (1 - p)",
    (Kind.PARAMETER, ""): "all parameters in one vector; of each layer a row for each neuron, with its bias at the end",
    (Kind.STATE, ""): "what the optimiser remembers of each parameter",
    (Kind.GRADIENT, ""): "room for their gradients, in the same order",
    (Kind.RESULT, ""): "constants, and room for what lies in between; what is not needed any more is written over",
}
STEPS = "optimizer.steps"  # what programs read the steps so far by
_PARTS = {Kind.INPUT: "data", Kind.PARAMETER: "update", Kind.STATE: "update", Kind.GRADIENT: "backward"}


def in_numpy(snapshot: RunSnapshot) -> list[SourceLine]:
    """The program that makes the next step, in float32 as the run makes it, with all its numbers.

    It needs nothing but NumPy, and its new weights are the run's to the last bit. Raises ValueError if the next batch
    is empty.
    """
    check_batch(snapshot)
    program, optimizer = _listing(snapshot, len(snapshot.batch), _compiled)
    return [
        *_imports(program),
        *_program(program, optimizer),
        SourceLine(""),
        SourceLine(""),
        SourceLine("# nothing has to be set to zero: each step writes over the gradients of the last", "zero"),
        SourceLine("[loss] = program(1)"),
        SourceLine('print("loss", loss)'),
        SourceLine(f"for weights in [{', '.join(program.parameters)}]:"),
        SourceLine("    print(weights)"),
    ]


def steps_in_numpy(snapshot: RunSnapshot, steps: int) -> list[SourceLine]:
    """The program that makes the next steps, after the lines of `points_of_steps`: a compiled step for each number of
    points that there is in a batch, which hand on the weights. Its new weights are the run's to the last bit.
    """
    check_batch(snapshot)
    sizes, lines = batch_sizes(snapshot, steps), lines_of("import itertools\n\nmade = [first]  # steps")
    dropouts = [k for k, layer in enumerate(snapshot.experiment.network.layers, 1) if layer.dropout]
    for size in sizes:
        program, optimizer = _listing(snapshot, size, _compiled.__wrapped__)  # no other thread's
        lines += [SourceLine(""), SourceLine(""), SourceLine(f"def step_on_{size}():")]
        lines += _inside(program, optimizer, dropouts)
    named = ", ".join(f"{size}: step_on_{size}()" for size in sizes)
    loop = _LOOP.format(programs=named, first=sizes[0], masks=_MASKED if dropouts else "")
    return [*lines, *lines_of(loop)]


_MASKED = """
    for layer, mask in masks(made[0], len(rows)).items():
        now["d"][layer][...] = mask"""
_LOOP = """

programs, losses = {{{programs}}}, []
now = programs[{first}]
for rows in itertools.islice(batches(epoch, position), steps):
    before, now = now, programs[len(rows)]
    if now is not before:
        for mine, others in zip(now["memory"], before["memory"]):
            mine[:] = others
    now["x"][...], now["t"][...] = inputs[rows].T, targets[rows].T{masks}
    losses += now["program"](1)
    made[0] += 1
print("loss at the beginning and at the end", losses[0], losses[-1])
for weights in now["weights"]:
    print(weights)
"""


def _inside(program: ProgramSource, optimizer: Optimizer, dropouts: list[int]) -> list[SourceLine]:
    """The inside of a function that has a program, and gives back what it takes and what it hands on."""
    roles = program.roles
    memory = [name for name, role in roles.items() if role.kind is Kind.STATE or role.label == "parameters"]
    if program.counters:
        memory.append("counts")
    # the smallest array of points has no row of ones
    x, t = (min(_inputs(program, label), key=lambda name: program.arrays[name].size) for label in "xt")
    masks = ", ".join(f"{layer}: {name}" for layer, name in zip(dropouts, _inputs(program, "d"), strict=True))
    given = [f'"program": program, "x": {x}, "t": {t}, "d": {{{masks}}}',
             f'"memory": [{", ".join(memory)}], "weights": [{", ".join(program.parameters)}]']  # fmt: skip
    made = [*_imports(program), *_program(program, optimizer, "float(made[0])")]
    lines = [
        *made,
        SourceLine(""),
        SourceLine("return {"),
        *(SourceLine(f"    {line},") for line in given),
        SourceLine("}"),
    ]
    return [line._replace(text=f"    {line.text}" if line.text else "") for line in lines]


def _inputs(program: ProgramSource, label: str) -> list[str]:
    """The names of the arrays that hold what is put in under a label, as they stand there."""
    return [
        n
        for n, role in program.roles.items()
        if (role.kind, role.label) == (Kind.INPUT, label) and not n.endswith("_T")
    ]


def _program(program: ProgramSource, optimizer: Optimizer, counter: str = "") -> list[SourceLine]:
    """The arrays of a program, and the program."""
    counts = [optimizer.state[0][name] for name in program.counters]
    return [
        *_arrays(program),
        *([SourceLine(f"counts = {counts}", "update")] if counts else []),
        SourceLine(""),
        SourceLine(""),
        *(_line(line, program, optimizer, counter) for line in program.lines),
    ]


def _listing(
    snapshot: RunSnapshot, points: int, make: Callable[[Experiment, int], _Compiled]
) -> tuple[ProgramSource, Optimizer]:
    """The compiled step on so many points, as it stands at a snapshot; with those of its next batch in it, if they are
    as many.
    """
    experiment = snapshot.experiment
    network = experiment.network
    layers = tuple(layer.replace(dropout=0.5 if layer.dropout else 0) for layer in network.layers)  # the mask has it
    without_points = experiment.data.drawn(no_points(experiment.data.inputs))
    made = make(experiment.replace(data=without_points, network=network.replace(layers=layers)), points)
    return made.listing(snapshot, points), made.optimizer


class _Compiled(NamedTuple):
    """Compiled step of any snapshot of one network, training and number of points: only numbers change."""

    model: Sequential
    x: Tensor
    t: Tensor
    masks: list[Tensor | None]
    optimizer: Optimizer
    step: CompiledStep

    def listing(self, snapshot: RunSnapshot, points: int) -> ProgramSource:
        if len(snapshot.batch) == points:
            self._load(snapshot)
        self.model.load_state_dict(snapshot.weights)
        self.optimizer.load_state_dict(snapshot.optimizer_state)
        self.optimizer.steps = snapshot.steps
        return self.step.listing()

    def _load(self, snapshot: RunSnapshot) -> None:
        points = snapshot.points(dtype=DTYPE)
        self.x.data, self.t.data = points.inputs, points.targets
        for tensor, mask in zip(self.masks, snapshot.masks, strict=True):
            if tensor is not None and mask is not None:
                tensor.data = mask.astype(DTYPE)


@lru_cache(maxsize=4)
def _compiled(experiment: Experiment, points: int) -> _Compiled:
    network, training = experiment.network, experiment.training
    loss, model = loss_named(training.loss), build_model(experiment, DTYPE)
    x, t = (
        Tensor(np.zeros((points, width), DTYPE), requires_grad=False, label=label)
        for label, width in (("x", len(network.features)), ("t", experiment.outputs))
    )
    masks = [
        None if mask is None else Tensor(mask, requires_grad=False, label="d")
        for mask in dropout_masks(experiment, 0, points)
    ]
    optimizer, learner = optimizer_maker(training)(model.parameters()), with_dropout(model, masks)
    set_up(optimizer, training)
    optimizer.mobility = mobility(experiment)
    return _Compiled(model, x, t, masks, optimizer, compile(lambda: loss(learner(x), t), optimizer))


def _imports(program: ProgramSource) -> list[SourceLine]:
    """NumPy, and the functions under the names that the program has for them."""
    lines, ours = [], []
    for name, function in sorted(program.functions.items()):
        if isinstance(function, np.ufunc):
            lines.append(f"{name} = np.{function.__name__}")
        elif isinstance(function, float):  # one that is not finite: the others stand in the source
            lines.append(f'{name} = float("{function}")')
        elif inspect.isbuiltin(known := inspect.unwrap(function)):
            module = known.__module__.removeprefix("_")  # operator's functions come from _operator
            lines.append(f"{name} = {known.__name__ if module == 'builtins' else f'{module}.{known.__name__}'}")
        else:
            ours += ["", "", *_definition(name, known)]
    text = "\n".join(lines)
    modules = [f"import {module}" for module in ("math", "operator") if f"{module}." in text]
    head = [*modules, *([""] if modules else []), "import numpy as np", "", *lines, *ours, *([""] if ours else [])]
    return lines_of("\n".join(head))


@cache
def _definition(name: str, function: Callable[..., Any]) -> list[str]:
    """A function of the engine as it stands there, under another name, and without the types."""
    (definition,) = ast.parse(inspect.getsource(function)).body
    if not isinstance(definition, ast.FunctionDef):
        raise ValueError(f"in_numpy: {name} is no function that can be written out")
    definition.name, definition.returns = name, None
    for argument in definition.args.args:
        argument.annotation = None
    return ast.unparse(definition).splitlines()


def _arrays(program: ProgramSource) -> Iterator[SourceLine]:
    remembered = [array for name, array in program.arrays.items() if program.roles[name].kind is Kind.STATE]
    found = definitions(program.arrays, program.written, remembered)
    for heading, says in _HEADINGS.items():
        mine = [definition for definition in found if _heading(program.roles[definition.names[0]]) == heading]
        if mine:
            yield SourceLine("")
            yield SourceLine(f"# {says}", _PARTS.get(heading[0], ""))
        for definition in mine:
            yield from _defined(definition, program)


def _heading(role: ArrayRole) -> tuple[Kind, str]:
    if role.kind is Kind.INPUT:
        return role.kind, role.label
    return (role.kind, "") if (role.kind, "") in _HEADINGS else (Kind.RESULT, "")


def _defined(definition: Definition, program: ProgramSource) -> Iterator[SourceLine]:
    (first, *others), array = definition.names, definition.array
    role = program.roles[first]
    part = layer(role.layer) if role.kind is Kind.PARAMETER and role.layer else _PARTS.get(role.kind, "")
    if definition.expression:
        yield SourceLine(f"{first} = {definition.expression}", part)
    else:
        yield from numbers(f"{first} = np.array(", array, f", np.{array.dtype})", part)
    for names in textwrap.wrap(" = ".join(others), WIDTH - len(first) - 5):
        yield SourceLine(f"{names.strip(' =')} = {first}", part)
    if first in program.parameters:
        yield from numbers(f"{first}[...] = ", array, "", part)


def _line(line: ProgramLine, program: ProgramSource, optimizer: Optimizer, counter: str) -> SourceLine:
    """A line of the program, with a number for the optimizer's setting that it reads, and what it does; with an
    expression for the steps so far, if there is one.
    """
    text, part = line.text, ""
    if line.setting == STEPS and counter:
        text = text.replace(line.setting, counter)
    elif line.setting:
        text = text.replace(line.setting, repr(_setting(optimizer, line.setting)))
    if line.part in (StepPart.BACKWARD, StepPart.UPDATE):
        part = line.part.name.lower()
    elif line.part is StepPart.FORWARD and not text.endswith("# forward"):
        is_loss = line.layer == 0 or (line.layer == len(program.parameters) and line.op is not matmul)
        part = "loss" if is_loss else layer(line.layer)
    return SourceLine(text, part)


def _setting(optimizer: Optimizer, expression: str) -> float:
    """What an expression such as `optimizer.beta1` stands for."""
    return float(getattr(optimizer, expression.removeprefix("optimizer.")))

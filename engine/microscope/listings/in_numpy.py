"""The next step in NumPy: the compiled program itself, as it runs, after lines that make all that it uses."""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.autograd import Tensor
from engine.compiler import compile
from engine.microscope.listings.line import WIDTH, SourceLine, check_batch, layer, lines_of, numbers
from engine.microscope.listings.memory import Definition, definitions
from engine.nn.optimizers import Optimizer
from engine.training.data.batches import DTYPE
from engine.training.run.snapshot import RunSnapshot

Array = NDArray[Any]

# how the program's functions of plain numbers are called where there is no engine
_OF_NUMBERS = {
    "number_div": "operator.truediv",
    "number_power": "math.pow",
    "number_sqrt": "math.sqrt",
    "number_cos": "math.cos",
    "number_floor": "math.floor",
    "number_minimum": "min",
}

_MAX_MASK = '''\


def max_mask(a, b):
    """1 where a > b, ½ at a tie, 0 where a < b: the share of max(a, b) that is a's."""
    return (np.greater(a, b) * 0.5 + np.greater_equal(a, b) * 0.5).astype(np.result_type(a, b))


'''

_SETTING = re.compile(r"(\s*\w+ = )optimizer\.(\w+)(?:\[(\d+)\])?")
_WEIGHTS = re.compile(r"w\d+")
_PARTS = {"x": "data", "t": "data", "g": "backward"} | dict.fromkeys(["p", "mean", "square", "velocity"], "update")

# the arrays in order, with the pattern of their names
_HEADINGS = {
    "the points of the batch, a column each, and a row of ones for the biases": r"x\w*",
    "their targets": r"t(_\w+)?",
    "all parameters in one vector; of each layer a row for each neuron, with its bias at the end": r"p|w\d+\w*",
    "what the optimiser remembers of each parameter": "mean|square|velocity",
    "room for their gradients, in the same order": r"g(_\w+)?",
    "constants, and room for what lies in between; what is not needed any more is written over": ".*",
}


class _ProgramListing(NamedTuple):
    """The program with everything that its source refers to.

    Attributes:
        source: in Python.
        arrays: by the names that the source uses.
        functions: what else it uses, by name: functions, and numbers that are not finite.
        memories: what the optimiser remembers.
        counts: what it has counted.
        optimizer: whose settings the source reads.
    """

    source: str
    arrays: dict[str, Array]
    functions: dict[str, Any]
    memories: list[Array]
    counts: list[int]
    optimizer: Optimizer


def in_numpy(snapshot: RunSnapshot) -> list[SourceLine]:
    """The program that makes the next step, in float32 as the run makes it, with all its numbers.

    It needs nothing but NumPy, and its new weights are the run's to the last bit. Raises ValueError if the next batch
    is empty.
    """
    check_batch(snapshot)
    compiled = _compiled(snapshot)
    layers = len(snapshot.experiment.sizes) - 1
    weights = ", ".join(f"w{k}" for k in range(1, layers + 1))
    return [
        *_imports(compiled),
        *_arrays(compiled),
        *([SourceLine(f"counts = {compiled.counts}", "update")] if compiled.counts else []),
        SourceLine(""),
        SourceLine(""),
        *_program(compiled, layers),
        SourceLine(""),
        SourceLine(""),
        SourceLine("# nothing has to be set to zero: each step writes over the gradients of the last", "zero"),
        SourceLine("loss = program(1)"),
        SourceLine('print("loss", loss)'),
        SourceLine(f"for weights in [{weights}]:"),
        SourceLine("    print(weights)"),
    ]


def _compiled(snapshot: RunSnapshot) -> _ProgramListing:
    model, points = snapshot.model(DTYPE), snapshot.points(dtype=DTYPE)
    x = Tensor(points.inputs, requires_grad=False, label="x")
    t = Tensor(points.targets, requires_grad=False, label="t")
    optimizer = snapshot.optimizer(model.parameters())
    step = compile(lambda: snapshot.loss(model(x), t), optimizer)
    code = step._code
    for tensor, target in code.inputs:
        target[...] = tensor.data
    used = {node.id for node in ast.walk(ast.parse(step.source)) if isinstance(node, ast.Name)}
    space = {name: thing for name, thing in code.space.items() if name in used}
    memory = [vector for m in step._memories for name, vector in m.vectors.items() if name != "parameters"]
    counts = [m.states(optimizer)[0][name] for m, name in code.made_for.counts]
    arrays = {name: thing for name, thing in space.items() if isinstance(thing, np.ndarray)}
    others = {name: thing for name, thing in space.items() if name not in {*arrays, "counts", "optimizer"}}
    return _ProgramListing(step.source, arrays, others, memory, counts, optimizer)


def _imports(compiled: _ProgramListing) -> list[SourceLine]:
    """NumPy, and the functions under the names that the program has for them."""
    lines, ours = [], []
    for name, function in sorted(compiled.functions.items()):
        if isinstance(function, np.ufunc):
            lines.append(f"{name} = np.{function.__name__}")
        elif isinstance(function, float):  # one that is not finite: the others stand in the source
            lines.append(f'{name} = float("{function}")')
        elif name == "max_mask":
            ours = _MAX_MASK.splitlines()
        elif name in _OF_NUMBERS:
            lines.append(f"{name} = {_OF_NUMBERS[name]}")
        else:
            raise ValueError(f"in_numpy: {name} has no name in NumPy; known: max_mask, {', '.join(_OF_NUMBERS)}")
    text = "\n".join(lines)
    modules = [f"import {module}" for module in ("math", "operator") if f"{module}." in text]
    head = [*modules, *([""] if modules else []), "import numpy as np", "", *lines, *ours]
    return lines_of("\n".join(head))


# ── arrays ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _arrays(compiled: _ProgramListing) -> Iterator[SourceLine]:
    found = definitions(compiled.arrays, _written(compiled), compiled.memories)
    for heading, names in _HEADINGS.items():
        mine = [definition for definition in found if re.fullmatch(names, definition.names[0])]
        found = [definition for definition in found if definition not in mine]
        if mine:
            yield SourceLine("")
            yield SourceLine(f"# {heading}", _part_of_array(mine[0].names[0]))
        for definition in mine:
            yield from _defined(definition)


def _defined(definition: Definition) -> Iterator[SourceLine]:
    (first, *others), array = definition.names, definition.array
    part = _part_of_array(first)
    if definition.expression:
        yield SourceLine(f"{first} = {definition.expression}", part)
    else:
        yield from numbers(f"{first} = np.array(", array, f", np.{array.dtype})", part)
    for names in textwrap.wrap(" = ".join(others), WIDTH - len(first) - 5):
        yield SourceLine(f"{names.strip(' =')} = {first}", part)
    if _WEIGHTS.fullmatch(first):
        yield from numbers(f"{first}[...] = ", array, "", part)


def _part_of_array(name: str) -> str:
    found = re.match(r"w(\d+)", name)
    if found:
        return layer(int(found[1]))
    return _PARTS.get(re.split(r"[_\d]", name)[0], "")


def _written(compiled: _ProgramListing) -> set[str]:
    """The names of the arrays that the program writes to."""
    targets: list[ast.expr] = []
    for node in ast.walk(ast.parse(compiled.source)):
        if isinstance(node, ast.Assign):
            targets += [target.value for target in node.targets if isinstance(target, ast.Subscript)]
        elif isinstance(node, ast.Call):
            targets += _targets_of(node, compiled)
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _targets_of(call: ast.Call, compiled: _ProgramListing) -> list[ast.expr]:
    out = [keyword.value for keyword in call.keywords]
    if isinstance(call.func, ast.Attribute):
        if call.func.attr == "fill":
            return [call.func.value]
        if call.func.attr == "reduce":
            return [call.args[3]]
        return call.args[1:2]  # a.dot(b, out)
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    function = compiled.functions.get(name)
    return out + call.args[function.nin :] if isinstance(function, np.ufunc) else out


# ── the program ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _program(compiled: _ProgramListing, layers: int) -> Iterator[SourceLine]:
    """The source with numbers for the optimiser's settings, and what each line does."""
    section, part = "", ""
    for line in compiled.source.splitlines():
        text = line.strip()
        setting = _SETTING.fullmatch(line)
        if setting:
            value = getattr(compiled.optimizer, setting[2])
            line = f"{setting[1]}{value[int(setting[3])] if setting[3] else value!r}"
        if text.startswith("# "):
            section = text.removeprefix("# ")
            part = "" if section == "forward" else section
        elif section == "forward":
            part = _forward(text, part, layers)
        elif not section:
            part = _before(text)
        yield SourceLine(line, "" if text in ("", "left -= 1") or text.startswith("return") else part)


def _forward(text: str, part: str, layers: int) -> str:
    """A layer begins with its product; what follows the last product is the loss."""
    product = re.match(r"w(\d+)\.dot\(", text)
    if product:
        return layer(int(product[1]))
    return "loss" if part in (layer(layers), "loss") else part


def _before(text: str) -> str:
    """What is done once for all steps: settings are read, and what is the same in each step is computed."""
    if " = " in text:
        return "" if text == "left = n" else "update"
    target = re.search(r"\b([a-z]+)\d*(_\w+)?(, True)?\)$", text)
    return {"d": "backward", "u": "update"}.get(target[1], "loss") if target else ""

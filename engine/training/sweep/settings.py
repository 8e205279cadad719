"""Table of settings: every field of an Experiment by its dotted name, with the text that a person types for its value.

It is made from the fields' own rules, so a new field is in it without another line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from engine.dataclass import dataclass
from engine.nn.optimizers import SETTINGS as OF_OPTIMIZERS
from engine.training.spec.experiment import Experiment, LayerSpec
from engine.training.spec.presets import preset_data
from engine.training.spec.rules import Integer, InvalidError, ListOf, OneOf, Real, Rule, Text, Truth, Unless
from engine.training.spec.spec import Nested, Spec

NONE = "none"  # what is typed where a field may have no value
LAYERS, OF_EACH_LAYER, OF_OPTIMIZER = "network.layers", "network.layers.", "training.settings."
_TRUTHS = {"yes": True, "no": False}
_SEEDS = ("seed", "data.seed")  # a run's luck, which is not a setting
_LOOKS = ("data.plane",)  # of which no network learns


@dataclass(frozen=True)
class Setting:
    """Setting: one field of an experiment, or the same field of each of its hidden layers.

    Attributes:
        name: dotted, as the specifications nest: "training.learning_rate", "network.layers.activation".
        rule: what its value must be.
    """

    name: str
    rule: Rule

    @property
    def label(self) -> str:
        """Its name in the window: "learning rate"."""
        words = self.name.rpartition(".")[2].replace("_", " ")
        return f"{words} of each layer" if self.name.startswith(OF_EACH_LAYER) else words

    @property
    def is_logarithmic(self) -> bool:
        """Whether its values differ by factors: a number that is never 0, and allowed over powers of ten."""
        return isinstance(self.rule, Real) and self.rule.low > 0 and self.rule.high >= 100 * self.rule.low

    def of(self, experiment: Experiment) -> Any:
        """Its value in an experiment; where layers differ, the first one's; None where there is nothing to have it."""
        last = self.name.rpartition(".")[2]
        if self.name.startswith(OF_EACH_LAYER):
            return next((getattr(layer, last) for layer in experiment.network.layers), None)
        if self.name.startswith(OF_OPTIMIZER):
            return experiment.training.optimizer_settings.get(last)
        value: Any = experiment
        for part in self.name.split("."):
            value = getattr(value, part)
        return value

    def put(self, experiment: Experiment, value: Any) -> Experiment:
        """The experiment with another value. Raises InvalidError where it is not allowed, or not with the rest."""
        group, _, last = self.name.partition(".")
        value = self.rule.check(self.name, value)
        if group == "data":
            data = experiment.data
            if last == "dataset" and value != data.dataset:  # with all that goes with it
                return experiment.with_data(preset_data(value, data.kind).replace(seed=data.seed))
            return experiment.with_data(data.replace(**{last: value}))
        network, training = experiment.network, experiment.training
        if self.name.startswith(OF_OPTIMIZER):
            return experiment.replace(training=training.with_settings(**{last.partition(".")[2]: value}))
        if group == "training":
            return experiment.replace(training=training.replace(**{last: value}))
        changes = {last: value}
        if self.name.startswith(OF_EACH_LAYER):
            changes = {"layers": tuple(layer.replace(**{last.partition(".")[2]: value}) for layer in network.layers)}
        elif self.name == LAYERS:
            changes = {"layers": _like(network.layers, value)}
        return experiment.replace(network=network.replace(**changes))

    def read(self, text: str) -> Any:
        """The value that a text stands for. Raises InvalidError, which names the setting, where it is none."""
        return self.rule.check(self.name, _read(self.rule, text.strip()))

    def text(self, value: Any) -> str:
        """What `read` makes the value of."""
        return _written(value)


def _like(layers: tuple[LayerSpec, ...], sizes: tuple[int, ...]) -> tuple[LayerSpec, ...]:
    """Layers of these sizes, all else as there is; beyond the last as that is."""
    known = layers or (LayerSpec(),)
    return tuple(known[min(i, len(known) - 1)].replace(size=size) for i, size in enumerate(sizes))


def _read(rule: Rule, text: str) -> Any:
    """What a text may stand for, under a rule that is yet to check it."""
    if text == NONE and not isinstance(rule, OneOf):
        return () if isinstance(rule, ListOf) else None
    if isinstance(rule, Unless):
        return _read(rule.rule, text)
    if isinstance(rule, ListOf):
        separator = "+" if isinstance(rule.item, OneOf) else "-"
        return [_read(rule.item, part) for part in text.split(separator)]
    try:
        if isinstance(rule, Real):
            return float(text)
        if isinstance(rule, Integer):
            return int(text)
    except ValueError:
        return text  # which the rule refuses by name
    return _TRUTHS.get(text, text) if isinstance(rule, Truth) else text


def _written(value: Any) -> str:
    if value is None or value == ():
        return NONE
    if isinstance(value, bool):
        return next(text for text, truth in _TRUTHS.items() if truth is value)
    if isinstance(value, tuple):
        parts = [item.size if isinstance(item, LayerSpec) else item for item in value]
        return ("+" if isinstance(parts[0], str) else "-").join(map(str, parts))
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)


def _rows(kind: type[Spec], prefix: str = "") -> Iterator[Setting]:
    for f in fields(kind):
        name, rule = f"{prefix}{f.name}", f.metadata["rule"]
        if isinstance(rule, Nested):
            yield from _rows(rule.kind, f"{name}.")
        elif name == LAYERS:
            size = next(field for field in fields(LayerSpec) if field.name == "size")
            yield Setting(name, ListOf(size.metadata["rule"], rule.low, rule.high))
            yield from (row for row in _rows(LayerSpec, OF_EACH_LAYER) if row.name != f"{OF_EACH_LAYER}size")
        elif name not in (*_SEEDS, *_LOOKS) and _has_text(rule):
            yield Setting(name, rule)


def _has_text(rule: Rule) -> bool:
    """Whether a value under this rule can be typed: not points, columns or what a table of its own allows."""
    inner = rule.rule if isinstance(rule, Unless) else rule.item if isinstance(rule, ListOf) else rule
    return isinstance(inner, Real | Integer | OneOf | Truth | Text) and not (
        isinstance(rule, ListOf) and isinstance(inner, Text)
    )


def _of_optimizers() -> Iterator[Setting]:
    for name, row in OF_OPTIMIZERS.items():
        yield Setting(f"{OF_OPTIMIZER}{name}", Real(row.low, row.high))


SETTINGS: Mapping[str, Setting] = MappingProxyType({row.name: row for row in (*_rows(Experiment), *_of_optimizers())})


def setting_named(name: str) -> Setting:
    """The row of a setting; its last part is enough where no other has it. Raises InvalidError for none or several."""
    found = [SETTINGS[name]] if name in SETTINGS else [row for key, row in SETTINGS.items() if key.endswith(f".{name}")]
    if len(found) == 1:
        return found[0]
    if name in _SEEDS:
        raise InvalidError("setting", name, "seeds are no setting: say over how many of them")
    raise InvalidError("setting", name, f"allowed: {', '.join(row.name for row in found) or ', '.join(SETTINGS)}")

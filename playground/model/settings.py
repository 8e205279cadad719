"""Settings in the window's words, and the values of one that are to be compared.

What only races and sweeps need: it is loaded with their pages, after the window is seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.nn.optimizers import SETTINGS as OF_OPTIMIZERS
from engine.training import Experiment, InvalidError
from engine.training.spec.rules import Integer, ListOf, OneOf, Real, Truth, Unless
from engine.training.sweep.settings import LAYERS, OF_EACH_LAYER, OF_OPTIMIZER, SETTINGS, Setting
from playground.model.branch import FEWEST, MOST, Lane
from playground.model.differences import DATA, LAYER, TRAINING

FIRST = "training.learning_rate"  # what is most often compared
_WORDS = {**LAYER, **TRAINING, **DATA}  # how a field is called in the window, and how its values are written


def label_of(setting: Setting) -> str:
    """What a setting is called in the window."""
    last = setting.name.rpartition(".")[2]
    if last in OF_OPTIMIZERS:
        return OF_OPTIMIZERS[last].label.lower()
    if last not in _WORDS:
        return setting.label
    return f"{_WORDS[last][0]}{' of each layer' if setting.name.startswith(OF_EACH_LAYER) else ''}"


class SettingChoice(NamedTuple):
    """Row of a list of settings to choose from."""

    label: str


def setting_choices() -> dict[str, SettingChoice]:
    """The settings by name; those of training come first."""
    names = sorted(SETTINGS, key=lambda name: (name != FIRST, not name.startswith("training."), name))
    labels = {name: label_of(SETTINGS[name]) for name in names}
    return {name: SettingChoice(_capitalised(label)) for name, label in labels.items()}


def _capitalised(label: str) -> str:
    return label[:1].upper() + label[1:] if label.isascii() else label  # β₁ is not Β₁


def lanes_of(setting: Setting, text: str, experiment: Experiment) -> tuple[Lane, ...]:
    """A lane for each of the values of a setting, with commas between them. Raises InvalidError, which names it."""
    label, parts = label_of(setting), [part.strip() for part in text.split(",") if part.strip()]
    if not FEWEST <= len(parts) <= MOST:
        allowed = f"allowed: {FEWEST} to {MOST}, with commas between them"
        raise InvalidError(f"number of values of {label}", len(parts), allowed)
    lanes: dict[Any, Lane] = {}
    for part in parts:
        value = _read(setting, part)
        if value in lanes:
            raise InvalidError(f"{label} twice", part, "allowed: each value once")
        lanes[value] = Lane(f"{label} {_written(setting, value)}", setting.put(experiment, value))
    return tuple(lanes.values())


def in_words(error: InvalidError) -> InvalidError:
    """What is wrong with a setting, by the name that it has in the window."""
    name, bracket, rest = error.name.partition("[")
    if name not in SETTINGS:
        return error
    return InvalidError(f"{label_of(SETTINGS[name])}{bracket}{rest}", error.value, error.allowed)


def _read(setting: Setting, text: str) -> Any:
    try:
        return setting.read(text)
    except InvalidError as error:
        raise in_words(error) from None


def _written(setting: Setting, value: Any) -> str:
    last = setting.name.rpartition(".")[2]
    return str(_WORDS[last][1](value)) if last in _WORDS else setting.text(value)


def suggestion(setting: Setting, experiment: Experiment) -> str:
    """Values that are worth comparing with the one there is, as `lanes_of` reads them."""
    here, texts = setting.of(experiment), []
    for value in _around(setting, here):
        try:
            setting.put(experiment, value)
        except InvalidError:
            continue
        texts.append(setting.text(value))
    return ", ".join(list(dict.fromkeys(texts))[:3] or [setting.text(here)])


def _around(setting: Setting, here: Any) -> Iterator[Any]:
    """Values around the one there is, which need not be allowed."""
    rule = setting.rule.rule if isinstance(setting.rule, Unless) else setting.rule
    if isinstance(rule, Truth):
        yield from (True, False)
    elif isinstance(rule, OneOf):
        yield from (here, *rule.table)
    elif setting.name == LAYERS:
        yield from (tuple(max(1, round(layer.size * factor)) for layer in here) for factor in (0.5, 1, 2))
    elif isinstance(rule, ListOf) and isinstance(rule.item, OneOf):
        yield from (here, *((*here, key) for key in rule.item.table if key not in here))
    elif isinstance(rule, Integer):
        yield from (here // 2, here, 2 * here) if here else (10, 50, here)
    elif isinstance(rule, Real):
        step = 10 if setting.is_logarithmic else 2
        from_nought = (0.0, 0.1, 0.2) if rule.high <= 1 else (0.0, rule.high / 1000, rule.high / 100)
        yield from (float(f"{value:.3g}") for value in (here / step, here, here * step)) if here else from_nought


def has_setting(experiment: Experiment, setting: Setting) -> bool:
    """Whether there is anything in an experiment that has this setting: those of other optimizers have nothing."""
    return setting.of(experiment) is not None or not setting.name.startswith(OF_OPTIMIZER)

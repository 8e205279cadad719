"""Setup text: one short line, the same experiment again to the bit, and whatever is not whole is refused by name."""

from __future__ import annotations

import json
import re
import string
import zlib
from base64 import urlsafe_b64encode
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine.training import DRAWN, PRESETS, Data, Experiment, InvalidError, Training, rule_of
from engine.training.spec.rules import Integer, OneOf, Real
from engine.training.spec.setup import MOST_POINTS, experiment_of, is_setup_text, setup_text
from engine.training.task import losses_for
from tests.engine.strategies import experiments

LETTERS = string.ascii_letters + string.digits + "-_"
OF_VERSION_1 = {  # texts that somebody has in a mail, and what they mean for ever
    "bp1:Fb_FN6uuBQA": {
        "data": {"dataset": "circle", "count": 500, "noise": 0, "classes": 2, "train_share": 0.5, "seed": 0},
        "network": {
            "features": ["x1", "x2"], "layers": [{"size": 4, "activation": "tanh"}] * 2, "initialiser": "xavier",
        },
        "training": {
            "loss": "cross_entropy", "optimizer": "adam", "learning_rate": 0.03, "schedule": "constant", "span": 1000,
            "l1": 0, "l2": 0, "max_norm": 0, "batch_size": None,
        },
        "seed": 0,
    },
    "bp1:4xwV7cMWapCggfvY3ByHh00xPGwG87A5qocxkh8sOelghoUpDt-iitoqVGhVKBEVApAUCco1mOlRBzOAjIAOwEybsLRoCox9eHJEhKSRDlLSNNYD"
    "KkJJnUa1sICxrAUA": {
        "data": {"dataset": "blobs", "count": 77, "noise": 0.1, "classes": 5, "train_share": 0.6, "seed": 7},
        "network": {
            "features": ["x1", "sin_x2"], "initialiser": "he",
            "layers": [{"size": 5, "activation": "relu"}, {"size": 4, "activation": "= x*x"}],
        },
        "training": {
            "loss": "mse", "optimizer": "sgd", "learning_rate": 0.25, "schedule": "cosine", "span": 50, "l1": 0.001,
            "l2": 0.002, "max_norm": 3, "batch_size": 12,
        },
        "seed": 9,
    },
}  # fmt: skip


def refused(text: str) -> str:
    """The one line with which a text is refused."""
    with pytest.raises(InvalidError) as caught:
        experiment_of(text)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def packed(content: Any) -> str:
    """Any JSON as a text that is whole."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = packer.compress(json.dumps(content).encode()) + packer.flush()
    return "bp1:" + urlsafe_b64encode(zlib.crc32(data).to_bytes(4, "big") + data).decode().rstrip("=")


def other_than(default: Any, rule: Any) -> Any:
    """A value that a field does not have by default, as long as they come; the default where a rule has no other."""
    if isinstance(rule, Real):
        return rule.low + (rule.high - rule.low) / 7
    if isinstance(rule, Integer):
        return rule.high - 1
    return next(name for name in reversed(rule.table) if name != default) if isinstance(rule, OneOf) else default


@given(experiments)
def test_any_experiment_is_had_again_to_the_bit(experiment: Experiment) -> None:
    text = setup_text(experiment)
    assert re.fullmatch("bp1:[A-Za-z0-9_-]+", text), "nothing that a shell or a chat would change"
    assert is_setup_text(text)
    assert experiment_of(text) == experiment
    assert experiment_of(text).to_dict() == experiment.to_dict()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_takes_400_characters_at_the_most(preset: str) -> None:
    plain = PRESETS[preset]
    changed = {f.name: other_than(f.default, rule_of(Training, f.name)) for f in fields(Training)}
    changed["loss"] = list(losses_for(plain.task))[-1]
    longest = plain.with_seed(2**32 - 1).replace(training=Training(**changed))
    assert len(setup_text(plain)) <= 100
    assert len(setup_text(longest)) <= 400
    assert experiment_of(setup_text(longest)) == longest


def test_points_drawn_by_hand_are_in_it_up_to_500() -> None:
    rng = np.random.default_rng(0)
    rows = [(*rng.uniform(-6, 6, 2).tolist(), int(rng.integers(2)), int(rng.integers(2))) for _ in range(501)]
    most = Experiment(Data(DRAWN, points=tuple(rows[:MOST_POINTS])))
    assert experiment_of(setup_text(most)).data.points == most.data.points
    with pytest.raises(InvalidError, match="501 is not allowed; a setup text has 500 at most: save a file"):
        setup_text(Experiment(Data(DRAWN, points=tuple(rows))))


@given(experiments, st.data())
def test_a_text_that_was_changed_or_cut_is_refused(experiment: Experiment, data: st.DataObject) -> None:
    text = setup_text(experiment)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(LETTERS).filter(lambda letter: letter != text[at]))
    refused(text[:at] + other + text[at + 1 :])
    refused(text[:at])
    refused(text[at + 1 :])
    refused(text[:at] + text[at + 1 :])


def test_the_last_letter_counts_though_its_last_bits_are_of_no_byte() -> None:
    text = setup_text(PRESETS["xor"])
    for letter in set(LETTERS) - {text[-1]}:
        assert "it was cut or changed" in refused(text[:-1] + letter)


def test_line_ends_and_spaces_that_a_mail_puts_in_do_not_matter() -> None:
    text = setup_text(PRESETS["spiral"])
    assert experiment_of(f"\n  {text[:20]}\r\n{text[20:]} \n") == PRESETS["spiral"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "setup text: '' is not allowed; allowed: bp1: and what Copy setup put behind it"),
        ("0.5\t0.5\t1", "allowed: bp1: and what"),
        ("bp2:AAAA", "setup text: 'bp2' is not allowed; this program reads bp1; a newer one may read it"),
        (f"bp{'9' * 10_000}:AAAA", "this program reads bp1"),
        ("bp1:", "it was cut or changed on its way; copy the whole line again"),
        ("bp1:é€", "it was cut or changed"),
        ("bp1:" + "A" * 2_000_000, "it was cut or changed"),
        (packed({"training": {"colour": 3}}), "setup text: experiment.training.colour: 3 is not allowed; the fields"),
        (packed({"training": {"learning_rate": 11}}), "learning_rate: 11 is not allowed; allowed: a number from"),
        (packed([]), "setup text: experiment: [] is not allowed"),
        (packed("a" * 2_000_000), "it was cut or changed"),  # a small text that unpacks to a huge one
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)  # fmt: skip
def test_whatever_else_is_pasted_is_refused_by_name(text: str, said: str) -> None:
    assert said in refused(text)


def test_a_list_in_a_list_without_end_is_refused() -> None:
    data = b"[" * 200_000
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    data = packer.compress(data) + packer.flush()
    text = "bp1:" + urlsafe_b64encode(zlib.crc32(data).to_bytes(4, "big") + data).decode().rstrip("=")
    assert "it was cut or changed" in refused(text)


@pytest.mark.parametrize("text", OF_VERSION_1, ids=len)
def test_what_was_copied_once_means_the_same_for_ever(text: str) -> None:
    """If this fails since a default or the words of the compression changed, it has to be another version."""
    assert experiment_of(text) == Experiment.from_dict(OF_VERSION_1[text])

"""Setup text: an Experiment as one line, `bp1:…`, to be copied into a mail, a chat or a command line.

The line is of letters, digits, - and _, so that no shell and no chat changes it. It says, as JSON and compressed, what
the experiment has other than by default, so a preset takes thirty characters. What is by default must therefore
stay as it is for as long as the version is 1.
"""

from __future__ import annotations

import json
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from engine.training.spec.experiment import Experiment
from engine.training.spec.rules import InvalidError

VERSION = 1
MOST_POINTS = 500  # drawn by hand
LONGEST = 1_000_000  # characters of a text, or of what is compressed in it: 500 points take a fiftieth
_WORDS = (  # what the compression knows beforehand, the likeliest last; with others it would be another version
    b'"frozen":"bias":false"dropout":0.2"settings":{"beta1":0.9,"beta2":0.999,"epsilon":1e-08,"weight_decay":'
    b'"shuffle":false"gelu""silu""leaky_relu""linear""sigmoid""mse""mae""huber""adagrad""nesterov""rmsprop""adamw"'
    b'"features":["x1","x2","x1_squared","x2_squared","x1_x2","sin_x1","sin_x2"]"normal""uniform""zeros""lecun"'
    b'"loss":"hinge","optimizer":"sgd""momentum""schedule":"cosine""warm_up""steps","span":"l1":0.001"max_norm":1'
    b'"batch_size":10}{"data":{"dataset":"circle""xor""gauss""moons""blobs""drawn","points":[[,0,0],[,1,0],["spiral",'
    b'"count":200,"noise":0.1,"classes":3,"train_share":0.8,"seed":1},"network":{"layers":[{"size":8,"activation":"sin"},'
    b'{"size":8,"activation":"relu"},{}],"initialiser":"he"},"training":{"learning_rate":0.01,"l2":0.001}}'
)
_NAME = "setup text"
_ALLOWED = f"allowed: bp{VERSION}: and what Copy setup put behind it"


def setup_text(experiment: Experiment) -> str:
    """The one line that `experiment_of` makes the same experiment of, to the bit.

    Raises InvalidError if there are more points drawn by hand than fit.
    """
    if len(experiment.data.points) > MOST_POINTS:
        count = len(experiment.data.points)
        raise InvalidError(
            "number of points drawn by hand", count, f"a setup text has {MOST_POINTS} at most: save a file"
        )
    content = json.dumps(experiment.to_dict(terse=True), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS, zdict=_WORDS)
    packed = packer.compress(content.encode()) + packer.flush()
    return f"bp{VERSION}:{_in_letters(_sum_of(packed) + packed)}"


def is_setup_text(text: str) -> bool:
    """Whether a text means to be a setup, of this version or another, whole or not."""
    return re.match(r"\s*bp\d+:", text) is not None


def experiment_of(text: str) -> Experiment:
    """The experiment of a setup text; spaces and line ends, which mails put in, do not matter.

    Raises InvalidError for a text that is none, was cut or changed on its way, or is of a newer program.
    """
    if not is_setup_text(text):
        raise InvalidError(_NAME, text, _ALLOWED)
    version, _, letters = "".join(text[: LONGEST + 1].split()).partition(":")
    if version != f"bp{VERSION}":
        raise InvalidError(_NAME, version, f"this program reads bp{VERSION}; a newer one may read it")
    try:
        return Experiment.from_dict(json.loads(_unpacked(letters)))
    except InvalidError as error:
        raise InvalidError(f"{_NAME}: {error.name}", error.value, error.allowed) from None
    except (ValueError, RecursionError, zlib.error):
        raise InvalidError(_NAME, text, "it was cut or changed on its way; copy the whole line again") from None


def _sum_of(packed: bytes) -> bytes:
    return zlib.crc32(packed).to_bytes(4, "big")


def _in_letters(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _unpacked(letters: str) -> bytes:
    """What was compressed. Raises ValueError or zlib.error if it is not what was written, to the last bit."""
    content = urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
    total, packed = content[:4], content[4:]
    if total != _sum_of(packed) or _in_letters(content) != letters:
        raise ValueError
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS, _WORDS)
    result = unpacker.decompress(packed, LONGEST)
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError
    return result

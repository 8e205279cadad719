"""The yardstick: a training step of a network with two hidden layers, in NumPy, by hand and with every trick.

What a call of NumPy costs before it computes anything is most of a small network's step, so the tricks save calls:

- Arrays lie feature by feature (neurons, points); each result has its place, made once.
- A bias is a column of the weights, met by a row of ones; the target is one more row, met by a weight of -1 that stays.
- All parameters are one vector, and so are all gradients: one call moves them.
- 1 - a² is computed for both hidden layers at once, since their activations lie together.
- The rate is a factor of the backward pass's first array, which is smallest: so gradients come out ready to subtract.
- `a.dot(b, out)` is faster than `np.dot`, constants as arrays than numbers, `float` than `.item()`.
"""

from __future__ import annotations

import numpy as np
from work import Contender, Work


def step(work: Work) -> Contender:
    """A step by plain gradient descent; for one output."""
    (n_in, n_1, n_2, n_out), n = work.sizes, len(work.x)
    ends = np.cumsum([0, (n_in + 1) * n_1, (n_1 + 1) * n_2, (n_2 + 1) * n_out])
    parameters, gradients = np.empty(ends[-1] + 1, "f4"), np.empty(ends[-1], "f4")
    W1, W2, W3 = blocks(parameters, ends, work.sizes)
    g1, g2, g3 = blocks(gradients, ends, work.sizes)
    for block, (w, b) in zip((W1, W2, W3), work.weights, strict=True):
        block[:, :-1], block[:, -1] = w, b
    parameters[-1] = -1
    W3_t = parameters[ends[-2] :].reshape(1, -1)
    moving = parameters[:-1]

    x = np.vstack([work.x.T, np.ones((1, n), "f4")])
    # rows: first hidden layer, ones, second hidden layer, ones, target
    rows = np.ones((n_1 + n_2 + 3, n), "f4")
    a1, a1_1 = rows[:n_1], rows[: n_1 + 1]
    a2, a2_1, a2_1_t = rows[n_1 + 1 : -2], rows[n_1 + 1 : -1], rows[n_1 + 1 :]
    rows[-1] = work.t[:, 0]
    hidden = rows[:-2]
    slopes = np.empty_like(hidden)
    slope1, slope2 = slopes[:n_1], slopes[n_1 + 1 :]
    d1, d2, error = np.empty((n_1, n), "f4"), np.empty((n_2, n), "f4"), np.empty((1, n), "f4")
    flat = error.reshape(-1)
    back2, back3, xT, a1T, a2T = W2[:, :-1].T, W3[:, :-1].T, x.T, a1_1.T, a2_1.T
    one, scale = np.array(1, "f4"), np.array(2 / n * work.rate, "f4")
    tanh, multiply, subtract = np.tanh, np.multiply, np.subtract

    def run() -> float:
        W1.dot(x, a1)
        tanh(a1, a1)
        W2.dot(a1_1, a2)
        tanh(a2, a2)
        W3_t.dot(a2_1_t, error)
        loss = float(flat.dot(flat)) / n
        multiply(hidden, hidden, slopes)
        subtract(one, slopes, slopes)
        multiply(error, scale, error)
        error.dot(a2T, g3)
        back3.dot(error, d2)
        multiply(d2, slope2, d2)
        d2.dot(a1T, g2)
        back2.dot(d2, d1)
        multiply(d1, slope1, d1)
        d1.dot(xT, g1)
        subtract(moving, gradients, moving)
        return loss

    return Contender(run, float)


def blocks(vector: np.ndarray, ends: np.ndarray, sizes: tuple[int, ...]) -> list[np.ndarray]:
    """Views of a vector of parameters, [W b] for each layer."""
    return [vector[i:j].reshape(m, -1) for i, j, m in zip(ends, ends[1:], sizes[1:], strict=False)]


def forward(work: Work) -> Contender:
    """The activations of all layers, kept in arrays."""
    n = len(work.x)
    W1, W2, W3 = (np.hstack([w, b[:, None]]) for w, b in work.weights)
    x = np.vstack([work.x.T, np.ones((1, n), "f4")])
    a1_1, a2_1 = (np.ones((m + 1, n), "f4") for m in work.sizes[1:3])
    a1, a2, y = a1_1[:-1], a2_1[:-1], np.empty((1, n), "f4")
    tanh = np.tanh

    def run() -> None:
        W1.dot(x, a1)
        tanh(a1, a1)
        W2.dot(a1_1, a2)
        tanh(a2, a2)
        W3.dot(a2_1, y)

    return Contender(run, lambda _: [a1.T, a2.T, y.T])

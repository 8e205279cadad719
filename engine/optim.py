"""PyTorch's address of the optimizers: `from engine import optim`, `from engine.optim import SGD`."""

from engine.nn.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop"]

"""Reverse-mode automatic differentiation: the table of operations, the graph, and its two faces."""

from engine.autograd.compiler import compile
from engine.autograd.gradients import GradcheckError, grad, gradcheck
from engine.autograd.graph import no_grad
from engine.autograd.tensor import Tensor, get_default_dtype, set_default_dtype
from engine.autograd.value import Value

__all__ = [
    "GradcheckError",
    "Tensor",
    "Value",
    "compile",
    "get_default_dtype",
    "grad",
    "gradcheck",
    "no_grad",
    "set_default_dtype",
]

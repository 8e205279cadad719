"""Reverse-mode automatic differentiation: the table of operations, the graph, and its two faces."""

from engine.autograd.gradcheck import GradcheckError, grad, gradcheck
from engine.autograd.node import no_grad
from engine.autograd.tensor import Tensor, get_default_dtype, set_default_dtype
from engine.autograd.value import Value

__all__ = ["GradcheckError", "Tensor", "Value", "get_default_dtype", "grad", "gradcheck", "no_grad",
           "set_default_dtype"]  # fmt: skip

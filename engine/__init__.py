"""Engine: automatic differentiation, networks and training, on NumPy alone and small enough to read.

>>> from engine import Tensor, nn, losses, optim
"""

from engine import autograd, losses, nn, optim
from engine.autograd import *
from engine.autograd import functional
from engine.autograd.functional import *
from engine.compiler import compile

__all__ = ["compile", "losses", "nn", "optim"]
__all__ += autograd.__all__
__all__ += functional.__all__

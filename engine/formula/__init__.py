"""Formulas as a user types them: `a = -4, b = 2, (a + b)**2` as text becomes a graph that the chain rule runs through.

>>> program = parse("x = 3, 3*x**2 - 4*x + 5")
>>> program.output()
20.0
>>> nodes = program.values(x=2.0)
>>> nodes[""].backward()
>>> nodes["x"].grad
8.0
"""

from engine.formula.error import FormulaError
from engine.formula.freeing import freed
from engine.formula.functions import CONSTANTS, EXAMPLES, FUNCTIONS
from engine.formula.parser import condition_of, function_of, function_of_one, parse
from engine.formula.program import Formula

TYPED = "="  # what a name begins with, in a specification, that is followed by a formula

__all__ = [
    "CONSTANTS",
    "EXAMPLES",
    "FUNCTIONS",
    "TYPED",
    "Formula",
    "FormulaError",
    "condition_of",
    "freed",
    "function_of",
    "function_of_one",
    "parse",
]

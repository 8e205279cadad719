"""Expression graphs: a step as operations on single numbers."""

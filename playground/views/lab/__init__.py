"""The derivative lab: a typed formula, its curve, its slopes by several ways, and its expression graph."""

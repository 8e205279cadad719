"""Text: formulas and explanations of single numbers."""

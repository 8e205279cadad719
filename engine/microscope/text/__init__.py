"""Text of the microscope: formulas and explanations of single numbers."""

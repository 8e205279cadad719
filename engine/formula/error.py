"""Formula error: what is wrong with a formula, and where; it can point."""

from __future__ import annotations


class FormulaError(ValueError):
    """Syntax error of a formula that cannot be read.

    >>> print(FormulaError("a = 2; 2a", 8, "an operator: put * between 2 and a").arrow())
    a = 2; 2a
            ^ expected an operator: put * between 2 and a

    Attributes:
        text: the whole formula.
        position: the faulty character, counted from 0; the length of the text if something is missing at its end.
        expected: what was expected there.
    """

    def __init__(self, text: str, position: int, expected: str) -> None:
        super().__init__(text, position, expected)
        self.text, self.position, self.expected = text, position, expected

    def __str__(self) -> str:
        line = self.text.count("\n", 0, self.position) + 1
        return f"line {line}, character {self._column() + 1}: expected {self.expected}"

    def _column(self) -> int:
        """How far into its line the faulty character is."""
        return self.position - (self.text.rfind("\n", 0, self.position) + 1)

    def arrow(self) -> str:
        """Two lines: the faulty line, and under it a ^ at the faulty character with what was expected."""
        column = self._column()
        line = self.text[self.position - column :].split("\n", 1)[0]
        # a tab, or a character that prints nothing, would put the ^ under another character
        shown = "".join(c if c.isprintable() else " " for c in line)
        return f"{shown}\n{' ' * column}^ expected {self.expected}"

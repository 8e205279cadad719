"""Output plane: boundary, points and drawing tools."""

"""The output plane: boundary, points and drawing tools."""

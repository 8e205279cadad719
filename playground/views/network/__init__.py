"""Network diagram: layout, painting and controls."""

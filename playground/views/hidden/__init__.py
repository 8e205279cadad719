"""Hidden space: where a hidden layer puts the points, and how it bends the plane."""

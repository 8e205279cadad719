"""The film of an expression graph: a session, what moves it, and the graph with the film's buttons."""

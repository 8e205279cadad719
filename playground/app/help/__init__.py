"""Help: guide, keys and glossary in one window, the first steps in the main one, and what this program is."""

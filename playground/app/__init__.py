"""Application: its window, menus, files and command line."""

"""The application: its window, menus, files and command line."""

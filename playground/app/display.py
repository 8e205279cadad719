"""Display probe: whether Qt can open a window here, found out before Qt is asked, which would end the program."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Callable
from pathlib import Path

PACKAGES = "libegl1 libgl1 libxkbcommon0 libfontconfig1 libdbus-1-3 libglib2.0-0"
X11_PACKAGES = (
    "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0 libxcb-render-util0 libxcb-xkb1 libxkbcommon-x11-0"
)


def missing_library(for_x11: bool = False) -> str:
    """What Qt lacks of the system's libraries, and how to get it, in one line; empty if nothing is missing."""
    try:
        import PySide6.QtSvg
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return _advice(str(error), PACKAGES)
    if for_x11 and sys.platform.startswith("linux"):
        try:
            ctypes.CDLL(str(_plugins() / "libqxcb.so"))
        except OSError as error:
            return _advice(str(error), f"{PACKAGES} {X11_PACKAGES}")
    return ""


def missing_display() -> str:
    """Why no window can be opened on this machine's screen, in one line; empty if one can, or needs none."""
    obstacles = [_obstacle(platform) for platform in _platforms()]
    return "" if "" in obstacles else f"there is no display ({'; '.join(obstacles)})"


def needs_x11() -> bool:
    """Whether the window would be opened through X11."""
    return next((platform for platform in _platforms() if not _obstacle(platform)), "") == "xcb"


def _platforms() -> list[str]:
    """The ways to open a window, in the order in which Qt tries them; one without a name where there is no choice."""
    if not sys.platform.startswith("linux"):
        return [""]
    asked = os.environ.get("QT_QPA_PLATFORM") or "wayland;xcb"
    return [platform.split(":")[0] for platform in asked.split(";")]


def _obstacle(platform: str) -> str:
    """What keeps Qt from opening a window that way; empty if nothing does."""
    if platform == "xcb":
        return _unanswered("DISPLAY", _x11_answers)
    if platform.startswith("wayland"):
        return _unanswered("WAYLAND_DISPLAY", _wayland_answers)
    if not platform or (_plugins() / f"libq{platform}.so").exists():
        return ""
    known = sorted(plugin.stem.removeprefix("libq") for plugin in _plugins().glob("libq*.so"))
    return f"QT_QPA_PLATFORM: {platform!r} is not allowed; allowed: {', '.join(known)}"


def _unanswered(variable: str, answers: Callable[[str], bool]) -> str:
    name = os.environ.get(variable)
    if not name:
        return f"{variable} is not set"
    return "" if answers(name) else f"the display {name} does not answer"


def _wayland_answers(name: str) -> bool:
    import socket  # much to load, where there is no Wayland

    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name)))
    except OSError:
        return False
    return True


def _x11_answers(_name: str) -> bool:
    """Connect as Qt would: with a wrong display name or key Qt aborts, where libxcb only says so."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the missing library is the more useful complaint
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _plugins() -> Path:
    package = importlib.util.find_spec("PySide6")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "Qt" / "plugins" / "platforms"


def _advice(missing: str, packages: str) -> str:
    return f"Qt cannot start: {missing}. On Debian or Ubuntu: sudo apt-get install {packages}"

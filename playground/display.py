"""Display: whether Qt can open a window here, found out before Qt is asked, which would end the program."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
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
    if not sys.platform.startswith("linux") or _platform() not in ("", "xcb", "wayland"):
        return ""
    if _platform() != "xcb" and _wayland_answers():
        return ""
    name = os.environ.get("DISPLAY", "")
    if not name:
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    return "" if _x11_answers() else f"the display {name} does not answer"


def needs_x11() -> bool:
    """Whether the window would be opened through X11."""
    return sys.platform.startswith("linux") and _platform() in ("", "xcb") and not _wayland_answers()


def _platform() -> str:
    return os.environ.get("QT_QPA_PLATFORM", "").split(":")[0]


def _wayland_answers() -> bool:
    name = os.environ.get("WAYLAND_DISPLAY")
    return bool(name) and Path(os.environ.get("XDG_RUNTIME_DIR", "/"), name or "").exists()


def _x11_answers() -> bool:
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

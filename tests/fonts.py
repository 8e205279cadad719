"""Fonts of other machines: TEST_FONTS=plain leaves Qt with DejaVu Sans alone, TEST_FONTS=large has it 20 % larger."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

SCALES = {"plain": 1.0, "large": 1.2}
CONFIGURATION = "<fontconfig><dir>{folder}</dir><cachedir>{folder}</cachedir></fontconfig>"


def use(name: str) -> TemporaryDirectory[str]:
    """Show Qt, once it starts, nothing but what stands in this folder, for as long as it stands."""
    folder = TemporaryDirectory(prefix="fonts-")
    for file in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        source = next(Path("/usr/share/fonts").rglob(file))
        (Path(folder.name) / file).write_bytes(enlarged(source.read_bytes(), SCALES[name]))
    settings = Path(folder.name) / "fonts.conf"
    settings.write_text(CONFIGURATION.format(folder=folder.name))
    os.environ["FONTCONFIG_FILE"] = str(settings)
    return folder


def enlarged(font: bytes, scale: float) -> bytes:
    """The same outlines with fewer of their units to the em, so that each pixel size draws them larger."""
    (tables,) = struct.unpack_from(">H", font, 4)
    entries = [struct.unpack_from(">4sIII", font, 12 + 16 * i) for i in range(tables)]
    (head,) = (offset for tag, _, offset, _ in entries if tag == b"head")
    (units,) = struct.unpack_from(">H", font, head + 18)
    return font[: head + 18] + struct.pack(">H", round(units / scale)) + font[head + 20 :]

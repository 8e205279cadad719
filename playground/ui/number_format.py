"""Number format: how the panels write numbers down, and how they read what was typed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

MISSING = "–"
LONGEST = 7  # characters of a number in a field


@dataclass(frozen=True)
class Notation:
    """Notation: a way to write values. `read` is the inverse of `write`; it raises ValueError for what is none.

    `widest` is as wide as whatever can be typed, where the stops of a slider are not.
    """

    write: Callable[[Any], str]
    read: Callable[[str], Any]
    widest: str = ""


def write_number(value: float) -> str:
    """Four digits without an exponent where they fit in seven characters: 0.03, 0.00001, 1.23e-5."""
    positional = f"{Decimal(f'{value:.4g}'):f}"
    return positional if len(positional) <= LONGEST else _scientific(value, 3)


def write_loss(value: float) -> str:
    """Three digits, without an exponent from 0.0001 up to a million: 0.159, 1,234, 3.2e-7."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞"
    rounded = Decimal(f"{value:.3g}")
    if rounded == 0:
        return "0"
    if not Decimal("0.0001") <= rounded < 1_000_000:
        return _scientific(value, 2)
    return f"{value:,.0f}" if rounded >= 1_000 else f"{rounded:f}"


def write_figure(value: float) -> str:
    """The same of a number of either sign: −0.159; a dash where there is none."""
    return f"{'−' if value < 0 else ''}{write_loss(abs(value))}" if math.isfinite(value) else MISSING


def write_whole(value: int) -> str:
    """With separators: 1,234,567."""
    return f"{value:,}"


def write_percent(share: float) -> str:
    """A share of 1 as a percentage: 12.5 %."""
    return f"{Decimal(f'{share * 100:.4g}'):f} %"


def write_accuracy(right: int, count: int) -> str:
    """To a tenth of a percent; 100.0 % means every one, and 0.0 % none."""
    tenths = round(1000 * right / count)
    if 0 < right < count:
        tenths = min(max(tenths, 1), 999)
    return f"{tenths / 10:.1f} %"


def write_fit(r2: float) -> str:
    """R² to three digits; 1.000 means that every value is met, NaN that there is none."""
    if math.isnan(r2):
        return MISSING
    if r2 < -9.99:
        return "< −9.99"
    return f"{min(r2, 0.999) if r2 < 1 else r2:.3f}".replace("-", "−")


def tidied(text: str) -> str:
    """A number as Python writes it, with minus signs, and its exponent without plus and zeros: 1.5e33, −2e−5."""
    return re.sub(r"e\+?(-?)0*(?=\d)", r"e\1", text).replace("-", "−")


def shortened(text: str, most: int) -> str:
    """A name in so many characters, the last of which says where it was cut."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def read_number(text: str) -> float:
    """Accepts a decimal comma: 0,03."""
    text = _tidy(text)
    return float(text.replace(",", "." if "." not in text else ""))


def read_whole(text: str) -> int:
    """Accepts thousands separators: 1,000."""
    text = _tidy(text)
    return int(text.replace(",", "") if re.fullmatch(r"\d{1,3}(,\d{3})+", text) else text)


def read_percent(text: str) -> float:
    """Accepts the number with or without its sign: 20, 20 %."""
    return read_number(text.replace("%", "")) / 100


def _tidy(text: str) -> str:
    return "".join(text.split()).replace("−", "-")


def _scientific(value: float, digits: int) -> str:
    mantissa, exponent = f"{Decimal(f'{value:.{digits}g}'):e}".lower().split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}e{int(exponent)}"


NUMBER = Notation(write_number, read_number)
WHOLE = Notation(write_whole, read_whole)
PERCENT = Notation(write_percent, read_percent, "00.00 %")


def whole_or_all(total: int) -> Notation:
    """A whole number, or None for all of them: all (250)."""
    return Notation(
        lambda value: f"all ({total:,})" if value is None else write_whole(value),
        lambda text: None if text.strip().lower().startswith("all") else read_whole(text),
    )

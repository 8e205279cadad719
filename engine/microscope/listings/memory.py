"""Memory layout: Python that lays out arrays as a program has them, each seen in several ways under several names.

Programs work in place: one name's memory is a part of another's, or the same seen from the other side. So what lies
together is made once, and every other name is a view of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set as AbstractSet
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.array_utils import byte_bounds
from numpy.typing import NDArray

Array = NDArray[Any]


class Definition(NamedTuple):
    """Array definition: how names come to their array.

    Attributes:
        names: one, or several for one array that serves several purposes, one after the other.
        expression: Python that makes the array or the view; empty where the contents matter.
        array: the array itself.
    """

    names: tuple[str, ...]
    expression: str
    array: Array


def definitions(arrays: Mapping[str, Array], written: AbstractSet[str], given: Sequence[Array]) -> list[Definition]:
    """All arrays, each after what it is a view of.

    Args:
        arrays: by name.
        written: the names that the program writes to; it writes before it reads, except to those of `given`.
        given: arrays that have their contents from before.
    """
    return [definition for group in _groups(arrays) for definition in _laid_out(group, arrays, written, given)]


def _groups(arrays: Mapping[str, Array]) -> list[list[str]]:
    """Names whose memory overlaps, together, in the order of their first names."""
    groups: list[list[str]] = []
    end = 0
    for name in sorted(arrays, key=lambda name: byte_bounds(arrays[name])):
        low, high = byte_bounds(arrays[name])
        if low >= end:
            groups.append([])
        groups[-1].append(name)
        end = max(end, high)
    place = {name: i for i, name in enumerate(arrays)}
    return sorted(groups, key=lambda group: min(place[name] for name in group))


def _laid_out(
    group: list[str], arrays: Mapping[str, Array], written: AbstractSet[str], given: Sequence[Array]
) -> Iterator[Definition]:
    # what is a part of something begins no earlier, and is no larger
    group.sort(key=lambda name: (_address(arrays[name]), -arrays[name].size, not arrays[name].flags.c_contiguous))
    known: list[str] = []
    while group:
        name, array = group[0], arrays[group[0]]
        same = tuple(other for other in group if _is_same(arrays[other], array))
        group = [other for other in group if other not in same]
        if known:
            # the smallest that holds it is the one that it is a part of in the mathematics, too
            bases = sorted(known, key=lambda base: arrays[base].size)
            views = (view for base in bases for view in _views(base, arrays[base], array))
            yield Definition(same, next(text for text, seen in views if _is_same(seen, array)), array)
        else:
            all_written = [arrays[other] for other in (*same, *group) if other in written]
            yield Definition(same, _made(array, all_written, given), array)
        known.append(name)


def _made(whole: Array, written: Sequence[Array], given: Sequence[Array]) -> str:
    """How a new array is made; empty if its contents matter."""
    shape = whole.shape[0] if whole.ndim == 1 else whole.shape
    is_left = np.ones(whole.size, bool)
    for part in written:
        is_left[_places(part, whole)] = False
    left = whole.ravel(order="K")[is_left]
    if any(np.shares_memory(whole, other) for other in given):
        return ""
    if left.size == 0:
        return f"np.empty({shape}, np.{whole.dtype})"
    return f"np.ones({shape}, np.{whole.dtype})" if whole.ndim and (left == 1).all() else ""


def _places(part: Array, whole: Array) -> NDArray[np.intp]:
    """Where in an array the elements of a part of it stand."""
    places = np.array(_address(part) - _address(whole))
    for count, stride in zip(part.shape, part.strides, strict=True):
        places = places[..., None] + np.arange(count) * stride
    return places // whole.itemsize


def _views(name: str, base: Array, target: Array) -> Iterator[tuple[str, Array]]:
    """Ways to look at an array, the simplest first, one of which may be the target."""
    yield f"{name}.T", base.T
    begin = (_address(target) - _address(base)) // base.itemsize
    if base.ndim == 2:
        row, column = divmod(begin, base.strides[0] // base.itemsize)
        for shape, turn in ((target.shape, ""), (target.shape[::-1], ".T")):
            if len(shape) == 2:
                part = base[row : row + shape[0], column : column + shape[1]]
                across = "" if shape[1] == base.shape[1] else f", {column}:{column + shape[1]}"
                down = ":" if shape[0] == base.shape[0] else f"{row}:{row + shape[0]}"
                yield f"{name}[{down}{across}]{turn}", part.T if turn else part
    flat, whole = (name, base) if base.ndim == 1 else (f"{name}.reshape(-1)", base.reshape(-1))
    yield flat, whole
    piece = whole[begin : begin + target.size]
    text = flat if piece.size == whole.size else f"{flat}[{begin}:{begin + target.size}]"
    yield text, piece
    if piece.size == target.size:
        yield f"{text}.reshape{target.shape}", piece.reshape(target.shape)
        yield f"{text}.reshape{target.shape[::-1]}.T", piece.reshape(target.shape[::-1]).T


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _is_same(a: Array, b: Array) -> bool:
    """Whether two views are one; how far it is to the next of a single element makes no difference."""
    steps = [[s for s, n in zip(x.strides, x.shape, strict=True) if n > 1] for x in (a, b)]
    return _address(a) == _address(b) and a.shape == b.shape and steps[0] == steps[1]

"""Strokes: what a press and a drag do to the points.

A stroke lasts from the press of a mouse button to its release. It edits nothing itself: it asks, through the plane's
signals, and whoever owns the points shows the new ones before the stroke goes on. So a stroke looks at `plane.points`
afresh each time, and finds again what it carries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.training import Points
from playground.runtime.area import Area
from playground.views.plane.brush import Brush
from playground.views.plane.regions import Lasso, Outline, Place
from playground.views.plane.selection import Selection, followed

SPACING = 0.35  # units of the whole plane between the points of a painted stroke; closer by as much as it is zoomed in
REACH = 12  # pixels: how near a point the press must be that moves it
PUFF = 0.5  # of its radius: how far a spray goes from one puff to the next


class Sheet(Protocol):
    """Canvas of a stroke: the points as they now are, and the signals that ask for a change."""

    points: Points
    area: Area
    brush: Brush
    selection: Selection
    adds: bool  # whether what is selected is to be so as well as before
    chance: np.random.Generator
    painted: Any  # Signal(places (n, 2), label, whether to test, stroke)
    erased: Any  # Signal(indices, stroke)
    moved: Any  # Signal(indices, places (n, 2), what is done, stroke)
    looked: Any  # Signal(index)
    guessed: Any  # Signal(places (n, 2) of a line)
    explained: Any  # Signal(place (2,))

    def units(self, pixels: float) -> float: ...

    def seen(self) -> NDArray[np.bool_]: ...

    def draw_outline(self, corners: NDArray[np.float64], is_closed: bool) -> None: ...

    def select(self, indices: NDArray[np.int64]) -> None: ...


class Stroke:
    """Stroke: one press of a button, with what was dragged until its release; `number` tells it from every other."""

    def __init__(self, sheet: Sheet, number: int, label: int, at: Place) -> None:
        self.sheet, self.number, self.label, self.at = sheet, number, label, at
        self.press()

    def press(self) -> None:
        """The button goes down."""

    def drag(self, to: Place) -> None:
        """The hand moves on."""

    def release(self) -> None:
        """The button goes up."""

    def paint(self, places: NDArray[np.float64]) -> None:
        """Ask for points at those of some places (n, 2) that are seen."""
        area = self.sheet.area
        inside = area.clip(places[area.contains(places)])
        if len(inside):
            self.sheet.painted.emit(inside, self.label, self.sheet.brush.test, self.number)


def _along(start: Place, end: Place, spacing: float) -> NDArray[np.float64]:
    """Places (n, 2) on the way from one to another, so far apart, without the first."""
    length = float(np.hypot(*(end - start)))
    steps = np.arange(1, int(length / spacing) + 1)[:, None]
    return start + (end - start) * (spacing / length) * steps if len(steps) else np.empty((0, 2))


class Draw(Stroke):
    """Brush stroke: points of one class, evenly along it however few events the mouse sends."""

    def press(self) -> None:
        self.paint(self.at[None])

    def drag(self, to: Place) -> None:
        places = _along(self.at, to, SPACING * self.sheet.area.share)
        if len(places):
            self.at = places[-1]
            self.paint(places)


class Spray(Stroke):
    """Spray: points of one class at random about the way of the hand."""

    def press(self) -> None:
        self._puff(self.at[None])

    def drag(self, to: Place) -> None:
        places = _along(self.at, to, PUFF * self._radius())
        if len(places):
            self.at = places[-1]
            self._puff(places)

    def _radius(self) -> float:
        return self.sheet.brush.spray * self.sheet.area.side

    def _puff(self, places: NDArray[np.float64]) -> None:
        chance, centres = self.sheet.chance, places.repeat(self.sheet.brush.density, axis=0)
        angle = chance.uniform(0, 2 * np.pi, len(centres))
        far = self._radius() * np.sqrt(chance.uniform(0, 1, len(centres)))  # as dense at the rim as in the middle
        self.paint(centres + far[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]))


class Line(Stroke):
    """Line: points of one class, evenly on the straight way from the press to the release."""

    def press(self) -> None:
        self.end = self.at

    def drag(self, to: Place) -> None:
        self.end = self.sheet.area.clip(to)
        self.sheet.draw_outline(np.array([self.at, self.end]), False)

    def release(self) -> None:
        rest = _along(self.at, self.end, SPACING * self.sheet.area.share)
        self.paint(np.concatenate([self.at[None], rest]))


class _Outlined(Stroke):
    """Stroke around a piece of the plane, of which something is made when it ends."""

    def __init__(self, sheet: Sheet, number: int, label: int, at: Place, shape: Callable[[Place], Outline]) -> None:
        self.outline = shape(sheet.area.clip(at))
        super().__init__(sheet, number, label, at)

    def drag(self, to: Place) -> None:
        self.outline.extend(self.sheet.area.clip(to))
        self.sheet.draw_outline(self.outline.corners, True)


class Fill(_Outlined):
    """Fill: points of one class at random in an outline."""

    def __init__(
        self,
        sheet: Sheet,
        number: int,
        label: int,
        at: Place,
        shape: Callable[[Place], Outline],
        scatter: Callable[[Outline, int, np.random.Generator], NDArray[np.float64]],
    ) -> None:
        self.scatter = scatter
        super().__init__(sheet, number, label, at, shape)

    def release(self) -> None:
        if np.ptp(self.outline.corners, axis=0).min() > self.sheet.units(REACH) / 4:  # else it was a click
            self.paint(self.scatter(self.outline, self.sheet.brush.count, self.sheet.chance))


class Trace(Stroke):
    """Guess: a free line along which the boundary is expected; no point is drawn."""

    def press(self) -> None:
        self.line = Lasso(self.at)

    def drag(self, to: Place) -> None:
        self.line.extend(self.sheet.area.clip(to))
        self.sheet.draw_outline(self.line.corners, False)

    def release(self) -> None:
        if len(self.line.corners) > 1:
            self.sheet.guessed.emit(self.line.corners)


class Select(_Outlined):
    """Selection stroke: chooses the points in an outline; a click chooses the point there, or none."""

    def release(self) -> None:
        is_in = self.outline.contains(self.sheet.points.xy) & self.sheet.seen()
        hit = nearest(self.sheet, self.at)
        if hit is not None and np.ptp(self.outline.corners, axis=0).max() < self.sheet.units(REACH) / 4:
            is_in[hit] = True
        if self.sheet.adds:
            is_in[self.sheet.selection.indices] = True
        self.sheet.select(np.flatnonzero(is_in))


def take_or_select(sheet: Sheet, number: int, label: int, at: Place, shape: Callable[[Place], Outline]) -> Stroke:
    """What a press begins: by a handle it scales what is selected, within the selection it moves it, elsewhere it
    selects. With Shift it selects in any place, and what was selected stays so.
    """
    if sheet.adds:
        return Select(sheet, number, label, at, shape)
    if sheet.selection.handle_at(at, sheet.units(REACH)) is not None:
        return Scale(sheet, number, label, at)
    if sheet.selection.holds(at):
        return Move(sheet, number, label, at)
    return Select(sheet, number, label, at, shape)


class Erase(Stroke):
    """Eraser stroke: erases what comes under the brush, between two events of the mouse as well."""

    def press(self) -> None:
        self.drag(self.at)

    def drag(self, to: Place) -> None:
        radius = self.sheet.brush.eraser * self.sheet.area.side
        is_under = _distance_to_segment(self.sheet.points.xy, self.at, to) <= radius
        hit = np.flatnonzero(is_under & self.sheet.seen())
        self.at = to
        if len(hit):
            self.sheet.erased.emit(hit, self.number)


def _distance_to_segment(xy: NDArray[np.float64], start: Place, end: Place) -> NDArray[np.float64]:
    way = end - start
    along = np.clip((xy - start) @ way / max(float(way @ way), 1e-12), 0, 1)
    x1, x2 = (xy - start - along[:, None] * way).T
    distances: NDArray[np.float64] = np.hypot(x1, x2)
    return distances


def nearest(sheet: Sheet, at: Place, reach: float = REACH) -> int | None:
    """The point nearest to a place, if it is within reach, in pixels."""
    distances = np.where(sheet.seen(), np.hypot(*(sheet.points.xy - at).T), np.inf)
    return int(distances.argmin()) if len(distances) and distances.min() <= sheet.units(reach) else None


class Look(Stroke):
    """Pick: chooses the point nearest to the press, or the place where there is none, to be looked at closely."""

    def press(self) -> None:
        index = nearest(self.sheet, self.at)
        if index is not None:
            self.sheet.looked.emit(index)
        elif self.sheet.area.contains(self.at[None]).all():
            self.sheet.explained.emit(self.at)

    def drag(self, to: Place) -> None:
        self.at = to
        self.press()


class _Carry(Stroke):
    """Stroke that takes some points along, wherever they stand among the points of the moment."""

    carried: NDArray[np.int64]  # indices into `last`
    last: Points

    def press(self) -> None:
        self.last = self.sheet.points
        self.carried = self.taken()

    def taken(self) -> NDArray[np.int64]:
        """The points that the press takes hold of."""
        return self.sheet.selection.indices

    def drag(self, to: Place) -> None:
        self.carried = followed(self.carried, self.last, self.sheet.points)
        self.last = self.sheet.points
        if not len(self.carried):
            return
        xy = self.last.xy[self.carried]
        places = self.carry(xy, to)
        if (places != xy).any():
            self.sheet.moved.emit(self.carried, places, self.verb, self.number)
            self.last = self.sheet.points

    verb: str

    def carry(self, xy: NDArray[np.float64], to: Place) -> NDArray[np.float64]:
        """Where the points at `xy` (n, 2) are to go with the hand."""
        raise NotImplementedError


class Move(_Carry):
    """Drag: carries what is selected, or else the point nearest to the press, no further than to the edge."""

    verb = "move"

    def taken(self) -> NDArray[np.int64]:
        if self.sheet.selection.holds(self.at):
            return self.sheet.selection.indices
        hit = nearest(self.sheet, self.at)
        return np.array([] if hit is None else [hit], dtype=np.int64)

    def carry(self, xy: NDArray[np.float64], to: Place) -> NDArray[np.float64]:
        places = moved_within(self.sheet.area, xy, to - self.at)
        self.at = self.at + (places - xy)[0]  # where it was taken hold of stays under the pointer
        return places


class Scale(_Carry):
    """Scaling: draws what is selected out from one corner of its box, by the corner opposite."""

    verb = "scale"

    def press(self) -> None:
        super().press()
        self.start = self.last.xy[self.carried]
        handle = self.sheet.selection.handle_at(self.at, self.sheet.units(REACH))
        assert handle is not None
        self.handle, self.fixed = handle

    def carry(self, xy: NDArray[np.float64], to: Place) -> NDArray[np.float64]:
        if len(xy) != len(self.start):
            return xy  # some of them are gone
        return scaled(self.start, self.fixed, self.handle, self.sheet.area.clip(to) + self.handle - self.at)


def moved_within(area: Area, xy: NDArray[np.float64], by: Place) -> NDArray[np.float64]:
    """Places (n, 2) moved together, no further than to the edge of an area; what is beyond it may come back."""
    low, high = xy.min(axis=0), xy.max(axis=0)
    least, most = np.minimum(area.low, low), np.maximum(area.high, high)
    return np.clip(xy + np.clip(by, least - low, most - high), least, most)


def scaled(xy: NDArray[np.float64], fixed: Place, handle: Place, to: Place) -> NDArray[np.float64]:
    """Places (n, 2) drawn out from a fixed place, so that a handle comes to lie where it is to; along a side that the
    two have in common nothing changes.
    """
    span = handle - fixed
    factor = np.divide(to - fixed, span, out=np.ones(2), where=span != 0)
    return np.asarray(np.where(factor == 1, xy, fixed + (xy - fixed) * factor))

"""Page: what there is to say beside a graph, as rich text whose names are links to their numbers."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable

from engine.microscope.film.update import Assignment
from engine.microscope.graph.expression_graph import ExpressionGraph
from engine.microscope.graph.paths import paths_back
from engine.microscope.text.explain import Explanation, Way
from engine.microscope.text.spelling import bracketed, figures
from engine.microscope.text.words import Words
from playground.ui import theme


def link(i: int, text: str) -> str:
    """A name as a link to its node."""
    tint = theme.colour("accent").name()
    return f'<a href="{i}" style="color: {tint}; text-decoration: none">{html.escape(text)}</a>'


def texts(paragraphs: Iterable[str]) -> str:
    """Paragraphs in grey."""
    return "".join(f"<p>{muted(text)}</p>" for text in paragraphs)


def muted(text: str) -> str:
    """Words in grey."""
    return f'<span style="color: {theme.colour("muted").name()}">{text}</span>'


def heading(text: str) -> str:
    """The title of a section."""
    return f"<p style='margin-bottom: 2px'><b>{text}</b></p>"


def line(text: str) -> str:
    """A line of a section; DejaVu Sans, Linux's usual font, loses the hats of m̂ and v̂, so these have another."""
    hatted = re.sub("(.\N{COMBINING CIRCUMFLEX ACCENT})", r"<span style='font-family: serif'>\1</span>", text)
    return f"<p style='margin-top: 2px; margin-bottom: 2px'>{hatted}</p>"


def table(rows: Iterable[Iterable[str]]) -> str:
    """Rows and columns."""
    body = "".join("<tr>" + "".join(f"<td style='padding-right: 10px'>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table cellspacing='0' cellpadding='1'>{body}</table>"


# ── the micro-step ───────────────────────────────────────────────────────────────────────────────────────────────────


def explained(told: Explanation) -> str:
    """What a micro-step did."""
    parts = [heading(told.heading)]
    parts += [line(text) for text in (told.symbols, told.numbers) if text]
    parts.append(line(muted(told.says)))
    parts += map(_way, told.ways)
    parts += map(update_line, told.lines)
    return "".join(parts)


def _way(way: Way) -> str:
    rows = [
        ("slope", f"{way.derivative} = {way.slope}" if way.derivative != way.slope else way.slope),
        ("flows", way.flow),
    ]
    rows += [("adds up", way.sum)] if way.sum else []
    return line(f"to {way.name}") + table((muted(label), text) for label, text in rows)


def update_line(made: Assignment) -> str:
    """An assignment of the optimiser: in symbols, in numbers, and its result."""
    return line(f"{made.target} ← {made.symbols}<br>{muted(f'= {made.numbers} = {figures(made.result)}')}")


# ── a number ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def number(graph: ExpressionGraph, words: Words, i: int, after: str = "") -> str:
    """A node: how it was computed, what it is, what it is after the step if it changes, and how its gradient came."""
    data = [node.data for node in graph.nodes]
    parts = [heading(words.title(i))]
    if graph.nodes[i].op is not None:
        parts += [line(f"= {words.formula(i)}"), line(f"= {words.in_numbers(i, data)}")]
    value = words.number(data[i])
    rows = [("value", f"{value} → {after}" if after else value), ("gradient", words.gradient(i))]
    parts.append(table((muted(name), text) for name, text in rows))
    return "".join([*parts, gradient_paths(graph, words, i)])


def gradient_paths(graph: ExpressionGraph, words: Words, i: int) -> str:
    """The gradient as the sum over the paths by which it comes."""
    paths = paths_back(graph, i)
    if not paths:
        return ""
    rows = []
    for path in paths:
        product = f"{bracketed(path.arrives)}·{bracketed(path.slope)}"
        is_near = graph.parts[path.child] == graph.parts[i]
        rows.append(
            (words.name(path.child) if is_near else words.title(path.child), f"{product} = {figures(path.share)}")
        )
    if len(paths) > 1:
        rows.append((muted("together"), figures(math.fsum(path.share for path in paths))))
    return heading("The gradient comes back by") + table(rows)

"""Pages: what the microscope says beside the graph, as rich text whose names are links to their numbers."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable

from engine.microscope.film.film import Film, MicroStep, Phase
from engine.microscope.film.update import Assignment
from engine.microscope.graph.expression_graph import Part
from engine.microscope.graph.paths import paths_back
from engine.microscope.text.explain import Explanation, Way, explain
from engine.microscope.text.spelling import bracketed, figures
from engine.microscope.text.words import Words
from playground.ui import theme
from playground.views.expression_graph.folding import LayerKey, loss_of
from playground.views.microscope.session import MOST_PARAMETERS, Session

WELCOME = (
    "Choose a neuron or a weight in the diagram, or a number here, to see how it was computed.",
    "Or press the arrow below: one operation after the other, forward to the loss, and back by the chain rule.",
)
ALONE = (
    "These are the gradients of one point alone. The network learns from the whole batch: "
    "press Batch to see its update."
)
NO_POINTS = ("There are no points yet.", "Draw one in the plane, and see how its loss is computed.")


def link(i: int, text: str) -> str:
    """A name as a link to its node."""
    tint = theme.colour("accent").name()
    return f'<a href="{i}" style="color: {tint}; text-decoration: none">{html.escape(text)}</a>'


def page(session: Session) -> str:
    """All there is to say at the snapshot: of the micro-step, and of what is selected."""
    if session.snapshot is not None and session.is_too_large():
        return _texts(_too_large(session.snapshot.experiment.parameter_count))
    if session.graph is None:
        return _texts(NO_POINTS)
    explanation = session.explanation(link)
    sections = [] if explanation is None else [_explained(explanation)]
    if session.is_at_end() and not session.is_whole_step():
        sections.append(_line(f"<b>{ALONE}</b>"))
    if session.selected is not None:
        sections.append(_selected(session))
    return "<br>".join(sections) if sections else _texts(WELCOME)


def _too_large(count: int) -> tuple[str, ...]:
    return (
        f"This network has {count:,} weights and biases: too many to look at one by one.",
        f"Take away neurons or layers until there are no more than {MOST_PARAMETERS:,}.",
    )


def _texts(texts: Iterable[str]) -> str:
    return "".join(f"<p>{_muted(text)}</p>" for text in texts)


def _muted(text: str) -> str:
    return f'<span style="color: {theme.colour("muted").name()}">{text}</span>'


def _heading(text: str) -> str:
    return f"<p style='margin-bottom: 2px'><b>{text}</b></p>"


def _line(text: str) -> str:
    return f"<p style='margin-top: 2px; margin-bottom: 2px'>{text}</p>"


def _table(rows: Iterable[Iterable[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td style='padding-right: 10px'>{c}</td>" for c in row) + "</tr>" for row in rows)
    return f"<table cellspacing='0' cellpadding='1'>{body}</table>"


# ── the micro-step ───────────────────────────────────────────────────────────────────────────────────────────────────


def _explained(told: Explanation) -> str:
    parts = [_heading(told.heading)]
    parts += [_line(line) for line in (told.symbols, told.numbers) if line]
    parts.append(_line(_muted(told.says)))
    parts += map(_way, told.ways)
    parts += map(_update_line, told.lines)
    return "".join(parts)


def _way(way: Way) -> str:
    rows = [
        ("slope", f"{way.derivative} = {way.slope}" if way.derivative != way.slope else way.slope),
        ("flows", way.flow),
    ]
    rows += [("adds up", way.sum)] if way.sum else []
    return _line(f"to {way.name}") + _table((_muted(label), text) for label, text in rows)


def _update_line(line: Assignment) -> str:
    return _line(f"{_muted(line.target)} = {line.symbols}<br>= {line.numbers} = {figures(line.result)}")


# ── what is selected ─────────────────────────────────────────────────────────────────────────────────────────────────


def _selected(session: Session) -> str:
    key, words = session.selected, session.words(link)
    if isinstance(key, int):
        return _node(session, words, key)
    if isinstance(key, Part):
        return _part(session, words, key)
    graph = session.graph
    assert graph is not None
    title = f"Layer {key.column}" if isinstance(key, LayerKey) else "Network"
    columns = [key.column] if isinstance(key, LayerKey) else range(len(graph.outputs))
    rows = [
        (words.part(Part(column, unit)), words.number(graph.nodes[i].data), f"∂ {words.number(graph.gradients[i])}")
        for column in columns
        for unit, i in enumerate(graph.outputs[column])
        if column > 0
    ]
    return _heading(title) + _table(rows)


def _node(session: Session, words: Words, i: int) -> str:
    graph = session.graph
    assert graph is not None
    data = [node.data for node in graph.nodes]
    value, gradient = words.number(data[i]), words.number(graph.gradients[i])
    parts = [_heading(words.title(i))]
    if graph.nodes[i].op is not None:
        parts += [_line(f"= {words.formula(i)}"), _line(f"= {words.in_numbers(i, data)}")]
    parts.append(_table([(_muted("value"), value), (_muted("gradient"), gradient)]))
    parts.append(_paths(session, words, i))
    if session.parameter(i) is not None:
        parts += [_pulls(session), _update(session, words, i)]
    return "".join(parts)


def _part(session: Session, words: Words, part: Part) -> str:
    graph = session.graph
    assert graph is not None
    data = [node.data for node in graph.nodes]
    parts = [_heading(words.part(part))]
    for i in words.lines(part):
        parts.append(_line(f"{words.name(i)} = {words.line(i)}"))
        parts.append(_line(_muted(f"{words.called(i)} = {words.line_in_numbers(i, data)} = {words.number(data[i])}")))
    output = words.output(part)
    if part == loss_of(graph):
        return "".join(parts)
    parts.append(_line(f"gradient {words.number(graph.gradients[output])}"))
    parts.append(_paths(session, words, output))
    film = _film_to(session)
    rows = [
        (
            words.name(i),
            words.number(data[i]),
            f"∂ {words.number(graph.gradients[i])}",
            "" if film is None else f"→ {words.number(film.data[i])}",
        )
        for i in graph.parameters.values()
        if graph.parts[i] == part
    ]
    return "".join([*parts, _heading("Weights and bias"), _table(rows)])


def _paths(session: Session, words: Words, i: int) -> str:
    """The gradient as the sum over the paths by which it comes."""
    graph = session.graph
    assert graph is not None
    paths = paths_back(graph, i)
    if not paths:
        return ""
    rows = []
    for path in paths:
        product = f"{bracketed(path.arrives)}·{bracketed(path.slope)}"
        rows.append((words.title(path.child), f"{product} = {figures(path.share)}"))
    if len(paths) > 1:
        rows.append((_muted("together"), figures(math.fsum(path.share for path in paths))))
    return _heading("The gradient comes back by") + _table(rows)


def _pulls(session: Session) -> str:
    """Which way the points of the batch would have the selected weight go."""
    pulls = session.pulls()
    if pulls is None:
        return ""
    _, ways = pulls
    up, down = int((ways > 0).sum()), int((ways < 0).sum())
    text = f"{up} of {len(ways)} points would make it larger, {down} smaller: the needles in the plane, up or down."
    gradient = figures(-math.fsum(ways))
    return (
        _heading("The points pull")
        + _line(text)
        + _line(_muted(f"Together they are the batch's gradient, {gradient}."))
    )


def _film_to(session: Session, node: int | None = None) -> Film | None:
    """A film that has just updated a node, or all of them; None if this loss is not what the network learns from."""
    if session.graph is None or session.snapshot is None or not session.is_whole_step():
        return None
    film = Film(session.graph, session.snapshot)
    film.seek(len(film.steps) if node is None else film.steps.index(MicroStep(Phase.UPDATE, node)) + 1)
    return film


def _update(session: Session, words: Words, i: int) -> str:
    """How the optimiser will move a parameter."""
    film = _film_to(session, i)
    told = None if film is None else explain(film, words)
    if told is None:
        return _line(_muted("The network learns from the whole batch: look at the batch to see the update."))
    return _heading("Update") + "".join(
        [_line(told.symbols), _line(told.numbers), *map(_update_line, told.lines), _line(_muted(told.says))]
    )

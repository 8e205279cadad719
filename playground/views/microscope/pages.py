"""Microscope page: what there is to say of a step of a run, beside its graph."""

from __future__ import annotations

import math

from engine.microscope.film.film import Film
from engine.microscope.graph.expression_graph import Part
from engine.microscope.text.explain import explain
from engine.microscope.text.spelling import figures
from engine.microscope.text.words import Words
from playground.views.expression_graph.folding import LayerKey, loss_of
from playground.views.film.page import (
    explained,
    gradient_paths,
    heading,
    line,
    link,
    muted,
    number,
    table,
    texts,
    update_line,
)
from playground.views.microscope.session import MOST_PARAMETERS, RunSession

WELCOME = (
    "Choose a neuron or a weight in the diagram, or a number here, to see how it was computed.",
    "Or play the film above: one operation after the other, forward to the loss, and back by the chain rule.",
)
ALONE = (
    "These are the gradients of one point alone. The network learns from the whole batch: "
    "press Batch to see its update."
)
MOMENTS = "Before and After, below, show the neurons of the diagram before and after this update."
NO_POINTS = ("There are no points yet.", "Draw one in the plane, and see how its loss is computed.")


def page(session: RunSession) -> str:
    """All there is to say at the snapshot: of the micro-step, and of what is selected."""
    if session.snapshot is not None and session.is_too_large():
        return texts(_too_large(session.snapshot.experiment.parameter_count))
    if session.graph is None:
        return texts(NO_POINTS)
    explanation = session.explanation(link)
    sections = [] if explanation is None else [explained(explanation)]
    if session.is_at_end() and not session.is_whole_step():
        sections.append(line(f"<b>{ALONE}</b>"))
    if session.filming and session.film is not None and session.film.before:
        sections.append(line(muted(MOMENTS)))
    if session.selected is not None:
        sections.append(_selected(session))
    return "<br>".join(sections) if sections else texts(WELCOME)


def _too_large(count: int) -> tuple[str, ...]:
    return (
        f"This network has {count:,} weights and biases: too many to look at one by one.",
        f"Take away neurons or layers until there are no more than {MOST_PARAMETERS:,}.",
    )


# ── what is selected ─────────────────────────────────────────────────────────────────────────────────────────────────


def _selected(session: RunSession) -> str:
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
    return heading(title) + table(rows)


def _node(session: RunSession, words: Words, i: int) -> str:
    graph = session.graph
    assert graph is not None
    if session.parameter(i) is None:
        return number(graph, words, i)
    film = _film_to(session, i)
    after = "" if film is None else f"{words.number(film.data[i])} after the step"
    return number(graph, words, i, after) + _pulls(session) + _update(film, words)


def _part(session: RunSession, words: Words, part: Part) -> str:
    graph = session.graph
    assert graph is not None
    data = [node.data for node in graph.nodes]
    parts = [heading(words.part(part))]
    for i in words.lines(part):
        parts.append(line(f"{words.name(i)} = {words.line(i)}"))
        parts.append(line(muted(f"{words.called(i)} = {words.line_in_numbers(i, data)} = {words.number(data[i])}")))
    output = words.output(part)
    if part == loss_of(graph):
        return "".join(parts)
    parts.append(line(f"gradient {words.number(graph.gradients[output])}"))
    parts.append(gradient_paths(graph, words, output))
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
    return "".join([*parts, heading("Weights and bias"), table(rows)])


def _pulls(session: RunSession) -> str:
    """Which way the points of the batch would have the selected weight go."""
    pulls = session.pulls()
    if pulls is None:
        return ""
    _, ways = pulls
    up, down = int((ways > 0).sum()), int((ways < 0).sum())
    text = f"{up} of {len(ways)} points would make it larger, {down} smaller: the needles in the plane, up or down."
    gradient = figures(-math.fsum(ways))
    return heading("The points pull") + line(text) + line(muted(f"Together they are the batch's gradient, {gradient}."))


def _film_to(session: RunSession, node: int | None = None) -> Film | None:
    """A film that has just updated a node, or all of them; None if this loss is not what the network learns from."""
    if session.graph is None or session.snapshot is None or not session.is_whole_step():
        return None
    return Film.with_updates(session.graph, session.snapshot, node)


def _update(film: Film | None, words: Words) -> str:
    """How the optimiser moves the parameter that a film has just updated."""
    told = None if film is None else explain(film, words)
    if told is None:
        return line(muted("The network learns from the whole batch: look at the batch to see the update."))
    return heading("Update") + "".join(
        [line(told.symbols), line(told.numbers), *map(update_line, told.lines), line(muted(told.says))]
    )

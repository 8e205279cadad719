"""Microscope page: what there is to say of a step of a run, beside its graph."""

from __future__ import annotations

import html
import math

import numpy as np

from engine.microscope.film.film import Film
from engine.microscope.graph.contributions import Contribution, contributions
from engine.microscope.graph.expression_graph import ExpressionGraph, Part
from engine.microscope.text.explain import explain
from engine.microscope.text.spelling import bracketed, figures
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
from playground.views.microscope.session import MOST_PARAMETERS, RunSession, Subject

WELCOME = (
    "Choose a neuron or a weight in the diagram, or a number here, to see how it was computed.",
    "Or play the film above: one operation after the other, forward to the loss, and back by the chain rule.",
)
ALONE = (
    "These are the gradients of one point alone. The network learns from the whole batch: "
    "press Batch to see its update."
)
MOMENTS = "Before and After, below, show the neurons of the diagram before and after this update."
NO_NUMBER = "What the network answers here is not a number."
MOST_SHARES = 12  # that are told one by one
NO_POINTS = ("There are no points yet.", "Draw one in the plane, and see how its loss is computed.")


def page(session: RunSession) -> str:
    """All there is to say at the snapshot: of the micro-step, and of what is selected."""
    if session.snapshot is not None and session.is_too_large():
        return texts(_too_large(session.snapshot.experiment.parameter_count))
    if session.graph is None:
        return texts(NO_POINTS)
    explanation = session.explanation(link)
    sections = [] if explanation is None else [explained(explanation)]
    if session.subject is Subject.PLACE and not session.filming and session.selected is None:
        sections.append(_place(session, session.words(link)))
    if session.is_at_end() and session.subject is Subject.POINT and not session.is_whole_step():
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


# ── a place ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _place(session: RunSession, words: Words) -> str:
    """Where it is, what the network says there, and what adds up to that."""
    graph, snapshot = session.graph, session.snapshot
    assert graph is not None
    assert snapshot is not None
    assert session.inputs is not None
    data, outputs = snapshot.experiment.data, graph.outputs[-1]
    inputs = zip(data.input_columns, session.inputs.tolist(), strict=True)
    where = ", ".join(f"{html.escape(column.name)} {column.shown(value)}" for column, value in inputs)
    answers = np.array([[graph.value(i) for i in outputs]])
    if not np.isfinite(answers).all():
        return heading(f"At {where}") + line(NO_NUMBER)
    label = int(data.task.verdict(answers, snapshot.loss)[0][0])
    said = data.task.name_of(label if data.task.has_classes else answers[0, 0])
    unit = label if len(outputs) > 1 else 0
    part = Part(len(graph.outputs) - 1, unit)
    answer = f"{words.name(outputs[unit], Part(len(graph.outputs), 0))} = {words.number(answers[0, unit])}"
    title = heading(f"At {where}") + line(f"the network says <b>{html.escape(said)}</b>: {answer}.")
    return title + _contributions(graph, words, part)


def _contributions(graph: ExpressionGraph, words: Words, part: Part) -> str:
    """What each weight of a neuron adds to its sum, the most first, and its bias."""
    shares = sorted(contributions(graph, part), key=lambda share: -abs(share.share))
    if not shares:  # of a feature
        return ""
    rows = [(_product(graph, words, share), f"= {figures(share.share)}") for share in shares[:MOST_SHARES]]
    if rest := shares[MOST_SHARES:]:
        rows.append((muted(f"{len(rest):,} smaller ones"), f"= {figures(math.fsum(share.share for share in rest))}"))
    rows.append((muted("together"), figures(math.fsum(share.share for share in shares))))
    return heading("What adds up to its sum") + table(rows)


def _product(graph: ExpressionGraph, words: Words, share: Contribution) -> str:
    """w₂·a₂ = 0.53·(−0.91); of a bias its name."""
    name = words.name(share.parameter)
    if share.source is None:
        return name
    part = graph.parts[share.parameter]
    numbers = (bracketed(graph.value(i)) for i in (share.parameter, share.source))
    return f"{name}·{words.name(share.source, part)} {muted('= ' + '·'.join(numbers))}"


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
        (words.part(Part(column, unit)), words.number(graph.nodes[i].data), f"∂ {words.gradient(i)}")
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
    parts.append(line(f"gradient {words.gradient(output)}"))
    parts.append(_contributions(graph, words, part))
    parts.append(gradient_paths(graph, words, output))
    film = _film_to(session)
    rows = [
        (
            words.name(i),
            words.number(data[i]),
            f"∂ {words.gradient(i)}",
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

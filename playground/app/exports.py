"""Exports: what of the window can be saved as a picture, and of a run as a table."""

from __future__ import annotations

import csv
import io
import math
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from engine.training import table_of
from playground.ui import pictures

if TYPE_CHECKING:
    from playground.app.main_window import MainWindow

PICTURE = "Pictures (*.png);;Drawings (*.svg)"
DRAWN = {"png": pictures.png, "svg": pictures.drawing}  # of a widget, or an area of it, by the ending of the file
TOLD = 6_000  # milliseconds that the window says what it has written
TABLE = "Tables (*.csv)"
NOTEBOOK = "Notebooks (*.ipynb);;Markdown (*.md)"
POINTS = "Tables (*.csv);;Tables with tabs (*.tsv)"


def window(w: MainWindow) -> None:
    """Save the window as a picture."""
    w.files.export("window.png", "Pictures (*.png)", lambda _: pictures.png(w))


def plane(w: MainWindow) -> None:
    """Save the plane as a picture or a drawing."""
    _save_widget(w, w.output.plane, "plane.png")


def network(w: MainWindow) -> None:
    """Save the diagram as a picture or a drawing."""
    _save_widget(w, w.network, "network.png", w.network.area)


def _save_widget(w: MainWindow, widget: QWidget, name: str, area: QRect | None = None) -> None:
    w.files.export(name, PICTURE, lambda suffix: DRAWN.get(suffix, pictures.png)(widget, area))


def figures(w: MainWindow) -> None:
    """Save the losses of the run, as many steps of it as are kept."""
    w.files.export("figures.csv", TABLE, lambda _: _losses(w).encode())


def _losses(w: MainWindow) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["step", "train loss", "test loss"])
    if w.frame is not None:
        curve = w.frame.curve
        for step, *losses in zip(curve.steps.tolist(), curve.train.tolist(), curve.test.tolist(), strict=True):
            writer.writerow([step, *(repr(loss) if math.isfinite(loss) else "" for loss in losses)])
    return out.getvalue()


def points(w: MainWindow) -> None:
    """Save the points, in their own units."""
    data, between = w.document.experiment.data, {"tsv": "\t"}
    say = partial(w.statusBar().showMessage, timeout=TOLD)
    w.files.export_apart("points.csv", POINTS, lambda suffix: table_of(data, between.get(suffix, ",")).encode(), say)


def sweep(w: MainWindow) -> None:
    """Save the rows of the sweep."""
    w.inspector.bring("sweep")
    w.files.export("results.csv", TABLE, lambda _: w.inspector.page("sweep").as_csv().encode())


def runs(w: MainWindow) -> None:
    """Save the list of runs."""
    w.inspector.bring("runs")
    w.files.export("runs.csv", TABLE, lambda _: w.inspector.page("runs").as_csv().encode())


def metrics(w: MainWindow) -> None:
    """Save the metrics that are plotted, as a table or as they are seen."""
    w.inspector.bring("metrics")
    page = w.inspector.page("metrics")

    def made(suffix: str) -> bytes:
        content: bytes = DRAWN[suffix](page, page.plotted) if suffix in DRAWN else page.as_csv().encode()
        return content

    w.files.export("metrics.csv", f"{TABLE};;{PICTURE}", made)


def notebook(w: MainWindow) -> None:
    """Save all runs as a notebook, with programs that train the same."""
    from playground.model.notebook import as_markdown, as_notebook, cells, told_of

    make = {"md": as_markdown}
    say = partial(w.statusBar().showMessage, timeout=TOLD)
    w.files.export_told(
        "notebook.ipynb",
        NOTEBOOK,
        told_of,
        lambda suffix, told: make.get(suffix, as_notebook)(cells(told)).encode(),
        say,
    )

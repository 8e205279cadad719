"""Entry point: opens the window, or trains without one.

main.py [FILE|SETUP]                     the window, on a project file or a setup text, or ready to train
main.py train [PRESET|FILE|SETUP] …      train in the terminal
main.py sweep [PRESET|FILE|SETUP] …      many runs, with other settings and seeds

A file is a project, or a table of points: CSV or TSV.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from argparse import ArgumentParser

PICTURE = Path("backprop-playground.png")
# networks of this size are slower with more threads, and the same number of threads gives the same bits
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class _RefusedError(Exception):
    """Usage error: the command line, or what it names, is wrong; the message is one line."""


def _parser(**named: Any) -> ArgumentParser:
    import argparse  # a window without arguments need not wait for it

    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise _RefusedError(message)

    return Parser(**named)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit status: 0, or 2 for bad input, which is explained in one line.

    Ctrl+C is 130, as shells have it.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    logging.basicConfig(format="%(levelname)s: %(message)s")
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))  # before NumPy is loaded, which begins its threads
    try:
        work = {"train": _train, "sweep": _sweep}.get(arguments[0]) if arguments else None
        return work(arguments[1:]) if work else _window(arguments)
    except (_RefusedError, ValueError) as error:
        print(f"backprop-playground: {' '.join(str(error).splitlines())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("backprop-playground: interrupted", file=sys.stderr)
        return 130


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            from argparse import ArgumentTypeError

            raise ArgumentTypeError(f"{text!r} is not allowed; allowed: a whole number from {low} to {high}")
        return value

    return read


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _allowed_by(rule: Any) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        from argparse import ArgumentTypeError

        from engine.training import InvalidError

        try:
            return rule.check("", float(text) if "." in text or "e" in text.lower() else int(text))
        except InvalidError as error:
            raise ArgumentTypeError(f"{text!r} is not allowed; {error.allowed.partition(', or null')[0]}") from None
        except ValueError:
            raise ArgumentTypeError(f"{text!r} is not allowed; allowed: a number") from None

    return read


def _add_source(parser: ArgumentParser) -> None:
    from engine.training import AT_LAUNCH, PRESETS

    parser.add_argument("source", nargs="?", default=AT_LAUNCH, metavar="PRESET|FILE|SETUP", help=", ".join(PRESETS))
    parser.add_argument("--target", default="", metavar="NAME", help="of a table: the column that is learned")
    parser.add_argument("--inputs", type=_names, default=(), metavar="A,B,…", help="of a table: the columns given")


def _train(arguments: Sequence[str]) -> int:
    from engine.training import MAX_SEED, StopRules, rule_of
    from playground.app import terminal

    parser = _parser(prog="main.py train", description="Train without a window.")
    _add_source(parser)
    parser.add_argument("--steps", type=_whole(0, 10**9), default=3000, metavar="N", help="updates to make (3000)")
    parser.add_argument("--seed", type=_whole(0, MAX_SEED), metavar="S", help="of points, weights and batches")
    parser.add_argument("--report", type=Path, metavar="R.json", help="write the figures")
    parser.add_argument("--image", type=Path, metavar="P.png", help="write a picture of the window")
    parser.add_argument("--save", type=Path, metavar="F.json", help="write the experiment with its trained state")
    rules = {
        "accuracy": ("SHARE", "stop where the test accuracy (or R²), else that of training, is as high: 0.95"),
        "loss": ("LOSS", "stop where the loss is as small"),
        "plateau": ("N", "stop where the loss has not fallen for N steps"),
    }
    for name, (value, says) in rules.items():
        read = _allowed_by(rule_of(StopRules, name))
        parser.add_argument(f"--until-{name}", type=read, dest=name, metavar=value, help=says)
    given = vars(parser.parse_args(arguments))
    by = StopRules(**{name: given.pop(name) for name in rules})
    return terminal.train(terminal.Order(**given, rules=by))


def _sweep(arguments: Sequence[str]) -> int:
    import shlex

    from engine.training.spec.rules import Real
    from engine.training.sweep import MOST_RUNS, MOST_STEPS, WANTED
    from playground.app.sweep_terminal import SweepOrder, sweep_in_terminal

    parser = _parser(
        prog="main.py sweep",
        description="Compare settings fairly: many runs of one experiment, each with many seeds.",
        epilog="The same command goes on where it was interrupted, by the rows in --out.",
    )
    _add_source(parser)
    axis: dict[str, Any] = {"action": "append", "default": []}
    parser.add_argument("--grid", **axis, metavar="S=V,…", help="a setting and its values: learning_rate=0.003,0.01")
    parser.add_argument("--random", **axis, metavar="S=A..B", help="a setting, and from where to where it is drawn")
    samples, runs = _whole(1, MOST_RUNS), "how many combinations are drawn at random, of --grid as well"
    parser.add_argument("--samples", type=samples, default=0, metavar="N", help=runs)
    parser.add_argument("--seeds", type=_whole(1, MOST_RUNS), default=1, metavar="N", help="runs of each (1)")
    parser.add_argument("--steps", type=_whole(0, MOST_STEPS), default=3000, metavar="N", help="of each run (3000)")
    reach = f"the accuracy, or R², that a run is to reach ({WANTED})"
    parser.add_argument("--wanted", type=_allowed_by(Real(0, 1)), default=WANTED, metavar="Q", help=reach)
    parser.add_argument("--out", type=Path, metavar="R.csv", help="write a row for each run, or go on with these")
    parser.add_argument("--report", type=Path, metavar="DIR", help="write a page with the table and pictures")
    parser.add_argument("--workers", type=_whole(1, 1024), metavar="N", help="processes (one for each core)")
    parser.add_argument("--scheduler", default="", metavar="tcp://HOST:8786", help="a Dask cluster that does the runs")
    given = vars(parser.parse_args(arguments))
    command = f"python main.py sweep {shlex.join(arguments)}"
    grid, random = tuple(given.pop("grid")), tuple(given.pop("random"))
    return sweep_in_terminal(SweepOrder(**given, grid=grid, random=random, command=command))


def _window(arguments: Sequence[str]) -> int:
    gc.disable()  # all that is made before there is a window stays, and the window collects its garbage itself
    try:
        return _open_window(arguments)
    finally:
        gc.enable()


def _source(arguments: Sequence[str]) -> str | None:
    parser = _parser(
        prog="main.py",
        description="See how a neural network learns.",
        epilog="main.py train --help, main.py sweep --help: train without a window.",
    )
    parser.add_argument(
        "source", nargs="?", metavar="FILE|SETUP", help="a project, a table of points, or a copied setup, to open"
    )
    source: str | None = parser.parse_args(arguments).source
    return source


def _open_window(arguments: Sequence[str]) -> int:
    source = _source(arguments) if arguments else None

    from playground.app import display

    if source is not None:
        _check(source)  # if it cannot be, no display is needed to say so
    if missing := display.missing_display():
        return _without_display(missing, source)
    if missing := display.missing_library(for_x11=display.needs_x11()):
        raise _RefusedError(missing)
    _import_plainly()
    from playground.app import app

    return app.run(source)


def _import_plainly() -> None:
    """Have Python alone import modules from now on.

    PySide reads the source of each that comes after it, in search of its `__feature__`, which takes 16 ms for ours.
    """
    import builtins

    import PySide6.QtCore  # noqa: F401 - it puts its own `__import__` in the place of the one that is put back here

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def _check(source: str) -> None:
    """Raise ValueError, in one line, where a file or a setup text cannot be opened."""
    from engine.training import experiment_of, is_setup_text, load_project
    from playground.model.tables import experiment_from, is_table

    if is_setup_text(source):
        experiment_of(source)
    elif is_table(Path(source)):
        experiment_from(Path(source))
    else:
        load_project(source)


def _without_display(missing: str, source: str | None) -> int:
    """The main job all the same: train in the terminal, and leave a picture of what the window would show."""
    from playground.app import display, terminal

    gc.enable()
    print(f"backprop-playground: {missing}, so there is no window; training in the terminal instead.", file=sys.stderr)
    order = terminal.Order() if source is None else terminal.Order(source)
    try:
        if unpaintable := display.missing_library():
            raise _RefusedError(unpaintable)
        terminal.check_writable(PICTURE)
    except (_RefusedError, ValueError) as error:
        print(f"backprop-playground: there is no picture either: {error}", file=sys.stderr)
        return terminal.train(order)
    terminal.train(replace(order, image=PICTURE))
    print(f"The window as it would look: {PICTURE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

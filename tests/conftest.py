"""What every test gets: no display needed, settings of its own, one BLAS thread, and nothing left behind."""

from __future__ import annotations

import gc
import itertools
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is imported, whatever the machine has
if wanted := os.environ.pop("TEST_FONTS", ""):  # the processes that this one starts see its fonts without being told
    from tests import fonts

    FONTS = fonts.use(wanted)

import pytest
from hypothesis import HealthCheck, settings as hypothesis_settings
from threadpoolctl import threadpool_limits

# these machines are noisy: an example is never too slow, and the same examples are tried on all of them
hypothesis_settings.register_profile(
    "steady", max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.register_profile("thorough", hypothesis_settings.get_profile("steady"), max_examples=200)
# the one in use unless `--hypothesis-profile` names another, which it does later than this
hypothesis_settings.load_profile("steady")


gc.disable()  # until all tests are there


def pytest_collection_finish() -> None:
    """What all tests are made of is garbage of none: set aside, it is not gone through time and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _one_blas_thread() -> Iterator[None]:
    with threadpool_limits(limits=1, user_api="blas"):
        yield


@pytest.fixture(scope="session")
def _places_for_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders that nobody has written to; a test that sets nothing makes none."""
    folder = tmp_path_factory.mktemp("settings")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _own_settings(_places_for_settings: Iterator[Path]) -> None:
    """No test reads or writes what the user of this machine has set, or finds what another left."""
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QSettings

        place = str(next(_places_for_settings))
        os.environ["XDG_DATA_HOME"] = place
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, place)


@pytest.fixture(autouse=True)
def _no_thread_left_behind() -> Iterator[None]:
    """A thread that outlives its test fails it."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before and thread.is_alive()]
    assert not left, f"threads left behind: {left}"


@pytest.fixture(autouse=True)
def _widgets_are_gone() -> Iterator[None]:
    """A widget that a test is through with is none of the next: each change of the theme would dress it again."""
    yield
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtCore import QEvent
        from PySide6.QtWidgets import QApplication

        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(scope="module", autouse=True)
def _no_timer_left_running() -> Iterator[None]:
    """A timer that outlives the tests of its file fails them; without an application there is none."""
    yield
    if "PySide6.QtCore" in sys.modules:
        import shiboken6
        from PySide6.QtCore import QCoreApplication, QTimer

        if QCoreApplication.instance() is None:
            return
        gc.collect()
        left = [t for t in gc.get_objects() if isinstance(t, QTimer) and shiboken6.isValid(t) and t.isActive()]
        assert not left, f"timers left running: {left}"
        gc.freeze()  # what is left is there to stay: the next file's need not be looked for among it

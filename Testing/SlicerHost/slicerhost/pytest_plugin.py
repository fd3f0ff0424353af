"""pytest plugin: runs the tests inside the application's event loop.

Used as `pytest -p slicerhost.pytest_plugin`: the application is up before the tests are imported, so that they may
`import slicer, qt, ctk` like code inside Slicer.

Every test fails afterwards on what Slicer would only print: exceptions of slots, VTK observers and scripted effects,
VTK errors, dialogs that nobody answered, members that the host does not emulate, connections to signals that do not
exist. Expected problems are taken away with `slicerhost.errors.take(kind)`.

Fixtures: `slicer_session` gives the Session with a fresh scene; `slicer_dialogs` gives its dialog watcher, with the
dialogs of slicer.util shown as outside of testing mode.
"""
from __future__ import annotations

from collections.abc import Iterator

import pytest

from slicerhost import errors, session
from slicerhost.dialogs import DialogWatcher
from slicerhost.pythonqt import layouts
from slicerhost.session import Session

_FAILING_KINDS = ("exception", "vtk error", "dialog", "gap", "pythonqt")


def pytest_configure(config: pytest.Config) -> None:
    """Start the application, unless this process only hands the tests out to others (pytest-xdist)."""
    if not _hands_tests_out(config):
        session.start()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the loop over all tests, which pytest or a worker of pytest-xdist has, inside app.exec()."""
    if session.config.option.collectonly or _hands_tests_out(session.config):
        return None
    from slicerhost.session import start

    plugins = session.config.pluginmanager
    run_tests = plugins.subset_hook_caller("pytest_runtestloop", [plugins.get_plugin(__name__)])
    return start().run(lambda: run_tests(session=session))


def _hands_tests_out(config: pytest.Config) -> bool:
    return bool(config.getoption("tx", None)) and not hasattr(config, "workerinput")


@pytest.fixture(autouse=True)
def _no_hidden_problems() -> Iterator[None]:
    """Fail the test on problems that it did not handle, and on prepared answers that no dialog requested."""
    running = session.start()
    errors.forget()
    running.dialogs.forget()
    yield
    layouts.forget_items()
    running.process_events()
    unused, found = running.dialogs.pending(), errors.problems(*_FAILING_KINDS)
    errors.forget()
    running.dialogs.forget()
    if found:
        pytest.fail("\n".join(f"{problem.kind}: {problem.text}" for problem in found), pytrace=False)
    if unused:
        pytest.fail(f"{unused} expected dialog(s) did not come", pytrace=False)


@pytest.fixture
def slicer_session() -> Session:
    """Return the application with a fresh scene."""
    running = session.start()
    running.reset()
    return running


@pytest.fixture
def slicer_dialogs(slicer_session: Session) -> Iterator[DialogWatcher]:
    """Yield the dialog watcher; slicer.util shows its dialogs during the test."""
    with slicer_session.testing_enabled(False):
        yield slicer_session.dialogs

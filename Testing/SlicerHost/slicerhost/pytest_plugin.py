"""pytest plugin: runs the tests inside the application's event loop and gives each a fresh scene.

Used with `-p slicerhost.pytest_plugin` or `pytest_plugins = ["slicerhost.pytest_plugin"]` in the top-level conftest.

Fixtures: `slicer_session` (the Session; a fresh scene before the test) and `slicer_dialogs` (its dialog watcher).
A test that uses one fails afterwards on what Slicer would only print: exceptions of slots, VTK observers and scripted
effects, VTK errors, dialogs that nobody answered, members that the host does not emulate, connections to signals that
do not exist. Expected problems are taken away with `slicerhost.errors.take(kind)`.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from slicerhost.dialogs import DialogWatcher
    from slicerhost.session import Session

_FAILING_KINDS = ("exception", "vtk error", "dialog", "gap", "pythonqt")
_fixtures = ("slicer_session", "slicer_dialogs")


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the whole loop inside app.exec() if any test needs the application."""
    if session.config.option.collectonly or not any(_uses_application(item) for item in session.items):
        return None
    from _pytest.main import pytest_runtestloop as run_tests

    from slicerhost.session import start

    return start().run(lambda: run_tests(session))


def _uses_application(item: Any) -> bool:
    return any(name in _fixtures for name in getattr(item, "fixturenames", ()))


@pytest.fixture
def slicer_session() -> Iterator[Session]:
    """The application with a fresh scene; problems that were not taken away fail the test."""
    from slicerhost import errors
    from slicerhost.session import start

    session = start()
    session.reset()
    yield session
    session.process_events()
    unanswered = session.dialogs.pending()
    found = errors.problems(*_FAILING_KINDS)
    errors.forget()
    session.dialogs.forget()
    if found:
        pytest.fail("\n".join(f"{problem.kind}: {problem.text}" for problem in found), pytrace=False)
    if unanswered:
        pytest.fail(f"{unanswered} expected dialog(s) did not come", pytrace=False)


@pytest.fixture
def slicer_dialogs(slicer_session: Session) -> Iterator[DialogWatcher]:
    """The dialog watcher; slicer.util shows its dialogs during the test, as it does outside of testing mode."""
    with slicer_session.testing_enabled(False):
        yield slicer_session.dialogs

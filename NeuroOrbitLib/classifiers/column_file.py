"""The columns of a task from a file: those that come with a module, or those of a file of the user's in the same form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from NeuroOrbitLib.classifiers.columns import Column, columns_as_data, columns_from_data
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.sentences import Sentence
from NeuroOrbitLib.sentences import sentence as _

if TYPE_CHECKING:
    from NeuroOrbitLib.models import ModelPackage

#: Document of a package that has learned from columns of the user's own, and key of them in its answers.
COLUMNS = "columns"


class ColumnFile:
    """Columns that a file lists, see :func:`NeuroOrbitLib.classifiers.columns.columns_from_data`.

    :param shipped: JSON file that comes with a module.
    :param texts: words of the shipped columns as sentences that translators find.
    """

    def __init__(self, shipped: Path, texts: Sequence[Sentence] = ()) -> None:
        self.shipped = shipped
        self._known: Mapping[str, Sentence] = {str(text): text for text in texts}
        self._chosen: ContextVar[tuple[Column, ...] | None] = ContextVar(f"columns in place of {shipped}", default=None)

    def columns(self, path: str | Path | None = None) -> tuple[Column, ...]:
        """Return the columns.

        :param path: of a file; by default that of :meth:`chosen`, else the shipped one.
        :raises Problem: when the file is not there or is no list of columns.
        """
        known = self._chosen.get() if path is None else None
        if known is not None:
            return known
        file = self.shipped if path is None else Path(path)
        try:
            found = columns_from_data(json.loads(file.read_text(encoding="utf-8")))
        except OSError as error:
            raise Problem(_("The list of features {file} cannot be read ({reason}). Choose a JSON file.").format(
                file=file, reason=error.strerror)) from error
        except ValueError as error:
            raise Problem(_("{file} is no JSON file ({error}). Begin with a copy of the shipped one.").format(
                file=file, error=error)) from error
        except Problem as problem:
            raise Problem(_("{file}: {problem}").format(file=file, problem=problem)) from problem
        return tuple(self._in_sentences(column) for column in found)

    @contextmanager
    def chosen(self, path: str | Path | None) -> Iterator[None]:
        """Let everything inside take the columns of a file of the user's; the shipped ones for None.

        :raises Problem: when the file is not there or is no list of columns.
        """
        token = self._chosen.set(None if path is None else self.columns(path))
        try:
            yield
        finally:
            self._chosen.reset(token)

    @contextmanager
    def of(self, told: Mapping[str, Any] | None) -> Iterator[None]:
        """Let everything inside take the columns that a package or its answer keeps.

        The user's own choice counts more, and so do the shipped columns where there are none.

        :param told: what may hold columns under :data:`COLUMNS`: the documents that were read of a package, or an
            answer as plain data.
        :raises Problem: when it holds something else there.
        """
        data = (told or {}).get(COLUMNS)
        token = None if data is None or self._chosen.get() is not None else self._chosen.set(columns_from_data(data))
        try:
            yield
        finally:
            if token is not None:
                self._chosen.reset(token)

    def document(self) -> dict[str, Any]:
        """Return the columns for a package that learns from them: nothing while the shipped ones are taken."""
        own = self._chosen.get()
        return {} if own is None else {COLUMNS: columns_as_data(own)}

    def titles(self) -> dict[str, str]:
        """Return the title of each column by its name."""
        return {column.name: column.title for column in self.columns()}

    def _in_sentences(self, column: Column) -> Column:
        """A column whose shipped words a panel can translate; words of a file of the user's stay as they are."""
        known = self._known
        return replace(column, title=known.get(column.title, column.title), help=known.get(column.help, column.help),
                       choices={known.get(word, word): value for word, value in column.choices.items()})


def columns_kept(package: ModelPackage | None) -> dict[str, Any]:
    """Return the columns of the user's own that a package has learned from, as :meth:`ColumnFile.of` takes them."""
    own = package.document(COLUMNS) if package is not None else None
    return {} if own is None else {COLUMNS: own}


class FileColumns(Sequence[Column]):
    """The columns of a file as a sequence that is asked anew each time, so that it is that of the run.

    :param file: that lists them.
    :param others: columns that follow them.
    """

    def __init__(self, file: ColumnFile, *others: Column) -> None:
        self._file, self._others = file, others

    def __getitem__(self, place: int | slice) -> Column | tuple[Column, ...]:
        return (*self._file.columns(), *self._others)[place]

    def __len__(self) -> int:
        return len(self._file.columns()) + len(self._others)
